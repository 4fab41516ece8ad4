//! AlterPartitionReassignments (45), versions 0 and 1.
//!
//! Moves partitions to other brokers, or takes that back where no brokers are given (KIP-455). The brokers that are added follow at once and are
//! in sync, so that the move ends with the request, unless one of them is not there or a test holds moves back
//! ([`crate::Cluster::hold_reassignments`]). Each partition is moved or fails alone: `UNKNOWN_TOPIC_OR_PARTITION`,
//! `INVALID_REPLICA_ASSIGNMENT` for no broker, an unknown one, or the same twice, `NO_REASSIGNMENT_IN_PROGRESS` where there is nothing to take back.
//! From version 1 on a client may insist on the number of replicas (KIP-860): another one gets `INVALID_REPLICATION_FACTOR`.
//!
//! Needs ALTER on the cluster.

use ottla_wire::message::alter_partition_reassignments_request::ReassignablePartition;
use ottla_wire::message::alter_partition_reassignments_response::{
    ReassignablePartitionResponse, ReassignableTopicResponse,
};
use ottla_wire::message::{AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::create::check_replicas;
use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::partition::Partition;
use crate::state::State;
use crate::topic::TopicPartition;

impl Handle for AlterPartitionReassignmentsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<AlterPartitionReassignmentsResponse> {
        if self.topics.is_empty() {
            return Reply::Answer(AlterPartitionReassignmentsResponse::default());
        }
        let may_resize = self.allow_replication_factor_change;
        let topics = self.topics.iter().map(|topic| {
            let alter = |of: &ReassignablePartition| {
                let altered = alter(call.state, &topic.name, of, may_resize);
                partition(of, altered.err().unwrap_or(ErrorCode::NONE))
            };
            let partitions = topic.partitions.iter().map(alter).collect();
            ReassignableTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions)
        });
        let answer = AlterPartitionReassignmentsResponse::default().with_responses(topics.collect());
        let answer = answer.with_error_message(None);
        Reply::Answer(answer.with_allow_replication_factor_change(may_resize))
    }

    fn failed(&self, code: ErrorCode) -> Option<AlterPartitionReassignmentsResponse> {
        let topics = self.topics.iter().map(|topic| {
            let failed = topic.partitions.iter().map(|of| partition(of, code));
            ReassignableTopicResponse::default().with_name(topic.name.clone()).with_partitions(failed.collect())
        });
        let answer = AlterPartitionReassignmentsResponse::default().with_responses(topics.collect());
        Some(answer.with_error_code(code.0).with_error_message(Some(text(code.to_string()))))
    }
}

fn alter(state: &mut State, topic: &str, of: &ReassignablePartition, may_resize: bool) -> Result<(), ErrorCode> {
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let topic = state.topics.named(topic).map(|topic| topic.id).ok_or(unknown)?;
    let at = TopicPartition { topic, partition: of.partition_index };
    let partition = state.topics.partition(at).ok_or(unknown)?;
    match &of.replicas {
        None if !partition.is_reassigned() => Err(ErrorCode::NO_REASSIGNMENT_IN_PROGRESS),
        None => cancel(state, at),
        Some(replicas) => {
            let replicas: Vec<BrokerId> = replicas.iter().map(|id| BrokerId(id.0)).collect();
            check_replicas(state, &replicas).map_err(|_| ErrorCode::INVALID_REPLICA_ASSIGNMENT)?;
            if !may_resize && replicas.len() != size_at_the_end(partition) {
                return Err(ErrorCode::INVALID_REPLICATION_FACTOR);
            }
            reassign(state, at, &replicas);
            Ok(())
        }
    }
}

/// How many replicas there will be when the reassignment that goes on has ended.
fn size_at_the_end(partition: &Partition) -> usize {
    partition.replicas.iter().filter(|id| !partition.removing.contains(id)).count()
}

fn cancel(state: &mut State, at: TopicPartition) -> Result<(), ErrorCode> {
    let mut is_cancelled = false;
    state.change(at, &mut |partition, electorate| {
        is_cancelled = partition.cancel_reassignment(electorate);
        is_cancelled
    });
    if is_cancelled { Ok(()) } else { Err(ErrorCode::INVALID_REPLICA_ASSIGNMENT) }
}

fn reassign(state: &mut State, at: TopicPartition, replicas: &[BrokerId]) {
    let is_held = state.holds_reassignments;
    state.change(at, &mut |partition, electorate| {
        let changed = partition.reassign(replicas, electorate);
        if is_held {
            partition.adding.clone().into_iter().for_each(|id| partition.hold(id));
        }
        changed
    });
}

fn partition(of: &ReassignablePartition, code: ErrorCode) -> ReassignablePartitionResponse {
    // Kafka says nothing in words where it has nothing to add to the code.
    let has_no_words = code.is_ok() || code == ErrorCode::NO_REASSIGNMENT_IN_PROGRESS;
    let message = (!has_no_words).then(|| text(code.to_string()));
    let answer = ReassignablePartitionResponse::default().with_partition_index(of.partition_index);
    answer.with_error_code(code.0).with_error_message(message)
}
