//! Kafka's own bytes for the messages of the main path: read, written again, and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod golden;

use std::collections::BTreeSet;

use bytes::Bytes;
use ottla_wire::api::{self, ApiKey, VersionRange};
use ottla_wire::codec::{self, DecodeError};
use ottla_wire::message::*;
use ottla_wire::schema::{self, Direction};

/// What the codec does with the bytes of one API's messages.
struct Coded {
    api: ApiKey,
    versions: VersionRange,
    request_again: fn(i16, Bytes) -> Result<Bytes, DecodeError>,
    response_again: fn(i16, Bytes) -> Result<Bytes, DecodeError>,
}

impl Coded {
    fn of<R: Request>() -> Self {
        Self {
            api: api::key_of::<R>().expect("an API of the broker listener"),
            versions: api::codable::<R>(),
            request_again: |version, body| {
                let request = codec::decode_request::<R>(version, body)?;
                Ok(codec::encode_request(version, &request).expect("what was read can be written"))
            },
            response_again: |version, body| {
                let response = codec::decode_response::<R>(version, body)?;
                Ok(codec::encode_response::<R>(version, &response).expect("what was read can be written"))
            },
        }
    }

    fn again(&self, vector: &Vector) -> Result<Bytes, DecodeError> {
        match vector.direction {
            Direction::Request => (self.request_again)(vector.version, vector.bytes.clone()),
            Direction::Response => (self.response_again)(vector.version, vector.bytes.clone()),
        }
    }
}

fn all_coded() -> Vec<Coded> {
    vec![
        Coded::of::<ProduceRequest>(),
        Coded::of::<FetchRequest>(),
        Coded::of::<ListOffsetsRequest>(),
        Coded::of::<MetadataRequest>(),
        Coded::of::<FindCoordinatorRequest>(),
        Coded::of::<SaslHandshakeRequest>(),
        Coded::of::<ApiVersionsRequest>(),
        Coded::of::<CreateTopicsRequest>(),
        Coded::of::<DeleteTopicsRequest>(),
        Coded::of::<InitProducerIdRequest>(),
        Coded::of::<DescribeConfigsRequest>(),
        Coded::of::<SaslAuthenticateRequest>(),
        Coded::of::<DescribeClusterRequest>(),
    ]
}

/// One line of the golden file.
struct Vector {
    api: ApiKey,
    direction: Direction,
    version: i16,
    bytes: Bytes,
    /// What to call it when it fails.
    name: String,
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = golden::lines("messages.jsonl")
        .map(|line| Vector {
            api: golden::api(&line),
            direction: golden::direction(&line),
            version: golden::int(&line, "version"),
            bytes: golden::bytes(&line),
            name: format!("{} v{} {}", line["type"], line["version"], line["shape"]),
        })
        .collect();
    assert!(!vectors.is_empty());
    vectors
}

fn coded<'a>(all: &'a [Coded], vector: &Vector) -> &'a Coded {
    all.iter().find(|coded| coded.api == vector.api).unwrap_or_else(|| panic!("{} is not in the table", vector.name))
}

#[test]
fn what_kafka_wrote_is_read_and_written_again_byte_for_byte() {
    let all = all_coded();
    for vector in vectors() {
        let again = coded(&all, &vector).again(&vector);
        assert_eq!(again.as_ref(), Ok(&vector.bytes), "{}", vector.name);
    }
}

#[test]
fn the_walk_lets_everything_pass_that_kafka_wrote() {
    for vector in vectors() {
        let walked = schema::preflight(vector.api, vector.direction, vector.version, &vector.bytes);
        assert_eq!(walked, Ok(()), "{}", vector.name);
    }
}

#[test]
fn a_message_without_its_last_byte_is_refused() {
    let all = all_coded();
    for mut vector in vectors() {
        // A request of ApiVersions has no bytes at all before version 3.
        let Some(last) = vector.bytes.len().checked_sub(1) else { continue };
        vector.bytes.truncate(last);
        let again = coded(&all, &vector).again(&vector);
        assert!(again.is_err(), "{} was read as {again:?}", vector.name);
    }
}

#[test]
fn a_message_with_a_byte_too_many_is_refused() {
    let all = all_coded();
    for mut vector in vectors() {
        vector.bytes = [&vector.bytes[..], &[0]].concat().into();
        let again = coded(&all, &vector).again(&vector);
        assert!(again.is_err(), "{} was read as {again:?}", vector.name);
    }
}

#[test]
fn there_are_vectors_for_every_version_that_can_be_coded() {
    let seen: BTreeSet<(ApiKey, bool, i16)> =
        vectors().iter().map(|vector| (vector.api, vector.direction == Direction::Request, vector.version)).collect();
    let mut coded = BTreeSet::new();
    for Coded { api, versions, .. } in all_coded() {
        for version in versions.min..=versions.max {
            coded.extend([(api, true, version), (api, false, version)]);
        }
    }
    assert_eq!(seen, coded);
}
