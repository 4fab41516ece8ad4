//! What was measured, and whether ours is as good as it must be.

use std::fmt;

use crate::broker::Kind;
use crate::contender::{Contender, Finish, OURS};
use crate::row::Row;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// Records a second.
    Rate,
    /// Seconds of processor time of the client for a million records.
    Cpu,
    /// Seconds, in the middle.
    P50,
    /// Seconds that one in a hundred takes at least.
    P99,
}

impl Figure {
    const fn name(self) -> &'static str {
        match self {
            Self::Rate => "1000 records/s",
            Self::Cpu => "CPU s a million",
            Self::P50 => "p50 us",
            Self::P99 => "p99 us",
        }
    }

    /// The figure in the unit of its name.
    fn shown(self, figure: f64) -> f64 {
        match self {
            Self::Rate => figure / 1e3,
            Self::Cpu => figure,
            Self::P50 | Self::P99 => figure * 1e6,
        }
    }

    fn of(self, finish: &Finish) -> f64 {
        match self {
            Self::Rate => finish.per_second,
            Self::Cpu => finish.cpu_seconds_per_million,
            Self::P50 => finish.p50_seconds.unwrap_or(f64::NAN),
            Self::P99 => finish.p99_seconds.unwrap_or(f64::NAN),
        }
    }

    /// How many times as good as `theirs` is `ours`.
    fn factor(self, ours: f64, theirs: f64) -> f64 {
        if self == Self::Rate { ours / theirs } else { theirs / ours }
    }
}

/// The runs of all contenders in one row under one broker.
pub(crate) struct Cells {
    label: String,
    runs: Vec<(&'static str, Vec<Finish>)>,
    faults: Vec<(&'static str, String)>,
}

impl Cells {
    pub(crate) fn new(row: &Row, kind: Kind, contenders: &[Contender]) -> Self {
        let label = format!("{}, {}", row.name, kind.name());
        let runs = contenders.iter().map(|contender| (contender.name, Vec::new())).collect();
        Self { label, runs, faults: Vec::new() }
    }

    pub(crate) fn push(&mut self, name: &'static str, finish: anyhow::Result<Finish>) {
        match finish {
            Ok(finish) => {
                let of_contender = self.runs.iter_mut().find(|(known, _)| *known == name);
                of_contender.into_iter().for_each(|(_, runs)| runs.push(finish));
            }
            Err(fault) => {
                let fault = format!("{}: {name}: {fault:#}", self.label);
                println!("  {fault}");
                self.faults.push((name, fault));
            }
        }
    }

    /// The runs that failed.
    pub(crate) fn faults(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.faults.iter().cloned()
    }

    /// The middle run of each contender; not a number where it has none.
    fn middles(&self, figure: Figure) -> Vec<(&'static str, f64)> {
        let middle_of = |runs: &[Finish]| middle(runs.iter().map(|finish| figure.of(finish)).collect());
        self.runs.iter().map(|(name, runs)| (*name, middle_of(runs))).collect()
    }
}

fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// One line of what is printed.
pub(crate) struct Verdict {
    label: String,
    figure: Figure,
    middles: Vec<(&'static str, f64)>,
    /// The peer that ours is held against, and how many times as good ours is.
    best: Option<(&'static str, f64)>,
    target: Option<f64>,
}

impl Verdict {
    pub(crate) fn of(row: &Row, kind: Kind, cells: &Cells) -> Vec<Self> {
        let one = |(figure, factor): &(Figure, f64)| {
            let middles = cells.middles(*figure);
            let ours = middles.iter().find(|(name, _)| *name == OURS).map_or(f64::NAN, |(_, figure)| *figure);
            let peers = middles.iter().filter(|(name, theirs)| *name != OURS && theirs.is_finite());
            let factors = peers.map(|(name, theirs)| (*name, figure.factor(ours, *theirs)));
            let best = factors.min_by(|one, other| one.1.total_cmp(&other.1));
            let target = row.target(kind, *figure, *factor);
            Self { label: cells.label.clone(), figure: *figure, middles, best, target }
        };
        row.targets.iter().map(one).collect()
    }

    /// Without a figure of ours, or of any peer, nothing is reached.
    pub(crate) fn is_reached(&self) -> bool {
        self.target.is_none_or(|target| self.best.is_some_and(|(_, factor)| factor >= target))
    }

    pub(crate) fn short(&self) -> String {
        let Self { label, figure, best, target, .. } = self;
        let target = target.map_or_else(String::new, |target| format!(", to be {target:.2}"));
        match best {
            Some((peer, factor)) => format!("{label}, {}: {factor:.2} of {peer}{target}", figure.name()),
            None => format!("{label}, {}: there is no peer", figure.name()),
        }
    }
}

const LABEL_WIDTH: usize = 44;
const UNIT_WIDTH: usize = 16;
const CELL_WIDTH: usize = 10;

pub(crate) fn print_head(contenders: &[Contender]) {
    print!("{:1$}", "", LABEL_WIDTH + UNIT_WIDTH);
    contenders.iter().for_each(|contender| print!("{:>CELL_WIDTH$}", contender.name));
    println!("  ours to the best peer");
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { label, figure, middles, best, target } = self;
        write!(f, "{label:<LABEL_WIDTH$}{:<UNIT_WIDTH$}", figure.name())?;
        for (_, middle) in middles {
            let shown = figure.shown(*middle);
            let digits = if *figure == Figure::Cpu { 2 } else { 0 };
            write!(f, "{shown:>CELL_WIDTH$.digits$}")?;
        }
        if let Some((peer, factor)) = best {
            write!(f, "  {factor:.2} of {peer}")?;
        }
        let Some(target) = target else { return Ok(()) };
        write!(f, " (>= {target:.2}) {}", if self.is_reached() { "ok" } else { "MISSED" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::ROWS;

    fn finish(per_second: f64, cpu_seconds_per_million: f64) -> Finish {
        Finish { per_second, cpu_seconds_per_million, p50_seconds: None, p99_seconds: None }
    }

    fn verdicts(kind: Kind, ours: [f64; 2], theirs: [f64; 2]) -> Vec<bool> {
        let runs = [(OURS, ours), ("peer", theirs)].map(|(name, [rate, cpu])| (name, vec![finish(rate, cpu)]));
        let cells = Cells { label: String::new(), runs: runs.into(), faults: Vec::new() };
        let [_, _, plain, ..] = &ROWS;
        Verdict::of(plain, kind, &cells).iter().map(Verdict::is_reached).collect()
    }

    #[test]
    fn on_the_null_broker_ours_is_to_have_twice_the_rate_and_half_the_processor_time() {
        assert_eq!(verdicts(Kind::Null, [200.0, 1.0], [100.0, 2.0]), [true, true]);
        assert_eq!(verdicts(Kind::Null, [199.0, 1.01], [100.0, 2.0]), [false, false]);
    }

    #[test]
    fn on_a_real_broker_a_peer_may_be_faster_by_a_twentieth() {
        assert_eq!(verdicts(Kind::Kafka, [100.0, 9.0], [105.0, 1.0]), [true, true]);
        assert_eq!(verdicts(Kind::Kfake, [100.0, 9.0], [106.0, 1.0]), [false, true]);
    }

    #[test]
    fn a_figure_that_is_missing_reaches_nothing() {
        assert_eq!(verdicts(Kind::Null, [f64::NAN; 2], [100.0, 2.0]), [false, false]);
        assert_eq!(verdicts(Kind::Null, [200.0, 1.0], [f64::NAN; 2]), [false, false]);
    }

    #[test]
    fn the_middle_run_counts() {
        assert_eq!(middle(vec![5.0, 1.0, 3.0]).total_cmp(&3.0), std::cmp::Ordering::Equal);
        assert!(middle(Vec::new()).is_nan());
    }
}
