//! The batches of one partition that were sent and have not ended for certain.

#[cfg(feature = "planted-bugs")]
pub(super) mod planted;

use std::collections::VecDeque;
use std::mem;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use ottla_wire::BrokerId;
use ottla_wire::record::{NO_SEQUENCE, ProducerStamp, stamp};

use super::IN_FLIGHT_PER_PARTITION_MAX;
use super::accumulator::Batch;
use super::compress::JobId;
use super::sequence::Sequence;
use super::split::Split;

/// Another for each time that a batch is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AttemptId(u64);

impl AttemptId {
    /// This one, and from now on the next.
    pub(super) const fn take(&mut self) -> Self {
        let Self(id) = *self;
        *self = Self(id + 1);
        Self(id)
    }
}

/// The batches that were sent, in the order of their records.
#[derive(Debug)]
pub(super) struct Flight<D> {
    attempts: VecDeque<Attempt<D>>,
    gap: Option<Gap>,
    /// Whether a batch of this epoch has ended that may still come to the log.
    is_doubtful: bool,
}

/// A batch that was sent.
#[derive(Debug)]
struct Attempt<D> {
    id: AttemptId,
    stage: Stage<D>,
    /// [`NO_SEQUENCE`] where batches have no numbers.
    base_sequence: i32,
    /// Whom it was sent to last.
    broker: BrokerId,
    /// How many tries have failed.
    failures: u32,
    /// Whether a try has ended so that it may be in the log.
    may_be_written: bool,
    /// How many batches behind it have ended that are in the log, or may be. With as many as a leader remembers, it would not know this one again.
    overtaken: usize,
}

#[derive(Debug)]
enum Stage<D> {
    /// It is in a request that has not ended.
    Sent(Batch<D>),
    /// The same, and its records have ended by their deadline.
    Abandoned,
    /// It goes out again, not before `at`.
    Again { batch: Batch<D>, at: Instant },
    /// It is to be split, or a job does. Nothing behind it is sent, for it has the next numbers.
    TooLarge { batch: Batch<D>, job: Option<JobId> },
}

/// Numbers that no leader will ever have; the batches behind them wait until they are numbered anew.
#[derive(Clone, Copy, Debug)]
struct Gap {
    /// How many attempts are before it.
    older: usize,
    /// The first of the numbers.
    sequence: i32,
    /// Whether the leader counts otherwise, so that the numbers are not given out again in the same epoch.
    is_tainted: bool,
}

/// What may be sent next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing, until something ends.
    Nothing,
    /// A batch that was sent before, at this time.
    Again(Instant),
    /// A batch that was not.
    New,
}

/// What became of a batch that is sent no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in the log.
    Written,
    /// It is not in the log for what its last try says; what those before it say holds too.
    Refused,
    /// It may be in the log.
    Unknown,
}

/// The producer id has no further epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

/// The end of a batch that was sent.
#[derive(Debug)]
pub(super) struct Over<D> {
    /// None where its records had ended before.
    pub(super) batch: Option<Batch<D>>,
    /// Whether it may be in the log.
    pub(super) may_be_written: bool,
}

impl<D> Attempt<D> {
    const fn new(id: AttemptId, stage: Stage<D>, base_sequence: i32, broker: BrokerId) -> Self {
        Self { id, stage, base_sequence, broker, failures: 0, may_be_written: false, overtaken: 0 }
    }

    const fn batch(&self) -> Option<&Batch<D>> {
        match &self.stage {
            Stage::Sent(batch) | Stage::Again { batch, .. } | Stage::TooLarge { batch, .. } => Some(batch),
            Stage::Abandoned => None,
        }
    }

    const fn again_at(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Again { at, .. } => Some(*at),
            Stage::Sent(_) | Stage::Abandoned | Stage::TooLarge { .. } => None,
        }
    }

    const fn is_too_large(&self) -> bool {
        matches!(self.stage, Stage::TooLarge { .. })
    }
}

impl<D> Default for Flight<D> {
    fn default() -> Self {
        Self { attempts: VecDeque::new(), gap: None, is_doubtful: false }
    }
}

impl<D> Flight<D> {
    /// Whether there is none, and the next has its number.
    pub(super) fn is_empty(&self) -> bool {
        self.attempts.is_empty() && self.gap.is_none()
    }

    /// What may be sent next, where `slots` batches may be in requests.
    pub(super) fn turn(&self, slots: usize) -> Turn {
        if self.in_requests().count() >= slots {
            return Turn::Nothing;
        }
        let unsplit = self.attempts.iter().position(Attempt::is_too_large);
        let sendable = self.gap.map(|gap| gap.older).into_iter().chain(unsplit).min();
        let known = self.known_max();
        match self.attempts.iter().take(sendable.unwrap_or(usize::MAX).min(known)).find_map(Attempt::again_at) {
            Some(at) => Turn::Again(at),
            None if sendable.is_some() || self.attempts.len() >= slots.min(known) => Turn::Nothing,
            None => Turn::New,
        }
    }

    /// How many may be on their way, the oldest included, for the leader to know that one again whatever it has taken of the others.
    fn known_max(&self) -> usize {
        let overtaken = self.attempts.front().map_or(0, |oldest| oldest.overtaken);
        IN_FLIGHT_PER_PARTITION_MAX.saturating_sub(overtaken).max(1)
    }

    /// Who has the batches that are in requests. The next must go there too: another leader, which has none of them yet, could take it before them.
    pub(super) fn sent_to(&self) -> Option<BrokerId> {
        self.in_requests().next().map(|attempt| attempt.broker)
    }

    /// A new batch is in a request to `broker`.
    pub(super) fn begin(&mut self, id: AttemptId, batch: Batch<D>, base_sequence: i32, broker: BrokerId) {
        let stage = Stage::Sent(batch);
        self.attempts.push_back(Attempt::new(id, stage, base_sequence, broker));
    }

    /// The batch of [`Turn::Again`] is in a request to `broker`, under this id.
    pub(super) fn begin_again(&mut self, id: AttemptId, broker: BrokerId) -> Option<()> {
        let attempt = self.attempts.iter_mut().find(|attempt| attempt.again_at().is_some())?;
        let Stage::Again { batch, .. } = mem::replace(&mut attempt.stage, Stage::Abandoned) else { return None };
        (attempt.id, attempt.broker, attempt.stage) = (id, broker, Stage::Sent(batch));
        Some(())
    }

    /// A batch that is in a request.
    pub(super) fn batch(&self, id: AttemptId) -> Option<&Batch<D>> {
        self.attempts.iter().find(|attempt| attempt.id == id)?.batch()
    }

    /// The size of the batch of [`Turn::Again`].
    pub(super) fn again_bytes(&self) -> Option<usize> {
        let again = self.attempts.iter().find(|attempt| attempt.again_at().is_some())?;
        again.batch().map(|batch| batch.records.len())
    }

    /// When the oldest batch was opened whose records have not ended.
    pub(super) fn opened_at(&self) -> Option<Instant> {
        self.attempts.iter().find_map(Attempt::batch).map(|batch| batch.opened_at)
    }

    /// Ends the records of the oldest batch whose have not ended.
    pub(super) fn give_up(&mut self) -> Option<Over<D>> {
        let index = self.attempts.iter().position(|attempt| attempt.batch().is_some())?;
        let attempt = self.attempts.get_mut(index)?;
        match mem::replace(&mut attempt.stage, Stage::Abandoned) {
            Stage::Sent(batch) => Some(Over { batch: Some(batch), may_be_written: true }),
            Stage::Abandoned => None,
            unsent @ (Stage::Again { .. } | Stage::TooLarge { .. }) => {
                attempt.stage = unsent;
                self.end_at(index, Fate::Refused)
            }
        }
    }

    /// A try has failed, after which the batch may be in the log or not; says how many have.
    pub(super) fn failed(&mut self, id: AttemptId, may_be_written: bool) -> u32 {
        let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) else { return 0 };
        attempt.may_be_written |= may_be_written;
        attempt.failures = attempt.failures.saturating_add(1);
        attempt.failures
    }

    /// The batch goes out again, unless its records have ended.
    pub(super) fn again(&mut self, id: AttemptId, at: Instant) {
        let Some(index) = self.position(id) else { return };
        let Some(attempt) = self.attempts.get_mut(index) else { return };
        match mem::replace(&mut attempt.stage, Stage::Abandoned) {
            Stage::Sent(batch) | Stage::Again { batch, .. } | Stage::TooLarge { batch, .. } => {
                attempt.stage = Stage::Again { batch, at };
            }
            Stage::Abandoned => drop(self.end_at(index, Fate::Refused)),
        }
    }

    /// The leader has not taken the batch, for it expects another number. That is no wonder behind a batch that has not ended, or a gap; otherwise the
    /// leader counts from elsewhere.
    pub(super) fn misnumbered(&mut self, id: AttemptId) {
        let Some(index) = self.position(id) else { return };
        let Some(attempt) = self.attempts.get_mut(index) else { return };
        attempt.may_be_written = false;
        let base_sequence = attempt.base_sequence;
        if index == 0 && self.gap.is_none() {
            self.open_gap(0, base_sequence, true);
        }
    }

    /// The leader has refused the batch for its size; says whether it is split. One whose records have ended is not, nor one that may be in the log after
    /// all, for its parts would be other batches to the leader.
    pub(super) fn too_large(&mut self, id: AttemptId) -> bool {
        let Some(attempt) = self.attempts.iter_mut().find(|attempt| attempt.id == id) else { return false };
        let is_split = !attempt.may_be_written && attempt.batch().is_some_and(|batch| batch.record_count() > 1);
        if is_split && let Stage::Sent(batch) = mem::replace(&mut attempt.stage, Stage::Abandoned) {
            attempt.stage = Stage::TooLarge { batch, job: None };
        }
        is_split
    }

    /// A job splits the batch; says what it has.
    pub(super) fn begin_split(&mut self, id: AttemptId, by: JobId) -> Option<Bytes> {
        let attempt = self.attempts.iter_mut().find(|attempt| attempt.id == id)?;
        let Stage::TooLarge { batch, job } = &mut attempt.stage else { return None };
        *job = Some(by);
        Some(batch.records.clone())
    }

    /// The batch that this job splits.
    pub(super) fn split_by(&self, by: JobId) -> Option<AttemptId> {
        let is_it = |stage: &Stage<D>| matches!(stage, Stage::TooLarge { job: Some(job), .. } if *job == by);
        self.attempts.iter().find(|attempt| is_it(&attempt.stage)).map(|attempt| attempt.id)
    }

    /// Puts the parts of a batch in its place, to go out at once, each as one of `ids`. They have the numbers that it had.
    pub(super) fn put_parts(&mut self, now: Instant, id: AttemptId, parts: Vec<Split>, ids: &mut AttemptId)
    where
        D: Clone,
    {
        let is_it = |attempt: &Attempt<D>| attempt.id == id && attempt.is_too_large();
        let Some(index) = self.attempts.iter().position(is_it) else { return };
        let mut behind = self.attempts.split_off(index);
        let Some(Attempt { stage: Stage::TooLarge { batch, .. }, broker, .. }) = behind.pop_front() else { return };
        if let Some(gap) = self.gap.as_mut().filter(|gap| index < gap.older) {
            gap.older = gap.older + parts.len() - 1;
        }
        let mut rest = batch.part.clone();
        for Split { records, record_count, base_sequence } in parts {
            let deliveries = batch.deliveries.clone();
            let part = Batch { records, part: rest.split_off(record_count), opened_at: batch.opened_at, deliveries };
            let stage = Stage::Again { batch: part, at: now };
            let id = ids.take();
            self.attempts.push_back(Attempt::new(id, stage, base_sequence, broker));
        }
        self.attempts.append(&mut behind);
    }

    /// The batch is sent no more.
    pub(super) fn end(&mut self, id: AttemptId, fate: Fate) -> Option<Over<D>> {
        self.position(id).and_then(|index| self.end_at(index, fate))
    }

    /// Whether there is a gap that nothing is before, and nothing in a request.
    pub(super) fn has_gap_to_close(&self) -> bool {
        self.gap.is_some_and(|gap| gap.older == 0) && self.in_requests().next().is_none()
    }

    /// Numbers anew what is behind the gap.
    pub(super) fn close_gap(&mut self, sequence: &mut Sequence) -> Result<(), Exhausted> {
        let Some(gap) = self.gap else { return Ok(()) };
        // Where a request with the old numbers may still come to the log, no other batch may have them: its own would be taken for it.
        if gap.is_tainted || self.is_doubtful || self.attempts.iter().any(|attempt| attempt.may_be_written) {
            sequence.bump().ok_or(Exhausted)?;
            self.is_doubtful = false;
        } else {
            sequence.rewind(gap.sequence);
        }
        for attempt in &mut self.attempts {
            let Stage::Again { batch, .. } = &mut attempt.stage else { continue };
            let stamp = sequence.take(batch.record_count());
            batch.records = stamped(mem::take(&mut batch.records), stamp);
            attempt.base_sequence = stamp.base_sequence;
            (attempt.may_be_written, attempt.overtaken) = (false, 0);
        }
        self.gap = None;
        Ok(())
    }

    fn end_at(&mut self, index: usize, fate: Fate) -> Option<Over<D>> {
        let Attempt { stage, base_sequence, may_be_written, .. } = self.attempts.remove(index)?;
        if let Some(gap) = self.gap.as_mut().filter(|gap| index < gap.older) {
            gap.older -= 1;
        }
        let may_be_written = match fate {
            Fate::Written => false,
            Fate::Refused => may_be_written,
            Fate::Unknown => true,
        };
        self.is_doubtful |= may_be_written;
        if fate == Fate::Refused && !may_be_written {
            self.open_gap(index, base_sequence, false);
        } else {
            self.attempts.iter_mut().take(index).for_each(|older| older.overtaken += 1);
        }
        let batch = match stage {
            Stage::Sent(batch) | Stage::Again { batch, .. } | Stage::TooLarge { batch, .. } => Some(batch),
            Stage::Abandoned => None,
        };
        Some(Over { batch, may_be_written })
    }

    fn open_gap(&mut self, older: usize, sequence: i32, is_tainted: bool) {
        if sequence == NO_SEQUENCE {
            return;
        }
        match &mut self.gap {
            Some(gap) if gap.older <= older => gap.is_tainted |= is_tainted,
            gap => {
                *gap = Some(Gap { older, sequence, is_tainted: is_tainted || gap.is_some_and(|gap| gap.is_tainted) })
            }
        }
    }

    fn position(&self, id: AttemptId) -> Option<usize> {
        self.attempts.iter().position(|attempt| attempt.id == id)
    }

    /// Those that are in requests, or were refused and have kept their turn.
    fn in_requests(&self) -> impl Iterator<Item = &Attempt<D>> {
        self.attempts.iter().filter(|attempt| attempt.again_at().is_none())
    }
}

/// The same batch under other numbers. Its bytes are changed in place where nobody else holds them.
pub(super) fn stamped(records: Bytes, producer: ProducerStamp) -> Bytes {
    let mut records = records.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
    stamp::set_producer(&mut records, producer);
    records.freeze()
}
