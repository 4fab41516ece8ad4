//! librdkafka as a program that sends records.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};
use bench_contender::{Mode, Report, Watch, Work};
use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer};

/// How long anything may take.
const TIMEOUT: Duration = Duration::from_secs(120);

/// How long it waits where the queue is full.
const QUEUE_FULL_WAIT: Duration = Duration::from_millis(1);

/// Counts what is acknowledged, and what is not.
#[derive(Clone)]
struct Deliveries {
    counts: Arc<[AtomicUsize; 2]>,
    /// Who waits for each record.
    waiting: Option<Thread>,
}

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        let [acknowledged, failed] = &*self.counts;
        if result.is_ok() { acknowledged } else { failed }.fetch_add(1, Ordering::Release);
        if let Some(waiting) = &self.waiting {
            waiting.unpark();
        }
    }
}

impl Deliveries {
    fn acknowledged(&self) -> anyhow::Result<usize> {
        let [acknowledged, failed] = &*self.counts;
        ensure!(failed.load(Ordering::Acquire) == 0, "a record was not acknowledged");
        Ok(acknowledged.load(Ordering::Acquire))
    }
}

struct Client<'w> {
    work: &'w Work,
    producer: ThreadedProducer<Deliveries>,
    deliveries: Deliveries,
}

impl Client<'_> {
    /// Takes a record, and waits for room at the most.
    fn send(&self, partition: i32, value: &[u8]) -> anyhow::Result<()> {
        let mut record = BaseRecord::<(), [u8]>::to(&self.work.topic).partition(partition).payload(value);
        while let Err((error, refused)) = self.producer.send(record) {
            match error {
                KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => thread::sleep(QUEUE_FULL_WAIT),
                other => bail!(other),
            };
            record = refused;
        }
        Ok(())
    }

    fn wait_for(&self, acknowledged: usize) -> anyhow::Result<()> {
        while self.deliveries.acknowledged()? < acknowledged {
            thread::park_timeout(TIMEOUT);
        }
        Ok(())
    }

    fn throughput(&self) -> anyhow::Result<Report> {
        let (watch, before) = (Watch::start(), self.deliveries.acknowledged()?);
        for (partition, value) in self.work.records() {
            self.send(partition, value)?;
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
    let waiting = (work.mode == Mode::Latency).then(thread::current);
    let deliveries = Deliveries { counts: Arc::default(), waiting };
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
