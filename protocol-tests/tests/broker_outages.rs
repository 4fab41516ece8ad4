//! What producers and consumers live through: brokers that stop, are killed, hang and come back, in memory and in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::time::Duration;

use ottla::{BrokerId, Client, Consumer, Record};
use ottla_mockbroker::{MockCluster, NewTopic, Protocol};
use protocol_tests::{memory_client, memory_cluster};
use tokio::time::{sleep, timeout};

const EVENTS: &str = "events";
const PARTITIONS: i32 = 3;

/// How many records each partition gets at a time.
const ROUND: usize = 5;

/// Longer than any outage here takes to get over: the session of a broker and a request that is not answered.
const PATIENCE: Duration = Duration::from_secs(120);

struct World {
    cluster: MockCluster,
    client: Client,
    consumer: Consumer,
    /// How often each value came, and what was written so far.
    seen: BTreeMap<String, usize>,
    written: usize,
}

impl World {
    async fn new() -> Self {
        let cluster = memory_cluster();
        let topic = NewTopic::new(EVENTS).partitions(PARTITIONS).config("min.insync.replicas", "2");
        cluster.create_topic(&topic).unwrap();
        let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
        let consumer = client.consumer().assign_topic(EVENTS).build().await.unwrap();
        Self { cluster, client, consumer, seen: BTreeMap::new(), written: 0 }
    }

    /// The broker that leads the first partition.
    fn leader(&self) -> BrokerId {
        self.cluster.leader(EVENTS, 0).unwrap()
    }

    /// Writes to every partition, and reads all of it.
    async fn goes_on(&mut self) {
        let producer = self.client.producer().build().unwrap();
        let mut deliveries = Vec::new();
        for partition in 0..PARTITIONS {
            for number in self.written..self.written + ROUND {
                let value = format!("{partition}-{number}");
                deliveries.push(producer.send(Record::to(EVENTS).partition(partition).value(value)).await.unwrap());
            }
        }
        self.written += ROUND;
        for delivery in deliveries {
            timeout(PATIENCE, delivery).await.expect("in time").unwrap();
        }
        while self.seen.len() < self.written * usize::try_from(PARTITIONS).unwrap() {
            let batch = timeout(PATIENCE, self.consumer.next()).await.expect("in time").unwrap().unwrap();
            for record in batch.records() {
                let value = String::from_utf8(record.unwrap().value().unwrap().to_vec()).unwrap();
                *self.seen.entry(value).or_default() += 1;
            }
        }
        assert!(self.seen.values().all(|times| *times == 1), "each record once: {:?}", self.seen);
    }
}

#[tokio::test(start_paused = true)]
async fn records_are_written_and_read_while_one_broker_after_the_other_is_restarted() {
    let mut world = World::new().await;
    world.goes_on().await;
    for broker in [1, 2, 3].map(BrokerId) {
        world.cluster.stop_broker(broker).unwrap();
        world.goes_on().await;
        world.cluster.start_broker(broker).unwrap();
        world.goes_on().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_killed_costs_its_session_and_no_record() {
    let mut world = World::new().await;
    world.goes_on().await;
    let leader = world.leader();
    world.cluster.kill_broker(leader).unwrap();
    world.goes_on().await;
    assert_ne!(world.leader(), leader);
    world.cluster.start_broker(leader).unwrap();
    world.goes_on().await;
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_hangs_costs_time_and_no_record() {
    let mut world = World::new().await;
    world.goes_on().await;
    let leader = world.leader();
    world.cluster.pause_broker(leader).unwrap();
    world.goes_on().await;
    assert_ne!(world.leader(), leader);
    world.cluster.resume_broker(leader).unwrap();
    world.goes_on().await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_too_few_replicas_would_have_is_written_when_they_are_back() {
    let mut world = World::new().await;
    world.goes_on().await;
    for broker in [1, 2].map(BrokerId) {
        world.cluster.stop_broker(broker).unwrap();
    }
    let back = async {
        sleep(Duration::from_secs(20)).await;
        for broker in [1, 2].map(BrokerId) {
            world.cluster.start_broker(broker).unwrap();
        }
    };
    let producer = world.client.producer().build().unwrap();
    let record = Record::to(EVENTS).partition(0).value("0-late");
    let written = async { timeout(PATIENCE, producer.send(record).await.unwrap()).await.expect("in time").unwrap() };
    let (_, ()) = tokio::join!(written, back);
}
