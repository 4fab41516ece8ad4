//! `bench/run records [--check | ROW..]`: the record codec beside its peers and its bounds, same records, same run; with parts of rows' names,
//! these rows alone.

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
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // What is checked is the whole table.
    let (check, rows): (bool, &[String]) = match arguments.as_slice() {
        [flag] if flag == "--check" => (true, &[]),
        rows if rows.iter().all(|row| !row.starts_with('-')) => (false, rows),
        other => bail!("usage: bench/run records [--check | ROW..], not {other:?}"),
    };
    let absent = Absent::list()?;
    let workloads = Workload::all();
    table::print_header(&absent);
    let races = run(&workloads, &absent, rows)?;
    let mut missed = missed_rows(&races);
    if rows.is_empty() {
        missed.extend(missed_contenders(&races));
    }
    for line in &missed {
        println!("MISSED {line}");
    }
    Ok(if check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Every row, or those whose names have one of the `wanted` in them, printed as it comes.
fn run<'a>(workloads: &'a [Workload], absent: &[Absent], wanted: &[String]) -> anyhow::Result<Vec<Race<'a>>> {
    let mut races = Vec::new();
    for codec in codecs() {
        for work in [Work::Encode, Work::Decode] {
            for workload in workloads {
                let name = race::name(work, *codec, workload);
                if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
                    continue;
                }
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

/// What `--check` fails for in a row: targets, and peers that are missing.
fn missed_rows(races: &[Race<'_>]) -> Vec<String> {
    let of_race = |race: &Race<'_>| {
        let verdicts = target::verdicts(race);
        let targets = verdicts.iter().filter(|verdict| !verdict.is_reached()).map(|verdict| verdict.long());
        targets.chain(race.faults.iter().cloned()).map(|line| format!("{}: {line}", race.name())).collect::<Vec<_>>()
    };
    races.iter().flat_map(of_race).collect()
}

/// What `--check` fails for in the whole table: those that the comparison needs.
fn missed_contenders(races: &[Race<'_>]) -> Vec<String> {
    let ran = |name: &str| races.iter().any(|race| race.finish(name).is_some());
    let ours_ran = races.iter().all(|race| race.finish(Contender::OURS.name).is_some());
    let absent = MUST_RUN.iter().filter(|name| !ZSTD_IS_C && !ran(name));
    let mut missed: Vec<String> = absent.map(|name| format!("{name} must run, and did in no row")).collect();
    missed.extend((!ours_ran).then(|| "ours did not run in every row".to_owned()));
    missed
}
