//! Authentication with AWS_MSK_IAM.

use ottla_wire::ErrorCode;
use ottla_wire::message::{
    ApiVersionsRequest, MetadataRequest, SaslAuthenticateRequest, SaslHandshakeRequest, StrBytes,
};
use ottla_wire::sasl::RECEIVE_BYTES_MAX;
use ottla_wire::sasl::iam::{IamError, IamReply};

use super::super::{HOST, raw_frame, testing, topics};
use super::*;
use crate::iam::{self, Identity};

fn with_identities() -> Bench {
    let mut bench = Bench::new();
    let identities = bench.cluster.identities_mut();
    identities.add(Identity::new("app")).unwrap();
    identities
        .add(Identity::new("session").role_session("s").expires(testing::date() + Duration::from_secs(900)))
        .unwrap();
    bench
}

fn token(bench: &Bench, identity: &str, secret: Option<&str>) -> Bytes {
    let credentials = bench.cluster.identities().named(identity).unwrap().credentials().clone();
    let payload = testing::payload(&credentials, HOST, "us-east-1");
    testing::sign(payload, secret.unwrap_or(credentials.secret_access_key())).to_json()
}

fn refused(reason: iam::Refusal, claimed: Option<String>) -> EntryKind {
    EntryKind::AuthenticationRefused { mechanism: Mechanism::AwsMskIam, reason: reason.into(), claimed }
}

#[test]
fn a_signed_payload_lets_its_identity_in() {
    let mut bench = with_identities();
    let conn = bench.connect_iam(1);
    assert_eq!(bench.cluster.principal(conn), None);
    bench.ask(conn, 0, &ApiVersionsRequest::default());
    let answer = bench.ask(conn, 1, &handshake("AWS_MSK_IAM"));
    assert_eq!((answer.error_code, answer.mechanisms), (0, vec![StrBytes::from_static_str("AWS_MSK_IAM")]));
    let token = token(&bench, "app", None);
    let answer = bench.ask(conn, 2, &authenticate(token));
    assert_eq!((answer.error_code, answer.session_lifetime_ms), (0, 12 * 60 * 60 * 1000));
    assert_eq!(IamReply::parse(&answer.auth_bytes).unwrap().version, "2020_10_22");
    let principal = bench.cluster.principal(conn).unwrap().to_string();
    assert_eq!(principal, "IAM:arn:aws:iam::123456789012:user/app");
    assert_eq!(bench.ask(conn, 12, &metadata()).brokers.len(), 3);
}

#[test]
fn a_session_lives_as_long_as_the_credentials() {
    let mut bench = with_identities();
    for (version, expected) in [(0, 0), (1, 900_000), (2, 900_000)] {
        let conn = bench.connect_iam(1);
        bench.ask(conn, 1, &handshake("AWS_MSK_IAM"));
        let token = token(&bench, "session", None);
        let answer = bench.ask(conn, version, &authenticate(token));
        assert_eq!((answer.error_code, answer.session_lifetime_ms), (0, expected), "v{version}");
    }
}

#[test]
fn a_wrong_secret_is_told_access_denied_and_the_journal_why() {
    let mut bench = with_identities();
    let conn = bench.connect_iam(1);
    bench.ask(conn, 1, &handshake("AWS_MSK_IAM"));
    let token = token(&bench, "app", Some("wrong"));
    let correlation_id = bench.send_to_be_refused(conn, 2, &authenticate(token));
    let answer = bench.answer::<SaslAuthenticateRequest>(conn, 2, correlation_id);
    let told = answer.error_message.unwrap().to_string();
    assert_eq!(answer.error_code, ErrorCode::SASL_AUTHENTICATION_FAILED.0);
    assert!(told.starts_with('[') && told.ends_with("]: Access denied") && told.len() == 53, "{told}");
    assert_eq!(bench.closed(conn), Closed::AuthenticationFailed);
    let key = bench.cluster.identities().named("app").unwrap().credentials().access_key_id().to_owned();
    let refused = refused(iam::Refusal::Signature, Some(key));
    assert!(bench.cluster.journal().entries().any(|entry| entry.kind == refused));
}

#[test]
fn a_token_that_is_too_long_is_refused_for_its_length() {
    let mut bench = with_identities();
    let (bytes, max) = (RECEIVE_BYTES_MAX + 1, RECEIVE_BYTES_MAX);
    let conn = bench.connect_iam(1);
    bench.ask(conn, 1, &handshake("AWS_MSK_IAM"));
    let correlation_id = bench.send_to_be_refused(conn, 2, &authenticate(Bytes::from(vec![b' '; bytes])));
    let answer = bench.answer::<SaslAuthenticateRequest>(conn, 2, correlation_id);
    assert_eq!(answer.error_code, ErrorCode::SASL_AUTHENTICATION_FAILED.0);
    let refused = refused(iam::Refusal::Payload(IamError::TooLong { bytes, max }), None);
    assert!(bench.cluster.journal().entries().any(|entry| entry.kind == refused));
}

#[test]
fn no_secret_stands_in_the_journal() {
    let mut bench = with_identities();
    let secrets: Vec<String> = ["app", "session"]
        .iter()
        .flat_map(|name| {
            let credentials = bench.cluster.identities().named(name).unwrap().credentials().clone();
            [Some(credentials.secret_access_key().to_owned()), credentials.session_token().map(str::to_owned)]
        })
        .flatten()
        .collect();
    for (name, secret) in [("app", None), ("session", None), ("app", Some("wrong"))] {
        let conn = bench.connect_iam(1);
        bench.send(conn, 1, &handshake("AWS_MSK_IAM"));
        let token = token(&bench, name, secret);
        bench.send(conn, 2, &authenticate(token));
    }
    let written = format!("{} {:?}", bench.cluster.journal(), bench.cluster.journal());
    assert!(secrets.iter().all(|secret| !written.contains(secret)));
}

#[test]
fn an_unknown_mechanism_gets_the_list_and_the_connection_is_closed() {
    let mut bench = with_identities();
    let conn = bench.connect_iam(1);
    let correlation_id = bench.send_to_be_refused(conn, 1, &handshake("SCRAM-SHA-512"));
    let answer = bench.answer::<SaslHandshakeRequest>(conn, 1, correlation_id);
    assert_eq!(answer.error_code, ErrorCode::UNSUPPORTED_SASL_MECHANISM.0);
    assert_eq!(answer.mechanisms, [StrBytes::from_static_str("AWS_MSK_IAM")]);
    assert_eq!(bench.closed(conn), Closed::UnsupportedMechanism("SCRAM-SHA-512".to_owned()));
}

#[test]
fn before_the_handshake_another_request_closes_the_connection_without_a_word() {
    let mut bench = with_identities();
    for asks_versions_first in [false, true] {
        let conn = bench.connect_iam(1);
        if asks_versions_first {
            bench.ask(conn, 0, &ApiVersionsRequest::default());
        }
        bench.send(conn, 12, &metadata());
        assert_eq!(bench.closed(conn), Closed::NotAuthenticated(ApiKey::Metadata));
    }
    let conn = bench.connect_iam(1);
    bench.ask(conn, 0, &ApiVersionsRequest::default());
    bench.send(conn, 0, &ApiVersionsRequest::default());
    assert_eq!(bench.closed(conn), Closed::NotAuthenticated(ApiKey::ApiVersions));
    let conn = bench.connect_iam(1);
    bench.send(conn, 2, &authenticate(Bytes::new()));
    assert_eq!(bench.closed(conn), Closed::NotAuthenticated(ApiKey::SaslAuthenticate));
}

#[test]
fn after_the_handshake_another_request_fails_with_illegal_sasl_state_and_closes() {
    let mut bench = with_identities();
    let conn = bench.connect_iam(1);
    bench.ask(conn, 1, &handshake("AWS_MSK_IAM"));
    let correlation_id = bench.send_to_be_refused(conn, 12, &metadata().with_topics(Some(vec![topics::by_name("t")])));
    let answer = bench.answer::<MetadataRequest>(conn, 12, correlation_id);
    assert_eq!(answer.topics[0].error_code, ErrorCode::ILLEGAL_SASL_STATE.0);
    assert_eq!(bench.closed(conn), Closed::NotAuthenticated(ApiKey::Metadata));
}

#[test]
fn an_api_versions_that_is_refused_leaves_the_client_free_to_ask_again() {
    let mut bench = with_identities();
    let conn = bench.connect_iam(1);
    bench.cluster.handle_frame(conn, bench.now, raw_frame(18, 99, 7, b""));
    bench.answer::<ApiVersionsRequest>(conn, 0, 7);
    assert_eq!(bench.ask(conn, 0, &ApiVersionsRequest::default()).error_code, 0);
}

#[test]
fn after_a_handshake_of_version_0_tokens_come_bare() {
    let mut bench = with_identities();
    let good = token(&bench, "app", None);
    for (token, is_let_in) in [(good, true), (Bytes::from_static(b"{}"), false)] {
        let conn = bench.connect_iam(1);
        bench.ask(conn, 0, &handshake("AWS_MSK_IAM"));
        bench.cluster.handle_frame(conn, bench.now, token);
        if is_let_in {
            let Some(Output { action: Action::Send(reply), .. }) = bench.cluster.poll_output() else { panic!() };
            assert!(IamReply::parse(&reply.to_bytes()).is_ok());
            assert_eq!(bench.ask(conn, 12, &metadata()).brokers.len(), 3);
        } else {
            bench.wait_for_refusal();
            assert_eq!(bench.closed(conn), Closed::AuthenticationFailed);
        }
    }
}

#[test]
fn where_nothing_is_to_be_authenticated_sasl_is_an_illegal_state() {
    let mut bench = with_identities();
    let conn = bench.connect(1);
    assert_eq!(bench.ask(conn, 1, &handshake("AWS_MSK_IAM")).error_code, ErrorCode::ILLEGAL_SASL_STATE.0);
    assert_eq!(bench.ask(conn, 2, &authenticate(Bytes::new())).error_code, ErrorCode::ILLEGAL_SASL_STATE.0);
}
