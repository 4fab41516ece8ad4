//! DescribeTopicPartitions (75), version 0.
//!
//! Topics by ascending name, all where none is named, with as many partitions in one answer as the client wants and
//! `max.request.partition.size.limit` allows (KIP-966). Where there are more, the answer has a cursor, from which the next request goes on;
//! the topic of the cursor must be one of those that are named, and its partition not negative (`INVALID_REQUEST`). An unknown name fails
//! alone with `UNKNOWN_TOPIC_OR_PARTITION`, or `INVALID_TOPIC_EXCEPTION` where no topic may be called so.
//!
//! Needs DESCRIBE on each topic: where all are asked for, the others are left out, and else they fail with `TOPIC_AUTHORIZATION_FAILED`,
//! whether they are there or not. The operations that a client may do are told of each topic (KIP-430).

use std::collections::BTreeSet;

use ottla_wire::message::describe_topic_partitions_request::Cursor as From;
use ottla_wire::message::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition as DescribedPartition,
    DescribeTopicPartitionsResponseTopic as DescribedTopic,
};
use ottla_wire::message::{self, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::metadata::topic_name;
use super::{Call, Handle, Reply};
use crate::authorizer::{Operation, Resource};
use crate::partition::Partition;
use crate::topic::{self, Topic};

/// The config of how many partitions an answer has at most.
const PARTITIONS_MAX: &str = "max.request.partition.size.limit";

impl Handle for DescribeTopicPartitionsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeTopicPartitionsResponse> {
        let start = self.cursor.as_ref().map(|cursor| cursor.topic_name.to_string()).unwrap_or_default();
        let names: BTreeSet<String> = match self.topics.is_empty() {
            true => call.state.topics.iter().map(|(name, _)| name.to_string()).collect(),
            false => self.topics.iter().map(|topic| topic.name.to_string()).collect(),
        };
        let is_lost = |cursor: &From| cursor.partition_index < 0 || !(self.topics.is_empty() || names.contains(&start));
        if self.cursor.as_ref().is_some_and(is_lost) {
            return self.refuse(ErrorCode::INVALID_REQUEST);
        }
        // Kafka takes a topic without a name for that of the cursor, which is not there, and fails.
        if self.cursor.is_none() && names.contains("") && call.could(Operation::Describe, Resource::topic("")) {
            return self.refuse(ErrorCode::UNKNOWN_SERVER_ERROR);
        }
        let names = names.into_iter().filter(|name| *name >= start);
        let (allowed, denied): (Vec<String>, Vec<String>) = names.partition(|name| match self.topics.is_empty() {
            true => call.could(Operation::Describe, Resource::topic(name)),
            false => call.may(Operation::Describe, Resource::topic(name)),
        });
        let layers = call.state.configs.brokers.layers(Some(call.connection.broker));
        let partitions_max = i64::from(self.response_partition_limit).min(layers.number(PARTITIONS_MAX)).max(1);
        let mut page =
            Page { call, room: usize::try_from(partitions_max).unwrap_or(1), topics: Vec::new(), next: None };
        for name in &allowed {
            let from = self.cursor.as_ref().filter(|cursor| cursor.topic_name.as_str() == name);
            page.add(name, from.map_or(0, |cursor| cursor.partition_index));
        }
        let Page { mut topics, next, .. } = page;
        if !self.topics.is_empty() {
            topics.extend(denied.iter().map(|name| failed(name, ErrorCode::TOPIC_AUTHORIZATION_FAILED)));
        }
        Reply::Answer(DescribeTopicPartitionsResponse::default().with_topics(topics).with_next_cursor(next))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeTopicPartitionsResponse> {
        let topics = self.topics.iter().map(|topic| failed(&topic.name, code));
        Some(DescribeTopicPartitionsResponse::default().with_topics(topics.collect()))
    }
}

/// An answer that is being put together.
struct Page<'a> {
    call: &'a Call<'a>,
    /// How many partitions may still be added.
    room: usize,
    topics: Vec<DescribedTopic>,
    /// Where the next one begins; nothing is added after it.
    next: Option<Cursor>,
}

impl Page<'_> {
    /// Adds a topic from a partition on, as far as there is room.
    fn add(&mut self, name: &str, from: i32) {
        if self.next.is_some() {
            return;
        }
        if self.room == 0 {
            self.next = Some(cursor(name, 0));
            return;
        }
        let topic = self.call.state.topics.named(name);
        let described = match topic {
            Some(topic) => self.describe(name, topic, from),
            None if topic::validate_name(name).is_ok() => failed(name, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
            None => failed(name, ErrorCode::INVALID_TOPIC_EXCEPTION),
        };
        let described = described.with_is_internal(topic::is_internal(name));
        self.topics.push(described.with_topic_authorized_operations(self.call.operations(Resource::topic(name))));
    }

    fn describe(&mut self, name: &str, topic: &Topic, from: i32) -> DescribedTopic {
        let skipped = usize::try_from(from).unwrap_or_default();
        let left = topic.partitions().skip(skipped);
        let partitions: Vec<_> = left.take(self.room).map(|(index, of)| self.partition(index, of)).collect();
        self.room = self.room.saturating_sub(partitions.len());
        let end = skipped.saturating_add(partitions.len());
        if let Some((next, _)) = topic.partitions().nth(end) {
            self.next = Some(cursor(name, next));
        }
        DescribedTopic::default()
            .with_name(Some(topic_name(name)))
            .with_topic_id(topic.id.into())
            .with_partitions(partitions)
    }

    fn partition(&self, index: i32, partition: &Partition) -> DescribedPartition {
        let listener = &self.call.connection.listener.name;
        let brokers = &self.call.state.brokers;
        let is_offline = |id: &BrokerId| brokers.active_endpoint(*id, listener).is_none();
        let offline: Vec<_> = partition.replicas.iter().copied().filter(is_offline).collect();
        let leader = brokers.endpoint(partition.leader, listener).map_or(BrokerId::NONE, |endpoint| endpoint.id);
        let last_leader: Vec<_> = partition.last_leader.into_iter().collect();
        DescribedPartition::default()
            .with_partition_index(index)
            .with_leader_id(leader.0.into())
            .with_leader_epoch(partition.leader_epoch.0)
            .with_replica_nodes(nodes(&partition.replicas))
            .with_isr_nodes(nodes(&partition.in_sync))
            .with_eligible_leader_replicas(Some(nodes(&partition.eligible)))
            .with_last_known_elr(Some(nodes(&last_leader)))
            .with_offline_replicas(nodes(&offline))
    }
}

fn failed(name: &str, code: ErrorCode) -> DescribedTopic {
    DescribedTopic::default().with_name(Some(topic_name(name))).with_error_code(code.0)
}

fn cursor(name: &str, partition: i32) -> Cursor {
    Cursor::default().with_topic_name(topic_name(name)).with_partition_index(partition)
}

fn nodes(ids: &[BrokerId]) -> Vec<message::BrokerId> {
    ids.iter().map(|id| id.0.into()).collect()
}
