//! DescribeConfigs, key 32, of topics: asked of any broker. Versions 1 to 4; synonyms and documentation are not asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_wire::message::describe_configs_request::DescribeConfigsResource;
use ottla_wire::message::describe_configs_response::{DescribeConfigsResourceResult, DescribeConfigsResult};
use ottla_wire::message::{DescribeConfigsRequest, DescribeConfigsResponse, StrBytes};

use super::asked::{ItemError, Operation, Route};

/// The configurations of a topic, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicConfigs {
    /// The topic.
    pub topic: String,
    /// Its configurations, those at their default included.
    pub entries: BTreeMap<String, ConfigEntry>,
}

/// One configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigEntry {
    /// Its value; nothing where the broker keeps it to itself.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether it cannot be changed.
    pub is_read_only: bool,
    /// Whether it is a secret, of which the broker shows no value.
    pub is_sensitive: bool,
}

/// Where the value of a configuration comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigSource {
    /// It was set for this topic.
    Topic,
    /// It was set for a broker while it ran.
    Broker,
    /// It was set for all brokers while they ran.
    Cluster,
    /// It stands in the file that the broker was started with.
    BrokerFile,
    /// Nobody set it.
    Default,
    /// Something that this version of ottla has no name for.
    Other(i8),
}

/// The operation that describes the configurations of topics.
#[derive(Clone, Copy, Debug)]
pub struct DescribeConfigs;

/// What says that a resource is a topic.
const TOPIC: i8 = 2;

impl Operation for DescribeConfigs {
    type Request = DescribeConfigsRequest;
    type Item = String;
    type Outcome = TopicConfigs;

    const ROUTE: Route = Route::Any;

    fn name(item: &String) -> &str {
        item
    }

    fn request(&self, items: Vec<String>, _version: i16, _timeout: Duration) -> DescribeConfigsRequest {
        let resource = |name| {
            let resource = DescribeConfigsResource::default().with_resource_type(TOPIC).with_configuration_keys(None);
            resource.with_resource_name(StrBytes::from_string(name))
        };
        DescribeConfigsRequest::default().with_resources(items.into_iter().map(resource).collect())
    }

    fn read(response: DescribeConfigsResponse) -> Vec<(String, Result<TopicConfigs, ItemError>)> {
        let topics = response.results.into_iter().filter(|result| result.resource_type == TOPIC);
        topics.map(read_one).collect()
    }
}

fn read_one(result: DescribeConfigsResult) -> (String, Result<TopicConfigs, ItemError>) {
    let topic = result.resource_name.to_string();
    let checked = ItemError::check(result.error_code, result.error_message);
    let configs = checked.map(|()| TopicConfigs {
        topic: topic.clone(),
        entries: result.configs.into_iter().map(|config| (config.name.to_string(), entry(config))).collect(),
    });
    (topic, configs)
}

fn entry(config: DescribeConfigsResourceResult) -> ConfigEntry {
    ConfigEntry {
        value: config.value.map(|value| value.to_string()),
        source: ConfigSource::of(config.config_source),
        is_read_only: config.read_only,
        is_sensitive: config.is_sensitive,
    }
}

impl ConfigSource {
    const fn of(code: i8) -> Self {
        match code {
            1 => Self::Topic,
            2 => Self::Broker,
            3 => Self::Cluster,
            4 => Self::BrokerFile,
            5 => Self::Default,
            other => Self::Other(other),
        }
    }
}
