//! DescribeConfigs (32), versions 1 to 4.
//!
//! For each resource every config with its value, type, source and, if asked for, synonyms: the resource's own value first, then those of the
//! brokers that it falls back to. A broker is described by itself alone, and its name may be empty, for what is set for all brokers while they
//! run. Values of passwords, and of configs that Kafka does not know, are null. Keys that are asked for and unknown are left out; an empty list
//! asks for all, as null does.
//!
//! Needs DESCRIBE_CONFIGS on each topic (`TOPIC_AUTHORIZATION_FAILED`) and group (`GROUP_AUTHORIZATION_FAILED`), and for all else on the
//! cluster (`CLUSTER_AUTHORIZATION_FAILED`).
//!
//! Deviations: there are no texts of documentation; a broker has fewer loggers.

mod brokers;
mod others;
mod topics;

use ottla_wire::message::describe_configs_request::DescribeConfigsResource;
use ottla_wire::message::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use ottla_wire::message::{DescribeConfigsRequest, DescribeConfigsResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::{Operation, Resource};
use crate::configs::{Config, Kind, Layers, Source, resource};

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
    let name = resource.resource_name.as_str();
    let (needed, denied) = match resource.resource_type {
        resource::TOPIC => (Resource::topic(name), ErrorCode::TOPIC_AUTHORIZATION_FAILED),
        resource::GROUP => (Resource::group(name), ErrorCode::GROUP_AUTHORIZATION_FAILED),
        _ => (Resource::CLUSTER, ErrorCode::CLUSTER_AUTHORIZATION_FAILED),
    };
    if !call.may(Operation::DescribeConfigs, needed) {
        return refused(resource, denied, denied.to_string());
    }
    let configs = match resource.resource_type {
        resource::TOPIC => topics::of_topic(call, name),
        resource::BROKER => brokers::of_broker(call, name),
        resource::BROKER_LOGGER => brokers::of_loggers(call, name),
        resource::CLIENT_METRICS => others::of_client_metrics(call, name),
        resource::GROUP => others::of_group(call, name),
        other => Err((ErrorCode::INVALID_REQUEST, format!("there are no resources of type {other}"))),
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

/// The answer that a resource may not be named so.
fn invalid<T>(reason: impl Into<String>) -> Result<T, (ErrorCode, String)> {
    Err((ErrorCode::INVALID_REQUEST, reason.into()))
}

/// A config of a resource, with all that is set for it, the strongest first.
struct Entry {
    name: String,
    /// None for a config that Kafka does not know.
    kind: Option<Kind>,
    value: Option<String>,
    is_read_only: bool,
    synonyms: Vec<(String, String, Source)>,
}

impl Entry {
    /// A config whose own value is `set`, and which otherwise follows the brokers' config of the name `inherited`.
    fn of(
        config: &Config,
        value: Option<String>,
        set: Option<Source>,
        inherited: Vec<(String, String, Source)>,
    ) -> Self {
        let own = set.zip(value.clone()).map(|(source, value)| (config.name.to_owned(), value, source));
        let synonyms = own.into_iter().chain(inherited).collect();
        Self { name: config.name.to_owned(), kind: Some(config.kind), value, is_read_only: false, synonyms }
    }

    fn into_result(self) -> DescribeConfigsResourceResult {
        let is_sensitive = matches!(self.kind, None | Some(Kind::Password));
        let shown = |value: String| (!is_sensitive).then(|| text(value));
        let source = self.synonyms.first().map_or(Source::Default, |(.., source)| *source);
        let synonym = |(name, value, source): (String, String, Source)| {
            let synonym = DescribeConfigsSynonym::default().with_name(text(name)).with_value(shown(value));
            synonym.with_source(source.number())
        };
        DescribeConfigsResourceResult::default()
            .with_name(text(self.name))
            .with_value(self.value.and_then(shown))
            .with_config_source(source.number())
            .with_config_type(self.kind.map_or(0, Kind::number))
            .with_read_only(self.is_read_only)
            .with_is_sensitive(is_sensitive)
            .with_documentation(None)
            .with_synonyms(self.synonyms.into_iter().map(synonym).collect())
    }
}

/// All that is set for the brokers' config that gives a resource's its value; nothing where there is none.
fn inherited(config: &Config, brokers: &Layers<'_>) -> Vec<(String, String, Source)> {
    config.synonyms.first().map(|(name, _)| brokers.synonyms(name)).unwrap_or_default()
}
