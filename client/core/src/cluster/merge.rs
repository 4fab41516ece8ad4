//! An answer to Metadata, laid over what is known.
//!
//! The brokers of an answer replace those known as a whole. A topic is merged by its id: another id is another topic and replaces the old one
//! (KIP-516); within one topic, a partition of an older leader epoch never replaces one of a newer (KIP-320), for brokers learn of a new leader
//! one after another. What an answer leaves out stays as it was.
//!
//! Leader epochs count from version 9 of the answer on: brokers before 2.4 may tell an old one with a new leader (KAFKA-9212).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ottla_wire::message::MetadataResponse;
use ottla_wire::message::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, TopicId};

use super::{Broker, Partition, Snapshot, Topic, TopicState};

/// The last that was told of each topic.
pub(super) type Seen = BTreeMap<Arc<str>, Arc<Topic>>;

/// The topics of interest, each with when it was last used.
pub(super) type Interest = BTreeMap<Arc<str>, Instant>;

/// Why an answer to Metadata is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// The broker refused to answer at all.
    #[error("the broker refused Metadata: {code}")]
    Refused {
        /// The broker's error.
        code: ErrorCode,
    },
    /// It names no broker; one that is starting does that.
    #[error("the answer to Metadata names no broker")]
    NoBrokers,
    /// It comes from another cluster than the ones before it: an address leads somewhere else now.
    #[error("the answer to Metadata comes from cluster {actual:?}, not from {expected:?}")]
    OtherCluster {
        /// The id of the cluster that the client is connected to.
        expected: Arc<str>,
        /// The id in the answer.
        actual: Arc<str>,
    },
    /// A broker has a port that there is not.
    #[error("broker {broker} has port {port}")]
    Port {
        /// The broker.
        broker: BrokerId,
        /// What it says its port is.
        port: i32,
    },
    /// A partition has an index that is negative, or far above how many partitions are told of.
    #[error("topic {topic} has a partition {index}")]
    PartitionIndex {
        /// The topic.
        topic: Arc<str>,
        /// The index.
        index: i32,
    },
}

/// The most partitions that an answer may leave out of a topic: memory follows what came, never an index.
pub const HOLES_MAX: usize = 1024;

/// The first version whose leader epochs are to be relied on.
const EPOCHS_FROM: i16 = 9;

pub(super) fn merge(
    previous: &Snapshot,
    seen: &Seen,
    interest: &Interest,
    now: Instant,
    version: i16,
    response: &MetadataResponse,
) -> Result<Snapshot, MetadataError> {
    ErrorCode(response.error_code).ok().map_err(|code| MetadataError::Refused { code })?;
    let cluster_id = cluster_id(previous, response)?;
    let brokers = response.brokers.iter().map(broker).collect::<Result<BTreeMap<_, _>, _>>()?;
    if brokers.is_empty() {
        return Err(MetadataError::NoBrokers);
    }
    let of_interest = previous.topics.iter().filter(|(name, _)| interest.contains_key(*name));
    let mut topics: BTreeMap<_, _> = of_interest.map(|(name, state)| (name.clone(), state.clone())).collect();
    for told in &response.topics {
        let known = told.name.as_ref().and_then(|name| interest.get_key_value(name.as_str()));
        let Some((name, _)) = known else { continue };
        let state = match ErrorCode(told.error_code).ok() {
            Ok(()) => TopicState::Known(Arc::new(topic(name, seen.get(name), version, told)?)),
            Err(code) => TopicState::Refused { code, at: now },
        };
        topics.insert(name.clone(), state);
    }
    let controller = Some(BrokerId(response.controller_id.0)).filter(|id| brokers.contains_key(id));
    Ok(Snapshot { cluster_id, controller, brokers, topics })
}

fn cluster_id(previous: &Snapshot, response: &MetadataResponse) -> Result<Option<Arc<str>>, MetadataError> {
    let told: Option<Arc<str>> = response.cluster_id.as_ref().map(|id| id.as_str().into());
    match (&previous.cluster_id, told) {
        (Some(expected), Some(actual)) if *expected != actual => {
            Err(MetadataError::OtherCluster { expected: expected.clone(), actual })
        }
        (Some(known), _) => Ok(Some(known.clone())),
        (None, told) => Ok(told),
    }
}

fn broker(told: &MetadataResponseBroker) -> Result<(BrokerId, Broker), MetadataError> {
    let id = BrokerId(told.node_id.0);
    let port = u16::try_from(told.port).map_err(|_| MetadataError::Port { broker: id, port: told.port })?;
    let rack = told.rack.as_ref().map(|rack| rack.as_str().into());
    Ok((id, Broker { host: told.host.as_str().into(), port, rack }))
}

fn topic(
    name: &Arc<str>,
    seen: Option<&Arc<Topic>>,
    version: i16,
    told: &MetadataResponseTopic,
) -> Result<Topic, MetadataError> {
    let id = TopicId::from(told.topic_id);
    let same = seen.filter(|seen| seen.id == id || seen.id.is_zero() || id.is_zero());
    // Partitions are only added to a topic, so fewer of the same id are an old picture. Of no id that cannot be known.
    let base = same.filter(|seen| seen.id == id && !id.is_zero());
    let mut partitions = base.map_or_else(Vec::new, |seen| seen.partitions.clone());
    let most = told.partitions.len().saturating_add(HOLES_MAX).max(partitions.len());
    for one in &told.partitions {
        let index = usize::try_from(one.partition_index).ok().filter(|index| *index < most);
        let index =
            index.ok_or_else(|| MetadataError::PartitionIndex { topic: name.clone(), index: one.partition_index })?;
        if partitions.len() <= index {
            partitions.resize(index + 1, Partition { leader: None, leader_epoch: LeaderEpoch::UNKNOWN });
        }
        let known = same.and_then(|seen| seen.partitions.get(index));
        partitions[index] = newer(known, partition(version, one));
    }
    Ok(Topic { name: name.clone(), id, partitions })
}

fn partition(version: i16, told: &MetadataResponsePartition) -> Partition {
    let leader = Some(BrokerId(told.leader_id.0)).filter(|leader| leader.0 >= 0);
    let epoch = Some(LeaderEpoch(told.leader_epoch)).filter(|epoch| version >= EPOCHS_FROM && epoch.0 >= 0);
    Partition { leader, leader_epoch: epoch.unwrap_or(LeaderEpoch::UNKNOWN) }
}

/// An epoch that is not known says nothing, and does not keep the leader from being replaced.
fn newer(known: Option<&Partition>, told: Partition) -> Partition {
    match known {
        Some(known) if told.leader_epoch != LeaderEpoch::UNKNOWN && told.leader_epoch < known.leader_epoch => *known,
        _ => told,
    }
}
