//! ListPartitionReassignments (46), version 0.
//!
//! The partitions that are being moved to other brokers: those asked for, or, for null, all. What is not moved, or not there, is left out (KIP-455).
//!
//! Needs DESCRIBE on the cluster.

use ottla_wire::message::list_partition_reassignments_request::ListPartitionReassignmentsTopics as WantedTopic;
use ottla_wire::message::list_partition_reassignments_response::{
    OngoingPartitionReassignment, OngoingTopicReassignment,
};
use ottla_wire::message::{ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::metadata::{nodes, topic_name};
use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::partition::Partition;

impl Handle for ListPartitionReassignmentsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Describe);

    fn handle(self, call: &mut Call<'_>) -> Reply<ListPartitionReassignmentsResponse> {
        let topics = &call.state.topics;
        let listed: Vec<_> = match &self.topics {
            None => topics.iter().map(|(name, topic)| of_topic(name, topic.partitions())).collect(),
            Some(wanted) => {
                let listed = |wanted: &WantedTopic| {
                    let topic = topics.named(&wanted.name)?;
                    let indexes = wanted.partition_indexes.iter();
                    Some(of_topic(&wanted.name, indexes.filter_map(|index| Some((*index, topic.partition(*index)?)))))
                };
                wanted.iter().filter_map(listed).collect()
            }
        };
        let listed = listed.into_iter().filter(|topic| !topic.partitions.is_empty());
        let answer = ListPartitionReassignmentsResponse::default().with_topics(listed.collect());
        Reply::Answer(answer.with_error_message(None))
    }

    fn failed(&self, code: ErrorCode) -> Option<ListPartitionReassignmentsResponse> {
        let topics = self.topics.iter().flatten().map(|topic| {
            let partition = |index: &i32| OngoingPartitionReassignment::default().with_partition_index(*index);
            let partitions = topic.partition_indexes.iter().map(partition).collect();
            OngoingTopicReassignment::default().with_name(topic.name.clone()).with_partitions(partitions)
        });
        let answer = ListPartitionReassignmentsResponse::default().with_topics(topics.collect());
        Some(answer.with_error_code(code.0).with_error_message(Some(text(code.to_string()))))
    }
}

fn of_topic<'a>(name: &str, partitions: impl Iterator<Item = (i32, &'a Partition)>) -> OngoingTopicReassignment {
    let moved = partitions.filter(|(_, partition)| partition.is_reassigned());
    let partitions = moved.map(|(index, partition)| {
        OngoingPartitionReassignment::default()
            .with_partition_index(index)
            .with_replicas(nodes(&partition.replicas))
            .with_adding_replicas(nodes(&partition.adding))
            .with_removing_replicas(nodes(&partition.removing))
    });
    OngoingTopicReassignment::default().with_name(topic_name(name)).with_partitions(partitions.collect())
}
