//! krafka as a program that sends records.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Context as _;
use bench_contender::{Pipelined, Work, run};
use krafka::auth::{AuthConfig, TlsConfig};
use krafka::producer::{DeliveryHandle, Producer};
use krafka::{Compression, Kafka, Record};

struct Client {
    producer: Producer,
    topic: String,
}

struct Delivery(DeliveryHandle);

impl Future for Delivery {
    type Output = anyhow::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|delivered| delivered.map(drop).context("a record was not delivered"))
    }
}

impl Pipelined for Client {
    type Delivery = Delivery;

    async fn send(&self, partition: i32, value: &[u8]) -> anyhow::Result<Delivery> {
        let record = Record::new(self.topic.as_str(), value.to_vec()).partition(partition);
        Ok(Delivery(self.producer.enqueue(record).await?))
    }

    async fn flush(&self) -> anyhow::Result<()> {
        Ok(self.producer.flush().await?)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let work = Work::from_arguments()?;
    let mut builder = Kafka::builder(work.bootstrap.as_str());
    if let Some(ca) = &work.ca {
        builder = builder.security(AuthConfig::ssl(TlsConfig::new().with_ca_cert(ca.to_string_lossy())));
    }
    let kafka = builder.connect().await?;
    let mut producer = kafka.producer();
    if work.lz4 {
        producer = producer.compression(Compression::Lz4);
    }
    if !work.lingers() {
        producer = producer.linger(Duration::ZERO);
    }
    let client = Client { producer: producer.build().await?, topic: work.topic.clone() };
    run(&work, &client).await?.print();
    Ok(())
}
