//! What a test does to logs, and what would happen to them in time.

use ottla_mockbroker_core::{ActiveProducer, UnknownPartition};

use super::MockCluster;

impl MockCluster {
    /// Deletes the records of a partition before an offset, as DeleteRecords does; whether there were any. An offset beyond the end deletes
    /// nothing.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn delete_records(&self, topic: &str, partition: i32, before: i64) -> Result<bool, UnknownPartition> {
        self.shared.drive(|core, now| core.delete_records(now, topic, partition, before))
    }

    /// Loses the records of a partition from an offset on, as a leader does that is elected uncleanly: in the next leader epoch the log ends
    /// there. A client that had read further learns where its log and this one diverge. Returns how many bytes are lost.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn lose_records(&self, topic: &str, partition: i32, from: i64) -> Result<usize, UnknownPartition> {
        self.shared.drive(|core, now| core.lose_records(now, topic, partition, from))
    }

    /// Compacts a partition whether its topic wants it or not, and however dirty it is: all that it has, but for what is younger than
    /// `min.compaction.lag.ms`.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn compact(&self, topic: &str, partition: i32) -> Result<(), UnknownPartition> {
        self.shared.drive(|core, now| core.compact(now, topic, partition))
    }

    /// Does at once what the brokers do with their logs from time to time: what is too old or too much is deleted, what is dirty enough is
    /// compacted, and producers that were silent for long are forgotten, all as the configs say.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use ottla_mockbroker::{MockCluster, NewRecord, NewTopic};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let orders = NewTopic::new("orders").config("retention.bytes", "0");
    /// let cluster = MockCluster::builder().topic(orders).start_blocking()?;
    /// cluster.produce("orders", 0, &[NewRecord::new("one")])?;
    /// cluster.look_after_logs();
    /// assert_eq!(cluster.topics()[0].partitions[0].start_offset, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn look_after_logs(&self) {
        self.shared.drive(|core, now| core.look_after_logs(now));
    }

    /// The idempotent producers that a partition knows, by ascending id.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn producers(&self, topic: &str, partition: i32) -> Result<Vec<ActiveProducer>, UnknownPartition> {
        self.shared.look(|core| core.producers(topic, partition))
    }
}
