//! Headers as the codec of headers reads them, which is written by hand. `golden_headers.rs` holds it to the header of each API at each version.

use bytes::Bytes;
use ottla_wire::ApiKey;
use ottla_wire::header::{RequestHeader, decode_response_header};
use serde_json::json;

use crate::vectors::{self, Vector};

/// An API that has had headers of every version.
const API: ApiKey = ApiKey::Metadata;

/// What follows a header in a frame, and must be left there.
const BODY: &[u8] = b"body";

#[test]
fn a_request_header_is_read_whatever_its_client_is_called_and_whatever_tagged_fields_it_has() {
    for vector in of("RequestHeader") {
        // Which version the header has follows from the API and its version, which are random in the vector.
        let version = (0..).find(|version| API.request_header_version(*version) == vector.version).unwrap();
        let named = [API.key().to_be_bytes(), version.to_be_bytes()].concat();
        let mut frame: Bytes = [&named, &vector.bytes[named.len()..], BODY].concat().into();
        let header = RequestHeader::decode(&mut frame).unwrap_or_else(|refusal| panic!("{vector}: {refusal}"));
        let RequestHeader { correlation_id, client_id, .. } = &header;
        assert_eq!(json!(correlation_id), vector.json["correlationId"], "{vector}");
        assert_eq!(json!(client_id), vector.json["clientId"], "{vector}");
        assert_eq!(frame, BODY, "{vector}");
    }
}

#[test]
fn a_response_header_is_read_whatever_tagged_fields_it_has() {
    for vector in of("ResponseHeader") {
        let version = (0..).find(|version| API.response_header_version(*version) == vector.version).unwrap();
        let mut frame: Bytes = [&vector.bytes, BODY].concat().into();
        let correlation_id = decode_response_header(API, version, &mut frame);
        assert_eq!(correlation_id.map(|id| json!(id)).as_ref(), Ok(&vector.json["correlationId"]), "{vector}");
        assert_eq!(frame, BODY, "{vector}");
    }
}

fn of(name: &str) -> impl Iterator<Item = &'static Vector> {
    vectors::all().iter().filter(move |vector| vector.name == name)
}
