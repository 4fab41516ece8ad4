//! A partition: who leads it, who follows and how far, and its log.

mod append;
mod leadership;
mod producers;
mod records;
mod replication;

use std::cmp::Ordering;

use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch};

use crate::broker::Brokers;
use crate::log::{Compaction, Due, PartitionLog};

pub(crate) use append::{AppendContext, Appended, Refused, only_batch};
pub(crate) use leadership::{Election, Electorate};
pub use producers::ActiveProducer;
pub(crate) use producers::Producers;
pub(crate) use replication::Reach;
use replication::Replication;

/// One partition of a topic. The log of each replica is the leader's, or the beginning of it, so the partition has it once.
#[derive(Debug)]
pub(crate) struct Partition {
    /// [`BrokerId::NONE`] where no replica that may lead is there.
    pub(crate) leader: BrokerId,
    pub(crate) leader_epoch: LeaderEpoch,
    /// Counts every change of what the controller keeps of the partition.
    pub(crate) partition_epoch: i32,
    /// The first is preferred as the leader.
    pub(crate) replicas: Vec<BrokerId>,
    pub(crate) in_sync: Vec<BrokerId>,
    /// Replicas that are not in sync and have every committed record all the same (KIP-966).
    pub(crate) eligible: Vec<BrokerId>,
    /// Who led last, while nobody leads.
    pub(crate) last_leader: Option<BrokerId>,
    /// The replicas that a reassignment adds, and those that it will take away.
    pub(crate) adding: Vec<BrokerId>,
    pub(crate) removing: Vec<BrokerId>,
    replication: Replication,
    pub(crate) log: PartitionLog,
    pub(crate) producers: Producers,
}

/// What the controller keeps of a partition: who has it, who leads it, and who could.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replicas {
    /// The broker that leads the partition; none where no replica that may lead is there.
    pub leader: Option<BrokerId>,
    /// Counts the leaders.
    pub leader_epoch: LeaderEpoch,
    /// Counts every change of what stands here.
    pub partition_epoch: i32,
    /// All brokers that have the partition; the first is preferred as the leader.
    pub replicas: Vec<BrokerId>,
    /// Those that have all that the leader has.
    pub in_sync: Vec<BrokerId>,
    /// Those that are not in sync and have every committed record all the same (KIP-966).
    pub eligible: Vec<BrokerId>,
    /// Those that a reassignment adds.
    pub adding: Vec<BrokerId>,
    /// Those that a reassignment will take away.
    pub removing: Vec<BrokerId>,
}

impl From<&Partition> for Replicas {
    fn from(partition: &Partition) -> Self {
        Self {
            leader: Some(partition.leader).filter(|id| *id != BrokerId::NONE),
            leader_epoch: partition.leader_epoch,
            partition_epoch: partition.partition_epoch,
            replicas: partition.replicas.clone(),
            in_sync: partition.in_sync.clone(),
            eligible: partition.eligible.clone(),
            adding: partition.adding.clone(),
            removing: partition.removing.clone(),
        }
    }
}

impl Partition {
    /// An empty partition on these brokers, led by the first that is there; all of those are in sync.
    pub(crate) fn new(replicas: Vec<BrokerId>, brokers: &Brokers) -> Self {
        let in_sync: Vec<BrokerId> = replicas.iter().copied().filter(|id| brokers.is_active(*id)).collect();
        let leader_epoch = LeaderEpoch(0);
        let mut log = PartitionLog::default();
        log.begin_epoch(leader_epoch);
        let mut partition = Self {
            leader: in_sync.first().copied().unwrap_or(BrokerId::NONE),
            leader_epoch,
            partition_epoch: 0,
            in_sync,
            eligible: Vec::new(),
            last_leader: None,
            adding: Vec::new(),
            removing: Vec::new(),
            replication: Replication::default(),
            replicas,
            log,
            producers: Producers::default(),
        };
        partition.follow(brokers);
        partition
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
        self.is_cut();
        bytes
    }

    /// Up to where consumers may read that want committed records alone.
    pub(crate) fn last_stable_offset(&self) -> i64 {
        self.high_watermark()
    }
}
