//! How long a client is in, and how it stays in (KIP-368).

use super::*;

const LONGEST: Duration = Duration::from_secs(10);
const ALICE: &[u8] = b"\0alice\0alice-secret";
const BOB: &[u8] = b"\0bob\0bob-secret";

fn with_sessions() -> (Bench, ConnId) {
    let mut bench = with_users(ClusterConfig { connections_max_reauth: Some(LONGEST), ..Default::default() });
    let conn = bench.agreed(Mechanism::Plain);
    assert_eq!(bench.token(conn, ALICE).session_lifetime_ms, 10_000);
    (bench, conn)
}

#[test]
fn a_session_lives_to_its_last_moment_and_a_request_after_it_closes_the_connection() {
    let (mut bench, conn) = with_sessions();
    bench.advance(LONGEST);
    assert_eq!(bench.ask(conn, 12, &metadata()).brokers.len(), 3);
    bench.advance(Duration::from_millis(1));
    bench.is_silent();
    bench.send(conn, 12, &metadata());
    assert_eq!(bench.closed(conn), Closed::SessionExpired);
}

#[test]
fn a_client_that_was_not_told_loses_its_session_all_the_same() {
    let (mut bench, _) = with_sessions();
    let conn = bench.agreed(Mechanism::Plain);
    assert_eq!(bench.ask(conn, 0, &authenticate(ALICE)).session_lifetime_ms, 0);
    bench.advance(LONGEST + Duration::from_millis(1));
    bench.send(conn, 12, &metadata());
    assert_eq!(bench.closed(conn), Closed::SessionExpired);
}

#[test]
fn a_session_is_renewed_in_band_even_after_its_end() {
    for rest in [Duration::from_secs(2), LONGEST + Duration::from_secs(60)] {
        let (mut bench, conn) = with_sessions();
        bench.advance(rest);
        bench.agree(conn, Mechanism::Plain);
        assert_eq!(bench.token(conn, ALICE).session_lifetime_ms, 10_000);
        bench.advance(LONGEST);
        assert_eq!(bench.ask(conn, 12, &metadata()).brokers.len(), 3);
    }
}

#[test]
fn who_renews_a_session_must_be_who_began_it() {
    let (mut bench, conn) = with_sessions();
    bench.advance(Duration::from_secs(5));
    bench.agree(conn, Mechanism::Plain);
    let told = bench.refused(conn, BOB);
    assert_eq!(told, "Cannot change principals during re-authentication from User.alice: User.bob");
    let (from, to) = (Principal::user("alice"), Principal::user("bob"));
    assert_eq!(bench.last_refusal(), (Refusal::PrincipalChanged { from, to }, None));
}

#[test]
fn a_session_is_renewed_by_the_mechanism_that_began_it() {
    let (mut bench, conn) = with_sessions();
    bench.advance(Duration::from_secs(5));
    bench.agree(conn, Mechanism::ScramSha256);
    assert_eq!(bench.principal_of(conn).as_deref(), Some("User:alice"));
    bench.send_to_be_refused(conn, 2, &authenticate(&b"n,,n=alice,r=nonce"[..]));
    let changed = Closed::MechanismChanged { asked: "SCRAM-SHA-256".to_owned(), before: Mechanism::Plain };
    assert_eq!(bench.closed(conn), changed);
}

#[test]
fn a_refusal_says_that_it_was_a_renewal() {
    let mut bench = with_users(ClusterConfig { connections_max_reauth: Some(LONGEST), ..Default::default() });
    let conn = bench.agreed(Mechanism::OAuthBearer);
    // {"alg":"none"}.{"sub":"a","exp":9999999999}.
    bench.token(conn, "n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiZXhwIjo5OTk5OTk5OTk5fQ.\x01\x01");
    bench.agree(conn, Mechanism::OAuthBearer);
    assert_eq!(
        bench.refused(conn, "nonsense"),
        "Authentication failed during re-authentication due to invalid credentials with SASL mechanism OAUTHBEARER"
    );
}

#[test]
fn a_session_is_renewed_once_a_second_at_the_most() {
    let (mut bench, conn) = with_sessions();
    bench.agree(conn, Mechanism::Plain);
    bench.token(conn, ALICE);
    bench.advance(Duration::from_millis(999));
    assert_eq!(bench.ask(conn, 1, &handshake("PLAIN")).error_code, ErrorCode::ILLEGAL_SASL_STATE.0);
    assert_eq!(bench.ask(conn, 12, &metadata()).brokers.len(), 3);
    bench.advance(Duration::from_millis(1));
    bench.agree(conn, Mechanism::Plain);
    bench.token(conn, ALICE);
}

#[test]
fn a_session_that_ended_within_a_second_of_its_renewal_cannot_be_renewed() {
    let longest = Some(Duration::from_millis(500));
    let mut bench = with_users(ClusterConfig { connections_max_reauth: longest, ..Default::default() });
    let conn = bench.agreed(Mechanism::Plain);
    bench.token(conn, ALICE);
    bench.agree(conn, Mechanism::Plain);
    bench.token(conn, ALICE);
    bench.advance(Duration::from_millis(501));
    bench.send(conn, 1, &handshake("PLAIN"));
    assert_eq!(bench.closed(conn), Closed::SessionExpired);
}

#[test]
fn requests_that_come_with_a_renewal_are_answered_in_order_after_it() {
    let (mut bench, conn) = with_sessions();
    bench.advance(Duration::from_secs(5));
    let handshake = bench.send(conn, 1, &handshake("PLAIN"));
    let token = bench.send(conn, 1, &authenticate(ALICE));
    let asked = bench.send(conn, 12, &metadata());
    assert_eq!(bench.answer::<SaslHandshakeRequest>(conn, 1, handshake).error_code, 0);
    assert_eq!(bench.answer::<SaslAuthenticateRequest>(conn, 1, token).error_code, 0);
    assert_eq!(bench.answer::<MetadataRequest>(conn, 12, asked).brokers.len(), 3);
}
