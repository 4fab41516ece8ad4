//! What a producer promises, held against the mock cluster: in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use ottla::{
    ApiKey, BrokerId, Client, Compression, ConfigProblem, Delivered, DeliveryCause, DeliveryError, ErrorCode, Producer,
    Record, SendError, TopicError,
};
use ottla_mockbroker::{EntryKind, MockCluster, NewTopic, Protocol};
use ottla_wire::compression::Limits;
use protocol_tests::{full_record, memory_client, memory_cluster, socket_client, socket_cluster};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::AbortHandle;
use tokio::time::Instant;

const EVENTS: &str = "events";
const PIPE_BYTES: usize = 64 * 1024;

/// The network between the client and the cluster, with what may go wrong in it.
#[derive(Clone, Default)]
struct Network(Arc<Mutex<Faults>>);

#[derive(Default)]
struct Faults {
    /// New connections are refused.
    down: bool,
    /// What the brokers say is lost.
    mute: bool,
    open: Vec<AbortHandle>,
}

impl Network {
    fn set_down(&self, down: bool) {
        self.0.lock().unwrap().down = down;
    }

    fn set_mute(&self, mute: bool) {
        self.0.lock().unwrap().mute = mute;
    }

    /// Closes every connection.
    fn cut(&self) {
        self.0.lock().unwrap().open.drain(..).for_each(|connection| connection.abort());
    }

    fn fail(&self) {
        self.set_down(true);
        self.cut();
    }

    fn carry(&self, client: DuplexStream, broker: DuplexStream) {
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_broker, mut to_broker) = tokio::io::split(broker);
        let network = self.clone();
        let task = tokio::spawn(async move {
            let there = tokio::io::copy(&mut from_client, &mut to_broker);
            let back = async {
                let mut bytes = vec![0; PIPE_BYTES];
                loop {
                    let read = from_broker.read(&mut bytes).await?;
                    let is_mute = network.0.lock().unwrap().mute;
                    if read == 0 {
                        return Ok::<(), io::Error>(());
                    }
                    if !is_mute {
                        to_client.write_all(&bytes[..read]).await?;
                    }
                }
            };
            tokio::select! { _ = there => {}, _ = back => {} }
        });
        self.0.lock().unwrap().open.push(task.abort_handle());
    }
}

struct World {
    cluster: MockCluster,
    network: Network,
    client: Client,
}

impl World {
    /// Three brokers, and the topic `events` with a partition on each.
    async fn new() -> Self {
        Self::with(NewTopic::new(EVENTS).partitions(3).replication_factor(3)).await
    }

    async fn with(topic: NewTopic) -> Self {
        LazyLock::force(&LOG);
        let cluster = memory_cluster();
        cluster.create_topic(&topic).unwrap();
        let network = Network::default();
        let (dialer, faults) = (cluster.dialer(), network.clone());
        let dial = move |host: String, port: u16| {
            let (dialer, faults) = (dialer.clone(), faults.clone());
            async move {
                if faults.0.lock().unwrap().down {
                    return Err(io::ErrorKind::ConnectionRefused.into());
                }
                let broker = dialer(host, port).await?;
                let (ours, theirs) = duplex(PIPE_BYTES);
                faults.carry(theirs, broker);
                Ok(ours)
            }
        };
        let client = memory_client(&cluster, Protocol::Plaintext).dial(dial).connect().await.unwrap();
        Self { cluster, network, client }
    }

    fn producer(&self) -> Producer {
        self.client.producer().build().unwrap()
    }

    /// The brokers that were sent a Produce request, in that order.
    fn produce_requests(&self) -> Vec<BrokerId> {
        let is_produce = |kind: &EntryKind| matches!(kind, EntryKind::Request { api: ApiKey::Produce, .. });
        self.cluster.journal().iter().filter(|entry| is_produce(&entry.kind)).map(|entry| entry.broker).collect()
    }

    /// The values in the log of a partition, each with its offset.
    fn log(&self, partition: i32) -> Vec<(i64, Vec<u8>)> {
        let batches = self.cluster.records(EVENTS, partition).unwrap();
        let mut log = Vec::new();
        for batch in batches {
            let batch = batch.decompress(&Limits::default()).unwrap();
            for record in batch.records().unwrap() {
                let record = record.unwrap();
                log.push((record.offset, record.value.unwrap().to_vec()));
            }
        }
        log
    }
}

fn event(partition: i32, value: &str) -> Record<'_> {
    Record::to(EVENTS).partition(partition).value(value)
}

async fn send_ok(producer: &Producer, record: Record<'_>) -> Delivered {
    producer.send(record).await.unwrap().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_record_for_each_of_three_brokers_is_acknowledged_with_its_offset() {
    let world = World::new().await;
    let producer = world.producer();
    for offset in 0..2 {
        for partition in 0..3 {
            let delivered = send_ok(&producer, event(partition, "v")).await;
            assert_eq!((delivered.partition, delivered.offset), (partition, offset));
        }
    }
    let leaders: BTreeSet<_> = (0..3).map(|partition| world.cluster.leader(EVENTS, partition).unwrap()).collect();
    assert_eq!(leaders.len(), 3);
    assert_eq!(world.produce_requests().into_iter().collect::<BTreeSet<_>>(), leaders);
}

#[tokio::test(start_paused = true)]
async fn what_was_given_stands_in_the_log() {
    let world = World::new().await;
    let producer = world.producer();
    let record = full_record(EVENTS).partition(1);
    let delivered = send_ok(&producer, record).await;
    assert_eq!(delivered.timestamp, 1_234_567);
    send_ok(&producer, Record::to(EVENTS).partition(1)).await;
    let batches = world.cluster.records(EVENTS, 1).unwrap();
    let first = batches[0].records().unwrap().next().unwrap().unwrap();
    assert_eq!((first.key, first.value, first.timestamp), (Some(&b"k"[..]), Some(&[1, 2][..]), 1_234_567));
    let headers: Vec<_> = first.headers().map(|header| (header.key, header.value)).collect();
    assert_eq!(headers, [(&b"h"[..], Some(&b"1"[..])), (b"n", None), (b"h", Some(b"2"))]);
    let second = batches[1].records().unwrap().next().unwrap().unwrap();
    assert_eq!((second.key, second.value), (None, None));
}

#[tokio::test(start_paused = true)]
async fn records_with_one_key_go_to_the_partition_that_java_chooses() {
    let world = World::new().await;
    let producer = world.producer();
    // murmur2("abc") is 479470107 (Kafka's UtilsTest), so 0 of 3.
    for _ in 0..3 {
        assert_eq!(send_ok(&producer, Record::to(EVENTS).key("abc").value("v")).await.partition, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn records_without_a_key_stay_together_for_a_batch_and_then_move_on() {
    let world = World::new().await;
    let producer = world.client.producer().adaptive_partitioning(false).build().unwrap();
    let mut before = None;
    for _ in 0..4 {
        let mut deliveries = Vec::new();
        for _ in 0..50 {
            deliveries.push(producer.send(Record::to(EVENTS).value("v")).await.unwrap());
        }
        let mut partitions = BTreeSet::new();
        for delivery in deliveries {
            partitions.insert(delivery.await.unwrap().partition);
        }
        assert_eq!(partitions.len(), 1);
        assert_ne!(Some(&partitions), before.as_ref());
        before = Some(partitions);
    }
    assert_eq!(world.produce_requests().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_comes_within_one_linger_goes_out_in_one_request_per_broker() {
    let world = World::new().await;
    let producer = world.client.producer().linger(Duration::from_millis(20)).build().unwrap();
    let started = Instant::now();
    let mut deliveries = Vec::new();
    for index in 0..3000 {
        deliveries.push(producer.send(event(index % 3, "v")).await.unwrap());
    }
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    assert_eq!(started.elapsed(), Duration::from_millis(20));
    assert_eq!(world.produce_requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_flush_does_not_linger_and_returns_when_all_have_ended() {
    let world = World::new().await;
    let producer = world.client.producer().linger(Duration::from_secs(60)).build().unwrap();
    let started = Instant::now();
    for partition in 0..3 {
        let _unawaited = producer.send(event(partition, "v")).await.unwrap();
    }
    producer.flush().await;
    assert_eq!(started.elapsed(), Duration::ZERO);
    for partition in 0..3 {
        assert_eq!(world.log(partition).len(), 1);
    }
    producer.flush().await;
}

#[tokio::test(start_paused = true)]
async fn each_codec_stands_in_the_log_with_the_records_that_were_sent() {
    for (partition, codec) in (0..).zip(Compression::ALL) {
        let world = World::with(NewTopic::new(EVENTS).partitions(5).replication_factor(3)).await;
        let producer = world.client.producer().compression(codec).build().unwrap();
        let started = Instant::now();
        let values: Vec<String> = (0..500).map(|index| format!("event {index}, much as the one before it")).collect();
        let mut deliveries = Vec::new();
        for value in &values {
            deliveries.push(producer.send(event(partition, value)).await.unwrap());
        }
        for (offset, delivery) in (0..).zip(deliveries) {
            let delivered = delivery.await.unwrap();
            assert_eq!((delivered.partition, delivered.offset), (partition, offset));
        }
        assert_eq!(started.elapsed(), Duration::from_millis(5), "no time but the linger passes");
        let batches = world.cluster.records(EVENTS, partition).unwrap();
        assert_eq!(batches.iter().map(|batch| batch.compression()).collect::<Vec<_>>(), [codec]);
        let plain_bytes = values.iter().map(String::len).sum::<usize>();
        assert_eq!(batches[0].size_bytes() < plain_bytes / 2, codec != Compression::None);
        let logged: Vec<Vec<u8>> = world.log(partition).into_iter().map(|(_, value)| value).collect();
        assert!(logged.iter().eq(values.iter().map(String::as_bytes)));
    }
}

#[tokio::test(start_paused = true)]
async fn levels_are_taken_and_change_the_size_alone() {
    let world = World::new().await;
    let value: String = (0..20_000_u64).map(|index| char::from(b'a' + (index * index % 23) as u8)).collect();
    for (partition, level) in [(0, 1), (1, 9)] {
        let producer = world.client.producer().compression(Compression::Gzip).compression_level(level).build().unwrap();
        send_ok(&producer, event(partition, &value)).await;
        assert_eq!(world.log(partition)[0].1, value.as_bytes());
    }
    let [fast, small] = [0, 1].map(|partition| world.cluster.records(EVENTS, partition).unwrap()[0].size_bytes());
    assert!(small < fast, "{small} {fast}");
}

#[tokio::test(start_paused = true)]
async fn a_close_waits_for_what_is_being_compressed() {
    let world = World::new().await;
    let builder = world.client.producer().compression(Compression::Zstd).linger(Duration::from_secs(60));
    let producer = builder.batch_bytes_max(2000).build().unwrap();
    let mut deliveries = Vec::new();
    for index in 0..300 {
        deliveries.push(producer.send(event(index % 3, &"v".repeat(100))).await.unwrap());
    }
    producer.close(Duration::from_secs(1)).await.unwrap();
    for delivery in deliveries {
        delivery.await.unwrap();
    }
    assert_eq!((0..3).map(|partition| world.log(partition).len()).sum::<usize>(), 300);
}

#[tokio::test(start_paused = true)]
async fn order_is_kept_while_leaders_move_and_connections_are_cut() {
    assert_eq!(logged_in_order(Compression::None, true).await, 600);
}

#[tokio::test(start_paused = true)]
async fn order_is_kept_over_retries_when_batches_are_compressed() {
    for codec in [Compression::Lz4, Compression::Zstd] {
        assert_eq!(logged_in_order(codec, true).await, 600);
    }
}

#[tokio::test(start_paused = true)]
async fn without_idempotence_order_is_kept_and_records_may_be_there_twice() {
    for codec in [Compression::None, Compression::Lz4, Compression::Zstd] {
        let in_logs = logged_in_order(codec, false).await;
        assert!(
            in_logs > 600,
            "{codec}: {in_logs} in the logs: nothing was tried again, and the test has tested nothing"
        );
    }
}

/// Sends 600 records while connections are cut and leaders move, holds the logs to their order, and says how many records are in them.
async fn logged_in_order(codec: Compression, idempotence: bool) -> usize {
    let world = World::new().await;
    let builder = world.client.producer().idempotence(idempotence).compression(codec);
    let producer = builder.batch_bytes_max(256).linger(Duration::from_millis(1)).build().unwrap();
    let mut deliveries = Vec::new();
    for index in 0..600_i32 {
        match index % 40 {
            // What is appended from here on is not acknowledged, and is sent again.
            10 => world.network.set_mute(true),
            14 => {
                world.network.cut();
                world.network.set_mute(false);
            }
            20 => world.network.cut(),
            30 => {
                let leader = world.cluster.leader(EVENTS, index % 3).unwrap();
                world.cluster.move_leader(EVENTS, index % 3, BrokerId(leader.0 % 3 + 1)).unwrap();
            }
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
        deliveries.push((index, producer.send(event(index % 3, &index.to_string())).await.unwrap()));
    }
    let mut last = [-1; 3];
    for (index, delivery) in deliveries {
        let Delivered { partition, offset, .. } = delivery.await.unwrap();
        let before = std::mem::replace(&mut last[partition as usize], offset);
        assert!(offset > before, "record {index} overtook another");
        let log = world.log(partition);
        let (_, value) = log.iter().find(|(at, _)| *at == offset).unwrap();
        assert_eq!(value, index.to_string().as_bytes());
    }
    let mut in_logs = 0;
    for partition in 0..3 {
        let log = world.log(partition);
        in_logs += log.len();
        let mut seen = BTreeSet::new();
        let numbers = log.iter().map(|(_, value)| String::from_utf8_lossy(value).parse::<i32>().unwrap());
        let first_seen: Vec<i32> = numbers.filter(|number| seen.insert(*number)).collect();
        assert!(first_seen.is_sorted() && first_seen.len() == 200, "partition {partition}: {first_seen:?}");
    }
    in_logs
}

#[tokio::test(start_paused = true)]
async fn a_moved_leader_is_found_and_nothing_is_lost() {
    let world = World::new().await;
    let producer = world.producer();
    send_ok(&producer, event(0, "before")).await;
    let leader = world.cluster.leader(EVENTS, 0).unwrap();
    world.cluster.move_leader(EVENTS, 0, BrokerId(leader.0 % 3 + 1)).unwrap();
    let started = Instant::now();
    assert_eq!(send_ok(&producer, event(0, "after")).await.offset, 1);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn unreachable_brokers_cost_a_record_at_its_delivery_timeout_and_the_error_says_so() {
    let world = World::new().await;
    let producer = world.client.producer().delivery_timeout(Duration::from_secs(30)).build().unwrap();
    send_ok(&producer, event(0, "v")).await;
    world.network.fail();
    let started = Instant::now();
    let delivery = producer.send(event(0, "v")).await.unwrap();
    let error = delivery.await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(30));
    assert_eq!((error.partition(), error.may_be_written()), ((EVENTS, 0), false));
    let DeliveryError::NotSent { cause: Some(DeliveryCause::Unreachable(_)), .. } = error else { panic!("{error:?}") };
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_leaves_the_outcome_unknown() {
    let world = World::new().await;
    let producer = world.client.producer().delivery_timeout(Duration::from_secs(10)).build().unwrap();
    send_ok(&producer, event(0, "v")).await;
    world.network.set_mute(true);
    let started = Instant::now();
    let error = producer.send(event(0, "v")).await.unwrap().await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(10));
    assert!(matches!(error, DeliveryError::OutcomeUnknown { partition: 0, .. }), "{error:?}");
    assert_eq!(world.log(0).len(), 2, "it is in the log, although the client cannot know");
}

#[tokio::test(start_paused = true)]
async fn brokers_that_come_back_in_time_get_what_waited_in_order() {
    let world = World::new().await;
    let producer = world.producer();
    send_ok(&producer, event(0, "0")).await;
    world.network.fail();
    let mut deliveries = Vec::new();
    for index in 1..=3_u64 {
        deliveries.push(producer.send(event(0, &index.to_string())).await.unwrap());
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
    world.network.set_down(false);
    for (index, delivery) in (1..).zip(deliveries) {
        assert_eq!(delivery.await.unwrap().offset, index);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_topic_is_an_error_of_the_record_within_the_clients_timeout() {
    let world = World::new().await;
    let producer = world.producer();
    let started = Instant::now();
    let error = producer.send(Record::to("nowhere").value("v")).await.unwrap_err();
    let SendError::Topic(TopicError::Unknown { topic }) = error else { panic!("{error:?}") };
    assert_eq!(topic, "nowhere");
    let waited = started.elapsed();
    assert!(waited >= Duration::from_secs(4) && waited <= Duration::from_secs(6), "{waited:?}");
    // The others go on.
    send_ok(&producer, event(0, "v")).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_partition_is_named_with_how_many_there_are() {
    let world = World::new().await;
    for partition in [-1, 3] {
        let error = world.producer().send(event(partition, "v")).await.unwrap_err();
        let SendError::UnknownPartition { partition: named, partitions: 3, .. } = error else { panic!("{error:?}") };
        assert_eq!(named, partition);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_above_the_bound_is_refused_before_anything_is_sent() {
    let world = World::new().await;
    let producer = world.client.producer().batch_bytes_max(1000).build().unwrap();
    let error = producer.send(event(0, &"v".repeat(1000))).await.unwrap_err();
    let SendError::RecordTooLarge { topic, size_bytes: 1061..1200, max_bytes: 1000 } = error else {
        panic!("{error:?}")
    };
    assert_eq!((topic.as_str(), world.produce_requests().len()), (EVENTS, 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_the_topic_does_not_take_is_refused_with_its_size() {
    let topic = NewTopic::new(EVENTS).partitions(3).config("max.message.bytes", "500");
    let world = World::with(topic).await;
    let producer = world.producer();
    let error = producer.send(event(0, &"v".repeat(1000))).await.unwrap().await.unwrap_err();
    let DeliveryError::BatchTooLarge { batch_bytes: 1061..1200, code: ErrorCode::MESSAGE_TOO_LARGE, .. } = error else {
        panic!("{error:?}")
    };
    send_ok(&producer, event(0, "small")).await;
}

#[tokio::test(start_paused = true)]
async fn batches_that_the_topic_does_not_take_are_split_and_one_record_alone_is_refused() {
    for (codec, idempotence) in
        [(Compression::None, true), (Compression::None, false), (Compression::Snappy, true), (Compression::Zstd, true)]
    {
        let world = World::with(NewTopic::new(EVENTS).partitions(3).config("max.message.bytes", "2000")).await;
        let producer = world.client.producer().compression(codec).idempotence(idempotence).build().unwrap();
        let noise = |place: usize, bytes: usize| {
            let byte = move |at: usize| ((place + 3) * (at + 7)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            (0..bytes).map(|at| byte(at) as u8).collect::<Vec<_>>()
        };
        let mut deliveries = Vec::new();
        for place in 0..300 {
            let value = noise(place, if place == 150 { 5000 } else { 30 + place % 50 });
            let record = Record::to(EVENTS).partition(0).key(place.to_string()).value(value);
            deliveries.push(producer.send(record).await.unwrap());
        }
        producer.flush().await;
        let mut offsets = Vec::new();
        for (place, delivery) in deliveries.into_iter().enumerate() {
            match delivery.await {
                Ok(delivered) => offsets.push(delivered.offset),
                Err(DeliveryError::BatchTooLarge { batch_bytes: 2001.., .. }) if place == 150 => {}
                Err(error) => panic!("{codec}: record {place}: {error}"),
            }
        }
        assert_eq!(offsets, (0..299).collect::<Vec<_>>(), "{codec}");
        let places: Vec<_> =
            (0..300).filter(|place| *place != 150).map(|place| noise(place, 30 + place % 50)).collect();
        assert_eq!(world.log(0).into_iter().map(|(_, value)| value).collect::<Vec<_>>(), places, "{codec}");
        let requests = world.produce_requests().len();
        let next = producer.send(event(0, "next")).await.unwrap();
        producer.close(Duration::from_secs(60)).await.unwrap();
        assert_eq!(next.await.unwrap().offset, 299);
        assert_eq!(world.produce_requests().len(), requests + 1, "the numbers go on");
    }
}

#[tokio::test(start_paused = true)]
async fn while_no_broker_gives_a_producer_id_each_record_ends_by_its_own_deadline() {
    let world = World::new().await;
    send_ok(&world.producer(), event(0, "the topic is known")).await;
    world.network.fail();
    let producer = world.producer();
    let started = Instant::now();
    let early = producer.send(event(0, "early")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let late = producer.send(event(1, "late")).await.unwrap();
    let error = early.await.unwrap_err();
    assert!(matches!(error, DeliveryError::NotSent { cause: Some(DeliveryCause::ProducerId(_)), .. }), "{error:?}");
    assert_eq!(started.elapsed(), Duration::from_secs(120));
    world.network.set_down(false);
    late.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(180));
}

#[tokio::test(start_paused = true)]
async fn without_room_a_send_waits_and_goes_on_when_records_are_delivered() {
    let world = World::new().await;
    let builder = world.client.producer().batch_bytes_max(1000).request_bytes_max(1000).buffer_bytes_max(1000);
    let producer = builder.linger(Duration::from_secs(3600)).build().unwrap();
    send_ok_after_flush(&producer).await;
    world.network.fail();
    let value = "v".repeat(400);
    let mut deliveries = Vec::new();
    for _ in 0..2 {
        deliveries.push(producer.send(event(0, &value)).await.unwrap());
    }
    let started = Instant::now();
    let waiting = producer.send(event(0, &value));
    let healing = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        world.network.set_down(false);
    };
    let (third, ()) = tokio::join!(waiting, healing);
    assert!(started.elapsed() >= Duration::from_secs(20));
    deliveries.push(third.unwrap());
    producer.flush().await;
    for (offset, delivery) in (1..).zip(deliveries) {
        assert_eq!(delivery.await.unwrap().offset, offset);
    }
}

async fn send_ok_after_flush(producer: &Producer) {
    let delivery = producer.send(event(0, "first")).await.unwrap();
    producer.flush().await;
    delivery.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_send_that_finds_no_room_in_time_says_which_bound_it_met() {
    let world = World::new().await;
    let builder = world.client.producer().batch_bytes_max(1000).request_bytes_max(1000).buffer_bytes_max(1000);
    let producer = builder.send_timeout(Duration::from_secs(7)).build().unwrap();
    send_ok(&producer, event(0, "v")).await;
    world.network.fail();
    let value = "v".repeat(900);
    let waiting = producer.send(event(0, &value)).await.unwrap();
    let started = Instant::now();
    let error = producer.send(event(0, &value)).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(7));
    let SendError::NoRoom { max_bytes: 1000, waited, .. } = error else { panic!("{error:?}") };
    assert_eq!(waited, Duration::from_secs(7));
    // A send that is given up takes no room and leaves nothing behind.
    assert!(tokio::time::timeout(Duration::from_secs(1), producer.send(event(0, &value))).await.is_err());
    world.network.set_down(false);
    waiting.await.unwrap();
    send_ok(&producer, event(0, &value)).await;
    assert_eq!(world.log(0).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_close_delivers_what_it_can_and_takes_no_more() {
    let world = World::new().await;
    let producer = world.client.producer().linger(Duration::from_secs(60)).build().unwrap();
    let delivery = producer.send(event(0, "v")).await.unwrap();
    producer.close(Duration::from_secs(10)).await.unwrap();
    delivery.await.unwrap();
    assert!(matches!(producer.send(event(0, "v")).await, Err(SendError::Closed)));
    producer.close(Duration::ZERO).await.unwrap();
    assert_eq!(producer.lost_records().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_close_ends_at_its_deadline_and_counts_what_was_not_delivered() {
    // By default the second record of partition 0 goes out behind the first, over the connection that is still there.
    for (in_flight, not_sent, outcome_unknown) in [(Some(1), 2, 1), (None, 1, 2)] {
        let world = World::new().await;
        let builder = world.client.producer();
        let builder = in_flight.map_or(builder.clone(), |batches| builder.in_flight_per_partition(batches));
        let producer = builder.build().unwrap();
        send_ok(&producer, event(0, "v")).await;
        send_ok(&producer, event(1, "v")).await;
        world.network.set_mute(true);
        let first = producer.send(event(0, "v")).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.network.set_down(true);
        let second = producer.send(event(0, "v")).await.unwrap();
        let unreachable = producer.send(event(2, "v")).await.unwrap();
        let started = Instant::now();
        let error = producer.close(Duration::from_secs(3)).await.unwrap_err();
        assert_eq!(started.elapsed(), Duration::from_secs(3));
        assert_eq!((error.not_sent, error.outcome_unknown), (not_sent, outcome_unknown));
        assert!(first.await.unwrap_err().may_be_written());
        assert_eq!(second.await.unwrap_err().may_be_written(), outcome_unknown == 2);
        assert!(matches!(unreachable.await.unwrap_err(), DeliveryError::NotSent { .. }));
        assert_eq!(producer.lost_records().count(), 3);
    }
}

/// What all tests of this file logged: a subscriber of one test alone would race with the others for the callsites, which are cached.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
    log
});

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_producer_ends_logs_and_counts_what_it_did_not_deliver() {
    let world = World::new().await;
    let producer = world.client.producer().linger(Duration::from_secs(60)).build().unwrap();
    let lost = producer.lost_records();
    let mut deliveries = Vec::new();
    for index in 0..7 {
        deliveries.push(producer.send(event(index % 3, "v")).await.unwrap());
    }
    let clone = producer.clone();
    drop(producer);
    assert_eq!(lost.count(), 0, "a handle is left");
    drop(clone);
    assert_eq!(lost.count(), 7);
    for delivery in deliveries {
        let error = delivery.await.unwrap_err();
        assert!(matches!(error, DeliveryError::NotSent { cause: Some(DeliveryCause::Closed), .. }), "{error:?}");
    }
    let text = String::from_utf8(LOG.0.lock().unwrap().clone()).unwrap();
    let is_it = |line: &&str| line.contains("WARN") && line.contains("not delivered") && line.contains("not_sent=7");
    assert!(text.lines().any(|line| is_it(&line)), "{text}");
    assert_eq!(world.produce_requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_with_a_configuration_is_said_at_once() {
    let world = World::new().await;
    let builder = world.client.producer().batch_bytes_max(1).buffer_bytes_max(0).delivery_timeout(Duration::ZERO);
    let builder = builder.compressions_max(0).compression(Compression::Zstd).compression_level(23);
    let problems = builder.build().unwrap_err().problems;
    let settings: Vec<_> = problems
        .iter()
        .map(|problem| match problem {
            ConfigProblem::OutOfRange { setting, .. }
            | ConfigProblem::SizeOutOfRange { setting, .. }
            | ConfigProblem::CountOutOfRange { setting, .. } => (*setting).to_owned(),
            problem @ ConfigProblem::CompressionLevel(_) => problem.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    let level = "compression_level: zstd has no level 23";
    assert_eq!(settings, ["delivery_timeout", "batch_bytes_max", "buffer_bytes_max", "compressions_max", level]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flush_over_sockets_covers_all_that_many_tasks_have_sent() {
    const TASKS: usize = 8;
    const RECORDS: usize = 500;
    LazyLock::force(&LOG);
    let cluster = socket_cluster().await;
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(6)).unwrap();
    let client = socket_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    let producer = client.producer().batch_bytes_max(4096).buffer_bytes_max(64 * 1024).build().unwrap();
    let send_all = |task: usize| {
        let producer = producer.clone();
        async move {
            let mut deliveries = Vec::new();
            for index in 0..RECORDS {
                let value = format!("{task}-{index}");
                let record = Record::to(EVENTS).value(&value);
                let record = if index % 2 == 0 { record } else { record.key(&value) };
                deliveries.push(producer.send(record).await.unwrap());
            }
            producer.flush().await;
            let mut places = Vec::new();
            for delivery in deliveries {
                let ready = tokio::time::timeout(Duration::ZERO, delivery).await.expect("flushed");
                let Delivered { partition, offset, .. } = ready.unwrap();
                places.push((partition, offset));
            }
            places
        }
    };
    let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(send_all(task))).collect();
    let mut places = BTreeSet::new();
    for task in tasks {
        places.extend(task.await.unwrap());
    }
    assert_eq!(places.len(), TASKS * RECORDS);
    let in_logs: i64 = (0..6)
        .flat_map(|partition| cluster.records(EVENTS, partition).unwrap())
        .map(|batch| i64::from(batch.record_count()))
        .sum();
    assert_eq!(in_logs, (TASKS * RECORDS) as i64);
}
