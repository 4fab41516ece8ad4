//! What is known of the cluster: its brokers, its topics, and who leads what.
//!
//! [`Cluster`] merges the answers to Metadata, which come from any broker and so in any order, into [`Snapshot`]s, and decides when to ask again.

mod machine;
mod merge;
mod refresh;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, TopicId};

pub use machine::{Cluster, Config, METADATA_MAX_AGE, REFRESH_INTERVAL_MIN, TOPIC_IDLE_MAX, TOPIC_NAME_BYTES_MAX};
pub use merge::{HOLES_MAX, MetadataError};

/// A picture of the cluster that never changes; a newer one replaces it.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The id of the cluster, where the broker tells it.
    pub cluster_id: Option<Arc<str>>,
    /// The broker that takes administrative requests.
    pub controller: Option<BrokerId>,
    /// The brokers that are alive.
    pub brokers: BTreeMap<BrokerId, Broker>,
    /// The topics that were asked for, with what is known of each.
    pub topics: BTreeMap<Arc<str>, TopicState>,
}

/// A broker, as metadata tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// The host name that clients of this listener connect to.
    pub host: Arc<str>,
    /// The port of this listener.
    pub port: u16,
    /// The rack, on MSK the id of the availability zone.
    pub rack: Option<Arc<str>>,
}

/// What the last answer about a topic said.
#[derive(Clone, Debug)]
pub enum TopicState {
    /// It exists.
    Known(Arc<Topic>),
    /// The broker refused, for example with `UNKNOWN_TOPIC_OR_PARTITION` or `TOPIC_AUTHORIZATION_FAILED`.
    Refused {
        /// The broker's error.
        code: ErrorCode,
        /// When it was said.
        at: Instant,
    },
}

/// A topic and its partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: Arc<str>,
    /// Its id; zero where the broker does not tell it.
    pub id: TopicId,
    /// Its partitions: that of index 0 first, with none left out. One that no answer has told of has no leader and no epoch.
    pub partitions: Vec<Partition>,
}

/// A partition, as metadata tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// The broker that leads it, where one does.
    pub leader: Option<BrokerId>,
    /// How often the leadership has moved; unknown where the broker does not tell it.
    pub leader_epoch: LeaderEpoch,
}

impl Snapshot {
    /// The topic of this name, where it is known to exist.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<&Arc<Topic>> {
        match self.topics.get(name)? {
            TopicState::Known(topic) => Some(topic),
            TopicState::Refused { .. } => None,
        }
    }

    /// The partition of this index, where it is known to exist.
    #[must_use]
    pub fn partition(&self, topic: &str, index: i32) -> Option<&Partition> {
        self.topic(topic)?.partitions.get(usize::try_from(index).ok()?)
    }

    /// The name of the topic with this id.
    #[must_use]
    pub fn topic_of_id(&self, id: TopicId) -> Option<&Arc<Topic>> {
        self.topics.values().find_map(|state| match state {
            TopicState::Known(topic) if topic.id == id => Some(topic),
            _ => None,
        })
    }
}
