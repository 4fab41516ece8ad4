//! What the application is handed.

use ottla_wire::record::{self, Record, RecordError};

use super::TopicPartition;

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
        // Compressed batches are not handed out, so that there always are records to flatten.
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

    /// Whether there is anything to hand out: compaction may have taken all of it away, or all that is not before the position.
    pub(super) fn is_empty(&self) -> bool {
        self.batch.record_count() == 0
            || (self.first_offset > self.batch.base_offset() && self.records().next().is_none())
    }
}
