//! The clients whose deliveries are futures: many are under way, and they are taken in the order of their records.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use crate::{Mode, Report, Watch, Work};

/// How many deliveries may be under way. librdkafka has the same bound by default; a client that holds fewer waits by itself.
const UNDER_WAY_MAX: usize = 100_000;

/// After how many records those that have ended are taken.
const TAKE_EVERY: usize = 256;

/// A client whose deliveries are futures.
pub trait Pipelined {
    /// Says that a record was acknowledged.
    type Delivery: Future<Output = anyhow::Result<()>> + Unpin;

    /// Takes a record, and waits for room at the most.
    fn send(&self, partition: i32, value: &[u8]) -> impl Future<Output = anyhow::Result<Self::Delivery>>;

    /// Lets nothing linger any more. It need not wait for what is under way.
    fn flush(&self) -> impl Future<Output = anyhow::Result<()>>;
}

/// Sends what is to be sent.
///
/// # Errors
/// When a record is not taken or not acknowledged.
pub async fn run(work: &Work, client: &impl Pipelined) -> anyhow::Result<Report> {
    for (partition, value) in work.first_records() {
        let first = client.send(partition, value).await?;
        client.flush().await?;
        first.await?;
    }
    match work.mode {
        Mode::Throughput => throughput(work, client).await,
        Mode::Latency => latency(work, client).await,
    }
}

async fn throughput(work: &Work, client: &impl Pipelined) -> anyhow::Result<Report> {
    let watch = Watch::start();
    let mut under_way = UnderWay { deliveries: VecDeque::with_capacity(UNDER_WAY_MAX), acknowledged: 0 };
    for (nth, (partition, value)) in work.records().enumerate() {
        let delivery = client.send(partition, value).await?;
        under_way.deliveries.push_back(delivery);
        if nth % TAKE_EVERY == 0 {
            under_way.take_ended()?;
        }
        if under_way.deliveries.len() >= UNDER_WAY_MAX {
            under_way.wait_for_first().await?;
        }
    }
    client.flush().await?;
    while !under_way.deliveries.is_empty() {
        under_way.wait_for_first().await?;
    }
    Ok(watch.report(under_way.acknowledged, Vec::new()))
}

async fn latency(work: &Work, client: &impl Pipelined) -> anyhow::Result<Report> {
    let watch = Watch::start();
    let mut latencies = Vec::new();
    for (partition, value) in work.records() {
        let begun = Instant::now();
        client.send(partition, value).await?.await?;
        latencies.push(begun.elapsed());
    }
    Ok(watch.report(latencies.len(), latencies))
}

/// Deliveries that have not been taken.
struct UnderWay<D> {
    deliveries: VecDeque<D>,
    acknowledged: usize,
}

impl<D: Future<Output = anyhow::Result<()>> + Unpin> UnderWay<D> {
    fn take_ended(&mut self) -> anyhow::Result<()> {
        let mut context = Context::from_waker(Waker::noop());
        while let Some(first) = self.deliveries.front_mut() {
            let Poll::Ready(acknowledged) = Pin::new(first).poll(&mut context) else { break };
            acknowledged?;
            self.deliveries.pop_front();
            self.acknowledged += 1;
        }
        Ok(())
    }

    async fn wait_for_first(&mut self) -> anyhow::Result<()> {
        if let Some(first) = self.deliveries.pop_front() {
            first.await?;
            self.acknowledged += 1;
        }
        Ok(())
    }
}
