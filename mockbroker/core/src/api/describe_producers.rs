//! DescribeProducers (61), version 0.
//!
//! The idempotent producers that a partition's leader or follower knows (KIP-664), with what each of them wrote last. A partition fails
//! alone: `INVALID_TOPIC_EXCEPTION` where no topic may be called so, `UNKNOWN_TOPIC_OR_PARTITION`, `NOT_LEADER_OR_FOLLOWER`.
//!
//! Needs READ on each topic (`TOPIC_AUTHORIZATION_FAILED`).

use ottla_wire::message::describe_producers_request::TopicRequest;
use ottla_wire::message::describe_producers_response::{PartitionResponse, ProducerState, TopicResponse};
use ottla_wire::message::{DescribeProducersRequest, DescribeProducersResponse};
use ottla_wire::{ErrorCode, LeaderEpoch, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::{Operation, Resource};
use crate::partition::ActiveProducer;
use crate::topic::{self, Topic};

/// What stands for no offset, and for no epoch of a coordinator.
const NONE: i64 = -1;
const NO_EPOCH: i32 = -1;

impl Handle for DescribeProducersRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeProducersResponse> {
        let topics = self.topics.iter().map(|wanted| {
            let found = find(call, wanted);
            answer(wanted, |index| match &found {
                Ok(topic) => describe(call, topic, index),
                Err((code, message)) => failed(*code).with_error_message(Some(text(message.as_str()))),
            })
        });
        Reply::Answer(DescribeProducersResponse::default().with_topics(topics.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeProducersResponse> {
        let topics = self.topics.iter().map(|topic| answer(topic, |_| failed(code)));
        Some(DescribeProducersResponse::default().with_topics(topics.collect()))
    }
}

fn answer(wanted: &TopicRequest, partition: impl Fn(i32) -> PartitionResponse) -> TopicResponse {
    let partitions = wanted.partition_indexes.iter().map(|index| partition(*index).with_partition_index(*index));
    TopicResponse::default().with_name(wanted.name.clone()).with_partitions(partitions.collect())
}

fn failed(code: ErrorCode) -> PartitionResponse {
    PartitionResponse::default().with_error_code(code.0)
}

fn find<'a>(call: &'a Call<'_>, wanted: &TopicRequest) -> Result<&'a Topic, (ErrorCode, String)> {
    let told = |code: ErrorCode| (code, code.to_string());
    topic::validate_name(&wanted.name).map_err(|invalid| (ErrorCode::INVALID_TOPIC_EXCEPTION, invalid.to_string()))?;
    if !call.may(Operation::Read, Resource::topic(&wanted.name)) {
        return Err(told(ErrorCode::TOPIC_AUTHORIZATION_FAILED));
    }
    call.state.topics.named(&wanted.name).ok_or_else(|| told(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION))
}

fn describe(call: &Call<'_>, topic: &Topic, index: i32) -> PartitionResponse {
    let Some(partition) = topic.partition(index) else { return failed(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION) };
    match partition.check_replica(call.connection.broker, LeaderEpoch::UNKNOWN) {
        Err(code) => failed(code),
        Ok(()) => PartitionResponse::default().with_active_producers(partition.producers.active().map(state).collect()),
    }
}

fn state(producer: ActiveProducer) -> ProducerState {
    ProducerState::default()
        .with_producer_id(producer.id.into())
        .with_producer_epoch(producer.epoch.into())
        .with_last_sequence(producer.last_sequence)
        .with_last_timestamp(producer.last_timestamp)
        .with_coordinator_epoch(NO_EPOCH)
        .with_current_txn_start_offset(NONE)
}
