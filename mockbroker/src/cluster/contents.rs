//! What a test sees of topics, and writes into them, without a client; and the way back to the start.

use ottla_mockbroker_core::{Cluster, NewRecord, PushedMetrics, Tally, TopicState, UnknownTopic, WriteError};
use ottla_wire::BrokerId;

use super::MockCluster;
use crate::error::{StartBrokerError, StartError};
use crate::plan;

impl MockCluster {
    /// The ids of all brokers, whether they run or not.
    #[must_use]
    pub fn brokers(&self) -> Vec<BrokerId> {
        self.shared.look(|core| core.config().brokers.iter().map(|broker| broker.id).collect())
    }

    /// The metrics that clients pushed, the oldest first; none without [`crate::MockClusterBuilder::telemetry_receiver`].
    #[must_use]
    pub fn pushed_metrics(&self) -> Vec<PushedMetrics> {
        self.shared.look(|core| core.pushed_metrics().cloned().collect())
    }

    /// All topics, by ascending name.
    #[must_use]
    pub fn topics(&self) -> Vec<TopicState> {
        self.shared.look(Cluster::topics)
    }

    /// Deletes a topic. Requests that wait for it are answered.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn delete_topic(&self, topic: &str) -> Result<(), UnknownTopic> {
        self.shared.drive(|core, now| core.delete_topic(now, topic))
    }

    /// Appends records to a partition as one batch of a producer that waits for all replicas, and returns the offset of the first. Fetches that
    /// wait for them are answered.
    ///
    /// ```
    /// # use ottla_mockbroker::{MockCluster, NewRecord, NewTopic};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let cluster = MockCluster::builder().topic(NewTopic::new("orders")).start_blocking()?;
    /// cluster.produce("orders", 0, &[NewRecord::new("one").key("a"), NewRecord::tombstone("a")])?;
    /// assert_eq!(cluster.topics()[0].partitions[0].end_offset, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When a producer would be refused, and when there is no record.
    pub fn produce(&self, topic: &str, partition: i32, records: &[NewRecord]) -> Result<i64, WriteError> {
        self.shared.drive(|core, now| core.produce(now, topic, partition, records))
    }

    /// What was asked of the cluster since it began.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.shared.look(|core| core.tally().clone())
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.look(Cluster::open_connections)
    }

    /// Makes the cluster what it was at its start, for the next test: its topics, users and identities are those that it was built with, at the
    /// same addresses, under the same id and with the same certificates, and all its brokers run. All connections are closed, faults are gone, and
    /// what was journaled is forgotten.
    ///
    /// # Errors
    /// When no cluster can be made of what the builder was told, which it could before, or a port of a broker that is down was taken by somebody else.
    pub fn reset(&self) -> Result<(), StartError> {
        let mut fresh = self.asked.core()?;
        plan::advertise(&mut fresh, &self.listeners);
        for broker in &fresh.config().brokers {
            match self.start_broker(broker.id) {
                Err(StartBrokerError::Listen { address, source }) => {
                    return Err(StartError::Listen { address, source });
                }
                Err(StartBrokerError::UnknownBroker(_)) | Ok(()) => {}
            }
        }
        self.shared.drive(|core, now| core.become_like(now, fresh));
        Ok(())
    }
}
