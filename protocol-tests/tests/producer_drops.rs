//! How a producer ends that is dropped, wherever that is: at once, and with every record told.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use ottla::{Delivery, DeliveryCause, DeliveryError, LostRecords, NotTaken, Producer, Record, SendError};
use ottla_mockbroker::{NewTopic, Protocol};
use protocol_tests::{socket_client, socket_cluster};
use tokio::runtime::Runtime;

const EVENTS: &str = "events";

/// A producer whose records linger, with one of them, on a runtime of its own; and what is lost.
fn lingering() -> (Runtime, Producer, Delivery, LostRecords) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (producer, delivery) = runtime.block_on(async {
        let cluster = socket_cluster().await;
        cluster.create_topic(&NewTopic::new(EVENTS).partitions(1)).unwrap();
        let client = socket_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
        let producer = client.producer().linger(Duration::from_secs(3600)).delivery_timeout(Duration::from_secs(7200));
        let producer = producer.build().unwrap();
        let delivery = producer.send(Record::to(EVENTS).value("v")).await.unwrap();
        (producer, delivery)
    });
    let lost = producer.lost_records();
    (runtime, producer, delivery, lost)
}

fn assert_closed(runtime: &Runtime, delivery: Delivery) {
    let error = runtime.block_on(delivery).unwrap_err();
    assert!(matches!(error, DeliveryError::NotSent { cause: Some(DeliveryCause::Closed), .. }), "{error:?}");
}

#[test]
fn a_producer_that_is_dropped_outside_of_a_runtime_ends_its_records() {
    let (runtime, producer, delivery, lost) = lingering();
    drop(producer);
    assert_eq!(lost.count(), 1);
    assert_closed(&runtime, delivery);
}

#[test]
fn a_producer_that_is_dropped_in_a_task_of_another_runtime_ends_its_records() {
    let (runtime, producer, delivery, lost) = lingering();
    let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
    other.block_on(async move { drop(producer) });
    assert_eq!(lost.count(), 1);
    assert_closed(&other, delivery);
    drop(runtime);
}

#[test]
fn a_producer_whose_runtime_ends_has_ended_its_records_and_takes_no_more() {
    let (runtime, producer, delivery, lost) = lingering();
    runtime.shutdown_timeout(Duration::from_secs(10));
    assert_eq!(lost.count(), 1);
    let other = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_closed(&other, delivery);
    let refused = producer.try_send(Record::to(EVENTS).value("v")).unwrap_err();
    assert!(matches!(refused.reason, NotTaken::Refused(SendError::Closed)), "{refused:?}");
    assert_eq!(producer.metrics().record_not_sent_total, 1);
    drop(producer);
    assert_eq!(lost.count(), 1);
}
