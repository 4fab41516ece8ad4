//! What is sent is what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use ottla::{OwnedRecord, Record, TimestampType};

use crate::world::{World, deliver, new_topic, next, numbered, unique, values};

const MEBIBYTE: usize = 1024 * 1024;

#[tokio::test]
async fn a_record_comes_back_with_all_that_it_had() {
    let world = World::new().await;
    let topic = world.topic(1).await;
    let producer = world.producer();
    let record = Record::to(&topic)
        .key(b"\x00\xff key")
        .value("größe ☃")
        .header("twice", "1")
        .header("", "a header without a name")
        .null_header("null")
        .header("empty", "")
        .header("twice", vec![0, 159, 146, 150])
        .timestamp(1_234_567_890_123);
    let delivered = producer.send(record).await.unwrap().await.unwrap();
    assert_eq!((delivered.partition, delivered.offset, delivered.timestamp), (0, 0, 1_234_567_890_123));
    let log = &world.read(&topic, 1).await[&0];
    let header = |name: &'static str, value: &'static [u8]| (Bytes::from(name), Some(Bytes::from_static(value)));
    assert_eq!(
        log[0],
        OwnedRecord {
            at: (topic.as_str(), 0).into(),
            offset: 0,
            timestamp: 1_234_567_890_123,
            key: Some(Bytes::from_static(b"\x00\xff key")),
            value: Some(Bytes::from("größe ☃")),
            headers: vec![
                header("twice", b"1"),
                header("", b"a header without a name"),
                (Bytes::from("null"), None),
                header("empty", b""),
                header("twice", &[0, 159, 146, 150]),
            ],
        }
    );
}

#[tokio::test]
async fn null_and_empty_are_two_things() {
    let world = World::new().await;
    let topic = world.topic(1).await;
    let parts = [None, Some(""), Some("x")];
    let all: Vec<_> = parts.iter().flat_map(|key| parts.iter().map(move |value| (*key, *value))).collect();
    let record = |(key, value): &(Option<&'static str>, Option<&'static str>)| {
        let record = Record::to(&topic);
        let record = key.iter().fold(record, |record, key| record.key(*key));
        value.iter().fold(record, |record, value| record.value(*value))
    };
    deliver(&world.producer(), all.iter().map(record)).await;
    let log = &world.read(&topic, all.len()).await[&0];
    let read: Vec<_> = log.iter().map(|record| (record.key.as_deref(), record.value.as_deref())).collect();
    let sent: Vec<_> = all.iter().map(|(key, value)| (key.map(str::as_bytes), value.map(str::as_bytes))).collect();
    assert_eq!(read, sent);
}

#[tokio::test]
async fn a_record_that_fills_a_batch_of_one_mebibyte_comes_through() {
    let world = World::new().await;
    let topic = world.topic(1).await;
    // What is left is for the batch around it: Kafka's default takes 1 MiB and 12 bytes.
    let value: Vec<u8> = (0..MEBIBYTE - 128).map(|at| at.to_le_bytes()[0] ^ at.to_le_bytes()[1]).collect();
    deliver(&world.producer(), (0..3).map(|_| Record::to(&topic).value(&value))).await;
    let log = &world.read(&topic, 3).await[&0];
    assert!(log.iter().all(|record| record.value.as_deref() == Some(&value)));
}

#[tokio::test]
async fn a_topic_that_takes_more_than_a_mebibyte_gets_it() {
    let world = World::new().await;
    let topic = new_topic(&unique("e2e-large")).partitions(1).config("max.message.bytes", "5000000");
    let topic = world.topic_of(topic).await;
    let producer = world.client.producer().batch_bytes_max(4 * MEBIBYTE).build().unwrap();
    let value = vec![7; 3 * MEBIBYTE];
    deliver(&producer, [Record::to(&topic).value(&value)]).await;
    let log = &world.read(&topic, 1).await[&0];
    assert_eq!(log[0].value.as_deref(), Some(&value[..]));
}

#[tokio::test]
async fn the_order_of_each_partition_is_that_of_sending() {
    const PARTITIONS: i32 = 24;
    const EACH: usize = 400;
    let world = World::new().await;
    let topic = world.topic(PARTITIONS).await;
    // Small batches and no linger: many requests, and several of a partition one after the other.
    let producer = world.client.producer().linger(Duration::ZERO).batch_bytes_max(512).build().unwrap();
    let order: Vec<_> =
        (0..EACH).flat_map(|number| (0..PARTITIONS).map(move |partition| (partition, number))).collect();
    let record =
        |(partition, number): &(i32, usize)| Record::to(&topic).partition(*partition).value(number.to_string());
    let delivered = deliver(&producer, order.iter().map(record)).await;
    for (delivered, (partition, number)) in delivered.iter().zip(order) {
        assert_eq!((delivered.partition, usize::try_from(delivered.offset)), (partition, Ok(number)));
    }
    let logs = world.read(&topic, EACH * usize::try_from(PARTITIONS).unwrap()).await;
    assert_eq!(logs.len(), usize::try_from(PARTITIONS).unwrap());
    for (partition, log) in logs {
        assert_eq!(values(&log), numbered(0..EACH), "partition {partition}");
    }
}

#[tokio::test]
async fn records_of_one_key_stay_together_and_keys_spread() {
    let world = World::new().await;
    let topic = world.topic(6).await;
    let record = |number: usize| Record::to(&topic).key(format!("key-{}", number % 60)).value(number.to_string());
    deliver(&world.producer(), (0..600).map(record)).await;
    let logs = world.read(&topic, 600).await;
    let mut homes: BTreeMap<Bytes, BTreeSet<i32>> = BTreeMap::new();
    for (partition, log) in &logs {
        for record in log {
            homes.entry(record.key.clone().unwrap()).or_default().insert(*partition);
        }
    }
    assert_eq!(homes.len(), 60);
    assert!(homes.values().all(|partitions| partitions.len() == 1), "{homes:?}");
    assert_eq!(logs.len(), 6, "sixty keys reach all six partitions");
}

#[tokio::test]
async fn a_consumer_that_waits_gets_what_is_sent_later() {
    let world = World::new().await;
    let topic = world.topic(3).await;
    let consumer = world.consumer(&topic).await;
    let producer = world.client.producer().linger(Duration::ZERO).build().unwrap();
    for number in 0..20 {
        let record = Record::to(&topic).partition(number % 3).value(number.to_string());
        let delivered = producer.send(record).await.unwrap().await.unwrap();
        let batch = next(&consumer).await;
        let records: Vec<_> = batch.records().map(|record| record.unwrap().into_owned()).collect();
        assert_eq!((batch.partition(), values(&records)), (number % 3, vec![number.to_string()]));
        assert_eq!(records[0].offset, delivered.offset);
    }
}

#[tokio::test]
async fn who_gives_timestamps_is_what_the_topic_says() {
    let world = World::new().await;
    let name = unique("e2e-append-time");
    let by_log = new_topic(&name).partitions(1).config("message.timestamp.type", "LogAppendTime");
    let by_log = world.topic_of(by_log).await;
    let by_producer = world.topic(1).await;
    let producer = world.producer();
    let mut told = Vec::new();
    for topic in [&by_log, &by_producer] {
        let delivered = producer.send(Record::to(topic).value("v").timestamp(1_000)).await.unwrap().await.unwrap();
        let batch = next(&world.consumer(topic).await).await;
        let timestamp = batch.records().next().unwrap().unwrap().timestamp();
        assert_eq!(delivered.timestamp, timestamp, "the producer is told what the log has");
        told.push((batch.timestamp_type(), timestamp));
    }
    assert_eq!(told[1], (TimestampType::CreateTime, 1_000));
    assert_eq!(told[0].0, TimestampType::LogAppendTime);
    assert!(told[0].1 > 1_000, "{told:?}");
}
