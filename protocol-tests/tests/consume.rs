//! What a consumer promises, held against the mock cluster: in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use bytes::Bytes;
use ottla::{
    ApiKey, AssignError, Batch, BrokerId, BuildConsumerError, Client, Compression, ConfigProblem, ConnectError,
    ConsumeError, Consumer, DecompressError, NotAssigned, OnOffsetOutOfRange, OwnedRecord, Record, Start, StopReason,
    TopicError, TopicPartition,
};
use ottla_mockbroker::{EntryKind, MockCluster, NewTopic, Protocol};
use protocol_tests::relay::Relay;
use protocol_tests::{IDENTITY, full_record, memory_client, memory_cluster};
use tokio::time::{Instant, timeout};

const EVENTS: &str = "events";

/// The defaults that these tests rely on.
const FETCH_MAX_WAIT: Duration = Duration::from_millis(500);

struct World {
    cluster: MockCluster,
    relay: Relay,
    client: Client,
}

impl World {
    /// Three brokers, and the topic `events` with a partition on each.
    async fn new() -> Self {
        Self::with(3).await
    }

    async fn with(partitions: i32) -> Self {
        let cluster = memory_cluster();
        cluster.create_topic(&NewTopic::new(EVENTS).partitions(partitions).replication_factor(3)).unwrap();
        let relay = Relay::default();
        let dial = relay.before(cluster.dialer());
        let client = memory_client(&cluster, Protocol::Plaintext).dial(dial).connect().await.unwrap();
        Self { cluster, relay, client }
    }

    /// Writes records to a partition, one batch of each list.
    async fn write(&self, partition: i32, batches: impl IntoIterator<Item = impl IntoIterator<Item = String>>) {
        self.write_in(Compression::None, partition, batches).await;
    }

    async fn write_in(
        &self,
        codec: Compression,
        partition: i32,
        batches: impl IntoIterator<Item = impl IntoIterator<Item = String>>,
    ) {
        let producer = self.client.producer().compression(codec).linger(Duration::from_secs(1)).build().unwrap();
        for batch in batches {
            let mut deliveries = Vec::new();
            for value in batch {
                let record = Record::to(EVENTS).partition(partition).value(value);
                deliveries.push(producer.send(record).await.unwrap());
            }
            producer.flush().await;
            for delivery in deliveries {
                delivery.await.unwrap();
            }
        }
    }

    /// A consumer of the whole topic from its beginning.
    async fn consumer(&self) -> Consumer {
        self.client.consumer().assign_topic(EVENTS).build().await.unwrap()
    }

    /// How many requests of `api` each broker was sent.
    fn requests(&self, api: ApiKey) -> BTreeMap<BrokerId, usize> {
        let mut counts = BTreeMap::new();
        for entry in self.cluster.journal() {
            if matches!(entry.kind, EntryKind::Request { api: of, .. } if of == api) {
                *counts.entry(entry.broker).or_default() += 1;
            }
        }
        counts
    }

    fn move_leader(&self, partition: i32) {
        let leader = self.cluster.leader(EVENTS, partition).unwrap();
        self.cluster.move_leader(EVENTS, partition, BrokerId(leader.0 % 3 + 1)).unwrap();
    }
}

fn numbered(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

async fn next(consumer: &Consumer) -> Batch {
    let next = timeout(Duration::from_secs(60), consumer.next()).await.expect("records within a minute");
    next.unwrap().expect("more to come")
}

async fn next_error(consumer: &Consumer) -> ConsumeError {
    let next = timeout(Duration::from_secs(60), consumer.next()).await.expect("an error within a minute");
    next.expect_err("an error")
}

fn values(batch: &Batch) -> Vec<(i64, String)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    batch
        .records()
        .map(|record| record.unwrap())
        .map(|record| (record.offset(), text(record.value().unwrap())))
        .collect()
}

fn offsets(batch: &Batch) -> Vec<i64> {
    batch.records().map(|record| record.unwrap().offset()).collect()
}

/// Reads until `count` records came; each partition's offsets must go up by one.
async fn read(consumer: &Consumer, count: usize) -> BTreeMap<i32, Vec<(i64, String)>> {
    let mut logs: BTreeMap<i32, Vec<(i64, String)>> = BTreeMap::new();
    let mut left = count;
    while left > 0 {
        let batch = next(consumer).await;
        let records = values(&batch);
        left = left.checked_sub(records.len()).expect("no record more than were written");
        logs.entry(batch.partition()).or_default().extend(records);
    }
    for (partition, log) in &logs {
        assert!(log.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0), "partition {partition}: {log:?}");
    }
    logs
}

/// Whether a future has nothing yet, without waiting for it.
async fn is_pending(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[tokio::test(start_paused = true)]
async fn everything_on_three_brokers_is_read_back_once_and_in_order() {
    let world = World::new().await;
    for partition in 0..3 {
        world.write(partition, [numbered(0..40), numbered(40..41), numbered(41..100)]).await;
    }
    let consumer = world.consumer().await;
    let logs = read(&consumer, 300).await;
    for partition in 0..3 {
        let expected: Vec<_> = (0..).zip(numbered(0..100)).collect();
        assert_eq!(logs[&partition], expected);
        assert_eq!(consumer.position((EVENTS, partition)), Ok(Some(100)));
    }
    assert!(is_pending(consumer.next()).await);
    assert_eq!(world.requests(ApiKey::Fetch).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_record_comes_back_as_it_was_given() {
    let world = World::new().await;
    let record = full_record(EVENTS).partition(1);
    let producer = world.client.producer().build().unwrap();
    let _at = producer.send(record).await.unwrap();
    producer.send(Record::to(EVENTS).partition(1)).await.unwrap().await.unwrap();
    let consumer = world.consumer().await;
    let batch = next(&consumer).await;
    assert_eq!((batch.topic(), batch.partition(), batch.next_offset()), (EVENTS, 1, 2));
    let owned: Vec<OwnedRecord> = batch.records().map(|record| record.unwrap().into_owned()).collect();
    drop(batch);
    let headers = vec![
        (Bytes::from("h"), Some(Bytes::from("1"))),
        (Bytes::from("n"), None),
        (Bytes::from("h"), Some(Bytes::from("2"))),
    ];
    let expected = OwnedRecord {
        at: (EVENTS, 1).into(),
        offset: 0,
        timestamp: 1_234_567,
        key: Some("k".into()),
        value: Some(vec![1, 2].into()),
        headers,
    };
    assert_eq!(owned[0], expected);
    assert_eq!((&owned[1].key, &owned[1].value, owned[1].headers.len(), owned[1].offset), (&None, &None, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn reading_starts_where_it_is_told_to() {
    let world = World::new().await;
    for partition in 0..3 {
        world.write(partition, [numbered(0..10), numbered(10..20)]).await;
    }
    let builder = world.client.consumer().assign([(EVENTS, 0), (EVENTS, 1), (EVENTS, 2)]).from_end();
    // In the middle of the second batch.
    let consumer = builder.from_offset((EVENTS, 1), 13).build().await.unwrap();
    let batch = next(&consumer).await;
    assert_eq!((batch.partition(), offsets(&batch)), (1, (13..20).collect()));
    assert_eq!(consumer.position((EVENTS, 0)), Ok(Some(20)));
    world.write(0, [numbered(20..21)]).await;
    assert_eq!(offsets(&next(&consumer).await), [20]);

    let partitions = || (0..3).map(|partition| (EVENTS, partition));
    let begin = consumer.beginning_offsets(partitions()).await.unwrap();
    let end = consumer.end_offsets(partitions()).await.unwrap();
    assert_eq!(begin.into_values().collect::<Vec<_>>(), [0, 0, 0]);
    assert_eq!(end.into_values().collect::<Vec<_>>(), [21, 20, 20]);
}

#[tokio::test(start_paused = true)]
async fn a_seek_reads_again_and_exactly_from_there() {
    let world = World::new().await;
    world.write(0, [numbered(0..10), numbered(10..20)]).await;
    let consumer = world.consumer().await;
    read(&consumer, 20).await;
    consumer.seek((EVENTS, 0), Start::Offset(15)).unwrap();
    assert_eq!(consumer.position((EVENTS, 0)), Ok(Some(15)));
    assert_eq!(offsets(&next(&consumer).await), (15..20).collect::<Vec<_>>());
    consumer.seek((EVENTS, 0), Start::Beginning).unwrap();
    assert_eq!(consumer.position((EVENTS, 0)), Ok(None), "it is being looked up");
    assert_eq!(read(&consumer, 20).await[&0].len(), 20);
    assert_eq!(consumer.seek((EVENTS, 9), Start::End), Err(NotAssigned((EVENTS, 9).into())));
}

#[tokio::test(start_paused = true)]
async fn a_produce_beside_a_waiting_fetch_on_the_same_broker_does_not_wait_for_it() {
    const WAIT: Duration = Duration::from_secs(20);
    let world = World::with(6).await;
    let broker = world.cluster.leader(EVENTS, 0).unwrap();
    let other = (1..6).find(|partition| world.cluster.leader(EVENTS, *partition).unwrap() == broker).unwrap();
    let consumer = world.client.consumer().assign([(EVENTS, 0)]).fetch_max_wait(WAIT).build().await.unwrap();
    assert!(timeout(Duration::from_secs(1), consumer.next()).await.is_err());
    assert_eq!(world.requests(ApiKey::Fetch), BTreeMap::from([(broker, 1)]), "one fetch waits at the broker");

    let producer = world.client.producer().linger(Duration::ZERO).build().unwrap();
    let started = Instant::now();
    producer.send(Record::to(EVENTS).partition(other).value("v")).await.unwrap().await.unwrap();
    consumer.end_offsets([(EVENTS, other)]).await.unwrap();
    assert!(started.elapsed() < WAIT / 100, "{:?}", started.elapsed());
    assert_eq!(world.requests(ApiKey::Produce), BTreeMap::from([(broker, 1)]));
    assert_eq!(world.requests(ApiKey::Fetch), BTreeMap::from([(broker, 1)]), "the fetch still waits");
}

#[tokio::test(start_paused = true)]
async fn brokers_that_have_nothing_never_delay_the_records_of_another() {
    let world = World::new().await;
    let consumer = world.consumer().await;
    let producer = world.client.producer().linger(Duration::ZERO).build().unwrap();
    assert!(timeout(2 * FETCH_MAX_WAIT, consumer.next()).await.is_err());
    let started = Instant::now();
    for offset in 0..50 {
        producer.send(Record::to(EVENTS).partition(0).value("v")).await.unwrap().await.unwrap();
        assert_eq!(offsets(&next(&consumer).await), [offset]);
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_drained_is_fetched_again_at_once_although_others_of_its_broker_are_idle() {
    let cluster = MockCluster::builder().brokers(1).plaintext().start_in_memory().unwrap();
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(3)).unwrap();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    let world = World { cluster, relay: Relay::default(), client };
    world.write(1, (0..40).map(|_| vec!["v".repeat(10_000); 10])).await;
    // Forty batches of 100 kB; two fill the partition's share of memory.
    let builder = world.client.consumer().assign_topic(EVENTS).partition_fetch_bytes_max(200_000);
    let consumer = builder.build().await.unwrap();
    let started = Instant::now();
    assert_eq!(read(&consumer, 400).await[&1].len(), 400);
    assert!(started.elapsed() < FETCH_MAX_WAIT, "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_is_received_is_what_is_delivered() {
    let world = World::with(6).await;
    for partition in 0..6 {
        world.write(partition, (0..300).map(|_| vec!["v".repeat(1_000); 3])).await;
    }
    let before = world.relay.delivered_bytes();
    // A slow application with little memory: nothing of what does not fit may be fetched twice.
    let builder = world.client.consumer().assign_topic(EVENTS).partition_fetch_bytes_max(128 * 1024);
    let consumer = builder.fetch_buffer_bytes_max(1024 * 1024).build().await.unwrap();
    let (mut delivered, mut records) = (0, 0);
    while records < 6 * 900 {
        let batch = next(&consumer).await;
        delivered += batch.size_bytes();
        records += batch.records().count();
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(consumer.buffered_bytes() <= 1024 * 1024 + 3 * 128 * 1024, "{}", consumer.buffered_bytes());
    }
    let received = world.relay.delivered_bytes() - before;
    assert!(delivered > 5_000_000 && received * 100 <= delivered * 105, "{received} received, {delivered} delivered");
}

#[tokio::test(start_paused = true)]
async fn an_idle_consumer_asks_each_broker_twice_a_second() {
    let world = World::with(30).await;
    let consumer = world.consumer().await;
    assert!(timeout(Duration::from_secs(10), consumer.next()).await.is_err());
    for (broker, requests) in world.requests(ApiKey::Fetch) {
        assert!((20..=22).contains(&requests), "{requests} fetches at broker {broker}");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_or_read_twice_while_leaders_move_and_connections_are_cut() {
    let world = World::new().await;
    let builder = world.client.consumer().assign_topic(EVENTS).partition_fetch_bytes_max(300);
    let consumer = builder.fetch_buffer_bytes_max(2_000).build().await.unwrap();
    let mut expected: [Vec<(i64, String)>; 3] = Default::default();
    let mut read: [Vec<(i64, String)>; 3] = Default::default();
    for step in 0..300_usize {
        let partition = step % 3;
        world.write(partition as i32, [numbered(step..step + 5)]).await;
        for value in numbered(step..step + 5) {
            let offset = expected[partition].len() as i64;
            expected[partition].push((offset, value));
        }
        match step % 30 {
            7 => world.relay.cut(),
            11 => world.relay.swallow_answers_of(ApiKey::Fetch),
            14 => {
                world.relay.cut();
                world.relay.swallow_nothing();
            }
            19 | 22 | 23 => world.move_leader(partition as i32),
            _ => {}
        }
        if step % 2 == 0
            && let Ok(batch) = timeout(Duration::from_millis(50), consumer.next()).await
        {
            let batch = batch.unwrap().unwrap();
            read[batch.partition() as usize].extend(values(&batch));
        }
    }
    while read.iter().map(Vec::len).sum::<usize>() < 1_500 {
        let batch = next(&consumer).await;
        read[batch.partition() as usize].extend(values(&batch));
    }
    assert_eq!(read, expected);
}

#[tokio::test(start_paused = true)]
async fn a_moved_leader_is_found_within_a_second() {
    let world = World::new().await;
    let consumer = world.consumer().await;
    world.write(0, [numbered(0..1)]).await;
    assert_eq!(offsets(&next(&consumer).await), [0]);
    world.move_leader(0);
    let started = Instant::now();
    world.write(0, [numbered(1..2)]).await;
    assert_eq!(offsets(&next(&consumer).await), [1]);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_topic_or_partition_that_is_not_there_is_an_error_when_it_is_assigned() {
    let world = World::new().await;
    let started = Instant::now();
    let error = world.client.consumer().assign([("nowhere", 0)]).build().await.unwrap_err();
    let BuildConsumerError::Assign(AssignError::Topic(TopicError::Unknown { topic })) = error else {
        panic!("{error:?}")
    };
    assert_eq!(topic, "nowhere");
    assert!(started.elapsed() <= Duration::from_secs(6), "{:?}", started.elapsed());

    let consumer = world.consumer().await;
    for partition in [-1, 3] {
        let error = consumer.assign([(EVENTS, partition)], Start::End).await.unwrap_err();
        let AssignError::UnknownPartition { at, partitions: 3 } = error else { panic!("{error:?}") };
        assert_eq!(at, TopicPartition::from((EVENTS, partition)));
    }
    let error = consumer.assign([(EVENTS, 0)], Start::Offset(-1)).await.unwrap_err();
    assert!(matches!(error, AssignError::NegativeOffset { offset: -1, .. }), "{error:?}");
    assert_eq!(consumer.assignment().len(), 3, "the assignment is as it was");
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_with_a_configuration_is_said_at_once() {
    let world = World::new().await;
    let builder = world.client.consumer().fetch_buffer_bytes_max(0).fetch_bytes_max(usize::MAX);
    let builder = builder.request_timeout(Duration::ZERO).decompressed_batch_bytes_max(0).decompression_ratio_max(0);
    let error = builder.build().await.unwrap_err();
    let BuildConsumerError::Config(error) = error else { panic!("{error:?}") };
    let settings: BTreeSet<_> = error
        .problems
        .iter()
        .map(|problem| match problem {
            ConfigProblem::OutOfRange { setting, .. }
            | ConfigProblem::SizeOutOfRange { setting, .. }
            | ConfigProblem::CountOutOfRange { setting, .. } => *setting,
            other => panic!("{other:?}"),
        })
        .collect();
    let of_fetches = ["fetch_buffer_bytes_max", "fetch_bytes_max", "request_timeout"];
    let of_decompression = ["decompressed_batch_bytes_max", "decompression_ratio_max"];
    assert_eq!(settings, of_fetches.into_iter().chain(of_decompression).collect());
}

#[tokio::test(start_paused = true)]
async fn an_offset_that_the_log_does_not_have_stops_the_partition_and_names_the_log() {
    let world = World::new().await;
    world.write(0, [numbered(0..10)]).await;
    world.write(1, [numbered(0..1)]).await;
    let consumer = world.client.consumer().assign_topic(EVENTS).from_offset((EVENTS, 0), 11).build().await.unwrap();
    assert_eq!(next(&consumer).await.partition(), 1, "the others go on");
    let ConsumeError::Stopped(stopped) = next_error(&consumer).await else { panic!("another error") };
    let reason = StopReason::OffsetOutOfRange { offset: 11, log_start: Some(0), log_end: Some(10) };
    assert_eq!((stopped.at, stopped.reason), ((EVENTS, 0).into(), reason));
    consumer.seek((EVENTS, 0), Start::Offset(8)).unwrap();
    assert_eq!(offsets(&next(&consumer).await), [8, 9]);
}

#[tokio::test(start_paused = true)]
async fn an_offset_that_the_log_does_not_have_is_reset_where_it_is_to_be() {
    let world = World::new().await;
    world.write(0, [numbered(0..10)]).await;
    let builder = world.client.consumer().from_offset((EVENTS, 0), 99);
    let consumer = builder.on_offset_out_of_range(OnOffsetOutOfRange::Beginning).build().await.unwrap();
    assert_eq!(offsets(&next(&consumer).await), (0..10).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn batches_of_every_codec_are_read_side_by_side() {
    let world = World::new().await;
    for (first, codec) in (0..).step_by(10).zip(Compression::ALL) {
        world.write_in(codec, 0, [numbered(first..first + 10)]).await;
    }
    let consumer = world.client.consumer().from_offset((EVENTS, 0), 3).build().await.unwrap();
    let mut read = Vec::new();
    for (codec, last) in Compression::ALL.into_iter().zip((10..).step_by(10)) {
        let batch = next(&consumer).await;
        assert_eq!(batch.compression(), codec);
        read.extend(values(&batch));
        assert_eq!(consumer.position((EVENTS, 0)), Ok(Some(last)));
    }
    assert_eq!(read, (3..50).map(|offset| (offset, offset.to_string())).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_a_bomb_stops_its_partition_alone_and_can_be_stepped_over() {
    let world = World::new().await;
    world.write(0, [numbered(0..2)]).await;
    world.write_in(Compression::Zstd, 0, [vec!["0".repeat(100_000); 3]]).await;
    world.write_in(Compression::Zstd, 0, [numbered(5..6)]).await;
    world.write(1, [numbered(0..1)]).await;
    let consumer =
        world.client.consumer().assign_topic(EVENTS).decompressed_batch_bytes_max(200_000).build().await.unwrap();
    let (mut records, mut errors) = (0, Vec::new());
    while records < 3 || errors.is_empty() {
        match timeout(Duration::from_secs(60), consumer.next()).await.unwrap() {
            Ok(batch) => records += batch.unwrap().records().count(),
            Err(error) => errors.push(error),
        }
    }
    let [ConsumeError::Stopped(stopped)] = <[_; 1]>::try_from(errors).unwrap() else { panic!("another error") };
    let codec = Compression::Zstd;
    let source = DecompressError::TooLong { codec, bytes_max: 200_000 }.into();
    let reason = StopReason::Decompression { codec, offset: 2, next_offset: 5, source };
    assert_eq!((stopped.at, stopped.reason), ((EVENTS, 0).into(), reason));
    assert_eq!(consumer.position((EVENTS, 0)), Ok(Some(2)));

    world.write(1, [numbered(1..2)]).await;
    assert_eq!(next(&consumer).await.partition(), 1);
    consumer.seek((EVENTS, 0), Start::Offset(5)).unwrap();
    assert_eq!(values(&next(&consumer).await), [(5, "5".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_call_for_the_next_records_that_is_dropped_loses_nothing() {
    let world = World::new().await;
    for partition in 0..3 {
        world.write(partition, (0..20).map(|batch| numbered(batch * 5..batch * 5 + 5))).await;
    }
    let consumer = world.client.consumer().assign_topic(EVENTS).partition_fetch_bytes_max(200).build().await.unwrap();
    let mut logs: BTreeMap<i32, Vec<i64>> = BTreeMap::new();
    let mut dropped = 0;
    while logs.values().map(Vec::len).sum::<usize>() < 300 {
        let mut call = Box::pin(consumer.next());
        match poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await {
            Poll::Ready(batch) => {
                let batch = batch.unwrap().unwrap();
                logs.entry(batch.partition()).or_default().extend(offsets(&batch));
            }
            Poll::Pending => {
                dropped += 1;
                drop(call);
                tokio::task::yield_now().await;
            }
        }
    }
    assert!(dropped > 0);
    for log in logs.values() {
        assert_eq!(*log, (0..100).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn calls_at_the_same_time_share_the_records() {
    let world = World::new().await;
    let consumer = world.consumer().await;
    let [first, second] = [consumer.clone(), consumer.clone()];
    let calls = tokio::spawn(async move { tokio::join!(next(&first), next(&second)) });
    tokio::task::yield_now().await;
    world.write(0, [numbered(0..1), numbered(1..2)]).await;
    let (first, second) = calls.await.unwrap();
    let mut both = [offsets(&first), offsets(&second)];
    both.sort();
    assert_eq!(both, [[0], [1]]);
}

#[tokio::test(start_paused = true)]
async fn a_new_assignment_goes_on_with_what_stays_and_ends_what_goes() {
    let world = World::new().await;
    for partition in 0..3 {
        world.write(partition, [numbered(0..10)]).await;
    }
    let consumer = world.client.consumer().assign([(EVENTS, 0), (EVENTS, 1)]).build().await.unwrap();
    read(&consumer, 20).await;
    consumer.assign([(EVENTS, 1), (EVENTS, 2)], Start::Beginning).await.unwrap();
    assert_eq!(consumer.position((EVENTS, 1)), Ok(Some(10)));
    assert_eq!(consumer.position((EVENTS, 0)), Err(NotAssigned((EVENTS, 0).into())));
    assert_eq!(read(&consumer, 10).await.into_keys().collect::<Vec<_>>(), [2]);
    world.write(0, [numbered(10..11)]).await;
    assert!(timeout(Duration::from_secs(5), consumer.next()).await.is_err());

    let waiting = consumer.clone();
    let waiting = tokio::spawn(async move { waiting.next().await });
    tokio::task::yield_now().await;
    consumer.assign::<TopicPartition>([], Start::End).await.unwrap();
    assert!(waiting.await.unwrap().unwrap().is_none(), "nothing will come");
}

/// Brings good credentials until they are taken away.
#[derive(Clone, Debug)]
struct Revocable {
    credentials: Credentials,
    is_revoked: Arc<AtomicBool>,
}

impl ProvideCredentials for Revocable {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let secret =
            if self.is_revoked.load(Ordering::Relaxed) { "wrong" } else { self.credentials.secret_access_key() };
        let key = self.credentials.access_key_id();
        future::ProvideCredentials::ready(Ok(ottla::credentials::fixed(key, secret, None)))
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_let_in_no_more_hears_it_once_for_each_broker() {
    let cluster = memory_cluster();
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(3)).unwrap();
    let is_revoked = Arc::new(AtomicBool::new(false));
    let provider = Revocable { credentials: cluster.credentials(IDENTITY), is_revoked: Arc::clone(&is_revoked) };
    let client = memory_client(&cluster, Protocol::SaslTls).msk_iam(provider).connect().await.unwrap();
    let topic = client.consumer().assign_topic(EVENTS).build().await.unwrap();
    assert!(timeout(Duration::from_secs(1), topic.next()).await.is_err());

    is_revoked.store(true, Ordering::Relaxed);
    let consumer = (0..3).fold(client.consumer(), |builder, partition| builder.from_offset((EVENTS, partition), 0));
    let consumer = consumer.build().await.unwrap();
    let mut refused = BTreeSet::new();
    for _ in 0..3 {
        let error = next_error(&consumer).await;
        let ConsumeError::Unreachable { broker, source } = error else { panic!("{error:?}") };
        assert!(matches!(*source, ConnectError::Authentication { .. }), "{source:?}");
        refused.insert(broker);
    }
    assert_eq!(refused.len(), 3);
    assert!(timeout(Duration::from_secs(60), consumer.next()).await.is_err(), "each is told once");

    is_revoked.store(false, Ordering::Relaxed);
    client.producer().build().unwrap().send(Record::to(EVENTS).value("v")).await.unwrap().await.unwrap();
    assert_eq!(offsets(&next(&consumer).await), [0]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_consumer_closes_its_connections_and_leaves_those_of_others() {
    let world = World::new().await;
    let consumer = world.consumer().await;
    assert!(timeout(Duration::from_secs(1), consumer.next()).await.is_err());
    let connections = |of: fn(&EntryKind) -> bool| -> BTreeSet<_> {
        world.cluster.journal().iter().filter(|entry| of(&entry.kind)).map(|entry| entry.conn).collect()
    };
    let is_closed = |kind: &EntryKind| matches!(kind, EntryKind::Closed { .. });
    let fetching = connections(|kind| matches!(kind, EntryKind::Request { api: ApiKey::Fetch, .. }));
    let closed_before = connections(is_closed);
    assert_eq!((fetching.len(), fetching.is_disjoint(&closed_before)), (3, true));
    let clone = consumer.clone();
    drop(consumer);
    assert!(is_pending(clone.next()).await, "a handle is left");
    drop(clone);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let closed: BTreeSet<_> = connections(is_closed).difference(&closed_before).copied().collect();
    assert_eq!(closed, fetching);
    world.client.producer().build().unwrap().send(Record::to(EVENTS).value("v")).await.unwrap().await.unwrap();
}
