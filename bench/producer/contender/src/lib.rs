//! What every producer that is measured has in common: its command line, its work, and the line that it prints.
//!
//! A contender first sends one record to each partition, which opens its connections, and is measured from there on. Record `n` goes to partition
//! `n % partitions`, whoever sends it.

mod pipeline;
mod watch;

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

pub use pipeline::{Pipelined, run};
pub use watch::{Report, Watch};

/// What a contender is to send, and where to.
#[derive(Debug)]
pub struct Work {
    /// Addresses of brokers, with commas between them.
    pub bootstrap: String,
    /// The topic, which is there.
    pub topic: String,
    /// Over how many partitions of it the records go.
    pub partitions: i32,
    /// Compresses with lz4, or does not compress.
    pub lz4: bool,
    /// The certificate of the CA in PEM, where it is TLS.
    pub ca: Option<PathBuf>,
    /// What is measured.
    pub mode: Mode,
    records: usize,
    limit: Duration,
    values: Vec<u8>,
    value_bytes: usize,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// As many records as the client takes.
    Throughput,
    /// One record at a time, without lingering.
    Latency,
}

impl Work {
    /// What the command line asks for.
    ///
    /// # Errors
    /// When it cannot be understood, or the file of values cannot be read.
    pub fn from_arguments() -> anyhow::Result<Self> {
        Self::parse(lexopt::Parser::from_env())
    }

    fn parse(mut parser: lexopt::Parser) -> anyhow::Result<Self> {
        let mut work = Self {
            bootstrap: String::new(),
            topic: String::new(),
            partitions: 1,
            lz4: false,
            ca: None,
            mode: Mode::Throughput,
            records: 0,
            limit: Duration::MAX,
            values: Vec::new(),
            value_bytes: 0,
        };
        while let Some(argument) = parser.next()? {
            let lexopt::Arg::Long(name) = argument else { bail!("not understood: {argument:?}") };
            let name = name.to_owned();
            work.set(&name, parser.value()?).with_context(|| format!("--{name}"))?;
        }
        ensure!(!work.bootstrap.is_empty() && !work.topic.is_empty(), "--bootstrap and --topic are needed");
        ensure!(work.partitions > 0 && work.value_bytes > 0, "--partitions and --value-bytes must be more than 0");
        ensure!(work.values.len() >= work.value_bytes, "--values has no value of {} bytes", work.value_bytes);
        Ok(work)
    }

    fn set(&mut self, name: &str, value: OsString) -> anyhow::Result<()> {
        if name == "values" {
            self.values = std::fs::read(value)?;
            return Ok(());
        }
        let text = value.into_string().ok().context("it is not UTF-8")?;
        match name {
            "bootstrap" => self.bootstrap = text,
            "topic" => self.topic = text,
            "partitions" => self.partitions = text.parse()?,
            "records" => self.records = text.parse()?,
            "seconds" => self.limit = Duration::from_secs_f64(text.parse()?),
            "value-bytes" => self.value_bytes = text.parse()?,
            "codec" => self.lz4 = one_of(&text, [("none", false), ("lz4", true)])?,
            "ca" => self.ca = Some(text.into()),
            "mode" => self.mode = one_of(&text, [("throughput", Mode::Throughput), ("latency", Mode::Latency)])?,
            _ => bail!("no such option"),
        }
        Ok(())
    }

    /// The records that are measured, each with the partition that it goes to; they end early when the time is up.
    pub fn records(&self) -> impl Iterator<Item = (i32, &[u8])> {
        let watch = Watch::start();
        let is_late = move |nth: usize| nth.is_multiple_of(LOOK_EVERY) && watch.elapsed() > self.limit;
        (0..self.records).take_while(move |nth| !is_late(*nth)).map(|nth| self.record(nth))
    }

    /// The records before them, one for each partition.
    pub fn first_records(&self) -> impl Iterator<Item = (i32, &[u8])> {
        (0..self.partitions).map(|partition| (partition, self.value(0)))
    }

    /// Whether records are to wait for others.
    #[must_use]
    pub fn lingers(&self) -> bool {
        self.mode == Mode::Throughput
    }

    fn record(&self, nth: usize) -> (i32, &[u8]) {
        // It is less than the number of partitions.
        let partition = nth as u64 % u64::from(self.partitions.unsigned_abs());
        (partition as i32, self.value(nth))
    }

    /// One of the values in the file, which stand one behind the other.
    fn value(&self, nth: usize) -> &[u8] {
        let begin = nth % (self.values.len() / self.value_bytes) * self.value_bytes;
        self.values.get(begin..begin + self.value_bytes).unwrap_or_default()
    }
}

/// After how many records the clock is looked at.
const LOOK_EVERY: usize = 64;

fn one_of<T, const N: usize>(text: &str, known: [(&str, T); N]) -> anyhow::Result<T> {
    let found = known.into_iter().find(|(name, _)| *name == text);
    found.map(|(_, value)| value).with_context(|| format!("{text:?} is not known"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn work(records: &str, seconds: &str) -> Work {
        let values = std::env::temp_dir().join(format!("bench-contender-{}-{records}", std::process::id()));
        std::fs::write(&values, "aabbcc").unwrap();
        let arguments = ["--bootstrap", "b", "--topic", "t", "--partitions", "2", "--value-bytes", "2"];
        let limits = ["--values", values.to_str().unwrap(), "--records", records, "--seconds", seconds];
        let work = Work::parse(lexopt::Parser::from_args(arguments.into_iter().chain(limits))).unwrap();
        std::fs::remove_file(values).unwrap();
        work
    }

    #[test]
    fn records_go_to_the_partitions_in_turn_and_take_the_values_in_turn() {
        let work = work("4", "100");
        let records: Vec<_> = work.records().collect();
        assert_eq!(records, [(0, &b"aa"[..]), (1, b"bb"), (0, b"cc"), (1, b"aa")]);
        assert_eq!(work.first_records().map(|(partition, _)| partition).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn records_end_when_the_time_is_up() {
        assert_eq!(work("1000000000", "0").records().count(), 0);
    }

    #[test]
    fn an_option_that_is_not_known_is_refused() {
        assert!(Work::parse(lexopt::Parser::from_args(["--acks", "0"])).is_err());
    }
}
