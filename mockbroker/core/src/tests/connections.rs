//! What holds for every API: order, versions, and what closes a connection.

use ottla_wire::ErrorCode;
use ottla_wire::frame::FrameError;
use ottla_wire::message::{ApiVersionsRequest, MetadataRequest, StrBytes};

use super::*;

fn api_versions() -> ApiVersionsRequest {
    ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("bench"))
        .with_client_software_version(StrBytes::from_static_str("1.0"))
}

/// The APIs of Kafka 4.4 that the mock answers.
const ANSWERED: &[i16] = &[
    0, 1, 2, 3, 10, 17, 18, 19, 20, 21, 22, 23, 29, 30, 31, 32, 33, 34, 35, 36, 37, 43, 44, 45, 46, 48, 49, 50, 51, 55,
    57, 60, 61, 64, 71, 72, 74, 75,
];

#[test]
fn api_versions_tells_every_api_that_is_answered_and_no_other() {
    let mut bench = Bench::of(ClusterConfig { telemetry_receiver: true, ..Default::default() });
    let conn = bench.connect(1);
    for version in 0..=4 {
        let answer =
            bench.ask(conn, version, &if version >= 3 { api_versions() } else { ApiVersionsRequest::default() });
        let told: Vec<i16> = answer.api_keys.iter().map(|api| api.api_key).collect();
        assert_eq!(told, ANSWERED, "v{version}");
        assert_eq!(told, answered(&mut bench), "v{version}");
        assert_eq!((answer.api_keys[0].min_version, answer.api_keys[0].max_version), (0, 13));
    }
}

/// The APIs whose version is looked at: all but ApiVersions close the connection for one that nobody has.
fn answered(bench: &mut Bench) -> Vec<i16> {
    let is_answered = |api: &ApiKey| {
        let conn = bench.connect(1);
        bench.cluster.handle_frame(conn, bench.now, raw_frame(api.key(), 999, 1, &[]));
        *api == ApiKey::ApiVersions && matches!(bench.cluster.poll_output().unwrap().action, Action::Send(_))
            || matches!(bench.closed(conn), Closed::UnsupportedVersion { .. })
    };
    ApiKey::ALL.iter().copied().filter(is_answered).map(ApiKey::key).collect()
}

#[test]
fn a_feature_that_begins_at_zero_is_not_told_before_version_4() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let names = |answer: message::ApiVersionsResponse| -> Vec<String> {
        answer.supported_features.iter().map(|feature| feature.name.to_string()).collect()
    };
    assert_eq!(names(bench.ask(conn, 3, &api_versions())), ["metadata.version"]);
    assert!(names(bench.ask(conn, 4, &api_versions())).contains(&"kraft.version".to_owned()));
}

#[test]
fn an_unknown_version_of_api_versions_gets_version_0_with_its_range_and_the_connection_goes_on() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    for version in [5, 99, i16::MAX] {
        bench.cluster.handle_frame(conn, bench.now, raw_frame(18, version, 7, b"anything"));
        let answer = bench.answer::<ApiVersionsRequest>(conn, 0, 7);
        assert_eq!(answer.error_code, ErrorCode::UNSUPPORTED_VERSION.0);
        let told: Vec<_> = answer.api_keys.iter().map(|api| (api.api_key, api.min_version, api.max_version)).collect();
        assert_eq!(told, [(18, 0, 4)]);
    }
    assert_eq!(bench.ask(conn, 4, &api_versions()).error_code, 0);
}

#[test]
fn software_must_have_a_name() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    for bad in ["", "-x", "x.", "a b", "ä"] {
        let request = api_versions().with_client_software_name(StrBytes::from_string(bad.to_owned()));
        let answer = bench.ask(conn, 3, &request);
        assert_eq!((answer.error_code, answer.api_keys.len()), (ErrorCode::INVALID_REQUEST.0, 0), "{bad:?}");
    }
}

#[test]
fn bytes_after_the_end_of_a_request_are_passed_over() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let request = MetadataRequest::default().with_topics(None);
    for version in [4, 9, 13] {
        let body = [&encode_request(version, &request).unwrap()[..], b"\x00\x00\x00"].concat();
        bench.cluster.handle_frame(conn, bench.now, raw_frame(3, version, 7, &body));
        assert_eq!(bench.answer::<MetadataRequest>(conn, version, 7).brokers.len(), 3, "v{version}");
    }
}

/// Whether a connection was closed for the right reason.
type Expected = fn(&Closed) -> bool;

#[test]
fn what_kafka_answers_by_closing_is_closed_with_its_reason() {
    let cases: [(Bytes, Expected); 9] = [
        (raw_frame(3, 14, 1, b""), |closed| matches!(closed, Closed::UnsupportedVersion { version: 14, .. })),
        (raw_frame(3, -1, 1, b""), |closed| matches!(closed, Closed::UnsupportedVersion { version: -1, .. })),
        (raw_frame(0, 2, 1, b""), |closed| matches!(closed, Closed::UnsupportedVersion { version: 2, .. })),
        (raw_frame(4, 0, 1, b""), |closed| *closed == Closed::UnknownApi(4)),
        (raw_frame(999, 0, 1, b""), |closed| *closed == Closed::UnknownApi(999)),
        (raw_frame(8, 8, 1, b""), |closed| matches!(closed, Closed::AbsentApi { reason: Absence::Groups, .. })),
        (raw_frame(3, 12, 1, b"\x02"), |closed| matches!(closed, Closed::Malformed { version: 12, .. })),
        (Bytes::from_static(b"\0\x03\0"), |closed| matches!(closed, Closed::BadHeader(_))),
        (Bytes::new(), |closed| matches!(closed, Closed::BadHeader(_))),
    ];
    let mut bench = Bench::new();
    let other = bench.connect(1);
    for (frame, expected) in cases {
        let conn = bench.connect(1);
        bench.cluster.handle_frame(conn, bench.now, frame);
        let reason = bench.closed(conn);
        assert!(expected(&reason), "{reason}");
        assert_eq!(bench.ask(other, 0, &MetadataRequest::default().with_topics(Some(vec![]))).brokers.len(), 3);
    }
}

#[test]
fn a_bad_frame_closes_its_connection() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    bench.cluster.handle_bad_frame(conn, bench.now, FrameError::Negative(-1));
    assert_eq!(bench.closed(conn), Closed::BadFrame(FrameError::Negative(-1)));
    bench.cluster.handle_frame(conn, bench.now, raw_frame(18, 0, 1, b""));
    bench.is_silent();
}

#[test]
fn ten_thousand_requests_behind_a_parked_one_are_answered_after_it_and_in_order() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    let parked = bench.send(conn, 12, &fetch::request("t", 0, 0).with_max_wait_ms(500).with_min_bytes(1));
    let last = (0..10_000).map(|_| bench.send(conn, 0, &ApiVersionsRequest::default())).last().unwrap();
    bench.is_silent();
    assert!(!bench.cluster.accepts_frames(conn));
    bench.advance(Duration::from_millis(500));
    bench.answer::<message::FetchRequest>(conn, 12, parked);
    for correlation_id in parked + 1..=last {
        bench.answer::<ApiVersionsRequest>(conn, 0, correlation_id);
    }
    bench.is_silent();
    assert!(bench.cluster.accepts_frames(conn));
}

#[test]
fn more_than_the_bound_behind_a_parked_request_closes_the_connection() {
    let mut config = ClusterConfig::default();
    config.bounds.queued_requests_max = 2;
    let mut bench = Bench::of(config);
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    bench.send(conn, 12, &fetch::request("t", 0, 0).with_max_wait_ms(500).with_min_bytes(1));
    for _ in 0..3 {
        bench.send(conn, 0, &ApiVersionsRequest::default());
    }
    assert!(matches!(bench.closed(conn), Closed::TooMuchQueued { requests: 3, .. }));
    assert_eq!(bench.cluster.poll_timeout(), None);
}

#[test]
fn a_connection_that_its_peer_closed_is_not_spoken_of_again() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    bench.send(conn, 0, &ApiVersionsRequest::default());
    bench.send(conn, 12, &fetch::request("t", 0, 0).with_max_wait_ms(500).with_min_bytes(1));
    bench.cluster.close(conn, bench.now);
    bench.advance(Duration::from_secs(1));
    bench.is_silent();
    let last = bench.cluster.journal().entries().next_back().unwrap().to_string();
    assert!(last.ends_with("closed: the peer closed the connection"), "{last}");
}

#[test]
fn connections_have_a_bound_and_go_to_brokers_that_exist() {
    let mut config = ClusterConfig::default();
    config.bounds.connections_max = 1;
    let mut bench = Bench::of(config);
    let mut open = |broker| bench.cluster.open(bench.now, BrokerId(broker), plaintext(), "test");
    assert_eq!(open(9), Err(UnknownBroker(BrokerId(9)).into()));
    assert!(open(1).is_ok());
    assert_eq!(open(1), Err(OpenError::TooManyConnections { max: 1 }));
}

#[test]
fn the_journal_tells_who_asked_what() {
    let mut bench = Bench::new();
    let conn = bench.connect(2);
    bench.ask(conn, 0, &ApiVersionsRequest::default());
    let lines: Vec<String> = bench.cluster.journal().entries().map(ToString::to_string).collect();
    assert!(lines[0].ends_with("broker 2 User:ANONYMOUS: connected from test to PLAINTEXT (PLAINTEXT)"), "{lines:?}");
    assert!(lines[1].ends_with(r#"ApiVersions v0, correlation id 1, client id "bench""#), "{lines:?}");
}
