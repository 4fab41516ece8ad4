//! Every state of a connection and everything that may come in it, as Kafka's `SaslServerAuthenticator` and `KafkaChannel` have them.

use ottla_wire::frame::FrameError;
use ottla_wire::message::ApiVersionsRequest;

use super::super::raw_frame;
use super::*;

const SESSION: Duration = Duration::from_secs(10);
const GOOD: &[u8] = b"\0alice\0alice-secret";
const BAD: &[u8] = b"\0alice\0wrong";

/// What comes, in the order of the table's columns.
fn inputs() -> [(&'static str, Bytes); 14] {
    let anonymous = ApiVersionsRequest::default();
    let of =
        |version, mechanism| raw_frame(17, version, 1, &encode_request(version.min(1), &handshake(mechanism)).unwrap());
    let token = |version: i16, token: &'static [u8]| {
        raw_frame(36, version, 1, &encode_request(version.min(1), &authenticate(token)).unwrap())
    };
    [
        ("ApiVersions v0", raw_frame(18, 0, 1, b"")),
        ("ApiVersions v3 of no software", raw_frame(18, 3, 1, &encode_request(3, &anonymous).unwrap())),
        ("ApiVersions v99", raw_frame(18, 99, 1, b"")),
        ("SaslHandshake v0", of(0, "PLAIN")),
        ("SaslHandshake v1", of(1, "PLAIN")),
        ("SaslHandshake v1, another mechanism", of(1, "SCRAM-SHA-256")),
        ("SaslHandshake v1, no mechanism of the listener", of(1, "GSSAPI")),
        ("SaslHandshake v9", of(9, "PLAIN")),
        ("SaslAuthenticate v1", token(1, GOOD)),
        ("SaslAuthenticate v1, wrong password", token(1, BAD)),
        ("SaslAuthenticate v9", token(9, GOOD)),
        ("Metadata v1", raw_frame(3, 1, 1, &encode_request(1, &metadata()).unwrap())),
        ("an unknown API", raw_frame(999, 0, 1, b"")),
        ("no header", Bytes::from_static(b"\0")),
    ]
}

/// The states, each with what becomes of each input: the code of the answer; that code and `!` where it is told after the delay and the connection
/// closed; `late` where the connection is closed after the delay without a word, and `now` where it is closed at once.
const TABLE: [(&str, [&str; 14]); 9] = [
    ("fresh", ["0", "42", "35", "0", "0", "0", "33!", "now", "now", "now", "now", "now", "now", "now"]),
    ("versions known", ["now", "now", "now", "0", "0", "0", "33!", "now", "now", "now", "now", "now", "now", "now"]),
    ("agreed", ["34!", "34!", "34!", "34!", "34!", "34!", "34!", "now", "0", "58!", "now", "0!", "now", "now"]),
    ("agreed on bare tokens", ["late"; 14]),
    ("in without end", ["0", "42", "35", "34", "34", "34", "34", "now", "34", "34", "now", "0", "now", "now"]),
    ("in", ["0", "42", "35", "0", "0", "0", "now", "now", "34", "34", "now", "0", "now", "now"]),
    ("in again, just now", ["0", "42", "35", "34", "34", "34", "34", "now", "34", "34", "now", "0", "now", "now"]),
    (
        "in, and the session over",
        ["now", "now", "now", "0", "0", "0", "now", "now", "now", "now", "now", "now", "now", "now"],
    ),
    ("agreed on another mechanism than before", ["late"; 14]),
];

/// A connection in a state.
fn in_state(state: &str) -> (Bench, ConnId) {
    let longest = Some(SESSION).filter(|_| state != "in without end");
    let mut bench = with_users(ClusterConfig { connections_max_reauth: longest, ..Default::default() });
    let conn = bench.connect_to(1, everything());
    match state {
        "fresh" => {}
        "versions known" => drop(bench.ask(conn, 0, &ApiVersionsRequest::default())),
        "agreed" => bench.agree(conn, Mechanism::Plain),
        "agreed on bare tokens" => assert_eq!(bench.ask(conn, 0, &handshake("PLAIN")).error_code, 0),
        _ => {
            bench.agree(conn, Mechanism::Plain);
            bench.token(conn, GOOD);
        }
    }
    match state {
        "in again, just now" => {
            bench.agree(conn, Mechanism::Plain);
            bench.token(conn, GOOD);
        }
        "in, and the session over" => bench.advance(SESSION + Duration::from_millis(1)),
        "agreed on another mechanism than before" => bench.agree(conn, Mechanism::ScramSha256),
        _ => {}
    }
    (bench, conn)
}

/// What becomes of a frame.
fn outcome(bench: &mut Bench, conn: ConnId, frame: Bytes) -> String {
    let is_metadata = frame.starts_with(&[0, 3]);
    let code = |answer: &Bytes| match answer.get(4..6) {
        Some(code) if !is_metadata => i16::from_be_bytes(code.try_into().unwrap()),
        _ => 0,
    };
    bench.cluster.handle_frame(conn, bench.now, frame);
    let first = bench.cluster.poll_output();
    match first.map(|output| output.action) {
        Some(Action::Close) => "now".to_owned(),
        Some(Action::Send(answer)) => {
            bench.is_silent();
            code(&answer.to_bytes()).to_string()
        }
        Some(other) => format!("{other:?}"),
        None => {
            bench.wait_for_refusal();
            let told = bench.cluster.poll_output().map(|output| output.action);
            if let Some(Action::Send(answer)) = &told {
                bench.closed(conn);
                return format!("{}!", code(&answer.to_bytes()));
            }
            assert_eq!(told, Some(Action::Close));
            "late".to_owned()
        }
    }
}

#[test]
fn in_each_state_each_input_has_the_outcome_that_it_has_in_kafka() {
    for (state, expected) in TABLE {
        for ((input, frame), expected) in inputs().into_iter().zip(expected) {
            let (mut bench, conn) = in_state(state);
            assert_eq!(outcome(&mut bench, conn, frame), expected, "{state}: {input}");
        }
    }
}

#[test]
fn a_client_that_authenticates_again_is_in_the_state_of_one_that_does_it_first() {
    let row = |state: &str| TABLE.iter().find(|(name, _)| *name == state).unwrap().1;
    for (version, state) in [(1, "agreed"), (0, "agreed on bare tokens")] {
        for ((input, frame), expected) in inputs().into_iter().zip(row(state)) {
            let (mut bench, conn) = in_state("in");
            assert_eq!(bench.ask(conn, version, &handshake("PLAIN")).error_code, 0);
            assert_eq!(bench.principal_of(conn).as_deref(), Some("User:alice"));
            assert_eq!(outcome(&mut bench, conn, frame), expected, "{state} again: {input}");
        }
    }
}

#[test]
fn a_listener_without_sasl_is_in_from_the_start() {
    let row = TABLE.iter().find(|(name, _)| *name == "in without end").unwrap().1;
    for listener in [Listener::plaintext("PLAINTEXT"), Listener::tls("SSL")] {
        for ((input, frame), expected) in inputs().into_iter().zip(row) {
            let mut bench = Bench::new();
            let conn = bench.connect_to(1, listener.clone());
            assert_eq!(outcome(&mut bench, conn, frame), expected, "{input}");
        }
    }
}

#[test]
fn while_a_refusal_waits_nothing_more_is_read_and_a_client_that_leaves_hears_nothing() {
    let (mut bench, conn) = in_state("agreed");
    bench.send(conn, 2, &authenticate(BAD));
    assert!(!bench.cluster.accepts_frames(conn));
    bench.send(conn, 2, &authenticate(GOOD));
    bench.is_silent();
    bench.cluster.close(conn, bench.now);
    bench.advance(Duration::from_secs(1));
    bench.is_silent();
    assert_eq!(bench.cluster.poll_timeout(), None);
}

#[test]
fn without_a_delay_a_refusal_is_told_at_once() {
    let config = ClusterConfig { failed_authentication_delay: Duration::ZERO, ..Default::default() };
    let mut bench = with_users(config);
    let conn = bench.agreed(Mechanism::Plain);
    let correlation_id = bench.send(conn, 2, &authenticate(BAD));
    bench.answer::<SaslAuthenticateRequest>(conn, 2, correlation_id);
    assert_eq!(bench.closed(conn), Closed::AuthenticationFailed);
}

#[test]
fn a_bad_frame_before_the_login_closes_as_late_as_a_failed_one() {
    for state in ["fresh", "agreed"] {
        let (mut bench, conn) = in_state(state);
        let error = FrameError::Negative(-1);
        bench.cluster.handle_bad_frame(conn, bench.now, error);
        assert!(!bench.cluster.accepts_frames(conn), "{state}");
        bench.is_silent();
        bench.advance(Duration::from_millis(99));
        bench.is_silent();
        bench.advance(Duration::from_millis(1));
        assert_eq!(bench.closed(conn), Closed::BadFrame(error), "{state}");
    }
}

#[test]
fn a_bad_frame_behind_a_failed_login_changes_nothing() {
    let (mut bench, conn) = in_state("agreed");
    let correlation_id = bench.send(conn, 2, &authenticate(BAD));
    bench.advance(Duration::from_millis(50));
    bench.cluster.handle_bad_frame(conn, bench.now, FrameError::Negative(-1));
    bench.advance(Duration::from_millis(50));
    bench.answer::<SaslAuthenticateRequest>(conn, 2, correlation_id);
    assert_eq!(bench.closed(conn), Closed::AuthenticationFailed);
    bench.advance(Duration::from_secs(1));
    bench.is_silent();
}

#[test]
fn until_a_client_is_in_its_frames_are_no_longer_than_a_sasl_message() {
    let (mut bench, conn) = in_state("fresh");
    assert_eq!(bench.cluster.frame_bytes_max(conn), 524_288);
    bench.agree(conn, Mechanism::Plain);
    assert_eq!(bench.cluster.frame_bytes_max(conn), 524_288);
    bench.token(conn, GOOD);
    assert_eq!(bench.cluster.frame_bytes_max(conn), 100 * 1024 * 1024);
}

#[test]
fn both_kinds_of_oauthbearer_are_told_as_one_mechanism() {
    let mut bench = Bench::new();
    let conn = bench.connect_to(1, everything());
    let told = bench.ask(conn, 1, &handshake("OAUTHBEARER"));
    let names: Vec<&str> = told.mechanisms.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"]);
}
