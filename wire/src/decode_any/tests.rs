//! Rules of reading whatever was captured.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::BytesMut;
use serde_json::json;

use super::*;
use crate::frame::length_prefix;
use crate::header::encode_response_header;
use crate::schema::sample::{self, Choices, Random};

fn both(api: ApiKey) -> [(Direction, &'static schema::Message); 2] {
    [Direction::Request, Direction::Response].map(|direction| (direction, schema::layout(api, direction)))
}

/// Runs `rule` with a frame of every message at every version.
fn at_every_version(mut rule: impl FnMut(Reading, Header, BytesMut)) {
    for api in ApiKey::ALL {
        for (direction, message) in both(*api) {
            for version in message.versions.min..=message.versions.max {
                let body = sample::body(message, version, &mut Random(7));
                let (header, frame) = frame(*api, direction, version, &body);
                rule(Reading { api: *api, direction, version }, header, frame);
            }
        }
    }
}

/// A frame without its length.
fn frame(api: ApiKey, direction: Direction, version: i16, body: &[u8]) -> (Header, BytesMut) {
    let mut frame = BytesMut::new();
    let header = match direction {
        Direction::Request => {
            let (api_key, client_id) = (api.key(), Some("app".to_owned()));
            let header = RequestHeader { api_key, api_version: version, correlation_id: 7, client_id };
            header.encode(&mut frame).unwrap();
            Header::Request(header)
        }
        Direction::Response => {
            encode_response_header(api, version, 7, &mut frame);
            Header::Response { correlation_id: 7 }
        }
    };
    frame.extend_from_slice(body);
    (header, frame)
}

fn with_length(frame: &[u8]) -> Vec<u8> {
    [&length_prefix(frame.len()).unwrap()[..], frame].concat()
}

#[test]
fn a_request_is_read_with_its_length_and_without() {
    at_every_version(|reading, header, frame| {
        if reading.direction == Direction::Response {
            return;
        }
        let decoded = decode_any(&frame, &View::default()).unwrap_or_else(|error| panic!("{reading}: {error}"));
        assert_eq!((decoded.reading, &decoded.header), (reading, &header));
        assert!(decoded.others.is_empty());
        assert_eq!(decode_any(&with_length(&frame), &View::default()).as_ref(), Ok(&decoded), "{reading}");
        assert_eq!(decode_request(&with_length(&frame), &View::default()), Ok(decoded), "{reading}");
    });
}

#[test]
fn a_response_is_read_as_what_was_asked() {
    at_every_version(|reading, header, frame| {
        if reading.direction == Direction::Request {
            return;
        }
        let decoded = decode_response(reading.api, reading.version, &with_length(&frame), &View::default()).unwrap();
        assert_eq!((decoded.reading, decoded.header), (reading, header));
    });
}

#[test]
fn a_response_is_among_its_likely_readings_and_a_long_one_mostly_the_first() {
    let (mut long, mut first) = (0, 0);
    at_every_version(|reading, _, frame| {
        // Bodies of no more than two numbers fit half of all layouts.
        if reading.direction == Direction::Request || frame.len() < 16 {
            return;
        }
        let decoded = decode_any(&with_length(&frame), &View::default()).unwrap();
        let mut readings = std::iter::once(&decoded.reading).chain(&decoded.others);
        assert!(readings.any(|other| *other == reading), "{reading} is not among {decoded:?}");
        if frame.len() >= 100 {
            long += 1;
            first += usize::from(decoded.reading.api == reading.api);
        }
    });
    // Some APIs have layouts that cannot be told apart, such as OffsetCommit and TxnOffsetCommit.
    assert!(long > 50 && first * 10 >= long * 8, "{first} of {long} long responses were read as what they are");
}

#[test]
fn a_common_response_is_its_likeliest_reading() {
    for (api, version, body) in [
        (ApiKey::ApiVersions, 4, json!({"apiKeys": [{"apiKey": 0, "minVersion": 0, "maxVersion": 13}]})),
        (
            ApiKey::Metadata,
            12,
            json!({"brokers": [{"nodeId": 1, "host": "localhost", "port": 9092}], "controllerId": 1}),
        ),
        (
            ApiKey::FindCoordinator,
            4,
            json!({"coordinators": [{"key": "group", "nodeId": 1, "host": "b", "port": 9092}]}),
        ),
        (ApiKey::Produce, 9, json!({"responses": [{"name": "t", "partitionResponses": [{"baseOffset": 12}]}]})),
        (ApiKey::SaslHandshake, 1, json!({"mechanisms": ["AWS_MSK_IAM"]})),
    ] {
        let message = schema::layout(api, Direction::Response);
        let body = json::encode(message, version, &body).unwrap();
        let (_, frame) = frame(api, Direction::Response, version, &body);
        let decoded = decode_any(&frame, &View::default()).unwrap();
        assert_eq!(decoded.reading.api, api, "{decoded}");
    }
}

#[test]
fn bytes_that_are_no_message_are_refused_with_the_reason() {
    let view = View::default();
    assert_eq!(decode_request(&[0; 3], &view), Err(DecodeAnyError::Header(DecodeError::Cut)));
    let unknown = b"\x7f\xff\0\0\0\0\0\x01\xff\xff";
    assert_eq!(decode_request(unknown, &view), Err(DecodeAnyError::UnknownApi(0x7fff)));
    let cut = b"\0\x03\0\x05\0\0\0\x07\xff\xff\0\0\0\x02";
    let reading = Reading { api: ApiKey::Metadata, direction: Direction::Request, version: 5 };
    let as_request = DecodeAnyError::Body { reading, error: DecodeError::Cut };
    assert_eq!(decode_request(cut, &view), Err(as_request.clone()));
    assert_eq!(as_request.to_string(), "Metadata request v5 cannot be read: the bytes end inside the message");
    for nothing in [&b""[..], b"\0", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"] {
        assert!(matches!(decode_any(nothing, &view), Err(DecodeAnyError::Nothing { .. })), "{nothing:?}");
    }
}

#[test]
fn whatever_the_bytes_each_reading_of_them_takes_them_all() {
    let (mut random, mut read) = (Random(1), 0);
    for seed in 0..2_000 {
        let mut bytes: Vec<u8> =
            (0..seed % 60).map(|_| [0, 1, 2, 0xff, random.below(256) as u8][random.below(5)]).collect();
        // Half of them as a request of some API, so that the body is looked at.
        if let (Some(place), true) = (bytes.first_chunk_mut::<4>(), random.one_in(2)) {
            *place = [0, random.below(95) as u8, 0, random.below(4) as u8];
        }
        let Ok(decoded) = decode_any(&bytes, &View::default()) else { continue };
        assert!(decoded.others.len() <= OTHER_READINGS_MAX);
        for Reading { api, direction, version } in std::iter::once(decoded.reading).chain(decoded.others) {
            let again = match direction {
                Direction::Request => decode_request(&bytes, &View::default()),
                Direction::Response => decode_response(api, version, &bytes, &View::default()),
            };
            assert!(again.is_ok(), "{bytes:?} as {api} {direction:?} v{version}: {again:?}");
            read += 1;
        }
    }
    assert!(read > 500, "the bytes are worth little: {read} readings");
}

#[test]
fn a_frame_prints_itself_in_the_order_of_its_schema() {
    let body = b"\0\0\0\x01\0\x06events";
    let (_, frame) = frame(ApiKey::Metadata, Direction::Request, 1, body);
    let decoded = decode_any(&frame, &View::default()).unwrap();
    let expected = "Metadata request v1, correlation id 7, client id \"app\"\n\
                    {\n  \"topics\": [\n    {\n      \"name\": \"events\"\n    }\n  ]\n}";
    assert_eq!(decoded.to_string(), expected);
}
