//! `bench/run mock [--check]`: the mock broker beside kfake, driven by clients that are neither's own.

mod broker;
mod crowd;
mod driver;
mod rdkafka;
mod row;
mod start;

use std::process::ExitCode;

use anyhow::{Context, bail};

use broker::Kind;
use driver::{Drive, Driver};
use row::Row;

/// How often each broker is driven by each client, in turn; the middle run counts.
const ROUNDS: usize = 3;

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let check = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        // In a process of its own: what was there before weighs nothing.
        ["idle"] => return start::print_idle_bytes().map(|()| ExitCode::SUCCESS),
        _ => bail!("usage: bench/run mock [--check], not {arguments:?}"),
    };
    let mut missed = Vec::new();
    let mut show = |rows: Vec<Row>| {
        for row in rows {
            println!("{row}");
            missed.extend((!row.is_reached()).then(|| row.to_string()));
        }
    };
    println!("{}", Row::HEAD);
    show(vec![start::start()?, start::idle()?]);
    for driver in Driver::ALL {
        show(driven(driver)?);
    }
    show(crowd::rows()?);
    for row in &missed {
        println!("MISSED {row}");
    }
    Ok(if check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Both brokers under the same client.
fn driven(driver: Driver) -> anyhow::Result<Vec<Row>> {
    let (mut ours, mut kfake) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(driver::drive(driver, Kind::Ours).context("ours")?);
        kfake.push(driver::drive(driver, Kind::Kfake).context("kfake")?);
    }
    let name = driver.name();
    let middle = |runs: &[Drive], of: fn(&Drive) -> f64| row::middle(runs.iter().map(of).collect());
    let pair = |of: fn(&Drive) -> f64| (middle(&ours, of), middle(&kfake, of));
    let cpu = pair(|drive| drive.cpu_seconds_per_million);
    let produced = pair(|drive| drive.produced_per_second);
    let fetched = pair(|drive| drive.fetched_per_second);
    Ok(vec![
        Row::at_most(format!("CPU for 1M records, {name}"), "s", cpu, 0.5),
        Row::at_least(format!("produced, {name}"), "records/s", produced),
        Row::at_least(format!("fetched, {name}"), "records/s", fetched),
    ])
}
