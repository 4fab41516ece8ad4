//! A broker as a program, and the processor time that it has taken.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;

/// Which program.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Ours,
    Kfake,
}

/// One that runs until it is dropped: it ends with its standard input.
pub(crate) struct Broker {
    process: Child,
    pub(crate) bootstrap: String,
}

impl Broker {
    /// Three brokers with a topic `bench`.
    pub(crate) fn start(kind: Kind, partitions: i32) -> anyhow::Result<Self> {
        match kind {
            Kind::Ours => {
                let topic = format!("bench:{partitions}");
                Self::run(
                    &program("MOCKBROKER")?,
                    &["--brokers", "3", "--port", "0", "--exit-with-stdin", "--topic", &topic],
                )
            }
            Kind::Kfake => Self::run(&program("KFAKE")?, &["-partitions", &partitions.to_string()]),
        }
    }

    /// A program that prints a line with its addresses when it is ready.
    pub(crate) fn run(program: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut process = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {program}"))?;
        let output = process.stdout.take().context("it has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let ready: serde_json::Value = serde_json::from_str(&line).context("it does not say that it is ready")?;
        let bootstrap = ready["bootstrap"].as_str().context("it does not say where it listens")?.to_owned();
        Ok(Self { process, bootstrap })
    }

    /// The processor time of all its threads that live.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let spent = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += spent.split(' ').next().context("an empty schedstat")?.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It has ended, or there is nobody to be told.
        let _ended = self.process.wait();
    }
}

/// The path of a program that `bench/run` has built.
pub(crate) fn program(variable: &str) -> anyhow::Result<String> {
    std::env::var(variable).with_context(|| format!("{variable} is not set: start this by bench/run mock"))
}
