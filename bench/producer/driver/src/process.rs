//! Programs that serve until they are dropped.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// A program that printed a line of JSON when it was ready.
pub(crate) struct Process {
    child: Child,
    pub(crate) ready: serde_json::Value,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", Path::new(command.get_program()).display()))?;
        let output = child.stdout.take().context("it has no output")?;
        let mut process = Self { child, ready: serde_json::Value::Null };
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        process.ready = serde_json::from_str(&line).context("it does not say that it is ready")?;
        Ok(process)
    }

    /// Where it listens.
    pub(crate) fn bootstrap(&self) -> anyhow::Result<&str> {
        self.ready["bootstrap"].as_str().context("it does not say where it listens")
    }

    /// Writes a line to its standard input.
    pub(crate) fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let input = self.child.stdin.as_mut().context("it has no input")?;
        Ok(writeln!(input, "{line}")?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended before, or ends now with all that it started.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
