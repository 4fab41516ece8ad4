//! A partition: who leads it, who follows, and its log.

mod append;
mod producers;
mod records;

use std::cmp::Ordering;

use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch};

use crate::log::{Compaction, Due, PartitionLog};

pub(crate) use append::{AppendContext, Appended, Refused, only_batch};
pub use producers::ActiveProducer;
pub(crate) use producers::Producers;

/// One partition of a topic. All replicas have the same log at all times, so the partition has it once.
#[derive(Debug)]
pub(crate) struct Partition {
    pub(crate) leader: BrokerId,
    pub(crate) leader_epoch: LeaderEpoch,
    pub(crate) replicas: Vec<BrokerId>,
    pub(crate) in_sync: Vec<BrokerId>,
    pub(crate) log: PartitionLog,
    pub(crate) producers: Producers,
}

impl Partition {
    /// An empty partition on these brokers, led by the first.
    pub(crate) fn new(replicas: Vec<BrokerId>) -> Self {
        let leader_epoch = LeaderEpoch(0);
        let mut log = PartitionLog::default();
        log.begin_epoch(leader_epoch);
        Self {
            leader: replicas.first().copied().unwrap_or(BrokerId::NONE),
            leader_epoch,
            in_sync: replicas.clone(),
            replicas,
            log,
            producers: Producers::default(),
        }
    }

    /// Whether `broker` leads the partition in the epoch that a client believes in, where it says one (KIP-320).
    pub(crate) fn check_leader(&self, broker: BrokerId, believed: LeaderEpoch) -> Result<(), ErrorCode> {
        self.check_replica(broker, believed)?;
        if broker == self.leader { Ok(()) } else { Err(ErrorCode::NOT_LEADER_OR_FOLLOWER) }
    }

    /// Whether `broker` has a replica, and the partition is in the epoch that a client believes in, where it says one.
    pub(crate) fn check_replica(&self, broker: BrokerId, believed: LeaderEpoch) -> Result<(), ErrorCode> {
        if !self.replicas.contains(&broker) {
            return Err(ErrorCode::NOT_LEADER_OR_FOLLOWER);
        }
        match believed.cmp(&self.leader_epoch) {
            _ if believed == LeaderEpoch::UNKNOWN => Ok(()),
            Ordering::Equal => Ok(()),
            Ordering::Less => Err(ErrorCode::FENCED_LEADER_EPOCH),
            Ordering::Greater => Err(ErrorCode::UNKNOWN_LEADER_EPOCH),
        }
    }

    /// Makes `broker` the leader, in the next epoch.
    pub(crate) fn elect(&mut self, broker: BrokerId) {
        self.leader = broker;
        self.leader_epoch = LeaderEpoch(self.leader_epoch.0.saturating_add(1));
        self.log.begin_epoch(self.leader_epoch);
    }

    /// Compacts the log, if it is due.
    pub(crate) fn compact(&mut self, how: &Compaction, due: Due, now: i64) {
        self.log.compact(how, due, &self.producers.last_offsets(), now);
    }

    /// Cuts the log, which then ends at `end_offset`, with what is known of producers that wrote what is lost; how many bytes that were.
    pub(crate) fn cut_end(&mut self, end_offset: i64) -> usize {
        let bytes = self.log.cut_end(end_offset);
        let lost = self.producers.cut_end(self.log.end_offset());
        for batch in self.log.batches().filter(|batch| lost.contains(&batch.producer_id())) {
            self.producers.remember(batch, usize::MAX);
        }
        bytes
    }

    /// Up to where consumers may read: everything, for all replicas have it.
    pub(crate) fn high_watermark(&self) -> i64 {
        self.log.end_offset()
    }

    /// Up to where consumers may read that want committed records alone.
    pub(crate) fn last_stable_offset(&self) -> i64 {
        self.high_watermark()
    }
}
