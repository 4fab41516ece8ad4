//! `OAUTHBEARER`, with unsecured tokens and with MSK's.

use std::time::UNIX_EPOCH;

use ottla_wire::sasl::base64;
use ottla_wire::sasl::oauthbearer::{OAuthBearerError, OAuthBearerMessage, REFUSAL_SEEN};

use super::super::testing;
use super::*;
use crate::iam::{self, Identity};
use crate::sasl::TokenError;

const INVALID: &str = r#"{"status":"invalid_token"}"#;

fn seconds(bench: &Bench) -> u64 {
    bench.now.wall.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// An unsecured token of `subject` that holds for `seconds` more.
fn token_of(bench: &Bench, subject: &str, lifetime: u64) -> String {
    let claims = format!(r#"{{"sub":"{subject}","exp":{}}}"#, seconds(bench) + lifetime);
    format!("{}.{}.", base64::encode_url(br#"{"alg":"none"}"#), base64::encode_url(claims.as_bytes()))
}

fn message(token: impl Into<String>) -> Bytes {
    OAuthBearerMessage::new(token).to_bytes()
}

#[test]
fn an_unsecured_token_lets_its_subject_in_for_as_long_as_it_holds() {
    let mut bench = Bench::new();
    let conn = bench.agreed(Mechanism::OAuthBearer);
    let token = token_of(&bench, "admin", 3600);
    let answer = bench.token(conn, message(token));
    assert_eq!((answer.auth_bytes.len(), answer.session_lifetime_ms), (0, 3_600_000));
    assert_eq!(bench.principal_of(conn).as_deref(), Some("User:admin"));
}

#[test]
fn a_token_that_does_not_hold_is_answered_with_json_and_refused_when_the_client_has_seen_it() {
    let mut bench = Bench::new();
    let conn = bench.agreed(Mechanism::OAuthBearer);
    let expired = token_of(&bench, "admin", 0);
    assert_eq!(bench.token(conn, message(expired)).auth_bytes, INVALID);
    let exp_seconds = i64::try_from(seconds(&bench)).unwrap();
    assert_eq!(bench.last_refusal(), (TokenError::Expired { exp_seconds }.into(), None));
    assert_eq!(bench.refused(conn, REFUSAL_SEEN), INVALID);
    let refusals = bench.cluster.journal().entries();
    let refusals = refusals.filter(|entry| matches!(entry.kind, EntryKind::AuthenticationRefused { .. }));
    assert_eq!(refusals.count(), 1);
}

#[test]
fn after_a_token_that_does_not_hold_another_may_come() {
    let mut bench = Bench::new();
    let conn = bench.agreed(Mechanism::OAuthBearer);
    assert_eq!(bench.token(conn, message("a.b.c")).auth_bytes, INVALID);
    let good = token_of(&bench, "admin", 60);
    assert_eq!(bench.token(conn, message(good)).session_lifetime_ms, 60_000);
}

#[test]
fn clocks_may_differ_by_as_much_as_the_cluster_allows() {
    let skew = Duration::from_secs(30);
    let mut bench = Bench::of(ClusterConfig { oauthbearer_clock_skew: skew, ..Default::default() });
    let token = token_of(&bench, "admin", 0);
    bench.advance(skew - Duration::from_secs(1));
    let conn = bench.agreed(Mechanism::OAuthBearer);
    // The session ends at once, and the client is told as much as Kafka tells: nothing.
    assert_eq!(bench.token(conn, message(&token)).session_lifetime_ms, 0);
    bench.advance(Duration::from_millis(1));
    bench.send(conn, 1, &metadata());
    assert_eq!(bench.closed(conn), Closed::SessionExpired);
    bench.advance(Duration::from_secs(1));
    let conn = bench.agreed(Mechanism::OAuthBearer);
    assert_eq!(bench.token(conn, message(token)).auth_bytes, INVALID);
}

#[test]
fn what_is_no_message_or_names_another_than_the_token_is_refused() {
    let mut bench = Bench::new();
    let conn = bench.agreed(Mechanism::OAuthBearer);
    let told = bench.refused(conn, REFUSAL_SEEN);
    assert_eq!(
        told,
        "Authentication failed during authentication due to invalid credentials with SASL mechanism OAUTHBEARER"
    );
    assert_eq!(bench.last_refusal(), (OAuthBearerError::Form.into(), None));
    let conn = bench.agreed(Mechanism::OAuthBearer);
    let own = OAuthBearerMessage::new(token_of(&bench, "admin", 60));
    let other = OAuthBearerMessage { authorization_id: Some("root".to_owned()), ..own };
    let told = bench.refused(conn, other.to_bytes());
    assert_eq!(
        told,
        "Authentication failed: Client requested an authorization id (root) that is different from the token's principal name (admin)"
    );
}

#[test]
fn a_token_without_an_algorithm_closes_at_once_as_it_does_in_kafka() {
    let mut bench = Bench::new();
    let conn = bench.agreed(Mechanism::OAuthBearer);
    bench.send(conn, 2, &authenticate(message("e30.e30.")));
    assert_eq!(bench.closed(conn), Closed::AuthenticationFailed);
    assert_eq!(bench.last_refusal(), (TokenError::NoAlgorithm.into(), None));
}

/// MSK's token of an identity.
fn msk_token(bench: &Bench, name: &str, secret: Option<&str>) -> String {
    let credentials = bench.cluster.identities().named(name).unwrap().credentials().clone();
    let payload = testing::payload(&credentials, "kafka.us-east-1.amazonaws.com", "us-east-1");
    let payload = testing::sign(payload, secret.unwrap_or(credentials.secret_access_key()));
    let url = format!(
        "https://{}/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature={}&User-Agent=x",
        payload.host,
        payload.credential.replace('/', "%2F"),
        payload.date,
        payload.signature,
    );
    base64::encode_url(url.as_bytes())
}

fn with_identity(listener: Listener) -> (Bench, ConnId) {
    let mut bench = Bench::new();
    let expires = testing::date() + Duration::from_secs(1800);
    bench.cluster.identities_mut().add(Identity::new("app").expires(expires)).unwrap();
    let conn = bench.connect_to(1, listener);
    bench.agree(conn, Mechanism::MskOAuthBearer);
    (bench, conn)
}

#[test]
fn msks_token_lets_its_identity_in_for_as_long_as_its_credentials_hold() {
    for listener in [everything(), Listener::sasl_tls("IAM", [Mechanism::MskOAuthBearer])] {
        let (mut bench, conn) = with_identity(listener);
        let token = msk_token(&bench, "app", None);
        assert_eq!(bench.token(conn, message(token)).session_lifetime_ms, 1_800_000);
        assert_eq!(bench.principal_of(conn).as_deref(), Some("IAM:arn:aws:iam::123456789012:user/app"));
    }
}

#[test]
fn msks_token_that_does_not_hold_is_refused_at_once_in_msks_words() {
    let (mut bench, conn) = with_identity(everything());
    let token = msk_token(&bench, "app", Some("wrong"));
    let told = bench.refused(conn, message(token));
    assert!(told.starts_with('[') && told.ends_with("]: Access denied"), "{told}");
    assert_eq!(bench.last_refusal().0, iam::Refusal::Signature.into());
}

#[test]
fn each_kind_of_token_comes_in_only_where_the_listener_takes_it() {
    let (mut bench, conn) = with_identity(Listener::sasl_tls("IAM", [Mechanism::MskOAuthBearer]));
    let unsecured = token_of(&bench, "admin", 60);
    assert!(bench.refused(conn, message(unsecured)).ends_with("]: Access denied"));
    let (mut bench, conn) = with_identity(Listener::sasl_tls("OAUTH", [Mechanism::OAuthBearer]));
    let token = msk_token(&bench, "app", None);
    assert_eq!(bench.token(conn, message(token)).auth_bytes, INVALID);
}
