//! The part of a consumer that its handles, its connections and its clock share.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Instant;

use ottla_core::cluster::Snapshot;
pub(crate) use ottla_core::consumer::Place;
use ottla_core::consumer::{
    Config, Consumer, Event, Lookup, LookupError, NotAssigned, OffsetQuery, Packed, Start, TopicPartition,
};
use ottla_core::{Answer, Now, Outgoing, RequestError, RequestId, Versions};
use ottla_wire::BrokerId;
use ottla_wire::compression::{Decompressor, Limits};
use ottla_wire::message::{ListOffsetsRequest, ListOffsetsResponse};
use tokio::sync::Notify;
use tokio::task::{JoinSet, coop};
use tokio::time::timeout_at;

use super::cell::Guarded;
use super::link::{Link, Purpose};
use super::retry;
use super::work::Work;
use crate::consumer::{AssignError, Batch, ConsumeError, OffsetsError};
use crate::error::{CallError, ConnectError};
use crate::shared::{MetadataListener, Shared, Target};

/// A consumer. Its connections and tasks end with it.
///
/// Locks are taken in this order, and none is held while waiting: the links, the reading.
pub(crate) struct Consuming {
    this: Weak<Self>,
    shared: Arc<Shared>,
    /// Of the decompression of one batch.
    limits: Limits,
    /// What batches are decompressed by, while it is not.
    decompressor: Guarded<Decompressor>,
    reading: Guarded<Reading>,
    links: Guarded<BTreeMap<BrokerId, Link>>,
    tasks: Guarded<JoinSet<()>>,
    /// Rung when there may be something to hand out.
    readable: Notify,
    /// Rung when the consumer's next time may be an earlier one.
    clock: Arc<Notify>,
    /// Whether the runtime has ended, and with it all that could bring records.
    is_ended: AtomicBool,
}

struct Reading {
    consumer: Consumer,
    /// The brokers that let the client in no more, with the error where it was not told yet.
    closed: BTreeMap<BrokerId, Option<Arc<ConnectError>>>,
}

/// What became of a call for the next records.
enum Next {
    Handed { handed: Result<Packed, ConsumeError>, is_more: bool },
    Over,
    NotYet,
}

impl Consuming {
    pub(crate) fn start(shared: &Arc<Shared>, config: Config) -> Arc<Self> {
        let consuming = Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            shared: Arc::clone(shared),
            limits: config.decompression(),
            decompressor: Guarded::default(),
            reading: Guarded::new(Reading {
                consumer: Consumer::new(config, shared.snapshot()),
                closed: BTreeMap::new(),
            }),
            links: Guarded::default(),
            tasks: Guarded::default(),
            readable: Notify::new(),
            clock: Arc::default(),
            is_ended: AtomicBool::new(false),
        });
        let listener: Arc<dyn MetadataListener> = Arc::clone(&consuming) as _;
        shared.subscribe(Arc::downgrade(&listener));
        consuming.spawn(keep_time(Ending(Weak::clone(&consuming.this)), Arc::clone(&consuming.clock)));
        consuming
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// See [`crate::Consumer::next`].
    pub(crate) async fn next(&self) -> Result<Option<Batch>, ConsumeError> {
        loop {
            // An application that always finds something must let the connections have their turn.
            coop::consume_budget().await;
            let readable = self.readable.notified();
            match self.turn(self.shared.now(), |reading, _| reading.hand_out()) {
                Next::Handed { handed, is_more } => {
                    if is_more {
                        // Another call may wait for it.
                        self.readable.notify_one();
                    }
                    if let Some(next) = self.unpack(handed?).transpose() {
                        return next.map(Some);
                    }
                }
                Next::Over => return Ok(None),
                Next::NotYet if self.is_ended.load(Ordering::Acquire) => return Ok(None),
                Next::NotYet => readable.await,
            }
        }
    }

    /// Decompresses what is handed out, on the caller's task and under no lock; `None` where there is nothing in it, or it is wanted no more.
    fn unpack(&self, packed: Packed) -> Result<Option<Batch>, ConsumeError> {
        // Another call that has one to unpack meanwhile takes new memory.
        let mut decompressor = self.decompressor.with(std::mem::take);
        let unpacked = packed.unpack(&mut decompressor, &self.limits);
        self.decompressor.with(|kept| *kept = decompressor);
        match unpacked {
            Ok(batch) => Ok(batch.map(Batch::new)),
            Err(unreadable) => {
                let stopped =
                    self.turn(self.shared.now(), |reading, _| reading.consumer.handle_unreadable(*unreadable));
                stopped.map_or(Ok(None), |stopped| Err(stopped.into()))
            }
        }
    }

    /// See [`crate::Consumer::assign`].
    pub(crate) async fn assign(
        &self,
        assignment: BTreeMap<TopicPartition, Start>,
        deadline: Instant,
    ) -> Result<(), AssignError> {
        for (at, start) in &assignment {
            if let Start::Offset(offset @ ..0) = *start {
                return Err(AssignError::NegativeOffset { at: at.clone(), offset });
            }
        }
        known(&self.shared, assignment.keys(), deadline).await?;
        self.turn(self.shared.now(), |reading, now| {
            // The consumer may not have been told of the metadata that has new topics.
            reading.consumer.handle_metadata(now.mono, self.shared.snapshot());
            reading.consumer.assign(now.mono, assignment);
        });
        Ok(())
    }

    /// See [`crate::Consumer::seek`].
    pub(crate) fn seek(&self, at: &TopicPartition, start: Start) -> Result<(), NotAssigned> {
        self.turn(self.shared.now(), |reading, _| reading.consumer.seek(at, start))
    }

    pub(crate) fn position(&self, at: &TopicPartition) -> Result<Option<i64>, NotAssigned> {
        self.reading.with(|reading| reading.consumer.position(at))
    }

    pub(crate) fn assignment(&self) -> Vec<TopicPartition> {
        self.reading.with(|reading| reading.consumer.assignment().cloned().collect())
    }

    pub(crate) fn buffered_bytes(&self) -> usize {
        self.reading.with(|reading| reading.consumer.buffered_bytes())
    }

    /// Tells the consumer something, and does what it says.
    fn turn<R>(&self, now: Now, input: impl FnOnce(&mut Reading, Now) -> R) -> R {
        let (result, events, is_over, is_sooner) = self.reading.with(|reading| {
            let due = reading.consumer.poll_timeout();
            let result = input(reading, now);
            let events: Vec<_> = std::iter::from_fn(|| reading.consumer.poll_event()).collect();
            // A later time is found out when the earlier one comes.
            let is_sooner = reading.consumer.poll_timeout().is_some_and(|next| due.is_none_or(|due| next < due));
            (result, events, reading.consumer.is_over(), is_sooner)
        });
        if is_sooner {
            self.clock.notify_one();
        }
        if is_over {
            self.readable.notify_waiters();
        }
        self.carry_out(events);
        result
    }

    fn carry_out(&self, events: Vec<Event>) {
        let mut stale = BTreeSet::new();
        for event in events {
            match event {
                Event::Wanted(broker) | Event::Left(broker) => self.open_or_close(broker),
                Event::Work(broker) => self.links.with(|links| links.get(&broker).map_or((), Link::wake)),
                Event::LookUp => self.look_up(),
                Event::Readable => self.readable.notify_one(),
                Event::RefreshMetadata(topic) => drop(stale.insert(topic)),
            }
        }
        if !stale.is_empty() {
            self.shared.refresh_metadata(stale);
        }
    }

    /// Has a connection to the broker if one is wanted, whatever was wanted before: events of two turns may come in any order.
    fn open_or_close(&self, broker: BrokerId) {
        self.links.with(|links| {
            if !self.reading.with(|reading| reading.consumer.wants_connection(broker)) {
                links.remove(&broker);
                self.reading.with(|reading| reading.closed.remove(&broker));
                return;
            }
            let link = links.entry(broker).or_insert_with(|| {
                let work = Towards { broker, consuming: Weak::clone(&self.this) };
                self.shared.link(broker, Purpose::Fetch, Arc::new(work))
            });
            link.wake();
        });
    }

    fn look_up(&self) {
        while let Some(lookup) = self.reading.with(|reading| reading.consumer.poll_lookup()) {
            self.spawn(look_up(Weak::clone(&self.this), Arc::clone(&self.shared), lookup));
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.with(|tasks| {
            while tasks.try_join_next().is_some() {}
            tasks.spawn_on(task, &self.shared.net.runtime);
        });
    }
}

impl Reading {
    fn hand_out(&mut self) -> Next {
        let untold = self.closed.iter_mut().find_map(|(broker, error)| Some((*broker, error.take()?)));
        let handed = match untold {
            Some((broker, source)) => Some(Err(ConsumeError::Unreachable { broker, source })),
            None => self.consumer.poll_batch().map(|handed| handed.map_err(ConsumeError::from)),
        };
        match handed {
            Some(handed) => Next::Handed { handed, is_more: self.consumer.is_readable() },
            None if self.consumer.is_over() => Next::Over,
            None => Next::NotYet,
        }
    }
}

impl fmt::Debug for Consuming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consuming").finish_non_exhaustive()
    }
}

impl MetadataListener for Consuming {
    fn metadata_changed(&self, now: Now, snapshot: &Arc<Snapshot>) {
        self.turn(now, |reading, now| reading.consumer.handle_metadata(now.mono, Arc::clone(snapshot)));
    }

    fn used_topics(&self) -> Vec<Arc<str>> {
        let mut topics: Vec<_> =
            self.reading.with(|reading| reading.consumer.assignment().map(|at| Arc::clone(&at.topic)).collect());
        topics.dedup();
        topics
    }
}

/// What the connection to one broker asks of the consumer.
struct Towards {
    broker: BrokerId,
    consuming: Weak<Consuming>,
}

impl Work for Towards {
    fn wants_connection(&self, _now: Now) -> bool {
        let consuming = self.consuming.upgrade();
        consuming.is_some_and(|it| it.reading.with(|reading| reading.consumer.wants_connection(self.broker)))
    }

    fn poll_request(&self, now: Now, versions: &Versions) -> Option<Outgoing> {
        let consuming = self.consuming.upgrade()?;
        consuming.turn(now, |reading, now| reading.consumer.poll_request(now.mono, self.broker, versions))
    }

    fn handle_answer(&self, now: Now, id: RequestId, result: Result<Answer, RequestError>) {
        let Some(consuming) = self.consuming.upgrade() else { return };
        let random = consuming.shared.random();
        consuming.turn(now, |reading, now| {
            if result.is_ok() {
                reading.closed.remove(&self.broker);
            }
            reading.consumer.handle_answer(now.mono, random, self.broker, id, result);
        });
    }

    fn handle_unreachable(&self, now: Now, error: &Arc<ConnectError>) {
        let Some(consuming) = self.consuming.upgrade() else { return };
        consuming.turn(now, |reading, _| {
            if error.is_final() {
                reading.closed.entry(self.broker).or_insert_with(|| Some(Arc::clone(error)));
            }
            reading.consumer.handle_unreachable(self.broker);
        });
        consuming.readable.notify_one();
    }
}

/// Ends the consumer with the runtime: nothing that is not there yet will come.
struct Ending(Weak<Consuming>);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(consuming) = self.0.upgrade() {
            consuming.is_ended.store(true, Ordering::Release);
            consuming.readable.notify_waiters();
        }
    }
}

/// Tells the consumer when its time has come. Ends with it.
async fn keep_time(ending: Ending, clock: Arc<Notify>) {
    loop {
        let Some(consuming) = ending.0.upgrade() else { return };
        let now = consuming.shared.now();
        let due = consuming.reading.with(|reading| reading.consumer.poll_timeout());
        if due.is_some_and(|due| due <= now.mono) {
            consuming.turn(now, |reading, now| reading.consumer.handle_timeout(now.mono));
            continue;
        }
        let until = due.map(|due| consuming.shared.net.on_tokio(due));
        drop(consuming);
        match until {
            // Whether the time has come or is another, the consumer says what to do.
            Some(until) => drop(timeout_at(until, clock.notified()).await),
            None => clock.notified().await,
        }
    }
}

/// Makes one lookup, over the connection for single calls: a fetch may wait at the broker, and nothing behind it would be answered.
async fn look_up(weak: Weak<Consuming>, shared: Arc<Shared>, lookup: Lookup) {
    let Lookup { id, broker, request } = lookup;
    let answer = list_offsets(&shared, broker, request).await.map_err(|error| lookup_error(&error));
    if let Some(consuming) = weak.upgrade() {
        let random = shared.random();
        consuming.turn(shared.now(), |reading, now| reading.consumer.handle_lookup(now.mono, random, id, answer));
    }
}

async fn list_offsets(
    shared: &Shared,
    broker: BrokerId,
    request: ListOffsetsRequest,
) -> Result<ListOffsetsResponse, CallError> {
    let deadline = shared.now().mono + shared.net.connect_timeout + shared.net.request_timeout;
    shared.call(Target::Broker(broker), request, deadline).await.map(|(response, _)| response)
}

fn lookup_error(error: &CallError) -> LookupError {
    match error {
        CallError::Request(never) if !error.is_transient() => LookupError::Never(never.clone()),
        _ => LookupError::NoAnswer,
    }
}

/// Waits until all of these are known to be there, at most until `deadline`.
async fn known(
    shared: &Arc<Shared>,
    partitions: impl Iterator<Item = &TopicPartition> + Clone,
    deadline: Instant,
) -> Result<(), AssignError> {
    let names: BTreeSet<_> = partitions.clone().map(|at| Arc::clone(&at.topic)).collect();
    let snapshot = shared.snapshot();
    let new: Vec<_> = names.iter().filter(|name| snapshot.topic(name).is_none()).cloned().collect();
    if !new.is_empty() {
        // All at once; each would be asked for alone otherwise.
        shared.refresh_metadata(new);
    }
    let mut counts = BTreeMap::new();
    for name in names {
        let topic = shared.topic(&name, deadline).await?;
        counts.insert(name, topic.partitions.len());
    }
    for at in partitions {
        let partitions = counts.get(&at.topic).copied().unwrap_or_default();
        if usize::try_from(at.partition).map_or(true, |index| index >= partitions) {
            return Err(AssignError::UnknownPartition { at: at.clone(), partitions });
        }
    }
    Ok(())
}

/// One end of each of these logs; asks their leaders at the same time, and again what they do not tell.
pub(crate) async fn offsets(
    shared: &Arc<Shared>,
    place: Place,
    partitions: Vec<TopicPartition>,
) -> Result<BTreeMap<TopicPartition, i64>, OffsetsError> {
    let deadline = shared.admin_deadline();
    known(shared, partitions.iter(), deadline).await?;
    let mut query = OffsetQuery::new(place, partitions);
    let mut failures = 0;
    let mut trouble = None;
    loop {
        let mut calls = JoinSet::new();
        while let Some((broker, request)) = query.poll_request(&shared.snapshot()) {
            let shared = Arc::clone(shared);
            calls.spawn(async move { (broker, list_offsets(&shared, broker, request).await) });
        }
        while let Some(Ok((broker, answer))) = calls.join_next().await {
            let answer = answer.map_err(|error| {
                let never = lookup_error(&error);
                trouble = Some(error);
                never
            });
            query.handle_answer(broker, answer).map_err(|(at, reason)| OffsetsError::Refused { at, reason })?;
        }
        let Some(at) = query.left().next().cloned() else { return Ok(query.into_offsets()) };
        shared.refresh_metadata([]);
        failures += 1;
        if !retry::pause(&shared.net, failures, deadline).await {
            return Err(OffsetsError::NoAnswer { at, source: trouble });
        }
    }
}
