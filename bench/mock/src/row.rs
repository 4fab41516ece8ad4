//! One row of the table, and what it must reach.

use std::fmt;

/// A figure of ours beside one that it is held against.
pub(crate) struct Row {
    name: String,
    unit: &'static str,
    ours: f64,
    theirs: f64,
    /// Ours as a part of the other: the middle one of those of each turn, in which both had the same neighbours on the machine.
    part: f64,
    bound: Bound,
}

/// How ours must stand to the other.
#[derive(Clone, Copy)]
enum Bound {
    /// At most so much of it.
    AtMost(f64),
    /// At least as much.
    AtLeast,
    /// Less than so much, whatever the other has.
    Below(f64),
}

impl Row {
    pub(crate) const HEAD: &'static str =
        "                                              ours        beside  ours as a part of it, and what it must be";

    /// Ours may have at most so much of the other's; both were measured in the same turns.
    pub(crate) fn at_most(name: String, unit: &'static str, turns: &[(f64, f64)], part: f64) -> Self {
        Self::of_turns(name, unit, turns, Bound::AtMost(part))
    }

    /// Ours must have no less than the other; both were measured in the same turns.
    pub(crate) fn at_least(name: String, unit: &'static str, turns: &[(f64, f64)]) -> Self {
        Self::of_turns(name, unit, turns, Bound::AtLeast)
    }

    fn of_turns(name: String, unit: &'static str, turns: &[(f64, f64)], bound: Bound) -> Self {
        let middle = |of: fn(&(f64, f64)) -> f64| middle(turns.iter().map(of).collect());
        let part = middle(|(ours, theirs)| ours / theirs);
        Self { name, unit, ours: middle(|turn| turn.0), theirs: middle(|turn| turn.1), part, bound }
    }

    /// Ours must stay below a bound; the other is shown.
    pub(crate) fn below(name: String, unit: &'static str, (ours, theirs): (f64, f64), bound: f64) -> Self {
        Self { name, unit, ours, theirs, part: ours / theirs, bound: Bound::Below(bound) }
    }

    pub(crate) fn is_reached(&self) -> bool {
        match self.bound {
            Bound::AtMost(part) => self.part <= part,
            Bound::AtLeast => self.part >= 1.0,
            Bound::Below(bound) => self.ours < bound,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, unit, ours, theirs, part, .. } = self;
        let digits = if *ours < 100.0 { 3 } else { 0 };
        write!(f, "{name:<36}{ours:>14.digits$}{theirs:>14.digits$}  {part:.2} ({unit}; ")?;
        match self.bound {
            Bound::AtMost(part) => write!(f, "<= {part:.2})")?,
            Bound::AtLeast => write!(f, ">= 1.00)")?,
            Bound::Below(bound) => write!(f, "ours below {bound})")?,
        }
        f.write_str(if self.is_reached() { " ok" } else { " MISSED" })
    }
}

/// The middle one of an odd number of figures.
pub(crate) fn middle(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
