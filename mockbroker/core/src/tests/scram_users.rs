//! The users of SCRAM, described and altered by clients (KIP-554).

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_user_scram_credentials_request::{ScramCredentialDeletion, ScramCredentialUpsertion};
use ottla_wire::message::describe_user_scram_credentials_request::UserName;
use ottla_wire::message::{AlterUserScramCredentialsRequest, DescribeUserScramCredentialsRequest, StrBytes};

use super::*;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn upsertion(name: &str, mechanism: i8, iterations: i32) -> ScramCredentialUpsertion {
    ScramCredentialUpsertion::default()
        .with_name(text(name))
        .with_mechanism(mechanism)
        .with_iterations(iterations)
        .with_salt(Bytes::from_static(b"salt"))
        .with_salted_password(Bytes::from_static(&[7; 32]))
}

fn deletion(name: &str, mechanism: i8) -> ScramCredentialDeletion {
    ScramCredentialDeletion::default().with_name(text(name)).with_mechanism(mechanism)
}

fn alter(
    bench: &mut Bench,
    deletions: Vec<ScramCredentialDeletion>,
    upsertions: Vec<ScramCredentialUpsertion>,
) -> Vec<(String, ErrorCode)> {
    let conn = bench.connect(1);
    let request = AlterUserScramCredentialsRequest::default().with_deletions(deletions).with_upsertions(upsertions);
    let answer = bench.ask(conn, 0, &request);
    answer.results.iter().map(|result| (result.user.to_string(), ErrorCode(result.error_code))).collect()
}

/// A user with its code, and the mechanism and iterations of each of its credentials.
type Described = (String, ErrorCode, Vec<(i8, i32)>);

fn describe(bench: &mut Bench, names: Option<&[&str]>) -> Vec<Described> {
    let conn = bench.connect(1);
    let users = names.map(|names| names.iter().map(|name| UserName::default().with_name(text(name))).collect());
    let answer = bench.ask(conn, 0, &DescribeUserScramCredentialsRequest::default().with_users(users));
    let credentials = answer.results.iter().map(|result| {
        let infos = result.credential_infos.iter().map(|info| (info.mechanism, info.iterations)).collect();
        (result.user.to_string(), ErrorCode(result.error_code), infos)
    });
    credentials.collect()
}

#[test]
fn credentials_are_set_told_and_deleted() {
    let mut bench = Bench::new();
    let own = |code| vec![("alice".to_owned(), code)];
    assert_eq!(alter(&mut bench, vec![], vec![upsertion("alice", 1, 4096)]), own(ErrorCode::NONE));
    assert_eq!(alter(&mut bench, vec![], vec![upsertion("alice", 2, 16_384)]), own(ErrorCode::NONE));
    let told = [("alice".to_owned(), ErrorCode::NONE, vec![(1, 4096), (2, 16_384)])];
    assert_eq!(describe(&mut bench, None), told);
    assert_eq!(describe(&mut bench, Some(&[])), told);
    assert_eq!(alter(&mut bench, vec![deletion("alice", 1)], vec![]), own(ErrorCode::NONE));
    assert_eq!(alter(&mut bench, vec![deletion("alice", 1)], vec![]), own(ErrorCode::RESOURCE_NOT_FOUND));
    let names = describe(&mut bench, Some(&["alice", "bob", "bob", "carol"]));
    let codes: Vec<_> = names.iter().map(|(name, code, _)| (name.as_str(), *code)).collect();
    let expected =
        [("alice", ErrorCode::NONE), ("bob", ErrorCode::DUPLICATE_RESOURCE), ("carol", ErrorCode::RESOURCE_NOT_FOUND)];
    assert_eq!(codes, expected);
}

#[test]
fn each_user_fails_alone() {
    let mut bench = Bench::new();
    let upsertions = vec![
        upsertion("few", 1, 4095),
        upsertion("good", 1, 4096),
        upsertion("many", 1, 16_385),
        upsertion("none", 3, 4096),
        upsertion("twice", 1, 4096),
        upsertion("twice", 2, 4096),
        upsertion("", 1, 4096),
    ];
    let expected = [
        ("", ErrorCode::UNACCEPTABLE_CREDENTIAL),
        ("few", ErrorCode::UNACCEPTABLE_CREDENTIAL),
        ("good", ErrorCode::NONE),
        ("many", ErrorCode::UNACCEPTABLE_CREDENTIAL),
        ("none", ErrorCode::UNSUPPORTED_SASL_MECHANISM),
        ("twice", ErrorCode::DUPLICATE_RESOURCE),
    ];
    assert_eq!(alter(&mut bench, vec![], upsertions), expected.map(|(name, code)| (name.to_owned(), code)));
    let names: Vec<_> = describe(&mut bench, None).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["good"]);
}
