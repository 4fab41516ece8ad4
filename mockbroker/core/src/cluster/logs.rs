//! What a test does to the logs of a cluster without a client.

use super::Cluster;
use super::control::unknown;
use crate::log::Due;
use crate::partition::{ActiveProducer, Partition};
use crate::time::Now;
use crate::topic::{TopicPartition, UnknownPartition};

impl Cluster {
    /// Deletes the records of a partition before an offset, as DeleteRecords does; whether there were any. An offset beyond the end deletes
    /// nothing.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn delete_records(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        before: i64,
    ) -> Result<bool, UnknownPartition> {
        self.change_log(now, topic, partition, |found| found.log.advance_start(before))
    }

    /// Loses the records of a partition from an offset on, as a leader does that is elected uncleanly: in the next leader epoch the log ends
    /// there. A client that had read further learns where its log and this one diverge. Returns how many bytes are lost.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn lose_records(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        from: i64,
    ) -> Result<usize, UnknownPartition> {
        self.change_log(now, topic, partition, |found| {
            let bytes = found.cut_end(from);
            found.appoint(found.leader);
            bytes
        })
    }

    /// Compacts a partition whether its topic wants it or not, and however dirty it is: all that it has, but for what is younger than
    /// `min.compaction.lag.ms`.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn compact(&mut self, now: Now, topic: &str, partition: i32) -> Result<(), UnknownPartition> {
        let configs = self.state.topics.named(topic).map(|topic| topic.configs.compaction);
        let configs = configs.ok_or_else(|| unknown(topic, partition))?;
        self.change_log(now, topic, partition, |found| {
            found.log.roll();
            found.compact(&configs, Due::Always, now.millis());
        })
    }

    /// Does at once what the brokers do with their logs from time to time: what is too old or too much is deleted, what is dirty enough is
    /// compacted, and producers that were silent for long are forgotten, all as the configs say.
    pub fn look_after_logs(&mut self, now: Now) {
        self.state.look_after_all(now);
        for conn in self.wake(now) {
            self.run(conn, now);
        }
    }

    /// The idempotent producers that a partition knows, by ascending id.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn producers(&self, topic: &str, partition: i32) -> Result<Vec<ActiveProducer>, UnknownPartition> {
        let found = self.state.topics.named(topic).and_then(|topic| topic.partition(partition));
        Ok(found.ok_or_else(|| unknown(topic, partition))?.producers.active().collect())
    }

    /// Changes the log of a partition, and answers those who waited for that.
    fn change_log<T>(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        change: impl FnOnce(&mut Partition) -> T,
    ) -> Result<T, UnknownPartition> {
        let found = self.state.topics.named_mut(topic);
        let id = found.as_ref().map(|topic| topic.id).unwrap_or_default();
        let found = found.and_then(|topic| topic.partition_mut(partition)).ok_or_else(|| unknown(topic, partition))?;
        let before = found.log.size_bytes();
        let changed = change(found);
        let after = found.log.size_bytes();
        self.state.log_bytes = self.state.log_bytes.saturating_sub(before).saturating_add(after);
        self.state.changed.insert(TopicPartition { topic: id, partition });
        for conn in self.wake(now) {
            self.run(conn, now);
        }
        Ok(changed)
    }
}
