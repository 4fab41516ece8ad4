//! What control records say: markers that brokers write between the records of the applications.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Buf;

use super::batch::Batch;
use super::reader::{Record, RecordError};

/// What a control record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Control {
    /// The producer's transaction was aborted: its records before this one are none (KIP-98).
    Abort {
        /// The epoch of the coordinator that ended the transaction.
        coordinator_epoch: i32,
    },
    /// The producer's transaction was committed (KIP-98).
    Commit {
        /// The epoch of the coordinator that ended the transaction.
        coordinator_epoch: i32,
    },
    /// The metadata quorum has a new leader (KIP-595).
    LeaderChange,
    /// A snapshot of the metadata begins (KIP-630).
    SnapshotHeader,
    /// A snapshot of the metadata ends (KIP-630).
    SnapshotFooter,
    /// The version of the metadata quorum's protocol (KIP-853).
    KRaftVersion,
    /// The voters of the metadata quorum (KIP-853).
    KRaftVoters,
    /// A type that is not known here, which a reader passes over.
    Unknown(i16),
}

/// Why a control record cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The record itself cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The key ends before the type.
    #[error("the key of a control record has {0} bytes, too few for its type")]
    ShortKey(usize),
    /// The version of the key is below zero.
    #[error("the key of a control record has version {0}")]
    KeyVersion(i16),
    /// The value ends before the coordinator's epoch.
    #[error("the value of a transaction marker has {0} bytes, too few for the coordinator's epoch")]
    ShortValue(usize),
    /// The version of the value is below zero.
    #[error("the value of a transaction marker has version {0}")]
    ValueVersion(i16),
}

impl Control {
    /// What a record of a control batch says. Fields that a later version adds to its key or value are passed over, as in Kafka.
    ///
    /// # Errors
    /// When its key or value is too short, or of a version below zero.
    pub fn of(record: &Record<'_>) -> Result<Self, ControlError> {
        let mut key = record.key.unwrap_or_default();
        let short = ControlError::ShortKey(key.len());
        let [version, kind] = [key.try_get_i16().map_err(|_| short)?, key.try_get_i16().map_err(|_| short)?];
        if version < 0 {
            return Err(ControlError::KeyVersion(version));
        }
        let value = record.value.unwrap_or_default();
        Ok(match kind {
            0 => Self::Abort { coordinator_epoch: coordinator_epoch(value)? },
            1 => Self::Commit { coordinator_epoch: coordinator_epoch(value)? },
            2 => Self::LeaderChange,
            3 => Self::SnapshotHeader,
            4 => Self::SnapshotFooter,
            5 => Self::KRaftVersion,
            6 => Self::KRaftVoters,
            unknown => Self::Unknown(unknown),
        })
    }
}

fn coordinator_epoch(mut value: &[u8]) -> Result<i32, ControlError> {
    let short = ControlError::ShortValue(value.len());
    let version = value.try_get_i16().map_err(|_| short)?;
    let epoch = value.try_get_i32().map_err(|_| short)?;
    if version < 0 { Err(ControlError::ValueVersion(version)) } else { Ok(epoch) }
}

impl Batch {
    /// What the first record of a control batch says, which of a transaction marker is its only one; none where the batch is not one, or has no record.
    ///
    /// # Errors
    /// When the record cannot be read, or says what no broker writes.
    #[must_use]
    pub fn control(&self) -> Option<Result<Control, ControlError>> {
        if !self.is_control() {
            return None;
        }
        let first = match self.records() {
            Ok(mut records) => records.next()?,
            Err(error) => Err(error),
        };
        Some(first.map_err(ControlError::from).and_then(|record| Control::of(&record)))
    }
}
