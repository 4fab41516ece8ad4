//! The table, row by row as they are measured.

use crate::ZSTD_IS_C;
use crate::absent::Absent;
use crate::contender::Contender;
use crate::measure::ROUNDS;
use crate::race::{Finish, Race};
use crate::target::verdicts;

/// The width of the column that says what is measured.
const ROW_WIDTH: usize = 36;

/// The least width of a contender's column.
const CELL_WIDTH: usize = 8;

/// What the numbers are, who is measured with what, and the names over the columns.
pub(crate) fn print_header(absent: &[Absent]) {
    if ZSTD_IS_C {
        println!("\nThe same, ours with Zstandard by the C library.");
    } else {
        println!(
            "Nanoseconds of thread CPU time for a record, the median of {ROUNDS} rounds in turn; +- is the spread of ours. Below, bytes for a record."
        );
        Contender::ALL.iter().for_each(|contender| println!("  {}: {}", contender.name, contender.defaults));
        absent.iter().for_each(|absent| println!("  {} is absent where it is listed: {}", absent.peer, absent.reason));
    }
    print!("\n{:ROW_WIDTH$}", "");
    for contender in Contender::ALL {
        print!(" {:>1$}", contender.name, width(contender));
    }
    println!("    +-  bounds and targets (ours as a part of theirs)");
}

pub(crate) fn print_row(race: &Race<'_>) {
    print!("{:ROW_WIDTH$}", race.name());
    print_cells(race, |finish| Some(format!("{:.1}", finish.timing.ns_per_record)));
    let spread = race.finish(Contender::OURS.name).map_or(0.0, |ours| ours.timing.spread * 100.0);
    println!(" {spread:4.0}%  {}", remarks(race).join(", "));
    if race.finishes.iter().any(|finish| finish.size_bytes.is_some()) {
        print!("{:ROW_WIDTH$}", "  bytes");
        let records = race.workload.records.len();
        print_cells(race, |finish| finish.size_bytes.map(|size| format!("{:.1}", size as f64 / records as f64)));
        println!();
    }
}

fn print_cells(race: &Race<'_>, cell: impl Fn(&Finish) -> Option<String>) {
    for contender in Contender::ALL {
        let text = race.finish(contender.name).and_then(&cell).unwrap_or_else(|| "-".to_owned());
        print!(" {text:>0$}", width(contender));
    }
}

fn remarks(race: &Race<'_>) -> Vec<String> {
    let is_bound = |finish: &&Finish| Contender::ALL.iter().all(|contender| contender.name != finish.name);
    let bound = |finish: &Finish| format!("{} {:.1}", finish.name, finish.timing.ns_per_record);
    let bounds = race.finishes.iter().filter(is_bound).map(bound);
    bounds.chain(verdicts(race).iter().map(|verdict| verdict.short())).collect()
}

fn width(contender: Contender) -> usize {
    contender.name.len().max(CELL_WIDTH)
}
