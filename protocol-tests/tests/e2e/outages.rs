//! Brokers end and come back while records are written and read.
//!
//! Each rule holds a cluster that nothing else works on, and leaves it whole: they run one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use ottla::{BrokerId, Delivered, Producer, ProducerBuilder, Record};
use tokio::sync::watch::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::commands::{node, tool};
use crate::world::{World, eventually};

pub(crate) const PARTITIONS: i32 = 6;

/// How long a broker stays away; sessions with the controller end after 9 s, and leadership moves then at the latest.
const AWAY: Duration = Duration::from_secs(4);

/// How many records have to be acknowledged between two outages.
const BETWEEN: usize = 2_000;

/// How many records may be on their way at a time.
const ON_THEIR_WAY: usize = 500;

/// What was acknowledged: the number in a record's value, by where it is.
type Acknowledged = BTreeMap<(i32, i64), usize>;

/// Records that are written until told to stop.
pub(crate) struct Writing {
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
    task: JoinHandle<Acknowledged>,
}

impl Writing {
    /// Writes without a pause.
    fn start(producer: Producer, topic: String) -> Self {
        Self::paced(producer, topic, ON_THEIR_WAY, Duration::ZERO)
    }

    /// Writes so many records at a time, and as many again after `every`, or as soon as they have ended where that is later.
    pub(crate) fn paced(producer: Producer, topic: String, at_a_time: usize, every: Duration) -> Self {
        let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (stopped, count) = (Arc::clone(&stop), Arc::clone(&acknowledged));
        let task = tokio::spawn(async move {
            let mut log = Acknowledged::new();
            let mut number = 0;
            let mut due = Instant::now();
            while !stopped.load(Ordering::Relaxed) {
                sleep_until(due).await;
                due += every;
                let mut deliveries = Vec::new();
                for _ in 0..at_a_time {
                    let partition = i32::try_from(number).unwrap() % PARTITIONS;
                    let record = Record::to(&topic).partition(partition).value(number.to_string());
                    deliveries.push((number, producer.send(record).await.unwrap()));
                    number += 1;
                }
                for (number, delivery) in deliveries {
                    let Delivered { partition, offset, .. } =
                        delivery.await.expect("an outage is shorter than the delivery timeout");
                    assert_eq!(log.insert((partition, offset), number), None, "an offset is one record's");
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
            log
        });
        Self { stop, acknowledged, task }
    }

    /// How many are acknowledged.
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Waits until so many more are acknowledged.
    pub(crate) async fn go_on(&self, records: usize) {
        let from = self.acknowledged();
        eventually("records are acknowledged again", async || self.acknowledged() >= from + records).await;
    }

    async fn stop(self) -> Acknowledged {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.unwrap()
    }
}

/// A reader from the beginning, that was there all the time: what it was handed out, in that order.
fn reading(
    world: &World,
    topic: &str,
    up_to: Receiver<Option<BTreeMap<i32, i64>>>,
) -> JoinHandle<BTreeMap<i32, Vec<(i64, usize)>>> {
    let (client, topic) = (world.client.clone(), topic.to_owned());
    tokio::spawn(async move {
        let consumer = client.consumer().assign_topic(topic.as_str()).build().await.unwrap();
        let mut logs: BTreeMap<i32, Vec<(i64, usize)>> = BTreeMap::new();
        loop {
            let is_done = up_to.borrow().as_ref().is_some_and(|ends| {
                ends.iter()
                    .all(|(partition, end)| logs.get(partition).map_or(0, |log| log.last().unwrap().0 + 1) >= *end)
            });
            if is_done {
                return logs;
            }
            // What comes late wakes it; the end of the wait looks whether it may go.
            let Ok(batch) = timeout(Duration::from_millis(200), consumer.next()).await else { continue };
            let batch = batch.expect("no partition stops").expect("partitions are assigned");
            for record in batch.records().map(Result::unwrap) {
                let number = std::str::from_utf8(record.value().unwrap()).unwrap().parse().unwrap();
                logs.entry(batch.partition()).or_default().push((record.offset(), number));
            }
        }
    })
}

async fn all_in_sync(world: &World, topic: &str) {
    eventually("all replicas are in sync", async || {
        let Ok(described) = world.admin().describe_topics([topic]).await.unwrap().all() else { return false };
        described[0].partitions.iter().all(|partition| partition.in_sync.len() == partition.replicas.len())
    })
    .await;
}

/// A topic that is written and read at the same time.
pub(crate) struct Traffic {
    world: World,
    topic: String,
    pub(crate) writing: Writing,
    reading: JoinHandle<BTreeMap<i32, Vec<(i64, usize)>>>,
    /// Where the log of each partition ends, when nothing more is written.
    ends: Sender<Option<BTreeMap<i32, i64>>>,
}

impl Traffic {
    /// A topic of [`PARTITIONS`], and what `write` makes of a producer and its name.
    pub(crate) async fn start(write: impl FnOnce(ProducerBuilder, String) -> Writing) -> Self {
        let world = World::new().await;
        let topic = world.topic(PARTITIONS).await;
        let (ends, up_to) = channel(None);
        let reading = reading(&world, &topic, up_to);
        let writing = write(world.client.producer(), topic.clone());
        Self { world, topic, writing, reading, ends }
    }

    pub(crate) async fn leader(&self, partition: i32) -> BrokerId {
        let described = self.world.admin().describe_topics([&self.topic]).await.unwrap().all().unwrap();
        let partition = &described[0].partitions[usize::try_from(partition).unwrap()];
        partition.leader.expect("a partition that is written to has a leader")
    }

    pub(crate) async fn all_in_sync(&self) {
        all_in_sync(&self.world, &self.topic).await;
    }

    /// Stops, and checks what is there.
    pub(crate) async fn end(self) {
        let acknowledged = self.writing.stop().await;
        let consumer = self.world.client.consumer().build().await.unwrap();
        let at: Vec<_> = (0..PARTITIONS).map(|partition| (self.topic.as_str(), partition)).collect();
        let of_log = consumer.end_offsets(at).await.unwrap();
        self.ends.send(Some(of_log.iter().map(|(at, end)| (at.partition, *end)).collect())).unwrap();
        let logs = timeout(Duration::from_secs(60), self.reading).await.expect("the reader gets to the end").unwrap();
        check(&logs, &acknowledged);
    }
}

/// Writes and reads while the leader of partition 0 is ended in this way and started again, twice, and checks what is there in the end.
async fn survives(how: &str) {
    let write =
        |producer: ProducerBuilder, topic| Writing::start(producer.linger(Duration::ZERO).build().unwrap(), topic);
    let traffic = Traffic::start(write).await;
    for _ in 0..2 {
        traffic.writing.go_on(BETWEEN).await;
        let broker = traffic.leader(0).await;
        node(how, broker).await;
        sleep(AWAY).await;
        node("start", broker).await;
        traffic.writing.go_on(BETWEEN).await;
        traffic.all_in_sync().await;
    }
    traffic.end().await;
}

fn check(logs: &BTreeMap<i32, Vec<(i64, usize)>>, acknowledged: &Acknowledged) {
    let mut read = 0;
    for (partition, log) in logs {
        assert!(
            log.iter().zip(0..).all(|((offset, _), at)| *offset == at),
            "partition {partition}: each offset once, in order"
        );
        let sent = (usize::try_from(*partition).unwrap()..).step_by(usize::try_from(PARTITIONS).unwrap());
        for ((offset, number), expected) in log.iter().zip(sent) {
            assert_eq!(*number, expected, "partition {partition} offset {offset}: each record once, in order");
        }
        read += log.len();
    }
    for ((partition, offset), number) in acknowledged {
        let at = usize::try_from(*offset).unwrap();
        let found = logs.get(partition).and_then(|log| log.get(at)).map(|(_, number)| *number);
        assert_eq!(found, Some(*number), "partition {partition} offset {offset} was acknowledged");
    }
    println!("acknowledged {}, read {read}", acknowledged.len());
}

#[tokio::test]
#[ignore = "needs a cluster of its own whose brokers can be ended: interop/run kafka"]
async fn a_leader_that_is_killed_costs_no_acknowledged_record_and_no_order() {
    survives("kill").await;
}

#[tokio::test]
#[ignore = "needs a cluster of its own whose brokers can be ended: interop/run kafka"]
async fn a_leader_that_leaves_in_peace_costs_no_acknowledged_record_and_no_order() {
    survives("stop").await;
}

#[tokio::test]
#[ignore = "needs a cluster of its own whose brokers can be ended, and Kafka's tools: interop/run kafka"]
async fn leaders_that_are_elected_are_followed() {
    let world = World::new().await;
    let topic = world.topic(PARTITIONS).await;
    let described = world.admin().describe_topics([&topic]).await.unwrap().all().unwrap();
    let preferred = described[0].partitions[0].replicas[0];
    node("stop", preferred).await;
    eventually("another one leads", async || {
        leader_or_none(&world, &topic).await.is_some_and(|leader| leader != preferred)
    })
    .await;
    node("start", preferred).await;
    all_in_sync(&world, &topic).await;
    let writing = Writing::start(world.client.producer().linger(Duration::ZERO).build().unwrap(), topic.clone());
    let (ends, up_to) = channel(None);
    let reading = reading(&world, &topic, up_to);
    writing.go_on(BETWEEN).await;
    tool("LeaderElectionCommand", ["--election-type", "preferred", "--all-topic-partitions"]).await;
    eventually("the preferred one leads", async || leader_or_none(&world, &topic).await == Some(preferred)).await;
    writing.go_on(BETWEEN).await;
    let acknowledged = writing.stop().await;
    let mut of_partitions = BTreeMap::new();
    for (partition, offset) in acknowledged.keys() {
        let end = of_partitions.entry(*partition).or_insert(0);
        *end = (*end).max(offset + 1);
    }
    ends.send(Some(of_partitions)).unwrap();
    let logs = timeout(Duration::from_secs(60), reading).await.expect("the reader gets to the end").unwrap();
    check(&logs, &acknowledged);
}

async fn leader_or_none(world: &World, topic: &str) -> Option<BrokerId> {
    let described = world.admin().describe_topics([topic]).await.unwrap().all().ok()?;
    described[0].partitions[0].leader
}
