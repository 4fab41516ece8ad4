//! What each input changes, and where each partition stands afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_wire::message::ListOffsetsResponse;
use ottla_wire::{BrokerId, ErrorCode, TopicId};

use super::answer::{self, Failure, Fetched, Verdict};
use super::broker::Flight;
use super::memory::Memory;
use super::offsets::{self, Wanted};
use super::partition::{Generation, Partition};
use super::places::Places;
use super::request::{Draft, Limits};
use super::{
    Config, Lookup, LookupError, LookupId, NotAssigned, Packed, Start, StopReason, Stopped, TopicPartition, Unreadable,
};
use crate::cluster::{Snapshot, TopicState};
use crate::request::{Answer, Outgoing, RequestError, RequestId};
use crate::versions::Versions;

/// What the consumer's owner is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// This broker leads a partition that is read: a connection for fetches is to be opened, and to be kept until [`Event::Left`].
    Wanted(BrokerId),
    /// This broker leads no partition that is read any more.
    Left(BrokerId),
    /// There is something to send to this broker.
    Work(BrokerId),
    /// There is an offset to look up.
    LookUp,
    /// There is something to hand out that was not there before.
    Readable,
    /// What is known of this topic is out of date.
    RefreshMetadata(Arc<str>),
}

/// The assigned partitions, and all that is decided about them.
///
/// A partition's position moves only when records are handed out ([`Consumer::poll_batch`]), by a seek, or by the reset that the configuration asks for.
#[derive(Debug)]
pub struct Consumer {
    config: Config,
    snapshot: Arc<Snapshot>,
    partitions: BTreeMap<TopicPartition, Partition>,
    places: Places,
    memory: Memory,
    lookups: BTreeMap<LookupId, Vec<(TopicPartition, Generation)>>,
    /// Numbers generations, requests and lookups.
    count: u64,
}

impl Consumer {
    /// A consumer to which nothing is assigned.
    #[must_use]
    pub fn new(config: Config, snapshot: Arc<Snapshot>) -> Self {
        Self {
            config,
            snapshot,
            partitions: BTreeMap::new(),
            places: Places::default(),
            memory: Memory::default(),
            lookups: BTreeMap::new(),
            count: 0,
        }
    }

    /// Reads exactly these partitions from now on. One that was assigned before goes on where it is; another starts where it says.
    pub fn assign(&mut self, now: Instant, assignment: impl IntoIterator<Item = (TopicPartition, Start)>) {
        let mut before = mem::take(&mut self.partitions);
        for (at, start) in assignment {
            let generation = Generation(self.number());
            let kept = before.remove(&at);
            self.partitions
                .entry(at.clone())
                .or_insert_with(|| kept.unwrap_or_else(|| Partition::new(at, generation, start)));
        }
        for (_, mut gone) in before {
            gone.clear(&mut self.memory);
            self.places.remove(&mut gone);
        }
        self.look_up_leaders(now);
    }

    /// Reads a partition on from elsewhere. What waits of it is dropped, and an error that stopped it is over.
    ///
    /// # Errors
    /// When it is not assigned.
    pub fn seek(&mut self, at: &TopicPartition, start: Start) -> Result<(), NotAssigned> {
        let generation = Generation(self.number());
        let partition = self.partitions.get_mut(at).ok_or_else(|| NotAssigned(at.clone()))?;
        partition.restart(generation, start, &mut self.memory);
        self.places.settle(partition, &self.config);
        self.wake_hungry();
        Ok(())
    }

    /// The offset of the next record that is handed out of a partition; none while it is looked up.
    ///
    /// # Errors
    /// When it is not assigned.
    pub fn position(&self, at: &TopicPartition) -> Result<Option<i64>, NotAssigned> {
        let partition = self.partitions.get(at).ok_or_else(|| NotAssigned(at.clone()))?;
        Ok(partition.position())
    }

    /// The assigned partitions, those that were stopped included.
    pub fn assignment(&self) -> impl Iterator<Item = &TopicPartition> {
        self.partitions.keys()
    }

    /// Whether nothing will come: no partition is assigned, or each was stopped.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.partitions.values().all(Partition::is_over)
    }

    /// Whether [`Consumer::poll_batch`] may have something.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.places.has_line()
    }

    /// How many bytes of answers wait to be handed out.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.memory.size_bytes()
    }

    /// The cluster is known anew.
    pub fn handle_metadata(&mut self, now: Instant, snapshot: Arc<Snapshot>) {
        self.snapshot = snapshot;
        self.look_up_leaders(now);
    }

    /// The next batch, or the error that stopped a partition; the partitions take turns. Its position is behind the batch then.
    pub fn poll_batch(&mut self) -> Option<Result<Packed, Stopped>> {
        while let Some(at) = self.places.next_in_line() {
            let Some(partition) = self.partitions.get_mut(&at) else { continue };
            partition.is_in_line = false;
            let handed = partition.hand_out(&mut self.memory);
            self.places.settle(partition, &self.config);
            self.wake_hungry();
            if let Some(handed) = handed {
                return Some(handed.map_err(|reason| Stopped { at, reason }));
            }
        }
        None
    }

    /// A batch of [`Consumer::poll_batch`] cannot be decompressed: its partition stops where the batch starts. Nothing where it was sought elsewhere, or is
    /// not assigned any more.
    pub fn handle_unreadable(&mut self, unreadable: Unreadable) -> Option<Stopped> {
        let Unreadable { generation, position, stopped } = unreadable;
        let current = self.partitions.get_mut(&stopped.at).filter(|partition| partition.generation == generation);
        let partition = current?;
        partition.halt(position, &mut self.memory);
        self.places.settle(partition, &self.config);
        self.wake_hungry();
        Some(stopped)
    }

    /// What its owner is to do next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.places.leave_deserted();
        self.places.events.pop_front()
    }

    /// Whether a connection to this broker is to be kept.
    #[must_use]
    pub fn wants_connection(&self, id: BrokerId) -> bool {
        self.places.brokers.contains_key(&id)
    }

    /// The next request for this broker, if one may go out now.
    pub fn poll_request(&mut self, now: Instant, id: BrokerId, versions: &Versions) -> Option<Outgoing> {
        let share = self.share();
        let kept = self.memory.size_of(id);
        let broker = self.places.brokers.get_mut(&id).filter(|broker| broker.is_free())?;
        broker.lacks_memory = kept >= share;
        if broker.lacks_memory {
            return None;
        }
        let wait = if broker.held_back == 0 { self.config.fetch_max_wait } else { Duration::ZERO };
        let limits = Limits { bytes_max: self.config.fetch_bytes_max.min(share - kept), wait };
        let (draft, asked) = self.draft(id);
        let request = RequestId(self.number());
        let topics = draft.ids.clone();
        let written = draft.write(request, versions, limits, &self.config);
        let flight = Flight { id: request, asked_at: now, asked, topics };
        match written {
            Ok(outgoing) => {
                self.places.brokers.get_mut(&id)?.flight = Some(flight);
                Some(outgoing)
            }
            Err(error) => {
                self.fail(now, 0, id, &flight, Failure::Request(error));
                None
            }
        }
    }

    /// A request of [`Consumer::poll_request`] ended. `random` is any 64 random bits.
    pub fn handle_answer(
        &mut self,
        now: Instant,
        random: u64,
        id: BrokerId,
        request: RequestId,
        result: Result<Answer, RequestError>,
    ) {
        let Some(broker) = self.places.brokers.get_mut(&id) else { return };
        let Some(flight) = broker.flight.take_if(|flight| flight.id == request) else { return };
        let read = result.map_err(Failure::Request).and_then(|answer| answer::read(&flight, answer));
        match read {
            Ok(fetched) => self.take(now, random, id, &flight, fetched),
            Err(failure) => self.fail(now, random, id, &flight, failure),
        }
    }

    /// No connection to this broker could be opened: another may lead its partitions by now.
    pub fn handle_unreachable(&mut self, id: BrokerId) {
        let stranded = self.partitions.values().filter(|partition| partition.leader == Some(id));
        let topics: BTreeSet<Arc<str>> = stranded.map(|partition| Arc::clone(&partition.at.topic)).collect();
        self.places.events.extend(topics.into_iter().map(Event::RefreshMetadata));
    }

    /// The next request for offsets; each is to end in [`Consumer::handle_lookup`].
    pub fn poll_lookup(&mut self) -> Option<Lookup> {
        let mut broker = None;
        let mut wanted = Vec::new();
        let mut asked = Vec::new();
        while let Some((leader, at)) = self.places.next_to_locate(broker) {
            let Some(partition) = self.partitions.get_mut(&at) else { continue };
            let Some(place) = partition.ask_offset() else { continue };
            broker = Some(leader);
            asked.push((at.clone(), partition.generation));
            wanted.push(Wanted { at, leader_epoch: partition.leader_epoch, place });
        }
        let broker = broker?;
        let id = LookupId(self.number());
        self.lookups.insert(id, asked);
        Some(Lookup { id, broker, request: offsets::request(wanted) })
    }

    /// A request of [`Consumer::poll_lookup`] ended. `random` is any 64 random bits.
    pub fn handle_lookup(
        &mut self,
        now: Instant,
        random: u64,
        id: LookupId,
        answer: Result<ListOffsetsResponse, LookupError>,
    ) {
        let said = answer.map(|response| offsets::read(&response));
        for (at, generation) in self.lookups.remove(&id).unwrap_or_default() {
            let current = self.partitions.get_mut(&at).filter(|partition| partition.generation == generation);
            let Some(partition) = current else { continue };
            let verdict = match &said {
                Ok(said) => said.get(&at).copied().unwrap_or(Err(Verdict::Again)),
                Err(LookupError::NoAnswer) => Err(Verdict::Again),
                Err(LookupError::Never(error)) => {
                    partition.stop(StopReason::Request(error.clone()));
                    self.places.settle(partition, &self.config);
                    continue;
                }
            };
            match verdict {
                Ok(offset) => partition.handle_offset(offset),
                Err(verdict) => self.places.refuse(partition, now, random, verdict, &self.config),
            }
            self.places.settle(partition, &self.config);
        }
    }

    /// When [`Consumer::handle_timeout`] is to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.places.poll_timeout()
    }

    /// The time of [`Consumer::poll_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(at) = self.places.next_due(now) {
            let Some(partition) = self.partitions.get_mut(&at) else { continue };
            partition.timer = None;
            partition.pause.until = None;
            self.places.settle(partition, &self.config);
        }
        self.places.end_rests(now);
    }
}

/// What changes when something happens.
impl Consumer {
    /// Puts together what is asked of a broker.
    fn draft(&self, id: BrokerId) -> (Draft, BTreeMap<TopicPartition, i64>) {
        let (mut draft, mut asked) = (Draft::default(), BTreeMap::new());
        for at in self.places.brokers.get(&id).into_iter().flat_map(|broker| broker.queue.values()) {
            let Some(partition) = self.partitions.get(at) else { continue };
            let Some(offset) = partition.fetch_offset() else { continue };
            let topic_id = self.snapshot.topic(&at.topic).map_or(TopicId::ZERO, |topic| topic.id);
            draft.add(partition, topic_id, offset, &self.config);
            asked.insert(at.clone(), offset);
        }
        (draft, asked)
    }

    /// Takes an answer.
    fn take(&mut self, now: Instant, random: u64, id: BrokerId, flight: &Flight, fetched: Fetched) {
        let answer = (self.memory.next_answer(), fetched.size_bytes);
        let mut is_anything = false;
        for (at, said) in fetched.partitions {
            let Some(asked) = flight.asked.get(&at).copied() else { continue };
            let current = self.partitions.get_mut(&at).filter(|partition| partition.fetch_offset() == Some(asked));
            // It was sought elsewhere meanwhile, which is not the broker's fault.
            let Some(partition) = current else {
                is_anything = true;
                continue;
            };
            match said {
                Ok(records) => {
                    let has_news = partition.handle_records(&records, id, answer, &mut self.memory);
                    is_anything |= has_news;
                    if has_news {
                        self.places.end_turn(partition);
                    }
                }
                // What a broker that leads it no longer says of a partition is of no use.
                Err(_) if partition.leader != Some(id) => is_anything = true,
                Err(code) => {
                    is_anything = true;
                    self.places.refuse(partition, now, random, Verdict::of(code), &self.config);
                }
            }
            self.places.settle(partition, &self.config);
        }
        // One that was to wait for something, and did, is asked again at once.
        if !is_anything && now.saturating_duration_since(flight.asked_at) < self.config.fetch_max_wait {
            self.places.rest(now, id, &self.config);
        }
    }

    /// A request failed as a whole.
    fn fail(&mut self, now: Instant, random: u64, id: BrokerId, flight: &Flight, failure: Failure) {
        for (at, asked) in &flight.asked {
            let current = self.partitions.get_mut(at).filter(|partition| partition.fetch_offset() == Some(*asked));
            let Some(partition) = current.filter(|partition| partition.leader == Some(id)) else { continue };
            match &failure {
                // The connection has a backoff of its own.
                Failure::Request(RequestError::NotSent { .. } | RequestError::OutcomeUnknown { .. }) => {}
                Failure::Request(error) => partition.stop(StopReason::Request(error.clone())),
                Failure::Refused(code) => self.places.refuse(partition, now, random, Verdict::of(*code), &self.config),
            }
            self.places.settle(partition, &self.config);
        }
        if matches!(failure, Failure::Request(RequestError::NotSent { .. } | RequestError::OutcomeUnknown { .. })) {
            self.handle_unreachable(id);
        }
    }

    /// Tells every partition what the cluster's picture says of it.
    fn look_up_leaders(&mut self, now: Instant) {
        for (at, partition) in &mut self.partitions {
            match (self.snapshot.partition(&at.topic, at.partition), self.snapshot.topics.get(&at.topic)) {
                (Some(known), _) => partition.handle_leader(known),
                (None, Some(TopicState::Refused { code, .. })) => partition.handle_unled(now, *code, &self.config),
                (None, Some(TopicState::Known(_))) => {
                    partition.handle_unled(now, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, &self.config);
                }
                (None, None) => self.places.events.push_back(Event::RefreshMetadata(Arc::clone(&at.topic))),
            }
            self.places.settle(partition, &self.config);
        }
        // What was kept of a partition may be gone, and the shares are others.
        self.wake_hungry();
    }

    fn number(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// How many bytes of what one broker sent may be kept; one at least, so that each is asked when nothing of it waits.
    fn share(&self) -> usize {
        (self.config.fetch_buffer_bytes_max / self.places.brokers.len().max(1)).max(1)
    }

    /// Wakes the brokers that were not asked for want of memory, and now may be.
    fn wake_hungry(&mut self) {
        let share = self.share();
        self.places.wake_hungry(|broker| self.memory.size_of(broker) < share);
    }
}
