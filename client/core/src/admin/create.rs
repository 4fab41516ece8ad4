//! CreateTopics, key 19: asked of the controller. Versions 2 to 7; the broker's own defaults need version 4 (KIP-464).

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_wire::TopicId;
use ottla_wire::message::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use ottla_wire::message::{CreateTopicsRequest, CreateTopicsResponse, StrBytes, TopicName};

use super::asked::{ItemError, Operation, Route, millis};

/// A topic that is to be created.
///
/// What is not said is left to the broker: on Amazon MSK one partition and as many replicas as the cluster wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopic {
    name: String,
    partitions: Option<i32>,
    replication: Option<i16>,
    configs: BTreeMap<String, String>,
}

impl NewTopic {
    /// A topic of this name. Kafka takes 1 to 249 letters, digits, `.`, `_` and `-`.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), partitions: None, replication: None, configs: BTreeMap::new() }
    }

    /// How many partitions it has; the default is the broker's (`num.partitions`). It can grow later, and never shrink.
    #[must_use]
    pub fn partitions(mut self, partitions: i32) -> Self {
        self.partitions = Some(partitions);
        self
    }

    /// On how many brokers each partition is kept; the default is the broker's (`default.replication.factor`).
    #[must_use]
    pub fn replication(mut self, factor: i16) -> Self {
        self.replication = Some(factor);
        self
    }

    /// Sets a configuration of the topic, for example `retention.ms` to `86400000`.
    #[must_use]
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.configs.insert(name.into(), value.into());
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// A topic that was created, or could be where only that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedTopic {
    /// Its name.
    pub name: String,
    /// Its id; zero where the broker does not tell it (before Kafka 2.8). Where it was only asked whether it could be, no topic has this id.
    pub id: TopicId,
    /// How many partitions it has, where the broker tells it (from Kafka 2.4 on).
    pub partitions: Option<i32>,
    /// How many replicas each has, where the broker tells it.
    pub replication: Option<i16>,
}

/// The operation that creates topics.
#[derive(Clone, Copy, Debug)]
pub struct CreateTopics {
    /// Whether only to ask if they could be created.
    pub validate_only: bool,
}

/// The first version in which the number of partitions and replicas may be left to the broker.
const BROKER_DEFAULTS_FROM: i16 = 4;

/// What says so.
const BROKER_DEFAULT: i8 = -1;

impl Operation for CreateTopics {
    type Request = CreateTopicsRequest;
    type Item = NewTopic;
    type Outcome = CreatedTopic;

    const ROUTE: Route = Route::Controller;

    fn name(item: &NewTopic) -> &str {
        &item.name
    }

    fn version_min(items: &[NewTopic]) -> i16 {
        let defaults = items.iter().any(|item| item.partitions.is_none() || item.replication.is_none());
        if defaults { BROKER_DEFAULTS_FROM } else { 0 }
    }

    fn request(&self, items: Vec<NewTopic>, _version: i16, timeout: Duration) -> CreateTopicsRequest {
        CreateTopicsRequest::default()
            .with_topics(items.into_iter().map(creatable).collect())
            .with_timeout_ms(millis(timeout))
            .with_validate_only(self.validate_only)
    }

    fn read(response: CreateTopicsResponse) -> Vec<(String, Result<CreatedTopic, ItemError>)> {
        let one = |topic: ottla_wire::message::create_topics_response::CreatableTopicResult| {
            let name = topic.name.0.to_string();
            let created = ItemError::check(topic.error_code, topic.error_message).map(|()| CreatedTopic {
                name: name.clone(),
                id: topic.topic_id.into(),
                partitions: Some(topic.num_partitions).filter(|count| *count >= 0),
                replication: Some(topic.replication_factor).filter(|factor| *factor >= 0),
            });
            (name, created)
        };
        response.topics.into_iter().map(one).collect()
    }
}

fn creatable(topic: NewTopic) -> CreatableTopic {
    let config = |(name, value)| {
        let value = Some(StrBytes::from_string(value));
        CreatableTopicConfig::default().with_name(StrBytes::from_string(name)).with_value(value)
    };
    CreatableTopic::default()
        .with_name(TopicName(StrBytes::from_string(topic.name)))
        .with_num_partitions(topic.partitions.unwrap_or(BROKER_DEFAULT.into()))
        .with_replication_factor(topic.replication.unwrap_or(BROKER_DEFAULT.into()))
        .with_configs(topic.configs.into_iter().map(config).collect())
}
