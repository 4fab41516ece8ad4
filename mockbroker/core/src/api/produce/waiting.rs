//! Produce with acks=all that waits until all replicas that are in sync have what it brought.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::time::Duration;

use ottla_wire::message::ProduceResponse;
use ottla_wire::{BrokerId, ErrorCode};

use super::{Appended, CURRENT_LEADER_FROM, Call, Outcome, Reply, leader};
use crate::connection::Connection;
use crate::state::State;
use crate::topic::TopicPartition;
use crate::waiting::{Parked, ParkedRequest};

/// A batch that waits to be acknowledged.
#[derive(Debug)]
pub(super) struct Unacknowledged {
    at: TopicPartition,
    /// The replicas must have what stands before this offset.
    next_offset: i64,
    /// Where its answer stands: the topic and the partition.
    place: [usize; 2],
}

impl Unacknowledged {
    /// A batch that was appended to a partition, and whose answer has this place.
    pub(super) fn of(
        appended: &Appended,
        state: &State,
        topic: &str,
        partition: i32,
        place: [usize; 2],
    ) -> Option<Self> {
        let at = TopicPartition { topic: state.topics.named(topic)?.id, partition };
        Some(Self { at, next_offset: appended.next_offset, place })
    }

    /// What its wait came to, if it is over.
    fn verdict(&self, state: &State, broker: BrokerId) -> Option<ErrorCode> {
        let Some(topic) = state.topics.with_id(self.at.topic) else {
            return Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        };
        let partition = topic.partition(self.at.partition)?;
        if partition.leader != broker {
            return Some(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        let has_enough = partition.in_sync.len() >= topic.configs.in_sync_replicas_min.min(partition.replicas.len());
        match partition.high_watermark() >= self.next_offset {
            true if has_enough => Some(ErrorCode::NONE),
            true => Some(ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND),
            false => None,
        }
    }
}

impl Outcome {
    /// Lets the request wait for what is not acknowledged.
    pub(super) fn park(self, call: &Call<'_>, timeout_ms: i32) -> Reply<ProduceResponse> {
        let timeout = Duration::from_millis(u64::try_from(timeout_ms).unwrap_or_default());
        let partitions = self.unacknowledged.iter().map(|batch| batch.at).collect();
        Reply::Park(Parked {
            api_version: call.version,
            correlation_id: call.correlation_id,
            deadline: Some(call.now.mono.checked_add(timeout).unwrap_or(call.now.mono)),
            request: ParkedRequest::Produce(ParkedProduce { outcome: self, partitions, version: call.version }),
        })
    }

    /// Says in the answer what the wait of a batch came to.
    fn conclude(&mut self, batch: &Unacknowledged, code: ErrorCode, version: i16, state: &State) {
        let [topic, partition] = batch.place;
        let answer = self.topics.get_mut(topic).and_then(|topic| topic.partition_responses.get_mut(partition));
        let Some(answer) = answer else { return };
        answer.error_code = code.0;
        let moved = state.topics.partition(batch.at).filter(|_| code == ErrorCode::NOT_LEADER_OR_FOLLOWER);
        if let Some(partition) = moved.filter(|_| version >= CURRENT_LEADER_FROM) {
            self.leaders.insert(partition.leader);
            answer.current_leader = leader(partition.leader, partition.leader_epoch);
        }
    }
}

/// A Produce that waits.
#[derive(Debug)]
pub(crate) struct ParkedProduce {
    outcome: Outcome,
    /// Those that it waits or has waited for.
    partitions: Vec<TopicPartition>,
    version: i16,
}

impl ParkedProduce {
    /// The partitions that may end the wait.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = TopicPartition> {
        self.partitions.iter().copied()
    }

    /// Takes note of the batches whose wait is over; what comes to pass with their partitions later is no matter.
    pub(crate) fn look(&mut self, state: &State, broker: BrokerId) {
        for batch in std::mem::take(&mut self.outcome.unacknowledged) {
            match batch.verdict(state, broker) {
                Some(code) => self.outcome.conclude(&batch, code, self.version, state),
                None => self.outcome.unacknowledged.push(batch),
            }
        }
    }

    /// Whether the wait of every batch is over.
    pub(crate) fn is_ready(&self) -> bool {
        self.outcome.unacknowledged.is_empty()
    }

    /// The answer, and its version: what still waits has waited for too long.
    pub(crate) fn into_response(mut self, state: &State, connection: &Connection) -> (ProduceResponse, i16) {
        for batch in std::mem::take(&mut self.outcome.unacknowledged) {
            self.outcome.conclude(&batch, ErrorCode::REQUEST_TIMED_OUT, self.version, state);
        }
        (self.outcome.into_response(state, connection), self.version)
    }
}
