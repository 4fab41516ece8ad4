//! A cluster in the process of its test: how soon it is there, and what it weighs.

use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use ottla_mockbroker::MockCluster;

use crate::broker::program;
use crate::row::{Row, middle};

/// The argument by which this program prints its memory.
pub(crate) const IDLE: &str = "idle";

/// How many starts are measured; the middle one counts.
const STARTS: usize = 51;

const BROKERS: u16 = 3;

const MIB: f64 = 1024.0 * 1024.0;

/// Milliseconds until three brokers can be connected to.
pub(crate) fn start() -> anyhow::Result<Row> {
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begun = Instant::now();
        let cluster = MockCluster::builder().brokers(BROKERS).start_blocking()?;
        took.push(begun.elapsed().as_secs_f64() * 1e3);
        drop(cluster);
    }
    let output = Command::new(program("KFAKE")?).args(["-starts", &STARTS.to_string()]).output()?;
    ensure!(output.status.success(), "kfake: {}", String::from_utf8_lossy(&output.stderr));
    let kfake: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(Row::below("start of 3 brokers, in process".to_owned(), "ms", (middle(took), kfake / 1e6), 1.0))
}

/// Memory of three brokers that nobody uses, beside that of the process before.
pub(crate) fn idle() -> anyhow::Result<Row> {
    let output = Command::new(std::env::current_exe()?).arg(IDLE).output()?;
    ensure!(output.status.success(), "idle: {}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout)?;
    let (before, with) = printed.trim().split_once(' ').context("idle prints two figures")?;
    let (before, with): (f64, f64) = (before.parse()?, with.parse()?);
    Ok(Row::below("memory beyond the process's own".to_owned(), "MiB", ((with - before) / MIB, before / MIB), 10.0))
}

/// Prints the memory of this process before a cluster is in it, and with one.
pub(crate) fn print_idle_bytes() -> anyhow::Result<()> {
    let before = resident_bytes()?;
    let cluster = MockCluster::builder().brokers(BROKERS).start_blocking()?;
    println!("{before} {}", resident_bytes()?);
    drop(cluster);
    Ok(())
}

fn resident_bytes() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
