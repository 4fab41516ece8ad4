//! What the client makes of each fault that the mock has: in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use ottla::{Client, ConsumeError, Record};
use ottla_mockbroker::{ApiKey, Corruption, ErrorCode, Fault, MockCluster, NewRecord, NewTopic, Protocol};
use protocol_tests::{memory_client, memory_cluster};
use tokio::time::{Instant, timeout};

const EVENTS: &str = "events";
const SOON: Duration = Duration::from_secs(300);

/// Three brokers, a topic of one partition, and a client that knows it.
async fn world() -> (MockCluster, Client) {
    let cluster = memory_cluster();
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(1)).unwrap();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    (cluster, client)
}

/// How many records of this value are in the log.
fn written(cluster: &MockCluster, value: &str) -> usize {
    let batches = cluster.records(EVENTS, 0).unwrap();
    let records = batches.iter().flat_map(|batch| batch.records().unwrap());
    records.filter(|record| record.as_ref().unwrap().value == Some(value.as_bytes())).count()
}

#[tokio::test(start_paused = true)]
async fn a_record_is_delivered_through_every_fault_and_is_there_once() {
    delivered_through_every_fault(true).await;
}

#[tokio::test(start_paused = true)]
async fn without_idempotence_a_record_is_there_twice_where_the_first_answer_was_lost() {
    delivered_through_every_fault(false).await;
}

async fn delivered_through_every_fault(idempotence: bool) {
    const WAIT: Duration = Duration::from_secs(3);
    for (fault, copies_without) in [
        (Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER), 1),
        (Fault::error(ErrorCode::NOT_ENOUGH_REPLICAS).topic(EVENTS).partition(0), 1),
        (Fault::applied_then_error(ErrorCode::REQUEST_TIMED_OUT), 2),
        (Fault::silence(), 1),
        (Fault::lost_answer(), 2),
        (Fault::hold(WAIT), 1),
        (Fault::delay(WAIT), 1),
        (Fault::throttle(WAIT), 1),
        (Fault::close_before(), 1),
        (Fault::close_unanswered(), 2),
        (Fault::close_within_answer(), 2),
        (Fault::close_after_answer(), 1),
        (Fault::cut(6), 2),
        (Fault::drip(1, Duration::from_millis(5)), 1),
    ] {
        let (cluster, client) = world().await;
        let producer = client.producer().idempotence(idempotence).build().unwrap();
        let copies = if idempotence { 1 } else { copies_without };
        let fault = fault.api(ApiKey::Produce).times(1);
        let standing = cluster.fault(fault.clone()).unwrap();
        for value in ["first", "second"] {
            let sent = producer.send(Record::to(EVENTS).value(value)).await.unwrap();
            let delivered = timeout(SOON, sent).await.unwrap_or_else(|_| panic!("{fault:?}"));
            assert!(delivered.is_ok(), "{fault:?}: {delivered:?}");
        }
        assert_eq!(
            (standing.hits(), written(&cluster, "first"), written(&cluster, "second")),
            (1, copies, 1),
            "{fault:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_record_is_read_once_through_every_fault_of_a_fetch() {
    const WAIT: Duration = Duration::from_secs(3);
    for fault in [
        Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER),
        Fault::error(ErrorCode::KAFKA_STORAGE_ERROR).topic(EVENTS),
        Fault::applied_then_error(ErrorCode::UNKNOWN_LEADER_EPOCH).topic(EVENTS).partition(0),
        Fault::silence(),
        Fault::lost_answer(),
        Fault::hold(WAIT),
        Fault::delay(WAIT),
        Fault::throttle(WAIT),
        Fault::corruption(Corruption::Cut { bytes: 3 }),
        Fault::close_before(),
        Fault::close_unanswered(),
        Fault::close_within_answer(),
        Fault::close_after_answer(),
        Fault::cut(40),
        Fault::drip(7, Duration::from_millis(5)),
    ] {
        let (cluster, client) = world().await;
        let values: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        for value in &values {
            cluster.produce(EVENTS, 0, &[NewRecord::new(value.as_str())]).unwrap();
        }
        let fault = fault.api(ApiKey::Fetch).times(1);
        let standing = cluster.fault(fault.clone()).unwrap();
        let consumer = client.consumer().assign_topic(EVENTS).build().await.unwrap();
        let mut read = Vec::new();
        while read.len() < values.len() {
            let next = timeout(SOON, consumer.next()).await.unwrap_or_else(|_| panic!("{fault:?}"));
            let batch = next.unwrap_or_else(|error| panic!("{fault:?}: {error}")).unwrap();
            let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
            read.extend(batch.records().map(|record| text(record.unwrap().value().unwrap())));
        }
        assert_eq!((read, standing.hits()), (values, 1), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_batch_is_told_and_never_read() {
    let (cluster, client) = world().await;
    cluster.produce(EVENTS, 0, &[NewRecord::new("value")]).unwrap();
    let damage = cluster.fault(Fault::corruption(Corruption::FlippedBit).api(ApiKey::Fetch)).unwrap();
    let consumer = client.consumer().assign_topic(EVENTS).build().await.unwrap();
    let error: ConsumeError = timeout(SOON, consumer.next()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("corrupt") || error.to_string().contains("checksum"), "{error}");
    assert!(damage.remove() >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_partition_delays_a_record_until_it_is_healed() {
    let (cluster, client) = world().await;
    let producer = client.producer().build().unwrap();
    let leader = cluster.leader(EVENTS, 0).unwrap();
    let partition = cluster.fault(Fault::partition_from().broker(leader)).unwrap();
    let start = Instant::now();
    let sent = producer.send(Record::to(EVENTS).value("value")).await.unwrap();
    let healed = async {
        tokio::time::advance(Duration::from_secs(5)).await;
        partition.remove()
    };
    let (delivered, _) = tokio::join!(timeout(SOON, sent), healed);
    delivered.unwrap().unwrap();
    assert!(start.elapsed() >= Duration::from_secs(5), "{:?}", start.elapsed());
    assert_eq!(written(&cluster, "value"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_comes_in_by_the_broker_that_does_not_refuse_it() {
    let cluster = memory_cluster();
    let refused = cluster.fault(Fault::refused_connections().times(2)).unwrap();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await;
    assert!(client.is_ok(), "{client:?}");
    assert_eq!(refused.hits(), 2);
}
