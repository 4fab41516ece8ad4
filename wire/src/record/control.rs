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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::super::{BatchWriter, NewRecord, ProducerStamp, next_batch, position, stamp};
    use super::*;

    type KeyAndValue<'a> = (Option<&'a [u8]>, Option<&'a [u8]>);

    /// A control batch of these records.
    fn control_batch(records: &[KeyAndValue<'_>]) -> Batch {
        let mut writer = BatchWriter::new(0);
        for (key, value) in records {
            writer.append(&NewRecord::new(1, *key, *value)).unwrap();
        }
        let mut bytes = Vec::from(writer.finish(ProducerStamp { producer_id: 7, ..ProducerStamp::NONE }));
        bytes[position::ATTRIBUTES].copy_from_slice(&0x30_i16.to_be_bytes());
        stamp::set_checksum(&mut bytes);
        next_batch(&mut bytes.into()).unwrap().unwrap()
    }

    fn said(key: &[u8], value: &[u8]) -> Result<Control, ControlError> {
        control_batch(&[(Some(key), Some(value))]).control().unwrap()
    }

    #[test]
    fn every_type_of_kafka_is_known_by_its_number() {
        let marker = [0, 0, 0, 0, 0, 9];
        let types = [
            Control::Abort { coordinator_epoch: 9 },
            Control::Commit { coordinator_epoch: 9 },
            Control::LeaderChange,
            Control::SnapshotHeader,
            Control::SnapshotFooter,
            Control::KRaftVersion,
            Control::KRaftVoters,
            Control::Unknown(7),
        ];
        for (number, control) in (0..).zip(types) {
            assert_eq!(said(&[0, 0, 0, number], &marker), Ok(control));
        }
        assert_eq!(said(&[0, 0, 0xff, 0xff], &[]), Ok(Control::Unknown(-1)));
    }

    #[test]
    fn fields_of_a_later_version_are_passed_over() {
        let commit = Ok(Control::Commit { coordinator_epoch: -2 });
        assert_eq!(said(&[0, 1, 0, 1, 5], &[0, 1, 0xff, 0xff, 0xff, 0xfe, 3]), commit);
    }

    #[test]
    fn what_no_broker_writes_has_an_error_of_its_own() {
        let marker = [0, 0, 0, 0, 0, 9];
        assert_eq!(said(&[], &marker), Err(ControlError::ShortKey(0)));
        assert_eq!(said(&[0, 0, 1], &marker), Err(ControlError::ShortKey(3)));
        assert_eq!(said(&[0xff, 0xff, 0, 1], &marker), Err(ControlError::KeyVersion(-1)));
        assert_eq!(said(&[0, 0, 0, 1], &marker[..5]), Err(ControlError::ShortValue(5)));
        assert_eq!(said(&[0, 0, 0, 0], &[0x80, 0, 0, 0, 0, 0]), Err(ControlError::ValueVersion(i16::MIN)));
        let null = |key, value| control_batch(&[(key, value)]).control().unwrap();
        assert_eq!(null(None, None), Err(ControlError::ShortKey(0)));
        assert_eq!(null(Some(&[0, 0, 0, 1]), None), Err(ControlError::ShortValue(0)));
    }

    #[test]
    fn a_batch_of_records_or_of_none_is_not_for_control() {
        let batch = control_batch(&[(Some(&[0, 0, 0, 2]), None), (Some(&[0, 0, 0, 5]), None)]);
        let controls: Vec<_> = batch.records().unwrap().map(|record| Control::of(&record.unwrap())).collect();
        assert_eq!(controls, [Ok(Control::LeaderChange), Ok(Control::KRaftVersion)]);

        let mut empty = batch.to_bytes()[..super::super::BATCH_HEADER_BYTES].to_vec();
        empty[position::LENGTH].copy_from_slice(&49_i32.to_be_bytes());
        empty[57..].fill(0);
        stamp::set_checksum(&mut empty);
        assert_eq!(next_batch(&mut empty.clone().into()).unwrap().unwrap().control(), None);

        let mut damaged = batch.to_bytes().to_vec();
        *damaged.last_mut().unwrap() = 9;
        stamp::set_checksum(&mut damaged);
        let first = next_batch(&mut damaged.into()).unwrap().unwrap().control();
        assert_eq!(first, Some(Ok(Control::LeaderChange)));
        let mut plain = batch.to_bytes().to_vec();
        plain[position::ATTRIBUTES].fill(0);
        stamp::set_checksum(&mut plain);
        assert_eq!(next_batch(&mut plain.into()).unwrap().unwrap().control(), None);
    }
}
