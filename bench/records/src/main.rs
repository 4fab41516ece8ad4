//! `bench/run records [--check]`: the record codec beside its peers and its bounds, same records, same run.

mod absent;
mod bound;
mod codec;
mod contender;
mod measure;
mod race;
mod table;
mod target;
mod visit;
mod workload;

use std::process::ExitCode;

use anyhow::bail;

use absent::Absent;
use codec::Codec;
use contender::Contender;
use race::{Race, Work};
use workload::Workload;

/// Whether ours has the C library for Zstandard.
const ZSTD_IS_C: bool = cfg!(feature = "zstd-c");

/// Without these the comparison says nothing: each must run in a row at the least.
const MUST_RUN: [&str; 4] = ["kafka-protocol", "barnabas-core", "odradek-protocol", "partitionline"];

fn main() -> anyhow::Result<ExitCode> {
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        other => bail!("usage: bench/run records [--check], not {other:?}"),
    };
    let absent = Absent::list()?;
    let workloads = Workload::all();
    table::print_header(&absent);
    let races = run(&workloads, &absent)?;
    let missed = missed(&races);
    for line in &missed {
        println!("MISSED {line}");
    }
    Ok(if check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Every row, printed as it comes.
fn run<'a>(workloads: &'a [Workload], absent: &[Absent]) -> anyhow::Result<Vec<Race<'a>>> {
    let mut races = Vec::new();
    for codec in codecs() {
        for work in [Work::Encode, Work::Decode] {
            for workload in workloads {
                let race = Race::run(work, *codec, workload, absent)?;
                table::print_row(&race);
                races.push(race);
            }
        }
    }
    Ok(races)
}

/// All of them, unless this build is the one that has Zstandard of C.
const fn codecs() -> &'static [Codec] {
    if ZSTD_IS_C { &[Codec::Zstd] } else { &Codec::ALL }
}

/// What `--check` fails for: targets, peers that are missing, and those that the comparison needs.
fn missed(races: &[Race<'_>]) -> Vec<String> {
    let of_race = |race: &Race<'_>| {
        let verdicts = target::verdicts(race);
        let targets = verdicts.iter().filter(|verdict| !verdict.is_reached()).map(|verdict| verdict.long());
        targets.chain(race.faults.iter().cloned()).map(|line| format!("{}: {line}", race.name())).collect::<Vec<_>>()
    };
    let ran = |name: &str| races.iter().any(|race| race.finish(name).is_some());
    let ours_ran = races.iter().all(|race| race.finish(Contender::OURS.name).is_some());
    let mut missed: Vec<String> = races.iter().flat_map(of_race).collect();
    missed.extend(
        MUST_RUN
            .iter()
            .filter(|name| !ZSTD_IS_C && !ran(name))
            .map(|name| format!("{name} must run, and did in no row")),
    );
    missed.extend((!ours_ran).then(|| "ours did not run in every row".to_owned()));
    missed
}
