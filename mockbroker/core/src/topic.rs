//! The topics of a cluster, by name and by id.

mod config;
mod name;
mod placement;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use ottla_wire::{BrokerId, TopicId};

use crate::configs::{BrokerConfigs, ConfigProblem};
use crate::partition::Partition;

pub(crate) use config::{TopicCompression, TopicConfigs};
pub use name::InvalidName;
pub(crate) use name::{is_internal, validate as validate_name};
pub(crate) use placement::Placer;

/// A partition of a topic that exists; another topic of the same name has other ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TopicPartition {
    pub(crate) topic: TopicId,
    pub(crate) partition: i32,
}

/// All topics.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    by_name: BTreeMap<Arc<str>, Topic>,
    names: BTreeMap<TopicId, Arc<str>>,
    /// How many topics there are with a name that is this one, dots taken for underscores: their metrics would be one.
    unified: BTreeMap<String, usize>,
    partitions: usize,
}

/// A topic.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) id: TopicId,
    pub(crate) configs: TopicConfigs,
    /// What acts on the brokers that have configs of their own.
    configs_on: BTreeMap<BrokerId, TopicConfigs>,
    partitions: Vec<Partition>,
}

impl Topic {
    pub(crate) fn new(id: TopicId, configs: TopicConfigs, partitions: Vec<Partition>) -> Self {
        Self { id, configs, configs_on: BTreeMap::new(), partitions }
    }

    /// Takes on configs, and what follows from them and those of the brokers.
    pub(crate) fn configure(&mut self, configs: &TopicConfigs, brokers: &BrokerConfigs) {
        self.configs = configs.on(&brokers.layers(None));
        let on = |broker| (broker, configs.on(&brokers.layers(Some(broker))));
        self.configs_on = brokers.brokers().map(on).collect();
    }

    /// The partitions, by ascending index from 0.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = (i32, &Partition)> {
        (0_i32..).zip(&self.partitions)
    }

    /// The partitions to change, by ascending index from 0.
    pub(crate) fn partitions_mut(&mut self) -> impl Iterator<Item = (i32, &mut Partition)> {
        (0_i32..).zip(&mut self.partitions)
    }

    /// The partitions, and the configs that say how they are led.
    pub(crate) fn partitions_to_lead(&mut self) -> (impl Iterator<Item = (i32, &mut Partition)>, &TopicConfigs) {
        ((0_i32..).zip(&mut self.partitions), &self.configs)
    }

    /// Its partition to lead, with the configs that say how.
    pub(crate) fn partition_to_lead(&mut self, index: i32) -> Option<(&mut Partition, &TopicConfigs)> {
        Some((self.partitions.get_mut(usize::try_from(index).ok()?)?, &self.configs))
    }

    pub(crate) fn partition(&self, index: i32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(index).ok()?)
    }

    pub(crate) fn partition_mut(&mut self, index: i32) -> Option<&mut Partition> {
        self.partitions.get_mut(usize::try_from(index).ok()?)
    }

    /// Its partition to write, with the configs that say how.
    pub(crate) fn partition_to_append(&mut self, index: i32) -> Option<(&mut Partition, &TopicConfigs)> {
        let partition = self.partitions.get_mut(usize::try_from(index).ok()?)?;
        let configs = self.configs_on.get(&partition.leader).unwrap_or(&self.configs);
        Some((partition, configs))
    }

    /// What [`TopicPartition`] says of each of its partitions.
    pub(crate) fn coordinates(&self) -> impl Iterator<Item = TopicPartition> {
        let topic = self.id;
        self.partitions().map(move |(partition, _)| TopicPartition { topic, partition })
    }
}

impl Topics {
    pub(crate) fn named(&self, name: &str) -> Option<&Topic> {
        self.by_name.get(name)
    }

    pub(crate) fn named_mut(&mut self, name: &str) -> Option<&mut Topic> {
        self.by_name.get_mut(name)
    }

    /// The name of the topic with this id.
    pub(crate) fn name_of(&self, id: TopicId) -> Option<&Arc<str>> {
        self.names.get(&id)
    }

    pub(crate) fn with_id(&self, id: TopicId) -> Option<&Topic> {
        self.named(self.names.get(&id)?)
    }

    /// Lets every topic follow the configs of its brokers.
    pub(crate) fn follow(&mut self, brokers: &BrokerConfigs) {
        for topic in self.by_name.values_mut() {
            let configs = topic.configs.clone();
            topic.configure(&configs, brokers);
        }
    }

    pub(crate) fn partition(&self, at: TopicPartition) -> Option<&Partition> {
        self.with_id(at.topic)?.partition(at.partition)
    }

    pub(crate) fn partition_mut(&mut self, at: TopicPartition) -> Option<&mut Partition> {
        let name = self.names.get(&at.topic)?;
        self.by_name.get_mut(name)?.partition_mut(at.partition)
    }

    /// All of them, by ascending name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Topic)> {
        self.by_name.iter()
    }

    /// The partitions that are being moved to other brokers.
    pub(crate) fn reassigned(&self) -> Vec<TopicPartition> {
        let of_topic = |topic: &Topic| {
            let moved = topic.partitions().filter(|(_, partition)| partition.is_reassigned());
            moved.map(|(partition, _)| TopicPartition { topic: topic.id, partition }).collect::<Vec<_>>()
        };
        self.by_name.values().flat_map(of_topic).collect()
    }

    /// All of them to change, by ascending name.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Topic> {
        self.by_name.values_mut()
    }

    /// How many partitions all topics have together.
    pub(crate) fn partitions(&self) -> usize {
        self.partitions
    }

    /// Adds a topic whose name is not taken.
    pub(crate) fn insert(&mut self, name: &str, topic: Topic) {
        let name: Arc<str> = name.into();
        self.partitions = self.partitions.saturating_add(topic.partitions.len());
        self.names.insert(topic.id, Arc::clone(&name));
        let count = self.unified.entry(name::unified(&name)).or_default();
        *count = count.saturating_add(1);
        self.by_name.insert(name, topic);
    }

    /// Adds partitions to a topic that is there.
    pub(crate) fn grow(&mut self, name: &str, more: Vec<Partition>) {
        if let Some(topic) = self.by_name.get_mut(name) {
            self.partitions = self.partitions.saturating_add(more.len());
            topic.partitions.extend(more);
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Topic> {
        let topic = self.by_name.remove(name)?;
        self.names.remove(&topic.id);
        self.partitions = self.partitions.saturating_sub(topic.partitions.len());
        let unified = name::unified(name);
        if let Some(count) = self.unified.get_mut(&unified) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.unified.remove(&unified);
            }
        }
        Some(topic)
    }

    /// A topic whose name is this one, but for dots in place of underscores.
    pub(crate) fn colliding(&self, name: &str) -> Option<&Arc<str>> {
        let unified = name::unified(name);
        if !name::has_collision_chars(name) || !self.unified.contains_key(&unified) {
            return None;
        }
        // Names that unify to one text begin with what stands before the first character that is unified.
        let start = name.split(['.', '_']).next().unwrap_or_default();
        let from = (Bound::Included(start), Bound::Unbounded);
        let candidates = self.by_name.range::<str, _>(from).map(|(candidate, _)| candidate);
        candidates
            .take_while(|candidate| candidate.starts_with(start))
            .find(|candidate| name::unified(candidate) == unified)
    }
}

/// A topic for a test to create, as the request of a client would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    pub(crate) name: String,
    pub(crate) partitions: Option<i32>,
    pub(crate) replication_factor: Option<i16>,
    pub(crate) configs: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic with as many partitions and replicas as the cluster gives when nothing is said.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), partitions: None, replication_factor: None, configs: BTreeMap::new() }
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of partitions.
    #[must_use]
    pub fn partitions(mut self, partitions: i32) -> Self {
        self.partitions = Some(partitions);
        self
    }

    /// On how many brokers each partition stands.
    #[must_use]
    pub fn replication_factor(mut self, factor: i16) -> Self {
        self.replication_factor = Some(factor);
        self
    }

    /// Sets a config of the topic, by Kafka's name.
    #[must_use]
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.configs.insert(name.into(), value.into());
        self
    }
}

/// Why a topic is not created; nothing is changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CreateTopicError {
    /// The name is none that a topic may have.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// The name differs from that of a topic in dots and underscores alone.
    #[error("topic {name:?} differs from topic {existing:?} in dots and underscores alone")]
    Collision {
        /// The name asked for.
        name: String,
        /// The topic that there is.
        existing: String,
    },
    /// There is a topic of this name; told in Kafka's words, which its tools and their users look for.
    #[error("Topic '{0}' already exists.")]
    Exists(String),
    /// A config is none that topics have, or has a value that it may not have.
    #[error(transparent)]
    Config(#[from] ConfigProblem),
    /// The number of partitions is neither positive nor -1, which stands for the default.
    #[error("the number of partitions must be positive, or -1 for the default")]
    Partitions,
    /// The cluster would have more partitions than [`crate::Bounds::partitions_max`].
    #[error("the cluster would have too many partitions")]
    TooManyPartitions,
    /// The replication factor is neither positive nor -1, which stands for the default.
    #[error("the replication factor must be positive, or -1 for the default")]
    ReplicationFactor,
    /// No broker is there that could lead a partition.
    #[error("all brokers are fenced")]
    AllFenced,
    /// The replication factor is above the number of brokers.
    #[error("replication factor {factor} needs as many brokers, and there are {brokers}")]
    TooFewBrokers {
        /// The replication factor.
        factor: i16,
        /// How many brokers there are.
        brokers: usize,
    },
    /// Replicas are assigned by hand, and a number of partitions or a replication factor is given too.
    #[error("replicas are assigned by hand, so the {0} must be -1")]
    AssignmentAndNumber(&'static str),
    /// Replicas are assigned by hand, and not as they may be.
    #[error(transparent)]
    Assignment(#[from] InvalidAssignment),
}

/// What is wrong with replicas that are assigned by hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAssignment {
    /// A partition stands there twice.
    #[error("partition {0} is assigned twice")]
    DuplicatePartition(i32),
    /// The partitions are not 0 and so on without a gap.
    #[error("the partitions assigned are not 0 and so on without a gap")]
    Gap,
    /// A partition has no replica.
    #[error("a partition is assigned to no broker")]
    Empty,
    /// A broker is none of the cluster's.
    #[error("a partition is assigned to broker {0}, which does not exist")]
    UnknownBroker(BrokerId),
    /// None of the brokers of a partition is there, so that none could lead it.
    #[error("all brokers that a partition is assigned to are fenced")]
    AllFenced,
    /// A broker has a partition twice.
    #[error("a partition is assigned to broker {0} twice")]
    DuplicateBroker(BrokerId),
    /// Partitions have different numbers of replicas.
    #[error("a partition is assigned {found} replicas, and those before it {expected}")]
    UnevenReplicas {
        /// How many this one has.
        found: usize,
        /// How many those before it have.
        expected: usize,
    },
}

/// A leader cannot be moved; nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoveLeaderError {
    /// There is no such partition.
    #[error(transparent)]
    UnknownPartition(#[from] UnknownPartition),
    /// The broker has no replica of the partition that is in sync, so it cannot lead it.
    #[error("broker {0} has no replica of the partition that is in sync")]
    NotInSync(BrokerId),
}

/// A follower cannot be held back or let go; nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FollowerError {
    /// There is no such partition.
    #[error(transparent)]
    UnknownPartition(#[from] UnknownPartition),
    /// The broker has no replica of the partition, or leads it.
    #[error("broker {0} is no follower of the partition")]
    NoFollower(BrokerId),
}

/// There is no such partition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no partition {topic}-{partition}")]
pub struct UnknownPartition {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
}
