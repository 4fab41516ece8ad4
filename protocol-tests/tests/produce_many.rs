//! The ways to send beside `send`: without waiting, many at once, and as a sink; in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_sink::Sink;
use ottla::{Client, DeliveryError, NotTaken, ProducerBuilder, ProducerSink, Record, SendError, SinkError, TopicError};
use ottla_mockbroker::{MockCluster, NewTopic};
use protocol_tests::{full_record, memory_pair};
use tokio::time::{Instant, sleep, timeout};

const EVENTS: &str = "events";
const SMALL: &str = "small";

/// The topic `events` with three partitions, and `small`, which takes no batch above 500 bytes.
async fn world() -> (MockCluster, Client) {
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(3)).unwrap();
    cluster.create_topic(&NewTopic::new(SMALL).partitions(1).config("max.message.bytes", "500")).unwrap();
    (cluster, client)
}

/// A producer that has room for two records of 900 bytes.
fn narrow(client: &Client) -> ProducerBuilder {
    client.producer().batch_bytes_max(1000).request_bytes_max(1000).buffer_bytes_max(2000)
}

fn event(partition: i32, value: &str) -> Record<'_> {
    Record::to(EVENTS).partition(partition).value(value)
}

/// The values in the log of a partition of `events`, in order.
fn log(cluster: &MockCluster, partition: i32) -> Vec<String> {
    let batches = cluster.records(EVENTS, partition).unwrap();
    let records = batches.iter().flat_map(|batch| batch.records().unwrap());
    records.map(|record| String::from_utf8(record.unwrap().value.unwrap().to_vec()).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_not_known_is_asked_for_and_the_record_comes_back() {
    let (_cluster, client) = world().await;
    let producer = client.producer().build().unwrap();
    let error = producer.try_send(full_record(EVENTS)).unwrap_err();
    assert!(matches!(&error.reason, NotTaken::TopicUnknown { topic } if topic == EVENTS), "{error:?}");
    assert!(error.reason.is_temporary());
    assert_eq!(format!("{:?}", error.record), format!("{:?}", full_record(EVENTS)));
    sleep(Duration::from_millis(1)).await;
    let delivered = producer.try_send(error.record).unwrap().await.unwrap();
    assert_eq!(delivered.timestamp, 1_234_567);
    // Another producer of the client need not ask for what is known.
    client.producer().build().unwrap().try_send(event(0, "v")).unwrap().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn why_a_topic_cannot_be_used_is_told_once_and_then_it_is_asked_for_again() {
    let (cluster, client) = world().await;
    let producer = client.producer().build().unwrap();
    let reason = || producer.try_send(Record::to("absent").value("v")).map(drop).unwrap_err().reason;
    for _ in 0..2 {
        for _ in 0..2 {
            assert!(matches!(reason(), NotTaken::TopicUnknown { .. }));
        }
        sleep(Duration::from_secs(60)).await;
        let told = reason();
        let is_unknown = matches!(told, NotTaken::Refused(SendError::Topic(TopicError::Unknown { .. })));
        assert!(is_unknown && !told.is_temporary(), "{told:?}");
    }
    cluster.create_topic(&NewTopic::new("absent")).unwrap();
    assert!(reason().is_temporary());
    sleep(Duration::from_secs(1)).await;
    producer.try_send(Record::to("absent").value("v")).unwrap().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_record_without_room_comes_back_at_once_and_what_lingers_is_sent() {
    let (cluster, client) = world().await;
    let producer = narrow(&client).linger(Duration::from_secs(60)).build().unwrap();
    let value = "v".repeat(900);
    let started = Instant::now();
    let first = producer.send(event(0, &value)).await.unwrap();
    let second = producer.try_send(event(1, &value)).unwrap();
    let error = producer.try_send(event(2, &value)).unwrap_err();
    assert!(matches!(error.reason, NotTaken::NoRoom { max_bytes: 2000, .. }), "{error:?}");
    assert!(error.to_string().contains("2000 bytes"), "{error}");
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    let third = producer.try_send(error.record).unwrap();
    producer.flush().await;
    third.await.unwrap();
    assert_eq!(log(&cluster, 2), [value]);
}

#[tokio::test(start_paused = true)]
async fn what_would_be_refused_later_is_refused_at_once() {
    let (_cluster, client) = world().await;
    let producer = narrow(&client).build().unwrap();
    producer.send(event(0, "v")).await.unwrap().await.unwrap();
    let reason = |record| producer.try_send(record).map(drop).unwrap_err().reason;
    let value = "v".repeat(1000);
    assert!(matches!(reason(event(0, &value)), NotTaken::Refused(SendError::RecordTooLarge { max_bytes: 1000, .. })));
    let unknown = reason(event(3, "v"));
    assert!(matches!(unknown, NotTaken::Refused(SendError::UnknownPartition { partition: 3, .. })), "{unknown:?}");
    producer.close(Duration::ZERO).await.unwrap();
    assert!(matches!(reason(event(0, "v")), NotTaken::Refused(SendError::Closed)));
}

#[tokio::test(start_paused = true)]
async fn many_records_have_one_delivery_and_each_its_result_in_order() {
    let (cluster, client) = world().await;
    cluster.create_topic(&NewTopic::new("other").partitions(1)).unwrap();
    let producer = client.producer().batch_bytes_max(2000).build().unwrap();
    // Runs of other lengths than those in which records are gathered, and a topic that alternates.
    let values: Vec<String> = (0..1000).map(|index| format!("event {index}")).collect();
    let place = |index: usize| if index % 97 < 80 { (EVENTS, index / 40 % 3) } else { ("other", 0) };
    let records = values.iter().enumerate().map(|(index, value)| {
        let (topic, partition) = place(index);
        Record::to(topic).partition(partition as i32).value(value).timestamp(index as i64 / 50)
    });
    let sending = producer.send_all(records).await.unwrap();
    assert_eq!((sending.len(), sending.is_empty()), (1000, false));
    let results = sending.await;
    assert_eq!((results.len(), results.delivered()), (1000, 1000));
    for (index, delivered) in results.all().unwrap().into_iter().enumerate() {
        let (topic, partition) = place(index);
        assert_eq!((delivered.partition, delivered.timestamp), (partition as i32, index as i64 / 50));
        let before = (0..index).filter(|before| place(*before) == (topic, partition)).count();
        assert_eq!(delivered.offset, before as i64, "record {index}");
    }
    for partition in 0..3 {
        let sent = (0..1000).filter(|index| place(*index) == (EVENTS, partition)).map(|index| values[index].clone());
        assert_eq!(log(&cluster, partition as i32), sent.collect::<Vec<_>>());
    }
    assert!(producer.send_all([]).await.unwrap().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn many_records_with_and_without_keys_go_where_each_alone_would() {
    let (cluster, client) = world().await;
    // Drawn by load, the next partition may be the same.
    let producer = client.producer().batch_bytes_max(1000).adaptive_partitioning(false).build().unwrap();
    let keys: Vec<String> = (0..300).map(|index| format!("key {}", index % 7)).collect();
    let keyed = keys.iter().map(|key| Record::to(EVENTS).key(key).value(key));
    let together = producer.send_all(keyed.clone()).await.unwrap().await.all().unwrap();
    for (record, together) in keyed.zip(together) {
        assert_eq!(producer.send(record).await.unwrap().await.unwrap().partition, together.partition);
    }
    let bare = (0..300).map(|_| Record::to(EVENTS).value("bare"));
    let results = producer.send_all(bare).await.unwrap().await.all().unwrap();
    // A batch has room for some sixty of them; they move on with each.
    let moves = results.chunk_by(|one, next| one.partition == next.partition).count();
    assert!((4..=8).contains(&moves), "{moves}");
    let logged: usize = (0..3).map(|partition| log(&cluster, partition).len()).sum();
    assert_eq!(logged, 900);
}

#[tokio::test(start_paused = true)]
async fn many_records_may_be_more_than_there_is_room_for() {
    let (cluster, client) = world().await;
    let producer = narrow(&client).linger(Duration::from_secs(60)).build().unwrap();
    let values: Vec<String> = (0..50).map(|index| format!("{index:0>400}")).collect();
    let records = values.iter().map(|value| event(0, value));
    let sending = producer.send_all(records).await.unwrap();
    producer.flush().await;
    assert_eq!(sending.await.delivered(), 50);
    assert_eq!(log(&cluster, 0), values);
}

#[tokio::test(start_paused = true)]
async fn the_first_record_that_is_not_taken_ends_the_call_and_those_before_it_go_on() {
    let (cluster, client) = world().await;
    let producer = client.producer().batch_bytes_max(1000).build().unwrap();
    let large = "v".repeat(1000);
    let mut records = [event(0, "0"), event(1, "1"), event(0, "2"), event(0, &large), event(0, "4")].into_iter();
    let error = producer.send_all(&mut records).await.unwrap_err();
    assert!(matches!(error.error, SendError::RecordTooLarge { .. }), "{error:?}");
    assert_eq!(error.to_string(), "the record behind the first 3 was not taken");
    assert_eq!(error.taken.await.delivered(), 3);
    assert_eq!(producer.send_all(records).await.unwrap().await.delivered(), 1);
    assert_eq!((log(&cluster, 0).join(""), log(&cluster, 1).join("")), ("024".into(), "1".into()));
}

#[tokio::test(start_paused = true)]
async fn a_call_for_many_that_is_dropped_leaves_those_that_it_took_to_be_sent() {
    let (cluster, client) = world().await;
    let producer = narrow(&client).build().unwrap();
    producer.send(event(0, "first")).await.unwrap().await.unwrap();
    let value = "v".repeat(900);
    let records = (0..5).map(|_| event(0, &value));
    assert!(timeout(Duration::ZERO, producer.send_all(records)).await.is_err());
    producer.flush().await;
    assert_eq!(log(&cluster, 0).len(), 3);
    // It has given back what it had not used.
    assert_eq!(producer.send_all((0..2).map(|_| event(1, &value))).await.unwrap().await.delivered(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_results_of_many_tell_which_were_refused() {
    let (_cluster, client) = world().await;
    let producer = client.producer().build().unwrap();
    let large = "v".repeat(1000);
    let record = |fits: bool| if fits { event(0, "v") } else { Record::to(SMALL).value(&large) };
    let results = producer.send_all([true, false, true].map(record)).await.unwrap().await;
    assert_eq!((results.len(), results.delivered()), (3, 2));
    let each: Vec<bool> = results.iter().map(|result| result.is_ok()).collect();
    assert_eq!(each, [true, false, true]);
    assert_eq!(results.all().unwrap_err().partition(), (SMALL, 0));
}

async fn ready(sink: &mut ProducerSink) -> Result<(), SinkError> {
    poll_fn(|context| Pin::new(&mut *sink).poll_ready(context)).await
}

async fn flush(sink: &mut ProducerSink) -> Result<(), SinkError> {
    poll_fn(|context| Pin::new(&mut *sink).poll_flush(context)).await
}

async fn close(sink: &mut ProducerSink) -> Result<(), SinkError> {
    poll_fn(|context| Pin::new(&mut *sink).poll_close(context)).await
}

async fn feed(sink: &mut ProducerSink, record: Record<'static>) -> Result<(), SinkError> {
    ready(sink).await?;
    Pin::new(sink).start_send(record)
}

#[tokio::test(start_paused = true)]
async fn a_sink_waits_for_room_and_flushes_what_it_was_given() {
    let (cluster, client) = world().await;
    let mut sink = narrow(&client).linger(Duration::from_secs(60)).build().unwrap().into_sink();
    let values: Vec<String> = (0..50).map(|index| format!("{index:0>900}")).collect();
    for value in &values {
        feed(&mut sink, Record::to(EVENTS).partition(0).value(value.clone())).await.unwrap();
    }
    let started = Instant::now();
    flush(&mut sink).await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert_eq!(log(&cluster, 0), values);
    flush(&mut sink).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_closed_sink_has_flushed_and_closed_its_producer() {
    let (cluster, client) = world().await;
    let producer = client.producer().linger(Duration::from_secs(60)).build().unwrap();
    let lost = producer.lost_records();
    let mut sink = producer.into_sink();
    for _ in 0..10 {
        feed(&mut sink, Record::to(EVENTS).partition(1).value("v")).await.unwrap();
    }
    close(&mut sink).await.unwrap();
    assert_eq!((log(&cluster, 1).len(), lost.count()), (10, 0));
    let after = feed(&mut sink, Record::to(EVENTS)).await;
    assert!(matches!(after, Err(SinkError::Send(SendError::Closed))), "{after:?}");
    close(&mut sink).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_sink_tells_of_a_record_that_was_lost_and_goes_on() {
    let (cluster, client) = world().await;
    let mut sink = client.producer().build().unwrap().into_sink();
    feed(&mut sink, Record::to(SMALL).value("v".repeat(1000))).await.unwrap();
    feed(&mut sink, Record::to(EVENTS).partition(2).value("v")).await.unwrap();
    let error = flush(&mut sink).await.unwrap_err();
    let SinkError::Delivery(DeliveryError::BatchTooLarge { topic, .. }) = error else { panic!("{error:?}") };
    assert_eq!(topic, SMALL);
    flush(&mut sink).await.unwrap();
    assert_eq!(log(&cluster, 2), ["v"]);
    feed(&mut sink, Record::to("absent")).await.unwrap();
    let error = ready(&mut sink).await.unwrap_err();
    assert!(matches!(error, SinkError::Send(SendError::Topic(TopicError::Unknown { .. }))), "{error:?}");
    feed(&mut sink, Record::to(EVENTS).partition(2).value("w")).await.unwrap();
    close(&mut sink).await.unwrap();
    assert_eq!(log(&cluster, 2), ["v", "w"]);
}
