//! Metadata (3), versions 0 to 13.
//!
//! The brokers, each at the address that it has for the listener of this connection, and topics: all (null, or an empty list in version 0),
//! none (an empty list), by name, or from version 12 on by id; where one id is given, names are passed over. An unknown name fails alone
//! with `UNKNOWN_TOPIC_OR_PARTITION`, or `INVALID_TOPIC_EXCEPTION` where no topic may be called so; an unknown id with `UNKNOWN_TOPIC_ID`
//! (KIP-516). A partition that nobody leads has `LEADER_NOT_AVAILABLE` and -1 as its leader; so has one whose leader has no address for the
//! listener, with `LISTENER_NOT_FOUND` from version 6 on. Replicas on brokers that are fenced are offline; version 0 leaves them out, with
//! `REPLICA_NOT_AVAILABLE`. Where the cluster creates topics that it is asked about, the request that creates one still fails with
//! `UNKNOWN_TOPIC_OR_PARTITION`, as Kafka's does.
//!
//! Needs DESCRIBE on each topic: where all are asked for, the others are left out, and else they fail with `TOPIC_AUTHORIZATION_FAILED`,
//! whether they are there or not. To create one needs CREATE on the cluster or on the topic. The operations that a client may do are told
//! where it asks for them (KIP-430).
//!
//! Deviation: the controller is the leader of the controllers' quorum, where Kafka names any broker.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_wire::message::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::message::{self, MetadataRequest, MetadataResponse, TopicName, Uuid};
use ottla_wire::{BrokerId, ErrorCode, TopicId, VersionRange};

use super::{Call, Handle, Reply, create, text};
use crate::authorizer::{Operation, Resource};
use crate::broker::Endpoint;
use crate::listener::ListenerName;
use crate::partition::Partition;
use crate::state::State;
use crate::topic::{self, NewTopic, Topic};

/// From this version on, null and not an empty list asks for all topics.
const NULL_IS_ALL_FROM: i16 = 1;

/// From this version on, replicas are told that are not there; before, they are left out, and the partition has an error for it.
const OFFLINE_TOLD_FROM: i16 = 1;

/// From this version on, a leader that cannot be reached has an error of its own.
const LISTENER_NOT_FOUND_FROM: i16 = 6;

/// In these versions the operations that are allowed on the cluster may be asked for; DescribeCluster says them since.
const CLUSTER_OPERATIONS: VersionRange = VersionRange::new(8, 10);

/// From this version on, topics may be named by their id.
const TOPIC_ID_FROM: i16 = 12;

/// What is told of a topic in place of what may be done to it.
const HIDING: [ErrorCode; 2] = [ErrorCode::TOPIC_AUTHORIZATION_FAILED, ErrorCode::UNKNOWN_TOPIC_ID];

impl Handle for MetadataRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 13);

    fn handle(self, call: &mut Call<'_>) -> Reply<MetadataResponse> {
        let wanted = match Wanted::of(&self, call.version) {
            Ok(wanted) => wanted,
            Err(code) => return self.refuse(code),
        };
        let mut topics = answer_topics(call, &wanted, self.allow_auto_topic_creation);
        if self.include_topic_authorized_operations {
            // Of a topic that the client may not look at it is not told what else it may not do.
            let is_described = |topic: &&mut MetadataResponseTopic| !HIDING.contains(&ErrorCode(topic.error_code));
            for topic in topics.iter_mut().filter(is_described) {
                let name = topic.name.as_ref().map(|name| name.as_str()).unwrap_or_default();
                topic.topic_authorized_operations = call.operations(Resource::topic(name));
            }
        }
        let State { brokers, cluster_id, .. } = &*call.state;
        let controller = call.state.controller();
        let listener = &call.connection.listener.name;
        let answer = MetadataResponse::default()
            .with_brokers(brokers.active_endpoints(listener).map(broker).collect())
            .with_cluster_id(Some(text(cluster_id.as_str())))
            .with_controller_id(controller.0.into())
            .with_topics(topics);
        let asks_for_operations =
            self.include_cluster_authorized_operations && CLUSTER_OPERATIONS.contains(call.version);
        Reply::Answer(match asks_for_operations {
            true => answer.with_cluster_authorized_operations(call.operations_on_cluster()),
            false => answer,
        })
    }

    fn failed(&self, code: ErrorCode) -> Option<MetadataResponse> {
        let topics = self.topics.iter().flatten().map(|topic| {
            let name = topic.name.clone().unwrap_or_default();
            failed_topic(code).with_name(Some(name)).with_topic_id(topic.topic_id)
        });
        Some(MetadataResponse::default().with_topics(topics.collect()))
    }
}

/// The topics that are asked for.
enum Wanted {
    All,
    Names(BTreeSet<String>),
    Ids(BTreeSet<TopicId>),
}

impl Wanted {
    fn of(request: &MetadataRequest, version: i16) -> Result<Self, ErrorCode> {
        let topics = match &request.topics {
            None => return Ok(Self::All),
            Some(topics) if topics.is_empty() && version < NULL_IS_ALL_FROM => return Ok(Self::All),
            Some(topics) => topics,
        };
        let is_old = version < TOPIC_ID_FROM;
        if is_old && topics.iter().any(|topic| topic.name.is_none() || !topic.topic_id.is_nil()) {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let ids: BTreeSet<_> =
            topics.iter().map(|topic| TopicId::from(topic.topic_id)).filter(|id| !id.is_zero()).collect();
        if !ids.is_empty() {
            return Ok(Self::Ids(ids));
        }
        Ok(Self::Names(topics.iter().filter_map(|topic| topic.name.as_ref()).map(|name| name.to_string()).collect()))
    }
}

fn answer_topics(call: &mut Call<'_>, wanted: &Wanted, may_create: bool) -> Vec<MetadataResponseTopic> {
    let view = View { listener: call.connection.listener.name.clone(), version: call.version };
    match wanted {
        Wanted::All => {
            let topics = call.state.topics.iter();
            let topics = topics.filter(|(name, _)| call.could(Operation::Describe, Resource::topic(name)));
            topics.map(|(name, topic)| view.topic(call.state, name, topic)).collect()
        }
        Wanted::Ids(ids) => ids.iter().map(|id| answer_id(call, &view, *id)).collect(),
        Wanted::Names(names) => {
            let may_create = may_create && call.state.config.auto_create_topics;
            let colliding = names.iter().map(|name| (name, call.state.topics.colliding(name).cloned()));
            let names: Vec<_> = colliding.collect();
            let topic =
                |(name, colliding): (&String, _)| answer_name(call, &view, name, may_create.then_some(colliding));
            names.into_iter().map(topic).collect()
        }
    }
}

fn answer_id(call: &Call<'_>, view: &View, id: TopicId) -> MetadataResponseTopic {
    let name = call.state.topics.name_of(id);
    match name.is_none_or(|name| call.may(Operation::Describe, Resource::topic(name))) {
        true => view.topic_with_id(call.state, id),
        false => failed_topic(ErrorCode::TOPIC_AUTHORIZATION_FAILED).with_name(None).with_topic_id(id.into()),
    }
}

/// The topic of a name, which is created if it is not there and `created` says which topic it would collide with, if any.
fn answer_name(
    call: &mut Call<'_>,
    view: &View,
    name: &str,
    created: Option<Option<Arc<str>>>,
) -> MetadataResponseTopic {
    let denied = || failed_topic(ErrorCode::TOPIC_AUTHORIZATION_FAILED).with_name(Some(topic_name(name)));
    let on_topic = Resource::topic(name);
    if !call.may(Operation::Describe, on_topic) {
        return denied();
    }
    match created.filter(|_| call.state.topics.named(name).is_none()) {
        None => view.topic_named(call.state, name),
        Some(colliding) => {
            let may_create = call.could(Operation::Create, Resource::CLUSTER) || call.may(Operation::Create, on_topic);
            match may_create {
                true => view.topic_created(call, name, colliding),
                false => denied().with_is_internal(topic::is_internal(name)),
            }
        }
    }
}

/// How the one who asks sees the cluster.
struct View {
    listener: ListenerName,
    version: i16,
}

impl View {
    /// The topic as it was before it was created, if it has to be.
    fn topic_created(&self, call: &mut Call<'_>, name: &str, colliding: Option<Arc<str>>) -> MetadataResponseTopic {
        let before = self.topic_named(call.state, name);
        // What forbids it, for example a name that collides, is met by the client again at each attempt, as in Kafka.
        let plan = create::Plan::of_new_topic(call.state, &NewTopic::new(name), colliding);
        if let Ok(plan) = plan
            && call.state.mutation_wait(call.now, call.connection, plan.replicas.len(), true).is_ok()
        {
            plan.carry_out(call.state);
        }
        before
    }

    fn topic_named(&self, state: &State, name: &str) -> MetadataResponseTopic {
        if let Some(topic) = state.topics.named(name) {
            return self.topic(state, name, topic);
        }
        let is_valid = topic::validate_name(name).is_ok();
        let code = if is_valid { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION } else { ErrorCode::INVALID_TOPIC_EXCEPTION };
        failed_topic(code).with_name(Some(topic_name(name))).with_is_internal(topic::is_internal(name))
    }

    fn topic_with_id(&self, state: &State, id: TopicId) -> MetadataResponseTopic {
        let found = state.topics.name_of(id).zip(state.topics.with_id(id));
        found.map_or_else(
            || failed_topic(ErrorCode::UNKNOWN_TOPIC_ID).with_name(None).with_topic_id(id.into()),
            |(name, topic)| self.topic(state, name, topic),
        )
    }

    fn topic(&self, state: &State, name: &str, topic: &Topic) -> MetadataResponseTopic {
        let partition = |(index, partition)| self.partition(state, index, partition);
        MetadataResponseTopic::default()
            .with_name(Some(topic_name(name)))
            .with_topic_id(topic.id.into())
            .with_is_internal(topic::is_internal(name))
            .with_partitions(topic.partitions().map(partition).collect())
    }

    fn partition(&self, state: &State, index: i32, partition: &Partition) -> MetadataResponsePartition {
        let brokers = &state.brokers;
        let is_online = |id: &BrokerId| brokers.active_endpoint(*id, &self.listener).is_some();
        let offline: Vec<_> = partition.replicas.iter().copied().filter(|id| !is_online(id)).collect();
        let told = |ids: &[BrokerId]| match self.version >= OFFLINE_TOLD_FROM {
            true => nodes(ids),
            false => nodes(&ids.iter().copied().filter(is_online).collect::<Vec<_>>()),
        };
        let (replicas, in_sync) = (told(&partition.replicas), told(&partition.in_sync));
        let are_all_told = replicas.len() == partition.replicas.len() && in_sync.len() == partition.in_sync.len();
        let (leader, code) = match brokers.endpoint(partition.leader, &self.listener) {
            Some(_) if !are_all_told => (partition.leader, ErrorCode::REPLICA_NOT_AVAILABLE),
            Some(_) => (partition.leader, ErrorCode::NONE),
            None if self.version >= LISTENER_NOT_FOUND_FROM && brokers.is_registered(partition.leader) => {
                (BrokerId::NONE, ErrorCode::LISTENER_NOT_FOUND)
            }
            None => (BrokerId::NONE, ErrorCode::LEADER_NOT_AVAILABLE),
        };
        MetadataResponsePartition::default()
            .with_error_code(code.0)
            .with_partition_index(index)
            .with_leader_id(leader.0.into())
            .with_leader_epoch(partition.leader_epoch.0)
            .with_replica_nodes(replicas)
            .with_isr_nodes(in_sync)
            .with_offline_replicas(nodes(&offline))
    }
}

fn failed_topic(code: ErrorCode) -> MetadataResponseTopic {
    MetadataResponseTopic::default().with_error_code(code.0).with_topic_id(Uuid::nil())
}

fn broker(endpoint: Endpoint<'_>) -> MetadataResponseBroker {
    MetadataResponseBroker::default()
        .with_node_id(endpoint.id.0.into())
        .with_host(text(endpoint.address.host.as_str()))
        .with_port(endpoint.address.port.into())
        .with_rack(endpoint.rack.map(text))
}

pub(super) fn nodes(ids: &[BrokerId]) -> Vec<message::BrokerId> {
    ids.iter().map(|id| id.0.into()).collect()
}

/// A topic's name as the generated messages have it.
pub(super) fn topic_name(name: &str) -> TopicName {
    TopicName(text(name))
}
