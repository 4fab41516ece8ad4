//! rskafka as a program that sends records.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyhow::Context as _;
use bench_contender::{Pipelined, Work, run};
use chrono::Utc;
use rskafka::client::ClientBuilder;
use rskafka::client::partition::{Compression, PartitionClient, UnknownTopicHandling};
use rskafka::client::producer::aggregator::RecordAggregator;
use rskafka::client::producer::{BatchProducer, BatchProducerBuilder};
use rskafka::record::Record;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The bytes of a batch: rskafka has no default, and this leaves it room in the megabyte that brokers take.
const BATCH_BYTES_MAX: usize = 1_000_000;

enum Client {
    Throughput(Vec<Arc<BatchProducer<RecordAggregator>>>),
    /// Without what gathers records, which always lingers.
    Latency(Vec<Arc<PartitionClient>>, Compression),
}

type Delivery = Pin<Box<dyn Future<Output = anyhow::Result<()>>>>;

impl Pipelined for Client {
    type Delivery = Delivery;

    async fn send(&self, partition: i32, value: &[u8]) -> anyhow::Result<Delivery> {
        let record = Record { key: None, value: Some(value.to_vec()), headers: BTreeMap::new(), timestamp: Utc::now() };
        let index = usize::try_from(partition)?;
        let mut delivery: Delivery = match self {
            Self::Throughput(producers) => {
                let producer = Arc::clone(producers.get(index).context("the partition")?);
                Box::pin(async move { Ok(producer.produce(record).await.map(drop)?) })
            }
            Self::Latency(clients, codec) => {
                let (client, codec) = (Arc::clone(clients.get(index).context("the partition")?), *codec);
                Box::pin(async move { Ok(client.produce(vec![record], codec).await.map(drop)?) })
            }
        };
        // It takes the record when it is first polled.
        match delivery.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(ended) => Ok(Box::pin(std::future::ready(ended))),
            Poll::Pending => Ok(delivery),
        }
    }

    async fn flush(&self) -> anyhow::Result<()> {
        if let Self::Throughput(producers) = self {
            for producer in producers {
                producer.flush().await?;
            }
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let work = Work::from_arguments()?;
    let mut builder = ClientBuilder::new(work.bootstrap.split(',').map(ToOwned::to_owned).collect());
    if let Some(ca) = &work.ca {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(ca)?)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        builder = builder.tls_config(Arc::new(config.with_root_certificates(roots).with_no_client_auth()));
    }
    let client = builder.build().await?;
    let codec = if work.lz4 { Compression::Lz4 } else { Compression::NoCompression };
    let mut partitions = Vec::new();
    for partition in 0..work.partitions {
        partitions.push(Arc::new(client.partition_client(&work.topic, partition, UnknownTopicHandling::Retry).await?));
    }
    let client = if work.lingers() {
        let producer = |client| {
            let builder = BatchProducerBuilder::new(client).with_compression(codec);
            Arc::new(builder.build(RecordAggregator::new(BATCH_BYTES_MAX)))
        };
        Client::Throughput(partitions.into_iter().map(producer).collect())
    } else {
        Client::Latency(partitions, codec)
    };
    run(&work, &client).await?.print();
    Ok(())
}
