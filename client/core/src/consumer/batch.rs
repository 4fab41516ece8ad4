//! What the application is handed.

use ottla_wire::compression::{Decompressor, Limits};
use ottla_wire::record::{self, Compression, Record, RecordError};

use super::partition::Generation;
use super::{StopReason, Stopped, TopicPartition};

/// What is handed out next, as the broker sent it: its records may be in their codec still.
#[derive(Debug)]
pub struct Packed {
    pub(super) generation: Generation,
    pub(super) batch: Batch,
}

/// A batch whose records cannot be decompressed; the consumer is to be told of it ([`super::Consumer::handle_unreadable`]).
#[derive(Debug)]
pub struct Unreadable {
    pub(super) generation: Generation,
    /// The offset that was to be read.
    pub(super) position: i64,
    pub(super) stopped: Stopped,
}

impl Packed {
    /// Decompresses the records; this may take milliseconds of a processor, and needs nothing of the consumer. `None` where nothing is in it that
    /// was to be read: compaction may have taken it away.
    ///
    /// # Errors
    /// When the records cannot be decompressed within the `limits`.
    pub fn unpack(self, decompressor: &mut Decompressor, limits: &Limits) -> Result<Option<Batch>, Box<Unreadable>> {
        let Self { generation, batch: Batch { at, first_offset, batch } } = self;
        let (codec, next_offset) = (batch.compression(), batch.next_offset());
        match batch.decompress_with(decompressor, limits) {
            Ok(batch) => Ok(Some(Batch { at, first_offset, batch }).filter(|batch| !batch.is_empty())),
            Err(source) => {
                let reason = StopReason::Decompression { codec, offset: first_offset, next_offset, source };
                Err(Box::new(Unreadable { generation, position: first_offset, stopped: Stopped { at, reason } }))
            }
        }
    }
}

/// Records of one partition that follow one another; the same that a producer sent as one batch, less those before the position.
///
/// It keeps the whole answer that it came in in memory: keep a copy of a record for long, not the batch.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The partition.
    pub at: TopicPartition,
    /// The offset that was to be read: records of the batch that are before it are not handed out.
    pub(super) first_offset: i64,
    pub(super) batch: record::Batch,
}

impl Batch {
    /// The records, in order of their offsets, borrowed and decoded one by one; an error ends them.
    pub fn records(&self) -> impl Iterator<Item = Result<Record<'_>, RecordError>> {
        let first = self.first_offset;
        // They were decompressed before the batch was handed out, so that there always are records to flatten.
        let records = self.batch.records().into_iter().flatten();
        records.filter(move |record| record.as_ref().map_or(true, |record| record.offset >= first))
    }

    /// The offset to read on from after this batch.
    #[must_use]
    pub const fn next_offset(&self) -> i64 {
        self.batch.next_offset()
    }

    /// The batch as the broker has it.
    #[must_use]
    pub const fn raw(&self) -> &record::Batch {
        &self.batch
    }

    /// Whether there is anything to hand out, as far as can be known: what is compressed may turn out to have nothing that is not before the position.
    pub(super) fn may_have_records(&self) -> bool {
        self.batch.record_count() > 0 && (self.batch.compression() != Compression::None || !self.is_empty())
    }

    /// Whether there is nothing to hand out: compaction may have taken all of it away, or all that is not before the position.
    fn is_empty(&self) -> bool {
        self.batch.record_count() == 0
            || (self.first_offset > self.batch.base_offset() && self.records().next().is_none())
    }
}
