//! What a consumer hands out.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ottla_core::consumer;
use ottla_wire::LeaderEpoch;
use ottla_wire::record::{Compression, Headers, Record, RecordError, TimestampType};

use super::TopicPartition;

/// Records of one partition that follow one another, without a copy of what the broker sent, unless it was compressed: a batch as its producer made it, less
/// what lies before the position.
///
/// It keeps the whole answer that it came in in memory, so who keeps records for long keeps them as [`OwnedRecord`]s.
#[derive(Clone, Debug)]
pub struct Batch(consumer::Batch);

impl Batch {
    pub(crate) const fn new(batch: consumer::Batch) -> Self {
        Self(batch)
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.0.at.topic
    }

    /// The partition.
    #[must_use]
    pub const fn partition(&self) -> i32 {
        self.0.at.partition
    }

    /// The topic and the partition.
    #[must_use]
    pub const fn topic_partition(&self) -> &TopicPartition {
        &self.0.at
    }

    /// The records, at least one, in order of their offsets; borrowed, and decoded one by one.
    ///
    /// An error is the last item: the batch came as it was written, for its checksum is right, and is still none that can be read on.
    pub fn records(&self) -> impl Iterator<Item = Result<ConsumerRecord<'_>, RecordError>> {
        let at = &self.0.at;
        self.0.records().map(move |record| Ok(ConsumerRecord { at, record: record? }))
    }

    /// The offset to read on from after this batch; it may lie behind the last record's by more than one.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        self.0.next_offset()
    }

    /// The bytes that the batch took on the wire.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        self.0.raw().size_bytes()
    }

    /// The codec that the records were compressed with.
    #[must_use]
    pub const fn compression(&self) -> Compression {
        self.0.raw().compression()
    }

    /// Who gave the records their timestamps.
    #[must_use]
    pub const fn timestamp_type(&self) -> TimestampType {
        self.0.raw().timestamp_type()
    }

    /// The epoch of the leader that appended the batch.
    #[must_use]
    pub const fn leader_epoch(&self) -> LeaderEpoch {
        self.0.raw().leader_epoch()
    }
}

/// A record, borrowed from its batch.
#[derive(Clone, Copy, Debug)]
pub struct ConsumerRecord<'a> {
    at: &'a TopicPartition,
    record: Record<'a>,
}

impl<'a> ConsumerRecord<'a> {
    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &'a str {
        &self.at.topic
    }

    /// The partition.
    #[must_use]
    pub const fn partition(&self) -> i32 {
        self.at.partition
    }

    /// The offset in the partition.
    #[must_use]
    pub const fn offset(&self) -> i64 {
        self.record.offset
    }

    /// The timestamp in milliseconds since 1970; [`Batch::timestamp_type`] says who gave it.
    #[must_use]
    pub const fn timestamp(&self) -> i64 {
        self.record.timestamp
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> Option<&'a [u8]> {
        self.record.key
    }

    /// The value; in a compacted topic, a record without one takes its key away.
    #[must_use]
    pub const fn value(&self) -> Option<&'a [u8]> {
        self.record.value
    }

    /// The headers, in order; a key may stand more than once.
    #[must_use]
    pub const fn headers(&self) -> Headers<'a> {
        self.record.headers()
    }

    /// A copy that keeps nothing of the batch; its bytes are copied into one allocation.
    #[must_use]
    pub fn into_owned(self) -> OwnedRecord {
        let [key, value] = [self.key(), self.value()];
        let of_headers = self.headers().map(|header| header.key.len() + header.value.map_or(0, <[u8]>::len));
        let size = key.map_or(0, <[u8]>::len) + value.map_or(0, <[u8]>::len) + of_headers.sum::<usize>();
        let mut all = BytesMut::with_capacity(size);
        let mut copy = |bytes: &[u8]| {
            all.extend_from_slice(bytes);
            all.split().freeze()
        };
        OwnedRecord {
            at: self.at.clone(),
            offset: self.offset(),
            timestamp: self.timestamp(),
            key: key.map(&mut copy),
            value: value.map(&mut copy),
            headers: self.headers().map(|header| (copy(header.key), header.value.map(&mut copy))).collect(),
        }
    }
}

/// A record that belongs to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedRecord {
    /// The topic and the partition.
    pub at: TopicPartition,
    /// The offset in the partition.
    pub offset: i64,
    /// The timestamp in milliseconds since 1970.
    pub timestamp: i64,
    /// The key.
    pub key: Option<Bytes>,
    /// The value.
    pub value: Option<Bytes>,
    /// The headers, in order.
    pub headers: Vec<(Bytes, Option<Bytes>)>,
}

impl OwnedRecord {
    /// The topic; sharing it costs no copy.
    #[must_use]
    pub const fn topic(&self) -> &Arc<str> {
        &self.at.topic
    }
}
