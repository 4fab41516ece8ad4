//! kacrab as a program that sends records.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyhow::Context as _;
use bench_contender::{Pipelined, Work, run};
use kacrab::producer::{Producer, ProducerRecord, SendFuture};

struct Client {
    producer: Producer,
    topic: Arc<str>,
}

struct Delivery(SendFuture);

impl Future for Delivery {
    type Output = anyhow::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|delivered| delivered.map(drop).context("a record was not delivered"))
    }
}

impl Pipelined for Client {
    type Delivery = Delivery;

    async fn send(&self, partition: i32, value: &[u8]) -> anyhow::Result<Delivery> {
        let record = ProducerRecord::new(Arc::clone(&self.topic), partition).value(value.to_vec());
        Ok(Delivery(self.producer.send(record)?))
    }

    async fn flush(&self) -> anyhow::Result<()> {
        Ok(self.producer.flush().await?)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let work = Work::from_arguments()?;
    let mut builder = Producer::builder().set("bootstrap.servers", work.bootstrap.as_str());
    if let Some(ca) = &work.ca {
        builder = builder
            .set("security.protocol", "SSL")
            .set("ssl.truststore.type", "PEM")
            .set("ssl.truststore.location", ca.to_string_lossy().as_ref());
    }
    if work.lz4 {
        builder = builder.set("compression.type", "lz4");
    }
    if !work.lingers() {
        builder = builder.set("linger.ms", "0");
    }
    let client = Client { producer: builder.build().await?, topic: work.topic.as_str().into() };
    run(&work, &client).await?.print();
    Ok(())
}
