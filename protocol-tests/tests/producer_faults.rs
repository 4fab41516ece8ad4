//! What a producer makes of each thing that goes wrong at its leader: in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use ottla::{BrokerId, Client, Delivery, DeliveryError, ErrorCode, Producer, Record};
use ottla_mockbroker::{ApiKey, Fault, MockCluster, NewTopic, Protocol};
use protocol_tests::relay::Relay;
use protocol_tests::{memory_client, memory_cluster};
use tokio::time::{Instant, sleep};

const EVENTS: &str = "events";

/// A cluster with a topic of one partition, a wire before it, and a producer that has sent "0".
struct World {
    cluster: MockCluster,
    relay: Relay,
    _client: Client,
    producer: Producer,
}

impl World {
    async fn new() -> Self {
        Self::with(NewTopic::new(EVENTS)).await
    }

    async fn with(topic: NewTopic) -> Self {
        let cluster = memory_cluster();
        cluster.create_topic(&topic.partitions(1).replication_factor(3)).unwrap();
        let relay = Relay::default();
        let client = memory_client(&cluster, Protocol::Plaintext).dial(relay.before(cluster.dialer()));
        let client = client.connect().await.unwrap();
        let producer = client.producer().linger(Duration::ZERO).build().unwrap();
        let world = Self { cluster, relay, _client: client, producer };
        world.send("0").await.await.unwrap();
        world
    }

    async fn send(&self, value: &str) -> Delivery {
        self.producer.send(Record::to(EVENTS).value(value)).await.unwrap()
    }

    /// Sends "1" to "3" and waits until each is delivered, behind the one before it.
    async fn three_are_delivered(&self) {
        let mut deliveries = Vec::new();
        for value in ["1", "2", "3"] {
            deliveries.push(self.send(value).await);
            // Each in a batch of its own.
            tokio::task::yield_now().await;
        }
        for delivery in deliveries {
            delivery.await.unwrap();
        }
        assert_eq!(self.log(), ["0", "1", "2", "3"]);
    }

    fn leader(&self) -> BrokerId {
        self.cluster.leader(EVENTS, 0).unwrap()
    }

    /// Another broker leads.
    fn move_leader(&self) {
        self.cluster.move_leader(EVENTS, 0, BrokerId(self.leader().0 % 3 + 1)).unwrap();
    }

    fn log(&self) -> Vec<String> {
        let mut values = Vec::new();
        for batch in self.cluster.records(EVENTS, 0).unwrap() {
            let records = batch.records().unwrap().map(Result::unwrap);
            values.extend(records.map(|record| String::from_utf8(record.value.unwrap().to_vec()).unwrap()));
        }
        values
    }

    /// The epoch that the partition knows of the producer; none where it knows nothing of it.
    fn epoch(&self) -> Option<i16> {
        self.cluster.producers(EVENTS, 0).unwrap().first().map(|producer| producer.epoch)
    }
}

fn of_produce(fault: Fault) -> Fault {
    fault.api(ApiKey::Produce).times(1)
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_moves_between_append_and_answer_has_handed_the_batch_on_and_it_is_there_once() {
    for fault in [
        Fault::close_unanswered(),
        Fault::lost_answer(),
        // What Kafka says to those that wait for its replicas.
        Fault::applied_then_error(ErrorCode::NOT_LEADER_OR_FOLLOWER),
    ] {
        let world = World::new().await;
        let append = world.cluster.fault(of_produce(fault)).unwrap();
        let delivery = world.send("1").await;
        append.hit().await.unwrap();
        world.move_leader();
        assert_eq!(delivery.await.unwrap().offset, 1);
        assert_eq!((world.log(), world.epoch()), (vec!["0".to_owned(), "1".to_owned()], Some(0)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_breaks_off_anywhere_is_sent_again_and_there_once() {
    for bytes in (0..200).step_by(7) {
        let world = World::new().await;
        let dialled = world.relay.dialled().len();
        world.relay.cut_within_request_of(ApiKey::Produce, bytes);
        world.three_are_delivered().await;
        assert!(world.relay.dialled().len() > dialled, "nothing broke off");
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_producer_sends_nothing_before_the_time_is_over() {
    const THROTTLE: Duration = Duration::from_secs(4);
    let world = World::new().await;
    let throttled = world.cluster.fault(of_produce(Fault::throttle(THROTTLE))).unwrap();
    let started = Instant::now();
    world.send("1").await.await.unwrap();
    assert_eq!((started.elapsed(), throttled.hits()), (Duration::ZERO, 1));
    let since = world.cluster.entries_written();
    let next = world.send("2").await;
    sleep(THROTTLE - Duration::from_millis(1)).await;
    assert_eq!(world.cluster.entries_written(), since, "not a request before the time is over (KIP-219)");
    next.await.unwrap();
    assert_eq!(started.elapsed(), THROTTLE);
}

#[tokio::test(start_paused = true)]
async fn when_all_brokers_are_gone_and_back_what_waited_is_there_in_order() {
    let world = World::new().await;
    let brokers = world.cluster.brokers();
    brokers.iter().for_each(|broker| world.cluster.kill_broker(*broker).unwrap());
    let back = async {
        sleep(Duration::from_secs(30)).await;
        brokers.iter().for_each(|broker| world.cluster.start_broker(*broker).unwrap());
    };
    tokio::join!(world.three_are_delivered(), back);
}

#[tokio::test(start_paused = true)]
async fn numbers_that_a_leader_does_not_expect_begin_anew_in_the_next_epoch_and_each_record_is_there_once() {
    for code in
        [ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER, ErrorCode::UNKNOWN_PRODUCER_ID, ErrorCode::INVALID_PRODUCER_EPOCH]
    {
        let world = World::new().await;
        world.cluster.fault(of_produce(Fault::error(code))).unwrap();
        world.three_are_delivered().await;
        assert_eq!(world.epoch(), Some(1), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_has_forgotten_the_producer_takes_up_its_numbers() {
    let world = World::new().await;
    // `producer.id.expiration.ms`, a day.
    sleep(Duration::from_secs(25 * 60 * 60)).await;
    assert_eq!(world.epoch(), None);
    world.three_are_delivered().await;
    assert_eq!(world.epoch(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn without_the_permission_records_are_refused_and_with_it_again_the_next_is_written() {
    let world = World::new().await;
    let code = ErrorCode::TOPIC_AUTHORIZATION_FAILED;
    let lost = world.cluster.fault(Fault::error(code).api(ApiKey::Produce).topic(EVENTS)).unwrap();
    for value in ["a", "b"] {
        let error = world.send(value).await.await.unwrap_err();
        assert!(matches!(error, DeliveryError::Refused { code: refused, .. } if refused == code), "{error:?}");
    }
    assert_eq!(lost.remove(), 2, "such an answer is not asked for twice");
    world.three_are_delivered().await;
    assert_eq!(world.epoch(), Some(0));
}

#[tokio::test(start_paused = true)]
async fn with_too_few_replicas_in_sync_records_wait_and_are_written_in_order_when_they_are_back() {
    let world = World::with(NewTopic::new(EVENTS).config("min.insync.replicas", "2")).await;
    let leader = world.leader();
    let followers: Vec<_> = world.cluster.brokers().into_iter().filter(|broker| *broker != leader).collect();
    followers.iter().for_each(|broker| world.cluster.shrink_isr(EVENTS, 0, *broker).unwrap());
    let started = Instant::now();
    let back = async {
        sleep(Duration::from_secs(20)).await;
        assert_eq!(world.log(), ["0"]);
        world.cluster.expand_isr(EVENTS, 0, followers[0]).unwrap();
    };
    tokio::join!(world.three_are_delivered(), back);
    assert!(started.elapsed() < Duration::from_secs(22), "{:?}", started.elapsed());
}
