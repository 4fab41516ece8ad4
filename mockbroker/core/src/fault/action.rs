//! What goes wrong.

use std::fmt;
use std::time::Duration;

use ottla_wire::ErrorCode;
use serde::{Deserialize, Serialize};

use super::text;

/// What goes wrong; each has its constructor in [`Fault`](super::Fault), which says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum FaultAction {
    /// Not applied, and answered with an error.
    Error {
        /// Which.
        #[serde(with = "text::error_code")]
        code: ErrorCode,
    },
    /// Applied, and answered with an error.
    AppliedThenError {
        /// Which.
        #[serde(with = "text::error_code")]
        code: ErrorCode,
    },
    /// Neither applied nor answered; the connection stays.
    Silence,
    /// Applied and not answered; the connection stays.
    LostAnswer,
    /// Applied later.
    Hold {
        /// How much.
        #[serde(rename = "wait_ms", with = "text::millis")]
        wait: Duration,
    },
    /// Answered later.
    Delay {
        /// How much.
        #[serde(rename = "wait_ms", with = "text::millis")]
        wait: Duration,
    },
    /// Answered with a time to wait.
    Throttle {
        /// How long.
        #[serde(rename = "wait_ms", with = "text::millis")]
        wait: Duration,
    },
    /// Answered with a record batch that is damaged.
    Corrupt {
        /// How.
        corruption: Corruption,
    },
    /// Not applied; the connection is closed.
    CloseBefore,
    /// Applied; the connection is closed without the answer.
    CloseUnanswered,
    /// Applied; the connection is closed after half of the answer.
    CloseWithinAnswer,
    /// Applied and answered; the connection is closed.
    CloseAfterAnswer,
    /// Applied; the connection is closed after some bytes of the answer.
    Cut {
        /// How many, those of the length included.
        bytes: usize,
    },
    /// Answered a few bytes at a time.
    Drip {
        /// How many.
        bytes: usize,
        /// The time between two.
        #[serde(rename = "every_ms", with = "text::millis")]
        every: Duration,
    },
    /// New connections are refused.
    RefuseConnections,
    /// Nothing passes until the fault is removed.
    Partition,
}

/// How a record batch is damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Corruption {
    /// One bit that the batch's checksum covers, drawn from the cluster's seed.
    FlippedBit,
    /// The last batch lacks its last bytes.
    Cut {
        /// How many; at the most all but the first.
        bytes: usize,
    },
}

impl FaultAction {
    /// Whether it is done to connections, whatever is asked on them.
    pub(crate) const fn is_of_connections(self) -> bool {
        matches!(self, Self::RefuseConnections | Self::Partition)
    }

    /// Whether the connection ends with it also where no answer is wanted.
    pub(crate) const fn closes(self) -> bool {
        matches!(
            self,
            Self::Error { .. }
                | Self::AppliedThenError { .. }
                | Self::CloseUnanswered
                | Self::CloseWithinAnswer
                | Self::CloseAfterAnswer
                | Self::Cut { .. }
        )
    }

    /// Its name, as JSON has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error { .. } => "error",
            Self::AppliedThenError { .. } => "applied_then_error",
            Self::Silence => "silence",
            Self::LostAnswer => "lost_answer",
            Self::Hold { .. } => "hold",
            Self::Delay { .. } => "delay",
            Self::Throttle { .. } => "throttle",
            Self::Corrupt { .. } => "corrupt",
            Self::CloseBefore => "close_before",
            Self::CloseUnanswered => "close_unanswered",
            Self::CloseWithinAnswer => "close_within_answer",
            Self::CloseAfterAnswer => "close_after_answer",
            Self::Cut { .. } => "cut",
            Self::Drip { .. } => "drip",
            Self::RefuseConnections => "refuse_connections",
            Self::Partition => "partition",
        }
    }
}

impl fmt::Display for FaultAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Error { code } | Self::AppliedThenError { code } => write!(f, " {code}"),
            Self::Hold { wait } | Self::Delay { wait } | Self::Throttle { wait } => write!(f, " {wait:?}"),
            Self::Cut { bytes } => write!(f, " after {bytes} bytes"),
            Self::Drip { bytes, every } => write!(f, " {bytes} bytes every {every:?}"),
            _ => Ok(()),
        }
    }
}
