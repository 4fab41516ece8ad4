//! The attribute bits of a batch.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fmt;

use super::batch::BatchError;

/// The codec that a batch's records are compressed with; ordered by the number that Kafka gives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Compression {
    /// Not compressed.
    #[default]
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// Snappy in the framing of xerial's snappy-java.
    Snappy,
    /// The LZ4 frame format.
    Lz4,
    /// Zstandard (KIP-110).
    Zstd,
}

impl Compression {
    /// All of them, by their number.
    pub const ALL: [Self; 5] = [Self::None, Self::Gzip, Self::Snappy, Self::Lz4, Self::Zstd];

    /// The name that Kafka's `compression.type` has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }

    /// The number that stands for it in the attributes of a batch, and wherever else Kafka names a codec.
    #[must_use]
    pub const fn bits(self) -> i16 {
        self as i16
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who gave the records their timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TimestampType {
    /// The producer, to each record its own.
    #[default]
    CreateTime,
    /// The broker, when it appended the batch: one timestamp for all its records.
    LogAppendTime,
}

impl TimestampType {
    /// The name that Kafka's `message.timestamp.type` has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        }
    }
}

impl fmt::Display for TimestampType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the attribute bits of a batch say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    /// The codec of the records.
    pub compression: Compression,
    /// Who gave the timestamps.
    pub timestamp_type: TimestampType,
    /// Whether the batch belongs to a transaction.
    pub is_transactional: bool,
    /// Whether the records are markers for the client and none of the application's.
    pub is_control: bool,
    /// Whether the base timestamp is the time from which compaction may take the tombstones away (KIP-534).
    pub has_delete_horizon: bool,
}

const COMPRESSION: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;
const RESERVED: i16 = !(COMPRESSION | LOG_APPEND_TIME | TRANSACTIONAL | CONTROL | DELETE_HORIZON);

impl Attributes {
    pub(super) fn from_bits(bits: i16) -> Result<Self, BatchError> {
        if bits & RESERVED != 0 {
            return Err(BatchError::ReservedAttributes(bits));
        }
        let codec = bits & COMPRESSION;
        let compression = Compression::ALL.into_iter().find(|known| known.bits() == codec);
        Ok(Self {
            compression: compression.ok_or(BatchError::UnknownCodec(codec))?,
            timestamp_type: match bits & LOG_APPEND_TIME {
                0 => TimestampType::CreateTime,
                _ => TimestampType::LogAppendTime,
            },
            is_transactional: bits & TRANSACTIONAL != 0,
            is_control: bits & CONTROL != 0,
            has_delete_horizon: bits & DELETE_HORIZON != 0,
        })
    }

    /// Those of a message of magic 0 or 1, which has fewer.
    pub(super) fn of_message(magic: i8, bits: i8) -> Result<Self, BatchError> {
        let bits = i16::from(bits);
        let known = if magic == 0 { COMPRESSION } else { COMPRESSION | LOG_APPEND_TIME };
        if bits & !known != 0 {
            return Err(BatchError::ReservedAttributes(bits));
        }
        let attributes = Self::from_bits(bits)?;
        match attributes.compression {
            Compression::Zstd => Err(BatchError::ZstdMessage(magic)),
            _ => Ok(attributes),
        }
    }

    pub(super) fn bits(self) -> i16 {
        let flag = |set: bool, bit: i16| if set { bit } else { 0 };
        self.compression.bits()
            | flag(matches!(self.timestamp_type, TimestampType::LogAppendTime), LOG_APPEND_TIME)
            | flag(self.is_transactional, TRANSACTIONAL)
            | flag(self.is_control, CONTROL)
            | flag(self.has_delete_horizon, DELETE_HORIZON)
    }

    /// The attribute `bits` with or without that of transactions, and all others as they are.
    pub(super) const fn with_transactional(bits: i16, is_transactional: bool) -> i16 {
        if is_transactional { bits | TRANSACTIONAL } else { bits & !TRANSACTIONAL }
    }

    /// The attribute `bits` with another timestamp type, and all others as they are.
    pub(super) const fn with_timestamp_type(bits: i16, timestamp_type: TimestampType) -> i16 {
        match timestamp_type {
            TimestampType::CreateTime => bits & !LOG_APPEND_TIME,
            TimestampType::LogAppendTime => bits | LOG_APPEND_TIME,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_word_is_read_back_or_refused_by_name() {
        for bits in i16::MIN..=i16::MAX {
            match Attributes::from_bits(bits) {
                Ok(attributes) => assert_eq!(attributes.bits(), bits),
                Err(BatchError::ReservedAttributes(refused)) => assert!(refused == bits && bits & RESERVED != 0),
                Err(BatchError::UnknownCodec(codec)) => assert!(bits & RESERVED == 0 && (5..=7).contains(&codec)),
                Err(other) => unreachable!("{other}"),
            }
        }
    }
}
