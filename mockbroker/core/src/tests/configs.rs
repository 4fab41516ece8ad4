//! Configs: what is set in the brokers' file and while they run, and what acts of it.

use std::collections::BTreeMap;

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_configs_request::{
    AlterConfigsResource as AllOfResource, AlterableConfig as OneOfResource,
};
use ottla_wire::message::describe_configs_request::DescribeConfigsResource;
use ottla_wire::message::describe_configs_response::DescribeConfigsResourceResult;
use ottla_wire::message::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ottla_wire::message::{AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest, StrBytes};

use super::*;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;
const LOGGER: i8 = 8;
const CLIENT_METRICS: i8 = 16;
const GROUP: i8 = 32;

const SET: i8 = 0;
const DELETE: i8 = 1;
const APPEND: i8 = 2;
const SUBTRACT: i8 = 3;

/// An operation on a config.
type Change<'a> = (&'a str, i8, Option<&'a str>);

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn resource(kind: i8, name: &str, changes: &[Change<'_>]) -> AlterConfigsResource {
    let config = |(name, operation, value): &Change<'_>| {
        AlterableConfig::default().with_name(text(name)).with_config_operation(*operation).with_value(value.map(text))
    };
    AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(changes.iter().map(config).collect())
}

fn alter_all(bench: &mut Bench, resources: Vec<AlterConfigsResource>, validate_only: bool) -> Vec<ErrorCode> {
    let conn = bench.connect(1);
    let request = IncrementalAlterConfigsRequest::default().with_resources(resources).with_validate_only(validate_only);
    let answer = bench.ask(conn, 1, &request);
    answer.responses.iter().map(|response| ErrorCode(response.error_code)).collect()
}

fn alter(bench: &mut Bench, kind: i8, name: &str, changes: &[Change<'_>]) -> ErrorCode {
    alter_all(bench, vec![resource(kind, name, changes)], false).remove(0)
}

fn described(bench: &mut Bench, kind: i8, name: &str) -> BTreeMap<String, DescribeConfigsResourceResult> {
    let conn = bench.connect(1);
    let resource = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configuration_keys(None);
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]).with_include_synonyms(true);
    let result = bench.ask(conn, 4, &request).results.remove(0);
    assert_eq!(result.error_code, 0, "{:?}", result.error_message);
    result.configs.into_iter().map(|config| (config.name.to_string(), config)).collect()
}

/// The value of a config and the number of its source.
fn value(bench: &mut Bench, kind: i8, resource: &str, config: &str) -> Option<(String, i8)> {
    let config = described(bench, kind, resource).remove(config)?;
    Some((config.value.map(|value| value.to_string()).unwrap_or_default(), config.config_source))
}

fn of(value: &str, source: i8) -> Option<(String, i8)> {
    Some((value.to_owned(), source))
}

#[test]
fn a_topics_configs_are_set_deleted_added_to_and_taken_from() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let changes = [("cleanup.policy", APPEND, Some("compact")), ("retention.ms", SET, Some(" 7 "))];
    assert_eq!(alter(&mut bench, TOPIC, "t", &changes), ErrorCode::NONE);
    assert_eq!(value(&mut bench, TOPIC, "t", "cleanup.policy"), of("delete,compact", 1));
    assert_eq!(value(&mut bench, TOPIC, "t", "retention.ms"), of("7", 1));
    let changes = [("cleanup.policy", SUBTRACT, Some("delete")), ("retention.ms", DELETE, None)];
    assert_eq!(alter(&mut bench, TOPIC, "t", &changes), ErrorCode::NONE);
    assert_eq!(value(&mut bench, TOPIC, "t", "cleanup.policy"), of("compact", 1));
    assert_eq!(value(&mut bench, TOPIC, "t", "retention.ms"), of("604800000", 5));
}

#[test]
fn what_is_validated_alone_or_refused_changes_nothing() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let good = ("max.message.bytes", SET, Some("9"));
    assert_eq!(alter_all(&mut bench, vec![resource(TOPIC, "t", &[good])], true), [ErrorCode::NONE]);
    for (bad, code) in [
        (("retention", SET, Some("1")), ErrorCode::INVALID_CONFIG),
        (("retention.ms", SET, Some("soon")), ErrorCode::INVALID_CONFIG),
        (("retention.ms", APPEND, Some("1")), ErrorCode::INVALID_CONFIG),
        (("retention.ms", SET, None), ErrorCode::INVALID_REQUEST),
        (("max.message.bytes", DELETE, None), ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(alter(&mut bench, TOPIC, "t", &[good, bad]), code, "{bad:?}");
    }
    assert_eq!(value(&mut bench, TOPIC, "t", "max.message.bytes"), of("1048588", 5));
}

#[test]
fn resources_fail_alone_and_twice_named_ones_both() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let change = [("retention.ms", SET, Some("1"))];
    let resources =
        [(TOPIC, "t"), (TOPIC, "absent"), (TOPIC, ""), (TOPIC, "a b"), (BROKER, "2"), (BROKER, "one"), (77, "x")];
    let mut resources: Vec<_> = resources.into_iter().map(|(kind, name)| resource(kind, name, &change)).collect();
    resources.extend([resource(GROUP, "g", &[]), resource(GROUP, "g", &[])]);
    use ErrorCode as Code;
    let expected = [
        Code::NONE,
        Code::UNKNOWN_TOPIC_OR_PARTITION,
        Code::INVALID_REQUEST,
        Code::INVALID_TOPIC_EXCEPTION,
        Code::INVALID_REQUEST,
        Code::INVALID_REQUEST,
        Code::INVALID_REQUEST,
        Code::INVALID_REQUEST,
        Code::INVALID_REQUEST,
    ];
    assert_eq!(alter_all(&mut bench, resources, false), expected);
}

#[test]
fn alter_configs_replaces_all_that_was_set() {
    let mut bench = Bench::new();
    bench.cluster.create_topic(&NewTopic::new("t").config("retention.ms", "1")).unwrap();
    let conn = bench.connect(1);
    for version in 0..=2 {
        let config = OneOfResource::default().with_name(text("segment.ms")).with_value(Some(text("5")));
        let all = AllOfResource::default().with_resource_type(TOPIC).with_resource_name(text("t"));
        let loggers = AllOfResource::default().with_resource_type(LOGGER).with_resource_name(text("1"));
        let request = AlterConfigsRequest::default().with_resources(vec![all.with_configs(vec![config]), loggers]);
        let answer = bench.ask(conn, version, &request);
        let codes: Vec<_> = answer.responses.iter().map(|response| ErrorCode(response.error_code)).collect();
        assert_eq!(codes, [ErrorCode::NONE, ErrorCode::INVALID_REQUEST]);
    }
    assert_eq!(value(&mut bench, TOPIC, "t", "retention.ms"), of("604800000", 5));
    assert_eq!(value(&mut bench, TOPIC, "t", "segment.ms"), of("5", 1));
}

#[test]
fn a_topic_follows_broker_cluster_and_file_in_that_order_at_once() {
    let config = ClusterConfig {
        properties: [("message.max.bytes", "100000")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        ..Default::default()
    };
    let mut bench = Bench::of(config);
    bench.topic("t", 1);
    let told = |bench: &mut Bench| value(bench, TOPIC, "t", "max.message.bytes");
    assert_eq!(told(&mut bench), of("100000", 4));
    assert_eq!(alter(&mut bench, BROKER, "", &[("message.max.bytes", SET, Some("40"))]), ErrorCode::NONE);
    assert_eq!(told(&mut bench), of("40", 3));
    let conn = bench.connect_to_leader("t", 0);
    let too_large = bench.ask(conn, 9, &produce::request("t", 0, batch(bench.now, &["a"])));
    let code = too_large.responses[0].partition_responses[0].error_code;
    assert_eq!(ErrorCode(code), ErrorCode::MESSAGE_TOO_LARGE);
    assert_eq!(alter(&mut bench, BROKER, "1", &[("message.max.bytes", SET, Some("50"))]), ErrorCode::NONE);
    assert_eq!(told(&mut bench), of("50", 2));
    for broker in ["", "1"] {
        assert_eq!(alter(&mut bench, BROKER, broker, &[("message.max.bytes", DELETE, None)]), ErrorCode::NONE);
    }
    bench.append("t", 0, &["a"]);
}

#[test]
fn a_broker_takes_what_may_be_altered_while_it_runs() {
    let mut bench = Bench::new();
    for (broker, change, code) in [
        ("", ("num.partitions", SET, Some("2")), ErrorCode::INVALID_REQUEST),
        ("1", ("ssl.keystore.type", SET, Some("PEM")), ErrorCode::INVALID_REQUEST),
        ("", ("listener.name.x.ssl.protocol", SET, Some("TLS")), ErrorCode::INVALID_REQUEST),
        ("1", ("listener.name.x.ssl.protocol", SET, Some("TLS")), ErrorCode::NONE),
        ("", ("background.threads", SET, Some("100")), ErrorCode::INVALID_REQUEST),
        ("", ("background.threads", SET, Some("20")), ErrorCode::NONE),
        ("", ("log.retention.ms", SET, Some("soon")), ErrorCode::INVALID_REQUEST),
        ("", ("min.insync.replicas", DELETE, None), ErrorCode::INVALID_CONFIG),
        ("1", ("min.insync.replicas", SET, Some("1")), ErrorCode::INVALID_CONFIG),
        ("", ("my.own", SET, Some("secret")), ErrorCode::NONE),
    ] {
        assert_eq!(alter(&mut bench, BROKER, broker, &[change]), code, "{broker} {change:?}");
    }
    let own = described(&mut bench, BROKER, "1").remove("my.own").unwrap();
    assert_eq!((own.value, own.is_sensitive, own.config_source, own.config_type), (None, true, 3, 0));
    let told: Vec<_> = described(&mut bench, BROKER, "").into_keys().collect();
    assert_eq!(told, ["background.threads", "min.insync.replicas", "my.own"]);
}

#[test]
fn groups_and_subscriptions_to_metrics_keep_what_is_set_within_its_bounds() {
    let mut bench = Bench::new();
    for (kind, change, code) in [
        (GROUP, ("consumer.session.timeout.ms", SET, Some("50000")), ErrorCode::NONE),
        (GROUP, ("consumer.session.timeout.ms", SET, Some("1")), ErrorCode::INVALID_CONFIG),
        (GROUP, ("consumer.heartbeat.interval.ms", SET, Some("60000")), ErrorCode::INVALID_CONFIG),
        (GROUP, ("nonsense", SET, Some("1")), ErrorCode::INVALID_CONFIG),
        (CLIENT_METRICS, ("interval.ms", SET, Some("100")), ErrorCode::NONE),
        (CLIENT_METRICS, ("interval.ms", SET, Some("99")), ErrorCode::INVALID_REQUEST),
        (CLIENT_METRICS, ("match", SET, Some("client_id=a.*,client_software_name=b")), ErrorCode::NONE),
        (CLIENT_METRICS, ("match", SET, Some("client_id")), ErrorCode::INVALID_CONFIG),
        (CLIENT_METRICS, ("match", SET, Some("name=a")), ErrorCode::INVALID_CONFIG),
        (CLIENT_METRICS, ("nonsense", SET, Some("1")), ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(alter(&mut bench, kind, "own", &[change]), code, "{change:?}");
    }
    assert_eq!(value(&mut bench, GROUP, "own", "consumer.session.timeout.ms"), of("50000", 8));
    assert_eq!(value(&mut bench, GROUP, "other", "consumer.session.timeout.ms"), of("45000", 5));
    assert_eq!(value(&mut bench, CLIENT_METRICS, "own", "interval.ms"), of("100", 7));
}

#[test]
fn a_broker_has_loggers_whose_levels_are_set_and_deleted() {
    let mut bench = Bench::new();
    for (change, code) in [
        (("root", SET, Some("WARN")), ErrorCode::NONE),
        (("kafka", SET, Some("DEBUG")), ErrorCode::NONE),
        (("kafka", SET, Some("LOUD")), ErrorCode::INVALID_CONFIG),
        (("nonsense", SET, Some("INFO")), ErrorCode::INVALID_CONFIG),
        (("root", DELETE, None), ErrorCode::INVALID_REQUEST),
        (("kafka", APPEND, Some("INFO")), ErrorCode::INVALID_REQUEST),
    ] {
        assert_eq!(alter(&mut bench, LOGGER, "1", &[change]), code, "{change:?}");
    }
    assert_eq!(value(&mut bench, LOGGER, "1", "kafka"), of("DEBUG", 6));
    assert_eq!(value(&mut bench, LOGGER, "1", "org.apache.kafka"), of("WARN", 6));
    assert_eq!(alter(&mut bench, LOGGER, "1", &[("kafka", DELETE, None)]), ErrorCode::NONE);
    assert_eq!(value(&mut bench, LOGGER, "1", "kafka"), of("WARN", 6));
}

#[test]
fn what_stands_in_the_brokers_file_acts_and_is_told() {
    let properties = [
        ("num.partitions", "4"),
        ("auto.create.topics.enable", "true"),
        ("socket.request.max.bytes", "1000"),
        ("my.own", "x"),
    ];
    let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut bench = Bench::of(ClusterConfig { properties, ..Default::default() });
    assert_eq!(bench.cluster.config().num_partitions, 4);
    assert!(bench.cluster.config().auto_create_topics);
    let conn = bench.connect(1);
    assert_eq!(bench.cluster.frame_bytes_max(conn), 1000);
    let told = described(&mut bench, BROKER, "1");
    assert_eq!((told["num.partitions"].value.as_deref(), told["num.partitions"].config_source), (Some("4"), 4));
    assert!(told["num.partitions"].read_only && !told["log.retention.ms"].read_only);
    assert_eq!((told["my.own"].value.as_deref(), told["my.own"].is_sensitive), (None, true));
    assert!(told.len() > 300);
}

#[test]
fn a_value_that_may_not_stand_in_the_brokers_file_is_refused_at_the_start() {
    for (name, bad) in [("num.partitions", "0"), ("log.retention.bytes", "much"), ("compression.type", "none")] {
        let properties = [(name.to_owned(), bad.to_owned())].into();
        let refused = Cluster::new(ClusterConfig { properties, ..Default::default() }).unwrap_err();
        assert!(matches!(refused, ConfigError::Property(ConfigProblem::Value { .. })), "{refused}");
    }
}
