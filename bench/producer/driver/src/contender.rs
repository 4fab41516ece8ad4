//! The clients that are measured, each a program of its own.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::admin::Admin;
use crate::broker::{Broker, program};
use crate::row::{Row, SECONDS_MAX};

pub(crate) const OURS: &str = "ottla";

const NAMES: [&str; 7] = [OURS, "rdkafka", "krafka", "kacrab", "confluent", "rskafka", "franz"];

/// How long a contender may take for one run.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Contender {
    pub(crate) name: &'static str,
    program: PathBuf,
}

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finish {
    pub(crate) per_second: f64,
    pub(crate) cpu_seconds_per_million: f64,
    pub(crate) p50_seconds: Option<f64>,
    pub(crate) p99_seconds: Option<f64>,
}

impl Contender {
    pub(crate) fn all() -> anyhow::Result<Vec<Self>> {
        NAMES.into_iter().map(|name| Ok(Self { name, program: program(name)? })).collect()
    }

    /// Whether it could be built.
    ///
    /// # Errors
    /// What the compiler said.
    pub(crate) fn built(&self) -> Result<(), String> {
        if self.program.exists() {
            return Ok(());
        }
        let log = fs::read_to_string(self.program.with_extension("log")).unwrap_or_default();
        let error = log.lines().find(|line| line.starts_with("error")).unwrap_or("it was not built");
        Err(error.to_owned())
    }

    /// Sends to a topic that is new; fails unless what was acknowledged is what the broker has.
    pub(crate) fn run(&self, row: &Row, broker: &Broker<'_>, topic: &str) -> anyhow::Result<Finish> {
        let mut admin = Admin::connect(broker)?;
        admin.create(topic, row.partitions)?;
        let output = self.output(row, broker, topic)?;
        let report: serde_json::Value = serde_json::from_str(&output).context("it prints no report")?;
        let records = report["records"].as_u64().context("it does not say how many records")?;
        let watermarks = admin.high_watermarks(topic, row.partitions)?;
        admin.delete(topic)?;
        // It has sent one to each partition before.
        let sent = i64::try_from(records)? + i64::from(row.partitions);
        ensure!(watermarks == sent, "{sent} records were acknowledged, {watermarks} are in the log");
        ensure!(records > 0, "it sent nothing");
        let figure = |name: &str| report[name].as_f64();
        let seconds = figure("seconds").context("it does not say how long it took")?;
        let cpu = figure("cpu_seconds").context("it does not say its processor time")?;
        Ok(Finish {
            per_second: records as f64 / seconds,
            cpu_seconds_per_million: cpu * 1e6 / records as f64,
            p50_seconds: figure("p50_seconds"),
            p99_seconds: figure("p99_seconds"),
        })
    }

    fn output(&self, row: &Row, broker: &Broker<'_>, topic: &str) -> anyhow::Result<String> {
        let mut command = Command::new(&self.program);
        // An error says enough.
        command.env("RUST_BACKTRACE", "0");
        command
            .args(["--bootstrap", &broker.bootstrap, "--topic", topic])
            .args(["--partitions", &row.partitions.to_string(), "--value-bytes", &row.value_bytes.to_string()])
            .args(["--records", &row.records.to_string(), "--seconds", &SECONDS_MAX.to_string()])
            .args(["--codec", if row.lz4 { "lz4" } else { "none" }])
            .args(["--mode", if row.is_latency() { "latency" } else { "throughput" }])
            .arg("--values")
            .arg(broker.files.values());
        if row.tls {
            command.arg("--ca").arg(broker.files.tls("ca.pem"));
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        wait(child)
    }
}

/// Waits for a program and what it prints, which is little.
fn wait(mut child: Child) -> anyhow::Result<String> {
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > TIMEOUT {
            child.kill()?;
            child.wait()?;
            bail!("it has not ended after {} s", TIMEOUT.as_secs());
        }
        thread::sleep(Duration::from_millis(10));
    };
    let (mut output, mut errors) = (String::new(), String::new());
    child.stdout.take().context("it has no output")?.read_to_string(&mut output)?;
    child.stderr.take().context("it has no errors")?.read_to_string(&mut errors)?;
    ensure!(status.success(), "{status}: {}", errors.trim().replace('\n', " "));
    Ok(output)
}
