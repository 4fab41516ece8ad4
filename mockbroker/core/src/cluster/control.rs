//! What a test does to the cluster without a client.

use ottla_wire::record::Batch;
use ottla_wire::{BrokerId, TopicId};

use super::Cluster;
use crate::api::create;
use crate::config::{ClusterArn, ClusterConfig};
use crate::time::Now;
use crate::topic::{CreateTopicError, MoveLeaderError, NewTopic, TopicPartition, UnknownPartition};

impl Cluster {
    /// What the cluster was made of.
    #[must_use]
    pub fn config(&self) -> &ClusterConfig {
        &self.state.config
    }

    /// The id that Metadata answers.
    #[must_use]
    pub fn cluster_id(&self) -> &str {
        &self.state.cluster_id
    }

    /// The name that the cluster has in AWS.
    #[must_use]
    pub fn arn(&self) -> &ClusterArn {
        &self.state.config.arn
    }

    /// Creates a topic, by the rules that hold for the CreateTopics of a client.
    ///
    /// # Errors
    /// When a client would be refused.
    pub fn create_topic(&mut self, topic: &NewTopic) -> Result<TopicId, CreateTopicError> {
        let colliding = self.state.topics.colliding(&topic.name).cloned();
        let plan = create::Plan::of_new_topic(&mut self.state, topic, colliding)?;
        Ok(plan.carry_out(&mut self.state))
    }

    /// The broker that leads a partition.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn leader(&self, topic: &str, partition: i32) -> Result<BrokerId, UnknownPartition> {
        let found = self.state.topics.named(topic).and_then(|topic| topic.partition(partition));
        found.map(|partition| partition.leader).ok_or_else(|| unknown(topic, partition))
    }

    /// Makes a broker the leader of a partition, in the next leader epoch. Fetches that wait at the old leader are answered.
    ///
    /// # Errors
    /// When there is no such partition, or the broker has no replica of it that is in sync.
    pub fn move_leader(
        &mut self,
        now: Now,
        topic: &str,
        partition: i32,
        broker: BrokerId,
    ) -> Result<(), MoveLeaderError> {
        let found = self.state.topics.named_mut(topic);
        let id = found.as_ref().map(|topic| topic.id).unwrap_or_default();
        let found = found.and_then(|topic| topic.partition_mut(partition)).ok_or_else(|| unknown(topic, partition))?;
        if !found.in_sync.contains(&broker) {
            return Err(MoveLeaderError::NotInSync(broker));
        }
        found.elect(broker);
        self.state.changed.insert(TopicPartition { topic: id, partition });
        for conn in self.wake(now) {
            self.run(conn, now);
        }
        Ok(())
    }

    /// The record batches of a partition, as its brokers have them: compressed ones are read after [`Batch::decompress`].
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn records(&self, topic: &str, partition: i32) -> Result<Vec<Batch>, UnknownPartition> {
        let found = self.state.topics.named(topic).and_then(|topic| topic.partition(partition));
        let found = found.ok_or_else(|| unknown(topic, partition))?;
        Ok(found.log.batches().cloned().collect())
    }
}

pub(super) fn unknown(topic: &str, partition: i32) -> UnknownPartition {
    UnknownPartition { topic: topic.to_owned(), partition }
}
