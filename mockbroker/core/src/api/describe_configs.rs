//! DescribeConfigs (32), versions 1 to 4.
//!
//! For a topic every config with its value, type, source and, if asked for, synonyms: the topic's own value first, then the broker's that
//! gives the default. For a broker, which only it itself describes, what this cluster knows of its configs. Keys that are asked for and
//! unknown are left out; an empty list asks for all, as null does.
//!
//! Deviations: there are no texts of documentation; of a broker those configs alone are told that act here or that topics inherit;
//! cluster-wide defaults (an empty broker name) are none; broker loggers, client metrics and groups are refused with `INVALID_REQUEST`.

use ottla_wire::message::describe_configs_request::DescribeConfigsResource;
use ottla_wire::message::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_wire::message::{DescribeConfigsRequest, DescribeConfigsResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::topic::{self, ConfigKind, TOPIC_CONFIGS, TopicConfig, TopicConfigs};

/// The types of resources that are described.
mod resource {
    pub(super) const TOPIC: i8 = 2;
    pub(super) const BROKER: i8 = 4;
}

/// Where a value comes from.
mod sources {
    pub(super) const TOPIC: i8 = 1;
    pub(super) const CLUSTER: i8 = 3;
    pub(super) const BROKER_FILE: i8 = 4;
    pub(super) const DEFAULT: i8 = 5;
}

impl Handle for DescribeConfigsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 4);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeConfigsResponse> {
        let results = self.resources.iter().map(|resource| describe(&self, call, resource)).collect();
        Reply::Answer(DescribeConfigsResponse::default().with_results(results))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeConfigsResponse> {
        let results = self.resources.iter().map(|resource| refused(resource, code, code.to_string()));
        Some(DescribeConfigsResponse::default().with_results(results.collect()))
    }
}

fn describe(
    request: &DescribeConfigsRequest,
    call: &Call<'_>,
    resource: &DescribeConfigsResource,
) -> DescribeConfigsResult {
    let configs = match resource.resource_type {
        resource::TOPIC => of_topic(call, &resource.resource_name),
        resource::BROKER => of_broker(call, &resource.resource_name),
        other => Err((ErrorCode::INVALID_REQUEST, format!("resources of type {other} are not described"))),
    };
    match configs {
        Err((code, reason)) => refused(resource, code, reason),
        Ok(mut configs) => {
            if let Some(keys) = resource.configuration_keys.as_ref().filter(|keys| !keys.is_empty()) {
                configs.retain(|config| keys.contains(&config.name));
            }
            if !request.include_synonyms {
                configs.iter_mut().for_each(|config| config.synonyms.clear());
            }
            described(resource).with_configs(configs)
        }
    }
}

/// Where nothing is wrong, Kafka's text is the empty one.
fn described(resource: &DescribeConfigsResource) -> DescribeConfigsResult {
    DescribeConfigsResult::default()
        .with_error_message(Some(text("")))
        .with_resource_type(resource.resource_type)
        .with_resource_name(resource.resource_name.clone())
}

fn refused(resource: &DescribeConfigsResource, code: ErrorCode, reason: String) -> DescribeConfigsResult {
    described(resource).with_error_code(code.0).with_error_message(Some(text(reason)))
}

type Described = Result<Vec<DescribeConfigsResourceResult>, (ErrorCode, String)>;

fn of_topic(call: &Call<'_>, name: &str) -> Described {
    topic::validate_name(name).map_err(|invalid| (ErrorCode::INVALID_TOPIC_EXCEPTION, invalid.to_string()))?;
    // Kafka has no text for it.
    let unknown = || (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new());
    let topic = call.state.topics.named(name).ok_or_else(unknown)?;
    Ok(TOPIC_CONFIGS.iter().map(|config| topic_config(config, &topic.configs)).collect())
}

fn topic_config(config: &TopicConfig, configs: &TopicConfigs) -> DescribeConfigsResourceResult {
    let set = configs.set(config.name);
    let own = set.map(|value| synonym(config.name, value, sources::TOPIC));
    let inherited = config.synonym.into_iter().flat_map(|name| inherited(config, name));
    entry(config.name, set.unwrap_or(config.default), source(config, configs))
        .with_config_type(config_type(config.kind))
        .with_synonyms(own.into_iter().chain(inherited).collect())
}

/// What a topic gets from its broker's config `name` where it sets nothing.
fn inherited(config: &TopicConfig, name: &'static str) -> impl Iterator<Item = DescribeConfigsSynonym> {
    let cluster = config.is_cluster_default.then(|| synonym(name, config.default, sources::CLUSTER));
    cluster.into_iter().chain([synonym(name, config.default, sources::DEFAULT)])
}

/// Where the value of a topic's config comes from, by Kafka's number.
pub(super) fn source(config: &TopicConfig, configs: &TopicConfigs) -> i8 {
    match configs.set(config.name) {
        Some(_) => sources::TOPIC,
        None if config.is_cluster_default => sources::CLUSTER,
        None => sources::DEFAULT,
    }
}

fn of_broker(call: &Call<'_>, name: &str) -> Described {
    let own = call.connection.broker;
    if name.is_empty() {
        return Ok(Vec::new());
    }
    if name.parse() != Ok(own.0) {
        return Err((ErrorCode::INVALID_REQUEST, format!("broker {own} describes itself alone, and not {name:?}")));
    }
    let mut configs = from_file(call);
    configs.extend(TOPIC_CONFIGS.iter().filter_map(|config| {
        let name = config.synonym?;
        let source = if config.is_cluster_default { sources::CLUSTER } else { sources::DEFAULT };
        let entry = entry(name, config.default, source).with_config_type(config_type(config.kind));
        Some(entry.with_synonyms(inherited(config, name).collect()))
    }));
    Ok(configs)
}

/// What a broker of this cluster would have in its `server.properties`.
fn from_file(call: &Call<'_>) -> Vec<DescribeConfigsResourceResult> {
    let (state, own, listener) = (&call.state, call.connection.broker, &call.connection.listener.name);
    let endpoint = state.brokers.endpoint(own, listener);
    let advertised = endpoint.map(|at| format!("{listener}://{}:{}", at.address.host, at.address.port));
    let rack = endpoint.and_then(|at| at.rack).map(str::to_owned);
    let file = [
        ("node.id", ConfigKind::Int, Some(own.to_string()), None),
        ("broker.id", ConfigKind::Int, Some(own.to_string()), Some("-1")),
        ("broker.rack", ConfigKind::String, rack, None),
        ("advertised.listeners", ConfigKind::List, advertised, None),
        ("num.partitions", ConfigKind::Int, Some(state.config.num_partitions.to_string()), Some("1")),
        ("default.replication.factor", ConfigKind::Int, Some(state.config.replication_factor().to_string()), Some("1")),
        (
            "auto.create.topics.enable",
            ConfigKind::Boolean,
            Some(state.config.auto_create_topics.to_string()),
            Some("true"),
        ),
    ];
    let told = file.into_iter().filter_map(|(name, kind, value, default)| {
        let value = value?;
        let default = default.map(|default| synonym(name, default, sources::DEFAULT));
        let synonyms = [synonym(name, &value, sources::BROKER_FILE)].into_iter().chain(default).collect();
        let entry = entry(name, &value, sources::BROKER_FILE).with_config_type(config_type(kind));
        Some(entry.with_read_only(true).with_synonyms(synonyms))
    });
    told.collect()
}

fn entry(name: &'static str, value: &str, source: i8) -> DescribeConfigsResourceResult {
    DescribeConfigsResourceResult::default()
        .with_name(text(name))
        .with_value(Some(text(value)))
        .with_config_source(source)
        .with_read_only(false)
        .with_is_sensitive(false)
        .with_documentation(None)
}

fn synonym(name: &'static str, value: &str, source: i8) -> DescribeConfigsSynonym {
    DescribeConfigsSynonym::default().with_name(text(name)).with_value(Some(text(value))).with_source(source)
}

/// The type of a config, by Kafka's number.
const fn config_type(kind: ConfigKind) -> i8 {
    match kind {
        ConfigKind::Boolean => 1,
        ConfigKind::String => 2,
        ConfigKind::Int => 3,
        ConfigKind::Long => 5,
        ConfigKind::Double => 6,
        ConfigKind::List => 7,
    }
}
