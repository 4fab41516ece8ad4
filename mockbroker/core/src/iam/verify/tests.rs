#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

use proptest::prelude::*;

use super::*;
use crate::iam::Identity;
use crate::iam::testing::{date, payload, sign};

const HOST: &str = "b-1.demo.abc123.c2.kafka.us-east-1.amazonaws.com";
const REGION: &str = "us-east-1";

type Change = fn(&mut IamPayload);

fn account() -> Identities {
    let mut account = Identities::new(1);
    let ends = date() + Duration::from_secs(3600);
    account.add(Identity::new("app")).unwrap();
    account.add(Identity::new("job").role_session("run-1").expires(ends)).unwrap();
    account
}

/// Changes a payload of `name`, signs it, and asks the broker `after` its date.
fn asked(name: &str, after: Duration, change: impl FnOnce(&mut IamPayload)) -> Result<Verified, Refusal> {
    let account = account();
    let credentials = account.named(name).unwrap().credentials();
    let mut payload = payload(credentials, HOST, REGION);
    change(&mut payload);
    let payload = sign(payload, credentials.secret_access_key());
    verify(&payload.to_json(), REGION, date() + after, &account)
}

fn refused(change: impl FnOnce(&mut IamPayload)) -> Refusal {
    asked("app", Duration::ZERO, change).unwrap_err()
}

#[test]
fn an_identity_that_signs_comes_in_as_its_principal() {
    let user = asked("app", Duration::ZERO, |_| {}).unwrap();
    assert_eq!(user.principal, "arn:aws:iam::123456789012:user/app");
    assert_eq!((user.identity.as_str(), user.host.as_str(), user.expires), ("app", HOST, None));
    let role = asked("job", Duration::ZERO, |_| {}).unwrap();
    assert_eq!(role.principal, "arn:aws:sts::123456789012:assumed-role/job/run-1");
    assert_eq!(role.expires, Some(date() + Duration::from_secs(3600)));
}

#[test]
fn any_host_is_good_as_long_as_it_is_the_one_that_was_signed() {
    let seen = asked("app", Duration::ZERO, |payload| payload.host = "Kafka.Example".to_owned()).unwrap();
    assert_eq!(seen.host, "Kafka.Example");
}

#[test]
fn a_wrong_secret_is_a_wrong_signature() {
    let account = account();
    let payload = sign(payload(account.named("app").unwrap().credentials(), HOST, REGION), "another secret");
    assert_eq!(verify(&payload.to_json(), REGION, date(), &account), Err(Refusal::Signature));
}

#[test]
fn every_signed_key_that_is_changed_after_signing_is_a_refusal() {
    let account = account();
    let credentials = account.named("job").unwrap().credentials();
    let signed = sign(payload(credentials, HOST, REGION), credentials.secret_access_key());
    let changes: [Change; 6] = [
        |payload| payload.host.push('x'),
        |payload| payload.date = "20260102T030406Z".to_owned(),
        |payload| payload.expires = "899".to_owned(),
        |payload| payload.security_token = None,
        |payload| payload.credential = payload.credential.replace("us-east-1", "us-east-2"),
        |payload| payload.signature = payload.signature.to_uppercase(),
    ];
    for change in changes {
        let mut changed = signed.clone();
        change(&mut changed);
        assert_eq!(verify(&changed.to_json(), REGION, date(), &account), Err(Refusal::Signature), "{changed:?}");
    }
}

#[test]
fn a_value_that_may_be_only_one_thing_is_named_when_it_is_another() {
    let changes: [(Change, &str); 8] = [
        (|payload| payload.host.clear(), "host"),
        (|payload| payload.algorithm = "AWS4-ECDSA-P256-SHA256".to_owned(), "x-amz-algorithm"),
        (|payload| payload.signed_headers = "host;x-amz-date".to_owned(), "x-amz-signedheaders"),
        (|payload| payload.credential = "AKIA".to_owned(), "x-amz-credential"),
        (|payload| payload.credential.insert_str(0, &"A".repeat(CREDENTIAL_BYTES_MAX)), "x-amz-credential"),
        (|payload| payload.date = "20260102".to_owned(), "x-amz-date"),
        (|payload| payload.expires = "+900".to_owned(), "x-amz-expires"),
        (|payload| payload.expires = "0".to_owned(), "x-amz-expires"),
    ];
    for (change, key) in changes {
        assert_eq!(refused(change), Refusal::Malformed(key));
    }
}

#[test]
fn a_right_signature_for_something_else_is_refused_by_what_it_is_for() {
    assert_eq!(refused(|payload| payload.action = "kafka-cluster:*".to_owned()), Refusal::Action);
    let region = refused(|payload| payload.credential = payload.credential.replace("us-east-1", "eu-west-1"));
    assert_eq!(region.to_string(), "region eu-west-1, and the cluster is in us-east-1");
    for (from, to) in [("20260102", "20260103"), ("kafka-cluster", "kafka"), ("aws4_request", "aws4")] {
        let scope = refused(|payload| payload.credential = payload.credential.replace(from, to));
        assert!(matches!(scope, Refusal::Scope { .. }), "{scope}");
    }
}

#[test]
fn a_payload_is_good_until_its_last_second_and_from_a_skew_before_its_date() {
    let account = account();
    let credentials = account.named("app").unwrap().credentials();
    let bytes = sign(payload(credentials, HOST, REGION), credentials.secret_access_key()).to_json();
    let at = |now| verify(&bytes, REGION, now, &account).map(|_| ());
    let (last, instant) = (date() + Duration::from_secs(900), Duration::from_nanos(1));
    assert_eq!(at(last), Ok(()));
    assert_eq!(at(last + instant), Err(Refusal::Expired));
    assert_eq!(at(date() - CLOCK_SKEW_MAX), Ok(()));
    let ahead = CLOCK_SKEW_MAX + instant;
    assert_eq!(at(date() - ahead), Err(Refusal::NotYet { ahead }));
}

#[test]
fn a_payload_may_not_say_that_it_is_good_for_longer_than_900_seconds() {
    assert_eq!(refused(|payload| payload.expires = "901".to_owned()), Refusal::ExpiresTooLate(901));
}

#[test]
fn an_unknown_access_key_is_named() {
    let unknown = refused(|payload| payload.credential = payload.credential.replace("AKIA", "AKIB"));
    assert!(matches!(&unknown, Refusal::UnknownAccessKey(id) if id.starts_with("AKIB")), "{unknown}");
}

#[test]
fn the_session_token_must_be_the_one_of_the_access_key() {
    for token in [None, Some("other".to_owned())] {
        let seen = asked("job", Duration::ZERO, |payload| payload.security_token = token);
        assert_eq!(seen, Err(Refusal::SessionToken));
    }
    assert_eq!(refused(|payload| payload.security_token = Some("token".to_owned())), Refusal::SessionToken);
}

#[test]
fn credentials_that_have_ended_or_are_about_to_open_no_session() {
    let in_time = |after: Duration| {
        asked("job", after, |payload| {
            payload.date = "20260102T040400Z".to_owned();
        })
        .map(|_| ())
    };
    let hour = Duration::from_secs(3600);
    assert_eq!(in_time(hour - SESSION_MIN), Ok(()));
    let rest = SESSION_MIN - Duration::from_millis(1);
    assert_eq!(in_time(hour - rest), Err(Refusal::SessionTooShort { rest }));
    assert_eq!(in_time(hour), Err(Refusal::CredentialsExpired));
    assert_eq!(in_time(hour + Duration::from_secs(1)), Err(Refusal::CredentialsExpired));
}

#[test]
fn a_client_is_told_what_msk_tells_it_and_not_the_reason() {
    assert_eq!(Refusal::Signature.answer(), "Access denied");
    assert_eq!(Refusal::SessionTooShort { rest: Duration::ZERO }.answer(), "Session too short");
}

proptest! {
    #[test]
    fn hostile_values_never_panic_and_never_come_in(
        [host, credential, date_text, expires, signature] in prop::array::uniform5(".*"),
        of_known_key in any::<bool>(),
    ) {
        let account = account();
        let mut hostile = payload(account.named("app").unwrap().credentials(), &host, REGION);
        if of_known_key {
            hostile.signature = signature;
        } else {
            hostile = IamPayload { credential, date: date_text, expires, signature, ..hostile };
        }
        prop_assert!(verify(&hostile.to_json(), REGION, date(), &account).is_err());
    }
}
