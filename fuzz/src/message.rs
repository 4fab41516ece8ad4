//! Requests and responses: the first three bytes choose the message, the others are its body.

use bytes::Bytes;
use ottla_wire::message::{self as generated, Request};
use ottla_wire::schema::{self, Direction};
use ottla_wire::{ApiKey, codec};

/// What the walk lets pass, the generated decoder reads, and its message can be written.
pub fn message(data: &[u8]) {
    let [api, version, direction, body @ ..] = data else { return };
    let version = i16::from(*version % 20);
    let direction = if direction % 2 == 0 { Direction::Request } else { Direction::Response };
    let body = Bytes::copy_from_slice(body);
    macro_rules! one_of {
        ($($request:ident),+) => {{
            let checks: &[fn(Direction, i16, Bytes)] = &[$(one_message::<generated::$request>),+];
            checks[usize::from(*api) % checks.len()](direction, version, body);
        }};
    }
    one_of!(
        ProduceRequest,
        FetchRequest,
        ListOffsetsRequest,
        MetadataRequest,
        ApiVersionsRequest,
        SaslHandshakeRequest,
        SaslAuthenticateRequest,
        CreateTopicsRequest,
        DeleteTopicsRequest,
        DescribeClusterRequest,
        DescribeConfigsRequest,
        InitProducerIdRequest,
        FindCoordinatorRequest
    );
}

fn one_message<R: Request>(direction: Direction, version: i16, body: Bytes) {
    let api = ApiKey::try_from(R::KEY).expect("a known API");
    if schema::preflight(api, direction, version, &body).is_err() {
        return;
    }
    match direction {
        Direction::Request => {
            let request = codec::decode_request::<R>(version, body).expect("the walk let it pass");
            codec::encode_request(version, &request).expect("what was read can be written");
        }
        Direction::Response => {
            let response = codec::decode_response::<R>(version, body).expect("the walk let it pass");
            codec::encode_response::<R>(version, &response).expect("what was read can be written");
        }
    }
}
