//! librdkafka as a program that sends records.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use bench_contender::{Mode, Report, Watch, Work};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};

/// How long anything may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// After how many records what was acknowledged is looked at.
const POLL_EVERY: usize = 1000;

/// Counts what is acknowledged, and what is not.
#[derive(Clone, Default)]
struct Deliveries(Arc<[AtomicUsize; 2]>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let [acknowledged, failed] = &*self.0;
        if result.is_ok() { acknowledged } else { failed }.fetch_add(1, Ordering::Relaxed);
    }
}

impl Deliveries {
    fn acknowledged(&self) -> anyhow::Result<usize> {
        let [acknowledged, failed] = &*self.0;
        ensure!(failed.load(Ordering::Relaxed) == 0, "a record was not acknowledged");
        Ok(acknowledged.load(Ordering::Relaxed))
    }
}

struct Client<'w> {
    work: &'w Work,
    producer: BaseProducer<Deliveries>,
    deliveries: Deliveries,
}

impl Client<'_> {
    /// Takes a record, and waits for room at the most.
    fn send(&self, partition: i32, value: &[u8]) -> anyhow::Result<()> {
        let mut record = BaseRecord::<(), [u8]>::to(&self.work.topic).partition(partition).payload(value);
        while let Err((error, refused)) = self.producer.send(record) {
            match error {
                KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => {
                    self.producer.poll(Duration::from_millis(1))
                }
                other => bail!(other),
            };
            record = refused;
        }
        Ok(())
    }

    fn wait_for(&self, acknowledged: usize) -> anyhow::Result<()> {
        while self.deliveries.acknowledged()? < acknowledged {
            self.producer.poll(TIMEOUT);
        }
        Ok(())
    }

    fn throughput(&self) -> anyhow::Result<Report> {
        let (watch, before) = (Watch::start(), self.deliveries.acknowledged()?);
        for (nth, (partition, value)) in self.work.records().enumerate() {
            self.send(partition, value)?;
            if nth % POLL_EVERY == 0 {
                self.producer.poll(Duration::ZERO);
            }
        }
        self.producer.flush(TIMEOUT)?;
        Ok(watch.report(self.deliveries.acknowledged()? - before, Vec::new()))
    }

    fn latency(&self) -> anyhow::Result<Report> {
        let (watch, before) = (Watch::start(), self.deliveries.acknowledged()?);
        let mut latencies = Vec::new();
        for (partition, value) in self.work.records() {
            let begun = Instant::now();
            self.send(partition, value)?;
            self.wait_for(before + latencies.len() + 1)?;
            latencies.push(begun.elapsed());
        }
        Ok(watch.report(latencies.len(), latencies))
    }
}

fn main() -> anyhow::Result<()> {
    let work = Work::from_arguments()?;
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &work.bootstrap);
    if let Some(ca) = &work.ca {
        config.set("security.protocol", "ssl").set("ssl.ca.location", ca.to_string_lossy());
    }
    if work.lz4 {
        config.set("compression.type", "lz4");
    }
    if !work.lingers() {
        config.set("linger.ms", "0");
    }
    let deliveries = Deliveries::default();
    let client = Client { work: &work, producer: config.create_with_context(deliveries.clone())?, deliveries };
    for (partition, value) in work.first_records() {
        client.send(partition, value)?;
    }
    client.producer.flush(TIMEOUT)?;
    let report = match work.mode {
        Mode::Throughput => client.throughput()?,
        Mode::Latency => client.latency()?,
    };
    report.print();
    Ok(())
}
