//! Kafka's own bytes for the headers of requests and responses: read, written again, and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod golden;

use bytes::{Bytes, BytesMut};
use ottla_wire::header::{RequestHeader, decode_response_header, encode_response_header};
use ottla_wire::schema::Direction;
use serde_json::Value;

/// What follows the header in a frame, and must be left there.
const BODY: &[u8] = b"body";

fn lines(direction: Direction) -> Vec<Value> {
    let lines: Vec<Value> =
        golden::lines("request-headers.jsonl").filter(|line| golden::direction(line) == direction).collect();
    assert!(!lines.is_empty());
    lines
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
    for line in lines(Direction::Request) {
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
    for line in lines(Direction::Response) {
        let mut out = BytesMut::new();
        let [version, correlation_id] = ["apiVersion", "correlationId"].map(|field| golden::int::<i32>(&line, field));
        encode_response_header(golden::api(&line), version.try_into().expect("a version"), correlation_id, &mut out);
        assert_eq!(out, golden::bytes(&line), "{line}");
    }
}

#[test]
fn a_header_without_its_last_byte_is_refused() {
    for line in lines(Direction::Request) {
        let mut bytes = golden::bytes(&line);
        bytes.truncate(bytes.len() - 1);
        assert!(RequestHeader::decode(&mut bytes).is_err(), "{line}");
    }
    for line in lines(Direction::Response) {
        let mut bytes = golden::bytes(&line);
        bytes.truncate(bytes.len() - 1);
        assert!(
            decode_response_header(golden::api(&line), golden::int(&line, "apiVersion"), &mut bytes).is_err(),
            "{line}"
        );
    }
}
