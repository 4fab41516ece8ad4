//! Ours as a program that sends records.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Context as _;
use bench_contender::{Pipelined, Work, run};
use ottla::{Client, Compression, Producer, Record};

struct Ours {
    producer: Producer,
    topic: String,
}

struct Delivery(ottla::Delivery);

impl Future for Delivery {
    type Output = anyhow::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|delivered| delivered.map(drop).context("a record was not delivered"))
    }
}

impl Pipelined for Ours {
    type Delivery = Delivery;

    async fn send(&self, partition: i32, value: &[u8]) -> anyhow::Result<Delivery> {
        let record = Record::to(&self.topic).partition(partition).value(value);
        Ok(Delivery(self.producer.send(record).await?))
    }

    async fn flush(&self) -> anyhow::Result<()> {
        self.producer.flush().await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let work = Work::from_arguments()?;
    let builder = Client::builder(work.bootstrap.as_str());
    let builder = match &work.ca {
        Some(ca) => builder.tls().tls_root(std::fs::read(ca)?),
        None => builder.plaintext(),
    };
    let client = builder.connect().await?;
    let mut producer = client.producer();
    if work.lz4 {
        producer = producer.compression(Compression::Lz4);
    }
    if !work.lingers() {
        producer = producer.linger(Duration::ZERO);
    }
    let ours = Ours { producer: producer.build()?, topic: work.topic.clone() };
    run(&work, &ours).await?.print();
    Ok(())
}
