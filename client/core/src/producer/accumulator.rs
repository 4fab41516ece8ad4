//! Where the records of one partition gather until they are sent.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use ottla_wire::record::{AppendError, BatchWriter, Header, NewRecord, ProducerStamp};

use super::split::Part;

/// The memory that a batch starts with; it grows with its records.
const BATCH_CAPACITY_BYTES: usize = 1024;

/// The batches of one partition that are not in a request yet: any number that are closed, then at most one that is open.
///
/// `D` is whatever its owner needs to tell the records of one batch how it ended.
#[derive(Debug)]
pub struct Partition<D> {
    closed: VecDeque<Open<D>>,
    closed_bytes: usize,
    open: Option<Open<D>>,
}

#[derive(Debug)]
struct Open<D> {
    writer: BatchWriter,
    opened_at: Instant,
    deliveries: D,
}

/// A batch that takes no more records; as it will be sent, where its records are bytes.
#[derive(Clone, Debug)]
pub struct Batch<D, R = Bytes> {
    /// The whole record batch, header included.
    pub records: R,
    /// Which of the records it has that its owner knows it by.
    pub part: Part,
    /// When its first record came; its deadline counts from here.
    pub opened_at: Instant,
    /// What its owner needs to tell its records.
    pub deliveries: D,
}

/// Where a record was appended.
#[derive(Debug)]
pub struct Appended<D> {
    /// The record's place in its batch.
    pub index: u32,
    /// What was given for the batch.
    pub deliveries: D,
    /// Whether the record opened the batch; any older one of the partition is closed then.
    pub opened: bool,
}

/// The oldest batch that waits in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When its first record came.
    pub opened_at: Instant,
    /// Whether it takes no more records.
    pub is_closed: bool,
}

impl<D> Default for Partition<D> {
    fn default() -> Self {
        Self { closed: VecDeque::new(), closed_bytes: 0, open: None }
    }
}

impl<D: Clone> Partition<D> {
    /// Closes the open batch where it has no room for a record of at most `size_bytes`, and says whether it did.
    pub fn make_room(&mut self, size_bytes: usize, batch_bytes_max: usize) -> bool {
        let is_full = |open: &Open<D>| open.writer.size_bytes().saturating_add(size_bytes) > batch_bytes_max;
        if self.open.as_ref().is_some_and(is_full) { self.close() } else { false }
    }

    /// Appends a record to the open batch; opens one with `deliveries` where there is none, or where the record has no place in it, in the memory of
    /// `writer` if there is one.
    ///
    /// The caller has held the size of the record against its bound, and called [`Partition::make_room`].
    ///
    /// # Errors
    /// When the record has no place even in a batch of its own. Nothing is appended.
    pub fn append<'r, H>(
        &mut self,
        now: Instant,
        record: &NewRecord<'r, H>,
        writer: impl FnOnce() -> Option<BatchWriter>,
        deliveries: impl FnOnce() -> D,
    ) -> Result<Appended<D>, AppendError>
    where
        H: Iterator<Item = Header<'r>> + ExactSizeIterator + Clone,
    {
        if let Some(open) = &mut self.open
            && let Ok(index) = open.writer.append(record)
        {
            return Ok(Appended { index, deliveries: open.deliveries.clone(), opened: false });
        }
        let mut writer = writer().unwrap_or_else(|| BatchWriter::new(BATCH_CAPACITY_BYTES));
        writer.clear();
        let index = writer.append(record)?;
        self.close();
        let deliveries = deliveries();
        self.open = Some(Open { writer, opened_at: now, deliveries: deliveries.clone() });
        Ok(Appended { index, deliveries, opened: true })
    }

    /// Takes the oldest batch out, closing it first where it is open.
    pub fn take(&mut self) -> Option<Batch<D, BatchWriter>> {
        if self.closed.is_empty() {
            self.close();
        }
        let Open { writer, opened_at, deliveries } = self.closed.pop_front()?;
        self.closed_bytes -= writer.size_bytes();
        Some(Batch { part: Part::whole(writer.record_count()), records: writer, opened_at, deliveries })
    }

    /// How many bytes the batches have that wait here.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.closed_bytes + self.open.as_ref().map_or(0, |open| open.writer.size_bytes())
    }

    /// The oldest batch that waits here.
    #[must_use]
    pub fn waiting(&self) -> Option<Waiting> {
        let closed = self.closed.front().map(|batch| Waiting { opened_at: batch.opened_at, is_closed: true });
        closed.or_else(|| self.open.as_ref().map(|open| Waiting { opened_at: open.opened_at, is_closed: false }))
    }

    fn close(&mut self) -> bool {
        let Some(open) = self.open.take() else { return false };
        self.closed_bytes += open.writer.size_bytes();
        self.closed.push_back(open);
        true
    }
}

impl<D, R> Batch<D, R> {
    /// How many records it has.
    pub(super) const fn record_count(&self) -> u32 {
        self.part.record_count()
    }

    /// The same batch with other records, and those that it had.
    pub(super) fn with<S>(self, records: S) -> (Batch<D, S>, R) {
        let Self { records: before, part, opened_at, deliveries } = self;
        (Batch { records, part, opened_at, deliveries }, before)
    }
}

impl<D> Batch<D, BatchWriter> {
    /// As this producer sends it uncompressed.
    pub(super) fn finish(self, producer: ProducerStamp) -> Batch<D> {
        let (batch, writer) = self.with(());
        batch.with(writer.finish(producer)).0
    }
}
