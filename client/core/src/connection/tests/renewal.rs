//! Another session in place of the one that ends (KIP-368).

use ottla_wire::sasl::scram::ScramMechanism;

use super::*;

const LIFETIME: Duration = Duration::from_secs(100);

/// How far into a session the connection asks to be woken for its renewal.
fn renewed_after(draw: u64, lifetime: Duration) -> Duration {
    let mut pair = Pair::new(Config { renewal_draw: draw, ..iam_config() });
    let began = pair.now.mono;
    let asked = pair.asked();
    pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
    let asked = pair.asked();
    pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(ErrorCode::NONE));
    pair.provide(Provided::Credentials(Ok(credentials())));
    let asked = pair.asked();
    pair.answer::<SaslAuthenticateRequest>(&asked, &let_in(lifetime.as_millis() as i64));
    pair.connection.poll_timeout().unwrap() - began
}

/// A connection that has begun to renew its session, and its request for it.
pub(super) fn renewing() -> (Pair, Asked) {
    let mut pair = Pair::authenticated(LIFETIME.as_millis() as i64);
    pair.wait(LIFETIME * 9 / 10);
    pair.connection.handle_timeout(pair.now);
    let asked = pair.asked();
    assert_eq!((asked.header.api_key, asked.header.api_version), (ApiKey::SaslHandshake.key(), 1));
    (pair, asked)
}

/// A connection that waits for credentials to renew its session.
pub(super) fn renewing_with_credentials() -> Pair {
    let (mut pair, asked) = renewing();
    pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(ErrorCode::NONE));
    assert!(matches!(pair.event(), Some(Event::Wanted(Want::Credentials))));
    pair
}

/// A connection that has said who it is once more.
pub(super) fn said_again() -> (Pair, Asked) {
    let mut pair = renewing_with_credentials();
    pair.provide(Provided::Credentials(Ok(credentials())));
    let asked = pair.asked();
    assert_eq!(asked.header.api_key, ApiKey::SaslAuthenticate.key());
    (pair, asked)
}

fn closed(pair: &mut Pair) -> String {
    match (pair.event(), pair.event()) {
        (Some(Event::Closed(Disconnected::NotRenewed(reason))), None) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_is_renewed_when_85_to_95_percent_of_it_are_over() {
    for (draw, millis) in [(0, 85_000), (50, 90_000), (100, 95_000), (101, 85_000), (u64::MAX, 92_800)] {
        assert_eq!(renewed_after(draw, LIFETIME), Duration::from_millis(millis), "{draw}");
    }
    assert_eq!(renewed_after(100, Duration::from_secs(12 * 3600)), Duration::from_secs(12 * 3600 * 95 / 100));
}

#[test]
fn a_session_is_renewed_a_second_after_it_began_at_the_soonest() {
    assert_eq!(renewed_after(0, Duration::from_millis(1_100)), Duration::from_secs(1));
    let mut pair = Pair::authenticated(1_000);
    pair.wait(Duration::from_millis(850));
    pair.connection.handle_timeout(pair.now);
    assert!(matches!(pair.event(), Some(Event::Closed(Disconnected::SessionEnds))), "too short to be renewed");
}

#[test]
fn a_renewed_session_carries_requests_on_the_same_connection_until_its_own_end() {
    let (mut pair, asked) = said_again();
    let asked_at = pair.now.mono;
    assert!(!pair.connection.can_send() && pair.connection.versions().is_none());
    pair.answer::<SaslAuthenticateRequest>(&asked, &let_in(LIFETIME.as_millis() as i64));
    assert!(matches!(pair.event(), Some(Event::Renewed)));
    assert_eq!(pair.connection.session_expires(), Some(asked_at + LIFETIME));
    pair.send(1);
    assert_eq!(pair.asked().header.api_key, ApiKey::Metadata.key());
    assert!(pair.event().is_none());
}

#[test]
fn nothing_comes_between_the_requests_of_a_renewal() {
    let (mut pair, asked) = said_again();
    pair.send(1);
    assert!(matches!(pair.event(), Some(Event::Ended { result: Err(RequestError::NotSent { .. }), .. })));
    assert!(pair.try_asked().is_none());
    pair.answer::<SaslAuthenticateRequest>(&asked, &let_in(0));
    assert!(matches!(pair.event(), Some(Event::Renewed)));
    assert_eq!(pair.connection.session_expires(), None);
}

#[test]
fn each_exchange_of_scram_on_a_connection_has_a_nonce_of_its_own() {
    let nonce = Nonce::new([7; 24]);
    let sasl = |nonce| Sasl::Scram {
        mechanism: ScramMechanism::Sha256,
        user: "alice".into(),
        password: Password::new("secret"),
        nonce,
    };
    let Sasl::Scram { nonce: next, .. } = sasl(nonce).renewed() else { panic!("another mechanism") };
    assert_ne!((nonce, nonce.text()), (next, next.text()));
    assert_eq!(nonce.text().len(), 32);
    assert!(!format!("{nonce:?}").contains('7'), "who knows the bits knows the next nonce");
}

#[test]
fn a_renewal_that_is_refused_ends_the_connection_and_says_why() {
    let (mut pair, asked) = said_again();
    let text = "Cannot change principals during re-authentication from IAM.a: IAM.b";
    pair.answer::<SaslAuthenticateRequest>(&asked, &refused(Some(text)));
    assert!(closed(&mut pair).contains(text));

    let (mut pair, asked) = renewing();
    pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(ErrorCode::ILLEGAL_SASL_STATE));
    assert!(closed(&mut pair).contains("ILLEGAL_SASL_STATE"));

    let mut pair = renewing_with_credentials();
    let after = Duration::from_secs(1);
    pair.provide(Provided::Credentials(Err(CredentialsFailure::Timeout { after })));
    assert!(closed(&mut pair).contains("no AWS credentials"));
}

#[test]
fn a_renewal_that_does_not_end_ends_the_connection() {
    let (mut pair, _) = renewing();
    let late = pair.connection.poll_timeout().unwrap();
    assert_eq!(late, pair.now.mono + HANDSHAKE_TIMEOUT);
    pair.wait(HANDSHAKE_TIMEOUT);
    pair.connection.handle_timeout(pair.now);
    assert!(closed(&mut pair).contains("not ready within 30s"));

    let (mut pair, _) = said_again();
    pair.connection.handle_closed(pair.now, Disconnected::ByPeer);
    assert!(closed(&mut pair).contains("the broker closed the connection, in SaslAuthenticate"));
}
