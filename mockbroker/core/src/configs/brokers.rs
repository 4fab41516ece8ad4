//! What the brokers' configs are set to: in their file, while they run for all of them, and for each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ottla_wire::BrokerId;

use super::{Config, ConfigProblem, MIN_INSYNC_REPLICAS, Scope};

/// Values by the names of their configs.
pub(crate) type Settings = BTreeMap<String, String>;

/// Before the name of a config of one listener: `listener.name.<listener>.`.
const LISTENER_PREFIX: &str = "listener.name.";

/// Configs that stand behind the name of a mechanism, too.
const MECHANISM_CONFIGS: [&str; 5] = [
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
];

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The topic itself.
    Topic,
    /// The broker's own config, set while it runs.
    Broker,
    /// The config of all brokers, set while they run.
    Cluster,
    /// The broker's file.
    File,
    /// Kafka.
    Default,
    /// A logger of the broker.
    Logger,
    /// The subscription to the metrics of clients itself.
    ClientMetrics,
    /// The group itself.
    Group,
}

impl Source {
    /// By Kafka's number.
    pub(crate) const fn number(self) -> i8 {
        match self {
            Self::Topic => 1,
            Self::Broker => 2,
            Self::Cluster => 3,
            Self::File => 4,
            Self::Default => 5,
            Self::Logger => 6,
            Self::ClientMetrics => 7,
            Self::Group => 8,
        }
    }
}

/// What all brokers set.
#[derive(Clone, Debug, Default)]
pub(crate) struct BrokerConfigs {
    file: Settings,
    cluster: Settings,
    own: BTreeMap<BrokerId, Settings>,
}

impl BrokerConfigs {
    /// The configs of brokers that have `file` in their file and nothing else.
    pub(crate) fn new(file: Settings) -> Self {
        Self { file, ..Self::default() }
    }

    /// Those of one broker, or of a broker that has none of its own.
    pub(crate) fn layers(&self, broker: Option<BrokerId>) -> Layers<'_> {
        static NONE: Settings = Settings::new();
        let own = broker.and_then(|id| self.own.get(&id)).unwrap_or(&NONE);
        Layers { own, cluster: &self.cluster, file: Cow::Borrowed(&self.file) }
    }

    /// What is set while the brokers run: for this one, or for all.
    pub(crate) fn dynamic(&self, broker: Option<BrokerId>) -> Option<&Settings> {
        match broker {
            None => Some(&self.cluster),
            Some(id) => self.own.get(&id),
        }
    }

    /// Sets what is set while the brokers run: for this one, or for all.
    pub(crate) fn set_dynamic(&mut self, broker: Option<BrokerId>, settings: Settings) {
        match broker {
            None => self.cluster = settings,
            Some(id) if settings.is_empty() => drop(self.own.remove(&id)),
            Some(id) => drop(self.own.insert(id, settings)),
        }
    }

    /// Sets the `min.insync.replicas` of all brokers, as a cluster with eligible leader replicas (KIP-966) begins: none has another.
    pub(crate) fn hold_in_sync(&mut self) {
        let value = self.layers(None).value(MIN_INSYNC_REPLICAS).map(Cow::into_owned);
        self.cluster.extend(value.map(|value| (MIN_INSYNC_REPLICAS.to_owned(), value)));
        self.own.values_mut().for_each(|own| drop(own.remove(MIN_INSYNC_REPLICAS)));
        self.own.retain(|_, own| !own.is_empty());
    }

    /// The brokers that have configs of their own, set while they run.
    pub(crate) fn brokers(&self) -> impl Iterator<Item = BrokerId> {
        self.own.keys().copied()
    }
}

/// What one broker's configs are set to, the strongest layer first.
#[derive(Clone, Debug)]
pub(crate) struct Layers<'a> {
    own: &'a Settings,
    cluster: &'a Settings,
    file: Cow<'a, Settings>,
}

impl<'a> Layers<'a> {
    /// The same with more in the broker's file.
    pub(crate) fn with_file(mut self, more: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.file.to_mut().extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// The names of all that is set.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        [self.own, self.cluster, &self.file].into_iter().flat_map(Settings::keys).map(String::as_str)
    }

    /// The value of a broker's config: what is set under its name, unless a synonym of it is set in a stronger layer; else the default.
    pub(crate) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        let config = Scope::Broker.find(name);
        let set = match self.dynamic(name, config) {
            Some(set) => set,
            None => self.file.get(name),
        };
        let canonical = |value: &'_ str| config.and_then(|config| config.canonical(value).ok()).map(Cow::Owned);
        match set {
            Some(value) => Some(canonical(value).unwrap_or(Cow::Owned(value.clone()))),
            None => config?.default.map(Cow::Borrowed),
        }
    }

    /// The value of a broker's config that is a number; 0 where none is set.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.value(name).and_then(|value| value.parse().ok()).unwrap_or_default()
    }

    /// What is set while the broker runs; `Some(None)` where that is a synonym, which takes the config's own value away.
    fn dynamic(&self, name: &str, config: Option<&Config>) -> Option<Option<&String>> {
        let synonyms = config.map_or(&[][..], |config| config.synonyms);
        [self.own, self.cluster].into_iter().find_map(|layer| match layer.get(name) {
            Some(value) => Some(Some(value)),
            None => synonyms.iter().any(|(other, _)| layer.contains_key(*other)).then_some(None),
        })
    }

    /// The value that a config of topics has where the topic sets none, and where it comes from.
    pub(crate) fn inherited(&self, config: &'static Config) -> (Option<Cow<'static, str>>, Source) {
        for (layer, source) in
            [(self.own, Source::Broker), (self.cluster, Source::Cluster), (&*self.file, Source::File)]
        {
            let set = config.synonyms.iter().find_map(|(name, factor)| Some((layer.get(*name)?, *factor)));
            if let Some((value, factor)) = set {
                return (Some(Cow::Owned(multiplied(config, value, factor))), source);
            }
        }
        let default = || config.synonyms.first().and_then(|(name, _)| told_default(name));
        (config.default.or_else(default).map(Cow::Borrowed), Source::Default)
    }

    /// All that is set for a broker's config under its name and its synonyms, the strongest first.
    pub(crate) fn synonyms(&self, name: &str) -> Vec<(String, String, Source)> {
        let names = synonyms(name);
        let mut found = Vec::new();
        for (layer, source) in
            [(self.own, Source::Broker), (self.cluster, Source::Cluster), (&*self.file, Source::File)]
        {
            found.extend(names.iter().filter_map(|name| Some((name.to_string(), layer.get(&**name)?.clone(), source))));
        }
        let default = |name: &Cow<'_, str>| Some((name.to_string(), told_default(name)?.to_owned(), Source::Default));
        found.extend(names.iter().filter_map(default));
        // What is set for a listener is none of the values of the config of all.
        found.into_iter().skip_while(|(found, ..)| found != name).collect()
    }
}

/// The default of a config that stands in a broker's file.
fn told_default(name: &str) -> Option<&'static str> {
    Scope::Broker.find(name).filter(|config| !config.is_dynamic_only)?.default
}

/// A broker's value as a topic has it, which may be in a smaller unit.
fn multiplied(config: &Config, value: &str, factor: i64) -> String {
    let number = value.trim().parse::<i64>();
    match number {
        Ok(number) if factor != 1 => number.saturating_mul(factor).to_string(),
        _ => config.canonical(value).unwrap_or_else(|_| value.trim().to_owned()),
    }
}

/// The names under which a broker's config may be set, the strongest first.
fn synonyms(name: &str) -> Vec<Cow<'_, str>> {
    if let Some(config) = Scope::Broker.find(name).filter(|config| !config.synonyms.is_empty()) {
        return config.synonyms.iter().map(|(name, _)| Cow::Borrowed(*name)).collect();
    }
    std::iter::once(name).chain(of_all_listeners(name)).map(Cow::Borrowed).collect()
}

/// The config of all listeners that a config of one listener stands for.
pub(crate) fn of_all_listeners(name: &str) -> Option<&str> {
    let (_, base) = name.strip_prefix(LISTENER_PREFIX)?.split_once('.')?;
    Some(MECHANISM_CONFIGS.into_iter().find(|config| base.ends_with(config)).unwrap_or(base))
}

/// The definition of a broker's config, also where it is set for one listener.
pub(crate) fn definition(name: &str) -> Option<&'static Config> {
    Scope::Broker.find(name).or_else(|| Scope::Broker.find(of_all_listeners(name)?))
}

/// A value that stands in a broker's file, as Kafka understands it; any may for a config that Kafka does not know.
pub(crate) fn in_file(name: &str, value: &str) -> Result<String, ConfigProblem> {
    definition(name).map_or_else(|| Ok(value.to_owned()), |config| config.canonical(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn settings(of: &[(&str, &str)]) -> Settings {
        of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn retention(configs: &BrokerConfigs, broker: i32) -> (String, Source) {
        let config = Scope::Topic.find("retention.ms").unwrap();
        let (value, source) = configs.layers(Some(BrokerId(broker))).inherited(config);
        (value.unwrap().into_owned(), source)
    }

    #[test]
    fn a_topic_inherits_from_the_strongest_layer_that_sets_a_synonym() {
        let mut configs = BrokerConfigs::default();
        assert_eq!(retention(&configs, 1), ("604800000".to_owned(), Source::Default));
        configs.file = settings(&[("log.retention.minutes", "1"), ("log.retention.hours", "1")]);
        assert_eq!(retention(&configs, 1), ("60000".to_owned(), Source::File));
        configs.set_dynamic(None, settings(&[("log.retention.hours", "2")]));
        assert_eq!(retention(&configs, 1), ("7200000".to_owned(), Source::Cluster));
        configs.set_dynamic(Some(BrokerId(1)), settings(&[("log.retention.ms", "7")]));
        assert_eq!(retention(&configs, 1), ("7".to_owned(), Source::Broker));
        assert_eq!(retention(&configs, 2), ("7200000".to_owned(), Source::Cluster));
    }

    #[test]
    fn a_synonym_in_a_stronger_layer_takes_a_value_away() {
        let mut configs = BrokerConfigs::new(settings(&[("log.retention.ms", "5"), ("own.config", "x")]));
        let value = |configs: &BrokerConfigs, name| configs.layers(None).value(name).map(Cow::into_owned);
        assert_eq!(value(&configs, "log.retention.ms").as_deref(), Some("5"));
        assert_eq!(value(&configs, "log.retention.hours").as_deref(), Some("168"));
        configs.set_dynamic(None, settings(&[("log.retention.hours", " 2 ")]));
        assert_eq!(value(&configs, "log.retention.ms"), None);
        assert_eq!(value(&configs, "log.retention.hours").as_deref(), Some("2"));
        assert_eq!(value(&configs, "own.config").as_deref(), Some("x"));
    }

    #[test]
    fn a_config_of_one_listener_falls_back_to_that_of_all() {
        let file = settings(&[("listener.name.ssl.ssl.protocol", "TLSv1.2"), ("ssl.protocol", "TLSv1.3")]);
        let configs = BrokerConfigs::new(file);
        let layers = configs.layers(None);
        let values = |name| layers.synonyms(name).into_iter().map(|(_, value, _)| value).collect::<Vec<_>>();
        assert_eq!(values("listener.name.ssl.ssl.protocol"), ["TLSv1.2", "TLSv1.3", "TLSv1.3"]);
        assert_eq!(values("ssl.protocol"), ["TLSv1.3", "TLSv1.3"]);
        assert_eq!(of_all_listeners("listener.name.sasl.plain.sasl.jaas.config"), Some("sasl.jaas.config"));
    }
}
