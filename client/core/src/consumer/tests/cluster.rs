//! Brokers as far as a consumer sees them, told by hand.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::compression::Decompressor;
use ottla_wire::hot::{FetchPartition, FetchResponse, FetchTopic, encode_fetch_response};
use ottla_wire::message::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use ottla_wire::message::{FetchRequest, ListOffsetsResponse};
use ottla_wire::{ApiKey, BrokerId, ErrorCode, LeaderEpoch, Segments, TopicId, VersionRange, codec};

use crate::cluster::{Partition, Snapshot, Topic, TopicState};
use crate::consumer::{Batch, Config, Consumer, Event, Lookup, Start, Stopped, TopicPartition};
use crate::request::{Answer, Disconnected, Outgoing, RequestError};
use crate::versions::Versions;

pub(super) const TOPIC: &str = "events";
pub(super) const ID: TopicId = TopicId([7; 16]);
pub(super) const FETCH_VERSION: i16 = 16;

pub(super) fn at(partition: i32) -> TopicPartition {
    TopicPartition::from((TOPIC, partition))
}

/// The picture in which the topic's partitions are led by these brokers, of which -1 is none.
pub(super) fn led_by(leaders: &[i32], epoch: i32) -> Arc<Snapshot> {
    let partition = |leader: &i32| Partition {
        leader: Some(BrokerId(*leader)).filter(|leader| *leader != BrokerId::NONE),
        leader_epoch: LeaderEpoch(epoch),
    };
    let topic = Topic { name: TOPIC.into(), id: ID, partitions: leaders.iter().map(partition).collect() };
    let topics = BTreeMap::from([(topic.name.clone(), TopicState::Known(Arc::new(topic)))]);
    Arc::new(Snapshot { topics, ..Snapshot::default() })
}

/// A consumer, its time, and the requests that are in flight.
pub(super) struct Bench {
    pub(super) consumer: Consumer,
    pub(super) now: Instant,
    pub(super) in_flight: BTreeMap<BrokerId, Outgoing>,
    pub(super) events: Vec<Event>,
    pub(super) versions: Versions,
}

/// What a Fetch request asks, partition by partition in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) offsets: Vec<(i32, i64)>,
    pub(super) wait: Duration,
    pub(super) bytes_max: i32,
    pub(super) epochs: Vec<i32>,
    pub(super) partition_bytes_max: Vec<i32>,
}

impl Bench {
    pub(super) fn new(config: Config, leaders: &[i32], start: impl Fn(i32) -> Start) -> Self {
        let now = Instant::now();
        let mut consumer = Consumer::new(config, led_by(leaders, 0));
        let partitions = 0..i32::try_from(leaders.len()).unwrap();
        consumer.assign(now, partitions.map(|partition| (at(partition), start(partition))));
        let versions = [(ApiKey::Fetch, VersionRange::new(4, FETCH_VERSION))].into_iter().collect();
        let mut bench = Self { consumer, now, in_flight: BTreeMap::new(), events: Vec::new(), versions };
        bench.collect();
        bench
    }

    pub(super) fn collect(&mut self) {
        self.events.extend(std::iter::from_fn(|| self.consumer.poll_event()));
    }

    /// Takes the events that came since.
    pub(super) fn events(&mut self) -> Vec<Event> {
        self.collect();
        std::mem::take(&mut self.events)
    }

    /// Sends what there is for a broker; panics where a request is in flight and another comes.
    pub(super) fn send(&mut self, broker: i32) -> Option<Asked> {
        let broker = BrokerId(broker);
        let request = self.consumer.poll_request(self.now, broker, &self.versions)?;
        let body = codec::decode_request::<FetchRequest>(request.version, request.body.to_bytes()).unwrap();
        let partitions = || body.topics.iter().flat_map(|topic| &topic.partitions);
        let asked = Asked {
            offsets: partitions().map(|asked| (asked.partition, asked.fetch_offset)).collect(),
            wait: Duration::from_millis(u64::try_from(body.max_wait_ms).unwrap()),
            bytes_max: body.max_bytes,
            epochs: partitions().map(|asked| asked.current_leader_epoch).collect(),
            partition_bytes_max: partitions().map(|asked| asked.partition_max_bytes).collect(),
        };
        assert!(self.in_flight.insert(broker, request).is_none(), "two fetches in flight to broker {broker}");
        Some(asked)
    }

    pub(super) fn answer(
        &mut self,
        broker: i32,
        partitions: impl IntoIterator<Item = (i32, Result<Bytes, ErrorCode>)>,
    ) {
        let partition = |(index, said): (i32, Result<Bytes, ErrorCode>)| FetchPartition {
            index,
            error_code: said.as_ref().err().copied().unwrap_or(ErrorCode::NONE),
            records: Segments::from(said.unwrap_or_default()),
            ..FetchPartition::default()
        };
        let partitions = partitions.into_iter().map(partition).collect();
        let topics = vec![FetchTopic { name: TOPIC.into(), id: ID, partitions }];
        self.respond(broker, &FetchResponse { topics, ..FetchResponse::default() });
    }

    pub(super) fn respond(&mut self, broker: i32, response: &FetchResponse) {
        let broker = BrokerId(broker);
        let request = self.in_flight.remove(&broker).expect("a fetch in flight");
        let body = encode_fetch_response(request.version, response).unwrap().to_bytes();
        let answer = Answer { api: request.api, version: request.version, body };
        self.consumer.handle_answer(self.now, 0, broker, request.id, Ok(answer));
        self.collect();
    }

    /// The connection to a broker ends.
    pub(super) fn cut(&mut self, broker: i32) {
        let broker = BrokerId(broker);
        let Some(request) = self.in_flight.remove(&broker) else { return };
        let error = RequestError::OutcomeUnknown { api: request.api, reason: Disconnected::ByPeer };
        self.consumer.handle_answer(self.now, 0, broker, request.id, Err(error));
        self.collect();
    }

    pub(super) fn metadata(&mut self, snapshot: Arc<Snapshot>) {
        self.consumer.handle_metadata(self.now, snapshot);
        self.collect();
    }

    /// Lets time pass; the consumer is told when it asked to be.
    pub(super) fn pass(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(due) = self.consumer.poll_timeout().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.consumer.handle_timeout(self.now);
        }
        self.now = end;
        self.collect();
    }

    pub(super) fn next(&mut self) -> Option<Result<Batch, Stopped>> {
        let limits = Config::default().decompression();
        loop {
            let next = self
                .consumer
                .poll_batch()
                .map(|next| next.map(|packed| packed.unpack(&mut Decompressor::default(), &limits)));
            let next = match next {
                None => None,
                Some(Err(stopped)) => Some(Err(stopped)),
                Some(Ok(Ok(None))) => continue,
                Some(Ok(Ok(Some(batch)))) => Some(Ok(batch)),
                Some(Ok(Err(unreadable))) => self.consumer.handle_unreadable(*unreadable).map(Err),
            };
            self.collect();
            return next;
        }
    }

    /// Answers a lookup with `found` for each partition that it asks for.
    pub(super) fn locate(&mut self, lookup: &Lookup, found: impl Fn(i32, i64) -> Result<i64, ErrorCode>) {
        let topics = lookup.request.topics.iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|asked| {
                let said = found(asked.partition_index, asked.timestamp);
                ListOffsetsPartitionResponse::default()
                    .with_partition_index(asked.partition_index)
                    .with_offset(said.unwrap_or(-1))
                    .with_error_code(said.err().unwrap_or(ErrorCode::NONE).0)
            });
            ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
        });
        let response = ListOffsetsResponse::default().with_topics(topics.collect());
        self.consumer.handle_lookup(self.now, 0, lookup.id, Ok(response));
        self.collect();
    }
}

pub(super) fn offsets(batch: &Batch) -> Vec<i64> {
    batch.records().map(|record| record.unwrap().offset).collect()
}
