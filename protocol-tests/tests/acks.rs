//! What becomes of records that fewer than all replicas acknowledge, or nobody: in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use ottla::{Acks, ApiKey, Client, ConfigProblem, Delivered, Producer, Record};
use ottla_mockbroker::{EntryKind, MockCluster, NewTopic, Protocol};
use protocol_tests::{memory_client, memory_cluster};
use tokio::time::sleep;

const EVENTS: &str = "events";

async fn world() -> (MockCluster, Client) {
    let cluster = memory_cluster();
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(3).config("max.message.bytes", "2000")).unwrap();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    (cluster, client)
}

fn producer(client: &Client, acks: Acks) -> Producer {
    client.producer().batch_bytes_max(1000).request_bytes_max(3000).acks(acks).build().unwrap()
}

/// The values in the log of partition 0.
fn log(cluster: &MockCluster) -> Vec<String> {
    let batches = cluster.records(EVENTS, 0).unwrap();
    let value = |record: ottla_wire::record::Record<'_>| String::from_utf8(record.value.unwrap().to_vec()).unwrap();
    batches.iter().flat_map(|batch| batch.records().unwrap().map(move |record| value(record.unwrap()))).collect()
}

/// Sends records to partition 0 and waits for the end of each.
async fn sent(producer: &Producer, numbers: std::ops::Range<usize>) -> Vec<Delivered> {
    let record = |number: usize| Record::to(EVENTS).partition(0).timestamp(7).value(format!("value {number}"));
    producer.send_all(numbers.map(record)).await.unwrap().await.all().unwrap()
}

#[tokio::test(start_paused = true)]
async fn records_stand_in_the_log_in_their_order_whoever_acknowledges_them() {
    for acks in [Acks::None, Acks::Leader, Acks::All] {
        let (cluster, client) = world().await;
        let delivered = sent(&producer(&client, acks), 0..500).await;
        // With nobody to answer, they may be on their way still.
        sleep(Duration::from_millis(1)).await;
        assert_eq!(log(&cluster), (0..500).map(|number| format!("value {number}")).collect::<Vec<_>>(), "{acks:?}");
        for (place, delivered) in (0..).zip(delivered) {
            let offset = if acks == Acks::None { -1 } else { place };
            assert_eq!((delivered.partition, delivered.offset, delivered.timestamp), (0, offset, 7), "{acks:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn with_fewer_than_all_acks_no_producer_id_is_asked_for_unless_idempotence_is_which_is_refused() {
    let (cluster, client) = world().await;
    for acks in [Acks::None, Acks::Leader] {
        sent(&producer(&client, acks), 0..1).await;
        let error = client.producer().acks(acks).idempotence(true).build().unwrap_err();
        assert_eq!(error.problems, [ConfigProblem::IdempotenceNeedsAllAcks]);
    }
    let asks_for_id = |kind: &EntryKind| matches!(kind, EntryKind::Request { api: ApiKey::InitProducerId, .. });
    assert!(!cluster.journal().iter().any(|entry| asks_for_id(&entry.kind)));
    sent(&producer(&client, Acks::All), 0..1).await;
    assert!(cluster.journal().iter().any(|entry| asks_for_id(&entry.kind)));
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_where_nobody_answers_costs_the_connection_and_those_behind_it_go_on_another() {
    let (cluster, client) = world().await;
    let producer = client.producer().acks(Acks::None).build().unwrap();
    sent(&producer, 0..1).await;
    let large = Record::to(EVENTS).partition(0).value("v".repeat(3000));
    assert_eq!(producer.send(large).await.unwrap().await.unwrap().offset, -1, "nobody says that it was refused");
    sleep(Duration::from_secs(1)).await;
    sent(&producer, 1..2).await;
    sleep(Duration::from_secs(1)).await;
    assert_eq!(log(&cluster), ["value 0", "value 1"]);
}

#[tokio::test(start_paused = true)]
async fn where_the_leader_alone_acknowledges_a_follower_that_hangs_is_not_waited_for() {
    let (cluster, client) = world().await;
    let leader = cluster.leader(EVENTS, 0).unwrap();
    let other = cluster.brokers().into_iter().find(|broker| *broker != leader).unwrap();
    let (by_leader, by_all) = (producer(&client, Acks::Leader), producer(&client, Acks::All));
    sent(&by_leader, 0..1).await;
    sent(&by_all, 1..2).await;
    cluster.pause_broker(other).unwrap();
    let waits = tokio::time::timeout(Duration::from_secs(1), sent(&by_all, 2..3)).await;
    assert!(waits.is_err());
    assert_eq!(sent(&by_leader, 3..4).await[0].offset, 3);
}
