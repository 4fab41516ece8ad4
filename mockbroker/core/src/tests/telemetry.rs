//! The metrics that clients push.

use ottla_wire::compression::compress;
use ottla_wire::message::incremental_alter_configs_request::{AlterConfigsResource, AlterableConfig};
use ottla_wire::message::{
    ApiVersionsRequest, GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse,
    IncrementalAlterConfigsRequest, PushTelemetryRequest, Uuid,
};
use ottla_wire::record::{Compression, crc32c};
use ottla_wire::{ErrorCode, VersionRange};

use super::*;

const CLIENT_METRICS: i8 = 16;

const INTERVAL: Duration = Duration::from_secs(1);

/// A client whose id hashes to 15 in Java.
const ID: Uuid = Uuid::from_u128(0x0000_0001_0000_0002_0000_0004_0000_0008);

fn with_receiver() -> (Bench, ConnId) {
    let mut bench = Bench::of(ClusterConfig { telemetry_receiver: true, ..Default::default() });
    let conn = bench.connect(1);
    (bench, conn)
}

impl Bench {
    /// Sets a subscription, or what it sets to nothing.
    fn subscribe(&mut self, name: &str, set: &[(&str, Option<&str>)]) {
        let config = |(name, value): &(&str, Option<&str>)| {
            let config = AlterableConfig::default().with_name((*name).to_owned().into());
            config
                .with_config_operation(i8::from(value.is_none()))
                .with_value(value.map(|value| value.to_owned().into()))
        };
        let resource = AlterConfigsResource::default().with_resource_type(CLIENT_METRICS);
        let resource =
            resource.with_resource_name(name.to_owned().into()).with_configs(set.iter().map(config).collect());
        let conn = self.connect(2);
        let request = IncrementalAlterConfigsRequest::default().with_resources(vec![resource]);
        assert_eq!(self.ask(conn, 1, &request).responses[0].error_code, 0);
    }

    fn wanted(&mut self, conn: ConnId) -> GetTelemetrySubscriptionsResponse {
        self.ask(conn, 0, &GetTelemetrySubscriptionsRequest::default().with_client_instance_id(ID))
    }

    fn push(&mut self, conn: ConnId, push: &PushTelemetryRequest) -> ErrorCode {
        ErrorCode(self.ask(conn, 0, push).error_code)
    }
}

fn metrics(wanted: &GetTelemetrySubscriptionsResponse) -> Vec<&str> {
    wanted.requested_metrics.iter().map(|metric| metric.as_str()).collect()
}

fn push(subscription_id: i32, metrics: &[u8]) -> PushTelemetryRequest {
    let push = PushTelemetryRequest::default().with_client_instance_id(ID).with_subscription_id(subscription_id);
    push.with_metrics(Bytes::copy_from_slice(metrics))
}

fn every_second() -> [(&'static str, Option<&'static str>); 2] {
    [("metrics", Some("org.apache.kafka.producer.")), ("interval.ms", Some("1000"))]
}

#[test]
fn the_apis_are_told_where_there_is_a_receiver() {
    for has_receiver in [false, true] {
        let mut bench = Bench::of(ClusterConfig { telemetry_receiver: has_receiver, ..Default::default() });
        let conn = bench.connect(1);
        let told = bench.ask(conn, 2, &ApiVersionsRequest::default()).api_keys;
        for api in [ApiKey::GetTelemetrySubscriptions, ApiKey::PushTelemetry] {
            let found = told.iter().find(|row| row.api_key == api.key());
            let versions = found.map(|row| VersionRange::new(row.min_version, row.max_version));
            assert_eq!(versions, has_receiver.then_some(VersionRange::new(0, 0)));
        }
        assert_eq!(bench.wanted(conn).error_code, 0, "as in Kafka they are answered in any case");
    }
}

#[test]
fn a_client_without_an_id_gets_one_and_nothing_is_wanted_of_it_where_nobody_subscribes() {
    let (mut bench, conn) = with_receiver();
    let wanted = bench.ask(conn, 0, &GetTelemetrySubscriptionsRequest::default());
    assert_eq!((wanted.error_code, wanted.push_interval_ms, wanted.telemetry_max_bytes), (0, 300_000, 1 << 20));
    assert!(!wanted.client_instance_id.is_nil() && wanted.delta_temporality && metrics(&wanted).is_empty());
    assert_eq!(wanted.accepted_compression_types, [4, 3, 1, 2]);
    let other = bench.ask(conn, 0, &GetTelemetrySubscriptionsRequest::default());
    assert_ne!(wanted.client_instance_id, other.client_instance_id);
}

#[test]
fn what_fits_a_client_is_wanted_of_it_together_and_most_often() {
    let (mut bench, conn) = with_receiver();
    let software = ApiVersionsRequest::default().with_client_software_name("apache-kafka-java".into());
    bench.ask(conn, 3, &software.with_client_software_version("4.4.0".into()));
    bench.subscribe("all", &[("metrics", Some("a.,b.")), ("interval.ms", Some("5000"))]);
    bench
        .subscribe("java", &[("metrics", Some("b.,c.")), ("match", Some("client_software_name=.*java,client_id=b.*"))]);
    bench.subscribe("go", &[("metrics", Some("d.")), ("match", Some("client_software_name=.*go"))]);
    bench.subscribe("part", &[("metrics", Some("e.")), ("match", Some("client_id=ben"))]);
    bench.subscribe("address", &[("metrics", Some("f.")), ("match", Some("client_source_port=.*"))]);
    let wanted = bench.wanted(conn);
    assert_eq!(
        (metrics(&wanted), wanted.push_interval_ms),
        (vec!["c.", "b.", "a."], 5_000),
        "in the order of their hashes"
    );
    assert_eq!(wanted.subscription_id, crc32c(b"[c., b., a.]5000").cast_signed() ^ 15);
    bench.subscribe("everything", &[("metrics", Some("*"))]);
    let wanted = bench.wanted(conn);
    assert_eq!(metrics(&wanted), ["*"], "a changed subscription is told at once");
    assert_eq!(wanted.subscription_id, crc32c(b"[*]5000").cast_signed() ^ 15);
}

#[test]
fn metrics_are_kept_out_of_their_codec() {
    let (mut bench, conn) = with_receiver();
    bench.subscribe("s", &every_second());
    let id = bench.wanted(conn).subscription_id;
    for (bits, codec) in
        [(0, None), (1, Some(Compression::Gzip)), (2, Some(Compression::Snappy)), (4, Some(Compression::Zstd))]
    {
        let mut payload = Vec::new();
        match codec {
            Some(codec) => compress(codec, None, b"metrics", &mut payload).unwrap(),
            None => payload.extend(b"metrics"),
        }
        assert_eq!(bench.push(conn, &push(id, &payload).with_compression_type(bits)), ErrorCode::NONE);
        bench.advance(INTERVAL);
    }
    let pushed: Vec<_> = bench.cluster.pushed_metrics().collect();
    assert_eq!(pushed.len(), 4);
    for of in pushed {
        assert_eq!(
            (&of.metrics[..], of.broker, of.conn, of.is_terminating),
            (&b"metrics"[..], BrokerId(1), conn, false)
        );
        assert_eq!(of.client_instance_id, ID.into_bytes());
    }
}

#[test]
fn without_a_receiver_metrics_are_taken_and_not_kept() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let id = bench.wanted(conn).subscription_id;
    assert_eq!(bench.push(conn, &push(id, b"metrics")), ErrorCode::NONE);
    assert_eq!(bench.cluster.pushed_metrics().count(), 0);
}

#[test]
fn who_comes_before_it_is_time_is_refused() {
    let (mut bench, conn) = with_receiver();
    bench.subscribe("s", &every_second());
    let id = bench.wanted(conn).subscription_id;
    assert_eq!(ErrorCode(bench.wanted(conn).error_code), ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    bench.advance(Duration::from_millis(1));
    assert_eq!(bench.push(conn, &push(id, b"a")), ErrorCode::NONE, "once after it asked");
    assert_eq!(bench.push(conn, &push(id, b"b")), ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    assert_eq!(ErrorCode(bench.wanted(conn).error_code), ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    bench.advance(INTERVAL);
    assert_eq!(bench.push(conn, &push(id, b"c")), ErrorCode::NONE);
    assert_eq!(bench.push(conn, &push(id, b"d").with_terminating(true)), ErrorCode::NONE, "a last time");
    bench.advance(INTERVAL);
    assert_eq!(bench.push(conn, &push(id, b"e").with_terminating(true)), ErrorCode::INVALID_REQUEST);
    assert_eq!(bench.cluster.pushed_metrics().map(|of| &of.metrics[..]).collect::<Vec<_>>(), [b"a", b"c", b"d"]);
}

#[test]
fn a_push_of_another_subscription_or_codec_fails_and_the_client_may_ask_anew() {
    let (mut bench, conn) = with_receiver();
    bench.subscribe("s", &every_second());
    let id = bench.wanted(conn).subscription_id;
    assert_eq!(bench.push(conn, &push(id ^ 1, b"a")), ErrorCode::UNKNOWN_SUBSCRIPTION_ID);
    assert_eq!(bench.wanted(conn).error_code, 0);
    bench.advance(INTERVAL);
    assert_eq!(bench.push(conn, &push(id, b"a").with_compression_type(5)), ErrorCode::UNSUPPORTED_COMPRESSION_TYPE);
    assert_eq!(bench.wanted(conn).error_code, 0);
}

#[test]
fn too_much_of_metrics_is_refused_compressed_or_not() {
    let (mut bench, conn) = with_receiver();
    bench.subscribe("s", &every_second());
    let id = bench.wanted(conn).subscription_id;
    let large = vec![0; (1 << 20) + 1];
    assert_eq!(bench.push(conn, &push(id, &large)), ErrorCode::TELEMETRY_TOO_LARGE);
    let mut bomb = Vec::new();
    compress(Compression::Gzip, None, &large, &mut bomb).unwrap();
    for payload in [&bomb[..], b"no gzip"] {
        bench.advance(INTERVAL);
        assert_eq!(bench.push(conn, &push(id, payload).with_compression_type(1)), ErrorCode::INVALID_RECORD);
    }
    assert_eq!(bench.cluster.pushed_metrics().count(), 0);
}

#[test]
fn an_id_that_is_kafkas_own_is_no_clients() {
    let (mut bench, conn) = with_receiver();
    for id in [0, 1] {
        let push = push(0, b"a").with_client_instance_id(Uuid::from_u128(id));
        assert_eq!(bench.push(conn, &push), ErrorCode::INVALID_REQUEST);
    }
}

#[test]
fn a_client_is_known_until_its_connection_is_closed_or_it_is_silent_for_long() {
    let (mut bench, conn) = with_receiver();
    let refused = |wanted: GetTelemetrySubscriptionsResponse| ErrorCode(wanted.error_code);
    assert_eq!(refused(bench.wanted(conn)), ErrorCode::NONE);
    let other = bench.connect(1);
    assert_eq!(refused(bench.wanted(other)), ErrorCode::THROTTLING_QUOTA_EXCEEDED);
    bench.cluster.close(conn, bench.now);
    assert_eq!(refused(bench.wanted(other)), ErrorCode::NONE);
    let elsewhere = bench.connect(2);
    assert_eq!(refused(bench.wanted(elsewhere)), ErrorCode::NONE, "each broker knows its own");
    bench.subscribe("s", &[("interval.ms", Some("3600000"))]);
    assert_eq!(refused(bench.wanted(other)), ErrorCode::NONE);
}

#[test]
fn the_oldest_metrics_are_forgotten_beyond_the_bound() {
    let mut config = ClusterConfig { telemetry_receiver: true, ..Default::default() };
    config.bounds.telemetry_bytes_max = 300;
    let mut bench = Bench::of(config);
    let conn = bench.connect(1);
    bench.subscribe("s", &every_second());
    let id = bench.wanted(conn).subscription_id;
    for value in [b"a", b"b", b"c"] {
        assert_eq!(bench.push(conn, &push(id, value)), ErrorCode::NONE);
        bench.advance(INTERVAL);
    }
    assert_eq!(bench.cluster.pushed_metrics().map(|of| &of.metrics[..]).collect::<Vec<_>>(), [b"b", b"c"]);
}
