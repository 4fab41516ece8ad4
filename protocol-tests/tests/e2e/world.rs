//! What each rule begins with: a client of the target, and topics of its own.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use ottla::{
    Admin, Batch, Client, ClientBuilder, Consumer, Delivered, NewTopic, OwnedRecord, Producer, Record, TopicError,
};
use ottla_mockbroker::{MockCluster, Protocol};
use protocol_tests::{memory_client, memory_cluster};
use tokio::time::{Instant, sleep, timeout};

use crate::target::{self, replication};

/// How long anything may take. A real cluster under load takes seconds for what the mock does at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait before asking again for what comes by itself.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// So many answers in a row that agree are taken for those of every broker: any is asked each time, and one of three is left out once in three thousand.
const ANSWERS_IN_A_ROW: usize = 20;

pub(crate) struct World {
    pub(crate) client: Client,
    /// The mock, where no other cluster is named.
    mock: Option<MockCluster>,
}

impl World {
    /// In memory, time is virtual from here on.
    pub(crate) async fn new() -> Self {
        let mock = target::client().is_none().then(|| {
            tokio::time::pause();
            memory_cluster()
        });
        let client = client_of(mock.as_ref()).connect().await.expect("the cluster lets the client in");
        Self { client, mock }
    }

    /// A further client of the same cluster.
    pub(crate) fn another_client(&self) -> ClientBuilder {
        client_of(self.mock.as_ref())
    }

    pub(crate) fn admin(&self) -> Admin {
        self.client.admin()
    }

    /// A new topic that every broker knows, of a name that nothing else has.
    pub(crate) async fn topic(&self, partitions: i32) -> String {
        self.topic_of(new_topic(&unique("e2e")).partitions(partitions)).await
    }

    pub(crate) async fn topic_of(&self, topic: NewTopic) -> String {
        let name = topic.name().to_owned();
        let created = self.admin().create_topics([topic]).await.unwrap().all().unwrap();
        eventually("every broker knows the topic and its leaders", async || {
            for _ in 0..ANSWERS_IN_A_ROW {
                let Ok(described) = self.admin().describe_topics([&name]).await.unwrap().all() else { return false };
                let has_leaders = described[0].partitions.iter().all(|partition| partition.leader.is_some());
                if described[0].id != created[0].id || !has_leaders {
                    return false;
                }
            }
            true
        })
        .await;
        name
    }

    /// Deletes a topic, and waits until its name is free again, which with ZooKeeper is later than that nobody sees it.
    pub(crate) async fn delete(&self, topic: &str) {
        self.admin().delete_topics([topic]).await.unwrap().all().unwrap();
        eventually("the topic is gone", async || {
            let described = self.admin().describe_topics([topic]).await.unwrap().all();
            let is_free = self.admin().validate_topics([new_topic(topic)]).await.unwrap().all().is_ok();
            is_free && matches!(described, Err(TopicError::Unknown { .. }))
        })
        .await;
    }

    pub(crate) fn producer(&self) -> Producer {
        self.client.producer().build().unwrap()
    }

    /// A consumer of all partitions of the topic from their beginning.
    pub(crate) async fn consumer(&self, topic: &str) -> Consumer {
        self.client.consumer().assign_topic(topic).build().await.unwrap()
    }

    /// Everything that the topic has, once it has `count` records: by partition, in order.
    pub(crate) async fn read(&self, topic: &str, count: usize) -> BTreeMap<i32, Vec<OwnedRecord>> {
        read(&self.consumer(topic).await, count).await
    }
}

fn client_of(mock: Option<&MockCluster>) -> ClientBuilder {
    match mock {
        Some(cluster) => memory_client(cluster, Protocol::Plaintext),
        None => target::client().expect("a cluster is named"),
    }
}

/// Sends records, several on their way at a time, and waits until each is delivered.
pub(crate) async fn deliver<'r>(producer: &Producer, records: impl IntoIterator<Item = Record<'r>>) -> Vec<Delivered> {
    let mut deliveries = Vec::new();
    for record in records {
        deliveries.push(producer.send(record).await.unwrap());
    }
    producer.flush().await;
    let mut delivered = Vec::new();
    for delivery in deliveries {
        delivered.push(delivery.await.unwrap());
    }
    delivered
}

/// Reads until `count` records came, and none more; each partition's offsets go up by one.
pub(crate) async fn read(consumer: &Consumer, count: usize) -> BTreeMap<i32, Vec<OwnedRecord>> {
    let mut logs: BTreeMap<i32, Vec<OwnedRecord>> = BTreeMap::new();
    let mut left = count;
    while left > 0 {
        let batch = next(consumer).await;
        let records: Vec<_> = batch.records().map(|record| record.unwrap().into_owned()).collect();
        left = left.checked_sub(records.len()).expect("no record more than were written");
        logs.entry(batch.partition()).or_default().extend(records);
    }
    for (partition, log) in &logs {
        assert!(log.is_sorted_by(|before, after| before.offset + 1 == after.offset), "partition {partition}: {log:?}");
    }
    logs
}

pub(crate) async fn next(consumer: &Consumer) -> Batch {
    let next = timeout(PATIENCE, consumer.next()).await.expect("records come in time");
    next.unwrap().expect("more to come")
}

/// Waits until something is so.
pub(crate) async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < deadline, "after {PATIENCE:?} it is not so that {what}");
        sleep(ASK_AGAIN).await;
    }
}

/// A topic with as many replicas as the target's topics get.
pub(crate) fn new_topic(name: &str) -> NewTopic {
    let topic = NewTopic::new(name);
    match replication() {
        Some(count) => topic.replication(count),
        None => topic,
    }
}

/// A name that no other rule and no other run has.
pub(crate) fn unique(what: &str) -> String {
    format!("{what}-{:016x}", RandomState::new().build_hasher().finish())
}

pub(crate) fn values(log: &[OwnedRecord]) -> Vec<String> {
    log.iter().map(|record| String::from_utf8(record.value.as_ref().unwrap().to_vec()).unwrap()).collect()
}

pub(crate) fn numbered(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}
