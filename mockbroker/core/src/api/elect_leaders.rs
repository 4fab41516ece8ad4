//! ElectLeaders (43), versions 0 to 2.
//!
//! A preferred election makes the first replica of a partition its leader; from version 1 on there is an unclean one too (KIP-460), which makes any
//! replica that is there the leader of a partition that nobody leads. Each partition is answered alone: `ELECTION_NOT_NEEDED` where it has the
//! leader already, `PREFERRED_LEADER_NOT_AVAILABLE` or `ELIGIBLE_LEADERS_NOT_AVAILABLE` where there is nobody to elect,
//! `UNKNOWN_TOPIC_OR_PARTITION`. Null asks for all partitions, and then those that need no election are not told. Another type of election fails all
//! with `INVALID_REQUEST`, but an empty list, which is looked at no further.
//!
//! The timeout is not looked at, for a leader leads when it is answered.
//!
//! Needs ALTER on the cluster.

use ottla_wire::message::elect_leaders_response::{PartitionResult, ReplicaElectionResult};
use ottla_wire::message::{ElectLeadersRequest, ElectLeadersResponse, TopicName};
use ottla_wire::{ErrorCode, VersionRange};

use super::metadata::topic_name;
use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::partition::{Election, Electorate, Partition};
use crate::state::State;
use crate::topic::TopicPartition;

/// What kind of election is asked for.
mod election_type {
    pub(super) const PREFERRED: i8 = 0;
    pub(super) const UNCLEAN: i8 = 1;
}

/// From this version on, an answer has an error of the whole request.
const ERROR_FROM: i16 = 1;

impl Handle for ElectLeadersRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<ElectLeadersResponse> {
        if self.topic_partitions.as_ref().is_some_and(Vec::is_empty) {
            return Reply::Answer(ElectLeadersResponse::default());
        }
        let election = match self.election_type {
            election_type::PREFERRED => Election::Preferred,
            election_type::UNCLEAN => Election::Unclean,
            _ => return self.refuse(ErrorCode::INVALID_REQUEST),
        };
        let results = match &self.topic_partitions {
            None => elect_all(call.state, election),
            Some(topics) => {
                let of_topic = |topic: &ottla_wire::message::elect_leaders_request::TopicPartitions| {
                    let elected = |index: &i32| partition(*index, elect(call.state, &topic.topic, *index, election));
                    result(topic.topic.clone(), topic.partitions.iter().map(elected).collect())
                };
                topics.iter().map(of_topic).collect()
            }
        };
        Reply::Answer(ElectLeadersResponse::default().with_replica_election_results(results))
    }

    fn failed(&self, code: ErrorCode) -> Option<ElectLeadersResponse> {
        let topics = self.topic_partitions.iter().flatten().map(|topic| {
            let failed = topic.partitions.iter().map(|index| partition(*index, code));
            result(topic.topic.clone(), failed.collect())
        });
        Some(ElectLeadersResponse::default().with_error_code(code.0).with_replica_election_results(topics.collect()))
    }

    fn failed_at(&self, version: i16, code: ErrorCode) -> Option<ElectLeadersResponse> {
        let failed = self.failed(code);
        if version < ERROR_FROM { failed.map(|answer| answer.with_error_code(ErrorCode::NONE.0)) } else { failed }
    }
}

/// Elects a leader for each partition that needs one.
fn elect_all(state: &mut State, election: Election) -> Vec<ReplicaElectionResult> {
    let topics: Vec<_> = state.topics.iter().map(|(name, topic)| (name.clone(), topic.partitions().count())).collect();
    let of_topic = |(name, partitions): (std::sync::Arc<str>, usize)| {
        let elected = (0..).take(partitions).map(|index| (index, elect(state, &name, index, election)));
        let told = elected.filter(|(_, code)| *code != ErrorCode::ELECTION_NOT_NEEDED);
        result(topic_name(&name), told.map(|(index, code)| partition(index, code)).collect())
    };
    topics.into_iter().map(of_topic).collect()
}

fn elect(state: &mut State, topic: &str, index: i32, election: Election) -> ErrorCode {
    let Some(id) = state.topics.named(topic).map(|topic| topic.id) else {
        return ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    };
    let mut is_needed = false;
    let changed = state.change(TopicPartition { topic: id, partition: index }, &mut |partition, electorate| {
        is_needed = needs(partition, election);
        is_needed && partition.elect(&Electorate { election, ..*electorate })
    });
    match (changed, election) {
        (None, _) => ErrorCode::UNKNOWN_TOPIC_OR_PARTITION,
        (Some(true), _) => ErrorCode::NONE,
        (Some(false), _) if !is_needed => ErrorCode::ELECTION_NOT_NEEDED,
        (Some(false), Election::Unclean) => ErrorCode::ELIGIBLE_LEADERS_NOT_AVAILABLE,
        (Some(false), Election::Preferred | Election::Online) => ErrorCode::PREFERRED_LEADER_NOT_AVAILABLE,
    }
}

fn needs(partition: &Partition, election: Election) -> bool {
    match election {
        Election::Preferred => partition.replicas.first() != Some(&partition.leader),
        Election::Unclean | Election::Online => !partition.has_leader(),
    }
}

fn partition(index: i32, code: ErrorCode) -> PartitionResult {
    let message = (!code.is_ok()).then(|| text(code.to_string()));
    PartitionResult::default().with_partition_id(index).with_error_code(code.0).with_error_message(message)
}

fn result(topic: TopicName, partitions: Vec<PartitionResult>) -> ReplicaElectionResult {
    ReplicaElectionResult::default().with_topic(topic).with_partition_result(partitions)
}
