//! CreatePartitions (37), versions 0 to 3.
//!
//! A topic grows to a number of partitions or fails alone: with `UNKNOWN_TOPIC_OR_PARTITION`, with `INVALID_PARTITIONS` where that is no
//! increase, with `INVALID_REPLICA_ASSIGNMENT` where brokers are assigned by hand and not as they may be: for each new partition as many
//! different brokers as the topic's first partition has. One that stands twice in the request fails with `INVALID_REQUEST`.
//!
//! Partitions count against the client's `controller_mutation_rate`, also where they are validated alone: from version 3 on a topic fails with
//! `THROTTLING_QUOTA_EXCEEDED` where the client is above it (KIP-599).
//!
//! Needs ALTER on each topic (`TOPIC_AUTHORIZATION_FAILED`).
//!
//! The timeout is not looked at, for partitions are there when they are answered. Deviation: what the cluster has no room for, or is more
//! than [`PER_TOPIC_MAX`] at once, is refused with `POLICY_VIOLATION`.

use std::collections::BTreeSet;

use ottla_wire::message::create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use ottla_wire::message::create_partitions_response::CreatePartitionsTopicResult;
use ottla_wire::message::{CreatePartitionsRequest, CreatePartitionsResponse, TopicName};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::create::check_replicas;
use super::{Call, Handle, Reply, text};
use crate::authorizer::{Operation, Resource};
use crate::partition::Partition;
use crate::state::State;
use crate::topic::{InvalidAssignment, Placer};

/// The most partitions that a topic gets at once.
const PER_TOPIC_MAX: usize = 10_000;

impl Handle for CreatePartitionsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 3);

    fn handle(self, call: &mut Call<'_>) -> Reply<CreatePartitionsResponse> {
        let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for topic in &self.topics {
            if !seen.insert(&topic.name) {
                twice.insert(&topic.name);
            }
        }
        let mut results: Vec<_> =
            twice.iter().map(|name| result(name, Err(Refusal::Twice.told(ErrorCode::INVALID_REQUEST)))).collect();
        for topic in self.topics.iter().filter(|topic| !twice.contains(&topic.name)) {
            let grown = match call.may(Operation::Alter, Resource::topic(&topic.name)) {
                true => plan(call, topic),
                false => Err((ErrorCode::TOPIC_AUTHORIZATION_FAILED, None)),
            };
            let grown = grown.map(|replicas| {
                if !self.validate_only {
                    let brokers = &call.state.brokers;
                    let partitions = replicas.into_iter().map(|replicas| Partition::new(replicas, brokers)).collect();
                    call.state.topics.grow(&topic.name, partitions);
                    call.state.quorum.record();
                }
            });
            results.push(result(&topic.name, grown));
        }
        Reply::Answer(CreatePartitionsResponse::default().with_results(results))
    }

    fn failed(&self, code: ErrorCode) -> Option<CreatePartitionsResponse> {
        let results = self.topics.iter().map(|topic| result(&topic.name, Err((code, Some(code.to_string())))));
        Some(CreatePartitionsResponse::default().with_results(results.collect()))
    }
}

/// From this version on, a topic above the client's quota fails.
const STRICT_FROM: i16 = 3;

/// A code, and what it means in words.
type Told = (ErrorCode, Option<String>);

/// Why a topic does not grow.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the topic stands in the request twice")]
    Twice,
    #[error("the topic has {has} partitions, and {wanted} would not be an increase")]
    NoIncrease { has: usize, wanted: i32 },
    #[error("{more} partitions are added, and {assigned} are assigned to brokers")]
    Assignments { more: usize, assigned: usize },
    #[error("the cluster would have too many partitions")]
    TooMany,
}

impl Refusal {
    fn told(&self, code: ErrorCode) -> Told {
        (code, Some(self.to_string()))
    }
}

fn result(name: &TopicName, grown: Result<(), Told>) -> CreatePartitionsTopicResult {
    let (code, message) = grown.err().unwrap_or((ErrorCode::NONE, None));
    CreatePartitionsTopicResult::default()
        .with_name(name.clone())
        .with_error_code(code.0)
        .with_error_message(message.map(text))
}

/// The brokers of each partition that a topic gets.
fn plan(call: &mut Call<'_>, wanted: &CreatePartitionsTopic) -> Result<Vec<Vec<BrokerId>>, Told> {
    // Kafka has no words for it.
    let topic = call.state.topics.named(&wanted.name).ok_or((ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, None))?;
    let (has, factor) = (topic.partitions().count(), topic.partition(0).map_or(0, |first| first.replicas.len()));
    let count = usize::try_from(wanted.count).unwrap_or_default();
    let more = count.saturating_sub(has);
    if more == 0 {
        return Err(Refusal::NoIncrease { has, wanted: wanted.count }.told(ErrorCode::INVALID_PARTITIONS));
    }
    let assigned = wanted.assignments.as_ref();
    if let Some(assigned) = assigned.map(Vec::len).filter(|assigned| *assigned != more) {
        return Err(Refusal::Assignments { more, assigned }.told(ErrorCode::INVALID_REPLICA_ASSIGNMENT));
    }
    let all = call.state.topics.partitions().saturating_add(more);
    if more > PER_TOPIC_MAX || all > call.state.config.bounds.partitions_max {
        return Err(Refusal::TooMany.told(ErrorCode::POLICY_VIOLATION));
    }
    if !call.may_mutate(more, STRICT_FROM) {
        return Err((ErrorCode::THROTTLING_QUOTA_EXCEEDED, None));
    }
    let state = &mut *call.state;
    match assigned {
        Some(assigned) => by_hand(state, assigned, factor)
            .map_err(|invalid| (ErrorCode::INVALID_REPLICA_ASSIGNMENT, Some(invalid.to_string()))),
        None => {
            let mut placer = Placer::new(&state.brokers, &mut state.random);
            Ok((0..more).map(|_| placer.place(factor)).collect())
        }
    }
}

fn by_hand(
    state: &State,
    assigned: &[CreatePartitionsAssignment],
    expected: usize,
) -> Result<Vec<Vec<BrokerId>>, InvalidAssignment> {
    let replicas = assigned.iter().map(|of| {
        let replicas: Vec<BrokerId> = of.broker_ids.iter().map(|id| BrokerId(id.0)).collect();
        check_replicas(state, &replicas)?;
        if !replicas.iter().any(|id| state.brokers.is_active(*id)) {
            return Err(InvalidAssignment::AllFenced);
        }
        let found = replicas.len();
        if found == expected { Ok(replicas) } else { Err(InvalidAssignment::UnevenReplicas { found, expected }) }
    });
    replicas.collect()
}
