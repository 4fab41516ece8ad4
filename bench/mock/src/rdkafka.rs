//! librdkafka, with its defaults but for the room in its consumer's queue.
//!
//! Its consumer rests for a second (`fetch.queue.backoff.ms`) each time that it finds more in its queue than there should be, which by default are
//! 100,000 records: of a broker that fills it fast it would read fewer records in a second than of a slow one.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::driver::{PARTITIONS, RECORDS, Took, VALUE_BYTES};

/// More than all records have.
const QUEUED_KBYTES: &str = "1048576";

/// How long anything may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Counts what is acknowledged.
#[derive(Clone, Default)]
struct Deliveries(Arc<AtomicUsize>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if result.is_ok() {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub(crate) fn run(bootstrap: &str) -> anyhow::Result<Took> {
    Ok(Took { produce: produce(bootstrap)?, fetch: fetch(bootstrap)? })
}

fn produce(bootstrap: &str) -> anyhow::Result<Duration> {
    let deliveries = Deliveries::default();
    let producer: BaseProducer<Deliveries> =
        ClientConfig::new().set("bootstrap.servers", bootstrap).create_with_context(deliveries.clone())?;
    let value = [0; VALUE_BYTES];
    let begun = Instant::now();
    for index in 0..RECORDS {
        let mut record = BaseRecord::<(), [u8]>::to("bench").partition(index as i32 % PARTITIONS).payload(&value);
        while let Err((error, refused)) = producer.send(record) {
            match error {
                KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => producer.poll(Duration::from_millis(1)),
                other => bail!(other),
            };
            record = refused;
        }
        if index % 1000 == 0 {
            producer.poll(Duration::ZERO);
        }
    }
    producer.flush(TIMEOUT)?;
    let took = begun.elapsed();
    let acknowledged = deliveries.0.load(Ordering::Relaxed);
    ensure!(acknowledged == RECORDS, "{acknowledged} of {RECORDS} records were acknowledged");
    Ok(took)
}

fn fetch(bootstrap: &str) -> anyhow::Result<Duration> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "bench")
        .set("enable.auto.commit", "false")
        .set("queued.min.messages", (2 * RECORDS).to_string())
        .set("queued.max.messages.kbytes", QUEUED_KBYTES)
        .create()?;
    let mut assignment = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        assignment.add_partition_offset("bench", partition, Offset::Beginning)?;
    }
    let begun = Instant::now();
    consumer.assign(&assignment)?;
    for _ in 0..RECORDS {
        consumer.poll(TIMEOUT).context("nothing comes any more")??;
    }
    let took = begun.elapsed();
    let mut written = 0;
    for partition in 0..PARTITIONS {
        let (low, high) = consumer.fetch_watermarks("bench", partition, TIMEOUT)?;
        written += high - low;
    }
    ensure!(written == RECORDS as i64, "{RECORDS} records were sent, {written} are in the log");
    Ok(took)
}
