//! The configs of groups (KIP-848, KIP-932, KIP-1071).
//!
//! Generated from the definitions of Apache Kafka 4.4.0 by `interop/configs/generate`; do not edit.

use crate::configs::Config;
use crate::configs::Kind::*;
use crate::configs::Rule::*;

/// By ascending name.
#[rustfmt::skip]
pub(in crate::configs) static GROUP: &[Config] = &[
    Config::new("consumer.assignment.interval.ms", Int, Some("1000")).rule(AtLeast(0)).from(&[("group.consumer.assignment.interval.ms", 1)]),
    Config::new("consumer.assignor.offload.enable", Boolean, Some("true")).internal().from(&[("group.consumer.assignor.offload.enable", 1)]),
    Config::new("consumer.heartbeat.interval.ms", Int, Some("5000")).rule(AtLeast(1)).from(&[("group.consumer.heartbeat.interval.ms", 1)]),
    Config::new("consumer.session.timeout.ms", Int, Some("45000")).rule(AtLeast(1)).from(&[("group.consumer.session.timeout.ms", 1)]),
    Config::new("errors.deadletterqueue.copy.record.enable", Boolean, Some("false")),
    Config::new("errors.deadletterqueue.topic.name", String, Some("")),
    Config::new("share.assignment.interval.ms", Int, Some("1000")).rule(AtLeast(0)).from(&[("group.share.assignment.interval.ms", 1)]),
    Config::new("share.assignor.offload.enable", Boolean, Some("true")).internal().from(&[("group.share.assignor.offload.enable", 1)]),
    Config::new("share.auto.offset.reset", String, Some("latest")).rule(ShareReset),
    Config::new("share.delivery.count.limit", Int, Some("5")).rule(AtLeast(2)).from(&[("group.share.delivery.count.limit", 1)]),
    Config::new("share.heartbeat.interval.ms", Int, Some("5000")).rule(AtLeast(1)).from(&[("group.share.heartbeat.interval.ms", 1)]),
    Config::new("share.isolation.level", String, Some("read_uncommitted")).rule(OneOf(&["read_committed", "read_uncommitted"])),
    Config::new("share.partition.max.record.locks", Int, Some("2000")).rule(AtLeast(100)).from(&[("group.share.partition.max.record.locks", 1)]),
    Config::new("share.record.lock.duration.ms", Int, Some("30000")).rule(AtLeast(1_000)).from(&[("group.share.record.lock.duration.ms", 1)]),
    Config::new("share.renew.acknowledge.enable", Boolean, Some("true")),
    Config::new("share.session.timeout.ms", Int, Some("45000")).rule(AtLeast(1)).from(&[("group.share.session.timeout.ms", 1)]),
    Config::new("streams.acceptable.recovery.lag", Long, Some("10000")).rule(AtLeast(0)).internal().from(&[("group.streams.acceptable.recovery.lag", 1)]),
    Config::new("streams.assignment.interval.ms", Int, Some("1000")).rule(AtLeast(0)).from(&[("group.streams.assignment.interval.ms", 1)]),
    Config::new("streams.assignor.name", String, None).from(&[("group.streams.assignors", 1)]),
    Config::new("streams.assignor.offload.enable", Boolean, Some("true")).internal().from(&[("group.streams.assignor.offload.enable", 1)]),
    Config::new("streams.heartbeat.interval.ms", Int, Some("5000")).rule(AtLeast(1)).from(&[("group.streams.heartbeat.interval.ms", 1)]),
    Config::new("streams.initial.rebalance.delay.ms", Int, Some("3000")).rule(AtLeast(0)).from(&[("group.streams.initial.rebalance.delay.ms", 1)]),
    Config::new("streams.num.standby.replicas", Int, Some("0")).rule(AtLeast(0)).from(&[("group.streams.num.standby.replicas", 1)]),
    Config::new("streams.num.warmup.replicas", Int, Some("2")).rule(AtLeast(0)).internal().from(&[("group.streams.num.warmup.replicas", 1)]),
    Config::new("streams.rack.aware.assignment.tags", List, Some("")).rule(Items { may_be_empty: true, of: &[] }).from(&[("group.streams.rack.aware.assignment.tags", 1)]),
    Config::new("streams.session.timeout.ms", Int, Some("45000")).rule(AtLeast(1)).from(&[("group.streams.session.timeout.ms", 1)]),
    Config::new("streams.task.offset.interval.ms", Int, Some("60000")).rule(AtLeast(1)).internal().from(&[("group.streams.task.offset.interval.ms", 1)]),
];
