//! What a producer counts, held against what the mock cluster saw; in memory, in virtual time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics::{Counter, Gauge, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use ottla::{Client, Producer, ProducerMetrics, Record};
use ottla_mockbroker::{ApiKey, EntryKind, ErrorCode, Fault, MockCluster, NewTopic};
use protocol_tests::memory_pair;

const EVENTS: &str = "events";
const LINGER: Duration = Duration::from_millis(20);

async fn world() -> (MockCluster, Client) {
    let (cluster, client) = memory_pair().await;
    cluster.create_topic(&NewTopic::new(EVENTS).partitions(2).config("max.message.bytes", "5000")).unwrap();
    (cluster, client)
}

fn event(partition: i32, value: &str) -> Record<'_> {
    Record::to(EVENTS).partition(partition).value(value)
}

/// Ten records for each partition, of which those of partition 0 are tried twice; one that is refused; one whose outcome is unknown; and one not sent.
async fn traffic(cluster: &MockCluster, producer: &Producer) {
    producer.send(event(0, "first")).await.unwrap().await.unwrap();
    let refuse = Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER).api(ApiKey::Produce).topic(EVENTS).partition(0);
    cluster.fault(refuse.times(1)).unwrap();
    let records = (0..20).map(|index| event(index % 2, "v"));
    assert_eq!(producer.send_all(records).await.unwrap().await.delivered(), 20);
    let large = "v".repeat(6000);
    assert!(producer.send(event(1, &large)).await.unwrap().await.is_err());
    cluster.fault(Fault::lost_answer().api(ApiKey::Produce)).unwrap();
    let unknown = producer.send(event(0, "unknown")).await.unwrap().await.unwrap_err();
    assert!(unknown.may_be_written());
    let unsent = producer.send(event(0, "unsent")).await.unwrap();
    producer.close(Duration::ZERO).await.unwrap_err();
    assert!(!unsent.await.unwrap_err().may_be_written());
}

fn produce_requests(cluster: &MockCluster) -> u64 {
    let is_produce = |kind: &EntryKind| matches!(kind, EntryKind::Request { api: ApiKey::Produce, .. });
    cluster.journal().iter().filter(|entry| is_produce(&entry.kind)).count() as u64
}

fn producer(client: &Client) -> Producer {
    client.producer().linger(LINGER).delivery_timeout(Duration::from_secs(50)).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_record_is_counted_by_how_it_ended_and_each_try_of_it() {
    let (cluster, client) = world().await;
    let producer = producer(&client);
    assert_eq!(producer.metrics().request_total, 0);
    traffic(&cluster, &producer).await;
    let metrics = producer.metrics();
    assert_eq!(metrics.record_acknowledged_total, 21);
    let errors = [metrics.record_refused_total, metrics.record_outcome_unknown_total, metrics.record_not_sent_total];
    assert_eq!((errors, metrics.record_error_total()), ([1, 1, 1], 3));
    assert_eq!(metrics.request_total, produce_requests(&cluster));
    let answered = metrics.request_latency.count();
    assert_eq!(
        (metrics.request_error_total, metrics.requests_in_flight),
        (1, 1),
        "the time is over within the second try"
    );
    assert_eq!(metrics.request_total, answered + 2);
    // Ten records went twice, and the one without an answer as often as there was time for.
    let retries_of_the_last = metrics.record_retry_total - 10;
    assert_eq!(metrics.record_send_total, 1 + 20 + 10 + 2 + retries_of_the_last);
    assert_eq!(metrics.record_queue_time.count() + 1 + retries_of_the_last, metrics.batch_send_total);
    assert_eq!((metrics.buffer_used_bytes, metrics.buffer_total_bytes), (0, 32 * 1024 * 1024));
}

#[tokio::test(start_paused = true)]
async fn what_waits_and_what_is_in_flight_is_seen_while_it_is() {
    let (cluster, client) = world().await;
    let producer = producer(&client);
    producer.send(event(0, "first")).await.unwrap().await.unwrap();
    let held = Duration::from_secs(3);
    cluster.fault(Fault::hold(held).api(ApiKey::Produce)).unwrap();
    let delivery = producer.send(event(0, "v")).await.unwrap();
    let used_bytes = producer.metrics().buffer_used_bytes;
    assert!((1..200).contains(&used_bytes), "{used_bytes}");
    tokio::time::sleep(LINGER * 2).await;
    assert_eq!((producer.metrics().requests_in_flight, producer.metrics().buffer_used_bytes), (1, used_bytes));
    delivery.await.unwrap();
    let ProducerMetrics { requests_in_flight, buffer_used_bytes, record_queue_time, request_latency, .. } =
        producer.metrics();
    assert_eq!((requests_in_flight, buffer_used_bytes), (0, 0));
    assert_eq!((record_queue_time.count(), record_queue_time.max()), (2, LINGER));
    assert_eq!((request_latency.count(), request_latency.max()), (2, held));
    assert_eq!(request_latency.mean(), held / 2);
}

/// A recorder that keeps the counts, by name and labels.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

/// Counts the times that a histogram is told.
struct Told(Arc<AtomicU64>);

impl HistogramFn for Told {
    fn record(&self, _value: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Kept {
    fn at(&self, key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::clone(self.0.lock().unwrap().entry(format!("{} {}", key.name(), labels.join(" "))).or_default())
    }

    fn all(&self) -> BTreeMap<String, u64> {
        self.0.lock().unwrap().iter().map(|(name, count)| (name.clone(), count.load(Ordering::Relaxed))).collect()
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}
    fn describe_gauge(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}
    fn describe_histogram(&self, _key: KeyName, _unit: Option<Unit>, _description: SharedString) {}

    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.at(key))
    }

    fn register_gauge(&self, key: &Key, _metadata: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.at(key))
    }

    fn register_histogram(&self, key: &Key, _metadata: &Metadata<'_>) -> metrics::Histogram {
        metrics::Histogram::from_arc(Arc::new(Told(self.at(key))))
    }
}

#[tokio::test(start_paused = true)]
async fn the_facade_is_told_the_same_under_kafkas_names() {
    let (cluster, client) = world().await;
    let kept = Kept::default();
    let producer = metrics::with_local_recorder(&kept, || producer(&client));
    traffic(&cluster, &producer).await;
    let metrics = producer.metrics();
    let buffer_total_bytes = (metrics.buffer_total_bytes as f64).to_bits();
    let expected = [
        ("batch_send_total client_id=ottla", metrics.batch_send_total),
        ("buffer_total_bytes client_id=ottla", buffer_total_bytes),
        ("buffer_used_bytes client_id=ottla", 0),
        ("byte_total client_id=ottla", metrics.byte_total),
        ("record_acknowledged_total client_id=ottla", 21),
        ("record_error_total client_id=ottla error=not_sent", 1),
        ("record_error_total client_id=ottla error=outcome_unknown", 1),
        ("record_error_total client_id=ottla error=refused", 1),
        ("record_queue_time_seconds client_id=ottla", metrics.record_queue_time.count()),
        ("record_retry_total client_id=ottla", metrics.record_retry_total),
        ("record_send_total client_id=ottla", metrics.record_send_total),
        ("request_error_total client_id=ottla", metrics.request_error_total),
        ("request_latency_seconds client_id=ottla", metrics.request_latency.count()),
        ("request_total client_id=ottla", metrics.request_total),
        ("requests_in_flight client_id=ottla", (metrics.requests_in_flight as f64).to_bits()),
    ];
    let expected = expected.map(|(name, count)| (format!("kafka_producer_{name}"), count));
    assert_eq!(kept.all(), BTreeMap::from(expected));
}
