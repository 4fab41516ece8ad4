//! Followers that a test keeps from following.

use ottla_wire::BrokerId;

use super::{Cluster, UnknownBroker};
use crate::time::Now;
use crate::topic::{FollowerError, TopicPartition};

impl Cluster {
    /// Keeps a broker from fetching what other brokers lead, as one whose disk or network is slow: what is appended from now on it lacks.
    ///
    /// While it is in sync the high watermarks stay where they are, so that consumers see nothing new and a producer that wants acks=all waits, up to
    /// its timeout (`REQUEST_TIMED_OUT`). After `replica.lag.time.max.ms` with a record that it lacks it is in sync no more, and the others go on. If it
    /// is made a leader before it has caught up, what it lacks is lost. It leads what it leads, and answers its clients, all the while. What is held
    /// stays so when the broker is started again, until [`Cluster::release_replication`].
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn hold_replication(&mut self, now: Now, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.let_replicate(now, broker, false)
    }

    /// Lets a broker fetch again: it catches up, and is in sync.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn release_replication(&mut self, now: Now, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.let_replicate(now, broker, true)
    }

    fn let_replicate(&mut self, now: Now, broker: BrokerId, replicates: bool) -> Result<(), UnknownBroker> {
        self.broker_mut(broker)?.is_held = !replicates;
        self.state.replicate();
        self.go_on(now);
        Ok(())
    }

    /// Keeps one follower of one partition from fetching, as [`Cluster::hold_replication`] keeps a broker, until [`Cluster::expand_isr`].
    ///
    /// # Errors
    /// When there is no such partition, or the broker is no follower of it.
    pub fn hold_follower(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        follower: BrokerId,
    ) -> Result<(), FollowerError> {
        let at = self.follower_at(topic, partition, follower)?;
        self.state.change(at, &mut |partition, _| {
            partition.hold(follower);
            false
        });
        self.go_on(now);
        Ok(())
    }

    /// Takes a follower out of the replicas that are in sync at once, and keeps it from fetching, as one that has been too slow for too long. Requests
    /// that wait for it are answered.
    ///
    /// # Errors
    /// When there is no such partition, or the broker is no follower of it.
    pub fn shrink_isr(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        follower: BrokerId,
    ) -> Result<(), FollowerError> {
        let at = self.follower_at(topic, partition, follower)?;
        self.state.change(at, &mut |partition, electorate| {
            partition.hold(follower);
            partition.shrink_in_sync(&[follower], electorate)
        });
        self.go_on(now);
        Ok(())
    }

    /// Lets a follower that [`Cluster::hold_follower`], [`Cluster::shrink_isr`] or [`Cluster::hold_reassignments`] keeps back catch up, and be in sync
    /// if it is there.
    ///
    /// # Errors
    /// When there is no such partition, or the broker is no follower of it.
    pub fn expand_isr(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        follower: BrokerId,
    ) -> Result<(), FollowerError> {
        let at = self.follower_at(topic, partition, follower)?;
        self.state.change(at, &mut |partition, _| {
            partition.release(follower);
            false
        });
        self.go_on(now);
        Ok(())
    }

    /// Whether brokers that a reassignment adds to a partition are kept from fetching, so that it goes on until [`Cluster::expand_isr`], or until this
    /// is called with `false`. By default reassignments end at once.
    pub fn hold_reassignments(&mut self, now: Now, hold: bool) {
        self.state.holds_reassignments = hold;
        if hold {
            return;
        }
        for at in self.state.topics.reassigned() {
            self.state.change(at, &mut |partition, _| {
                partition.adding.clone().into_iter().for_each(|id| partition.release(id));
                false
            });
        }
        self.go_on(now);
    }

    fn follower_at(&self, topic: &str, partition: i32, follower: BrokerId) -> Result<TopicPartition, FollowerError> {
        let at = self.at(topic, partition)?;
        let found = self.state.topics.partition(at);
        match found.is_some_and(|found| found.leader != follower && found.replicas.contains(&follower)) {
            true => Ok(at),
            false => Err(FollowerError::NoFollower(follower)),
        }
    }
}
