//! `bench/run producer [--check] [--runs N] [--row PART]..`: ours and its peers as producers, under the same broker in one run.
//!
//! With parts of rows' names, these rows alone.

mod absent;
mod admin;
mod broker;
mod contender;
mod figure;
mod process;
mod row;
mod values;
mod wakeup;

use std::process::ExitCode;

use anyhow::{Context, bail};

use absent::Absent;
use broker::{Brokers, Kind};
use contender::Contender;
use figure::{Cells, Verdict};
use row::{ROWS, Row};
use values::Files;

/// How often each contender has its turn; the middle run counts.
const RUNS: usize = 5;

struct Options {
    check: bool,
    runs: usize,
    /// Parts of rows' names; all rows where there are none.
    rows: Vec<String>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::from_arguments()?;
    let files = Files::make()?;
    let absent = Absent::list()?;
    let mut contenders = Vec::new();
    let mut missed = Vec::new();
    for contender in Contender::all()? {
        match contender.built() {
            Ok(()) => contenders.push(contender),
            Err(reason) => {
                println!("{} does not build: {reason}", contender.name);
                missed.extend(
                    (!absent.covers(contender.name, None)).then(|| format!("{} does not build", contender.name)),
                );
            }
        }
    }
    figure::print_head(&contenders);
    let mut brokers = Brokers::new(&files);
    for row in ROWS.iter().filter(|row| options.wants(row)) {
        for kind in row.kinds() {
            let cells = measured(row, *kind, &contenders, &mut brokers, &options)?;
            missed.extend(cells.faults().filter(|(name, _)| !absent.covers(name, Some(*kind))).map(|(_, fault)| fault));
            for verdict in Verdict::of(row, *kind, &cells) {
                println!("{verdict}");
                missed.extend((!verdict.is_reached()).then(|| verdict.short()));
            }
        }
    }
    if options.rows.is_empty() {
        let (line, is_reached) = wakeup::row()?;
        println!("{line}");
        missed.extend((!is_reached).then_some(line));
    }
    missed.iter().for_each(|line| println!("MISSED {line}"));
    Ok(if options.check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// All contenders in turn, as often as is asked for, each time with a topic of its own. Each round begins with another, and before them all one run is not
/// counted: a broker on a virtual machine is slow before it is warm.
fn measured(
    row: &Row,
    kind: Kind,
    contenders: &[Contender],
    brokers: &mut Brokers<'_>,
    options: &Options,
) -> anyhow::Result<Cells> {
    let broker = brokers.of(row, kind).with_context(|| format!("{} for {}", kind.name(), row.name))?;
    let mut cells = Cells::new(row, kind, contenders);
    if let Some(first) = contenders.first() {
        // Where it fails, it fails again when it counts.
        let _warm = first.run(row, &broker, &format!("{}-warm", row.topic()));
    }
    for run in 0..options.runs {
        let (before, from_here) = contenders.split_at(run % contenders.len().max(1));
        for contender in from_here.iter().chain(before) {
            let topic = format!("{}-{}-{run}", row.topic(), contender.name);
            cells.push(contender.name, contender.run(row, &broker, &topic));
        }
    }
    Ok(cells)
}

impl Options {
    fn from_arguments() -> anyhow::Result<Self> {
        let mut options = Self { check: false, runs: RUNS, rows: Vec::new() };
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                lexopt::Arg::Long("check") => options.check = true,
                lexopt::Arg::Long("runs") => options.runs = parser.value()?.to_str().context("--runs")?.parse()?,
                lexopt::Arg::Long("row") => options.rows.push(parser.value()?.to_str().context("--row")?.to_owned()),
                other => return Err(other.unexpected().into()),
            }
        }
        if options.runs == 0 || (options.check && !options.rows.is_empty()) {
            bail!("at least one run is needed, and what is checked is the whole table");
        }
        Ok(options)
    }

    fn wants(&self, row: &Row) -> bool {
        self.rows.is_empty() || self.rows.iter().any(|part| row.name.contains(part))
    }
}
