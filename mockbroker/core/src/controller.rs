//! What the controller does when brokers come and go, and when followers catch up.
//!
//! A broker that is fenced or unregistered leaves the replicas that are in sync of all its partitions, and others lead in its place. One that comes
//! back leads those partitions again that nobody leads and it may lead, and catches up with the others at once, unless a test holds it back.
//! Deviations: leaders move back to the preferred replicas only when they are asked to, where Kafka looks every five minutes
//! (`auto.leader.rebalance.enable`).

use ottla_wire::BrokerId;

use crate::partition::{Election, Electorate, Partition};
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

    /// A broker is there again: it leads what it may lead, and is in sync where it is a follower.
    pub(crate) fn comes_back(&mut self, broker: BrokerId) {
        self.change_all(&mut |partition, electorate| !partition.has_leader() && partition.elect(electorate));
        self.change_all(&mut |partition, electorate| partition.join_in_sync(broker, electorate));
    }

    /// The followers of a partition that are there and not held back are in sync.
    pub(crate) fn catch_up(&mut self, at: TopicPartition) {
        self.change(at, &mut |partition, electorate| {
            let mut changed = false;
            for follower in partition.replicas.clone() {
                changed |= (electorate.is_active)(follower) && partition.join_in_sync(follower, electorate);
            }
            changed
        });
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

    /// Changes one partition; `None` where there is no such partition, else whether it was changed.
    pub(crate) fn change(&mut self, at: TopicPartition, decide: Decide<'_>) -> Option<bool> {
        let brokers = &self.brokers;
        let is_active = |id| brokers.is_active(id);
        let name = self.topics.name_of(at.topic)?.clone();
        let (partition, configs) = self.topics.named_mut(&name)?.partition_to_lead(at.partition)?;
        let changed = decide(partition, &electorate(&is_active, configs));
        if changed {
            self.quorum.record();
            self.changed.insert(at);
        }
        Some(changed)
    }

    fn change_all(&mut self, decide: Decide<'_>) {
        let Self { brokers, topics, quorum, changed, .. } = self;
        let is_active = |id| brokers.is_active(id);
        for topic in topics.iter_mut() {
            let id = topic.id;
            let (partitions, configs) = topic.partitions_to_lead();
            let electorate = electorate(&is_active, configs);
            for (index, partition) in partitions {
                if decide(partition, &electorate) {
                    quorum.record();
                    changed.insert(TopicPartition { topic: id, partition: index });
                }
            }
        }
    }
}

fn electorate<'a>(is_active: &'a dyn Fn(BrokerId) -> bool, configs: &TopicConfigs) -> Electorate<'a> {
    let election = if configs.allows_unclean_election { Election::Unclean } else { Election::Online };
    Electorate { is_active, in_sync_min: configs.in_sync_replicas_min, election }
}

impl State {
    /// Fences the brokers whose sessions have ended.
    pub(crate) fn end_sessions(&mut self, now: Now) {
        while let Some(broker) = self.brokers.expired(now.mono) {
            self.fence(broker);
        }
    }
}
