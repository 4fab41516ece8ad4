//! DescribeQuorum (55), versions 0 to 2.
//!
//! Who leads the quorum of the controllers, and how far each of them is (KIP-595); from version 1 on when each was last heard of (KIP-836), from
//! version 2 on where they are (KIP-853). The request must name partition 0 of `__cluster_metadata` and nothing else, or each partition that it
//! names gets `UNKNOWN_TOPIC_OR_PARTITION`.
//!
//! Deviations: every broker is a controller, and the quorum never lacks a majority; nobody listens where version 2 says that controllers are; the
//! metadata log counts the changes of topics and brokers, without the records of a quiet time.
//!
//! Needs DESCRIBE on the cluster.

use ottla_wire::message::describe_quorum_response::{Listener, Node, PartitionData, ReplicaState, TopicData};
use ottla_wire::message::{DescribeQuorumRequest, DescribeQuorumResponse, describe_quorum_request};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::metadata::topic_name;
use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::broker::Broker;

/// From this version on, an answer says where the controllers are.
const NODES_FROM: i16 = 2;

/// Where the controllers keep what they know.
const CLUSTER_METADATA: &str = "__cluster_metadata";

/// The listener of the controllers, as Kafka's own configurations call it, and its usual port.
const CONTROLLER: (&str, u16) = ("CONTROLLER", 9093);

impl Handle for DescribeQuorumRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Describe);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeQuorumResponse> {
        let asked: Vec<_> =
            self.topics.iter().map(|topic| (topic.topic_name.as_str(), &topic.partitions[..])).collect();
        let is_asked = matches!(asked[..], [(CLUSTER_METADATA, [of])] if of.partition_index == 0);
        if !is_asked {
            let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
            return Reply::Answer(DescribeQuorumResponse::default().with_topics(failed_topics(&self, unknown)));
        }
        let topic = TopicData::default().with_topic_name(topic_name(CLUSTER_METADATA));
        let topics = vec![topic.with_partitions(vec![quorum(call)])];
        let answer = DescribeQuorumResponse::default().with_topics(topics);
        Reply::Answer(match call.version >= NODES_FROM {
            true => answer.with_nodes(call.state.brokers.iter().map(node).collect()),
            false => answer,
        })
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeQuorumResponse> {
        let answer = DescribeQuorumResponse::default().with_error_code(code.0);
        Some(answer.with_error_message(Some(text(code.to_string()))))
    }
}

fn failed_topics(request: &DescribeQuorumRequest, code: ErrorCode) -> Vec<TopicData> {
    let partition = |of: &describe_quorum_request::PartitionData| {
        let answer = PartitionData::default().with_partition_index(of.partition_index);
        answer.with_error_code(code.0).with_error_message(Some(text(code.to_string())))
    };
    let topic = |of: &describe_quorum_request::TopicData| {
        let partitions = of.partitions.iter().map(partition).collect();
        TopicData::default().with_topic_name(of.topic_name.clone()).with_partitions(partitions)
    };
    request.topics.iter().map(topic).collect()
}

fn quorum(call: &Call<'_>) -> PartitionData {
    let quorum = &call.state.quorum;
    let voter = |(id, broker): (BrokerId, &Broker)| {
        let heard_of = broker.process().silent_since().unwrap_or(call.now).millis();
        ReplicaState::default()
            .with_replica_id(id.0.into())
            .with_log_end_offset(quorum.end_offset)
            .with_last_fetch_timestamp(heard_of)
            .with_last_caught_up_timestamp(heard_of)
    };
    PartitionData::default()
        .with_partition_index(0)
        .with_leader_id(quorum.leader.0.into())
        .with_leader_epoch(quorum.epoch.0)
        .with_high_watermark(quorum.end_offset)
        .with_current_voters(call.state.brokers.iter().map(voter).collect())
}

fn node((id, broker): (BrokerId, &Broker)) -> Node {
    let (name, port) = CONTROLLER;
    let host = broker.addresses().next().map(|(_, address)| address.host.as_str()).unwrap_or_default();
    let listener = Listener::default().with_name(text(name)).with_host(text(host)).with_port(port);
    Node::default().with_node_id(id.0.into()).with_listeners(vec![listener])
}
