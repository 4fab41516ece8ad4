//! What is measured, and what it may cost.

use std::fmt;

use crate::instructions;

/// The walk over a message, beside the path that it stands in.
pub(crate) struct Case {
    name: &'static str,
    /// The path that the walk's cost is a share of, without the walk.
    beside: &'static str,
    /// The walk alone.
    walk: &'static str,
    /// The most that the walk may cost, in percent of the path; `None` where it is only shown.
    percent_max: Option<f64>,
}

/// All of them.
pub(crate) const ALL: &[Case] = &[
    Case {
        name: "Metadata response v12, 1000 x 10: decode",
        beside: "metadata-12-decode",
        walk: "metadata-12-walk",
        percent_max: Some(25.0),
    },
    Case {
        name: "Metadata response v4, 1000 x 10: decode",
        beside: "metadata-4-decode",
        walk: "metadata-4-walk",
        percent_max: Some(25.0),
    },
    Case {
        name: "Fetch response v17: decode, read 1000 records",
        beside: "fetch-read",
        walk: "fetch-walk",
        percent_max: Some(2.0),
    },
    Case {
        name: "Produce request v12: decode, check 1000 records",
        beside: "produce-check",
        walk: "produce-walk",
        percent_max: Some(2.0),
    },
    Case {
        name: "ApiVersions response v4, 60 APIs: decode",
        beside: "api-versions-decode",
        walk: "api-versions-walk",
        percent_max: None,
    },
];

impl Case {
    pub(crate) fn measure(&'static self) -> anyhow::Result<Outcome> {
        let beside = instructions::of(self.beside)?;
        let walk = instructions::of(self.walk)?;
        Ok(Outcome { case: self, beside, walk })
    }
}

/// What one case came to.
pub(crate) struct Outcome {
    case: &'static Case,
    beside: f64,
    walk: f64,
}

impl Outcome {
    fn percent(&self) -> f64 {
        100.0 * self.walk / self.beside
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.case.percent_max.is_none_or(|max| self.percent() <= max)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, beside, walk } = self;
        write!(f, "{:<44} {beside:>14.0} {walk:>14.0} {:>7.2}%", case.name, self.percent())?;
        match case.percent_max {
            Some(max) => write!(f, " {max:>7.0}%"),
            None => write!(f, " {:>8}", "-"),
        }
    }
}
