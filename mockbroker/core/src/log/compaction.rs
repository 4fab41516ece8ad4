//! Compaction: of the records with one key the last one is kept. Offsets and timestamps stay, and so does the last batch of each producer,
//! empty if need be, for it has the sequence number that comes next.
//!
//! The active segment and those that are too young stay as they are. A record without a value takes its key away: it stays for
//! `delete.retention.ms` from the first compaction that meets it (KIP-534), so that readers learn of it. Kafka's cleaner has a bound on the
//! keys of one run, and compacts the dirtiest log first; here each run takes all, and all logs that are due.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, HashMap};

use ottla_wire::record::{Batch, Record};

use super::segment::Segment;
use super::{ACCEPTED, PartitionLog};

/// When a log is compacted, and what of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Compaction {
    /// `min.cleanable.dirty.ratio`.
    pub(crate) dirty_ratio_min: f64,
    /// `min.compaction.lag.ms`.
    pub(crate) lag_min_ms: i64,
    /// `max.compaction.lag.ms`.
    pub(crate) lag_max_ms: i64,
    /// `delete.retention.ms`.
    pub(crate) delete_retention_ms: i64,
    /// `segment.bytes`: segments are put together up to it.
    pub(crate) segment_bytes: usize,
}

/// Whether a log is compacted that is not dirty enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    Always,
    WhenDirty,
}

/// One run over the segments of a log.
struct Run<'a> {
    /// The last offset of each key.
    latest: HashMap<Vec<u8>, i64>,
    /// The offset at which the run ends.
    end: i64,
    /// The last offset that each producer wrote.
    last_of_producers: &'a BTreeMap<i64, i64>,
    delete_retention_ms: i64,
    now: i64,
}

impl PartitionLog {
    /// Compacts the log, if it is due.
    pub(crate) fn compact(&mut self, how: &Compaction, due: Due, last_of_producers: &BTreeMap<i64, i64>, now: i64) {
        let first_dirty = self.compacted_to.max(self.start_offset);
        let young = |segment: &&Segment| {
            segment.next_base(self) > first_dirty && segment.largest_timestamp() > now.saturating_sub(how.lag_min_ms)
        };
        let end = self.closed.iter().find(|segment| how.lag_min_ms > 0 && young(segment));
        let end = end.map_or(self.active.base_offset, |young| young.base_offset);
        if due == Due::WhenDirty && !self.is_dirty(first_dirty, end, how, now) {
            return;
        }
        let latest = self.latest_offsets(first_dirty, end);
        let run = Run { latest, end, last_of_producers, delete_retention_ms: how.delete_retention_ms, now };
        self.rewrite(&run, how.segment_bytes);
        self.compacted_to = end.max(first_dirty);
    }

    /// Whether enough of it was not compacted yet, or some of that is too old.
    fn is_dirty(&self, first_dirty: i64, end: i64, how: &Compaction, now: i64) -> bool {
        let size = |segments: &mut dyn Iterator<Item = &Segment>| {
            segments.map(Segment::size_bytes).fold(0, usize::saturating_add)
        };
        let is_clean = |segment: &&Segment| segment.next_base(self) <= first_dirty;
        let is_due = |segment: &&Segment| segment.base_offset < end && !is_clean(segment);
        let clean = size(&mut self.closed.iter().filter(is_clean));
        let dirty = size(&mut self.closed.iter().filter(is_due));
        let first =
            self.closed.iter().filter(is_due).filter_map(Segment::first_timestamp).filter(|first| *first > 0).min();
        let is_late = first.is_some_and(|first| first < now.saturating_sub(how.lag_max_ms.max(0)));
        dirty > 0 && (is_late || ratio(dirty, clean.saturating_add(dirty)) > how.dirty_ratio_min)
    }

    /// The last offset of each key within these offsets.
    fn latest_offsets(&self, from: i64, end: i64) -> HashMap<Vec<u8>, i64> {
        let mut latest = HashMap::new();
        let segments = self.closed.iter().filter(|segment| segment.base_offset < end);
        for batch in
            segments.flat_map(Segment::batches).filter(|batch| batch.last_offset() >= from && !batch.is_control())
        {
            let Ok(batch) = batch.clone().decompress(&ACCEPTED) else { continue };
            for record in batch.records().into_iter().flatten().filter_map(Result::ok) {
                if let Some(key) = record.key.filter(|_| record.offset >= from) {
                    latest.insert(key.to_vec(), record.offset);
                }
            }
        }
        latest
    }

    /// Writes the closed segments before the end of the run anew, those that fit into one as one.
    fn rewrite(&mut self, run: &Run<'_>, segment_bytes: usize) {
        let after = self.closed.partition_point(|segment| segment.base_offset < run.end);
        let young = self.closed.split_off(after);
        let mut group_bytes = 0_usize;
        for segment in std::mem::take(&mut self.closed) {
            group_bytes = group_bytes.saturating_add(segment.size_bytes());
            let compacted = segment.with_batches(segment.batches().filter_map(|batch| run.kept(batch)).collect());
            match self.closed.back_mut().filter(|_| group_bytes <= segment_bytes) {
                Some(last) => last.absorb(compacted),
                None => {
                    group_bytes = segment.size_bytes();
                    self.closed.push_back(compacted);
                }
            }
        }
        self.closed.extend(young);
        self.hide_start();
    }
}

impl Segment {
    /// Where the segment after it begins, in this log whose closed segment it is.
    fn next_base(&self, log: &PartitionLog) -> i64 {
        let after = log.closed.partition_point(|segment| segment.base_offset <= self.base_offset);
        log.closed.get(after).unwrap_or(&log.active).base_offset
    }
}

impl Run<'_> {
    /// What is kept of a batch.
    fn kept(&self, batch: &Batch) -> Option<Batch> {
        if batch.is_control() {
            return Some(batch.clone());
        }
        let plain = batch.clone().decompress(&ACCEPTED);
        // What cannot be read was not accepted, and stays.
        let Ok(plain) = plain else { return Some(batch.clone()) };
        let keeps = |record: &Record<'_>| self.keeps(batch, record);
        let (mut kept, mut has_tombstone) = (0, false);
        for record in plain.records().into_iter().flatten().filter_map(Result::ok).filter(keeps) {
            kept = i32::saturating_add(kept, 1);
            has_tombstone |= record.value.is_none();
        }
        let horizon = Some(self.now.saturating_add(self.delete_retention_ms));
        let horizon = horizon.filter(|_| has_tombstone && batch.delete_horizon().is_none());
        match kept {
            0 if !self.is_kept_empty(batch) => None,
            _ if kept == batch.record_count() && horizon.is_none() => Some(batch.clone()),
            _ => Some(plain.retaining(keeps, horizon).unwrap_or_else(|_| batch.clone())),
        }
    }

    fn keeps(&self, batch: &Batch, record: &Record<'_>) -> bool {
        if record.offset >= self.end {
            return true;
        }
        let Some(key) = record.key else { return false };
        let is_latest = self.latest.get(key).is_none_or(|latest| record.offset >= *latest);
        is_latest && (record.value.is_some() || batch.delete_horizon().is_none_or(|horizon| self.now < horizon))
    }

    /// Whether the batch has the last sequence number of its producer, or the end of what was compacted.
    fn is_kept_empty(&self, batch: &Batch) -> bool {
        self.last_of_producers.get(&batch.producer_id()) == Some(&batch.last_offset())
            || batch.next_offset() == self.end
    }
}

#[allow(clippy::cast_precision_loss)]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
