//! What is sent when, where to, and how it ended.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_wire::BrokerId;
use ottla_wire::record::BatchWriter;

use super::accumulator::{Batch, Waiting};
use super::answer::{self, Asked, Verdict};
use super::compress::JobId;
use super::flight::AttemptId;
use super::lane::Lane;
use super::sequence::{Identity, ProducerId, Sequence};
use super::split::{Learned, Part};
use super::{Config, DeliveryCause, Outcome, PartitionKey, TopicIndex};
use crate::backoff::Backoff;
use crate::cluster::{Snapshot, TopicState};
use crate::request::{Answer, Outgoing, RequestError, RequestId};
use crate::versions::Versions;

/// How long after a refusal a producer id is not asked for again; what is sent meanwhile ends at once.
const REFUSAL_PAUSE: Duration = Duration::from_secs(1);

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
    /// A batch ended, or a part of it, once and for all.
    Ended {
        /// What was given for the batch.
        deliveries: D,
        /// Which of its records, where it was sent in parts.
        part: Part,
        /// How it ended.
        outcome: Outcome,
    },
    /// A batch is in a request.
    Sent {
        /// How many records it has.
        record_count: u32,
        /// Its size.
        batch_bytes: usize,
        /// How long it has waited for that, where it was in none before.
        queued: Option<Duration>,
    },
    /// There is something to send to this broker.
    Work {
        /// The leader of a partition that has a batch.
        broker: BrokerId,
    },
    /// From now on, batches of this topic are to close at so many bytes, whatever the configuration says beyond ([`super::BATCH_BYTES_LEARNED_MIN`]).
    BatchBytesMax {
        /// The topic.
        topic: TopicIndex,
        /// The bound.
        bytes: usize,
    },
    /// A producer id is needed, of any broker; what comes of asking for it is handed to [`Sender::handle_producer_id`].
    ProducerIdWanted,
    /// What is known of this topic is out of date.
    RefreshMetadata {
        /// The topic.
        topic: Arc<str>,
    },
}

/// Decides which batches go in which request to which broker, tries again what may be tried again, and ends every batch by its deadline.
///
/// It holds a lane for each partition that has something to send or in flight; for the others that had, their numbers alone.
#[derive(Debug)]
pub struct Sender<D> {
    pub(super) config: Config,
    pub(super) snapshot: Arc<Snapshot>,
    pub(super) topics: Vec<Arc<str>>,
    pub(super) identity: Identity,
    pub(super) sequences: BTreeMap<PartitionKey, Sequence>,
    pub(super) lanes: BTreeMap<PartitionKey, Lane<D>>,
    pub(super) timers: BTreeSet<(Instant, PartitionKey)>,
    /// The lanes with a batch to send, by leader. One that has moved on leaves its entry behind; [`Lane::queued_at`] says where it stands.
    pub(super) queues: BTreeMap<BrokerId, VecDeque<PartitionKey>>,
    pub(super) requests: BTreeMap<RequestId, Vec<Asked>>,
    pub(super) next_request: u64,
    pub(super) next_attempt: AttemptId,
    /// The lanes whose oldest batch is to be compressed. One that has moved on leaves its entry behind; [`Lane::awaits_job`] says whether it waits.
    pub(super) to_compress: VecDeque<PartitionKey>,
    /// The batches that are to be split. One that has ended leaves its entry behind.
    pub(super) to_split: VecDeque<(PartitionKey, AttemptId)>,
    /// The topics whose leaders take smaller batches than are configured.
    pub(super) learned: BTreeMap<TopicIndex, Learned>,
    /// How many jobs were handed out and not taken back.
    pub(super) jobs: usize,
    pub(super) next_job: JobId,
    pub(super) flushed: Option<Instant>,
    pub(super) is_closed: bool,
    pub(super) dice: Dice,
    pub(super) events: VecDeque<Event<D>>,
}

impl<D> Sender<D> {
    /// A sender with nothing to send. `seed` is where the jitter of its backoff comes from.
    #[must_use]
    pub fn new(config: Config, snapshot: Arc<Snapshot>, seed: u64) -> Self {
        let identity =
            if config.idempotence { Identity::Wanted { asked: false, trouble: None } } else { Identity::Anonymous };
        Self {
            config,
            snapshot,
            topics: Vec::new(),
            identity,
            sequences: BTreeMap::new(),
            lanes: BTreeMap::new(),
            timers: BTreeSet::new(),
            queues: BTreeMap::new(),
            requests: BTreeMap::new(),
            next_request: 0,
            next_attempt: AttemptId::default(),
            to_compress: VecDeque::new(),
            to_split: VecDeque::new(),
            learned: BTreeMap::new(),
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
        self.want_producer_id(now);
        self.forget_bound(now, key.topic);
        self.settle(now, key, batches);
    }

    /// What came of asking for a producer id. A refusal ends what was not sent.
    pub fn handle_producer_id(
        &mut self,
        now: Instant,
        result: Result<ProducerId, DeliveryCause>,
        batches: &mut impl Batches<D>,
    ) {
        self.identity = match result {
            Ok(producer) => Identity::Known(producer),
            Err(cause) => Identity::Refused { cause, until: now + REFUSAL_PAUSE },
        };
        self.settle_all(now, batches);
    }

    /// Nobody has given a producer id yet, and somebody may later. Says whether anything waits for one, so that asking is to go on.
    pub fn handle_producer_id_delayed(&mut self, cause: DeliveryCause) -> bool {
        let asked = !self.lanes.is_empty();
        self.identity = Identity::Wanted { asked, trouble: Some(cause) };
        asked
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
        for (asked, verdict) in asked.iter().zip(answer::read(self.config.acks, &asked, result)) {
            self.conclude(now, asked.key, asked.attempt, verdict);
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
        self.to_split.clear();
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
            for (key, attempt) in picked {
                self.conclude(now, key, attempt, Verdict::Over { cause: error.clone(), may_be_written: false });
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
        self.refuse(now, key, batches);
        self.renumber(now, key);
        self.enqueue_job(now, key);
        self.enqueue(now, key);
        self.rearm(now, key);
    }

    fn enqueue(&mut self, now: Instant, key: PartitionKey) {
        let slots = self.slots(now, key);
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let is_ready = lane.ready_at(&self.config, slots, self.flushed).is_some_and(|at| at <= now);
        if !is_ready || !self.identity.is_settled() {
            lane.queued_at = None;
            return;
        }
        let Some(topic) = self.topics.get(key.topic.0 as usize) else { return };
        if let Some(leader) = self.snapshot.partition(topic, key.partition).and_then(|partition| partition.leader) {
            lane.leaderless = 0;
            lane.look_again = None;
            if lane.flight.sent_to().is_some_and(|broker| broker != leader) {
                lane.queued_at = None;
            } else if lane.queued_at.replace(leader) != Some(leader) {
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
        let slots = self.slots(now, key);
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let ready_at = lane.ready_at(&self.config, slots, self.flushed);
        let turn = match ready_at {
            Some(at) if at > now => Some(at),
            Some(_) if lane.queued_at.is_none() => lane.look_again,
            _ => None,
        };
        let compress_at = lane.compress_at(&self.config, slots, self.flushed).filter(|at| *at > now);
        let next = [lane.deadline(&self.config), turn, compress_at].into_iter().flatten().min();
        if let Some(before) = mem::replace(&mut lane.timer, next) {
            self.timers.remove(&(before, key));
        }
        self.timers.extend(next.map(|at| (at, key)));
        if lane.is_idle() {
            self.lanes.remove(&key);
        }
    }

    /// Asks for a producer id, where there is none and nobody does.
    pub(super) fn want_producer_id(&mut self, now: Instant) {
        let is_due = match &self.identity {
            Identity::Wanted { asked, .. } => !asked,
            Identity::Refused { until, .. } => *until <= now,
            Identity::Anonymous | Identity::Known(_) => false,
        };
        if is_due && !self.is_closed {
            self.identity = Identity::Wanted { asked: true, trouble: None };
            self.events.push_back(Event::ProducerIdWanted);
        }
    }

    /// How many batches of a partition may be in requests. Without numbers a second could overtake the first; and a leader that has taken none of this
    /// epoch, or has forgotten it, may take any for the first.
    pub(super) fn slots(&self, now: Instant, key: PartitionKey) -> usize {
        match self.sequences.get(&key) {
            Some(sequence) if sequence.is_established(now) => self.config.in_flight_per_partition(),
            _ => 1,
        }
    }

    pub(super) fn refresh_metadata(&mut self, topic: TopicIndex) {
        let topic = self.topics.get(topic.0 as usize).cloned();
        self.events.extend(topic.map(|topic| Event::RefreshMetadata { topic }));
    }
}

impl<D, R> Batch<D, R> {
    pub(super) fn ended(self, outcome: Outcome) -> Event<D> {
        Event::Ended { deliveries: self.deliveries, part: self.part, outcome }
    }
}

/// SplitMix64: jitter that a seed replays.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
