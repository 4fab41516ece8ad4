//! CreateTopics (19), versions 2 to 7.
//!
//! Each topic is created or fails alone. -1 partitions or replicas stand for the cluster's defaults (KIP-464), unless the brokers are
//! assigned by hand. A name that stands twice in the request fails with `INVALID_REQUEST`; more than 10,000 topics, configs and partitions
//! together fail the request with `POLICY_VIOLATION`. A topic of the name comes before a name that collides with another's, which must be
//! there before the request. From version 5 on the answer has the topic's configs (KIP-525), from version 7 on its id.
//!
//! Needs CREATE on the cluster or on each topic (`TOPIC_AUTHORIZATION_FAILED`); who may not DESCRIBE_CONFIGS of a topic creates it and is told
//! nothing of it.
//!
//! Partitions count against the client's `controller_mutation_rate`, also where they are validated alone: from version 6 on a topic fails with
//! `THROTTLING_QUOTA_EXCEEDED` where the client is above it (KIP-599).
//!
//! The timeout is not looked at, for a topic is there when it is answered.

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_wire::message::create_topics_request::CreatableTopic;
use ottla_wire::message::create_topics_response::{CreatableTopicConfigs, CreatableTopicResult};
use ottla_wire::message::{CreateTopicsRequest, CreateTopicsResponse};
use ottla_wire::{BrokerId, ErrorCode, TopicId, VersionRange};

use super::create::{DEFAULT, Plan, Wanted};
use super::{Call, Handle, Reply, text};
use crate::authorizer::{Operation, Resource};
use crate::configs::{Config, Layers, Scope};
use crate::topic::{CreateTopicError, TopicConfigs};

/// The most records of the metadata log that one request may make: one for each topic, config and partition.
const RECORDS_PER_REQUEST_MAX: i64 = 10_000;

/// From this version on, the answer says what the topic is.
const DETAILS_FROM: i16 = 5;

/// From this version on, a topic above the client's quota fails.
const STRICT_FROM: i16 = 6;

/// Where the controllers keep what they know; no topic of a client.
const CLUSTER_METADATA: &str = "__cluster_metadata";

impl Handle for CreateTopicsRequest {
    const KAFKA: VersionRange = VersionRange::new(2, 7);

    fn handle(self, call: &mut Call<'_>) -> Reply<CreateTopicsResponse> {
        if records(&self, call) > RECORDS_PER_REQUEST_MAX {
            return self.refuse(ErrorCode::POLICY_VIOLATION);
        }
        let (mut seen, mut twice) = (BTreeSet::new(), BTreeSet::new());
        for topic in &self.topics {
            if !seen.insert(&topic.name) {
                twice.insert(&topic.name);
            }
        }
        let once = self.topics.iter().filter(|topic| !twice.contains(&topic.name));
        let once: Vec<_> = once.map(|topic| (topic, call.state.topics.colliding(&topic.name).cloned())).collect();
        let create = |(topic, colliding)| create(call, topic, colliding, self.validate_only);
        let mut results: Vec<_> = once.into_iter().map(create).collect();
        results.extend(twice.into_iter().map(|name| {
            let result = CreatableTopicResult::default().with_name(name.clone());
            refused(result, ErrorCode::INVALID_REQUEST, "the topic stands in the request twice")
        }));
        Reply::Answer(CreateTopicsResponse::default().with_topics(results))
    }

    fn failed(&self, code: ErrorCode) -> Option<CreateTopicsResponse> {
        let result = |topic: &CreatableTopic| {
            refused(CreatableTopicResult::default().with_name(topic.name.clone()), code, &code.to_string())
        };
        Some(CreateTopicsResponse::default().with_topics(self.topics.iter().map(result).collect()))
    }
}

/// How many records all topics would make.
fn records(request: &CreateTopicsRequest, call: &Call<'_>) -> i64 {
    let count = |of: usize| i64::try_from(of).unwrap_or(i64::MAX);
    let of_topic = |topic: &CreatableTopic| {
        let partitions = match (topic.assignments.len(), topic.num_partitions) {
            (0, DEFAULT) => i64::from(call.state.config.num_partitions),
            (0, partitions) => i64::from(partitions.max(0)),
            (assigned, _) => count(assigned),
        };
        count(topic.configs.len()).saturating_add(partitions).saturating_add(1)
    };
    request.topics.iter().map(of_topic).fold(0, i64::saturating_add)
}

fn create(
    call: &mut Call<'_>,
    topic: &CreatableTopic,
    colliding: Option<Arc<str>>,
    validate_only: bool,
) -> CreatableTopicResult {
    let result = CreatableTopicResult::default().with_name(topic.name.clone());
    if topic.name.as_str() == CLUSTER_METADATA {
        return refused(result, ErrorCode::INVALID_REQUEST, "the topic is the controllers' own");
    }
    let on_topic = Resource::topic(topic.name.as_str());
    if !call.could(Operation::Create, Resource::CLUSTER) && !call.may(Operation::Create, on_topic) {
        return refused(result, ErrorCode::TOPIC_AUTHORIZATION_FAILED, "the client may not create the topic");
    }
    match plan(call, topic, colliding) {
        Err(error) => refused(result, error.code(), &error.to_string()),
        Ok(plan) if !call.may_mutate(plan.replicas.len(), STRICT_FROM) => {
            result.with_error_code(ErrorCode::THROTTLING_QUOTA_EXCEEDED.0).with_error_message(None)
        }
        Ok(plan) => {
            let layers = call.state.configs.brokers.layers(Some(call.state.controller()));
            let result = match call.could(Operation::DescribeConfigs, on_topic) {
                _ if call.version < DETAILS_FROM => result,
                true => described(result, &plan, &layers),
                false => result.with_topic_config_error_code(ErrorCode::TOPIC_AUTHORIZATION_FAILED.0),
            };
            let id = match validate_only {
                true => TopicId(call.state.random.uuid()),
                false => plan.carry_out(call.state),
            };
            result.with_error_message(None).with_topic_id(id.into())
        }
    }
}

fn plan(call: &mut Call<'_>, topic: &CreatableTopic, colliding: Option<Arc<str>>) -> Result<Plan, CreateTopicError> {
    let brokers = |ids: &[ottla_wire::message::BrokerId]| ids.iter().map(|id| BrokerId(id.0)).collect();
    let assignments = topic.assignments.iter().map(|of| (of.partition_index, brokers(&of.broker_ids)));
    let configs =
        topic.configs.iter().map(|config| (config.name.as_str(), config.value.as_ref().map(|value| value.as_str())));
    let wanted = Wanted {
        name: topic.name.as_str(),
        colliding,
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: assignments.collect(),
        configs: configs.collect(),
    };
    Plan::new(call.state, &wanted)
}

fn refused(result: CreatableTopicResult, code: ErrorCode, reason: &str) -> CreatableTopicResult {
    result.with_error_code(code.0).with_error_message(Some(text(reason)))
}

fn described(result: CreatableTopicResult, plan: &Plan, brokers: &Layers<'_>) -> CreatableTopicResult {
    let configs = Scope::Topic.told().map(|config| described_config(config, &plan.configs, brokers));
    result
        .with_num_partitions(i32::try_from(plan.replicas.len()).unwrap_or(i32::MAX))
        .with_replication_factor(plan.replication_factor())
        .with_configs(Some(configs.collect()))
}

fn described_config(config: &'static Config, configs: &TopicConfigs, brokers: &Layers<'_>) -> CreatableTopicConfigs {
    let (value, source) = configs.value(brokers, config);
    CreatableTopicConfigs::default()
        .with_name(text(config.name))
        .with_value(value.map(text))
        .with_config_source(source.number())
        .with_read_only(false)
        .with_is_sensitive(false)
}
