//! Random faults against leaders that check numbers as Kafka's do: each record is in the log at most once, and in the order of `send`.

use std::collections::VecDeque;

use super::*;

/// The log of a partition, which all of its leaders share, and what they know of the producer.
#[derive(Default)]
struct Log {
    places: Vec<u32>,
    state: Option<State>,
}

/// The last batches of the producer's epoch.
struct State {
    epoch: i16,
    /// The first and the last number of each, and its base offset.
    batches: VecDeque<(i32, i32, i64)>,
}

impl Log {
    /// What a leader does with a batch (`ProducerStateManager` of Kafka 4.4).
    fn append(&mut self, batch: &Carried) -> Result<i64, ErrorCode> {
        let ProducerStamp { producer_epoch: epoch, base_sequence: first, .. } = batch.stamp;
        let last = first + batch.places.len() as i32 - 1;
        match &self.state {
            Some(state) if epoch < state.epoch => return Err(ErrorCode::INVALID_PRODUCER_EPOCH),
            Some(state) if epoch > state.epoch && first != 0 => return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
            Some(state) if epoch == state.epoch => {
                if let Some((.., offset)) = state.batches.iter().find(|known| (known.0, known.1) == (first, last)) {
                    return Ok(*offset);
                }
                if state.batches.back().is_some_and(|(_, before, _)| before + 1 != first) {
                    return Err(ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
                }
            }
            // One that knows nothing of a producer takes any number.
            None | Some(_) => {}
        }
        let offset = self.places.len() as i64;
        self.places.extend(&batch.places);
        if self.state.as_ref().is_none_or(|state| state.epoch != epoch) {
            self.state = Some(State { epoch, batches: VecDeque::new() });
        }
        let batches = &mut self.state.as_mut().unwrap().batches;
        batches.push_back((first, last, offset));
        if batches.len() > 5 {
            batches.pop_front();
        }
        Ok(offset)
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send {
        partition: i32,
        value_bytes: usize,
    },
    Poll(BrokerId),
    /// The oldest request to the broker is answered; this befalls its first batch.
    Answer(BrokerId, Mishap),
    /// The connection to the broker is cut, when so many of its requests have reached the log. The others get there later, or never.
    Cut {
        broker: BrokerId,
        reached: usize,
        late: bool,
    },
    /// A request of a connection that was cut reaches the log.
    Late,
    Wait(Duration),
    Lead(Vec<Option<BrokerId>>),
    Flush,
    Jobs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    None,
    /// Refused before it is appended.
    Before(ErrorCode),
    /// Appended, and refused then.
    After(ErrorCode),
}

const PARTITIONS: i32 = 2;

fn step() -> impl Strategy<Value = Step> {
    let broker = prop_oneof![Just(ONE), Just(TWO)];
    let mishap = prop_oneof![
        8 => Just(Mishap::None),
        2 => prop::sample::select(vec![ErrorCode::NOT_ENOUGH_REPLICAS, ErrorCode::NOT_LEADER_OR_FOLLOWER, ErrorCode::MESSAGE_TOO_LARGE])
            .prop_map(Mishap::Before),
        1 => prop::sample::select(vec![ErrorCode::REQUEST_TIMED_OUT, ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND])
            .prop_map(Mishap::After),
    ];
    let leaders = prop::collection::vec(prop::option::weighted(0.9, broker.clone()), PARTITIONS as usize);
    prop_oneof![
        8 => (0..PARTITIONS, 0_usize..300).prop_map(|(partition, value_bytes)| Step::Send { partition, value_bytes }),
        4 => Just(Step::Flush),
        10 => broker.clone().prop_map(Step::Poll),
        6 => (broker.clone(), mishap).prop_map(|(broker, mishap)| Step::Answer(broker, mishap)),
        2 => (broker, 0_usize..4, any::<bool>())
            .prop_map(|(broker, reached, late)| Step::Cut { broker, reached, late }),
        2 => Just(Step::Late),
        4 => (1_u64..1500).prop_map(|millis| Step::Wait(Duration::from_millis(millis))),
        1 => leaders.prop_map(Step::Lead),
        3 => Just(Step::Jobs),
    ]
}

struct World {
    producer: Producer,
    logs: BTreeMap<i32, Log>,
    late: VecDeque<Carried>,
    /// The most bytes of a batch that the leaders take.
    batch_bytes_max: usize,
}

impl World {
    fn take(&mut self, step: Step) {
        match step {
            Step::Send { partition, value_bytes } => {
                self.producer.send(partition, value_bytes);
            }
            Step::Poll(broker) => {
                self.producer.poll(broker);
            }
            Step::Answer(broker, mishap) => {
                if let Some(id) = self.requests(broker).first() {
                    self.answer(*id, mishap);
                }
            }
            Step::Cut { broker, reached, late } => self.cut(broker, reached, late),
            Step::Late => {
                if let Some(batch) = self.late.pop_front() {
                    // Nobody hears what the leader says to it.
                    let _ = self.logs.entry(batch.partition).or_default().append(&batch);
                }
            }
            Step::Wait(time) => self.producer.wait(time),
            Step::Lead(leaders) => self.producer.lead(&leaders),
            Step::Flush => self.producer.flush(),
            Step::Jobs => self.jobs(),
        }
    }

    fn jobs(&mut self) {
        while self.producer.take_jobs() > 0 {
            self.producer.end_job(0);
        }
    }

    /// The requests to a broker, oldest first: it answers them in this order.
    fn requests(&self, broker: BrokerId) -> Vec<RequestId> {
        let arrived = self.producer.in_flight.values().filter(|arrived| arrived.broker == broker);
        arrived.map(|arrived| arrived.id).collect()
    }

    fn answer(&mut self, id: RequestId, mishap: Mishap) {
        let arrived = &self.producer.in_flight[&id];
        let broker = arrived.broker;
        let mut answers = BTreeMap::new();
        for (index, batch) in arrived.batches.iter().enumerate() {
            let mishap = if index == 0 { mishap } else { Mishap::None };
            let log = self.logs.entry(batch.partition).or_default();
            let answer = match mishap {
                _ if self.producer.leaders[batch.partition as usize] != Some(broker) => {
                    Err(ErrorCode::NOT_LEADER_OR_FOLLOWER)
                }
                _ if batch.size_bytes > self.batch_bytes_max => Err(ErrorCode::MESSAGE_TOO_LARGE),
                Mishap::Before(code) => Err(code),
                Mishap::After(code) => log.append(batch).and(Err(code)),
                Mishap::None => log.append(batch),
            };
            answers.insert(batch.partition, answer);
        }
        self.producer.answer(id, |partition| match answers[&partition] {
            Ok(offset) => (ErrorCode::NONE, offset),
            Err(code) => (code, -1),
        });
    }

    fn cut(&mut self, broker: BrokerId, reached: usize, late: bool) {
        for (index, id) in self.requests(broker).into_iter().enumerate() {
            for batch in self.producer.in_flight[&id].batches.clone() {
                if self.producer.leaders[batch.partition as usize] != Some(broker) {
                    continue;
                }
                if batch.size_bytes > self.batch_bytes_max {
                    continue;
                }
                if index < reached {
                    let _ = self.logs.entry(batch.partition).or_default().append(&batch);
                } else if late {
                    self.late.push_back(batch);
                }
            }
            self.producer.lose(id, true);
        }
    }

    /// Lets all be well until every record has ended.
    fn heal(&mut self) {
        self.producer.lead(&[Some(ONE), Some(TWO)]);
        for _ in 0..200 {
            self.producer.flush();
            self.jobs();
            for broker in [ONE, TWO] {
                while self.producer.poll(broker).is_some() {}
                for id in self.requests(broker) {
                    self.answer(id, Mishap::None);
                }
            }
            self.producer.wait(Duration::from_millis(100));
        }
        while !self.late.is_empty() {
            self.take(Step::Late);
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for (partition, log) in &self.logs {
            prop_assert!(log.places.is_sorted_by(|one, next| one < next), "partition {}: {:?}", partition, log.places);
        }
        for (sent, (ended_at, outcome)) in &self.producer.ended {
            let (partition, place) = sent;
            let deadline = self.producer.sent_at[sent] + self.producer.config.delivery_timeout;
            prop_assert!(
                *ended_at <= deadline,
                "{:?} ended at {:?}, after {:?}: {:?}",
                sent,
                ended_at,
                deadline,
                outcome
            );
            let offset = self.logs.get(partition).and_then(|log| log.places.iter().position(|there| there == place));
            let offset = offset.map(|offset| offset as i64);
            match outcome {
                Outcome::Delivered { .. } => {
                    prop_assert_eq!(offset, self.producer.offsets.get(sent).copied(), "{:?}", sent);
                }
                Outcome::NotSent { .. } | Outcome::Refused { .. } => {
                    prop_assert_eq!(offset, None, "{:?} ended as {:?}", sent, outcome);
                }
                Outcome::OutcomeUnknown { .. } => {}
            }
        }
        for (partition, count) in &self.producer.sent {
            for place in 0..*count {
                prop_assert!(self.producer.ended.contains_key(&(*partition, place)), "{partition}-{place} has no end");
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_a_record_is_in_the_log_at_most_once_in_order_and_where_it_is_said_to_be(
        steps in prop::collection::vec(step(), 0..120), compression in prop::sample::select(&[Compression::None, Compression::Lz4][..]),
        max_bytes in prop::sample::select(&[400, 200, 120][..]),
    ) {
        let config = Config {
            batch_bytes_max: 400, delivery_timeout: Duration::from_secs(5), compression, ..Config::default()
        };
        let producer = Producer::new(config, KNOWN_ID, &[Some(ONE), Some(TWO)]);
        let mut world = World { producer, logs: BTreeMap::new(), late: VecDeque::new(), batch_bytes_max: max_bytes };
        for step in steps {
            world.take(step);
        }
        world.heal();
        world.check()?;
    }
}
