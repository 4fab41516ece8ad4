//! `bench/run mock [--check] [PART..]`: the mock broker beside kfake, driven by clients that are neither's own.

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
const ROUNDS: usize = 7;

/// A part of the table: its name, and what measures its rows.
type Part = (&'static str, fn() -> anyhow::Result<Vec<Row>>);

/// The whole table.
const PARTS: [Part; 4] = [
    ("start", || Ok(vec![start::start()?, start::idle()?])),
    (Driver::Rdkafka.name(), || driven(Driver::Rdkafka)),
    (Driver::Franz.name(), || driven(Driver::Franz)),
    ("crowd", crowd::rows),
];

fn main() -> anyhow::Result<ExitCode> {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    // In a process of its own: what was there before weighs nothing.
    if wanted == [start::IDLE] {
        return start::print_idle_bytes().map(|()| ExitCode::SUCCESS);
    }
    let count = wanted.len();
    wanted.retain(|argument| argument != "--check");
    let check = wanted.len() < count;
    let names = PARTS.map(|(name, _)| name);
    if let Some(unknown) = wanted.iter().find(|wanted| !names.contains(&wanted.as_str())) {
        bail!("usage: bench/run mock [--check] [PART..], and {unknown:?} is none of {names:?}");
    }
    let mut missed = Vec::new();
    println!("{}", Row::HEAD);
    for (_, rows) in PARTS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)) {
        for row in rows()? {
            println!("{row}");
            missed.extend((!row.is_reached()).then(|| row.to_string()));
        }
    }
    for row in &missed {
        println!("MISSED {row}");
    }
    Ok(if check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Both brokers under the same client.
fn driven(driver: Driver) -> anyhow::Result<Vec<Row>> {
    let mut turns = Vec::new();
    for _ in 0..ROUNDS {
        let ours = driver::drive(driver, Kind::Ours).context("ours")?;
        turns.push((ours, driver::drive(driver, Kind::Kfake).context("kfake")?));
    }
    let name = driver.name();
    let of = |of: fn(&Drive) -> f64| turns.iter().map(|(ours, kfake)| (of(ours), of(kfake))).collect::<Vec<_>>();
    let cpu = of(|drive| drive.cpu_seconds_per_million);
    Ok(vec![
        Row::at_most(format!("CPU for 1M records, {name}"), "s", &cpu, 0.5),
        Row::at_least(format!("produced, {name}"), "records/s", &of(|drive| drive.produced_per_second)),
        Row::at_least(format!("fetched, {name}"), "records/s", &of(|drive| drive.fetched_per_second)),
    ])
}
