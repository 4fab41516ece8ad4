//! Metadata, key 3, as an operation: which topics there are, and what each is made of. Asked of any broker.
//!
//! Version 4 at least, which can forbid the broker to create what it is asked about.

use std::time::Duration;

use ottla_wire::message::metadata_request::MetadataRequestTopic;
use ottla_wire::message::metadata_response::{MetadataResponsePartition, MetadataResponseTopic};
use ottla_wire::message::{self, MetadataRequest, MetadataResponse, StrBytes, TopicName};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, TopicId};

use super::asked::{ItemError, Operation, Route};

/// A topic and its partitions, as a broker knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicDescription {
    /// Its name.
    pub name: String,
    /// Its id; zero where the broker does not tell it (before Kafka 2.8).
    pub id: TopicId,
    /// Whether it belongs to Kafka itself, as `__consumer_offsets` does.
    pub is_internal: bool,
    /// Its partitions, by ascending index.
    pub partitions: Vec<PartitionDescription>,
}

/// A partition, as a broker knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionDescription {
    /// Its index, counted from 0.
    pub index: i32,
    /// The broker that leads it, where one does.
    pub leader: Option<BrokerId>,
    /// How often the leadership has moved; unknown where the broker does not tell it.
    pub leader_epoch: LeaderEpoch,
    /// The brokers that keep it, the preferred leader first.
    pub replicas: Vec<BrokerId>,
    /// Those of them that are up to date.
    pub in_sync: Vec<BrokerId>,
    /// Those of them that cannot serve it.
    pub offline: Vec<BrokerId>,
    /// What the broker says is wrong with it, for example `LEADER_NOT_AVAILABLE`.
    pub error: Option<ErrorCode>,
}

/// A topic in a list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicListing {
    /// Its name.
    pub name: String,
    /// Its id; zero where the broker does not tell it.
    pub id: TopicId,
    /// Whether it belongs to Kafka itself.
    pub is_internal: bool,
    /// How many partitions it has.
    pub partitions: usize,
}

/// The operation that describes topics.
#[derive(Clone, Copy, Debug)]
pub struct DescribeTopics;

/// The first version that can forbid the broker to create a topic.
const NO_CREATION_FROM: i16 = 4;

impl Operation for DescribeTopics {
    type Request = MetadataRequest;
    type Item = String;
    type Outcome = TopicDescription;

    const ROUTE: Route = Route::Any;

    fn name(item: &String) -> &str {
        item
    }

    fn version_min(_items: &[String]) -> i16 {
        NO_CREATION_FROM
    }

    fn request(&self, items: Vec<String>, _version: i16, _timeout: Duration) -> MetadataRequest {
        let topic = |name| MetadataRequestTopic::default().with_name(Some(TopicName(StrBytes::from_string(name))));
        let topics = items.into_iter().map(topic).collect();
        MetadataRequest::default().with_topics(Some(topics)).with_allow_auto_topic_creation(false)
    }

    fn read(response: MetadataResponse) -> Vec<(String, Result<TopicDescription, ItemError>)> {
        let one = |topic: MetadataResponseTopic| {
            let name = topic.name.clone()?.0.to_string();
            let checked = ItemError::check(topic.error_code, None);
            Some((name.clone(), checked.map(|()| description(name, topic))))
        };
        response.topics.into_iter().filter_map(one).collect()
    }
}

/// The request for all topics. Those that the client may not describe are left out of the answer.
#[must_use]
pub fn list_request() -> MetadataRequest {
    MetadataRequest::default().with_topics(None).with_allow_auto_topic_creation(false)
}

/// All topics of an answer to [`list_request`], by name.
#[must_use]
pub fn listings(response: MetadataResponse) -> Vec<TopicListing> {
    let one = |topic: MetadataResponseTopic| {
        ErrorCode(topic.error_code).ok().ok()?;
        let (id, is_internal, partitions) = (topic.topic_id.into(), topic.is_internal, topic.partitions.len());
        Some(TopicListing { name: topic.name?.0.to_string(), id, is_internal, partitions })
    };
    let mut listings: Vec<_> = response.topics.into_iter().filter_map(one).collect();
    listings.sort_by(|one, other| one.name.cmp(&other.name));
    listings
}

fn description(name: String, topic: MetadataResponseTopic) -> TopicDescription {
    let mut partitions: Vec<_> = topic.partitions.into_iter().map(partition).collect();
    partitions.sort_by_key(|partition| partition.index);
    TopicDescription { name, id: topic.topic_id.into(), is_internal: topic.is_internal, partitions }
}

fn partition(partition: MetadataResponsePartition) -> PartitionDescription {
    let leader = BrokerId(partition.leader_id.0);
    PartitionDescription {
        index: partition.partition_index,
        leader: Some(leader).filter(|leader| *leader != BrokerId::NONE),
        leader_epoch: LeaderEpoch(partition.leader_epoch),
        replicas: ids(&partition.replica_nodes),
        in_sync: ids(&partition.isr_nodes),
        offline: ids(&partition.offline_replicas),
        error: ErrorCode(partition.error_code).ok().err(),
    }
}

fn ids(nodes: &[message::BrokerId]) -> Vec<BrokerId> {
    nodes.iter().map(|node| BrokerId(node.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str, code: ErrorCode, indexes: &[i32]) -> MetadataResponseTopic {
        let partition = |index: &i32| {
            let partition = MetadataResponsePartition::default().with_partition_index(*index);
            partition.with_leader_id(message::BrokerId(*index - 1)).with_replica_nodes(vec![message::BrokerId(7)])
        };
        MetadataResponseTopic::default()
            .with_name(Some(TopicName(StrBytes::from_string(name.to_owned()))))
            .with_error_code(code.0)
            .with_partitions(indexes.iter().map(partition).collect())
    }

    #[test]
    fn partitions_come_in_order_and_minus_one_is_no_leader() {
        let response = MetadataResponse::default().with_topics(vec![topic("a", ErrorCode::NONE, &[1, 0])]);
        let mut read = DescribeTopics::read(response);
        let (_, described) = read.remove(0);
        let leaders: Vec<_> =
            described.map(|it| it.partitions.iter().map(|it| (it.index, it.leader)).collect()).unwrap_or_default();
        assert_eq!(leaders, [(0, None), (1, Some(BrokerId(0)))]);
    }

    #[test]
    fn a_list_is_sorted_and_has_no_topic_that_is_refused() {
        let topics = vec![
            topic("b", ErrorCode::NONE, &[0, 1]),
            topic("c", ErrorCode::TOPIC_AUTHORIZATION_FAILED, &[]),
            topic("a", ErrorCode::NONE, &[0]),
        ];
        let listed = listings(MetadataResponse::default().with_topics(topics));
        let listed: Vec<_> = listed.iter().map(|topic| (topic.name.as_str(), topic.partitions)).collect();
        assert_eq!(listed, [("a", 1), ("b", 2)]);
    }
}
