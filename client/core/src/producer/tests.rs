//! The accumulators and the sender together, against brokers that answer as a test says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_wire::codec;
use ottla_wire::compression::Limits;
use ottla_wire::message::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ottla_wire::message::{self, StrBytes};
use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp, next_batch};
use ottla_wire::{ApiKey, BrokerId, ErrorCode, LeaderEpoch, TopicId, VersionRange};
use proptest::prelude::*;

mod compress;
mod exactly_once;
mod idempotence;
mod split;

use super::*;
use crate::cluster::{Broker, Snapshot, Topic, TopicState};
use crate::request::{Answer, Disconnected, Outgoing, RequestId};
use crate::versions::Versions;

const ONE: BrokerId = BrokerId(1);
const TWO: BrokerId = BrokerId(2);
const EVENTS: &str = "events";

/// A record of a test: its partition and its place among those that were sent there.
type Sent = (i32, u32);

/// What is given for a batch: the records that are in it.
type Deliveries = Arc<RefCell<Vec<Sent>>>;

#[derive(Default)]
struct Accumulators(BTreeMap<i32, Partition<Deliveries>>);

impl Batches<Deliveries> for Accumulators {
    fn take(&mut self, key: PartitionKey) -> Option<Batch<Deliveries, BatchWriter>> {
        self.0.get_mut(&key.partition)?.take()
    }

    fn waiting(&mut self, key: PartitionKey) -> Option<Waiting> {
        self.0.get(&key.partition)?.waiting()
    }
}

/// A request as a broker sees it.
struct Arrived {
    id: RequestId,
    version: i16,
    broker: BrokerId,
    /// The partitions, with how many records each batch has.
    partitions: Vec<(i32, i32)>,
    batches: Vec<Carried>,
}

/// A batch as a broker sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Carried {
    partition: i32,
    size_bytes: usize,
    stamp: ProducerStamp,
    /// The records' places among those that were sent to the partition.
    places: Vec<u32>,
}

struct Producer {
    start: Instant,
    now: Instant,
    config: Config,
    topic: TopicIndex,
    versions: Versions,
    id: TopicId,
    leaders: Vec<Option<BrokerId>>,
    accumulators: Accumulators,
    sender: Sender<Deliveries>,
    sent: BTreeMap<i32, u32>,
    sent_at: BTreeMap<Sent, Duration>,
    in_flight: BTreeMap<RequestId, Arrived>,
    ended: BTreeMap<Sent, (Duration, Outcome)>,
    /// The offsets of those that were delivered.
    offsets: BTreeMap<Sent, i64>,
    /// What whoever asks for a producer id gets at once.
    grant: Option<Result<ProducerId, DeliveryCause>>,
    ids_wanted: usize,
    refreshes: usize,
    woken: BTreeSet<BrokerId>,
    jobs: Vec<(Ticket, Job)>,
    /// At how many bytes batches close.
    batch_bytes_max: usize,
}

fn snapshot(id: TopicId, leaders: &[Option<BrokerId>]) -> Arc<Snapshot> {
    let partition =
        |leader: &Option<BrokerId>| crate::cluster::Partition { leader: *leader, leader_epoch: LeaderEpoch(0) };
    let topic = Topic { name: EVENTS.into(), id, partitions: leaders.iter().map(partition).collect() };
    let broker = |id: BrokerId| (id, Broker { host: "host".into(), port: 9092, rack: None });
    Arc::new(Snapshot {
        brokers: [ONE, TWO].map(broker).into(),
        topics: [(EVENTS.into(), TopicState::Known(topic.into()))].into(),
        ..Snapshot::default()
    })
}

fn carried(partition: i32, batch: ottla_wire::record::Batch) -> Carried {
    let stamp = ProducerStamp {
        producer_id: batch.producer_id(),
        producer_epoch: batch.producer_epoch(),
        base_sequence: batch.base_sequence(),
        is_transactional: batch.is_transactional(),
    };
    let size_bytes = batch.size_bytes();
    let batch = batch.decompress(&Limits::default()).unwrap();
    let places = batch.records().unwrap().map(|record| record.unwrap().timestamp as u32).collect();
    Carried { partition, size_bytes, stamp, places }
}

impl Producer {
    fn new(config: Config, id: TopicId, leaders: &[Option<BrokerId>]) -> Self {
        let now = Instant::now();
        let mut sender = Sender::new(config.clone(), snapshot(id, leaders), 7);
        Self {
            start: now,
            now,
            topic: sender.add_topic(EVENTS.into()),
            versions: [(ApiKey::Produce, VersionRange::new(0, 13))].into_iter().collect(),
            id,
            leaders: leaders.to_vec(),
            accumulators: Accumulators::default(),
            sender,
            sent: BTreeMap::new(),
            sent_at: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            ended: BTreeMap::new(),
            offsets: BTreeMap::new(),
            grant: Some(Ok(PRODUCER)),
            ids_wanted: 0,
            refreshes: 0,
            woken: BTreeSet::new(),
            jobs: Vec::new(),
            batch_bytes_max: config.batch_bytes_max,
            config,
        }
    }

    fn send(&mut self, partition: i32, value_bytes: usize) -> Sent {
        self.send_value(partition, &vec![b'v'; value_bytes])
    }

    fn send_value(&mut self, partition: i32, value: &[u8]) -> Sent {
        let place = self.sent.get(&partition).copied().unwrap_or_default();
        let record = NewRecord::new(i64::from(place), None, Some(value));
        let accumulator = self.accumulators.0.entry(partition).or_default();
        let closed = accumulator.make_room(record.size_bytes_max(), self.batch_bytes_max);
        let appended = accumulator.append(self.now, &record, || None, Deliveries::default).unwrap();
        let place = self.sent.entry(partition).or_default();
        let sent = (partition, *place);
        *place += 1;
        self.sent_at.insert(sent, self.now - self.start);
        assert_eq!(appended.index as usize, appended.deliveries.borrow().len());
        appended.deliveries.borrow_mut().push(sent);
        if closed || appended.opened {
            let key = PartitionKey { topic: self.topic, partition };
            self.sender.handle_appended(self.now, key, &mut self.accumulators);
        }
        self.learn();
        sent
    }

    /// Takes what the sender has to say; a record that ends twice fails the test.
    fn learn(&mut self) {
        while let Some(event) = self.sender.poll_event() {
            match event {
                // What it counts is held against the mock cluster, where it is told.
                Event::Sent { .. } => {}
                Event::Work { broker } => {
                    self.woken.insert(broker);
                }
                Event::ProducerIdWanted => {
                    self.ids_wanted += 1;
                    if let Some(grant) = self.grant.clone() {
                        self.sender.handle_producer_id(self.now, grant, &mut self.accumulators);
                    }
                }
                Event::RefreshMetadata { topic } => {
                    assert_eq!(&*topic, EVENTS);
                    self.refreshes += 1;
                }
                Event::BatchBytesMax { topic, bytes } => {
                    assert_eq!(topic, self.topic);
                    self.batch_bytes_max = bytes;
                }
                Event::Ended { deliveries, part, outcome } => {
                    assert_eq!(part.of as usize, deliveries.borrow().len());
                    let records = part.records.start as usize..part.records.end as usize;
                    for (index, sent) in (0..).zip(&deliveries.borrow()[records]) {
                        if let Outcome::Delivered { base_offset, .. } = outcome {
                            self.offsets.insert(*sent, base_offset + index);
                        }
                        let first = self.ended.insert(*sent, (self.now - self.start, outcome.clone()));
                        assert!(first.is_none(), "{sent:?} ended twice");
                    }
                }
            }
        }
    }

    /// The next request to `broker`; more batches of one partition in flight than may be fail the test.
    fn poll(&mut self, broker: BrokerId) -> Option<RequestId> {
        let request = self.sender.poll_request(self.now, broker, &self.versions, &mut self.accumulators);
        self.learn();
        let Outgoing { id, version, body, .. } = request?;
        let decoded: message::ProduceRequest = codec::decode_request(version, body.to_bytes()).unwrap();
        let (mut partitions, mut batches) = (Vec::new(), Vec::new());
        for topic in &decoded.topic_data {
            assert!(if version >= 13 {
                TopicId::from(topic.topic_id) == self.id
            } else {
                topic.name.as_str() == EVENTS
            });
            for partition in &topic.partition_data {
                let mut records: Bytes = partition.records.clone().unwrap();
                let batch = next_batch(&mut records).unwrap().unwrap();
                assert!(records.is_empty() && batch.size_bytes() <= self.config.batch_bytes_max);
                assert_eq!(self.leaders[partition.index as usize], Some(broker), "a batch for another's partition");
                partitions.push((partition.index, batch.record_count()));
                batches.push(carried(partition.index, batch));
            }
        }
        let slots = if self.config.idempotence { self.config.in_flight_per_partition() } else { 1 };
        for (index, _) in &partitions {
            let flying = self.in_flight.values().flat_map(|arrived| &arrived.partitions);
            assert!(flying.filter(|(flying, _)| flying == index).count() < slots, "too many batches in flight");
        }
        self.in_flight.insert(id, Arrived { id, version, broker, partitions, batches });
        Some(id)
    }

    /// Takes the jobs that there are.
    fn take_jobs(&mut self) -> usize {
        while let Some(job) = self.sender.poll_compress(self.now, &mut self.accumulators) {
            self.jobs.push(job);
        }
        self.learn();
        assert!(self.jobs.len() <= self.config.compressions_max);
        self.jobs.len()
    }

    /// Ends one job that was taken.
    fn end_job(&mut self, which: usize) {
        let (ticket, job) = self.jobs.remove(which);
        let done = job.run(&mut self.config.compressor().unwrap());
        self.sender.handle_compressed(self.now, ticket, done.result, &mut self.accumulators);
        self.learn();
    }

    fn answer(&mut self, id: RequestId, answer: impl Fn(i32) -> (ErrorCode, i64)) {
        let Arrived { version, partitions, .. } = self.in_flight.remove(&id).unwrap();
        let partition = |(index, _): &(i32, i32)| {
            let (code, offset) = answer(*index);
            PartitionProduceResponse::default().with_index(*index).with_error_code(code.0).with_base_offset(offset)
        };
        let topic = TopicProduceResponse::default()
            .with_name(if version < 13 { StrBytes::from_static_str(EVENTS) } else { StrBytes::default() }.into())
            .with_topic_id(if version < 13 { TopicId::ZERO } else { self.id }.into())
            .with_partition_responses(partitions.iter().map(partition).collect());
        let response = message::ProduceResponse::default().with_responses(vec![topic]);
        let body = codec::encode_response::<message::ProduceRequest>(version, &response).unwrap();
        self.end(id, Ok(Answer { api: ApiKey::Produce, version, body }));
    }

    fn lose(&mut self, id: RequestId, written: bool) {
        let arrived = self.in_flight.remove(&id).unwrap();
        let (api, reason) = (ApiKey::Produce, Disconnected::ByPeer);
        let lost =
            if written { RequestError::OutcomeUnknown { api, reason } } else { RequestError::NotSent { api, reason } };
        self.end(arrived.id, Err(lost));
    }

    fn end(&mut self, id: RequestId, result: Result<Answer, RequestError>) {
        self.sender.handle_answer(self.now, id, result, &mut self.accumulators);
        self.learn();
    }

    /// Lets time pass, stopping wherever the sender asked to be.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.sender.poll_timeout().filter(|at| *at <= end) {
            assert!(at >= self.now, "a timer in the past");
            self.now = at;
            self.sender.handle_timeout(self.now, &mut self.accumulators);
            self.learn();
            assert!(self.sender.poll_timeout().is_none_or(|next| next > at), "the same timer twice");
        }
        self.now = end;
    }

    fn lead(&mut self, leaders: &[Option<BrokerId>]) {
        self.leaders = leaders.to_vec();
        self.sender.handle_metadata(self.now, snapshot(self.id, leaders), &mut self.accumulators);
        self.learn();
    }

    fn flush(&mut self) {
        self.sender.handle_flush(self.now, &mut self.accumulators);
        self.learn();
    }

    fn outcome(&self, sent: Sent) -> Option<&Outcome> {
        self.ended.get(&sent).map(|(_, outcome)| outcome)
    }

    fn partitions(&self, id: RequestId) -> &[(i32, i32)] {
        &self.in_flight[&id].partitions
    }
}

const PRODUCER: ProducerId = ProducerId { id: 9, epoch: 0 };
const KNOWN_ID: TopicId = TopicId([5; 16]);
const OK: fn(i32) -> (ErrorCode, i64) = |_| (ErrorCode::NONE, 40);

fn producer(leaders: &[Option<BrokerId>]) -> Producer {
    Producer::new(Config::default(), KNOWN_ID, leaders)
}

#[test]
fn records_of_one_linger_go_out_in_one_batch_when_it_is_over() {
    let mut producer = producer(&[Some(ONE)]);
    let records = [(); 3].map(|()| producer.send(0, 10));
    assert_eq!((producer.poll(ONE), producer.woken.len()), (None, 0));
    producer.wait(Duration::from_millis(5));
    assert!(producer.woken.contains(&ONE) && producer.sender.has_work(ONE));
    let id = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(id), [(0, 3)]);
    producer.answer(id, OK);
    for record in records {
        assert!(matches!(
            producer.outcome(record),
            Some(Outcome::Delivered { base_offset: 40, log_append_time: None })
        ));
    }
    assert_eq!(producer.sender.poll_timeout(), None);
    assert!(!producer.sender.has_work(ONE));
}

#[test]
fn a_flush_sends_at_once_what_was_appended_before_it() {
    let mut producer = producer(&[Some(ONE), Some(ONE)]);
    producer.send(0, 10);
    producer.flush();
    producer.now += Duration::from_millis(1);
    producer.send(1, 10);
    let id = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(id), [(0, 1)]);
    assert_eq!(producer.poll(ONE), None);
}

#[test]
fn a_full_batch_does_not_linger_and_the_next_one_grows_while_it_is_in_flight() {
    let config = Config { batch_bytes_max: 1000, ..Config::default() };
    let mut producer = Producer::new(config, KNOWN_ID, &[Some(ONE)]);
    for _ in 0..3 {
        producer.send(0, 400);
    }
    let first = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(first), [(0, 2)]);
    producer.wait(Duration::from_secs(1));
    assert_eq!(producer.poll(ONE), None);
    producer.send(0, 400);
    producer.answer(first, OK);
    let second = producer.poll(ONE).unwrap();
    assert_eq!(producer.partitions(second), [(0, 2)]);
}

#[test]
fn one_request_carries_the_partitions_of_its_broker_up_to_its_bound_and_requests_overlap() {
    let config = Config { batch_bytes_max: 1000, request_bytes_max: 2000, ..Config::default() };
    let mut producer = Producer::new(config, KNOWN_ID, &[Some(ONE), Some(TWO), Some(ONE), Some(ONE)]);
    for partition in 0..4 {
        producer.send(partition, 900);
    }
    producer.flush();
    let [first, second, other] = [ONE, ONE, TWO].map(|broker| producer.poll(broker).unwrap());
    assert_eq!(producer.partitions(first), [(0, 1), (2, 1)]);
    assert_eq!(producer.partitions(second), [(3, 1)]);
    assert_eq!(producer.partitions(other), [(1, 1)]);
    for id in [second, other, first] {
        producer.answer(id, OK);
    }
    assert_eq!(producer.ended.len(), 4);
}

#[test]
fn a_topic_without_an_id_is_named_in_the_last_version_that_has_names() {
    for (id, version) in [(TopicId::ZERO, 12), (KNOWN_ID, 13)] {
        let mut producer = Producer::new(Config::default(), id, &[Some(ONE)]);
        let record = producer.send(0, 1);
        producer.flush();
        let request = producer.poll(ONE).unwrap();
        assert_eq!(producer.in_flight[&request].version, version);
        producer.answer(request, OK);
        assert!(matches!(producer.outcome(record), Some(Outcome::Delivered { .. })));
    }
}

#[test]
fn a_broker_without_a_version_that_can_be_coded_ends_the_batch_unsent() {
    let mut producer = producer(&[Some(ONE)]);
    producer.versions = [(ApiKey::Produce, VersionRange::new(0, 2))].into_iter().collect();
    let record = producer.send(0, 1);
    producer.flush();
    assert_eq!(producer.poll(ONE), None);
    let outcome = producer.outcome(record);
    let Some(Outcome::NotSent { cause: Some(DeliveryCause::Request(RequestError::Unsupported { .. })) }) = outcome
    else {
        panic!("{outcome:?}")
    };
}

#[test]
fn a_moved_leader_is_looked_up_and_the_batch_goes_to_the_new_one_before_the_next_batch() {
    let mut producer = producer(&[Some(ONE)]);
    let first = producer.send(0, 1);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    producer.now += Duration::from_millis(1);
    let second = producer.send(0, 2);
    producer.answer(id, |_| (ErrorCode::NOT_LEADER_OR_FOLLOWER, -1));
    assert_eq!(producer.refreshes, 1);
    producer.lead(&[Some(TWO)]);
    assert_eq!(producer.poll(TWO), None, "before its backoff");
    producer.wait(producer.config.retry_backoff.initial);
    assert_eq!(producer.poll(ONE), None);
    let again = producer.poll(TWO).unwrap();
    producer.answer(again, OK);
    assert!(matches!(producer.outcome(first), Some(Outcome::Delivered { .. })));
    assert!(producer.outcome(second).is_none());
    let next = producer.poll(TWO).unwrap();
    producer.answer(next, OK);
    assert!(matches!(producer.outcome(second), Some(Outcome::Delivered { .. })));
}

#[test]
fn a_batch_that_is_too_large_is_refused_with_its_size() {
    let mut producer = producer(&[Some(ONE)]);
    let record = producer.send(0, 500);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    producer.answer(id, |_| (ErrorCode::MESSAGE_TOO_LARGE, -1));
    let Some(Outcome::Refused { code: ErrorCode::MESSAGE_TOO_LARGE, batch_bytes: 561..600, .. }) =
        producer.outcome(record)
    else {
        panic!("{:?}", producer.outcome(record))
    };
}

#[test]
fn a_refusal_after_a_lost_answer_leaves_the_outcome_unknown() {
    let mut producer = producer(&[Some(ONE)]);
    let record = producer.send(0, 1);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    producer.lose(id, true);
    producer.wait(Duration::from_secs(1));
    let again = producer.poll(ONE).unwrap();
    producer.answer(again, |_| (ErrorCode::TOPIC_AUTHORIZATION_FAILED, -1));
    let Some(Outcome::OutcomeUnknown { cause: Some(DeliveryCause::Code(ErrorCode::TOPIC_AUTHORIZATION_FAILED)) }) =
        producer.outcome(record)
    else {
        panic!("{:?}", producer.outcome(record))
    };
}

#[test]
fn an_answer_that_leaves_a_partition_out_ends_it_with_an_unknown_outcome() {
    let mut producer = producer(&[Some(ONE)]);
    let record = producer.send(0, 1);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    producer.in_flight.get_mut(&id).unwrap().partitions.clear();
    producer.answer(id, OK);
    assert!(matches!(
        producer.outcome(record),
        Some(Outcome::OutcomeUnknown { cause: Some(DeliveryCause::Unanswered) })
    ));
}

#[test]
fn an_unreachable_leader_costs_each_record_at_its_own_deadline_and_says_why() {
    let mut producer = producer(&[Some(ONE)]);
    let first = producer.send(0, 1);
    producer.flush();
    producer.sender.handle_unreachable(ONE, &(Arc::new(std::io::Error::other("refused")) as Arc<_>));
    producer.learn();
    assert_eq!(producer.refreshes, 1);
    producer.wait(Duration::from_secs(130));
    let (at, outcome) = &producer.ended[&first];
    assert_eq!(*at, Duration::from_secs(120));
    assert!(matches!(outcome, Outcome::NotSent { cause: Some(DeliveryCause::Unreachable(_)) }), "{outcome:?}");
    assert_eq!((producer.sender.poll_timeout(), producer.sender.has_work(ONE)), (None, false));
}

#[test]
fn a_partition_without_a_leader_is_looked_up_again_and_again_until_it_has_one() {
    let mut producer = producer(&[None]);
    let record = producer.send(0, 1);
    producer.flush();
    producer.wait(Duration::from_secs(3));
    assert!((4..=9).contains(&producer.refreshes), "{}", producer.refreshes);
    producer.lead(&[Some(TWO)]);
    let id = producer.poll(TWO).unwrap();
    producer.answer(id, OK);
    assert!(matches!(producer.outcome(record), Some(Outcome::Delivered { .. })));
}

#[test]
fn a_batch_whose_answer_does_not_come_by_its_deadline_is_unknown_and_holds_the_next_one_back() {
    let config = Config { delivery_timeout: Duration::from_secs(10), ..Config::default() };
    let mut producer = Producer::new(config, KNOWN_ID, &[Some(ONE)]);
    let first = producer.send(0, 1);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    producer.wait(Duration::from_secs(9));
    let second = producer.send(0, 1);
    producer.wait(Duration::from_secs(2));
    assert!(matches!(producer.outcome(first), Some(Outcome::OutcomeUnknown { cause: None })));
    assert_eq!(producer.poll(ONE), None);
    producer.answer(id, OK);
    let next = producer.poll(ONE).unwrap();
    producer.answer(next, OK);
    assert!(matches!(producer.outcome(second), Some(Outcome::Delivered { .. })));
}

#[test]
fn a_close_ends_everything_and_what_comes_after_it() {
    let mut producer = producer(&[Some(ONE), Some(ONE)]);
    let flying = producer.send(0, 1);
    producer.flush();
    let id = producer.poll(ONE).unwrap();
    let waiting = producer.send(1, 1);
    producer.sender.handle_close(producer.now, &mut producer.accumulators);
    producer.learn();
    assert!(matches!(producer.outcome(flying), Some(Outcome::OutcomeUnknown { cause: Some(DeliveryCause::Closed) })));
    assert!(matches!(producer.outcome(waiting), Some(Outcome::NotSent { cause: Some(DeliveryCause::Closed) })));
    let late = producer.send(1, 1);
    assert!(matches!(producer.outcome(late), Some(Outcome::NotSent { cause: Some(DeliveryCause::Closed) })));
    producer.answer(id, OK);
    assert_eq!((producer.ended.len(), producer.sender.poll_timeout()), (3, None));
}

#[test]
fn idle_partitions_are_not_held() {
    let leaders: Vec<_> = (0..100).map(|_| Some(ONE)).collect();
    let mut producer = producer(&leaders);
    for partition in 0..100 {
        producer.send(partition, 1);
    }
    producer.flush();
    while let Some(id) = producer.poll(ONE) {
        producer.answer(id, OK);
    }
    let Sender { lanes, timers, queues, requests, .. } = &producer.sender;
    assert_eq!((lanes.len(), timers.len(), queues.len(), requests.len()), (0, 0, 0, 0));
    assert_eq!(producer.ended.len(), 100);
}

#[test]
fn a_record_that_has_no_place_in_the_open_batch_opens_another_and_the_one_before_it_goes_first() {
    let mut partition = Partition::default();
    let now = Instant::now();
    let far_apart = [i64::MIN, i64::MAX].map(|timestamp| NewRecord::new(timestamp, None, None));
    for (number, record) in far_apart.iter().enumerate() {
        let appended = partition.append(now, record, || None, || number).unwrap();
        assert_eq!((appended.index, appended.deliveries, appended.opened), (0, number, true));
    }
    assert_eq!(partition.waiting(), Some(Waiting { opened_at: now, is_closed: true }));
    let taken: Vec<_> =
        std::iter::from_fn(|| partition.take()).map(|batch| (batch.deliveries, batch.record_count())).collect();
    assert_eq!(taken, [(0, 1), (1, 1)]);
    assert_eq!(partition.waiting(), None);
}

/// What may happen to a producer.
#[derive(Clone, Debug)]
enum Step {
    Send { partition: i32, value_bytes: usize },
    Poll(BrokerId),
    Answer { which: usize, code: ErrorCode },
    Lose { which: usize, written: bool },
    Wait(Duration),
    Lead(Vec<Option<BrokerId>>),
    Flush,
    Unreachable(BrokerId),
    TakeJobs,
    EndJob { which: usize },
}

const PARTITIONS: i32 = 3;

fn step() -> impl Strategy<Value = Step> {
    let broker = prop_oneof![Just(ONE), Just(TWO)];
    let leader = prop::option::weighted(0.8, broker.clone());
    let code = prop::sample::select(vec![
        ErrorCode::NONE,
        ErrorCode::NONE,
        ErrorCode::NONE,
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::NOT_ENOUGH_REPLICAS,
        ErrorCode::REQUEST_TIMED_OUT,
        ErrorCode::MESSAGE_TOO_LARGE,
    ]);
    prop_oneof![
        6 => (0..PARTITIONS, 0_usize..300).prop_map(|(partition, value_bytes)| Step::Send { partition, value_bytes }),
        6 => broker.clone().prop_map(Step::Poll),
        4 => (any::<usize>(), code).prop_map(|(which, code)| Step::Answer { which, code }),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(which, written)| Step::Lose { which, written }),
        3 => (1_u64..3000).prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        1 => prop::collection::vec(leader, PARTITIONS as usize).prop_map(Step::Lead),
        1 => Just(Step::Flush),
        1 => broker.prop_map(Step::Unreachable),
        3 => Just(Step::TakeJobs),
        3 => any::<usize>().prop_map(|which| Step::EndJob { which }),
    ]
}

/// A producer, and the logs that its brokers would have.
struct World {
    producer: Producer,
    next_offset: i64,
}

impl World {
    fn take(&mut self, step: Step) {
        let producer = &mut self.producer;
        let nth = |which: usize| producer.in_flight.keys().nth(which % producer.in_flight.len().max(1)).copied();
        match step {
            Step::Send { partition, value_bytes } => {
                producer.send(partition, value_bytes);
            }
            Step::Poll(broker) => {
                producer.poll(broker);
            }
            Step::Answer { which, code } => {
                if let Some(id) = nth(which) {
                    let offset = self.next_offset;
                    self.next_offset += 1000;
                    producer.answer(id, |_| (code, offset));
                }
            }
            Step::Lose { which, written } => {
                if let Some(id) = nth(which) {
                    producer.lose(id, written);
                }
            }
            Step::Wait(time) => producer.wait(time),
            Step::Lead(leaders) => producer.lead(&leaders),
            Step::Flush => producer.flush(),
            Step::TakeJobs => {
                producer.take_jobs();
            }
            Step::EndJob { which } => {
                if !producer.jobs.is_empty() {
                    producer.end_job(which % producer.jobs.len());
                }
            }
            Step::Unreachable(broker) => {
                producer.sender.handle_unreachable(broker, &(Arc::new(std::io::Error::other("down")) as Arc<_>));
                producer.learn();
            }
        }
    }
}

proptest! {
    #[test]
    fn each_record_ends_once_by_its_deadline_and_those_delivered_keep_their_order(
        steps in prop::collection::vec(step(), 0..150), has_id: bool, compression in prop::sample::select(&Compression::ALL[..]),
    ) {
        let delivery_timeout = Duration::from_secs(10);
        let config = Config {
            idempotence: false, batch_bytes_max: 600, request_bytes_max: 1200, delivery_timeout, compression, compressions_max: 2,
            ..Config::default()
        };
        let id = if has_id { KNOWN_ID } else { TopicId::ZERO };
        let producer = Producer::new(config, id, &[Some(ONE), Some(TWO), None]);
        let mut world = World { producer, next_offset: 0 };
        let mut sent_at = BTreeMap::new();
        for step in steps {
            let at = world.producer.now - world.producer.start;
            if let Step::Send { partition, .. } = step {
                sent_at.insert((partition, world.producer.sent.get(&partition).copied().unwrap_or_default()), at);
            }
            world.take(step);
        }
        let Producer { mut now, .. } = world.producer;
        now += delivery_timeout;
        world.producer.wait(delivery_timeout);
        prop_assert_eq!(now, world.producer.now);
        let mut last: BTreeMap<i32, i64> = BTreeMap::new();
        for (sent, at) in sent_at {
            let Some((ended_at, outcome)) = world.producer.ended.get(&sent) else {
                return Err(TestCaseError::fail(format!("{sent:?} has not ended")));
            };
            prop_assert!(*ended_at <= at + delivery_timeout, "{:?} ended late", sent);
            if let Outcome::Delivered { base_offset, .. } = outcome {
                let before = last.insert(sent.0, *base_offset);
                prop_assert!(before.is_none_or(|before| before <= *base_offset), "{:?} overtook another", sent);
            }
        }
        // What has no end left but the requests that nobody answered holds no timer.
        prop_assert_eq!(world.producer.sender.poll_timeout(), None);
    }

    #[test]
    fn with_brokers_that_are_there_every_record_is_delivered(
        sends in prop::collection::vec((0..PARTITIONS, 0_usize..300), 1..80), losses in prop::collection::vec(any::<bool>(), 0..10),
        compression in prop::sample::select(&Compression::ALL[..]),
    ) {
        let config = Config { batch_bytes_max: 600, request_bytes_max: 1200, compression, ..Config::default() };
        let mut producer = Producer::new(config, KNOWN_ID, &[Some(ONE), Some(TWO), Some(ONE)]);
        for (partition, value_bytes) in &sends {
            producer.send(*partition, *value_bytes);
        }
        producer.flush();
        let mut losses = losses.into_iter();
        let mut offset = 0;
        while producer.ended.len() < sends.len() {
            while producer.take_jobs() > 0 {
                producer.end_job(0);
            }
            for broker in [ONE, TWO] {
                if let Some(id) = producer.poll(broker) {
                    offset += 1000;
                    match losses.next() {
                        Some(written) => producer.lose(id, written),
                        None => producer.answer(id, |_| (ErrorCode::NONE, offset)),
                    }
                }
            }
            producer.wait(Duration::from_millis(100));
            prop_assert!(producer.now - producer.start < Duration::from_secs(110));
        }
        let mut outcomes = producer.ended.values().map(|(_, outcome)| outcome);
        let lost = outcomes.find(|outcome| !matches!(outcome, Outcome::Delivered { .. }));
        prop_assert!(lost.is_none(), "{:?}", lost);
    }
}
