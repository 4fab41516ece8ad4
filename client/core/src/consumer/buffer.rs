//! What was fetched of a partition and waits to be handed out.

use std::collections::VecDeque;

use bytes::Bytes;
use ottla_wire::record::{self, BatchError};

use super::memory::{AnswerId, Memory};
use super::{Batch, StopReason, TopicPartition};

/// Whole batches, as they came, in the order of their offsets.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    chunks: VecDeque<Chunk>,
    size_bytes: usize,
}

/// What one answer had of the partition, less what was handed out of it.
#[derive(Debug)]
struct Chunk {
    bytes: Bytes,
    answer: AnswerId,
}

impl Buffer {
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    pub(super) const fn size_bytes(&self) -> usize {
        self.size_bytes
    }

    /// Appends whole batches; the answer was told of them.
    pub(super) fn push(&mut self, bytes: Bytes, answer: AnswerId) {
        self.size_bytes += bytes.len();
        self.chunks.push_back(Chunk { bytes, answer });
    }

    /// Takes out the next batch that has something at `position` or after it, and moves the position behind it; control batches, and those that compaction
    /// emptied, are passed over.
    ///
    /// # Errors
    /// When what stands at the position is no batch. It stays where it is.
    pub(super) fn take(
        &mut self,
        at: &TopicPartition,
        position: &mut i64,
        memory: &mut Memory,
    ) -> Result<Option<Batch>, StopReason> {
        while let Some(chunk) = self.chunks.front_mut() {
            let mut rest = chunk.bytes.clone();
            let Some(batch) = record::next_batch(&mut rest).map_err(|source| unreadable(source, *position))? else {
                memory.release(chunk.answer);
                self.chunks.pop_front();
                continue;
            };
            let batch = Batch { at: at.clone(), first_offset: *position, batch };
            let is_wanted = batch.next_offset() > *position && !batch.raw().is_control() && batch.may_have_records();
            self.size_bytes -= chunk.bytes.len() - rest.len();
            chunk.bytes = rest;
            if chunk.bytes.is_empty() {
                memory.release(chunk.answer);
                self.chunks.pop_front();
            }
            *position = batch.next_offset().max(*position);
            if is_wanted {
                return Ok(Some(batch));
            }
        }
        Ok(None)
    }

    /// Drops all of it.
    pub(super) fn clear(&mut self, memory: &mut Memory) {
        for chunk in self.chunks.drain(..) {
            memory.release(chunk.answer);
        }
        self.size_bytes = 0;
    }
}

/// What stops a partition whose bytes at `offset` are no batch.
pub(super) fn unreadable(source: BatchError, offset: i64) -> StopReason {
    StopReason::Corrupt { offset, source }
}
