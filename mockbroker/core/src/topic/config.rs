//! What a topic sets of its configs, and what follows from that and the brokers' for those that act.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::borrow::Cow;
use std::collections::BTreeMap;

use ottla_wire::record::{Compression, TimestampType};

use crate::configs::{Config, ConfigProblem, Layers, Scope, Settings, Source};
use crate::log::{Compaction, Retention, Rolling};

/// What a topic sets, by the names of the configs.
pub(crate) type TopicSettings = BTreeMap<&'static str, String>;

/// The configs of one topic on one broker: what it sets itself, and the values of those that act.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TopicConfigs {
    set: TopicSettings,
    pub(crate) timestamp_type: TimestampType,
    pub(crate) timestamp_before_max_ms: i64,
    pub(crate) timestamp_after_max_ms: i64,
    pub(crate) message_bytes_max: usize,
    pub(crate) segment_bytes: usize,
    segment_ms: i64,
    pub(crate) retention: Retention,
    pub(crate) compaction: Compaction,
    pub(crate) in_sync_replicas_min: usize,
    pub(crate) is_compacted: bool,
    /// Whether a replica may lead that lacks committed records, where no other can.
    pub(crate) allows_unclean_election: bool,
    pub(crate) compression: TopicCompression,
}

/// The codec that a topic keeps its batches in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopicCompression {
    /// The one that the producer chose.
    Producers,
    /// This one, whatever the producer chose; at this level, where the codec has levels (KIP-390).
    Own(Compression, Option<i32>),
}

impl TopicConfigs {
    /// The configs of a topic that sets these; a null value is refused.
    pub(crate) fn new<'a>(
        given: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
        brokers: &Layers<'_>,
    ) -> Result<Self, ConfigProblem> {
        let mut set = BTreeMap::new();
        for (name, value) in given {
            let value = value.ok_or_else(|| ConfigProblem::Null(name.to_owned()))?;
            let config = Scope::Topic.find(name).ok_or_else(|| ConfigProblem::Unknown(name.to_owned()))?;
            let value = config.canonical(value)?;
            if config.name == "remote.storage.enable" && value == "true" {
                return Err(ConfigProblem::NoTieredStorage(config.name));
            }
            set.insert(config.name, value);
        }
        match number(&set, brokers, "min.compaction.lag.ms") > number(&set, brokers, "max.compaction.lag.ms") {
            true => Err(ConfigProblem::CompactionLags),
            false => Ok(Self::resolve(set, brokers)),
        }
    }

    /// The configs of a topic that sets what [`TopicConfigs::new`] took, on a broker.
    pub(crate) fn resolve(set: TopicSettings, brokers: &Layers<'_>) -> Self {
        let text = |name| text(&set, brokers, name);
        let number = |name| number(&set, brokers, name);
        let size = |name| usize::try_from(number(name)).unwrap_or_default();
        let has_policy = |wanted| text("cleanup.policy").split(',').any(|policy| policy == wanted);
        Self {
            timestamp_type: match &*text("message.timestamp.type") {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            timestamp_before_max_ms: number("message.timestamp.before.max.ms"),
            timestamp_after_max_ms: number("message.timestamp.after.max.ms"),
            message_bytes_max: size("max.message.bytes"),
            segment_bytes: size("segment.bytes"),
            segment_ms: number("segment.ms"),
            retention: Retention {
                deletes: has_policy("delete"),
                bytes_max: number("retention.bytes"),
                age_max_ms: number("retention.ms"),
            },
            compaction: Compaction {
                dirty_ratio_min: text("min.cleanable.dirty.ratio").parse().unwrap_or_default(),
                lag_min_ms: number("min.compaction.lag.ms"),
                lag_max_ms: number("max.compaction.lag.ms"),
                delete_retention_ms: number("delete.retention.ms"),
                segment_bytes: size("segment.bytes"),
            },
            in_sync_replicas_min: size("min.insync.replicas"),
            is_compacted: has_policy("compact"),
            compression: compression(&text("compression.type"), |name| i32::try_from(number(name)).ok()),
            allows_unclean_election: text("unclean.leader.election.enable").eq_ignore_ascii_case("true"),
            set,
        }
    }

    /// The same topic's configs on another broker, or after its brokers' configs changed.
    pub(crate) fn on(&self, brokers: &Layers<'_>) -> Self {
        Self::resolve(self.set.clone(), brokers)
    }

    /// When a log of the topic begins a segment.
    pub(crate) fn rolling(&self) -> Rolling {
        let lag_max_ms = Some(self.compaction.lag_max_ms).filter(|max| self.is_compacted && *max > 0);
        let age_max_ms = lag_max_ms.map_or(self.segment_ms, |max| max.min(self.segment_ms));
        Rolling { bytes_max: self.segment_bytes, age_max_ms }
    }

    /// What the topic itself sets.
    pub(crate) fn settings(&self) -> Settings {
        self.set.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    /// What the topic itself sets the config to.
    pub(crate) fn set(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str)
    }

    /// The value that a config has, and where it comes from.
    pub(crate) fn value(&self, brokers: &Layers<'_>, config: &'static Config) -> (Option<Cow<'_, str>>, Source) {
        effective(&self.set, brokers, config)
    }
}

fn effective<'a>(
    set: &'a TopicSettings,
    brokers: &Layers<'_>,
    config: &'static Config,
) -> (Option<Cow<'a, str>>, Source) {
    match set.get(config.name) {
        Some(value) => (Some(Cow::Borrowed(value)), Source::Topic),
        None => brokers.inherited(config),
    }
}

fn text<'a>(set: &'a TopicSettings, brokers: &Layers<'_>, name: &str) -> Cow<'a, str> {
    Scope::Topic.find(name).and_then(|config| effective(set, brokers, config).0).unwrap_or_default()
}

/// The value of a config that is a number, which was checked when it was set.
fn number(set: &TopicSettings, brokers: &Layers<'_>, name: &str) -> i64 {
    text(set, brokers, name).trim().parse().unwrap_or_default()
}

fn compression(kind: &str, level: impl Fn(&'static str) -> Option<i32>) -> TopicCompression {
    match kind {
        "uncompressed" => TopicCompression::Own(Compression::None, None),
        "gzip" => TopicCompression::Own(Compression::Gzip, level("compression.gzip.level")),
        "snappy" => TopicCompression::Own(Compression::Snappy, None),
        "lz4" => TopicCompression::Own(Compression::Lz4, level("compression.lz4.level")),
        "zstd" => TopicCompression::Own(Compression::Zstd, level("compression.zstd.level")),
        _ => TopicCompression::Producers,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::configs::BrokerConfigs;

    fn one(name: &str, value: &str) -> Result<TopicConfigs, ConfigProblem> {
        TopicConfigs::new([(name, Some(value))], &BrokerConfigs::default().layers(None))
    }

    #[test]
    fn what_a_topic_sets_acts_and_the_rest_is_kafkas_default() {
        let configs = one("cleanup.policy", "compact, delete").unwrap();
        assert!(configs.is_compacted);
        assert_eq!((configs.message_bytes_max, configs.in_sync_replicas_min), (1_048_588, 1));
        assert_eq!(configs.timestamp_after_max_ms, 3_600_000);
        assert_eq!(
            one("message.timestamp.type", "LogAppendTime").unwrap().timestamp_type,
            TimestampType::LogAppendTime
        );
        assert_eq!(configs.set("cleanup.policy"), Some("compact,delete"));
        assert_eq!(one("max.message.bytes", " 5 ").unwrap().message_bytes_max, 5);
    }

    #[test]
    fn what_a_topic_does_not_set_follows_its_brokers() {
        let mut brokers = BrokerConfigs::default();
        let configs = one("retention.ms", "1").unwrap();
        brokers.set_dynamic(None, [("message.max.bytes".to_owned(), "7".to_owned())].into());
        let configs = configs.on(&brokers.layers(None));
        assert_eq!((configs.message_bytes_max, configs.set("retention.ms")), (7, Some("1")));
        let config = Scope::Topic.find("max.message.bytes").unwrap();
        assert_eq!(configs.value(&brokers.layers(None), config), (Some("7".into()), Source::Cluster));
    }

    #[test]
    fn the_codec_of_a_topic_has_the_level_that_is_set_for_it() {
        assert_eq!(one("retention.ms", "1").unwrap().compression, TopicCompression::Producers);
        for (name, codec, level) in [
            ("uncompressed", Compression::None, None),
            ("gzip", Compression::Gzip, Some(9)),
            ("snappy", Compression::Snappy, None),
            ("lz4", Compression::Lz4, Some(9)),
            ("zstd", Compression::Zstd, Some(3)),
        ] {
            let set = [("compression.type", Some(name)), ("compression.gzip.level", Some("9"))];
            let configs = TopicConfigs::new(set, &BrokerConfigs::default().layers(None)).unwrap();
            assert_eq!(configs.compression, TopicCompression::Own(codec, level));
        }
    }

    #[test]
    fn unknown_null_and_contradicting_configs_are_refused() {
        let brokers = BrokerConfigs::default();
        let new = |given: &[(&'static str, Option<&'static str>)]| {
            TopicConfigs::new(given.iter().copied(), &brokers.layers(None))
        };
        assert_eq!(one("retention", "1"), Err(ConfigProblem::Unknown("retention".to_owned())));
        assert_eq!(new(&[("retention.ms", None)]), Err(ConfigProblem::Null("retention.ms".to_owned())));
        let lags = [("min.compaction.lag.ms", Some("2")), ("max.compaction.lag.ms", Some("1"))];
        assert_eq!(new(&lags), Err(ConfigProblem::CompactionLags));
        let tiered = one("remote.storage.enable", "true");
        assert_eq!(tiered, Err(ConfigProblem::NoTieredStorage("remote.storage.enable")));
    }
}
