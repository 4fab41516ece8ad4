//! The controllers, which agree on what the cluster is: who of them leads, and how much they have written down.
//!
//! Every broker of the cluster is a controller too. They never lack a majority: a cluster whose brokers are down but one goes on.

use ottla_wire::{BrokerId, LeaderEpoch};

use crate::config::BrokerConfig;

/// The quorum of the controllers.
#[derive(Debug)]
pub(crate) struct Quorum {
    pub(crate) leader: BrokerId,
    pub(crate) epoch: LeaderEpoch,
    /// The offset that the next record of `__cluster_metadata` will have.
    pub(crate) end_offset: i64,
}

impl Quorum {
    pub(crate) fn new(brokers: &[BrokerConfig]) -> Self {
        let leader = brokers.iter().map(|broker| broker.id).min().unwrap_or(BrokerId::NONE);
        Self { leader, epoch: LeaderEpoch(1), end_offset: 1 }
    }

    /// Makes another controller the leader, in the next epoch.
    pub(crate) fn elect(&mut self, controller: BrokerId) {
        self.leader = controller;
        self.epoch = LeaderEpoch(self.epoch.0.saturating_add(1));
        self.record();
    }

    /// Writes a change of the cluster down.
    pub(crate) fn record(&mut self) {
        self.end_offset = self.end_offset.saturating_add(1);
    }
}
