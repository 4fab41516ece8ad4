//! The log of a partition: the batches of its producers, as they came or in the codec of the topic.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;
use ottla_wire::LeaderEpoch;
use ottla_wire::compression::Limits;
use ottla_wire::record::Batch;

/// No bound: every batch was decompressed within the cluster's before it was appended.
const ACCEPTED: Limits = Limits { bytes_max: usize::MAX, ratio_max: usize::MAX };

/// The batches of a partition, by ascending offset.
#[derive(Debug, Default)]
pub(crate) struct PartitionLog {
    batches: Vec<Stored>,
    start_offset: i64,
    end_offset: i64,
    end_position: u64,
}

/// A batch, and where its bytes stand among all that the log ever had.
#[derive(Debug)]
struct Stored {
    batch: Batch,
    position: u64,
}

/// An offset that ListOffsets answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) leader_epoch: LeaderEpoch,
}

impl PartitionLog {
    /// The first offset that is there.
    pub(crate) fn start_offset(&self) -> i64 {
        self.start_offset
    }

    /// The offset that the next record will have.
    pub(crate) fn end_offset(&self) -> i64 {
        self.end_offset
    }

    /// The bytes of all batches.
    pub(crate) fn size_bytes(&self) -> usize {
        self.batches.iter().map(|stored| stored.batch.size_bytes()).fold(0, usize::saturating_add)
    }

    pub(crate) fn batches(&self) -> impl DoubleEndedIterator<Item = &Batch> {
        self.batches.iter().map(|stored| &stored.batch)
    }

    /// Appends a batch at the end offset, under this epoch of the leader and, where it is given, with the broker's timestamp.
    pub(crate) fn append(&mut self, batch: Batch, leader_epoch: LeaderEpoch, log_append_time: Option<i64>) -> i64 {
        let base_offset = self.end_offset;
        let batch = batch.restamped(base_offset, leader_epoch, log_append_time);
        let position = self.end_position;
        self.end_offset = batch.next_offset();
        self.end_position = position.saturating_add(size(&batch));
        self.batches.push(Stored { batch, position });
        base_offset
    }

    /// The place of the batch that has `offset`, or of the first one after it.
    fn place(&self, offset: i64) -> usize {
        self.batches.partition_point(|stored| stored.batch.last_offset() < offset)
    }

    /// How many bytes there are from the batch with `offset` on.
    pub(crate) fn bytes_from(&self, offset: i64) -> u64 {
        self.batches.get(self.place(offset)).map_or(0, |stored| self.end_position.saturating_sub(stored.position))
    }

    /// The batches from the one with `offset` on, up to `bytes_max` bytes: the last one is cut there, as Kafka cuts it.
    ///
    /// Nothing, where not even the first is whole, unless `first_whole` says that a reader must get on (KIP-74).
    pub(crate) fn read(&self, offset: i64, bytes_max: usize, first_whole: bool) -> Vec<Bytes> {
        let mut pieces = Vec::new();
        let mut room = bytes_max;
        for Stored { batch, .. } in self.batches.get(self.place(offset)..).unwrap_or_default() {
            let bytes = batch.bytes();
            if bytes.len() > room {
                match pieces.is_empty() {
                    true if first_whole => pieces.push(bytes.clone()),
                    true => {}
                    false => pieces.push(bytes.slice(..room)),
                }
                break;
            }
            room = room.saturating_sub(bytes.len());
            pieces.push(bytes.clone());
            if room == 0 {
                break;
            }
        }
        pieces
    }

    /// The epoch of the leader that wrote the batch with `offset`, or the first one after it.
    pub(crate) fn epoch_at(&self, offset: i64) -> Option<LeaderEpoch> {
        self.batches.get(self.place(offset)).map(|stored| stored.batch.leader_epoch())
    }

    /// The first record whose timestamp is `timestamp` or later, inside compressed batches too.
    pub(crate) fn first_at_or_after(&self, timestamp: i64) -> Option<Found> {
        self.batches()
            .filter(|batch| batch.max_timestamp() >= timestamp)
            .find_map(|batch| first_in(batch, |record| record >= timestamp))
    }

    /// The first record with the largest timestamp.
    pub(crate) fn max_timestamp(&self) -> Option<Found> {
        let largest = self.batches().map(Batch::max_timestamp).max()?;
        self.batches()
            .find(|batch| batch.max_timestamp() == largest)
            .and_then(|batch| first_in(batch, |record| record == largest))
    }
}

/// The first record of a batch whose timestamp is wanted.
fn first_in(batch: &Batch, wanted: impl Fn(i64) -> bool) -> Option<Found> {
    let leader_epoch = batch.leader_epoch();
    let batch = batch.clone().decompress(&ACCEPTED).ok()?;
    let record = batch.records().ok()?.filter_map(Result::ok).find(|record| wanted(record.timestamp))?;
    Some(Found { offset: record.offset, timestamp: record.timestamp, leader_epoch })
}

fn size(batch: &Batch) -> u64 {
    u64::try_from(batch.size_bytes()).unwrap_or(u64::MAX)
}
