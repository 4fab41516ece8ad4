//! The configs of topics, as Kafka 4.4 defines them: a table, and what a topic sets of it.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use ottla_wire::record::{Compression, TimestampType};

use crate::log::Rolling;

/// A config that topics have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct TopicConfig {
    pub(crate) name: &'static str,
    pub(crate) kind: ConfigKind,
    pub(crate) default: &'static str,
    /// What the broker's config is called that gives the default.
    pub(crate) synonym: Option<&'static str>,
    /// Whether the default stands in the cluster's own dynamic config, as a cluster with eligible leader replicas (KIP-966) is set up.
    pub(crate) is_cluster_default: bool,
    rule: Rule,
}

/// The type of a config's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConfigKind {
    Boolean,
    String,
    Int,
    Long,
    Double,
    List,
}

/// Which values a config may have beyond those of its type.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    Any,
    AtLeast(i64),
    Within(i64, i64),
    /// Within, or -1 for the codec's own default.
    Level(i64, i64),
    Fraction,
    OneOf(&'static [&'static str]),
    /// A list of some of these.
    SomeOf(&'static [&'static str]),
    /// `*`, or `partition:broker` pairs.
    Replicas,
    /// Needs what the cluster does not have: tiered storage.
    FalseOnly,
}

const fn config(name: &'static str, kind: ConfigKind, default: &'static str, rule: Rule) -> TopicConfig {
    TopicConfig { name, kind, default, synonym: None, is_cluster_default: false, rule }
}

impl TopicConfig {
    const fn from(mut self, synonym: &'static str) -> Self {
        self.synonym = Some(synonym);
        self
    }

    const fn cluster_default(mut self) -> Self {
        self.is_cluster_default = true;
        self
    }
}

use ConfigKind::{Boolean, Double, Int, List, Long, String as Text};

const MAX: &str = "9223372036854775807";
const COMPRESSION: &[&str] = &["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];

/// All of them, by ascending name.
pub(crate) const TOPIC_CONFIGS: &[TopicConfig] = &[
    config("cleanup.policy", List, "delete", Rule::SomeOf(&["compact", "delete"])).from("log.cleanup.policy"),
    config("compression.gzip.level", Int, "-1", Rule::Level(1, 9)).from("compression.gzip.level"),
    config("compression.lz4.level", Int, "9", Rule::Within(1, 17)).from("compression.lz4.level"),
    config("compression.type", Text, "producer", Rule::OneOf(COMPRESSION)).from("compression.type"),
    config("compression.zstd.level", Int, "3", Rule::Within(-131_072, 22)).from("compression.zstd.level"),
    config("delete.retention.ms", Long, "86400000", Rule::AtLeast(0)).from("log.cleaner.delete.retention.ms"),
    config("errors.deadletterqueue.group.enable", Boolean, "false", Rule::Any),
    config("file.delete.delay.ms", Long, "60000", Rule::AtLeast(0)).from("log.segment.delete.delay.ms"),
    config("flush.messages", Long, MAX, Rule::AtLeast(1)).from("log.flush.interval.messages"),
    config("flush.ms", Long, MAX, Rule::AtLeast(0)),
    config("follower.replication.throttled.replicas", List, "", Rule::Replicas),
    config("index.interval.bytes", Int, "4096", Rule::AtLeast(0)).from("log.index.interval.bytes"),
    config("leader.replication.throttled.replicas", List, "", Rule::Replicas),
    config("local.retention.bytes", Long, "-2", Rule::AtLeast(-2)).from("log.local.retention.bytes"),
    config("local.retention.ms", Long, "-2", Rule::AtLeast(-2)).from("log.local.retention.ms"),
    config("max.compaction.lag.ms", Long, MAX, Rule::AtLeast(1)).from("log.cleaner.max.compaction.lag.ms"),
    config("max.decompressed.message.bytes", Int, "2147483639", Rule::Within(1, 2_147_483_639))
        .from("max.decompressed.message.bytes"),
    config("max.message.bytes", Int, "1048588", Rule::AtLeast(0)).from("message.max.bytes"),
    config("message.timestamp.after.max.ms", Long, "3600000", Rule::AtLeast(0))
        .from("log.message.timestamp.after.max.ms"),
    config("message.timestamp.before.max.ms", Long, MAX, Rule::AtLeast(0)).from("log.message.timestamp.before.max.ms"),
    config("message.timestamp.type", Text, "CreateTime", Rule::OneOf(&["CreateTime", "LogAppendTime"]))
        .from("log.message.timestamp.type"),
    config("min.cleanable.dirty.ratio", Double, "0.5", Rule::Fraction).from("log.cleaner.min.cleanable.ratio"),
    config("min.compaction.lag.ms", Long, "0", Rule::AtLeast(0)).from("log.cleaner.min.compaction.lag.ms"),
    config("min.insync.replicas", Int, "1", Rule::AtLeast(1)).from("min.insync.replicas").cluster_default(),
    config("preallocate", Boolean, "false", Rule::Any).from("log.preallocate"),
    config("remote.copy.lag.bytes", Long, "-1", Rule::AtLeast(-1)).from("log.remote.copy.lag.bytes"),
    config("remote.copy.lag.ms", Long, "0", Rule::AtLeast(-1)).from("log.remote.copy.lag.ms"),
    config("remote.log.copy.disable", Boolean, "false", Rule::Any),
    config("remote.log.delete.on.disable", Boolean, "false", Rule::Any),
    config("remote.storage.enable", Boolean, "false", Rule::FalseOnly),
    config("retention.bytes", Long, "-1", Rule::Any).from("log.retention.bytes"),
    config("retention.ms", Long, "604800000", Rule::AtLeast(-1)),
    config("segment.bytes", Int, "1073741824", Rule::AtLeast(1024 * 1024)).from("log.segment.bytes"),
    config("segment.index.bytes", Int, "10485760", Rule::AtLeast(4)).from("log.index.size.max.bytes"),
    config("segment.jitter.ms", Long, "0", Rule::AtLeast(0)),
    config("segment.ms", Long, "604800000", Rule::AtLeast(1)),
    config("unclean.leader.election.enable", Boolean, "false", Rule::Any).from("unclean.leader.election.enable"),
];

/// What is wrong with a config that a topic is to have: `INVALID_CONFIG`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// Topics have no config of this name.
    #[error("there is no topic config {0:?}")]
    Unknown(String),
    /// The config has no value.
    #[error("topic config {0} is null")]
    Null(String),
    /// The value is none of the config's type, or outside the values that it may have.
    #[error("{value:?} is no value of topic config {name}")]
    Value {
        /// The config.
        name: &'static str,
        /// The value.
        value: String,
    },
    /// Compaction would have to wait for longer than it may.
    #[error("min.compaction.lag.ms is above max.compaction.lag.ms")]
    CompactionLags,
    /// The cluster has no tiered storage.
    #[error("{0} needs tiered storage, which this cluster does not have")]
    NoTieredStorage(&'static str),
}

/// The configs of one topic: what it sets itself, and what follows from that and the defaults for those that act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopicConfigs {
    set: BTreeMap<&'static str, String>,
    pub(crate) timestamp_type: TimestampType,
    pub(crate) timestamp_before_max_ms: i64,
    pub(crate) timestamp_after_max_ms: i64,
    pub(crate) message_bytes_max: usize,
    pub(crate) segment_bytes: usize,
    pub(crate) segment_ms: i64,
    pub(crate) in_sync_replicas_min: usize,
    pub(crate) is_compacted: bool,
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
    pub(crate) fn new<'a>(given: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Result<Self, ConfigProblem> {
        let mut set = BTreeMap::new();
        for (name, value) in given {
            let value = value.ok_or_else(|| ConfigProblem::Null(name.to_owned()))?;
            let config = find(name).ok_or_else(|| ConfigProblem::Unknown(name.to_owned()))?;
            config.check(value)?;
            set.insert(config.name, value.to_owned());
        }
        let number = |name| number(&set, name);
        if number("min.compaction.lag.ms") > number("max.compaction.lag.ms") {
            return Err(ConfigProblem::CompactionLags);
        }
        let size = |name| usize::try_from(number(name)).unwrap_or_default();
        Ok(Self {
            timestamp_type: match effective(&set, "message.timestamp.type").trim() {
                "LogAppendTime" => TimestampType::LogAppendTime,
                _ => TimestampType::CreateTime,
            },
            timestamp_before_max_ms: number("message.timestamp.before.max.ms"),
            timestamp_after_max_ms: number("message.timestamp.after.max.ms"),
            message_bytes_max: size("max.message.bytes"),
            segment_bytes: size("segment.bytes"),
            segment_ms: number("segment.ms"),
            in_sync_replicas_min: size("min.insync.replicas"),
            compression: compression(&set),
            is_compacted: effective(&set, "cleanup.policy").split(',').any(|policy| policy.trim() == "compact"),
            set,
        })
    }

    /// When a log of the topic begins a segment.
    pub(crate) fn rolling(&self) -> Rolling {
        Rolling { bytes_max: self.segment_bytes, age_max_ms: self.segment_ms }
    }

    /// What the topic itself sets the config to.
    pub(crate) fn set(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str)
    }
}

/// The config of this name.
fn find(name: &str) -> Option<&'static TopicConfig> {
    let at = TOPIC_CONFIGS.binary_search_by(|config| config.name.cmp(name)).ok()?;
    TOPIC_CONFIGS.get(at)
}

fn effective<'a>(set: &'a BTreeMap<&'static str, String>, name: &str) -> &'a str {
    let default = || find(name).map_or("", |config| config.default);
    set.get(name).map_or_else(default, String::as_str)
}

fn compression(set: &BTreeMap<&'static str, String>) -> TopicCompression {
    let level = |name| i32::try_from(number(set, name)).ok();
    match effective(set, "compression.type").trim() {
        "uncompressed" => TopicCompression::Own(Compression::None, None),
        "gzip" => TopicCompression::Own(Compression::Gzip, level("compression.gzip.level")),
        "snappy" => TopicCompression::Own(Compression::Snappy, None),
        "lz4" => TopicCompression::Own(Compression::Lz4, level("compression.lz4.level")),
        "zstd" => TopicCompression::Own(Compression::Zstd, level("compression.zstd.level")),
        _ => TopicCompression::Producers,
    }
}

/// The value of a config that is a number, which was checked when it was set.
fn number(set: &BTreeMap<&'static str, String>, name: &str) -> i64 {
    effective(set, name).trim().parse().unwrap_or_default()
}

impl TopicConfig {
    fn check(&self, value: &str) -> Result<(), ConfigProblem> {
        let value = value.trim();
        if self.rule == Rule::FalseOnly && value.eq_ignore_ascii_case("true") {
            return Err(ConfigProblem::NoTieredStorage(self.name));
        }
        let is_good = match self.kind {
            ConfigKind::Boolean => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
            ConfigKind::Int => value.parse::<i32>().is_ok_and(|number| self.rule.allows(number.into())),
            ConfigKind::Long => value.parse::<i64>().is_ok_and(|number| self.rule.allows(number)),
            ConfigKind::Double => {
                java_double(value).is_some_and(|number| number.is_nan() || (0.0..=1.0).contains(&number))
            }
            ConfigKind::String | ConfigKind::List => self.rule.allows_text(value),
        };
        let problem = || ConfigProblem::Value { name: self.name, value: value.to_owned() };
        if is_good { Ok(()) } else { Err(problem()) }
    }
}

impl Rule {
    fn allows(self, number: i64) -> bool {
        match self {
            Self::AtLeast(min) => number >= min,
            Self::Within(min, max) => (min..=max).contains(&number),
            Self::Level(min, max) => number == -1 || (min..=max).contains(&number),
            Self::Any | Self::Fraction | Self::OneOf(_) | Self::SomeOf(_) | Self::Replicas | Self::FalseOnly => true,
        }
    }

    fn allows_text(self, value: &str) -> bool {
        match self {
            Self::OneOf(known) => known.contains(&value),
            Self::SomeOf(known) => value.is_empty() || value.split(',').all(|item| known.contains(&item.trim())),
            Self::Replicas => matches!(value, "" | "*") || value.split(',').all(|pair| is_replica(pair.trim())),
            Self::Any | Self::AtLeast(_) | Self::Within(..) | Self::Level(..) | Self::Fraction | Self::FalseOnly => {
                true
            }
        }
    }
}

/// A number as Java reads it: it may end in the letter of its type, and `NaN`, which is in every range, is one.
fn java_double(text: &str) -> Option<f64> {
    let is_number = |text: &str| text.starts_with(|first: char| matches!(first, '0'..='9' | '.' | '+' | '-'));
    let text = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    (text == "NaN" || is_number(text)).then(|| text.parse().ok()).flatten()
}

fn is_replica(pair: &str) -> bool {
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    pair.split_once(':').is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use super::*;

    fn one(name: &str, value: &str) -> Result<TopicConfigs, ConfigProblem> {
        TopicConfigs::new([(name, Some(value))])
    }

    #[test]
    fn every_default_is_a_value_that_the_config_may_have() {
        for config in TOPIC_CONFIGS {
            assert_eq!(config.check(config.default), Ok(()), "{}", config.name);
        }
    }

    #[test]
    fn the_table_is_in_order_so_that_each_config_is_found() {
        assert!(TOPIC_CONFIGS.is_sorted_by(|before, after| before.name < after.name));
        assert_eq!(TOPIC_CONFIGS.len(), 37);
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
            ("min.cleanable.dirty.ratio", "1.1"),
            ("min.cleanable.dirty.ratio", "inf"),
            ("max.decompressed.message.bytes", "0"),
            ("compression.type", "none"),
            ("compression.gzip.level", "0"),
            ("preallocate", "yes"),
            ("leader.replication.throttled.replicas", "0:x"),
        ] {
            assert!(matches!(one(name, bad), Err(ConfigProblem::Value { .. })), "{name}={bad}");
        }
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
        assert_eq!(configs.set("cleanup.policy"), Some("compact, delete"));
        assert_eq!(one("max.message.bytes", " 5 ").unwrap().message_bytes_max, 5);
        for ratio in ["NaN", "0.5f", "1e-1"] {
            assert!(one("min.cleanable.dirty.ratio", ratio).is_ok(), "{ratio}");
        }
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
            assert_eq!(TopicConfigs::new(set).unwrap().compression, TopicCompression::Own(codec, level));
        }
    }

    #[test]
    fn unknown_null_and_contradicting_configs_are_refused() {
        assert_eq!(one("retention", "1"), Err(ConfigProblem::Unknown("retention".to_owned())));
        assert_eq!(TopicConfigs::new([("retention.ms", None)]), Err(ConfigProblem::Null("retention.ms".to_owned())));
        let lags = [("min.compaction.lag.ms", Some("2")), ("max.compaction.lag.ms", Some("1"))];
        assert_eq!(TopicConfigs::new(lags), Err(ConfigProblem::CompactionLags));
        let tiered = one("remote.storage.enable", "true");
        assert_eq!(tiered, Err(ConfigProblem::NoTieredStorage("remote.storage.enable")));
    }
}
