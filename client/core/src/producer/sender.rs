//! What is sent when, where to, and how it ended.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use ottla_wire::hot::{ProducePartition, ProduceRequest, ProduceTopic, encode_produce_request};
use ottla_wire::record::BatchWriter;
use ottla_wire::{BrokerId, message};

use super::accumulator::{Batch, Waiting};
use super::answer::{self, Asked, TOPIC_ID_FROM, Verdict};
use super::compress::{self, JobId};
use super::lane::{Ahead, Attempt, Lane, Slot};
use super::{Config, DeliveryCause, Outcome, PartitionKey, TopicIndex};
use crate::backoff::Backoff;
use crate::cluster::{Snapshot, TopicState};
use crate::request::{Answer, Outgoing, RequestError, RequestId};
use crate::versions::Versions;

/// All in-sync replicas must have the records before the broker answers.
const ACKS_ALL: i16 = -1;

/// Where the batches wait that are in no request yet: the accumulators, each behind the lock of its owner.
pub trait Batches<D> {
    /// Takes the oldest batch of this partition out ([`super::Partition::take`]).
    fn take(&mut self, key: PartitionKey) -> Option<Batch<D, BatchWriter>>;

    /// The oldest batch that waits in this partition ([`super::Partition::waiting`]).
    fn waiting(&mut self, key: PartitionKey) -> Option<Waiting>;
}

/// What the producer's owner is to do, or to tell.
#[derive(Debug)]
pub enum Event<D> {
    /// A batch ended, once and for all.
    Ended {
        /// What was given for the batch.
        deliveries: D,
        /// How many records it has.
        record_count: u32,
        /// How it ended.
        outcome: Outcome,
    },
    /// There is something to send to this broker.
    Work {
        /// The leader of a partition that has a batch.
        broker: BrokerId,
    },
    /// What is known of this topic is out of date.
    RefreshMetadata {
        /// The topic.
        topic: Arc<str>,
    },
}

/// Decides which batches go in which request to which broker, tries again what may be tried again, and ends every batch by its deadline.
///
/// It holds a lane for each partition that has something to send or in flight, and nothing for the others.
#[derive(Debug)]
pub struct Sender<D> {
    pub(super) config: Config,
    snapshot: Arc<Snapshot>,
    topics: Vec<Arc<str>>,
    pub(super) lanes: BTreeMap<PartitionKey, Lane<D>>,
    pub(super) timers: BTreeSet<(Instant, PartitionKey)>,
    /// The lanes with a batch to send, by leader. One that has moved on leaves its entry behind; [`Lane::queued_at`] says where it stands.
    pub(super) queues: BTreeMap<BrokerId, VecDeque<PartitionKey>>,
    pub(super) requests: BTreeMap<RequestId, Vec<Asked>>,
    next_request: u64,
    /// The lanes whose oldest batch is to be compressed. One that has moved on leaves its entry behind; [`Lane::awaits_job`] says whether it waits.
    pub(super) to_compress: VecDeque<PartitionKey>,
    /// How many jobs were handed out and not taken back.
    pub(super) jobs: usize,
    pub(super) next_job: JobId,
    pub(super) flushed: Option<Instant>,
    is_closed: bool,
    dice: Dice,
    pub(super) events: VecDeque<Event<D>>,
}

impl<D> Sender<D> {
    /// A sender with nothing to send. `seed` is where the jitter of its backoff comes from.
    #[must_use]
    pub fn new(config: Config, snapshot: Arc<Snapshot>, seed: u64) -> Self {
        Self {
            config,
            snapshot,
            topics: Vec::new(),
            lanes: BTreeMap::new(),
            timers: BTreeSet::new(),
            queues: BTreeMap::new(),
            requests: BTreeMap::new(),
            next_request: 0,
            to_compress: VecDeque::new(),
            jobs: 0,
            next_job: JobId::default(),
            flushed: None,
            is_closed: false,
            dice: Dice(seed),
            events: VecDeque::new(),
        }
    }

    /// Counts a topic in; its owner does so once for each.
    pub fn add_topic(&mut self, name: Arc<str>) -> TopicIndex {
        let index = TopicIndex(u32::try_from(self.topics.len()).unwrap_or(u32::MAX));
        self.topics.push(name);
        index
    }

    /// A batch of this partition was opened, or closed for want of room.
    pub fn handle_appended(&mut self, now: Instant, key: PartitionKey, batches: &mut impl Batches<D>) {
        let lane = self.lanes.entry(key).or_insert_with(Lane::new);
        lane.waiting = batches.waiting(key);
        self.settle(now, key, batches);
    }

    /// What was opened up to now is to go out without lingering: for a flush, or for want of memory.
    pub fn handle_flush(&mut self, now: Instant, batches: &mut impl Batches<D>) {
        self.flushed = Some(now);
        self.settle_all(now, batches);
    }

    /// The cluster is known anew.
    pub fn handle_metadata(&mut self, now: Instant, snapshot: Arc<Snapshot>, batches: &mut impl Batches<D>) {
        self.snapshot = snapshot;
        self.settle_all(now, batches);
    }

    /// A request of [`Sender::poll_request`] ended.
    pub fn handle_answer(
        &mut self,
        now: Instant,
        id: RequestId,
        result: Result<Answer, RequestError>,
        batches: &mut impl Batches<D>,
    ) {
        let asked = self.requests.remove(&id).unwrap_or_default();
        for (asked, verdict) in asked.iter().zip(answer::read(&asked, result)) {
            self.conclude(now, asked.key, verdict);
            self.settle(now, asked.key, batches);
        }
    }

    /// No connection to this broker could be opened. What waits for it goes on waiting, and its leaders are looked up again.
    pub fn handle_unreachable(&mut self, broker: BrokerId, error: &Arc<dyn std::error::Error + Send + Sync>) {
        let mut stranded = BTreeSet::new();
        for key in self.queues.get(&broker).into_iter().flatten() {
            if let Some(lane) = self.lanes.get_mut(key).filter(|lane| lane.queued_at == Some(broker)) {
                lane.trouble = Some(DeliveryCause::Unreachable(Arc::clone(error)));
                stranded.insert(key.topic);
            }
        }
        for topic in stranded {
            self.refresh_metadata(topic);
        }
    }

    /// The time of [`Sender::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant, batches: &mut impl Batches<D>) {
        let due: Vec<PartitionKey> = self.timers.iter().take_while(|(at, _)| *at <= now).map(|(_, key)| *key).collect();
        for key in due {
            self.settle(now, key, batches);
        }
    }

    /// Ends every batch, and every one that is opened from now on.
    pub fn handle_close(&mut self, now: Instant, batches: &mut impl Batches<D>) {
        self.is_closed = true;
        self.settle_all(now, batches);
        // What is left is in flight, and nobody waits for its end.
        self.lanes.clear();
        self.timers.clear();
        self.queues.clear();
        self.requests.clear();
        self.to_compress.clear();
    }

    /// Whether there is something to send to this broker.
    #[must_use]
    pub fn has_work(&self, broker: BrokerId) -> bool {
        let mut keys = self.queues.get(&broker).into_iter().flatten();
        keys.any(|key| self.lanes.get(key).is_some_and(|lane| lane.queued_at == Some(broker)))
    }

    /// The next request for this broker, with the batches of as many partitions as have one and fit.
    pub fn poll_request(
        &mut self,
        now: Instant,
        broker: BrokerId,
        versions: &Versions,
        batches: &mut impl Batches<D>,
    ) -> Option<Outgoing> {
        loop {
            let picked = self.pick(now, broker, batches);
            if picked.is_empty() {
                return None;
            }
            let error = match self.request(versions, &picked) {
                Ok(request) => return Some(request),
                Err(error) => error,
            };
            for key in picked {
                self.conclude(now, key, Verdict::Over { cause: error.clone(), may_be_written: false });
                self.settle(now, key, batches);
            }
        }
    }

    /// What is to be done or told, oldest first.
    pub fn poll_event(&mut self) -> Option<Event<D>> {
        self.events.pop_front()
    }

    /// When to call [`Sender::handle_timeout`].
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    fn settle_all(&mut self, now: Instant, batches: &mut impl Batches<D>) {
        let keys: Vec<PartitionKey> = self.lanes.keys().copied().collect();
        for key in keys {
            self.settle(now, key, batches);
        }
    }

    /// Brings one lane up to `now`: ends what is overdue, queues what is ready, sets its timer; forgets it when it is idle.
    pub(super) fn settle(&mut self, now: Instant, key: PartitionKey, batches: &mut impl Batches<D>) {
        self.expire(now, key, batches);
        self.enqueue_job(now, key);
        self.enqueue(now, key);
        self.rearm(now, key);
    }

    pub(super) fn expire(&mut self, now: Instant, key: PartitionKey, batches: &mut impl Batches<D>) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        while lane.deadline(&self.config).is_some_and(|deadline| self.is_closed || deadline <= now) {
            if self.is_closed {
                lane.trouble.get_or_insert(DeliveryCause::Closed);
            }
            let (batch, may_be_written) = match mem::replace(&mut lane.slot, Slot::Free) {
                Slot::Sent(attempt) => {
                    lane.slot = Slot::Abandoned;
                    (Some(attempt.batch.with(()).0), true)
                }
                Slot::Again { attempt, .. } => (Some(attempt.batch.with(()).0), attempt.may_be_written),
                untaken @ (Slot::Free | Slot::Abandoned) => {
                    lane.slot = untaken;
                    // What a job makes of it is of no use any more.
                    let ahead = mem::replace(&mut lane.ahead, Ahead::None).into_given_up();
                    (ahead.or_else(|| Some(lane.take(key, batches)?.with(()).0)), false)
                }
            };
            let outcome = lane.outcome_of_giving_up(may_be_written);
            self.events.extend(batch.map(|batch| batch.ended(outcome)));
        }
    }

    fn enqueue(&mut self, now: Instant, key: PartitionKey) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        if lane.ready_at(&self.config, self.flushed).is_none_or(|at| at > now) {
            lane.queued_at = None;
            return;
        }
        let Some(topic) = self.topics.get(key.topic.0 as usize) else { return };
        if let Some(leader) = self.snapshot.partition(topic, key.partition).and_then(|partition| partition.leader) {
            lane.leaderless = 0;
            lane.look_again = None;
            if lane.queued_at.replace(leader) != Some(leader) {
                self.queues.entry(leader).or_default().push_back(key);
                self.events.push_back(Event::Work { broker: leader });
            }
        } else {
            lane.queued_at = None;
            if lane.look_again.is_none_or(|at| at <= now) {
                lane.trouble = Some(match self.snapshot.topics.get(topic) {
                    Some(TopicState::Refused { code, .. }) => DeliveryCause::Code(*code),
                    _ => DeliveryCause::NoLeader,
                });
                lane.leaderless = lane.leaderless.saturating_add(1);
                lane.look_again = Some(now + Backoff::METADATA.after(lane.leaderless, self.dice.roll()));
                self.refresh_metadata(key.topic);
            }
        }
    }

    fn rearm(&mut self, now: Instant, key: PartitionKey) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let ready_at = lane.ready_at(&self.config, self.flushed);
        let turn = match ready_at {
            Some(at) if at > now => Some(at),
            Some(_) if lane.queued_at.is_none() => lane.look_again,
            _ => None,
        };
        let compress_at = lane.compress_at(&self.config, self.flushed).filter(|at| *at > now);
        let next = [lane.deadline(&self.config), turn, compress_at].into_iter().flatten().min();
        if let Some(before) = mem::replace(&mut lane.timer, next) {
            self.timers.remove(&(before, key));
        }
        self.timers.extend(next.map(|at| (at, key)));
        if lane.is_idle() {
            self.lanes.remove(&key);
        }
    }

    /// Takes lanes off the broker's queue into flight, until a request is full.
    fn pick(&mut self, now: Instant, broker: BrokerId, batches: &mut impl Batches<D>) -> Vec<PartitionKey> {
        let mut picked = Vec::new();
        let mut size_bytes = 0_usize;
        while let Some(key) = self.queues.get(&broker).and_then(VecDeque::front).copied() {
            let lane = self.lanes.get(&key).filter(|lane| lane.queued_at == Some(broker));
            let next_bytes = lane.map_or(0, |lane| lane.next_bytes_max(&self.config));
            if !picked.is_empty() && size_bytes + next_bytes > self.config.request_bytes_max {
                break;
            }
            let is_current = lane.is_some();
            self.queues.get_mut(&broker).and_then(VecDeque::pop_front);
            if !is_current {
                continue;
            }
            self.expire(now, key, batches);
            let lane = self.lanes.get_mut(&key);
            let sent_bytes = lane.and_then(|lane| {
                lane.queued_at = None;
                lane.send(key, batches)
            });
            if let Some(bytes) = sent_bytes {
                size_bytes += bytes;
                picked.push(key);
            }
            self.settle(now, key, batches);
        }
        if self.queues.get(&broker).is_some_and(VecDeque::is_empty) {
            self.queues.remove(&broker);
        }
        picked.sort_unstable();
        picked
    }

    /// Writes the request for lanes that were picked, in the order of their keys.
    fn request(&mut self, versions: &Versions, picked: &[PartitionKey]) -> Result<Outgoing, DeliveryCause> {
        let asked: Vec<Asked> = picked.iter().filter_map(|key| self.asked(*key)).collect();
        let has_ids = asked.iter().all(|asked| !asked.topic_id.is_zero());
        let version_max = if has_ids { i16::MAX } else { TOPIC_ID_FROM - 1 };
        let (api, version) =
            versions.pick_up_to::<message::ProduceRequest>(version_max).map_err(DeliveryCause::Request)?;
        compress::supported(self.config.compression, version)?;
        let topics = asked.chunk_by(|one, next| one.key.topic == next.key.topic);
        let topics = topics.filter_map(|asked| {
            let first = asked.first()?;
            let partitions = asked.iter().filter_map(|asked| self.in_flight(asked.key)).collect();
            Some(ProduceTopic { name: &first.topic, id: first.topic_id, partitions })
        });
        let timeout = self.config.request_timeout;
        let timeout_ms = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        let request = ProduceRequest { transactional_id: None, acks: ACKS_ALL, timeout_ms, topics: topics.collect() };
        let body = encode_produce_request(version, &request).map_err(|error| DeliveryCause::Request(error.into()))?;
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.requests.insert(id, asked);
        Ok(Outgoing { id, api, version, body, timeout, answered: true })
    }

    fn asked(&self, key: PartitionKey) -> Option<Asked> {
        let topic = self.topics.get(key.topic.0 as usize)?;
        let topic_id = self.snapshot.topic(topic).map(|topic| topic.id).unwrap_or_default();
        Some(Asked { key, topic: Arc::clone(topic), topic_id })
    }

    fn in_flight(&self, key: PartitionKey) -> Option<ProducePartition> {
        match &self.lanes.get(&key)?.slot {
            Slot::Sent(attempt) => {
                Some(ProducePartition { index: key.partition, records: attempt.batch.records.clone() })
            }
            _ => None,
        }
    }

    /// Ends what this lane has in flight, or sets it to go out again.
    fn conclude(&mut self, now: Instant, key: PartitionKey, verdict: Verdict) {
        if let Verdict::Again { refresh: true, .. } = verdict {
            self.refresh_metadata(key.topic);
        }
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let Slot::Sent(mut attempt) = mem::replace(&mut lane.slot, Slot::Free) else { return };
        let outcome = match verdict {
            Verdict::Delivered { base_offset, log_append_time } => {
                lane.trouble = None;
                Outcome::Delivered { base_offset, log_append_time }
            }
            Verdict::Again { cause, may_be_written, .. } => {
                lane.trouble = Some(cause);
                attempt.may_be_written |= may_be_written;
                attempt.failures = attempt.failures.saturating_add(1);
                let at = now + self.config.retry_backoff.after(attempt.failures, self.dice.roll());
                lane.slot = Slot::Again { attempt, at };
                return;
            }
            Verdict::Refused { code, message } if !attempt.may_be_written => {
                Outcome::Refused { code, message, batch_bytes: attempt.batch.records.len() }
            }
            Verdict::Refused { code, .. } => Outcome::OutcomeUnknown { cause: Some(DeliveryCause::Code(code)) },
            Verdict::Over { cause, may_be_written } => {
                lane.trouble = Some(cause);
                lane.outcome_of_giving_up(may_be_written || attempt.may_be_written)
            }
        };
        self.events.push_back(attempt.batch.ended(outcome));
    }

    fn refresh_metadata(&mut self, topic: TopicIndex) {
        let topic = self.topics.get(topic.0 as usize).cloned();
        self.events.extend(topic.map(|topic| Event::RefreshMetadata { topic }));
    }
}

impl<D> Lane<D> {
    /// Takes the oldest batch out of the accumulator.
    pub(super) fn take(&mut self, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<Batch<D, BatchWriter>> {
        let batch = batches.take(key);
        self.waiting = batches.waiting(key);
        batch
    }

    /// Takes the next batch to be sent; `None` where there is none, or it is not compressed yet.
    fn take_ready(&mut self, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<Batch<D>> {
        match mem::replace(&mut self.ahead, Ahead::None) {
            Ahead::Ready(batch) => Some(batch),
            Ahead::None => Some(self.take(key, batches)?.finish()),
            compressing @ Ahead::Compressing { .. } => {
                self.ahead = compressing;
                None
            }
        }
    }

    /// Brings the next batch in flight and says its size; `None` where there is none.
    fn send(&mut self, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<usize> {
        let attempt = match mem::replace(&mut self.slot, Slot::Free) {
            Slot::Again { attempt, .. } => attempt,
            Slot::Free => {
                let batch = self.take_ready(key, batches)?;
                Attempt { batch, failures: 0, may_be_written: false }
            }
            busy @ (Slot::Sent(_) | Slot::Abandoned) => {
                self.slot = busy;
                return None;
            }
        };
        let size_bytes = attempt.batch.records.len();
        self.slot = Slot::Sent(attempt);
        Some(size_bytes)
    }
}

impl<D, R> Batch<D, R> {
    pub(super) fn ended(self, outcome: Outcome) -> Event<D> {
        Event::Ended { deliveries: self.deliveries, record_count: self.record_count, outcome }
    }
}

/// SplitMix64: jitter that a seed replays.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
