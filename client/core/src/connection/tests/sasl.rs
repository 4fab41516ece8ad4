//! Each mechanism's exchange, and every broker in it that is none.

use hmac::{Hmac, KeyInit, Mac};
use ottla_wire::sasl::scram::{
    ClientFinal, ClientFirst, ITERATIONS_MIN, ScramError, ScramMechanism, ServerFinal, ServerFirst, auth_message,
};
use proptest::prelude::*;
use sha2::{Sha256, Sha512};

use super::*;
use crate::scram::ITERATIONS_MAX;

const MECHANISMS: [ScramMechanism; 2] = [ScramMechanism::Sha256, ScramMechanism::Sha512];
const USER: &str = "ali,ce";
const PASSWORD: &str = "alice-s3cret";
const BEARER: &str = "b3arer.t0ken";
const SALT: &[u8] = b"grains";
/// What Kafka says to a wrong user and to a wrong password.
const INVALID: &str =
    "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256";
const INVALID_TOKEN: &str = r#"{"status":"invalid_token"}"#;

fn plain() -> Sasl {
    Sasl::Plain { user: USER.into(), password: Password::new(PASSWORD) }
}

fn scram(mechanism: ScramMechanism) -> Sasl {
    Sasl::Scram { mechanism, user: USER.into(), password: Password::new(PASSWORD), nonce: Nonce::new([7; 24]) }
}

fn bearer() -> Provided {
    Provided::Token(Ok(OAuthBearerToken::new(BEARER)))
}

pub(super) fn awaiting_token() -> Pair {
    let mut pair = Pair::greeted(Sasl::OAuthBearer);
    assert!(matches!(pair.event(), Some(Event::Wanted(Want::Token))));
    pair
}

/// The token was sent; with the answer that lets it in.
pub(super) fn said_token() -> (Pair, Asked, SaslAuthenticateResponse) {
    let mut pair = awaiting_token();
    pair.provide(bearer());
    let asked = pair.asked();
    (pair, asked, said(Bytes::new()))
}

/// The refusal of the token was seen; with the answer that ends it.
pub(super) fn seen() -> (Pair, Asked, SaslAuthenticateResponse) {
    let (mut pair, asked, _) = said_token();
    pair.answer::<SaslAuthenticateRequest>(&asked, &said(INVALID_TOKEN));
    let (bytes, asked) = pair.token();
    assert_eq!(&bytes[..], b"\x01");
    (pair, asked, refused(Some(INVALID_TOKEN)))
}

/// The job that comes of [`said_user`].
pub(super) fn job(mechanism: ScramMechanism) -> Salting {
    Salting { mechanism, password: Password::new(PASSWORD), salt: SALT.to_vec(), iterations: ITERATIONS_MIN }
}

/// The user was named; with the broker's first message.
pub(super) fn said_user(mechanism: ScramMechanism) -> (Pair, Asked, SaslAuthenticateResponse) {
    let mut pair = Pair::greeted(scram(mechanism));
    let (bytes, asked) = pair.token();
    let first = ClientFirst::parse(&bytes).unwrap();
    assert_eq!((first.user.as_str(), first.gs2_header().as_str()), (USER, "n,,"));
    (pair, asked, said(server_first(&first).to_bytes()))
}

fn server_first(first: &ClientFirst) -> ServerFirst {
    let nonce = format!("{}and-the-brokers", first.nonce);
    ServerFirst { nonce, salt: SALT.to_vec(), iterations: ITERATIONS_MIN, extensions: Vec::new() }
}

/// The password is being salted; with the first message of each side.
pub(super) fn salting(mechanism: ScramMechanism) -> (Pair, ClientFirst, ServerFirst) {
    let mut pair = Pair::greeted(scram(mechanism));
    let (bytes, asked) = pair.token();
    let first = ClientFirst::parse(&bytes).unwrap();
    let salted = server_first(&first);
    pair.answer::<SaslAuthenticateRequest>(&asked, &said(salted.to_bytes()));
    match pair.event() {
        Some(Event::Wanted(Want::SaltedPassword(wanted))) => assert_eq!(wanted, job(mechanism)),
        other => panic!("{other:?}"),
    }
    (pair, first, salted)
}

/// The proof was sent; with the broker's signature.
pub(super) fn said_proof(mechanism: ScramMechanism) -> (Pair, Asked, SaslAuthenticateResponse) {
    let (mut pair, first, salted) = salting(mechanism);
    pair.provide(Provided::SaltedPassword(job(mechanism).run()));
    let (bytes, asked) = pair.token();
    let proven = ClientFinal::parse(&bytes).unwrap();
    assert_eq!((&proven.channel_binding[..], &proven.nonce), (&b"n,,"[..], &salted.nonce));
    let signature = signature(mechanism, &auth_message(&first, &salted, &proven));
    (pair, asked, said(ServerFinal::Verified { signature }.to_bytes()))
}

/// The broker's signature, without the client's code.
fn signature(mechanism: ScramMechanism, message: &str) -> Vec<u8> {
    fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut mac = <M as KeyInit>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    }
    let sign = match mechanism {
        ScramMechanism::Sha256 => mac::<Hmac<Sha256>>,
        ScramMechanism::Sha512 => mac::<Hmac<Sha512>>,
    };
    let mut salted = vec![0; mechanism.hash_bytes()];
    match mechanism {
        ScramMechanism::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(PASSWORD.as_bytes(), SALT, 4096, &mut salted),
        ScramMechanism::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(PASSWORD.as_bytes(), SALT, 4096, &mut salted),
    }
    sign(&sign(&salted, b"Server Key"), message.as_bytes())
}

fn authentication_error(mut pair: Pair) -> AuthenticationError {
    match pair.failure() {
        HandshakeError::Authentication(error) => *error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn plain_says_user_and_password_once_and_is_let_in_by_no_bytes() {
    let mut pair = Pair::greeted(plain());
    let (bytes, asked) = pair.token();
    assert_eq!(bytes, format!("\0{USER}\0{PASSWORD}"));
    pair.answer::<SaslAuthenticateRequest>(&asked, &said(Bytes::new()));
    assert!(matches!(pair.event(), Some(Event::Ready)));
}

#[test]
fn scram_is_let_in_by_a_broker_that_knows_the_password_with_both_hashes() {
    for mechanism in MECHANISMS {
        let (mut pair, asked, verified) = said_proof(mechanism);
        pair.answer::<SaslAuthenticateRequest>(&asked, &verified);
        assert!(matches!(pair.event(), Some(Event::Ready)), "{mechanism:?}");
    }
}

#[test]
fn a_token_is_let_in_by_no_bytes() {
    let mut pair = awaiting_token();
    pair.provide(bearer());
    let (bytes, asked) = pair.token();
    assert_eq!(bytes, format!("n,,\x01auth=Bearer {BEARER}\x01\x01"));
    pair.answer::<SaslAuthenticateRequest>(&asked, &said(Bytes::new()));
    assert!(matches!(pair.event(), Some(Event::Ready)));
}

#[test]
fn a_signed_token_is_made_of_credentials_and_its_refusal_tells_what_was_signed() {
    let (region, region_source) = Region::of_host(HOST).unwrap();
    let iam = MskIam { host: HOST.into(), region, region_source, user_agent: "ottla/test".into() };
    let mut pair = Pair::greeted(Sasl::MskIamToken(iam));
    assert!(matches!(pair.event(), Some(Event::Wanted(Want::Credentials))));
    pair.provide(Provided::Credentials(Ok(credentials())));
    let (bytes, asked) = pair.token();
    assert!(bytes.starts_with(b"n,,\x01auth=Bearer aHR0cHM6Ly9rYWZrYS51cy1lYXN0LTEuYW1hem9uYXdzLmNvb"), "{bytes:?}");
    pair.answer::<SaslAuthenticateRequest>(&asked, &refused(Some("[id-1]: Access denied")));
    let error = authentication_error(pair);
    assert_eq!((error.mechanism, error.refusal), ("OAUTHBEARER", Refusal::AccessDenied));
    let Claim::Signed(signed) = &error.claim else { panic!("{error:?}") };
    assert_eq!((signed.host.as_str(), signed.date.as_str()), ("kafka.us-east-1.amazonaws.com", "20260102T030405Z"));
    let shown = error.to_string();
    assert!(shown.contains("region us-east-1") && !shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
}

#[test]
fn each_mechanism_has_the_session_that_the_broker_says_from_before_its_last_message() {
    let mut plain = Pair::greeted(plain());
    let asked = plain.asked();
    for (mut pair, asked, last) in [
        (plain, asked, said(Bytes::new())),
        said_token(),
        said_proof(ScramMechanism::Sha256),
        said_proof(ScramMechanism::Sha512),
    ] {
        let asked_at = pair.now.mono;
        pair.wait(Duration::from_secs(2));
        pair.answer::<SaslAuthenticateRequest>(&asked, &last.with_session_lifetime_ms(60_000));
        assert!(matches!(pair.event(), Some(Event::Ready)));
        assert_eq!(pair.connection.session_expires(), Some(asked_at + Duration::from_secs(60)));
    }
}

#[test]
fn a_session_of_scram_is_not_counted_from_its_first_message() {
    let (mut pair, first, salted) = salting(ScramMechanism::Sha256);
    pair.wait(Duration::from_secs(5));
    pair.provide(Provided::SaltedPassword(job(ScramMechanism::Sha256).run()));
    let (bytes, asked) = pair.token();
    let message = auth_message(&first, &salted, &ClientFinal::parse(&bytes).unwrap());
    let signature = signature(ScramMechanism::Sha256, &message);
    let last = said(ServerFinal::Verified { signature }.to_bytes()).with_session_lifetime_ms(60_000);
    pair.answer::<SaslAuthenticateRequest>(&asked, &last);
    assert_eq!(pair.connection.session_expires(), Some(pair.now.mono + Duration::from_secs(60)));
}

#[test]
fn a_refusal_of_a_user_keeps_the_text_and_names_the_user_and_no_password() {
    let mut plain = Pair::greeted(plain());
    let asked = plain.asked();
    let of_plain = "Authentication failed: Invalid username or password";
    let (user, user_asked, _) = said_user(ScramMechanism::Sha256);
    let (proof, proof_asked, _) = said_proof(ScramMechanism::Sha512);
    let table = [
        (plain, asked, of_plain, "PLAIN"),
        (user, user_asked, INVALID, "SCRAM-SHA-256"),
        (proof, proof_asked, INVALID, "SCRAM-SHA-512"),
    ];
    for (mut pair, asked, text, mechanism) in table {
        pair.answer::<SaslAuthenticateRequest>(&asked, &refused(Some(text)));
        let error = authentication_error(pair);
        assert_eq!((error.mechanism, error.refusal), (mechanism, Refusal::InvalidCredentials));
        assert_eq!((error.text.as_deref(), error.claim.clone()), (Some(text), Claim::User(USER.into())));
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("the user \"ali,ce\"") && shown.contains("(2) the user"), "{shown}");
        assert!(!error.is_retriable() && !shown.contains(PASSWORD), "{shown}");
    }
}

#[test]
fn a_broker_may_refuse_within_the_messages_of_scram() {
    let (mut pair, asked, _) = said_proof(ScramMechanism::Sha256);
    pair.answer::<SaslAuthenticateRequest>(&asked, &said("e=invalid-proof"));
    let error = authentication_error(pair);
    assert_eq!((error.text.as_deref(), error.code), (Some("invalid-proof"), ErrorCode::NONE));
}

#[test]
fn a_refused_token_is_one_however_the_broker_says_it() {
    let (pair, asked, _) = said_token();
    let (seen_pair, seen_asked, _) = seen();
    let (quiet_pair, quiet_asked, _) = seen();
    let table = [
        (pair, asked, refused(Some(INVALID_TOKEN)), Some(INVALID_TOKEN), Refusal::InvalidToken),
        (seen_pair, seen_asked, refused(Some(INVALID_TOKEN)), Some(INVALID_TOKEN), Refusal::InvalidToken),
        // Without a text of its own, what was said before is told.
        (quiet_pair, quiet_asked, refused(None), Some(INVALID_TOKEN), Refusal::InvalidToken),
    ];
    for (mut pair, asked, answer, text, refusal) in table {
        pair.answer::<SaslAuthenticateRequest>(&asked, &answer);
        let error = authentication_error(pair);
        assert_eq!((error.text.as_deref(), error.refusal), (text, refusal));
        assert_eq!((error.mechanism, error.claim), ("OAUTHBEARER", Claim::Token { expiry: None }));
    }
}

#[test]
fn a_broker_that_refused_a_token_cannot_take_that_back() {
    for bytes in [&b""[..], b"welcome"] {
        let (mut pair, asked, _) = seen();
        pair.answer::<SaslAuthenticateRequest>(&asked, &said(Bytes::from_static(bytes)));
        let error = authentication_error(pair);
        assert_eq!((error.code, error.text.as_deref()), (ErrorCode::NONE, Some(INVALID_TOKEN)));
    }
}

#[test]
fn a_token_that_is_not_there_or_not_good_is_not_sent() {
    let mut pair = awaiting_token();
    pair.provide(Provided::Token(Err(TokenFailure::Unavailable(Arc::new(std::fmt::Error)))));
    let error = pair.failure();
    assert!(matches!(&error, HandshakeError::Token(TokenFailure::Unavailable(_))) && error.is_retriable());
    let mut pair = awaiting_token();
    let expired = OAuthBearerToken::new(BEARER).expires_at(pair.now.wall);
    pair.provide(Provided::Token(Ok(expired)));
    assert!(matches!(pair.failure(), HandshakeError::Token(TokenFailure::Expired { .. })));
    let mut pair = awaiting_token();
    pair.provide(Provided::Token(Ok(OAuthBearerToken::new("two words"))));
    let error = pair.failure();
    assert!(matches!(&error, HandshakeError::Token(TokenFailure::Unsayable(_))) && !error.is_retriable());
    assert!(pair.try_asked().is_none());
}

/// What is wrong with a broker that says this in place of its first message.
fn wrong_first(change: impl FnOnce(&mut ServerFirst)) -> ReplyError {
    let mut pair = Pair::greeted(scram(ScramMechanism::Sha256));
    let (bytes, asked) = pair.token();
    let mut first = server_first(&ClientFirst::parse(&bytes).unwrap());
    change(&mut first);
    pair.answer::<SaslAuthenticateRequest>(&asked, &said(first.to_bytes()));
    reply_error(pair)
}

fn reply_error(mut pair: Pair) -> ReplyError {
    let error = pair.failure();
    assert!(pair.try_asked().is_none(), "nothing more is said to it");
    match error {
        HandshakeError::Reply { source, .. } => source,
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_broker_that_is_none_has_its_own_error() {
    assert_eq!(wrong_first(|first| first.nonce = "mine".to_owned()), ReplyError::Nonce);
    assert_eq!(wrong_first(|first| first.nonce.insert(0, 'x')), ReplyError::Nonce);
    assert_eq!(wrong_first(|first| first.nonce.truncate(32)), ReplyError::Nonce);
    let (few, many) = (ITERATIONS_MIN - 1, ITERATIONS_MAX + 1);
    let too_few = ReplyError::TooFewIterations { iterations: few, min: ITERATIONS_MIN };
    assert_eq!(wrong_first(|first| first.iterations = few), too_few);
    let too_many = ReplyError::TooManyIterations { iterations: many, max: ITERATIONS_MAX };
    assert_eq!(wrong_first(|first| first.iterations = many), too_many);
    let answer = |(mut pair, asked, _): (Pair, Asked, _), bytes: &'static [u8]| {
        pair.answer::<SaslAuthenticateRequest>(&asked, &said(bytes));
        reply_error(pair)
    };
    for bytes in [&b""[..], b"\xff", b"v=AAAA", b"r=x,s=AAAA,i=4096,"] {
        assert!(matches!(answer(said_user(ScramMechanism::Sha256), bytes), ReplyError::Scram(_)), "{bytes:?}");
    }
    let proof = || said_proof(ScramMechanism::Sha256);
    assert_eq!(answer(proof(), b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="), ReplyError::Signature);
    assert_eq!(answer(proof(), b"v="), ReplyError::Signature);
    assert_eq!(answer(proof(), b""), ReplyError::Scram(ScramError::Missing("v")));
    let mut plain = Pair::greeted(plain());
    let asked = plain.asked();
    assert_eq!(answer((plain, asked, said("")), b"welcome"), ReplyError::NotEmpty { bytes: 7 });
}

#[test]
fn the_most_iterations_are_still_salted() {
    let mut pair = Pair::greeted(scram(ScramMechanism::Sha256));
    let (bytes, asked) = pair.token();
    let mut first = server_first(&ClientFirst::parse(&bytes).unwrap());
    first.iterations = ITERATIONS_MAX;
    pair.answer::<SaslAuthenticateRequest>(&asked, &said(first.to_bytes()));
    assert!(matches!(pair.event(), Some(Event::Wanted(Want::SaltedPassword(_)))));
}

#[test]
fn what_it_waits_for_is_told_when_the_time_is_over() {
    for (mut pair, step) in [(awaiting_token(), Step::Token), (salting(ScramMechanism::Sha256).0, Step::Salting)] {
        pair.wait(HANDSHAKE_TIMEOUT);
        pair.connection.handle_timeout(pair.now);
        assert!(matches!(pair.failure(), HandshakeError::Timeout { during, .. } if during == step));
    }
}

#[test]
fn no_state_shows_a_password_or_a_token() {
    let mut plain = Pair::greeted(plain());
    plain.asked();
    let pairs = [
        Pair::new(sasl_config(scram(ScramMechanism::Sha256))),
        plain,
        said_token().0,
        seen().0,
        said_user(ScramMechanism::Sha256).0,
        salting(ScramMechanism::Sha256).0,
        said_proof(ScramMechanism::Sha256).0,
    ];
    for pair in pairs {
        let shown = format!("{:?}", pair.connection);
        assert!(!shown.contains(PASSWORD) && !shown.contains(BEARER), "{shown}");
    }
}

#[test]
fn a_mechanism_says_who_logs_in() {
    assert_eq!(plain().to_string(), "PLAIN as \"ali,ce\"");
    assert_eq!(scram(ScramMechanism::Sha512).to_string(), "SCRAM-SHA-512 as \"ali,ce\"");
    assert_eq!(Sasl::OAuthBearer.to_string(), "OAUTHBEARER");
}

proptest! {
    // Each salts a password or two.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_broker_says_in_an_exchange_ends_it_or_goes_on(
        bytes in prop::collection::vec(any::<u8>(), 0..48), at in any::<prop::sample::Index>(), mechanism in 0_usize..5,
    ) {
        let (mut pair, asked, well) = match mechanism {
            0 => {
                let mut plain = Pair::greeted(plain());
                let asked = plain.asked();
                (plain, asked, said(Bytes::new()))
            }
            1 => said_token(),
            2 => seen(),
            3 => said_user(ScramMechanism::Sha256),
            _ => said_proof(ScramMechanism::Sha256),
        };
        let mut spoilt = well.auth_bytes.to_vec();
        let index = at.index(spoilt.len() + 1);
        spoilt.splice(index..index, bytes);
        let good = mechanism != 2 && spoilt == well.auth_bytes;
        pair.answer::<SaslAuthenticateRequest>(&asked, &said(spoilt));
        match pair.event() {
            Some(Event::Ready) => prop_assert!(good),
            Some(Event::Failed(_) | Event::Wanted(Want::SaltedPassword(_))) => {}
            // The refusal of a token is acknowledged first.
            None => prop_assert_eq!(mechanism, 1),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}
