//! Releases of Kafka, and features.

use ottla_wire::ErrorCode;
use ottla_wire::message::update_features_request::FeatureUpdateKey;
use ottla_wire::message::{ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, StrBytes, UpdateFeaturesRequest};

use super::*;

fn of(version: &str) -> Bench {
    Bench::of(ClusterConfig { kafka_version: version.to_owned(), ..Default::default() })
}

fn api_versions(bench: &mut Bench, version: i16) -> ApiVersionsResponse {
    let conn = bench.connect(1);
    let software = StrBytes::from_static_str("bench");
    let request = ApiVersionsRequest::default().with_client_software_name(software.clone());
    bench.ask(conn, version, &request.with_client_software_version(software))
}

fn finalized(bench: &mut Bench) -> Vec<(String, i16)> {
    let answer = api_versions(bench, 4);
    answer.finalized_features.iter().map(|of| (of.name.to_string(), of.max_version_level)).collect()
}

#[test]
fn a_cluster_is_like_the_release_that_is_chosen() {
    let mut bench = of("3.5");
    let told = api_versions(&mut bench, 3);
    let metadata = told.api_keys.iter().find(|api| api.api_key == ApiKey::Metadata.key()).unwrap();
    assert_eq!((metadata.min_version, metadata.max_version), (0, 12));
    assert!(told.api_keys.iter().all(|api| api.api_key != ApiKey::DescribeTopicPartitions.key()));
    let features: Vec<_> = told.supported_features.iter().map(|of| (of.name.as_str(), of.max_version)).collect();
    assert_eq!(features, [("metadata.version", 11)]);
    let conn = bench.connect(1);
    bench.ask(conn, 12, &MetadataRequest::default());
    bench.send(conn, 13, &MetadataRequest::default());
    assert!(matches!(bench.closed(conn), Closed::UnsupportedVersion { .. }));
}

#[test]
fn an_api_that_a_release_has_not_is_unknown_to_it() {
    let mut bench = of("2.8");
    assert!(api_versions(&mut bench, 3).supported_features.is_empty());
    let conn = bench.connect(1);
    bench.cluster.handle_frame(conn, bench.now, raw_frame(ApiKey::DescribeTopicPartitions.key(), 0, 1, &[]));
    assert_eq!(bench.closed(conn), Closed::UnknownApi(ApiKey::DescribeTopicPartitions.key()));
}

#[test]
fn an_unknown_release_is_refused_with_those_there_are() {
    let refused = Cluster::new(ClusterConfig { kafka_version: "5.0".to_owned(), ..Default::default() }).unwrap_err();
    assert!(matches!(refused, ConfigError::Release(_)));
    assert!(refused.to_string().contains("3.9, 4.0, "), "{refused}");
}

fn update(bench: &mut Bench, version: i16, feature: &str, level: i16, upgrade_type: i8) -> ErrorCode {
    let conn = bench.connect(1);
    let update = FeatureUpdateKey::default()
        .with_feature(StrBytes::from_string(feature.to_owned()))
        .with_max_version_level(level);
    let update = if version == 0 { update } else { update.with_upgrade_type(upgrade_type) };
    let request = UpdateFeaturesRequest::default().with_feature_updates(vec![update]);
    let answer = bench.ask(conn, version, &request);
    assert_eq!(answer.results.len(), usize::from(version < 2 && answer.error_code == 0));
    ErrorCode(answer.error_code)
}

#[test]
fn a_feature_that_changes_is_told_at_once() {
    let mut bench = Bench::new();
    let level =
        |bench: &mut Bench, name: &str| finalized(bench).into_iter().find(|(of, _)| of == name).map(|(_, of)| of);
    assert_eq!(level(&mut bench, "share.version"), Some(2));
    assert_eq!(update(&mut bench, 2, "share.version", 1, 2), ErrorCode::NONE);
    assert_eq!(level(&mut bench, "share.version"), Some(1));
    assert_eq!(update(&mut bench, 0, "share.version", 2, 1), ErrorCode::NONE);
    assert_eq!(update(&mut bench, 0, "share.version", 1, 1), ErrorCode::INVALID_UPDATE_VERSION);
    assert_eq!(update(&mut bench, 1, "nonsense", 1, 1), ErrorCode::INVALID_UPDATE_VERSION);
    assert_eq!(update(&mut bench, 1, "group.version", 0, 3), ErrorCode::NONE);
    assert_eq!(level(&mut bench, "group.version"), None);
}
