//! A client that sends records to a broker and reads them back.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};

use crate::broker::{Broker, Kind, program};
use crate::rdkafka;

/// How many records are sent and read each time, and how long their values are.
pub(crate) const RECORDS: usize = 1_000_000;
pub(crate) const VALUE_BYTES: usize = 100;

/// Over how many partitions they go.
pub(crate) const PARTITIONS: i32 = 12;

/// Whose client it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Driver {
    Rdkafka,
    Franz,
}

/// How long a client took.
pub(crate) struct Took {
    pub(crate) produce: Duration,
    pub(crate) fetch: Duration,
}

/// What became of a broker under a client.
pub(crate) struct Drive {
    pub(crate) cpu_seconds_per_million: f64,
    pub(crate) produced_per_second: f64,
    pub(crate) fetched_per_second: f64,
}

impl Driver {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rdkafka => "librdkafka",
            Self::Franz => "franz-go",
        }
    }

    /// Sends and reads; fails unless what was sent, the high watermarks and what was read are the same.
    fn run(self, bootstrap: &str) -> anyhow::Result<Took> {
        match self {
            Self::Rdkafka => rdkafka::run(bootstrap),
            Self::Franz => franz(bootstrap),
        }
    }
}

/// Drives a broker that is new.
pub(crate) fn drive(driver: Driver, kind: Kind) -> anyhow::Result<Drive> {
    let broker = Broker::start(kind, PARTITIONS)?;
    let before = broker.cpu()?;
    let took = driver.run(&broker.bootstrap)?;
    let cpu = broker.cpu()?.saturating_sub(before);
    let per_second = |took: Duration| RECORDS as f64 / took.as_secs_f64();
    Ok(Drive {
        cpu_seconds_per_million: cpu.as_secs_f64() * 1e6 / RECORDS as f64,
        produced_per_second: per_second(took.produce),
        fetched_per_second: per_second(took.fetch),
    })
}

fn franz(bootstrap: &str) -> anyhow::Result<Took> {
    let output = Command::new(program("FRANZ")?)
        .args(["-bootstrap", bootstrap, "-records", &RECORDS.to_string()])
        .args(["-partitions", &PARTITIONS.to_string(), "-value-bytes", &VALUE_BYTES.to_string()])
        .output()?;
    ensure!(output.status.success(), "franz-go: {}", String::from_utf8_lossy(&output.stderr));
    let printed: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let seconds = |name| printed[name].as_f64().map(Duration::from_secs_f64).context("franz-go prints no time");
    Ok(Took { produce: seconds("produce_seconds")?, fetch: seconds("fetch_seconds")? })
}
