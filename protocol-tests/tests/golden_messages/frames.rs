//! Captured frames: a header and what Kafka wrote after it is told apart from every other message, with and without the length in front.

use bytes::{Bytes, BytesMut};
use ottla_wire::ApiKey;
use ottla_wire::decode_any::{DecodeAnyError, Decoded, Header, Reading, decode_any, decode_response};
use ottla_wire::frame;
use ottla_wire::header::{RequestHeader, encode_response_header};
use ottla_wire::schema::Direction;
use ottla_wire::schema::json::{self, View};

use crate::vectors::{self, Vector};

/// The number that the headers have.
const CORRELATION_ID: i32 = 0x0102_0304;

#[test]
fn a_frame_of_every_request_says_what_it_is() {
    for vector in vectors::all().iter().filter(|vector| vector.kind == "request") {
        let header = RequestHeader {
            api_key: vector.api_key,
            api_version: vector.version,
            correlation_id: CORRELATION_ID,
            client_id: Some("golden".to_owned()),
        };
        let mut bytes = BytesMut::new();
        header.encode(&mut bytes).unwrap();
        for frame in frames(bytes, vector) {
            let decoded = decode_any(&frame, &View::default());
            holds(vector, Direction::Request, &Header::Request(header.clone()), decoded);
        }
    }
}

#[test]
fn a_frame_of_every_response_is_read_by_who_knows_what_was_asked() {
    for vector in vectors::all().iter().filter(|vector| vector.kind == "response") {
        let api = ApiKey::try_from(vector.api_key).unwrap();
        let mut bytes = BytesMut::new();
        encode_response_header(api, vector.version, CORRELATION_ID, &mut bytes);
        for frame in frames(bytes, vector) {
            let decoded = decode_response(api, vector.version, &frame, &View::default());
            holds(vector, Direction::Response, &Header::Response { correlation_id: CORRELATION_ID }, decoded);
        }
    }
}

/// Holds what a frame was read as to the message that is in it.
fn holds(vector: &Vector, direction: Direction, header: &Header, decoded: Result<Decoded, DecodeAnyError>) {
    let decoded = decoded.unwrap_or_else(|refusal| panic!("{vector}: {refusal}"));
    let api = ApiKey::try_from(vector.api_key).unwrap();
    assert_eq!(decoded.reading, Reading { api, direction, version: vector.version }, "{vector}");
    assert_eq!(&decoded.header, header, "{vector}");
    assert_eq!(decoded.others, [], "{vector}");
    let body = json::decode(vector.message(), vector.version, &vector.bytes, &View::default());
    assert_eq!(Ok(decoded.body), body, "{vector}");
}

/// The header and the message, with and without their length in front.
fn frames(header: BytesMut, vector: &Vector) -> [Bytes; 2] {
    let bare = [&header, &vector.bytes[..]].concat();
    let length = frame::length_prefix(bare.len()).unwrap();
    [[&length, &bare[..]].concat().into(), bare.into()]
}
