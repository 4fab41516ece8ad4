//! Kafka's own bytes for the headers of requests and responses: read, written again, and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod golden;

use std::collections::BTreeSet;

use bytes::{Bytes, BytesMut};
use ottla_wire::ApiKey;
use ottla_wire::codec::DecodeError;
use ottla_wire::header::{RequestHeader, decode_response_header, encode_response_header};
use ottla_wire::schema::Direction;
use serde_json::Value;

/// What follows the header in a frame, and must be left there.
const BODY: &[u8] = b"body";

/// The headers of one direction: of every API at every version, without a tagged field and with one that no schema has.
fn lines(direction: Direction) -> Vec<Value> {
    let lines = golden::lines("request-headers.jsonl").filter(|line| golden::direction(line) == direction);
    let lines: Vec<Value> = lines.collect();
    let apis: BTreeSet<ApiKey> = lines.iter().map(golden::api).collect();
    assert!(apis.iter().eq(ApiKey::ALL), "only {apis:?}");
    lines
}

/// Those that we write too: a header of ours has no tagged field.
fn plain_lines(direction: Direction) -> impl Iterator<Item = Value> {
    lines(direction).into_iter().filter(|line| line["unknownTag"].is_null())
}

fn expected_request(line: &Value) -> RequestHeader {
    RequestHeader {
        api_key: golden::int(line, "apiKey"),
        api_version: golden::int(line, "apiVersion"),
        correlation_id: golden::int(line, "correlationId"),
        client_id: line["clientId"].as_str().map(str::to_owned),
    }
}

fn with_body(header: &Bytes) -> Bytes {
    [header, BODY].concat().into()
}

#[test]
fn a_request_header_of_kafka_is_read_up_to_the_body() {
    for line in lines(Direction::Request) {
        let mut frame = with_body(&golden::bytes(&line));
        let header = RequestHeader::decode(&mut frame).expect("a header");
        assert_eq!(header, expected_request(&line));
        assert_eq!(header.version(), golden::int::<i16>(&line, "headerVersion"), "{line}");
        assert_eq!(frame, BODY, "{line}");
    }
}

#[test]
fn a_request_header_is_written_as_kafka_writes_it() {
    for line in plain_lines(Direction::Request) {
        let mut out = BytesMut::new();
        expected_request(&line).encode(&mut out).expect("a header that can be written");
        assert_eq!(out, golden::bytes(&line), "{line}");
    }
}

#[test]
fn a_response_header_of_kafka_is_read_up_to_the_body() {
    for line in lines(Direction::Response) {
        let mut frame = with_body(&golden::bytes(&line));
        let correlation_id = decode_response_header(golden::api(&line), golden::int(&line, "apiVersion"), &mut frame);
        assert_eq!(correlation_id, Ok(golden::int(&line, "correlationId")), "{line}");
        assert_eq!(frame, BODY, "{line}");
    }
}

#[test]
fn a_response_header_is_written_as_kafka_writes_it() {
    for line in plain_lines(Direction::Response) {
        let mut out = BytesMut::new();
        let [version, correlation_id] = ["apiVersion", "correlationId"].map(|field| golden::int::<i32>(&line, field));
        encode_response_header(golden::api(&line), version.try_into().expect("a version"), correlation_id, &mut out);
        assert_eq!(out, golden::bytes(&line), "{line}");
    }
}

#[test]
fn a_header_that_is_cut_anywhere_is_cut() {
    for line in lines(Direction::Request) {
        let whole = golden::bytes(&line);
        for length in 0..whole.len() {
            let cut = RequestHeader::decode(&mut whole.slice(..length));
            assert_eq!(cut, Err(DecodeError::Cut), "{line}, cut to {length} bytes");
        }
    }
    for line in lines(Direction::Response) {
        let whole = golden::bytes(&line);
        let (api, version) = (golden::api(&line), golden::int(&line, "apiVersion"));
        for length in 0..whole.len() {
            let cut = decode_response_header(api, version, &mut whole.slice(..length));
            assert_eq!(cut, Err(DecodeError::Cut), "{line}, cut to {length} bytes");
        }
    }
}
