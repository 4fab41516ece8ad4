//! Where reading begins, and where it is.

use ottla::{ConsumeError, OnOffsetOutOfRange, Record, Start, StopReason, TopicPartition};

use crate::world::{World, deliver, eventually, next, numbered, read, values};

/// A topic of two partitions with the numbers below 20 in the first, and nothing in the second.
async fn numbers(world: &World) -> String {
    let topic = world.topic(2).await;
    write(world, &topic, 0..20).await;
    topic
}

async fn write(world: &World, topic: &str, range: std::ops::Range<usize>) {
    let record = |value| Record::to(topic).partition(0).value(value);
    deliver(&world.producer(), numbered(range).into_iter().map(record)).await;
}

#[tokio::test]
async fn beginning_and_end_are_those_of_the_log() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let consumer = world.client.consumer().build().await.unwrap();
    let both: [TopicPartition; 2] = [(topic.as_str(), 0).into(), (topic.as_str(), 1).into()];
    let beginning = consumer.beginning_offsets(both.clone()).await.unwrap();
    let end = consumer.end_offsets(both.clone()).await.unwrap();
    assert_eq!(beginning.into_iter().collect::<Vec<_>>(), [(both[0].clone(), 0), (both[1].clone(), 0)]);
    assert_eq!(end.into_iter().collect::<Vec<_>>(), [(both[0].clone(), 20), (both[1].clone(), 0)]);
}

#[tokio::test]
async fn reading_from_the_end_sees_only_what_comes_after() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let at = (topic.as_str(), 0);
    let consumer = world.client.consumer().assign([at]).from_end().build().await.unwrap();
    eventually("the end is found", async || consumer.position(at) == Ok(Some(20))).await;
    write(&world, &topic, 20..25).await;
    let logs = read(&consumer, 5).await;
    assert_eq!(values(&logs[&0]), numbered(20..25));
    assert_eq!(consumer.position(at), Ok(Some(25)));
}

#[tokio::test]
async fn reading_from_an_offset_begins_there_also_within_a_batch() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let consumer = world.client.consumer().from_offset((topic.as_str(), 0), 13).build().await.unwrap();
    let logs = read(&consumer, 7).await;
    assert_eq!((logs[&0][0].offset, values(&logs[&0])), (13, numbered(13..20)));
}

#[tokio::test]
async fn a_seek_reads_again_and_a_seek_ahead_leaves_out() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let at = (topic.as_str(), 0);
    let consumer = world.client.consumer().assign([at]).build().await.unwrap();
    read(&consumer, 20).await;
    consumer.seek(at, Start::Offset(5)).unwrap();
    assert_eq!(values(&read(&consumer, 15).await[&0]), numbered(5..20));
    consumer.seek(at, Start::Beginning).unwrap();
    assert_eq!(values(&read(&consumer, 20).await[&0]), numbered(0..20));
    consumer.seek(at, Start::Offset(19)).unwrap();
    assert_eq!(values(&read(&consumer, 1).await[&0]), numbered(19..20));
}

#[tokio::test]
async fn an_offset_that_the_log_does_not_have_is_told_with_the_logs_bounds() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let at = (topic.as_str(), 0);
    let consumer = world.client.consumer().from_offset(at, 1_000).build().await.unwrap();
    let error = consumer.next().await.expect_err("there is no such offset");
    let ConsumeError::Stopped(stopped) = &error else { panic!("{error}") };
    assert!(matches!(stopped.reason, StopReason::OffsetOutOfRange { offset: 1_000, .. }), "{error}");
    consumer.seek(at, Start::Offset(18)).unwrap();
    assert_eq!(values(&read(&consumer, 2).await[&0]), numbered(18..20));
}

#[tokio::test]
async fn who_asks_for_it_goes_on_at_the_beginning_from_an_offset_that_is_not_there() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let consumer = world.client.consumer().from_offset((topic.as_str(), 0), 1_000);
    let consumer = consumer.on_offset_out_of_range(OnOffsetOutOfRange::Beginning).build().await.unwrap();
    assert_eq!(values(&read(&consumer, 20).await[&0]), numbered(0..20));
}

#[tokio::test]
async fn batches_say_where_reading_goes_on() {
    let world = World::new().await;
    let topic = numbers(&world).await;
    let at = (topic.as_str(), 0);
    let consumer = world.client.consumer().assign([at]).build().await.unwrap();
    let batch = next(&consumer).await;
    assert_eq!(consumer.position(at), Ok(Some(batch.next_offset())));
    let last = batch.records().last().unwrap().unwrap().offset();
    assert_eq!(batch.next_offset(), last + 1);
    assert!(batch.leader_epoch().0 >= 0, "the leader puts its epoch into the log");
}
