//! What a test does to the cluster without a client.

use ottla_wire::record::Batch;
use ottla_wire::{BrokerId, TopicId};

use super::{BrokerError, Cluster};
use crate::api::create;
use crate::broker::BrokerStatus;
use crate::config::{ClusterArn, ClusterConfig};
use crate::partition::Replicas;
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
        let at = self.at(topic, partition)?;
        let is_active = self.state.brokers.is_active(broker);
        let appointed = self.state.change(at, &mut |partition, _| {
            let may_lead = is_active && partition.in_sync.contains(&broker);
            if may_lead {
                partition.appoint(broker);
            }
            may_lead
        });
        if appointed != Some(true) {
            return Err(MoveLeaderError::NotInSync(broker));
        }
        self.go_on(now);
        Ok(())
    }

    /// The broker that is told as the controller, and leads the quorum of the controllers.
    #[must_use]
    pub fn controller(&self) -> BrokerId {
        self.state.controller()
    }

    /// Makes another broker the controller.
    ///
    /// # Errors
    /// When there is no such broker, or it does not run.
    pub fn move_controller(&mut self, broker: BrokerId) -> Result<(), BrokerError> {
        match self.broker_status(broker)? {
            BrokerStatus::Running => self.state.quorum.elect(broker),
            BrokerStatus::Paused | BrokerStatus::Down => return Err(BrokerError::Down(broker)),
        }
        Ok(())
    }

    /// What the controller keeps of a partition.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn replicas(&self, topic: &str, partition: i32) -> Result<Replicas, UnknownPartition> {
        let found = self.state.topics.named(topic).and_then(|topic| topic.partition(partition));
        found.map(Replicas::from).ok_or_else(|| unknown(topic, partition))
    }

    /// The record batches of a partition, as its leader has them: compressed ones are read after [`Batch::decompress`].
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn records(&self, topic: &str, partition: i32) -> Result<Vec<Batch>, UnknownPartition> {
        let found = self.state.topics.named(topic).and_then(|topic| topic.partition(partition));
        let found = found.ok_or_else(|| unknown(topic, partition))?;
        Ok(found.log.batches().cloned().collect())
    }
}

impl Cluster {
    pub(super) fn at(&self, topic: &str, partition: i32) -> Result<TopicPartition, UnknownPartition> {
        let found = self.state.topics.named(topic).filter(|topic| topic.partition(partition).is_some());
        let topic = found.ok_or_else(|| unknown(topic, partition))?.id;
        Ok(TopicPartition { topic, partition })
    }
}

pub(super) fn unknown(topic: &str, partition: i32) -> UnknownPartition {
    UnknownPartition { topic: topic.to_owned(), partition }
}
