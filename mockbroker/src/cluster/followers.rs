//! Followers that a test keeps from following.

use ottla_mockbroker_core::{FollowerError, UnknownBroker};
use ottla_wire::BrokerId;

use super::MockCluster;

impl MockCluster {
    /// Keeps a broker from fetching what other brokers lead, as one whose disk or network is slow: what is appended from now on it lacks.
    ///
    /// While it is in sync the high watermarks stay where they are, so that consumers see nothing new and a producer that wants acks=all waits, up to
    /// its timeout (`REQUEST_TIMED_OUT`). After `replica.lag.time.max.ms` with a record that it lacks it is in sync no more, and the others go on. If it
    /// is made a leader before it has caught up, what it lacks is lost. It leads what it leads, and answers its clients, all the while. What is held
    /// stays so when the broker is started again, until [`MockCluster::release_replication`].
    ///
    /// ```
    /// # use ottla_mockbroker::{BrokerId, MockCluster, NewRecord, NewTopic};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cluster = MockCluster::builder().brokers(2).topic(NewTopic::new("orders").replication_factor(2)).start_blocking()?;
    /// let leader = cluster.leader("orders", 0)?;
    /// let follower = cluster.brokers().into_iter().find(|id| *id != leader).unwrap_or(leader);
    /// cluster.hold_replication(follower)?;
    /// cluster.produce("orders", 0, &[NewRecord::new("one")])?;
    /// assert_eq!(cluster.topics()[0].partitions[0].high_watermark, 0);
    /// cluster.release_replication(follower)?;
    /// assert_eq!(cluster.topics()[0].partitions[0].high_watermark, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn hold_replication(&self, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.shared.drive(|core, now| core.hold_replication(now, broker))
    }

    /// Lets a broker fetch again: it catches up, and is in sync.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn release_replication(&self, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.shared.drive(|core, now| core.release_replication(now, broker))
    }

    /// Keeps one follower of one partition from fetching, as [`MockCluster::hold_replication`] keeps a broker, until [`MockCluster::expand_isr`].
    ///
    /// # Errors
    /// When there is no such partition, or the broker is no follower of it.
    pub fn hold_follower(&self, topic: &str, partition: i32, follower: BrokerId) -> Result<(), FollowerError> {
        self.shared.drive(|core, now| core.hold_follower(now, topic, partition, follower))
    }

    /// Takes a follower out of the replicas that are in sync at once, and keeps it from fetching, as one that has been too slow for too long.
    ///
    /// # Errors
    /// When there is no such partition, or the broker is no follower of it.
    pub fn shrink_isr(&self, topic: &str, partition: i32, follower: BrokerId) -> Result<(), FollowerError> {
        self.shared.drive(|core, now| core.shrink_isr(now, topic, partition, follower))
    }

    /// Lets a follower that [`MockCluster::hold_follower`], [`MockCluster::shrink_isr`] or [`MockCluster::hold_reassignments`] keeps back catch up, and
    /// be in sync if it is there.
    ///
    /// # Errors
    /// When there is no such partition, or the broker is no follower of it.
    pub fn expand_isr(&self, topic: &str, partition: i32, follower: BrokerId) -> Result<(), FollowerError> {
        self.shared.drive(|core, now| core.expand_isr(now, topic, partition, follower))
    }

    /// Whether reassignments go on until [`MockCluster::expand_isr`], or until this is called with `false`. By default they end at once.
    pub fn hold_reassignments(&self, hold: bool) {
        self.shared.drive(|core, now| core.hold_reassignments(now, hold));
    }
}
