//! Whatever a broker does, each request ends once and in time, with an error that says what is true; nothing panics, spins or is left behind.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod peer;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::provider::future::ProvideCredentials as ProvidedCredentials;
use bytes::Bytes;
use ottla::credentials::{Credentials, ProvideCredentials};
use ottla::{
    AssignError, BuildConsumerError, CallError, Client, ConnectError, Delivery, DeliveryError, Record, RequestError,
    SendError, Start, TopicError,
};
use ottla_mockbroker::Protocol;
use ottla_wire::ApiKey;
use ottla_wire::message::metadata_response::MetadataResponsePartition;
use ottla_wire::message::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ottla_wire::message::{ApiVersionsRequest, FetchRequest, MetadataRequest, ProduceRequest, ProduceResponse};
use peer::{Asked, Counts, Does, OFFERED, message, odd, offers, serve, to};
use protocol_tests::{IDENTITY, config, memory_client, memory_cluster};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(120);

async fn delivered(client: &Client) -> Delivery {
    let producer = client.producer().linger(Duration::ZERO).build().unwrap();
    let delivery = producer.send(Record::to("events").value("x")).await.unwrap();
    // The producer lives on until what it took has ended.
    tokio::spawn(async move { producer.close(DELIVERY_TIMEOUT * 2).await });
    delivery
}

/// Lets every task run that can without time passing.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test(start_paused = true)]
async fn the_good_broker_of_these_tests_is_good() {
    let (client, counts) = odd(|_| None);
    let client = client.connect().await.unwrap();
    assert_eq!(delivered(&client).await.await.unwrap().offset, 0);
    let consumer = client.consumer().assign_topic("events").from_beginning().build().await.unwrap();
    assert!(timeout(Duration::from_secs(60), consumer.next()).await.is_err());
    assert!(counts.requests.load(Ordering::Relaxed) < 300);
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_closes_after_each_answer_is_not_dialled_without_a_pause() {
    let (client, counts) =
        odd(to(ApiKey::Fetch, |asked| Does::AnswersAndCloses(asked.with::<FetchRequest>(&asked.fetched()))));
    let client = client.connect().await.unwrap();
    let consumer = client.consumer().assign_topic("events").from_beginning().build().await.unwrap();
    let before = counts.dials.load(Ordering::Relaxed);
    assert!(timeout(Duration::from_secs(10), consumer.next()).await.is_err());
    let dials = counts.dials.load(Ordering::Relaxed) - before;
    assert!((3..=20).contains(&dials), "{dials} connections in 10 s");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_answers_fetches_with_nothing_at_once_is_not_asked_without_a_pause() {
    // The first twelve bytes of a batch of 1,000 bytes.
    let cut = Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0xdc]);
    for (nothing, records) in [("empty", Some(Bytes::new())), ("cut", Some(cut)), ("left out", None)] {
        let (client, counts) = odd(to(ApiKey::Fetch, move |asked| {
            let mut fetched = asked.fetched();
            match &records {
                Some(records) => fetched.responses[0].partitions[0].records = Some(records.clone()),
                None => fetched.responses.clear(),
            }
            Does::Answers(asked.with::<FetchRequest>(&fetched))
        }));
        let client = client.connect().await.unwrap();
        let consumer = client.consumer().assign_topic("events").from_beginning().build().await.unwrap();
        let before = counts.requests.load(Ordering::Relaxed);
        assert!(timeout(Duration::from_secs(10), consumer.next()).await.is_err());
        let requests = counts.requests.load(Ordering::Relaxed) - before;
        assert!((10..=300).contains(&requests), "{requests} requests in 10 s, {nothing}");
    }
}

type Way = (&'static str, fn(&Asked) -> Does);

/// The ways not to answer a Produce request.
fn ways_not_to_answer() -> [Way; 7] {
    [
        ("closes", |_| Does::Closes),
        ("is silent", |_| Does::Nothing),
        ("is late", |asked| Does::AnswersAfter(REQUEST_TIMEOUT * 2, asked.with::<ProduceRequest>(&asked.produced()))),
        ("sends half a frame", |_| Does::Says(vec![0, 0, 0, 100, 0, 0])),
        ("claims a huge frame", |_| Does::Says(vec![0x7f, 0xff, 0xff, 0xff, 0])),
        ("claims a negative length", |_| Does::Says(vec![0xff; 8])),
        ("takes another correlation id", |asked| Does::Mistakes(asked.with::<ProduceRequest>(&asked.produced()))),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_answer_never_comes_ends_at_its_delivery_timeout_as_of_unknown_outcome() {
    for (way, does) in ways_not_to_answer() {
        let (client, counts) = odd(to(ApiKey::Produce, does));
        let client = client.connect().await.unwrap();
        let started = Instant::now();
        let error = delivered(&client).await.await.unwrap_err();
        assert!(matches!(error, DeliveryError::OutcomeUnknown { .. }), "{way}: {error}");
        assert_eq!(started.elapsed().as_secs(), DELIVERY_TIMEOUT.as_secs(), "{way}");
        let dials = counts.dials.load(Ordering::Relaxed);
        assert!(dials < 400, "{way}: {dials} connections");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_answer_never_comes_ends_in_its_time() {
    for (way, does) in ways_not_to_answer() {
        let (client, _) = odd(to(ApiKey::Metadata, move |asked| match asked.read::<MetadataRequest>().topics {
            // These two say something, which is an answer to Produce.
            None if way == "is late" => Does::Nothing,
            None if way == "takes another correlation id" => Does::Mistakes(Bytes::new()),
            None => does(asked),
            Some(_) => asked.good(),
        }));
        let client = client.config(one_try()).connect().await.unwrap();
        let started = Instant::now();
        let error = client.admin().list_topics().await.unwrap_err();
        let is_lost = matches!(
            error,
            CallError::Request(RequestError::OutcomeUnknown { .. }) | CallError::Late { sent: true, .. }
        );
        assert!(is_lost, "{way}: {error}");
        assert!(started.elapsed() <= Duration::from_secs(1), "{way}: {:?}", started.elapsed());
    }
}

/// The settings of a client whose operations end after a second.
fn one_try() -> ottla::Config {
    let mut config = config();
    config.admin_timeout = Duration::from_secs(1);
    config.retry_backoff = Duration::from_secs(1);
    config.retry_backoff_max = Duration::from_secs(2);
    config
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_leaves_out_what_was_asked_ends_the_batch_as_of_unknown_outcome() {
    let (client, _) = odd(to(ApiKey::Produce, |asked| {
        let other = PartitionProduceResponse::default().with_index(77);
        let topic = TopicProduceResponse::default().with_partition_responses(vec![other]);
        Does::Answers(asked.with::<ProduceRequest>(&ProduceResponse::default().with_responses(vec![topic])))
    }));
    let client = client.connect().await.unwrap();
    let error = delivered(&client).await.await.unwrap_err();
    assert!(matches!(error, DeliveryError::OutcomeUnknown { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_api_that_the_broker_has_in_no_version_is_an_error_at_once_and_not_asked_for_again() {
    let (client, counts) = odd(to(ApiKey::ApiVersions, |asked| {
        let upside_down = OFFERED.map(|(api, min, max)| match api {
            ApiKey::Produce | ApiKey::Fetch => (api, max, min),
            _ => (api, min, max),
        });
        Does::Answers(asked.with::<ApiVersionsRequest>(&offers(&upside_down)))
    }));
    let client = client.connect().await.unwrap();
    let error = delivered(&client).await.await.unwrap_err();
    assert!(matches!(error, DeliveryError::NotSent { .. }), "{error}");
    let consumer = client.consumer().assign_topic("events").from_beginning().build().await.unwrap();
    let error = timeout(Duration::from_secs(1), consumer.next()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("events"), "{error}");
    assert!(timeout(Duration::from_secs(60), consumer.next()).await.unwrap().unwrap().is_none());
    assert!(counts.requests.load(Ordering::Relaxed) < 20);
}

#[tokio::test(start_paused = true)]
async fn metadata_without_a_broker_is_no_metadata() {
    let (client, _) = odd(to(ApiKey::Metadata, |asked| {
        Does::Answers(asked.with::<MetadataRequest>(&asked.metadata().with_brokers(Vec::new())))
    }));
    let error = client.connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::Metadata { .. }), "{error}");
}

#[tokio::test(start_paused = true)]
async fn without_a_controller_nothing_is_sent_and_the_call_ends_in_its_time() {
    let (client, _) = odd(to(ApiKey::Metadata, |asked| {
        Does::Answers(asked.with::<MetadataRequest>(&asked.metadata().with_controller_id((-1).into())))
    }));
    let client = client.config(one_try()).connect().await.unwrap();
    let started = Instant::now();
    let error = client.admin().delete_topics(["events"]).await.unwrap_err();
    assert!(matches!(error, CallError::NoController), "{error}");
    assert!(started.elapsed() <= Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_no_broker_keeps_a_batch_until_its_delivery_timeout_and_is_asked_about_now_and_then() {
    let (client, counts) = odd(to(ApiKey::Metadata, |asked| {
        let mut metadata = asked.metadata();
        for topic in &mut metadata.topics {
            let ghost = MetadataResponsePartition::default().with_leader_id(99.into());
            topic.partitions = vec![ghost.clone(), ghost];
        }
        Does::Answers(asked.with::<MetadataRequest>(&metadata))
    }));
    let client = client.connect().await.unwrap();
    let started = Instant::now();
    let error = delivered(&client).await.await.unwrap_err();
    assert!(matches!(error, DeliveryError::NotSent { .. }), "{error}");
    assert_eq!(started.elapsed().as_secs(), DELIVERY_TIMEOUT.as_secs());
    let requests = counts.requests.load(Ordering::Relaxed);
    assert!((100..=400).contains(&requests), "{requests}");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_answers_what_nobody_asked_is_left_and_not_dialled_without_a_pause() {
    let (client, counts) = odd(to(ApiKey::Fetch, |asked| {
        let mut both = message(asked, i32::MAX, &Bytes::new());
        both.extend(vec![0; 1024]);
        Does::Says(both)
    }));
    let client = client.connect().await.unwrap();
    let consumer = client.consumer().assign_topic("events").from_beginning().build().await.unwrap();
    assert!(timeout(Duration::from_secs(10), consumer.next()).await.is_err());
    assert!(counts.dials.load(Ordering::Relaxed) < 100);
}

#[tokio::test(start_paused = true)]
async fn a_dialer_that_panics_is_an_error_and_the_next_dial_may_succeed() {
    let (near, far) = (AtomicUsize::new(0), Arc::new(Counts::default()));
    let dial = move |_: String, _: u16| {
        let (stream, peer) = tokio::io::duplex(64 * 1024);
        let (is_first, counts) = (near.fetch_add(1, Ordering::Relaxed) == 0, Arc::clone(&far));
        async move {
            assert!(!is_first, "the dialer is broken");
            tokio::spawn(async move { serve(peer, &counts, &|_: &Asked| None).await });
            Ok::<_, io::Error>(stream)
        }
    };
    let dial = Arc::new(dial);
    let builder = || {
        let dial = Arc::clone(&dial);
        Client::builder("odd.example:9092").plaintext().config(config()).dial(move |host, port| dial(host, port))
    };
    let started = Instant::now();
    let error = builder().connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::Dial { .. }), "{error}");
    assert_eq!(started.elapsed(), Duration::ZERO);
    builder().connect().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn to_close_without_end_waits_until_all_is_delivered() {
    let (client, _) = odd(|_| None);
    let client = client.connect().await.unwrap();
    let producer = client.producer().build().unwrap();
    let delivery = producer.send(Record::to("events").value("x")).await.unwrap();
    producer.close(Duration::MAX).await.unwrap();
    assert_eq!(delivery.await.unwrap().offset, 0);
    let refused = producer.send(Record::to("events").value("x")).await.unwrap_err();
    assert!(matches!(refused, SendError::Closed), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn a_send_that_is_dropped_while_its_topic_is_sought_leaves_nobody_asking() {
    let (client, counts) = odd(to(ApiKey::Metadata, |asked| {
        let mut metadata = asked.metadata();
        for topic in &mut metadata.topics {
            topic.error_code = ottla::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
            topic.partitions.clear();
        }
        Does::Answers(asked.with::<MetadataRequest>(&metadata))
    }));
    let client = client.connect().await.unwrap();
    let producer = client.producer().build().unwrap();
    assert!(timeout(Duration::from_millis(500), producer.send(Record::to("no-such-topic"))).await.is_err());
    sleep(Duration::from_secs(5)).await;
    let before = counts.requests.load(Ordering::Relaxed);
    sleep(Duration::from_secs(60)).await;
    assert_eq!(counts.requests.load(Ordering::Relaxed) - before, 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_everything_leaves_no_task_in_whatever_order() {
    let before = tasks();
    for order in 0..3 {
        let (client, _) = odd(|_| None);
        let client = client.connect().await.unwrap();
        let producer = client.producer().build().unwrap();
        let delivery = producer.send(Record::to("events").value("x")).await.unwrap();
        let consumer = client.consumer().assign_topic("events").from_end().build().await.unwrap();
        assert!(timeout(Duration::from_secs(1), consumer.next()).await.is_err());
        consumer.seek(("events", 0), Start::Beginning).unwrap();
        match order {
            0 => drop((client, producer, consumer, delivery)),
            1 => drop((consumer, producer, client, delivery)),
            _ => {
                let waiting = tokio::spawn(async move { consumer.next().await.map(drop) });
                settle().await;
                waiting.abort();
                drop((delivery, producer, client));
            }
        }
        settle().await;
        // The broker may be about to answer a fetch; it sees the end of its connection after that.
        sleep(Duration::from_secs(5)).await;
        assert_eq!(tasks(), before, "order {order}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connect_that_is_dropped_leaves_no_task() {
    let before = tasks();
    let (client, _) = odd(to(ApiKey::Metadata, |_| Does::Nothing));
    assert!(timeout(Duration::from_secs(1), client.connect()).await.is_err());
    settle().await;
    assert_eq!(tasks(), before);
}

#[tokio::test(start_paused = true)]
async fn a_batch_in_flight_when_its_producer_is_dropped_ends_as_of_unknown_outcome() {
    let (client, _) = odd(to(ApiKey::Produce, |_| Does::Nothing));
    let client = client.connect().await.unwrap();
    let producer = client.producer().linger(Duration::ZERO).build().unwrap();
    let delivery = producer.send(Record::to("events").value("x")).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    let lost = producer.lost_records();
    drop(producer);
    let error = delivery.await.unwrap_err();
    assert!(matches!(error, DeliveryError::OutcomeUnknown { .. }), "{error}");
    assert_eq!(lost.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_topics_that_are_slow_to_get_a_leader_share_one_deadline() {
    let started = Instant::now();
    // Each has one within the second that an assignment may take, counted from the one before it.
    let has_one = [("a", 700), ("b", 1_400), ("c", 2_100)].map(|(name, ms)| (name, Duration::from_millis(ms)));
    let (client, _) = odd(to(ApiKey::Metadata, move |asked| {
        let mut metadata = asked.metadata();
        for topic in &mut metadata.topics {
            let name = topic.name.as_ref().unwrap().as_str();
            if has_one.iter().any(|(slow, after)| *slow == name && started.elapsed() < *after) {
                topic.error_code = ottla::ErrorCode::LEADER_NOT_AVAILABLE.0;
                topic.partitions.clear();
            }
        }
        Does::Answers(asked.with::<MetadataRequest>(&metadata))
    }));
    let client = client.config(one_try()).connect().await.unwrap();
    let error = client.consumer().assign_topic("a").assign([("b", 0), ("c", 0)]).build().await.unwrap_err();
    assert!(matches!(error, BuildConsumerError::Assign(AssignError::Topic(_))), "{error}");
    assert_eq!(started.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_was_deleted_is_not_asked_for_without_end_by_a_producer_that_is_done_with_it() {
    let is_deleted = Arc::new(AtomicBool::new(false));
    let deleted = Arc::clone(&is_deleted);
    let (client, counts) = odd(to(ApiKey::Metadata, move |asked| {
        let mut metadata = asked.metadata();
        for topic in metadata.topics.iter_mut().filter(|_| deleted.load(Ordering::Relaxed)) {
            topic.error_code = ottla::ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
            topic.partitions.clear();
        }
        Does::Answers(asked.with::<MetadataRequest>(&metadata))
    }));
    let client = client.connect().await.unwrap();
    let producer = client.producer().linger(Duration::ZERO).build().unwrap();
    let send = async || producer.send(Record::to("events").value("x")).await.unwrap().await;
    send().await.unwrap();
    is_deleted.store(true, Ordering::Relaxed);
    // Two refreshes by age, and five minutes without use.
    sleep(Duration::from_secs(16 * 60)).await;
    let before = counts.requests.load(Ordering::Relaxed);
    sleep(Duration::from_secs(4 * 60)).await;
    assert!(counts.requests.load(Ordering::Relaxed) - before <= 1);
    // It was created again.
    is_deleted.store(false, Ordering::Relaxed);
    let started = Instant::now();
    send().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

/// A runtime of its own, whose time is paused.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

#[test]
fn a_consumer_ends_with_the_runtime_of_its_client() {
    let (first, second) = (runtime(), runtime());
    let consumer = first.block_on(async {
        let (client, _) = odd(|_| None);
        let client = client.connect().await.unwrap();
        client.consumer().assign_topic("events").from_beginning().build().await.unwrap()
    });
    let waiting = consumer.clone();
    let waiting = second.spawn(async move { waiting.next().await.map(|batch| batch.is_none()) });
    second.block_on(settle());
    drop(first);
    second.block_on(async {
        let is_over = timeout(REQUEST_TIMEOUT, waiting).await.unwrap().unwrap().unwrap();
        assert!(is_over, "who waited when it ended");
        consumer.seek(("events", 0), Start::Beginning).unwrap();
        assert!(timeout(REQUEST_TIMEOUT, consumer.next()).await.unwrap().unwrap().is_none(), "who comes after");
    });
}

#[test]
fn a_batch_ends_with_the_runtime_of_its_producer() {
    let first = runtime();
    let (producer, delivery) = first.block_on(async {
        let (client, _) = odd(to(ApiKey::Produce, |_| Does::Nothing));
        let client = client.connect().await.unwrap();
        let producer = client.producer().linger(Duration::ZERO).build().unwrap();
        let delivery = producer.send(Record::to("events").value("x")).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        (producer, delivery)
    });
    drop(first);
    runtime().block_on(async {
        let error = timeout(DELIVERY_TIMEOUT, delivery).await.unwrap().unwrap_err();
        assert!(matches!(error, DeliveryError::OutcomeUnknown { .. }), "{error}");
        let error = producer.send(Record::to("events").value("x")).await.unwrap_err();
        assert!(matches!(error, SendError::Closed), "{error}");
    });
}

#[tokio::test(start_paused = true)]
async fn a_name_that_no_topic_can_have_is_refused_before_a_broker_is_asked() {
    let (client, counts) = odd(|_| None);
    let client = client.connect().await.unwrap();
    let before = counts.requests.load(Ordering::Relaxed);
    let name = "x".repeat(40_000);
    let error = client.producer().build().unwrap().send(Record::to(&name)).await.unwrap_err();
    assert!(matches!(error, SendError::Topic(TopicError::InvalidName { .. })), "{error}");
    let error = client.consumer().assign_topic(name.as_str()).build().await.unwrap_err();
    assert!(matches!(error, BuildConsumerError::Assign(AssignError::Topic(TopicError::InvalidName { .. }))), "{error}");
    sleep(Duration::from_secs(10)).await;
    assert!(counts.requests.load(Ordering::Relaxed) - before <= 1);
}

/// Panics when it is asked for the first time.
#[derive(Debug)]
struct Moody {
    asked: AtomicUsize,
    good: Credentials,
}

impl ProvideCredentials for Moody {
    fn provide_credentials<'a>(&'a self) -> ProvidedCredentials<'a>
    where
        Self: 'a,
    {
        assert!(self.asked.fetch_add(1, Ordering::Relaxed) > 0, "the provider is broken");
        ProvidedCredentials::ready(Ok(self.good.clone()))
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_is_an_error_and_is_asked_again_at_the_next_connection() {
    let cluster = memory_cluster();
    let moody = Moody { asked: AtomicUsize::new(0), good: cluster.credentials(IDENTITY) };
    let started = Instant::now();
    let client = memory_client(&cluster, Protocol::SaslTls).msk_iam(moody).connect().await.unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    client.admin().list_topics().await.unwrap();
}
