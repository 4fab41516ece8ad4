//! The configs of topics.
//!
//! Generated from the definitions of Apache Kafka 4.4.0 by `interop/configs/generate`; do not edit.

use crate::configs::Config;
use crate::configs::Kind::*;
use crate::configs::Rule::*;

/// By ascending name.
#[rustfmt::skip]
pub(in crate::configs) static TOPIC: &[Config] = &[
    Config::new("cleanup.policy", List, Some("delete")).rule(Items { may_be_empty: true, of: &["compact", "delete"] }).from(&[("log.cleanup.policy", 1)]),
    Config::new("compression.gzip.level", Int, Some("-1")).rule(Level(1, 9)).from(&[("compression.gzip.level", 1)]),
    Config::new("compression.lz4.level", Int, Some("9")).rule(Within(1, 17)).from(&[("compression.lz4.level", 1)]),
    Config::new("compression.type", String, Some("producer")).rule(OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"])).from(&[("compression.type", 1)]),
    Config::new("compression.zstd.level", Int, Some("3")).rule(Within(-131_072, 22)).from(&[("compression.zstd.level", 1)]),
    Config::new("delete.retention.ms", Long, Some("86400000")).rule(AtLeast(0)).from(&[("log.cleaner.delete.retention.ms", 1)]),
    Config::new("errors.deadletterqueue.group.enable", Boolean, Some("false")),
    Config::new("file.delete.delay.ms", Long, Some("60000")).rule(AtLeast(0)).from(&[("log.segment.delete.delay.ms", 1)]),
    Config::new("flush.messages", Long, Some("9223372036854775807")).rule(AtLeast(1)).from(&[("log.flush.interval.messages", 1)]),
    Config::new("flush.ms", Long, Some("9223372036854775807")).rule(AtLeast(0)).from(&[("log.flush.interval.ms", 1), ("log.flush.scheduler.interval.ms", 1)]),
    Config::new("follower.replication.throttled.replicas", List, Some("")).rule(Replicas),
    Config::new("index.interval.bytes", Int, Some("4096")).rule(AtLeast(0)).from(&[("log.index.interval.bytes", 1)]),
    Config::new("internal.segment.bytes", Int, None).internal(),
    Config::new("leader.replication.throttled.replicas", List, Some("")).rule(Replicas),
    Config::new("local.retention.bytes", Long, Some("-2")).rule(AtLeast(-2)).from(&[("log.local.retention.bytes", 1)]),
    Config::new("local.retention.ms", Long, Some("-2")).rule(AtLeast(-2)).from(&[("log.local.retention.ms", 1)]),
    Config::new("max.compaction.lag.ms", Long, Some("9223372036854775807")).rule(AtLeast(1)).from(&[("log.cleaner.max.compaction.lag.ms", 1)]),
    Config::new("max.decompressed.message.bytes", Int, Some("2147483639")).rule(Within(1, 2_147_483_639)).from(&[("max.decompressed.message.bytes", 1)]),
    Config::new("max.message.bytes", Int, Some("1048588")).rule(AtLeast(0)).from(&[("message.max.bytes", 1)]),
    Config::new("message.timestamp.after.max.ms", Long, Some("3600000")).rule(AtLeast(0)).from(&[("log.message.timestamp.after.max.ms", 1)]),
    Config::new("message.timestamp.before.max.ms", Long, Some("9223372036854775807")).rule(AtLeast(0)).from(&[("log.message.timestamp.before.max.ms", 1)]),
    Config::new("message.timestamp.type", String, Some("CreateTime")).rule(OneOf(&["CreateTime", "LogAppendTime"])).from(&[("log.message.timestamp.type", 1)]),
    Config::new("min.cleanable.dirty.ratio", Double, Some("0.5")).rule(WithinDouble(0.0, 1.0)).from(&[("log.cleaner.min.cleanable.ratio", 1)]),
    Config::new("min.compaction.lag.ms", Long, Some("0")).rule(AtLeast(0)).from(&[("log.cleaner.min.compaction.lag.ms", 1)]),
    Config::new("min.insync.replicas", Int, Some("1")).rule(AtLeast(1)).from(&[("min.insync.replicas", 1)]),
    Config::new("preallocate", Boolean, Some("false")).from(&[("log.preallocate", 1)]),
    Config::new("remote.copy.lag.bytes", Long, Some("-1")).rule(AtLeast(-1)).from(&[("log.remote.copy.lag.bytes", 1)]),
    Config::new("remote.copy.lag.ms", Long, Some("0")).rule(AtLeast(-1)).from(&[("log.remote.copy.lag.ms", 1)]),
    Config::new("remote.log.copy.disable", Boolean, Some("false")),
    Config::new("remote.log.delete.on.disable", Boolean, Some("false")),
    Config::new("remote.storage.enable", Boolean, Some("false")),
    Config::new("retention.bytes", Long, Some("-1")).from(&[("log.retention.bytes", 1)]),
    Config::new("retention.ms", Long, Some("604800000")).rule(AtLeast(-1)).from(&[("log.retention.ms", 1), ("log.retention.minutes", 60_000), ("log.retention.hours", 3_600_000)]),
    Config::new("segment.bytes", Int, Some("1073741824")).rule(AtLeast(1_048_576)).from(&[("log.segment.bytes", 1)]),
    Config::new("segment.index.bytes", Int, Some("10485760")).rule(AtLeast(4)).from(&[("log.index.size.max.bytes", 1)]),
    Config::new("segment.jitter.ms", Long, Some("0")).rule(AtLeast(0)).from(&[("log.roll.jitter.ms", 1), ("log.roll.jitter.hours", 3_600_000)]),
    Config::new("segment.ms", Long, Some("604800000")).rule(AtLeast(1)).from(&[("log.roll.ms", 1), ("log.roll.hours", 3_600_000)]),
    Config::new("unclean.leader.election.enable", Boolean, Some("false")).from(&[("unclean.leader.election.enable", 1)]),
];
