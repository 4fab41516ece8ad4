//! What compaction leaves of a batch.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::BytesMut;

use super::attributes::{Attributes, Compression, TimestampType};
use super::batch::Batch;
use super::compressed::{self, CompressBatchError};
use super::header::BatchHeader;
use super::reader::{Record, RecordError};
use super::writer::{AppendError, NewRecord};
use super::{BATCH_HEADER_BYTES, MAGIC, NO_TIMESTAMP};
use crate::compression::Compressor;

/// Why a batch cannot be compacted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetainError {
    /// It is no batch of magic 2.
    #[error("a batch of magic {0} is not compacted")]
    Magic(i8),
    /// Its records cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A record cannot be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The records cannot be put into their codec.
    #[error(transparent)]
    Compress(#[from] CompressBatchError),
}

impl Batch {
    /// The batch with those of its records that are kept, their offsets and timestamps as they were: base and last offset, producer and codec stay.
    /// A `delete_horizon`, in milliseconds since 1970, is the time from which its tombstones may go (KIP-534); without one, that of the batch stays.
    ///
    /// A batch without a record is what Kafka keeps of one that has the last sequence number of its producer.
    ///
    /// # Errors
    /// When the batch is compressed and was not decompressed, is of an old magic, or cannot be read or written.
    pub fn retaining(
        &self,
        mut keeps: impl FnMut(&Record<'_>) -> bool,
        delete_horizon: Option<i64>,
    ) -> Result<Self, RetainError> {
        if self.magic() < MAGIC {
            return Err(RetainError::Magic(self.magic()));
        }
        let mut kept = Vec::new();
        for record in self.records()? {
            kept.extend(Some(record?).filter(&mut keeps));
        }
        let delete_horizon = delete_horizon.or(self.delete_horizon());
        let header = BatchHeader { size_bytes: BATCH_HEADER_BYTES, ..self.header };
        let Some(first) = kept.first() else {
            let attributes =
                Attributes { compression: Compression::None, has_delete_horizon: false, ..self.attributes() };
            let header = BatchHeader { attributes, base_timestamp: NO_TIMESTAMP, record_count: 0, ..header };
            return Ok(encoded(header, BytesMut::zeroed(BATCH_HEADER_BYTES))?);
        };
        let largest = kept.iter().map(|record| record.timestamp).max().unwrap_or(NO_TIMESTAMP);
        let header = BatchHeader {
            attributes: Attributes { has_delete_horizon: delete_horizon.is_some(), ..self.attributes() },
            base_timestamp: delete_horizon.unwrap_or(first.timestamp),
            max_timestamp: match self.timestamp_type() {
                TimestampType::CreateTime => largest,
                TimestampType::LogAppendTime => self.max_timestamp(),
            },
            record_count: i32::try_from(kept.len()).unwrap_or(i32::MAX),
            ..header
        };
        let records = written(&header, &kept)?;
        Ok(encoded(header, records)?)
    }
}

/// Room for the header, and the records.
fn written(header: &BatchHeader, records: &[Record<'_>]) -> Result<BytesMut, AppendError> {
    let mut memory = BytesMut::zeroed(BATCH_HEADER_BYTES);
    let mut end = BATCH_HEADER_BYTES;
    for record in records {
        let (timestamp, base) = (record.timestamp, header.base_timestamp);
        let delta = timestamp.checked_sub(base).ok_or(AppendError::TimestampRange { timestamp, base })?;
        let offset_delta = i32::try_from(record.offset.saturating_sub(header.base_offset)).unwrap_or(i32::MAX);
        let (key, value, headers) = (record.key, record.value, record.headers());
        end = NewRecord { timestamp, key, value, headers }.write(&mut memory, end, delta, offset_delta)?;
    }
    memory.truncate(end);
    Ok(memory)
}

/// The batch of a header and its records in plain, which stand behind room for the header.
fn encoded(header: BatchHeader, mut plain: BytesMut) -> Result<Batch, CompressBatchError> {
    let bytes = match header.attributes.compression {
        Compression::None => {
            header.encode(&mut plain);
            plain.freeze()
        }
        codec => {
            let records = plain.get(BATCH_HEADER_BYTES..).unwrap_or_default();
            compressed::encode(&header, records, &mut Compressor::new(codec, None)?)?
        }
    };
    Ok(Batch { header, front: None, bytes, plain: None })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use super::*;
    use crate::LeaderEpoch;
    use crate::compression::Limits;
    use crate::record::{BatchWriter, ProducerStamp, next_batch};

    /// Records at 100, 101, 102 with the offsets 10, 11, 12, the second without a value.
    fn batch(codec: Compression) -> Batch {
        let mut writer = BatchWriter::new(0);
        for (timestamp, value) in [(100, Some(&b"a"[..])), (101, None), (102, Some(b"c"))] {
            writer.append(&NewRecord::new(timestamp, Some(b"key"), value)).unwrap();
        }
        let producer = ProducerStamp { producer_id: 7, producer_epoch: 1, base_sequence: 5, is_transactional: false };
        let mut bytes = writer.finish_compressed(producer, codec, None).unwrap();
        next_batch(&mut bytes).unwrap().unwrap().restamped(10, LeaderEpoch(3), None)
    }

    fn plain(batch: Batch) -> Batch {
        batch.decompress(&Limits { bytes_max: 1 << 20, ratio_max: usize::MAX }).unwrap()
    }

    /// As a reader of the bytes sees it.
    fn read(batch: &Batch) -> (Vec<(i64, i64)>, Batch) {
        let read = plain(next_batch(&mut batch.to_bytes()).unwrap().unwrap());
        assert_eq!(read.header, batch.header);
        let records = read.records().unwrap().map(|record| record.map(|of| (of.offset, of.timestamp)).unwrap());
        (records.collect(), read.clone())
    }

    #[test]
    fn what_is_kept_stays_where_it_was_and_the_batch_ends_where_it_did() {
        for codec in Compression::ALL {
            let kept = plain(batch(codec)).retaining(|record| record.offset != 10, None).unwrap();
            let (records, read) = read(&kept);
            assert_eq!(records, [(11, 101), (12, 102)], "{codec}");
            assert_eq!((read.base_offset(), read.next_offset(), read.leader_epoch().0), (10, 13, 3));
            assert_eq!((read.base_sequence(), read.last_sequence(), read.compression()), (5, 7, codec));
            assert_eq!((read.base_timestamp(), read.max_timestamp(), read.delete_horizon()), (101, 102, None));
        }
    }

    #[test]
    fn a_batch_that_loses_its_last_record_ends_where_it_did() {
        let (records, read) = read(&batch(Compression::None).retaining(|record| record.offset == 11, None).unwrap());
        assert_eq!((records, read.next_offset(), read.max_timestamp()), (vec![(11, 101)], 13, 101));
    }

    #[test]
    fn a_delete_horizon_changes_no_timestamp_and_stays() {
        let with = batch(Compression::None).retaining(|_| true, Some(5_000)).unwrap();
        let (records, _) = read(&with);
        assert_eq!((records, with.delete_horizon()), (vec![(10, 100), (11, 101), (12, 102)], Some(5_000)));
        let again = with.retaining(|record| record.value.is_none(), None).unwrap();
        assert_eq!((read(&again).0, again.delete_horizon()), (vec![(11, 101)], Some(5_000)));
    }

    #[test]
    fn a_batch_without_records_still_says_whose_it_was() {
        for codec in Compression::ALL {
            let (records, read) = read(&plain(batch(codec)).retaining(|_| false, None).unwrap());
            assert_eq!((records.len(), read.size_bytes(), read.next_offset()), (0, BATCH_HEADER_BYTES, 13));
            assert_eq!((read.producer_id(), read.last_sequence(), read.max_timestamp()), (7, 7, 102));
        }
    }
}
