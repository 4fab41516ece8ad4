//! What the controller does when brokers come and go, and when followers catch up.
//!
//! A broker that is fenced or unregistered leaves the replicas that are in sync of all its partitions, and others lead in its place. One that comes
//! back leads those partitions again that nobody leads and it may lead, and catches up with the others at once, unless a test holds it.
//! Deviations: leaders move back to the preferred replicas only when they are asked to, where Kafka looks every five minutes
//! (`auto.leader.rebalance.enable`).

use std::collections::BTreeSet;

use ottla_wire::BrokerId;

use crate::broker::Brokers;
use crate::partition::{Election, Electorate, Partition};
use crate::quorum::Quorum;
use crate::release::Release;
use crate::state::State;
use crate::time::Now;
use crate::topic::{TopicConfigs, TopicPartition};

/// How a partition is to be changed; whether it was.
type Decide<'a> = &'a mut dyn FnMut(&mut Partition, &Electorate<'_>) -> bool;

impl State {
    /// A broker that is not heard of, or that says so itself, is there for nobody.
    pub(crate) fn fence(&mut self, broker: BrokerId) {
        if let Some(broker) = self.brokers.broker_mut(broker) {
            broker.fence();
        }
        self.leaves(broker);
    }

    /// The controller forgets a broker.
    pub(crate) fn unregister(&mut self, broker: BrokerId) {
        if let Some(broker) = self.brokers.broker_mut(broker) {
            broker.unregister();
        }
        self.leaves(broker);
    }

    /// A broker that is started again after it was killed may have lost the end of its logs.
    pub(crate) fn lost_its_end(&mut self, broker: BrokerId) {
        self.change_all(&mut |partition, electorate| {
            let matters = partition.in_sync.contains(&broker) || partition.eligible.contains(&broker);
            matters && partition.drop_unclean(broker, electorate)
        });
    }

    /// A broker is there again: what nobody leads is led by who may, and who fetches from a leader is in sync.
    pub(crate) fn comes_back(&mut self) {
        self.change_all(&mut |partition, electorate| !partition.has_leader() && partition.elect(electorate));
    }

    /// Takes account of which brokers fetch from which, after one begins to or ends.
    pub(crate) fn replicate(&mut self) {
        self.change_all(&mut |_, _| false);
    }

    /// Lets another controller lead, where the one that leads does not run.
    pub(crate) fn elect_controller(&mut self) {
        if self.brokers.is_running(self.quorum.leader) {
            return;
        }
        let running = self.brokers.iter().map(|(id, _)| id).find(|id| self.brokers.is_running(*id));
        if let Some(controller) = running {
            self.quorum.elect(controller);
        }
    }

    /// The broker that clients are told as the controller. Kafka answers any that is there, for each forwards what is the controller's.
    pub(crate) fn controller(&self) -> BrokerId {
        let brokers = &self.brokers;
        let leader = Some(self.quorum.leader).filter(|id| brokers.is_active(*id));
        let first = || brokers.iter().map(|(id, _)| id).find(|id| brokers.is_active(*id));
        leader.or_else(first).unwrap_or(BrokerId::NONE)
    }

    fn leaves(&mut self, broker: BrokerId) {
        self.change_all(&mut |partition, electorate| {
            partition.in_sync.contains(&broker) && partition.drop_from_in_sync(broker, electorate)
        });
    }

    /// Changes one partition, and lets its followers follow; `None` where there is no such partition, else whether `decide` changed it.
    pub(crate) fn change(&mut self, at: TopicPartition, decide: Decide<'_>) -> Option<bool> {
        let Self { brokers, topics, quorum, changed, log_bytes, release, .. } = self;
        let name = topics.name_of(at.topic)?.clone();
        let (partition, configs) = topics.named_mut(&name)?.partition_to_lead(at.partition)?;
        let outcome = Outcome::of(partition, &electorate(brokers, release, configs), decide);
        outcome.record(at, quorum, changed, log_bytes);
        Some(outcome.is_decided)
    }

    fn change_all(&mut self, decide: Decide<'_>) {
        let Self { brokers, topics, quorum, changed, log_bytes, release, .. } = self;
        for topic in topics.iter_mut() {
            let id = topic.id;
            let (partitions, configs) = topic.partitions_to_lead();
            let electorate = electorate(brokers, release, configs);
            for (index, partition) in partitions {
                let outcome = Outcome::of(partition, &electorate, decide);
                outcome.record(TopicPartition { topic: id, partition: index }, quorum, changed, log_bytes);
            }
        }
    }
}

fn electorate<'a>(brokers: &'a Brokers, release: &Release, configs: &TopicConfigs) -> Electorate<'a> {
    let election = if configs.allows_unclean_election { Election::Unclean } else { Election::Online };
    let in_sync_min = configs.in_sync_replicas_min;
    Electorate { brokers, in_sync_min, advance_min: release.advance_min(in_sync_min), election }
}

/// What became of a partition.
struct Outcome {
    /// Whether what was decided changed it.
    is_decided: bool,
    /// How often the controller wrote it down.
    records: usize,
    has_advanced: bool,
    /// The bytes of what its new leader lacks.
    bytes_lost: usize,
}

impl Outcome {
    fn of(partition: &mut Partition, electorate: &Electorate<'_>, decide: Decide<'_>) -> Self {
        let (bytes, high_watermark) = (partition.log.size_bytes(), partition.high_watermark());
        let is_decided = decide(partition, electorate);
        let has_followed = partition.replicate(electorate);
        Self {
            is_decided,
            records: usize::from(is_decided).saturating_add(usize::from(has_followed)),
            has_advanced: partition.high_watermark() != high_watermark,
            bytes_lost: bytes.saturating_sub(partition.log.size_bytes()),
        }
    }

    fn record(
        &self,
        at: TopicPartition,
        quorum: &mut Quorum,
        changed: &mut BTreeSet<TopicPartition>,
        log_bytes: &mut usize,
    ) {
        (0..self.records).for_each(|_| quorum.record());
        *log_bytes = log_bytes.saturating_sub(self.bytes_lost);
        if self.records > 0 || self.has_advanced {
            changed.insert(at);
        }
    }
}

impl State {
    /// Fences the brokers whose sessions have ended.
    pub(crate) fn end_sessions(&mut self, now: Now) {
        while let Some(broker) = self.brokers.expired(now.mono) {
            self.fence(broker);
        }
    }
}
