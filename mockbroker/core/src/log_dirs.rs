//! In which of a broker's folders each replica stands.

use std::collections::BTreeMap;

use ottla_wire::{BrokerId, TopicId};

use crate::state::State;
use crate::topic::TopicPartition;

/// The replicas that were moved to another folder than that which they were made in, the first of their broker's.
#[derive(Debug, Default)]
pub(crate) struct LogDirs(BTreeMap<(BrokerId, TopicPartition), String>);

impl LogDirs {
    /// Where a replica was moved to, if it was.
    pub(crate) fn of(&self, broker: BrokerId, partition: TopicPartition) -> Option<&str> {
        self.0.get(&(broker, partition)).map(String::as_str)
    }

    /// Moves a replica, which is there at once.
    pub(crate) fn set(&mut self, broker: BrokerId, partition: TopicPartition, dir: &str) {
        self.0.insert((broker, partition), dir.to_owned());
    }

    /// Forgets the partitions of a topic that is deleted.
    pub(crate) fn forget(&mut self, topic: TopicId) {
        self.0.retain(|(_, moved), _| moved.topic != topic);
    }
}

/// The folders of a broker, in the order of its config.
pub(crate) fn log_dirs(state: &State, broker: BrokerId) -> Vec<String> {
    let layers = state.configs.brokers.layers(Some(broker));
    let dirs = layers.value("log.dirs").or_else(|| layers.value("log.dir")).unwrap_or_default();
    let mut told: Vec<String> = Vec::new();
    for dir in dirs.split(',').map(str::trim).filter(|dir| !dir.is_empty()) {
        if !told.iter().any(|known| known == dir) {
            told.push(dir.to_owned());
        }
    }
    told
}
