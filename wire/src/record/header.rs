//! The fields of a batch before its records.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::{Buf, BufMut};

use super::attributes::{Attributes, Compression};
use super::batch::BatchError;
use super::{BATCH_HEADER_BYTES, MAGIC, RECORD_BYTES_MIN, checksum, position, stamp};
use crate::id::LeaderEpoch;

/// The fields before the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BatchHeader {
    pub(super) magic: i8,
    /// How many bytes stand before the records, which go on to the end of the batch.
    pub(super) size_bytes: usize,
    pub(super) base_offset: i64,
    pub(super) leader_epoch: LeaderEpoch,
    pub(super) attributes: Attributes,
    pub(super) last_offset_delta: i32,
    pub(super) base_timestamp: i64,
    pub(super) max_timestamp: i64,
    pub(super) producer_id: i64,
    pub(super) producer_epoch: i16,
    pub(super) base_sequence: i32,
    pub(super) record_count: i32,
}

impl BatchHeader {
    pub(super) fn decode(batch: &[u8]) -> Result<Self, BatchError> {
        let Some((mut fields, records)) = batch.split_at_checked(BATCH_HEADER_BYTES) else {
            return Err(BatchError::Cut { needed: BATCH_HEADER_BYTES });
        };
        let base_offset = fields.get_i64();
        fields.advance(position::LENGTH.len());
        let leader_epoch = LeaderEpoch(fields.get_i32());
        fields.advance(size_of_val(&MAGIC));
        let [stored, computed] = [fields.get_u32(), checksum(batch)];
        if stored != computed {
            return Err(BatchError::Crc { stored, computed });
        }
        Self {
            magic: MAGIC,
            size_bytes: BATCH_HEADER_BYTES,
            base_offset,
            leader_epoch,
            attributes: Attributes::from_bits(fields.get_i16())?,
            last_offset_delta: fields.get_i32(),
            base_timestamp: fields.get_i64(),
            max_timestamp: fields.get_i64(),
            producer_id: fields.get_i64(),
            producer_epoch: fields.get_i16(),
            base_sequence: fields.get_i32(),
            record_count: fields.get_i32(),
        }
        .checked(records)
    }

    /// Writes the header over the front of `batch`, with the length and the checksum of what follows it.
    pub(super) fn encode(&self, batch: &mut [u8]) {
        let length = i32::try_from(batch.len().saturating_sub(position::LENGTH.end)).unwrap_or(i32::MAX);
        let Some(mut fields) = batch.get_mut(..BATCH_HEADER_BYTES) else { return };
        fields.put_i64(self.base_offset);
        fields.put_i32(length);
        fields.put_i32(self.leader_epoch.0);
        fields.put_i8(MAGIC);
        fields.put_u32(0);
        fields.put_i16(self.attributes.bits());
        fields.put_i32(self.last_offset_delta);
        fields.put_i64(self.base_timestamp);
        fields.put_i64(self.max_timestamp);
        fields.put_i64(self.producer_id);
        fields.put_i16(self.producer_epoch);
        fields.put_i32(self.base_sequence);
        fields.put_i32(self.record_count);
        stamp::set_checksum(batch);
    }

    fn checked(self, records: &[u8]) -> Result<Self, BatchError> {
        let Self { base_offset, last_offset_delta, record_count, .. } = self;
        if last_offset_delta < 0 {
            return Err(BatchError::NegativeLastOffsetDelta(last_offset_delta));
        }
        // Both an offset and the one after it must be sayable, or a reader would stay at the last offset for ever.
        if base_offset.checked_add(i64::from(last_offset_delta)).is_none_or(|last| last == i64::MAX) {
            return Err(BatchError::OffsetOverflow { base_offset, last_offset_delta });
        }
        let claimed = u32::try_from(record_count).map_err(|_| BatchError::NegativeRecordCount(record_count))?;
        if self.attributes.compression == Compression::None && !can_stand(claimed, records) {
            return Err(BatchError::RecordCount { claimed, available: records.len() });
        }
        Ok(self)
    }
}

/// Whether so many records have room in these bytes.
pub(super) fn can_stand(claimed: u32, records: &[u8]) -> bool {
    (claimed as usize).saturating_mul(RECORD_BYTES_MIN) <= records.len()
}
