//! One assigned partition: where it is read, what waits of it, and what comes after that.

use std::mem;
use std::time::Instant;

use bytes::Bytes;
use ottla_wire::record::{BatchError, extent};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch};

use super::answer::Verdict;
use super::buffer::{self, Buffer};
use super::memory::{AnswerId, Memory};
use super::{Config, OnOffsetOutOfRange, Packed, Place, Start, StopReason, TopicPartition};
use crate::cluster;

/// Another after each assignment and seek, so that an offset that was looked up before them is known as such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Generation(pub(super) u64);

#[derive(Debug)]
pub(super) struct Partition {
    pub(super) at: TopicPartition,
    pub(super) generation: Generation,
    /// The last leader that was known.
    pub(super) leader: Option<BrokerId>,
    pub(super) leader_epoch: LeaderEpoch,
    /// Where it stands among those of its leader.
    pub(super) standing: Standing,
    /// Whether it stands in the line of those that have something to hand out.
    pub(super) is_in_line: bool,
    /// The time that stands for it among the timers.
    pub(super) timer: Option<Instant>,
    phase: Phase,
    pub(super) pause: Pause,
    /// How many bytes the next batch needs, where it is known to be larger than what is asked for.
    batch_bytes: usize,
}

/// Whether the partition waits before its next try.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pause {
    /// How many tries failed in a row.
    failures: u32,
    /// When the next may be made.
    pub(super) until: Option<Instant>,
    /// Since when the brokers deny that the partition exists.
    unknown_since: Option<Instant>,
}

/// Where a partition stands among those of its leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is not read, or nobody leads it.
    #[default]
    Nowhere,
    /// It is to be fetched, in the order of turns.
    Queued(BrokerId, u64),
    /// It will be fetched as soon as its offset is known, or what waits of it is handed out.
    HeldBack(BrokerId),
    /// It is not fetched for now, and nothing hurries.
    Waiting(BrokerId),
}

/// What is to be done for a partition at its leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Nothing,
    Fetch,
    Room,
    Offset,
    Time,
}

#[derive(Debug)]
enum Phase {
    /// An offset is sought with ListOffsets.
    Locating { sought: Sought, is_asked: bool },
    /// The position is known: what waits is handed out, and then it goes on with what is `beyond`.
    Reading { position: i64, buffer: Buffer, beyond: Beyond },
    /// After an error, which may still have to be told, nothing follows.
    Stopped { position: Option<i64>, untold: Option<StopReason> },
}

/// What comes after all that waits.
#[derive(Debug)]
enum Beyond {
    /// What is fetched at this offset.
    Fetch { offset: i64 },
    /// An error.
    Stop(StopReason),
    /// An offset that must be sought first.
    Locate(Sought),
}

/// What an offset is sought for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    /// To read on there.
    Position(Place),
    /// To tell where the log starts and ends beside an `offset` that it does not have.
    Bounds { offset: i64, log_start: Option<Option<i64>> },
}

impl Sought {
    const fn place(self) -> Place {
        match self {
            Self::Position(place) => place,
            Self::Bounds { log_start: None, .. } => Place::Beginning,
            Self::Bounds { log_start: Some(_), .. } => Place::End,
        }
    }
}

impl Phase {
    fn starting(start: Start) -> Self {
        let locating = |place| Self::Locating { sought: Sought::Position(place), is_asked: false };
        match start {
            Start::Beginning => locating(Place::Beginning),
            Start::End => locating(Place::End),
            Start::Offset(offset) => {
                Self::Reading { position: offset, buffer: Buffer::default(), beyond: Beyond::Fetch { offset } }
            }
        }
    }
}

impl Partition {
    pub(super) fn new(at: TopicPartition, generation: Generation, start: Start) -> Self {
        Self {
            at,
            generation,
            leader: None,
            leader_epoch: LeaderEpoch::UNKNOWN,
            standing: Standing::Nowhere,
            is_in_line: false,
            timer: None,
            phase: Phase::starting(start),
            pause: Pause::default(),
            batch_bytes: 0,
        }
    }

    /// Drops what waits, and starts anew.
    pub(super) fn restart(&mut self, generation: Generation, start: Start, memory: &mut Memory) {
        self.clear(memory);
        self.generation = generation;
        self.phase = Phase::starting(start);
        self.pause = Pause::default();
        self.batch_bytes = 0;
    }

    /// Drops what waits.
    pub(super) fn clear(&mut self, memory: &mut Memory) {
        if let Phase::Reading { buffer, .. } = &mut self.phase {
            buffer.clear(memory);
        }
    }

    /// The offset of the next record that is handed out; none while it is sought.
    pub(super) const fn position(&self) -> Option<i64> {
        match &self.phase {
            Phase::Reading { position, .. } => Some(*position),
            Phase::Stopped { position, .. } => *position,
            Phase::Locating { sought: Sought::Bounds { offset, .. }, .. } => Some(*offset),
            Phase::Locating { .. } => None,
        }
    }

    /// Whether nothing comes any more, and why was told.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Stopped { untold: None, .. })
    }

    /// Whether [`Partition::hand_out`] has something.
    pub(super) fn has_something(&self) -> bool {
        match &self.phase {
            Phase::Reading { buffer, beyond, .. } => !buffer.is_empty() || matches!(beyond, Beyond::Stop(_)),
            Phase::Stopped { untold, .. } => untold.is_some(),
            Phase::Locating { .. } => false,
        }
    }

    /// What is to be done for the partition at its leader.
    pub(super) fn need(&self, config: &Config) -> Need {
        let need = match &self.phase {
            Phase::Locating { .. } => Need::Offset,
            Phase::Reading { buffer, beyond: Beyond::Fetch { .. }, .. } => {
                if buffer.size_bytes() < config.partition_fetch_bytes_max { Need::Fetch } else { Need::Room }
            }
            Phase::Reading { .. } => Need::Time,
            Phase::Stopped { .. } => Need::Nothing,
        };
        let is_patient = matches!(need, Need::Fetch | Need::Offset);
        if is_patient && self.pause.until.is_some() { Need::Time } else { need }
    }

    /// The offset to fetch at.
    pub(super) const fn fetch_offset(&self) -> Option<i64> {
        match &self.phase {
            Phase::Reading { beyond: Beyond::Fetch { offset }, .. } => Some(*offset),
            _ => None,
        }
    }

    /// How many bytes to ask for.
    pub(super) fn fetch_bytes(&self, config: &Config) -> usize {
        config.partition_fetch_bytes_max.max(self.batch_bytes)
    }

    /// Whether an end of the log is to be asked for, and was not yet.
    pub(super) const fn wants_offset(&self) -> bool {
        matches!(self.phase, Phase::Locating { is_asked: false, .. }) && self.pause.until.is_none()
    }

    /// The end of the log that is to be asked for and was not yet; counts as asked from then on.
    pub(super) const fn ask_offset(&mut self) -> Option<Place> {
        match &mut self.phase {
            Phase::Locating { sought, is_asked } if !*is_asked => {
                *is_asked = true;
                Some(sought.place())
            }
            _ => None,
        }
    }

    /// Takes what metadata says of the partition.
    pub(super) fn handle_leader(&mut self, known: &cluster::Partition) {
        let Some(leader) = known.leader else { return };
        if (Some(leader), known.leader_epoch) != (self.leader, self.leader_epoch) {
            // A new leader owes nothing to the failures of the last.
            self.pause.until = None;
        }
        self.leader = Some(leader);
        self.leader_epoch = known.leader_epoch;
    }

    /// Takes an error that stands in the metadata in the place of the partition.
    pub(super) fn handle_unled(&mut self, now: Instant, code: ErrorCode, config: &Config) {
        match Verdict::of(code) {
            Verdict::NotAuthorized => self.stop(StopReason::NotAuthorized),
            Verdict::Unknown => self.handle_unknown(now, config),
            Verdict::Refused(code) => self.refuse(code),
            // Metadata is asked for again without being told to.
            Verdict::Again | Verdict::OutOfRange => {}
        }
    }

    /// Brokers deny that the partition exists.
    fn handle_unknown(&mut self, now: Instant, config: &Config) {
        let since = *self.pause.unknown_since.get_or_insert(now);
        if now.saturating_duration_since(since) >= config.unknown_topic_timeout {
            self.stop(StopReason::Unknown { after: config.unknown_topic_timeout });
        }
    }

    /// After what waits comes an error.
    pub(super) fn stop(&mut self, reason: StopReason) {
        self.pause = Pause::default();
        match &mut self.phase {
            Phase::Reading { beyond, .. } => *beyond = Beyond::Stop(reason),
            Phase::Locating { .. } => {
                self.phase = Phase::Stopped { position: self.position(), untold: Some(reason) };
            }
            Phase::Stopped { .. } => {}
        }
    }

    /// Waits before the next try.
    pub(super) fn retry(&mut self, now: Instant, random: u64, config: &Config) {
        if let Phase::Locating { is_asked, .. } = &mut self.phase {
            *is_asked = false;
        }
        self.pause.failures = self.pause.failures.saturating_add(1);
        self.pause.until = Some(now + config.retry_backoff.after(self.pause.failures, random));
    }

    /// Takes what a broker sent from the fetch offset on; says whether that was anything new.
    pub(super) fn handle_records(
        &mut self,
        records: &Bytes,
        broker: BrokerId,
        (answer, answer_bytes): (AnswerId, usize),
        memory: &mut Memory,
    ) -> bool {
        self.pause = Pause::default();
        let Phase::Reading { buffer, beyond, .. } = &mut self.phase else { return false };
        let Beyond::Fetch { offset } = *beyond else { return false };
        let whole = extent(records);
        let batch_bytes_before = mem::take(&mut self.batch_bytes);
        match whole.next_offset {
            Some(next_offset) if next_offset <= offset => {
                *beyond = Beyond::Stop(StopReason::Behind { offset, next_offset });
                return true;
            }
            Some(next_offset) => {
                memory.keep(answer, broker, answer_bytes);
                buffer.push(records.slice(..whole.size_bytes), answer);
                *beyond = Beyond::Fetch { offset: next_offset };
            }
            None => {}
        }
        match whole.end {
            None => {}
            // It comes again from its first byte: as a whole, when enough is asked for.
            Some(BatchError::Cut { needed }) if whole.size_bytes == 0 => self.batch_bytes = needed,
            Some(BatchError::Cut { .. }) => {}
            Some(source) => {
                let offset = whole.next_offset.unwrap_or(offset);
                *beyond = Beyond::Stop(buffer::unreadable(source, offset));
            }
        }
        // A batch that is cut again where it was cut before is nothing new.
        !records.is_empty() && (self.batch_bytes == 0 || self.batch_bytes != batch_bytes_before)
    }

    /// Takes an error that the broker gave for the offset that was asked for.
    pub(super) fn handle_refusal(&mut self, now: Instant, random: u64, verdict: Verdict, config: &Config) {
        match verdict {
            Verdict::Again => self.retry(now, random, config),
            Verdict::Unknown => {
                self.retry(now, random, config);
                self.handle_unknown(now, config);
            }
            Verdict::OutOfRange => self.handle_out_of_range(config),
            Verdict::NotAuthorized => self.stop(StopReason::NotAuthorized),
            Verdict::Refused(code) => self.refuse(code),
        }
    }

    fn refuse(&mut self, code: ErrorCode) {
        let offset = self.fetch_offset();
        match &self.phase {
            // That the bounds cannot be told is no reason to keep the error back.
            Phase::Locating { sought: Sought::Bounds { offset, log_start }, .. } => {
                let (offset, log_start) = (*offset, log_start.flatten());
                self.stop(StopReason::OffsetOutOfRange { offset, log_start, log_end: None });
            }
            _ => self.stop(StopReason::Refused { code, offset }),
        }
    }

    fn handle_out_of_range(&mut self, config: &Config) {
        let Phase::Reading { beyond, .. } = &mut self.phase else {
            return self.refuse(ErrorCode::OFFSET_OUT_OF_RANGE);
        };
        let Beyond::Fetch { offset } = *beyond else { return };
        if config.on_offset_out_of_range != OnOffsetOutOfRange::Error {
            tracing::warn!(partition = %self.at, offset, reset = ?config.on_offset_out_of_range, "the offset is not in the log");
        }
        *beyond = Beyond::Locate(match config.on_offset_out_of_range {
            OnOffsetOutOfRange::Beginning => Sought::Position(Place::Beginning),
            OnOffsetOutOfRange::End => Sought::Position(Place::End),
            OnOffsetOutOfRange::Error => Sought::Bounds { offset, log_start: None },
        });
        self.pause = Pause::default();
        self.seek_beyond();
    }

    /// Starts to seek the offset beyond what waits, once nothing waits any more.
    fn seek_beyond(&mut self) {
        if let Phase::Reading { buffer, beyond: Beyond::Locate(sought), .. } = &self.phase
            && buffer.is_empty()
        {
            self.phase = Phase::Locating { sought: *sought, is_asked: false };
        }
    }

    /// Takes the offset of the end of the log that was asked for; none where the broker told none.
    pub(super) fn handle_offset(&mut self, found: Option<i64>) {
        let Phase::Locating { sought, is_asked } = &mut self.phase else { return };
        self.pause = Pause::default();
        match *sought {
            Sought::Position(_) => match found {
                Some(offset) => self.phase = Phase::starting(Start::Offset(offset)),
                None => self.refuse(ErrorCode::OFFSET_NOT_AVAILABLE),
            },
            Sought::Bounds { offset, log_start: None } => {
                *sought = Sought::Bounds { offset, log_start: Some(found) };
                *is_asked = false;
            }
            Sought::Bounds { offset, log_start: Some(log_start) } => {
                self.stop(StopReason::OffsetOutOfRange { offset, log_start, log_end: found });
            }
        }
    }

    /// The next batch, or the error that follows the last.
    pub(super) fn hand_out(&mut self, memory: &mut Memory) -> Option<Result<Packed, StopReason>> {
        let (position, buffer, beyond) = match &mut self.phase {
            Phase::Reading { position, buffer, beyond } => (position, buffer, beyond),
            Phase::Stopped { untold, .. } => return untold.take().map(Err),
            Phase::Locating { .. } => return None,
        };
        let reason = match buffer.take(&self.at, position, memory) {
            Ok(Some(batch)) => {
                self.seek_beyond();
                return Some(Ok(Packed { generation: self.generation, batch }));
            }
            Ok(None) => match mem::replace(beyond, Beyond::Fetch { offset: *position }) {
                Beyond::Stop(reason) => reason,
                other => {
                    *beyond = other;
                    self.seek_beyond();
                    return None;
                }
            },
            Err(reason) => reason,
        };
        let position = *position;
        self.halt(position, memory);
        Some(Err(reason))
    }

    /// Stops at `position` after an error that was told.
    pub(super) fn halt(&mut self, position: i64, memory: &mut Memory) {
        self.clear(memory);
        self.pause = Pause::default();
        self.phase = Phase::Stopped { position: Some(position), untold: None };
    }
}
