//! The creation of a topic: what is asked for, held against Kafka's rules, and carried out as a whole or not at all.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_wire::{BrokerId, ErrorCode, TopicId};

use crate::partition::Partition;
use crate::state::State;
use crate::topic::{self, CreateTopicError, InvalidAssignment, NewTopic, Placer, Topic, TopicConfigs};

/// What stands for the default number of partitions and replicas.
pub(crate) const DEFAULT: i32 = -1;

/// A topic as it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) name: &'a str,
    /// The topic that the name collides with, as [`crate::topic::Topics::colliding`] found it before the request created any: topics of one
    /// request may collide with each other.
    pub(crate) colliding: Option<Arc<str>>,
    pub(crate) partitions: i32,
    pub(crate) replication_factor: i16,
    /// The brokers of each partition; none where the cluster chooses.
    pub(crate) assignments: Vec<(i32, Vec<BrokerId>)>,
    pub(crate) configs: Vec<(&'a str, Option<&'a str>)>,
}

/// A topic that may be created.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    name: String,
    pub(crate) configs: TopicConfigs,
    /// The brokers of each partition, its leader first.
    pub(crate) replicas: Vec<Vec<BrokerId>>,
}

impl Plan {
    pub(crate) fn of_new_topic(
        state: &mut State,
        topic: &NewTopic,
        colliding: Option<Arc<str>>,
    ) -> Result<Self, CreateTopicError> {
        let configs = topic.configs.iter().map(|(name, value)| (name.as_str(), Some(value.as_str())));
        let wanted = Wanted {
            name: &topic.name,
            colliding,
            partitions: topic.partitions.unwrap_or(DEFAULT),
            replication_factor: topic.replication_factor.unwrap_or(-1),
            assignments: Vec::new(),
            configs: configs.collect(),
        };
        Self::new(state, &wanted)
    }

    /// Holds a topic against the rules, in Kafka's order: name, configs, replicas.
    pub(crate) fn new(state: &mut State, wanted: &Wanted<'_>) -> Result<Self, CreateTopicError> {
        let name = wanted.name;
        if state.topics.named(name).is_some() {
            return Err(CreateTopicError::Exists(name.to_owned()));
        }
        topic::validate_name(name)?;
        if let Some(existing) = &wanted.colliding {
            return Err(CreateTopicError::Collision { name: name.to_owned(), existing: existing.to_string() });
        }
        let configs = TopicConfigs::new(wanted.configs.iter().copied(), &state.configs.brokers.layers(None))?;
        let replicas = match wanted.assignments.is_empty() {
            true => placed(state, wanted)?,
            false => assigned(state, wanted)?,
        };
        if state.topics.partitions().saturating_add(replicas.len()) > state.config.bounds.partitions_max {
            return Err(CreateTopicError::TooManyPartitions);
        }
        Ok(Self { name: name.to_owned(), configs, replicas })
    }

    pub(crate) fn replication_factor(&self) -> i16 {
        let replicas = self.replicas.first().map(Vec::len).unwrap_or_default();
        i16::try_from(replicas).unwrap_or(i16::MAX)
    }

    /// Creates the topic.
    pub(crate) fn carry_out(self, state: &mut State) -> TopicId {
        let id = TopicId(state.random.uuid());
        state.quorum.record();
        let partitions = self.replicas.into_iter().map(|replicas| Partition::new(replicas, &state.brokers)).collect();
        let mut topic = Topic::new(id, self.configs.clone(), partitions);
        topic.configure(&self.configs, &state.configs.brokers);
        state.topics.insert(&self.name, topic);
        id
    }
}

/// The replicas of a topic whose brokers the cluster chooses.
fn placed(state: &mut State, wanted: &Wanted<'_>) -> Result<Vec<Vec<BrokerId>>, CreateTopicError> {
    let factor = match wanted.replication_factor {
        -1 => state.config.replication_factor(),
        factor if factor < 1 => return Err(CreateTopicError::ReplicationFactor),
        factor => factor,
    };
    let partitions = match wanted.partitions {
        DEFAULT => state.config.num_partitions,
        partitions if partitions < 1 => return Err(CreateTopicError::Partitions),
        partitions => partitions,
    };
    let brokers = state.brokers.registered().count();
    if !state.brokers.iter().any(|(_, broker)| broker.is_active()) {
        return Err(CreateTopicError::AllFenced);
    }
    let replicas = usize::try_from(factor).unwrap_or_default();
    if replicas > brokers {
        return Err(CreateTopicError::TooFewBrokers { factor, brokers });
    }
    let partitions = usize::try_from(partitions).unwrap_or_default();
    if partitions > state.config.bounds.partitions_max {
        return Err(CreateTopicError::TooManyPartitions);
    }
    let mut placer = Placer::new(&state.brokers, &mut state.random);
    Ok((0..partitions).map(|_| placer.place(replicas)).collect())
}

/// The replicas of a topic whose brokers the client chose.
fn assigned(state: &State, wanted: &Wanted<'_>) -> Result<Vec<Vec<BrokerId>>, CreateTopicError> {
    if wanted.replication_factor != -1 {
        return Err(CreateTopicError::AssignmentAndNumber("replication factor"));
    }
    if wanted.partitions != DEFAULT {
        return Err(CreateTopicError::AssignmentAndNumber("number of partitions"));
    }
    let mut by_partition = BTreeMap::new();
    let mut expected = None;
    for (partition, replicas) in &wanted.assignments {
        check_replicas(state, replicas)?;
        let expected = *expected.get_or_insert(replicas.len());
        if replicas.len() != expected {
            return Err(InvalidAssignment::UnevenReplicas { found: replicas.len(), expected }.into());
        }
        if !replicas.iter().any(|id| state.brokers.is_active(*id)) {
            return Err(InvalidAssignment::AllFenced.into());
        }
        if by_partition.insert(*partition, replicas.clone()).is_some() {
            return Err(InvalidAssignment::DuplicatePartition(*partition).into());
        }
    }
    if (0..).zip(by_partition.keys()).any(|(index, partition): (i32, &i32)| index != *partition) {
        return Err(InvalidAssignment::Gap.into());
    }
    Ok(by_partition.into_values().collect())
}

/// Whether a partition may stand on these brokers.
pub(super) fn check_replicas(state: &State, replicas: &[BrokerId]) -> Result<(), InvalidAssignment> {
    if replicas.is_empty() {
        return Err(InvalidAssignment::Empty);
    }
    let mut seen = std::collections::BTreeSet::new();
    for broker in replicas {
        if !seen.insert(*broker) {
            return Err(InvalidAssignment::DuplicateBroker(*broker));
        }
        if !state.brokers.is_registered(*broker) {
            return Err(InvalidAssignment::UnknownBroker(*broker));
        }
    }
    Ok(())
}

impl CreateTopicError {
    /// The code that CreateTopics answers.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Name(_) | Self::Collision { .. } => ErrorCode::INVALID_TOPIC_EXCEPTION,
            Self::Exists(_) => ErrorCode::TOPIC_ALREADY_EXISTS,
            Self::Config(_) => ErrorCode::INVALID_CONFIG,
            Self::Partitions => ErrorCode::INVALID_PARTITIONS,
            Self::TooManyPartitions => ErrorCode::POLICY_VIOLATION,
            Self::ReplicationFactor | Self::AllFenced | Self::TooFewBrokers { .. } => {
                ErrorCode::INVALID_REPLICATION_FACTOR
            }
            Self::AssignmentAndNumber(_) => ErrorCode::INVALID_REQUEST,
            Self::Assignment(_) => ErrorCode::INVALID_REPLICA_ASSIGNMENT,
        }
    }
}
