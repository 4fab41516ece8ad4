//! confluent-kafka, the native one in Rust, as a program that sends records.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use bench_contender::{Mode, Report, Watch, Work};
use confluent_kafka::common::serialization::ByteArraySerializer;
use confluent_kafka::producer::{Callback, KafkaProducer, Producer as _, ProducerConfig, ProducerRecord, callback};

struct Client<'w> {
    work: &'w Work,
    producer: KafkaProducer<Vec<u8>, Vec<u8>>,
    /// What is acknowledged, and what is not.
    counts: Arc<[AtomicUsize; 2]>,
}

impl Client<'_> {
    fn record<'v>(&self, partition: i32, value: &'v [u8]) -> anyhow::Result<ProducerRecord<&'v [u8], &'v [u8]>> {
        let topic = self.work.topic.clone();
        ProducerRecord::with_partition_key(topic, Some(partition), None, Some(value)).context("the record")
    }

    fn counted(&self) -> Box<dyn Callback> {
        let counts = Arc::clone(&self.counts);
        Box::new(callback::new(move |_, error| {
            let [acknowledged, failed] = &*counts;
            if error.is_none() { acknowledged } else { failed }.fetch_add(1, Ordering::Relaxed);
        }))
    }

    fn acknowledged(&self) -> anyhow::Result<usize> {
        let [acknowledged, failed] = &*self.counts;
        ensure!(failed.load(Ordering::Relaxed) == 0, "a record was not acknowledged");
        Ok(acknowledged.load(Ordering::Relaxed))
    }

    async fn first(&self) -> anyhow::Result<()> {
        for (partition, value) in self.work.first_records() {
            let delivery = self.producer.send(self.record(partition, value)?, None).await?;
            delivery.get().await?;
        }
        Ok(())
    }

    async fn throughput(&self) -> anyhow::Result<Report> {
        let watch = Watch::start();
        for (partition, value) in self.work.records() {
            self.producer.send(self.record(partition, value)?, Some(self.counted())).await?;
        }
        self.producer.flush().await?;
        Ok(watch.report(self.acknowledged()?, Vec::new()))
    }

    async fn latency(&self) -> anyhow::Result<Report> {
        let watch = Watch::start();
        let mut latencies = Vec::new();
        for (partition, value) in self.work.records() {
            let begun = Instant::now();
            let delivery = self.producer.send(self.record(partition, value)?, None).await?;
            delivery.get().await?;
            latencies.push(begun.elapsed());
        }
        Ok(watch.report(latencies.len(), latencies))
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let work = Work::from_arguments()?;
    let mut properties = HashMap::from([("bootstrap.servers".to_owned(), work.bootstrap.clone())]);
    let mut set = |name: &str, value: &str| drop(properties.insert(name.to_owned(), value.to_owned()));
    if let Some(ca) = &work.ca {
        set("security.protocol", "SSL");
        set("ssl.truststore.type", "PEM");
        set("ssl.truststore.location", &ca.to_string_lossy());
    }
    if work.lz4 {
        set("compression.type", "lz4");
    }
    if !work.lingers() {
        set("linger.ms", "0");
    }
    let config = ProducerConfig::new(&properties)?;
    let producer = KafkaProducer::new(config, ByteArraySerializer::new(), ByteArraySerializer::new())?;
    let client = Client { work: &work, producer, counts: Arc::default() };
    client.first().await?;
    let report = match work.mode {
        Mode::Throughput => client.throughput().await?,
        Mode::Latency => client.latency().await?,
    };
    report.print();
    Ok(())
}
