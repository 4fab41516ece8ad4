//! Signatures of `AWS_MSK_IAM` that other implementations agree on, held against both sides.
//!
//! The vectors stand in `vectors/iam-vectors.json`; `OTTLA_IAM_VECTORS=file` runs others of the same form in their place. Region, keys and time are
//! those that each vector names. The broker's half comes first; the client's comes to the same payload from the vector's `input`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use ottla_core::iam;
use ottla_core::region::Region;
use ottla_mockbroker_core::iam::{Identities, Identity, Refusal, Scope, Verified};
use ottla_mockbroker_core::iam::{canonical_request, signing_key, string_to_sign, verify};
use ottla_wire::sasl::base64;
use ottla_wire::sasl::iam::{AWS_MSK_IAM, IamPayload, SERVICE};
use serde_json::Value;

const OWN_VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/iam-vectors.json");

fn vectors() -> Value {
    let file = std::env::var("OTTLA_IAM_VECTORS").unwrap_or_else(|_| OWN_VECTORS.to_owned());
    let text = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let vectors: Value = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(text_of(&vectors, "mechanism"), AWS_MSK_IAM, "{file}");
    assert_eq!(text_of(&vectors, "service"), SERVICE, "{file}");
    vectors
}

fn list<'a>(vectors: &'a Value, name: &str) -> &'a [Value] {
    let list = vectors[name].as_array().unwrap_or_else(|| panic!("no list {name}"));
    assert!(!list.is_empty(), "{name} has no vector");
    list
}

fn text_of<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap_or_else(|| panic!("no text {key} in {vector}"))
}

fn time_of(vector: &Value, key: &str) -> SystemTime {
    let seconds = vector[key].as_u64().unwrap_or_else(|| panic!("no time {key} in {vector}"));
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The payload's JSON as a client sends it.
fn auth_bytes(payload: &Value) -> Vec<u8> {
    serde_json::to_vec(payload).unwrap()
}

/// Asks a broker whose account knows the keys of `input`, and whose cluster is in the region of `input`.
fn asked(input: &Value, payload: &Value, now: SystemTime) -> Result<Verified, Refusal> {
    let mut identity =
        Identity::new("vector").keys(text_of(input, "access_key_id"), text_of(input, "secret_access_key"));
    if let Some(token) = input["session_token"].as_str() {
        identity = identity.session_token(token);
    }
    let mut account = Identities::new(0);
    account.add(identity).unwrap();
    verify(&auth_bytes(payload), text_of(input, "region"), now, &account)
}

/// The input of the first vector that is signed with the access key of `payload`.
fn input_of_same_key<'a>(vectors: &'a Value, payload: &Value) -> &'a Value {
    let (access_key_id, _) = text_of(payload, "x-amz-credential").split_once('/').unwrap();
    let mut inputs = list(vectors, "vectors").iter().map(|vector| &vector["input"]);
    inputs.find(|input| input["access_key_id"] == access_key_id).unwrap_or_else(|| panic!("no key {access_key_id}"))
}

#[test]
fn the_broker_lets_every_vector_in_as_of_its_own_time() {
    for vector in list(&vectors(), "vectors") {
        let input = &vector["input"];
        let verified = asked(input, &vector["expected_payload"], time_of(input, "unix_time"));
        let verified = verified.unwrap_or_else(|refusal| panic!("{}: {refusal}", text_of(vector, "name")));
        assert_eq!(verified.access_key_id, text_of(input, "access_key_id"));
        assert_eq!(verified.host, text_of(input, "host"));
    }
}

#[test]
fn the_broker_signs_the_same_text_with_the_same_key() {
    for vector in list(&vectors(), "vectors") {
        let name = text_of(vector, "name");
        let payload = IamPayload::parse(&auth_bytes(&vector["expected_payload"])).unwrap();
        let (_, scope) = Scope::of_credential(&payload.credential).unwrap();
        let key = signing_key(text_of(&vector["input"], "secret_access_key"), &scope);
        let key_hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(canonical_request(&payload), text_of(vector, "canonical_request"), "{name}");
        assert_eq!(string_to_sign(&payload, &scope), text_of(vector, "string_to_sign"), "{name}");
        assert_eq!(key_hex, text_of(vector, "signing_key_hex"), "{name}");
    }
}

#[test]
fn the_broker_gives_the_reason_that_each_negative_vector_names() {
    let vectors = vectors();
    for vector in list(&vectors, "negative") {
        let payload = &vector["payload"];
        let seen = asked(input_of_same_key(&vectors, payload), payload, time_of(vector, "broker_now_unix"));
        let reason = seen.as_ref().map_or_else(ToString::to_string, |_| "OK".to_owned());
        assert_eq!(reason, text_of(vector, "reference_verifier_result"), "{}", text_of(vector, "name"));
        assert_eq!(Some(seen.is_ok()), vector["must_verify"].as_bool(), "{}", text_of(vector, "name"));
    }
}

#[test]
fn a_payload_is_written_as_the_vectors_write_it() {
    for vector in list(&vectors(), "vectors") {
        let payload = IamPayload::parse(&auth_bytes(&vector["expected_payload"])).unwrap();
        let written: Value = serde_json::from_slice(&payload.to_json()).unwrap();
        assert_eq!(written, vector["expected_payload"], "{}", text_of(vector, "name"));
    }
}

/// Credentials that end when the vector says that the payload does, but for a fraction of a second.
fn credentials_of(input: &Value) -> Credentials {
    let life = Duration::from_secs(input["expires"].as_u64().unwrap()) + Duration::from_millis(900);
    Credentials::new(
        text_of(input, "access_key_id"),
        text_of(input, "secret_access_key"),
        input["session_token"].as_str().map(str::to_owned),
        Some(time_of(input, "unix_time") + life),
        "vector",
    )
}

/// What the client signs for `input`.
fn signed(input: &Value) -> IamPayload {
    let now = time_of(input, "unix_time");
    let region = Region::new(text_of(input, "region")).unwrap();
    iam::sign(&credentials_of(input), text_of(input, "host"), &region, text_of(input, "user_agent"), now).unwrap()
}

#[test]
fn the_client_signs_every_vector_as_the_other_implementations_do() {
    for vector in list(&vectors(), "vectors") {
        let payload = signed(&vector["input"]);
        let written: Value = serde_json::from_slice(&payload.to_json()).unwrap();
        assert_eq!(payload.signature, text_of(vector, "signature"), "{}", text_of(vector, "name"));
        assert_eq!(written, vector["expected_payload"], "{}", text_of(vector, "name"));
    }
}

#[test]
fn the_client_reads_the_region_of_every_vector_from_its_host() {
    for vector in list(&vectors(), "vectors") {
        let (region, _) = Region::of_host(text_of(&vector["input"], "host")).unwrap();
        assert_eq!(region.as_str(), text_of(&vector["input"], "region"), "{}", text_of(vector, "name"));
    }
}

#[test]
fn the_client_signs_the_token_of_every_vector_as_the_official_signers_do() {
    for vector in list(&vectors(), "vectors") {
        let (input, expected, name) = (&vector["input"], &vector["oauthbearer"], text_of(vector, "name"));
        let region = Region::new(text_of(input, "region")).unwrap();
        let now = time_of(input, "unix_time");
        let signed = iam::sign_token(&credentials_of(input), &region, text_of(input, "user_agent"), now).unwrap();
        assert_eq!(signed.host, text_of(expected, "endpoint_host"), "{name}");
        let lifetime = Duration::from_millis(expected["lifetime_ms"].as_u64().unwrap());
        assert_eq!(signed.token.expiry(), Some(UNIX_EPOCH + lifetime), "{name}");
        let address = String::from_utf8(base64::decode_url(signed.token.value()).unwrap()).unwrap();
        let query = address.strip_prefix(&format!("https://{}/?", signed.host)).unwrap();
        // Sorted, and without what is not signed, the query is the one of the canonical request.
        let mut parts: Vec<_> = query.split('&').collect();
        parts.sort_unstable();
        let (unsigned, canonical): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| part.starts_with("User-Agent=") || part.starts_with("X-Amz-Signature="));
        let signature = unsigned.iter().find_map(|part| part.strip_prefix("X-Amz-Signature=")).unwrap();
        assert_eq!(Some(canonical.join("&").as_str()), text_of(expected, "canonical_request").lines().nth(2), "{name}");
        assert_eq!(signature, text_of(expected, "signature"), "{name}");
        assert!(unsigned.iter().any(|part| part.starts_with("User-Agent=")), "{name}");
    }
}
