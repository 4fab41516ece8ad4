//! What a producer's core does when something happens: `wakeup PARTITIONS TIMES`, for valgrind to count the instructions of.
//!
//! Every partition has delivered a batch before. Then, as often as is asked for, ten of them are given a record, linger, are sent in one request and answered. The
//! counts of two numbers of times differ by what the cycles between cost.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, ensure};
use ottla_core::cluster::{self, Snapshot, Topic, TopicState};
use ottla_core::producer::{
    Batch, Batches, Config, Event, Outcome, Partition, PartitionKey, ProducerId, Sender, TopicIndex, Waiting,
};
use ottla_core::{Answer, Versions};
use ottla_wire::message::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ottla_wire::message::{self, StrBytes};
use ottla_wire::record::{BatchWriter, NewRecord};
use ottla_wire::{ApiKey, BrokerId, LeaderEpoch, TopicId, VersionRange, codec};

const ACTIVE: i32 = 10;

/// The first batches go out so many at a time.
const FIRST_AT_ONCE: i32 = 100;

const TOPIC: &str = "events";
const LEADER: BrokerId = BrokerId(1);

/// One that has a topic's name.
const PRODUCE: i16 = 12;

struct Accumulators(Vec<Partition<()>>);

impl Accumulators {
    fn of(&mut self, key: PartitionKey) -> Option<&mut Partition<()>> {
        self.0.get_mut(usize::try_from(key.partition).ok()?)
    }
}

impl Batches<()> for Accumulators {
    fn take(&mut self, key: PartitionKey) -> Option<Batch<(), BatchWriter>> {
        self.of(key)?.take()
    }

    fn waiting(&mut self, key: PartitionKey) -> Option<Waiting> {
        self.of(key)?.waiting()
    }
}

struct Producer {
    now: Instant,
    topic: TopicIndex,
    versions: Versions,
    accumulators: Accumulators,
    sender: Sender<()>,
    delivered: usize,
}

fn main() -> anyhow::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|number| number.parse::<i32>());
    let mut next = || numbers.next().context("usage: wakeup PARTITIONS TIMES")?.context("a number");
    let (partitions, times) = (next()?, next()?);
    ensure!(partitions >= ACTIVE, "at least {ACTIVE} partitions are active");
    let mut producer = Producer::new(partitions);
    for begin in (0..partitions).step_by(FIRST_AT_ONCE as usize) {
        producer.deliver(begin..partitions.min(begin + FIRST_AT_ONCE))?;
    }
    // The active ones lie among those that are not.
    let stride = partitions / ACTIVE;
    for _ in 0..times {
        producer.deliver((0..ACTIVE).map(|nth| nth * stride))?;
    }
    ensure!(producer.delivered as i32 == partitions + times * ACTIVE, "{} batches were delivered", producer.delivered);
    Ok(())
}

impl Producer {
    fn new(partitions: i32) -> Self {
        let partition = |_| cluster::Partition { leader: Some(LEADER), leader_epoch: LeaderEpoch(0) };
        let topic =
            Topic { name: TOPIC.into(), id: TopicId([5; 16]), partitions: (0..partitions).map(partition).collect() };
        let broker = cluster::Broker { host: "host".into(), port: 9092, rack: None };
        let snapshot = Snapshot {
            brokers: [(LEADER, broker)].into(),
            topics: [(TOPIC.into(), TopicState::Known(topic.into()))].into(),
            ..Snapshot::default()
        };
        let mut sender = Sender::new(Config::default(), Arc::new(snapshot), 7);
        Self {
            now: Instant::now(),
            topic: sender.add_topic(TOPIC.into()),
            versions: [(ApiKey::Produce, VersionRange::new(PRODUCE, PRODUCE))].into_iter().collect(),
            accumulators: Accumulators((0..partitions).map(|_| Partition::default()).collect()),
            sender,
            delivered: 0,
        }
    }

    /// A record for each of some partitions, from where it is taken to where it is acknowledged.
    fn deliver(&mut self, partitions: impl Iterator<Item = i32>) -> anyhow::Result<()> {
        for partition in partitions {
            let key = PartitionKey { topic: self.topic, partition };
            let record = NewRecord::new(0, None, Some(&[0; 100]));
            let accumulator = self.accumulators.of(key).context("the partition")?;
            accumulator.append(self.now, &record, || None, || ())?;
            self.sender.handle_appended(self.now, key, &mut self.accumulators);
        }
        self.learn()?;
        while let Some(due) = self.sender.poll_timeout().filter(|_| !self.sender.has_work(LEADER)) {
            self.now = due;
            self.sender.handle_timeout(due, &mut self.accumulators);
            self.learn()?;
        }
        while let Some(sent) = self.sender.poll_request(self.now, LEADER, &self.versions, &mut self.accumulators) {
            let body = answer(codec::decode_request(PRODUCE, sent.body.to_bytes())?)?;
            let answer = Answer { api: ApiKey::Produce, version: PRODUCE, body };
            self.sender.handle_answer(self.now, sent.id, Ok(answer), &mut self.accumulators);
            self.learn()?;
        }
        Ok(())
    }

    fn learn(&mut self) -> anyhow::Result<()> {
        while let Some(event) = self.sender.poll_event() {
            match event {
                Event::ProducerIdWanted => {
                    let id = ProducerId { id: 9, epoch: 0 };
                    self.sender.handle_producer_id(self.now, Ok(id), &mut self.accumulators);
                }
                Event::Ended { outcome, .. } => {
                    ensure!(matches!(outcome, Outcome::Delivered { .. }), "{outcome:?}");
                    self.delivered += 1;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// All was written.
fn answer(request: message::ProduceRequest) -> anyhow::Result<bytes::Bytes> {
    let topics = request.topic_data.iter().map(|topic| {
        let written = |index| PartitionProduceResponse::default().with_index(index).with_base_offset(40);
        let partitions = topic.partition_data.iter().map(|partition| written(partition.index)).collect();
        TopicProduceResponse::default()
            .with_name(StrBytes::from_static_str(TOPIC).into())
            .with_partition_responses(partitions)
    });
    let response = message::ProduceResponse::default().with_responses(topics.collect());
    Ok(codec::encode_response::<message::ProduceRequest>(PRODUCE, &response)?)
}
