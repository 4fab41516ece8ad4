//! Where a producer's records go that name no partition, held against the mock cluster: in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla::{
    BrokerId, Client, ConfigProblem, Deliveries, Partitioner, Partitioning, Producer, ProducerBuilder, Record,
    SendError, Unplaced,
};
use ottla_mockbroker::{MockCluster, NewTopic, Protocol};
use protocol_tests::{memory_client, memory_cluster};
use tokio::time::sleep;

const EVENTS: &str = "events";

/// Three brokers, and the topic `events` with six partitions, none of which has a second replica to wait for.
async fn world() -> (MockCluster, Client) {
    let cluster = memory_cluster();
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(6).replication_factor(1)).unwrap();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    (cluster, client)
}

fn producer(client: &Client, configure: impl FnOnce(ProducerBuilder) -> ProducerBuilder) -> Producer {
    configure(client.producer()).build().unwrap()
}

/// Sends a record and waits for its end.
async fn send(producer: &Producer, record: Record<'_>) -> i32 {
    producer.send(record).await.unwrap().await.unwrap().partition
}

/// Sends as many records without a key as a partition keeps, so that the next go elsewhere.
async fn send_share(producer: &Producer) -> Deliveries {
    producer.send_all((0..16).map(|_| Record::to(EVENTS).value(&[7; 1024]))).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_partition_keeps_records_without_a_key_until_it_has_its_share_however_many_batches_that_takes() {
    let (_cluster, client) = world().await;
    let producer = producer(&client, |builder| builder);
    let mut stays: Vec<(i32, usize)> = Vec::new();
    for _ in 0..400 {
        let partition = send(&producer, Record::to(EVENTS).value(&[7; 1024])).await;
        match stays.last_mut() {
            Some((last, records)) if *last == partition => *records += 1,
            _ => stays.push((partition, 1)),
        }
    }
    stays.pop();
    // A KiB and what is around it, 16 KiB at a time; by chance a partition may be next to itself.
    assert!(stays.iter().all(|(_, records)| records.is_multiple_of(16)), "{stays:?}");
    assert!(stays.len() >= 12, "{stays:?}");
}

#[tokio::test(start_paused = true)]
async fn a_partition_whose_broker_hangs_is_given_no_more_once_it_has_lain_over_for_too_long() {
    let (cluster, client) = world().await;
    let timeout = Duration::from_secs(2);
    let producer = producer(&client, |builder| builder.partition_availability_timeout(timeout));
    let leader = |partition| cluster.leader(EVENTS, partition).unwrap();
    let hung: BrokerId = leader(0);
    cluster.pause_broker(hung).unwrap();
    let mut all = Vec::new();
    // Until as many batches are in flight as may be, and more wait.
    for _ in 0..150 {
        all.push(send_share(&producer).await);
        sleep(Duration::from_millis(6)).await;
    }
    sleep(2 * timeout).await;
    // They leave the partition where they are.
    all.push(send_share(&producer).await);
    let mut partitions = BTreeSet::new();
    for _ in 0..60 {
        let delivered = send_share(&producer).await.await.all().unwrap();
        partitions.extend(delivered.into_iter().map(|delivered| delivered.partition));
    }
    assert!(partitions.iter().all(|partition| leader(*partition) != hung), "{partitions:?}");
    assert_eq!(partitions.len(), 4);
    cluster.resume_broker(hung).unwrap();
    for deliveries in all {
        assert_eq!(deliveries.await.all().err().map(|error| error.to_string()), None);
    }
}

#[tokio::test(start_paused = true)]
async fn partitions_take_turns_where_they_are_asked_to() {
    let (_cluster, client) = world().await;
    let producer = producer(&client, |builder| builder.partitioning(Partitioning::RoundRobin));
    let mut partitions = Vec::new();
    for _ in 0..8 {
        partitions.push(send(&producer, Record::to(EVENTS).key("the same")).await);
    }
    assert_eq!(partitions, [0, 1, 2, 3, 4, 5, 0, 1]);
    assert_eq!(send(&producer, Record::to(EVENTS).partition(5)).await, 5, "who names one has it");
}

#[tokio::test(start_paused = true)]
async fn who_comes_from_librdkafka_finds_keys_where_they_were_and_an_empty_one_is_none() {
    let (_cluster, client) = world().await;
    let producer = producer(&client, |builder| builder.partitioning(Partitioning::ConsistentRandom));
    // tests/0048-partitioner.c of librdkafka has the hashes.
    for (key, hash) in [("23456", 0xb1b4_51d7_u32), ("hejsan", 0xd077_037e)] {
        assert_eq!(send(&producer, Record::to(EVENTS).key(key)).await, (hash % 6).cast_signed());
    }
    let mut spread = BTreeMap::new();
    for _ in 0..200 {
        *spread.entry(send(&producer, Record::to(EVENTS).key("").value(&[7; 1024])).await).or_insert(0) += 1;
    }
    assert!(spread.len() > 1, "{spread:?}");
}

struct ByFirstByte;

impl Partitioner for ByFirstByte {
    fn partition(&self, record: &Unplaced<'_>) -> i32 {
        assert_eq!((record.topic(), record.partition_count()), (EVENTS, 6));
        assert!(record.has_leader(5) && !record.has_leader(6) && !record.has_leader(-1));
        record.key().or(record.value()).map_or(-1, |bytes| i32::from(bytes[0]))
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_of_the_users_own_chooses_and_a_partition_that_is_none_is_an_error_of_the_record() {
    let (_cluster, client) = world().await;
    let producer = producer(&client, |builder| builder.partitioning(Partitioning::custom(ByFirstByte)));
    assert_eq!(send(&producer, Record::to(EVENTS).key(&[3]).value(&[4])).await, 3);
    assert_eq!(send(&producer, Record::to(EVENTS).value(&[4])).await, 4);
    for (record, asked) in [(Record::to(EVENTS), -1), (Record::to(EVENTS).key(&[6]), 6)] {
        let error = producer.send(record).await.unwrap_err();
        let SendError::UnknownPartition { partition, partitions: 6, .. } = error else { panic!("{error:?}") };
        assert_eq!(partition, asked);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bound_of_no_time_is_refused() {
    let (_cluster, client) = world().await;
    let error = client.producer().partition_availability_timeout(Duration::ZERO).build().unwrap_err();
    let named = |problem: &ConfigProblem| {
        matches!(problem, ConfigProblem::OutOfRange { setting: "partition_availability_timeout", .. })
    };
    assert!(error.problems.len() == 1 && named(&error.problems[0]), "{error}");
}
