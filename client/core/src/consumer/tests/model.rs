//! Random logs, random answers, random moves: each record is handed out once and in order, and nothing else is.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use ottla_wire::{BrokerId, ErrorCode};
use proptest::prelude::*;
use proptest::sample::Index;

use super::cluster::{Asked, Bench, at, led_by, offsets};
use super::log::{Kind, batch};
use crate::consumer::{Config, Start};

const PARTITIONS: i32 = 3;
const BROKERS: i32 = 2;

/// The log of one partition.
#[derive(Clone, Debug)]
struct Log {
    /// Each batch with its first offset, and the offset after it.
    batches: Vec<(i64, i64, Bytes)>,
    records: Vec<i64>,
}

fn log() -> impl Strategy<Value = Log> {
    let kind = prop_oneof![
        6 => Just(Kind::Plain),
        2 => (1..4).prop_map(Kind::Compacted),
        1 => Just(Kind::Emptied),
        1 => Just(Kind::Control),
    ];
    // Whole batches that compaction took away leave gaps.
    prop::collection::vec((1_u32..6, kind, prop_oneof![3 => Just(0_i64), 1 => 1_i64..5]), 1..12).prop_map(|rows| {
        let (mut batches, mut records, mut next) = (Vec::new(), Vec::new(), 0);
        for (count, kind, gap) in rows {
            let base = next + gap;
            next = base + i64::from(count) + if let Kind::Compacted(more) = kind { i64::from(more) } else { 0 };
            batches.push((base, next, batch(base, count, kind)));
            if matches!(kind, Kind::Plain | Kind::Compacted(_)) {
                records.extend(base..base + i64::from(count));
            }
        }
        Log { batches, records }
    })
}

impl Log {
    fn end(&self) -> i64 {
        self.batches.last().unwrap().1
    }

    /// Batches from the one with `offset` on: the first whole, and after it no more than `budget` bytes, the last of which may be cut.
    fn read(&self, offset: i64, budget: usize) -> Bytes {
        let mut bytes = BytesMut::new();
        for (_, _, batch) in self.batches.iter().filter(|(_, next, _)| *next > offset) {
            let room = if bytes.is_empty() { batch.len() } else { budget.saturating_sub(bytes.len()).min(batch.len()) };
            bytes.extend_from_slice(&batch[..room]);
        }
        bytes.freeze()
    }
}

#[derive(Clone, Debug)]
enum Step {
    Send(i32),
    Answer { broker: i32, budget: usize, whole_error: bool },
    Refuse { broker: i32, code: ErrorCode },
    Cut(i32),
    HandOut,
    Pass(u64),
    Move(Vec<i32>),
    Seek(i32, Index),
}

fn step() -> impl Strategy<Value = Step> {
    let code = prop::sample::select(vec![
        ErrorCode::NOT_LEADER_OR_FOLLOWER,
        ErrorCode::FENCED_LEADER_EPOCH,
        ErrorCode::UNKNOWN_LEADER_EPOCH,
        ErrorCode::OFFSET_NOT_AVAILABLE,
        ErrorCode::KAFKA_STORAGE_ERROR,
    ]);
    prop_oneof![
        6 => (0..BROKERS).prop_map(Step::Send),
        6 => (0..BROKERS, 0_usize..600, prop::bool::weighted(0.1))
            .prop_map(|(broker, budget, whole_error)| Step::Answer { broker, budget, whole_error }),
        1 => (0..BROKERS, code).prop_map(|(broker, code)| Step::Refuse { broker, code }),
        1 => (0..BROKERS).prop_map(Step::Cut),
        8 => Just(Step::HandOut),
        2 => (0_u64..2_000).prop_map(Step::Pass),
        1 => prop::collection::vec(-1..BROKERS, PARTITIONS as usize).prop_map(Step::Move),
        1 => (0..PARTITIONS, any::<Index>()).prop_map(|(partition, to)| Step::Seek(partition, to)),
    ]
}

/// The consumer, and what must be true of it.
struct Checked {
    bench: Bench,
    logs: Vec<Log>,
    /// Which partition is led by whom.
    leaders: Vec<i32>,
    epoch: i32,
    /// What each broker was asked.
    asked: Vec<Option<Asked>>,
    /// The next offset that must be handed out of each partition, gaps not counted.
    expected: Vec<i64>,
    share: usize,
}

impl Checked {
    fn new(config: Config, logs: Vec<Log>) -> Self {
        let leaders = vec![0, 1, 0];
        let share = config.fetch_buffer_bytes_max;
        let bench = Bench::new(config, &leaders, |_| Start::Offset(0));
        Self { bench, logs, leaders, epoch: 0, asked: vec![None; 2], expected: vec![0; 3], share }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Send(broker) => {
                if let Some(asked) = self.bench.send(broker) {
                    self.asked[broker as usize] = Some(asked);
                }
            }
            Step::Answer { broker, budget, whole_error } => {
                let Some(asked) = self.asked[broker as usize].take() else { return };
                if whole_error {
                    return self.bench.cut(broker);
                }
                let logs = &self.logs;
                let leaders = &self.leaders;
                let said = asked.offsets.iter().map(|(partition, offset)| {
                    let here = leaders[*partition as usize] == broker;
                    let records = || logs[*partition as usize].read(*offset, budget);
                    (*partition, if here { Ok(records()) } else { Err(ErrorCode::NOT_LEADER_OR_FOLLOWER) })
                });
                self.bench.answer(broker, said.collect::<Vec<_>>());
            }
            Step::Refuse { broker, code } => {
                let Some(asked) = self.asked[broker as usize].take() else { return };
                self.bench.answer(broker, asked.offsets.iter().map(|(partition, _)| (*partition, Err(code))));
            }
            Step::Cut(broker) => {
                self.asked[broker as usize] = None;
                self.bench.cut(broker);
            }
            Step::HandOut => self.hand_out(),
            Step::Pass(millis) => self.bench.pass(Duration::from_millis(millis)),
            Step::Move(leaders) => {
                self.epoch += 1;
                self.leaders = leaders;
                self.bench.metadata(led_by(&self.leaders, self.epoch));
                self.forget_left();
            }
            Step::Seek(partition, to) => {
                let log = &self.logs[partition as usize];
                let offset = to.index(usize::try_from(log.end()).unwrap() + 1) as i64;
                self.bench.consumer.seek(&at(partition), Start::Offset(offset)).unwrap();
                self.expected[partition as usize] = offset;
            }
        }
    }

    /// The connection to a broker that leads nothing is closed by its owner.
    fn forget_left(&mut self) {
        for broker in 0..BROKERS {
            if !self.bench.consumer.wants_connection(BrokerId(broker)) {
                self.asked[broker as usize] = None;
                self.bench.cut(broker);
            }
        }
    }

    fn hand_out(&mut self) {
        let before: Vec<_> = (0..PARTITIONS).map(|partition| self.bench.consumer.position(&at(partition))).collect();
        let Some(batch) = self.bench.next() else { return };
        let batch = batch.expect("no partition is stopped");
        let partition = batch.at.partition as usize;
        let from = self.expected[partition];
        let due: Vec<i64> = self.logs[partition].records.iter().copied().filter(|offset| *offset >= from).collect();
        let handed = offsets(&batch);
        assert!(!handed.is_empty(), "a batch without a record was handed out");
        assert_eq!(handed, due[..handed.len()], "partition {partition}");
        assert!(!due[handed.len()..].iter().any(|offset| *offset < batch.next_offset()), "records were skipped");
        self.expected[partition] = batch.next_offset();
        assert_eq!(self.bench.consumer.position(&batch.at), Ok(Some(batch.next_offset())));
        assert!(before.iter().all(|position| matches!(position, Ok(Some(_)))));
    }

    fn check(&mut self) {
        // One batch of a broker may be above its share.
        let largest = self.logs.iter().flat_map(|log| &log.batches).map(|(_, _, batch)| batch.len()).max().unwrap();
        let overhead = 1_024;
        let bound = self.share + BROKERS as usize * (PARTITIONS as usize * 600.max(largest) + overhead);
        assert!(self.bench.consumer.buffered_bytes() <= bound);
    }

    /// The partitions, with the records of each that were not handed out.
    fn left(&self) -> Vec<(usize, i64)> {
        let unread = |(partition, log): (usize, &Log)| {
            let from = self.expected[partition];
            let left: Vec<_> =
                log.records.iter().filter(|offset| **offset >= from).map(|offset| (partition, *offset)).collect();
            left
        };
        self.logs.iter().enumerate().flat_map(unread).collect()
    }

    /// Lets everything calm down, and reads to the end.
    fn finish(&mut self) {
        self.take(Step::Move(vec![0, 1, 0]));
        for _ in 0..2_000 {
            if self.left().is_empty() && self.bench.consumer.buffered_bytes() == 0 {
                break;
            }
            self.bench.pass(Duration::from_secs(2));
            for broker in 0..BROKERS {
                self.take(Step::Send(broker));
                self.take(Step::Answer { broker, budget: 600, whole_error: false });
            }
            self.hand_out();
        }
        assert_eq!(self.left(), [], "not read to the end");
        assert_eq!(self.bench.consumer.buffered_bytes(), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn whatever_brokers_answer_every_record_is_handed_out_once_and_in_order(
        logs in prop::collection::vec(log(), PARTITIONS as usize),
        steps in prop::collection::vec(step(), 0..120),
        partition_bytes in 1_usize..1_000,
        buffer_bytes in 1_usize..4_000,
    ) {
        let config = Config {
            partition_fetch_bytes_max: partition_bytes,
            fetch_buffer_bytes_max: buffer_bytes,
            ..Config::default()
        };
        let mut checked = Checked::new(config, logs);
        for step in steps {
            checked.take(step);
            checked.check();
        }
        checked.finish();
    }
}
