//! The configs that Kafka defines, as data, and those that a cluster has set.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod brokers;
mod change;
mod dynamic;
mod loggers;
mod others;
mod problem;
mod rows;
mod rule;

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_wire::BrokerId;

pub(crate) use brokers::{BrokerConfigs, Layers, Settings, Source, definition, in_file};
pub(crate) use change::{Changes, Operation, Refusal};
pub(crate) use dynamic::{check_dynamic, check_in_sync};
use loggers::Loggers;
pub(crate) use others::{check_client_metrics, check_group};
pub use problem::ConfigProblem;
use rule::Rule;

use crate::authorizer::{self, StandardAuthorizer};
use crate::config::ClusterConfig;
use crate::quotas::Windows;

/// What a cluster has set.
#[derive(Clone, Debug)]
pub(crate) struct Configs {
    pub(crate) brokers: BrokerConfigs,
    groups: BTreeMap<String, Settings>,
    client_metrics: BTreeMap<String, Settings>,
    /// How often a subscription to the metrics of clients was changed.
    client_metrics_version: u64,
    loggers: Loggers,
}

/// The types of resources that have configs, by Kafka's number.
pub(crate) mod resource {
    pub(crate) const TOPIC: i8 = 2;
    pub(crate) const BROKER: i8 = 4;
    pub(crate) const BROKER_LOGGER: i8 = 8;
    pub(crate) const CLIENT_METRICS: i8 = 16;
    pub(crate) const GROUP: i8 = 32;
}

/// A config that a cluster with eligible leader replicas (KIP-966) has for all brokers from its beginning, so that all hold to one value.
const MIN_INSYNC_REPLICAS: &str = "min.insync.replicas";

impl Configs {
    /// Those of a cluster at its start, which may have eligible leader replicas.
    pub(crate) fn new(config: &ClusterConfig, has_eligible_replicas: bool) -> Self {
        let mut brokers = BrokerConfigs::new(file(config));
        if has_eligible_replicas {
            brokers.hold_in_sync();
        }
        Self {
            brokers,
            groups: BTreeMap::new(),
            client_metrics: BTreeMap::new(),
            client_metrics_version: 0,
            loggers: Loggers::default(),
        }
    }

    /// Over how long brokers measure the rates of clients.
    pub(crate) fn quota_windows(&self) -> Windows {
        self.windows("quota.window.num", "quota.window.size.seconds")
    }

    /// Over how long controllers do.
    pub(crate) fn controller_quota_windows(&self) -> Windows {
        self.windows("controller.quota.window.num", "controller.quota.window.size.seconds")
    }

    fn windows(&self, count: &str, size: &str) -> Windows {
        let layers = self.brokers.layers(None);
        let number = |name| layers.value(name).and_then(|value| value.parse().ok()).unwrap_or(1_u32);
        Windows { count: number(count), size: Duration::from_secs(number(size).into()) }
    }

    /// What a group or a subscription to the metrics of clients sets.
    pub(crate) fn of(&self, scope: Scope, name: &str) -> Option<&Settings> {
        self.resources(scope)?.get(name)
    }

    /// The groups, or the subscriptions to the metrics of clients, that set something.
    pub(crate) fn resources(&self, scope: Scope) -> Option<&BTreeMap<String, Settings>> {
        match scope {
            Scope::Group => Some(&self.groups),
            Scope::ClientMetrics => Some(&self.client_metrics),
            Scope::Broker | Scope::Topic => None,
        }
    }

    /// Sets what a group or a subscription to the metrics of clients sets.
    pub(crate) fn set(&mut self, scope: Scope, name: &str, settings: Settings) {
        let all = match scope {
            Scope::Group => &mut self.groups,
            Scope::ClientMetrics => {
                self.client_metrics_version = self.client_metrics_version.saturating_add(1);
                &mut self.client_metrics
            }
            Scope::Broker | Scope::Topic => return,
        };
        match settings.is_empty() {
            true => drop(all.remove(name)),
            false => drop(all.insert(name.to_owned(), settings)),
        }
    }

    /// The subscriptions to the metrics of clients.
    pub(crate) fn client_metrics(&self) -> &BTreeMap<String, Settings> {
        &self.client_metrics
    }

    /// How often one of them was changed.
    pub(crate) fn client_metrics_version(&self) -> u64 {
        self.client_metrics_version
    }

    /// The loggers of a broker with their levels.
    pub(crate) fn loggers(&self, broker: BrokerId) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.loggers.of(broker)
    }

    /// Sets and deletes levels of a broker's loggers, all of them or none.
    pub(crate) fn set_levels(
        &mut self,
        broker: BrokerId,
        levels: &[(&str, Option<Operation>, Option<&str>)],
        validate_only: bool,
    ) -> Result<(), Refusal> {
        self.loggers.set(broker, levels, validate_only)
    }
}

/// What stands in the file of every broker: what is said, and what is otherwise than Kafka would have it.
fn file(config: &ClusterConfig) -> Settings {
    let millis = |duration: Duration| duration.as_millis().to_string();
    let factor = ("default.replication.factor", config.replication_factor().to_string());
    let fields = [
        ("num.partitions", config.num_partitions.to_string()),
        ("auto.create.topics.enable", config.auto_create_topics.to_string()),
        ("ssl.principal.mapping.rules", config.principal_mapping_rules.clone()),
        ("connections.max.reauth.ms", millis(config.connections_max_reauth.unwrap_or_default())),
        ("connections.max.idle.ms", config.connections_max_idle.map_or_else(|| "-1".to_owned(), millis)),
        ("connection.failed.authentication.delay.ms", millis(config.failed_authentication_delay)),
        ("fetch.max.bytes", config.bounds.fetch_bytes_max.to_string()),
        ("socket.request.max.bytes", config.bounds.request_bytes_max.to_string()),
    ];
    let is_default = |(name, value): &(&str, String)| {
        Scope::Broker.find(name).and_then(|config| config.default) == Some(value.as_str())
    };
    let differing = fields.into_iter().filter(|field| !is_default(field)).chain([factor]);
    let authorizer = config.authorizer.as_ref().map(|_| (authorizer::CLASS_NAME, StandardAuthorizer::CLASS.to_owned()));
    let mut file: Settings = differing.chain(authorizer).map(|(name, value)| (name.to_owned(), value)).collect();
    file.extend(config.properties.clone());
    file
}

/// What a config belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Broker,
    Topic,
    Group,
    ClientMetrics,
}

/// The definition of a config.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Config {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The value where nothing is set, which may be null.
    pub(crate) default: Option<&'static str>,
    rule: Rule,
    pub(crate) update: Update,
    /// Whether it is altered for one listener alone, under the listener's prefix.
    pub(crate) is_per_listener: bool,
    /// Whether it exists for brokers that run and in no file.
    pub(crate) is_dynamic_only: bool,
    /// Whether Kafka tells of it only where it is set.
    pub(crate) is_internal: bool,
    /// The broker's configs that give its value where none is set, the strongest first, each with the number by which its value is multiplied.
    pub(crate) synonyms: &'static [(&'static str, i64)],
}

/// The type of a config's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    String,
    Int,
    Short,
    Long,
    Double,
    List,
    Class,
    Password,
}

/// How a config of a broker is altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Update {
    /// In its file alone.
    ReadOnly,
    /// While it runs, for one broker.
    PerBroker,
    /// While it runs, for one broker or for all.
    ClusterWide,
}

impl Config {
    const fn new(name: &'static str, kind: Kind, default: Option<&'static str>) -> Self {
        Self {
            name,
            kind,
            default,
            rule: Rule::Any,
            update: Update::ReadOnly,
            is_per_listener: false,
            is_dynamic_only: false,
            is_internal: false,
            synonyms: &[],
        }
    }

    const fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    const fn from(mut self, synonyms: &'static [(&'static str, i64)]) -> Self {
        self.synonyms = synonyms;
        self
    }

    const fn cluster_wide(mut self) -> Self {
        self.update = Update::ClusterWide;
        self
    }

    const fn per_broker(mut self) -> Self {
        self.update = Update::PerBroker;
        self
    }

    const fn per_listener(mut self) -> Self {
        self.is_per_listener = true;
        self
    }

    const fn dynamic_only(mut self) -> Self {
        self.update = Update::ClusterWide;
        self.is_dynamic_only = true;
        self
    }

    const fn internal(mut self) -> Self {
        self.is_internal = true;
        self
    }

    /// The value as Kafka tells it, if it may be the config's.
    pub(crate) fn canonical(&self, value: &str) -> Result<String, ConfigProblem> {
        let canonical = rule::parse(self.kind, value).filter(|canonical| self.rule.allows(canonical));
        canonical.ok_or_else(|| ConfigProblem::Value {
            name: self.name,
            value: value.to_owned(),
            expected: self.rule.expected(self.kind),
        })
    }
}

impl Kind {
    /// By Kafka's number.
    pub(crate) const fn number(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
            Self::Class => 8,
            Self::Password => 9,
        }
    }
}

impl Scope {
    /// Its configs, by ascending name.
    pub(crate) fn configs(self) -> &'static [Config] {
        match self {
            Self::Broker => rows::BROKER,
            Self::Topic => rows::TOPIC,
            Self::Group => rows::GROUP,
            Self::ClientMetrics => rows::CLIENT_METRICS,
        }
    }

    /// Its config of this name.
    pub(crate) fn find(self, name: &str) -> Option<&'static Config> {
        let configs = self.configs();
        configs.get(configs.binary_search_by(|config| config.name.cmp(name)).ok()?)
    }

    /// Its configs but for Kafka's internal ones, by ascending name.
    pub(crate) fn told(self) -> impl Iterator<Item = &'static Config> {
        self.configs().iter().filter(|config| !config.is_internal && !config.is_dynamic_only)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const ALL: [Scope; 4] = [Scope::Broker, Scope::Topic, Scope::Group, Scope::ClientMetrics];

    #[test]
    fn the_tables_are_in_order_so_that_each_config_is_found() {
        for resource in ALL {
            let configs = resource.configs();
            assert!(configs.is_sorted_by(|before, after| before.name < after.name), "{resource:?}");
            assert!(configs.iter().all(|config| resource.find(config.name) == Some(config)));
            assert_eq!(resource.find("retention"), None);
        }
        assert_eq!(Scope::Topic.told().count(), 37);
    }

    #[test]
    fn every_default_is_a_value_that_the_config_may_have() {
        for config in ALL.into_iter().flat_map(Scope::configs) {
            if let Some(default) = config.default {
                assert_eq!(config.canonical(default).as_deref(), Ok(default), "{}", config.name);
            }
        }
    }

    #[test]
    fn every_synonym_is_a_config_of_brokers() {
        for config in ALL.into_iter().flat_map(Scope::configs) {
            assert!(config.synonyms.iter().all(|(name, _)| Scope::Broker.find(name).is_some()), "{}", config.name);
        }
    }

    #[test]
    fn a_value_outside_the_type_or_the_range_is_refused() {
        for (name, bad) in [
            ("retention.ms", "-2"),
            ("retention.ms", "soon"),
            ("retention.ms", ""),
            ("max.message.bytes", "2147483648"),
            ("segment.bytes", "1048575"),
            ("cleanup.policy", "shred"),
            ("cleanup.policy", "delete,delete"),
            ("cleanup.policy", "delete,"),
            ("min.cleanable.dirty.ratio", "1.1"),
            ("min.cleanable.dirty.ratio", "inf"),
            ("max.decompressed.message.bytes", "0"),
            ("compression.type", "none"),
            ("compression.gzip.level", "0"),
            ("preallocate", "yes"),
            ("leader.replication.throttled.replicas", "0:x"),
        ] {
            let refused = Scope::Topic.find(name).unwrap().canonical(bad);
            assert!(matches!(refused, Err(ConfigProblem::Value { .. })), "{name}={bad}: {refused:?}");
        }
    }

    #[test]
    fn a_value_is_told_as_kafka_understood_it() {
        for (name, given, told) in [
            ("cleanup.policy", " compact , delete ", "compact,delete"),
            ("cleanup.policy", "", ""),
            ("max.message.bytes", " 5 ", "5"),
            ("retention.ms", "+7", "7"),
            ("preallocate", "TRUE", "true"),
            ("min.cleanable.dirty.ratio", "0.50f", "0.5"),
            ("min.cleanable.dirty.ratio", "1", "1.0"),
            ("min.cleanable.dirty.ratio", "NaN", "NaN"),
            ("compression.type", " zstd ", "zstd"),
        ] {
            assert_eq!(Scope::Topic.find(name).unwrap().canonical(given).unwrap(), told, "{name}={given}");
        }
    }
}
