//! The part of a producer that its handles, its connections and its clock share.

mod intercepting;
mod many;
mod producer_id;
mod towards;
mod trying;

use std::collections::{BTreeMap, BTreeSet};
use std::iter::{self, Peekable};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use ottla_core::Now;
use ottla_core::cluster::{Snapshot, Topic};
use ottla_core::producer::{BatchId, CompressionError, Config, Done, Event, Job, Outcome, Part, Sender, Ticket};
use ottla_wire::BrokerId;
use ottla_wire::compression::Compressor;
use ottla_wire::record::{BATCH_HEADER_BYTES, BatchWriter};
use tokio::sync::{Notify, watch};
use tokio::time::{timeout, timeout_at};

use self::towards::Towards;
use self::trying::Sought;
use super::accumulator::{Accumulators, Bounds, Deliveries, Ledger, Place, Taking, Topics};
use super::cell::Guarded;
use super::delivery::{Delivery, LostRecords};
use super::link::{Link, Purpose};
use super::meter::Meter;
use super::placing::{Draw, Spread};
use super::room::Room;
use super::span::Traced;
use crate::producer::{CloseError, Interceptors, Partitioning, ProducerMetrics, Record, SendError};
use crate::shared::{MetadataListener, Shared};

/// The most that `buffer_bytes_max` can be.
pub(crate) const BUFFER_BYTES_LIMIT: usize = tokio::sync::Semaphore::MAX_PERMITS;

/// What bounds a producer, beside what its core knows of.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) core: Config,
    pub(crate) buffer_bytes_max: usize,
    pub(crate) send_timeout: Duration,
    pub(crate) interceptors: Interceptors,
    pub(crate) partitioning: Partitioning,
    pub(crate) is_adaptive: bool,
    pub(crate) availability_timeout: Option<Duration>,
}

impl Settings {
    const fn spread(&self) -> Spread {
        let Self { is_adaptive, availability_timeout, .. } = *self;
        Spread { is_adaptive, availability_timeout, linger: self.core.linger }
    }
}

/// A producer.
///
/// Locks are taken in this order, and none is held while waiting: the sender, the topics, the balance of one, one partition, the ledger.
pub(crate) struct Producing {
    this: Weak<Self>,
    shared: Arc<Shared>,
    settings: Settings,
    topics: Topics,
    ledger: Guarded<Ledger>,
    sender: Guarded<Sender<Deliveries>>,
    links: Guarded<BTreeMap<BrokerId, Link>>,
    room: Room,
    meter: Meter,
    /// The topics that somebody asks for in the background.
    sought: Guarded<Sought>,
    /// What batches are compressed by, while it is not: at most one for each that is compressed at a time.
    compressors: Guarded<Vec<Compressor>>,
    /// All batches before this one have ended.
    settled: watch::Sender<BatchId>,
    /// Rung when the sender's next time may be another.
    clock: Arc<Notify>,
    is_closed: AtomicBool,
    lost_records: LostRecords,
}

impl Producing {
    pub(crate) fn start(shared: &Arc<Shared>, settings: Settings) -> Arc<Self> {
        let ledger = Ledger::default();
        let room = Room::new(settings.buffer_bytes_max);
        let meter = Meter::new(&shared.net.client_id, &room);
        let producing = Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            settled: watch::Sender::new(ledger.outstanding.settled()),
            ledger: Guarded::new(ledger),
            sender: Guarded::new(Sender::new(settings.core.clone(), shared.snapshot(), shared.random())),
            topics: Topics::default(),
            links: Guarded::default(),
            room,
            meter,
            sought: Guarded::default(),
            compressors: Guarded::default(),
            clock: Arc::default(),
            is_closed: AtomicBool::new(false),
            lost_records: LostRecords::default(),
            shared: Arc::clone(shared),
            settings,
        });
        let listener: Arc<dyn MetadataListener> = Arc::clone(&producing) as _;
        shared.subscribe(Arc::downgrade(&listener));
        shared.net.runtime.spawn(keep_time(Ending(Arc::downgrade(&producing)), Arc::clone(&producing.clock)));
        producing
    }

    pub(crate) fn lost_records(&self) -> LostRecords {
        self.lost_records.clone()
    }

    pub(crate) fn metrics(&self) -> ProducerMetrics {
        self.meter.metrics(&self.room)
    }

    /// See [`crate::Producer::send`].
    pub(crate) async fn send(&self, record: &Record<'_>) -> Result<Delivery, SendError> {
        let size_bytes = self.checked_size(record)?;
        let known = self.topics.by_name(record.topic());
        let topic = match known {
            Some(topic) => topic,
            None => self.learn(record.topic()).await?,
        };
        if !self.room.try_take(size_bytes) {
            self.wait_for_room(size_bytes).await?;
        }
        self.append_one(&topic, record, size_bytes)
    }

    fn checked_size(&self, record: &Record<'_>) -> Result<usize, SendError> {
        let size_bytes = record.at(0).size_bytes_max();
        if size_bytes.saturating_add(BATCH_HEADER_BYTES) > self.settings.core.batch_bytes_max {
            return Err(self.too_large(record, size_bytes));
        }
        if self.is_closed.load(Ordering::Acquire) { Err(SendError::Closed) } else { Ok(size_bytes) }
    }

    fn too_large(&self, record: &Record<'_>, size_bytes: usize) -> SendError {
        SendError::RecordTooLarge {
            topic: record.topic().to_owned(),
            size_bytes: size_bytes.saturating_add(BATCH_HEADER_BYTES),
            max_bytes: self.settings.core.batch_bytes_max,
        }
    }

    async fn learn(&self, name: &str) -> Result<Arc<Accumulators>, SendError> {
        let deadline = self.shared.now().mono + self.settings.send_timeout;
        let topic = self.shared.topic(name, deadline).await?;
        Ok(self.take_in(&topic))
    }

    /// Begins to keep what gathers for a topic.
    fn take_in(&self, topic: &Arc<Topic>) -> Arc<Accumulators> {
        let accumulators =
            self.sender.with(|sender| self.topics.add(topic, || sender.add_topic(Arc::clone(&topic.name))));
        // The sender may not have been told of the metadata that has this topic.
        let snapshot = self.shared.snapshot();
        self.turn(self.shared.now(), |sender, now, batches| sender.handle_metadata(now, snapshot, batches));
        accumulators
    }

    async fn wait_for_room(&self, size_bytes: usize) -> Result<(), SendError> {
        // Batches that linger hold what is waited for.
        self.hurry();
        let waited = self.settings.send_timeout;
        let deadline = self.shared.now().mono + waited;
        let taken = self.room.take(&self.shared.net, size_bytes, deadline).await;
        if !taken {
            return Err(SendError::NoRoom { size_bytes, max_bytes: self.settings.buffer_bytes_max, waited });
        }
        if self.is_closed.load(Ordering::Acquire) {
            self.room.give_back(size_bytes);
            return Err(SendError::Closed);
        }
        Ok(())
    }

    /// Appends a record that has taken its room; gives that back where the record is not taken.
    fn append_one(&self, topic: &Accumulators, record: &Record<'_>, size_bytes: usize) -> Result<Delivery, SendError> {
        let mut taken = None;
        let chosen = self.choose(topic, record).map(|place| {
            self.append(topic, place, &mut iter::once((record, size_bytes)).peekable(), |joined| taken = Some(joined));
        });
        if taken.is_none() {
            self.room.give_back(size_bytes);
        }
        chosen.and_then(|()| taken.ok_or_else(|| self.too_large(record, size_bytes)))
    }

    /// Appends a run of records that go to one partition, or on to others where they may. One that has no place even in a batch of its own is left in
    /// `run`, with those behind it.
    fn append<'r>(
        &self,
        topic: &Accumulators,
        mut place: Place,
        run: &mut Peekable<impl Iterator<Item = (&'r Record<'r>, usize)>>,
        mut joined: impl FnMut(Delivery),
    ) {
        let now = self.shared.now();
        let batch_bytes_max = self.settings.core.batch_bytes_max.min(topic.batch_bytes_max());
        let random = || self.shared.random();
        let draw = self.draw(now, &random);
        let bounds = Bounds { batch_bytes_max, ledger: &self.ledger, draw };
        let mut changed = false;
        let mut traced = Traced::default();
        let mut joined = |delivery| {
            traced.join(&delivery);
            joined(delivery);
        };
        loop {
            let appended = topic.append(now, place, run, &bounds, &mut joined);
            changed |= appended.changed;
            let is_over = !appended.has_room || run.peek().is_none();
            if is_over && !appended.leaves {
                break;
            }
            let next = topic.switch(Some(place.partition), &draw);
            if is_over {
                break;
            }
            place = Place { partition: next.unwrap_or(place.partition), stays: true, ..place };
        }
        traced.begin(&self.shared.net.client_id);
        if changed {
            self.turn(now, |_, _, _| ());
        }
    }

    /// Where a record goes.
    fn choose(&self, topic: &Accumulators, record: &Record<'_>) -> Result<Place, SendError> {
        let random = || self.shared.random();
        let place = topic.place(&self.settings.partitioning, record, &self.draw(self.shared.now(), &random));
        place.map_err(|partition| {
            // It may have been given more partitions since.
            self.shared.refresh_metadata([Arc::clone(&topic.topic.name)]);
            let partitions = topic.topic.partitions.len();
            SendError::UnknownPartition { topic: record.topic().to_owned(), partition, partitions }
        })
    }

    const fn draw<'a>(&self, now: Now, random: &'a dyn Fn() -> u64) -> Draw<'a> {
        Draw { now: now.mono, spread: self.settings.spread(), random }
    }

    /// See [`crate::Producer::flush`].
    pub(crate) async fn flush(&self) {
        let target = self.ledger.with(|ledger| ledger.outstanding.next());
        self.hurry();
        let mut settled = self.settled.subscribe();
        // It ends with an error only when the sender is gone, and `self` holds it.
        let _ = settled.wait_for(|settled| *settled >= target).await;
    }

    /// See [`crate::Producer::close`].
    pub(crate) async fn close(&self, within: Duration) -> Result<(), CloseError> {
        self.is_closed.store(true, Ordering::Release);
        // Whether all have ended or the time is over: what is left ends now.
        let _ = timeout(within, self.flush()).await;
        self.abandon()
    }

    /// Ends all that has not ended, without waiting.
    pub(crate) fn abandon(&self) -> Result<(), CloseError> {
        self.is_closed.store(true, Ordering::Release);
        let ended = self.turn(self.shared.now(), |sender, now, batches| sender.handle_close(now, batches)).1;
        self.links.with(mem::take);
        self.clock.notify_one();
        let lost = CloseError { not_sent: ended.not_sent, outcome_unknown: ended.outcome_unknown };
        let records = lost.not_sent + lost.outcome_unknown;
        if records == 0 {
            return Ok(());
        }
        self.lost_records.add(records);
        tracing::warn!(lost.not_sent, lost.outcome_unknown, "the producer ends with records that were not delivered");
        Err(lost)
    }

    /// Batches that linger are to go out.
    pub(crate) fn hurry(&self) {
        self.turn(self.shared.now(), |sender, now, batches| sender.handle_flush(now, batches));
    }

    /// Tells the sender something, after what the accumulators have for it, and does what it says.
    fn turn<R>(
        &self,
        now: Now,
        input: impl FnOnce(&mut Sender<Deliveries>, Instant, &mut Taking<'_>) -> R,
    ) -> (R, Lost) {
        let random = || self.shared.random();
        let (result, jobs, events, moved) = self.sender.with(|sender| {
            let mut batches = Taking { topics: &self.topics, draw: self.draw(now, &random) };
            let due = sender.poll_timeout();
            for key in self.ledger.with(|ledger| mem::take(&mut ledger.changed)) {
                sender.handle_appended(now.mono, key, &mut batches);
            }
            let result = input(sender, now.mono, &mut batches);
            let jobs: Vec<_> = std::iter::from_fn(|| sender.poll_compress(now.mono, &mut batches)).collect();
            let events: Vec<_> = std::iter::from_fn(|| sender.poll_event()).collect();
            // A later time is found out when the earlier one comes.
            let moved = sender.poll_timeout().is_some_and(|next| due.is_none_or(|due| next < due));
            (result, jobs, events, moved)
        });
        if moved {
            self.clock.notify_one();
        }
        for (ticket, job) in jobs {
            let compressor = self.compressors.with(Vec::pop).map_or_else(|| self.settings.core.compressor(), Ok);
            self.shared.net.runtime.spawn(compress(Weak::clone(&self.this), ticket, job, compressor));
        }
        (result, self.carry_out(events))
    }

    /// Keeps what a job has ended with for the next.
    fn keep(&self, compressor: Compressor, spare: Option<BatchWriter>) {
        let count_max = self.settings.core.compressions_max;
        self.compressors.with(|compressors| compressors.push(compressor));
        self.ledger.with(|ledger| {
            ledger.spare.extend(spare);
            ledger.spare.truncate(count_max);
        });
    }

    fn carry_out(&self, events: Vec<Event<Deliveries>>) -> Lost {
        let mut lost = Lost::default();
        let mut woken = BTreeSet::new();
        let mut stale = BTreeSet::new();
        for event in events {
            match event {
                Event::Sent { record_count, batch_bytes, queued } => self.meter.sent(record_count, batch_bytes, queued),
                Event::Work { broker } => drop(woken.insert(broker)),
                Event::ProducerIdWanted => {
                    drop(self.shared.net.runtime.spawn(producer_id::identify(Weak::clone(&self.this))))
                }
                Event::RefreshMetadata { topic } => drop(stale.insert(topic)),
                Event::BatchBytesMax { topic, bytes } => self.topics.set_batch_bytes_max(topic, bytes),
                Event::Ended { deliveries, part, outcome } => {
                    lost.count(&outcome, part.record_count());
                    self.end(&deliveries, part, outcome);
                }
            }
        }
        for broker in woken {
            self.wake(broker);
        }
        if !stale.is_empty() {
            self.shared.refresh_metadata(stale);
        }
        lost
    }

    fn wake(&self, broker: BrokerId) {
        self.links.with(|links| {
            let link = links.entry(broker).or_insert_with(|| {
                let work = Towards::new(broker, Weak::clone(&self.this));
                self.shared.link(broker, Purpose::Produce, Arc::new(work))
            });
            link.wake();
        });
    }

    fn end(&self, batch: &Deliveries, part: Part, outcome: Outcome) {
        if let Err(error) = batch.result(&outcome, 0, 0) {
            tracing::debug!(records = part.record_count(), %error, "a batch was not delivered");
        }
        self.meter.ended(part.record_count(), &outcome);
        self.tell_ended(batch, &part, &outcome);
        if !batch.end(part, outcome) {
            return;
        }
        self.room.give_back(batch.taken_bytes());
        self.meter.freed(&self.room);
        self.ledger.with(|ledger| {
            if let Some(settled) = ledger.handle_ended(batch.id) {
                self.settled.send_replace(settled);
            }
        });
    }
}

/// How many records of some batches were not delivered.
#[derive(Clone, Copy, Debug, Default)]
struct Lost {
    not_sent: u64,
    outcome_unknown: u64,
}

impl Lost {
    fn count(&mut self, outcome: &Outcome, records: u32) {
        match outcome {
            Outcome::Delivered { .. } => {}
            Outcome::Refused { .. } | Outcome::NotSent { .. } => self.not_sent += u64::from(records),
            Outcome::OutcomeUnknown { .. } => self.outcome_unknown += u64::from(records),
        }
    }
}

/// Ends all that waits for the time to come.
impl Drop for Producing {
    fn drop(&mut self) {
        self.clock.notify_one();
    }
}

impl MetadataListener for Producing {
    fn metadata_changed(&self, now: Now, snapshot: &Arc<Snapshot>) {
        self.topics.update(snapshot);
        self.turn(now, |sender, now, batches| sender.handle_metadata(now, Arc::clone(snapshot), batches));
    }

    /// Those of records; a batch that waits for a leader asks for its topic itself.
    fn used_topics(&self) -> Vec<Arc<str>> {
        self.topics.take_used()
    }
}

/// Ends the producer with the runtime: nobody is left to end its batches in time.
struct Ending(Weak<Producing>);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(producing) = self.0.upgrade() {
            // Nobody is there to take the error; it was logged and counted.
            let _ = producing.abandon();
        }
    }
}

/// The most bytes that are compressed on the spot: to wake another thread takes longer.
const COMPRESSED_HERE_BYTES_MAX: usize = 4 * 1024;

/// Compresses or splits a batch where nobody waits for it, one that takes its time on a thread for such work, and hands it back. Ends by itself, also after the
/// producer.
async fn compress(weak: Weak<Producing>, ticket: Ticket, job: Job, compressor: Result<Compressor, CompressionError>) {
    let size_bytes = job.size_bytes();
    let run = |mut compressor: Compressor| (job.run(&mut compressor), compressor);
    let ended = match compressor {
        Ok(compressor) if size_bytes <= COMPRESSED_HERE_BYTES_MAX => Ok(run(compressor)),
        Ok(compressor) => tokio::task::spawn_blocking(|| run(compressor)).await.map_err(|_| CompressionError::Lost),
        Err(error) => Err(error),
    };
    let Some(producing) = weak.upgrade() else { return };
    let result = match ended {
        Ok((Done { result, spare }, compressor)) => {
            producing.keep(compressor, spare);
            result
        }
        Err(error) => Err(error),
    };
    let now = producing.shared.now();
    producing.turn(now, |sender, now, batches| sender.handle_compressed(now, ticket, result, batches));
}

/// Tells the sender when its time has come. Ends with the producer.
async fn keep_time(ending: Ending, clock: Arc<Notify>) {
    loop {
        let Some(producing) = ending.0.upgrade() else { return };
        let now = producing.shared.now();
        let due = producing.sender.with(|sender| sender.poll_timeout());
        if due.is_some_and(|due| due <= now.mono) {
            producing.turn(now, |sender, now, batches| sender.handle_timeout(now, batches));
            continue;
        }
        let until = due.map(|due| producing.shared.net.on_tokio(due));
        drop(producing);
        match until {
            // Whether the time has come or is another, the sender says what to do.
            Some(until) => drop(timeout_at(until, clock.notified()).await),
            None => clock.notified().await,
        }
    }
}
