//! A story as it happens: a client and a cluster in memory, in virtual time, and what became of each record.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use ottla::{Client, CloseError, Delivered, DeliveryError, Producer, ProducerBuilder, Record, SendError};
use ottla_mockbroker::{Entry, FaultHandle, MockCluster, NewTopic, Protocol};
use ottla_wire::compression::Limits;
use protocol_tests::{config, memory_client};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::plan::{BROKERS, FORGOTTEN_AFTER, Plan, Settings, Step, To};

pub(crate) const EVENTS: &str = "events";

/// Where the records go that fill a producer's memory.
const ROOM: &str = "room";

/// Up to so much memory of a producer is filled in the end.
const SMALL_BUFFER_BYTES: usize = 16 * 1024;

/// Longer than any story takes in its own time; one that does not end by then never does.
const STORY_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// How long all is well before the producer must be too: longer than any pause, and than any request that nobody answers.
const CALM: Duration = Duration::from_secs(60);

/// The wall clock at the beginning of each story.
const BEGINNING: Duration = Duration::from_secs(1_767_323_045);

/// What became of a story.
#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(crate) records: Vec<Sent>,
    pub(crate) flushes: Vec<Flushed>,
    pub(crate) closed: Option<Closed>,
    /// How many records the producer's memory had room for in the end, and that of a new one, where it is little.
    pub(crate) room: Option<(usize, usize)>,
    pub(crate) logs: BTreeMap<i32, Vec<Logged>>,
    /// What happened when, a line each.
    pub(crate) told: Vec<String>,
    /// What the cluster wrote down.
    pub(crate) journal: Vec<Entry>,
    /// How often each kind of fault struck.
    pub(crate) struck: BTreeMap<String, u64>,
}

/// A record, whose number is its place among all of the story.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) end: End,
    /// Whether it was sent when all was well again.
    pub(crate) in_calm: bool,
}

#[derive(Debug)]
pub(crate) enum End {
    /// It was not taken.
    NotTaken {
        #[expect(dead_code, reason = "shown where a law is broken")]
        error: SendError,
    },
    Ended {
        at: Instant,
        result: Result<Delivered, DeliveryError>,
    },
    /// Whoever waited for it was not woken, or died.
    Never,
}

#[derive(Debug)]
pub(crate) struct Flushed {
    /// How many records were sent before.
    pub(crate) records: usize,
    /// None where it never ended.
    pub(crate) at: Option<Instant>,
}

#[derive(Debug)]
pub(crate) struct Closed {
    pub(crate) asked_at: Instant,
    pub(crate) at: Instant,
    pub(crate) within: Duration,
    pub(crate) result: Result<(), CloseError>,
    pub(crate) lost: u64,
}

/// A record of a log.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) offset: i64,
    pub(crate) number: usize,
}

/// What else a producer is to be.
pub(crate) type Make = fn(ProducerBuilder) -> ProducerBuilder;

/// Lets a story happen, on a runtime of its own.
pub(crate) fn tell(plan: &Plan, make: Make) -> Story {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let story = async {
            let mut world = World::new(plan, make).await;
            for step in &plan.steps {
                world.take(step).await;
            }
            world.calm().await;
            let room = world.room().await;
            Story { room, ..world.end().await }
        };
        timeout(STORY_MAX, story).await.unwrap_or_default()
    })
}

type Ending = JoinHandle<(Instant, Result<Delivered, DeliveryError>)>;

struct World {
    began: Instant,
    cluster: MockCluster,
    client: Client,
    settings: Settings,
    producer: Producer,
    faults: VecDeque<(String, FaultHandle)>,
    records: Vec<(Instant, Result<Ending, SendError>)>,
    calm_from: Option<usize>,
    flushes: Vec<(usize, JoinHandle<Instant>)>,
    closed: Option<Closed>,
    told: Vec<String>,
    struck: BTreeMap<String, u64>,
}

impl World {
    async fn new(plan: &Plan, make: Make) -> Self {
        let settings = plan.settings.clone();
        let cluster = MockCluster::builder()
            .seed(plan.seed)
            .wall_clock(SystemTime::UNIX_EPOCH + BEGINNING)
            .broker_session_timeout(settings.broker_session_timeout)
            .config("producer.id.expiration.ms", FORGOTTEN_AFTER.as_millis().to_string())
            .plaintext()
            .start_in_memory()
            .unwrap();
        let topic = NewTopic::new(EVENTS).partitions(settings.partitions).replication_factor(3);
        let topic = topic.config("min.insync.replicas", settings.min_insync_replicas.to_string());
        cluster.create_topic(&topic).unwrap();
        let mut config = config();
        config.seed = Some(plan.seed);
        let client = memory_client(&cluster, Protocol::Plaintext).config(config).connect().await.unwrap();
        let producer = make(settings.producer(&client)).build().unwrap();
        let mut world = Self {
            began: Instant::now(),
            cluster,
            client,
            settings,
            producer,
            faults: VecDeque::new(),
            records: Vec::new(),
            calm_from: None,
            flushes: Vec::new(),
            closed: None,
            told: Vec::new(),
            struck: BTreeMap::new(),
        };
        // Metadata of the topic is there before anything goes wrong.
        world.send(To::Partition(0), 0).await;
        world
    }

    async fn take(&mut self, step: &Step) {
        self.told.push(format!("{:>8.3} {step:?}", self.began.elapsed().as_secs_f64()));
        match step {
            Step::Send { to, value_bytes } => self.send(*to, *value_bytes).await,
            Step::Flush => self.flush(),
            Step::Wait(time) => sleep(*time).await,
            Step::Fault(fault) => {
                let name = fault.action.to_string().split(' ').next().unwrap().to_owned();
                self.faults.push_back((name, self.cluster.fault(fault.clone()).unwrap()));
            }
            Step::Heal => self.heal(),
            Step::Stop(broker) => self.cluster.stop_broker(*broker).unwrap(),
            Step::Kill(broker) => self.cluster.kill_broker(*broker).unwrap(),
            // One that is down does not hang, and one that is not in sync does not lead.
            Step::Pause(broker) => drop(self.cluster.pause_broker(*broker)),
            Step::Mend => self.mend(),
            Step::Lead(partition, broker) => drop(self.cluster.move_leader(EVENTS, *partition, *broker)),
            Step::Shrink(partition, broker) => drop(self.cluster.shrink_isr(EVENTS, *partition, *broker)),
            Step::Expand(partition, broker) => drop(self.cluster.expand_isr(EVENTS, *partition, *broker)),
            Step::Forget => {
                sleep(FORGOTTEN_AFTER * 2).await;
                self.cluster.look_after_logs();
            }
            Step::Close(within) => self.close(*within).await,
        }
    }

    async fn send(&mut self, to: To, value_bytes: usize) {
        let value = format!("{}{}", self.records.len(), ".".repeat(value_bytes));
        let key = if let To::Key(key) = to { format!("key {key}") } else { String::new() };
        let record = Record::to(EVENTS).value(&value);
        let record = match to {
            To::Partition(partition) => record.partition(partition),
            To::Key(_) => record.key(&key),
            To::Any => record,
        };
        let ending = self.producer.send(record).await.map(|delivery| {
            tokio::spawn(async move {
                let result = delivery.await;
                (Instant::now(), result)
            })
        });
        self.records.push((Instant::now(), ending));
    }

    fn flush(&mut self) {
        let producer = self.producer.clone();
        let flushing = tokio::spawn(async move {
            producer.flush().await;
            Instant::now()
        });
        self.flushes.push((self.records.len(), flushing));
    }

    fn heal(&mut self) {
        if let Some((name, fault)) = self.faults.pop_front() {
            *self.struck.entry(name).or_default() += fault.remove();
        }
    }

    fn mend(&mut self) {
        for broker in BROKERS {
            self.cluster.start_broker(broker).unwrap();
            // It may not hang.
            let _ = self.cluster.resume_broker(broker);
        }
    }

    async fn close(&mut self, within: Duration) {
        let asked_at = Instant::now();
        let result = self.producer.close(within).await;
        let lost = self.producer.lost_records().count();
        self.closed = Some(Closed { asked_at, at: Instant::now(), within, result, lost });
    }

    /// Lets all be well again, and sends a record to each partition then.
    async fn calm(&mut self) {
        while !self.faults.is_empty() {
            self.heal();
        }
        self.mend();
        for partition in 0..self.settings.partitions {
            for broker in BROKERS {
                // It may be the leader.
                let _ = self.cluster.expand_isr(EVENTS, partition, broker);
            }
        }
        sleep(CALM + self.settings.delivery_timeout).await;
        if self.closed.is_some() {
            self.producer = self.settings.producer(&self.client).build().unwrap();
        }
        self.calm_from = Some(self.records.len());
        for partition in 0..self.settings.partitions {
            self.take(&Step::Send { to: To::Partition(partition), value_bytes: 1 }).await;
        }
        sleep(self.settings.delivery_timeout).await;
    }

    /// How many records the producer's memory has room for, and that of a new one.
    async fn room(&self) -> Option<(usize, usize)> {
        if self.settings.buffer_bytes_max > SMALL_BUFFER_BYTES {
            return None;
        }
        self.cluster.create_topic(&NewTopic::new(ROOM)).unwrap();
        let new = self.settings.producer(&self.client).build().unwrap();
        Some((room_of(&self.producer).await, room_of(&new).await))
    }

    async fn end(self) -> Story {
        let mut story = Story { closed: self.closed, struck: self.struck, told: self.told, ..Story::default() };
        for (number, (at, ending)) in self.records.into_iter().enumerate() {
            let end = match ending {
                Err(error) => End::NotTaken { error },
                Ok(ending) if !ending.is_finished() => End::Never,
                Ok(ending) => ending.await.map_or(End::Never, |(at, result)| End::Ended { at, result }),
            };
            let in_calm = self.calm_from.is_some_and(|from| number >= from);
            story.records.push(Sent { at, end, in_calm });
        }
        for (records, flushing) in self.flushes {
            let at = if flushing.is_finished() { flushing.await.ok() } else { None };
            story.flushes.push(Flushed { records, at });
        }
        story.logs =
            (0..self.settings.partitions).map(|partition| (partition, log(&self.cluster, partition))).collect();
        story.journal = self.cluster.journal();
        story
    }
}

impl Settings {
    fn producer(&self, client: &Client) -> ProducerBuilder {
        client
            .producer()
            .idempotence(self.idempotence)
            .in_flight_per_partition(self.in_flight_per_partition)
            .linger(self.linger)
            .compression(self.compression)
            .batch_bytes_max(self.batch_bytes_max)
            .request_bytes_max(self.batch_bytes_max * 2)
            .buffer_bytes_max(self.buffer_bytes_max)
            .delivery_timeout(self.delivery_timeout)
            .request_timeout(self.request_timeout)
            .send_timeout(self.send_timeout)
    }
}

/// How many records a producer takes one after the other, while nothing is sent.
async fn room_of(producer: &Producer) -> usize {
    let record = || Record::to(ROOM).partition(0).value("a record");
    producer.send(record()).await.unwrap().await.unwrap();
    let mut count = 0;
    loop {
        let mut sending = pin!(producer.send(record()));
        match poll_fn(|context| Poll::Ready(sending.as_mut().poll(context))).await {
            Poll::Ready(Ok(_unawaited)) => count += 1,
            Poll::Ready(Err(error)) => panic!("{error}"),
            Poll::Pending => return count,
        }
    }
}

fn log(cluster: &MockCluster, partition: i32) -> Vec<Logged> {
    let mut log = Vec::new();
    for batch in cluster.records(EVENTS, partition).unwrap() {
        let batch = batch.decompress(&Limits::default()).unwrap();
        for record in batch.records().unwrap().map(Result::unwrap) {
            let value = std::str::from_utf8(record.value.unwrap()).unwrap();
            log.push(Logged { offset: record.offset, number: value.trim_end_matches('.').parse().unwrap() });
        }
    }
    log
}
