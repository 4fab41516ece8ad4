//! The generated messages of the table's APIs, by their type.

use bytes::{Bytes, BytesMut};

use super::super::Direction;
use crate::api::{self, ApiKey, VersionRange};
use crate::message::{self as m, Decodable, Encodable, Request};

/// One generated message.
pub(super) struct Generated {
    pub(super) api: ApiKey,
    pub(super) direction: Direction,
    pub(super) versions: VersionRange,
    /// The bytes of the message that has every default.
    pub(super) default: fn(i16) -> Bytes,
    /// Decodes, and encodes again: `Err` when the decoder refuses the bytes or leaves some.
    pub(super) again: fn(Bytes, i16) -> Result<Bytes, String>,
}

/// Both messages of each API of the table.
pub(super) fn all() -> Vec<Generated> {
    [
        both::<m::ProduceRequest>(),
        both::<m::FetchRequest>(),
        both::<m::ListOffsetsRequest>(),
        both::<m::MetadataRequest>(),
        both::<m::FindCoordinatorRequest>(),
        both::<m::SaslHandshakeRequest>(),
        both::<m::ApiVersionsRequest>(),
        both::<m::CreateTopicsRequest>(),
        both::<m::DeleteTopicsRequest>(),
        both::<m::InitProducerIdRequest>(),
        both::<m::DescribeConfigsRequest>(),
        both::<m::SaslAuthenticateRequest>(),
        both::<m::DescribeClusterRequest>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn both<R: Request + Default>() -> [Generated; 2]
where
    R::Response: Default,
{
    [one::<R, R>(Direction::Request), one::<R, R::Response>(Direction::Response)]
}

fn one<R: Request, T: Encodable + Decodable + Default>(direction: Direction) -> Generated {
    Generated {
        api: api::key_of::<R>().unwrap(),
        direction,
        versions: api::codable::<R>(),
        default: |version| encoded(&T::default(), version),
        again: |mut bytes, version| {
            let message = T::decode(&mut bytes, version).map_err(|refusal| refusal.to_string())?;
            if bytes.is_empty() { Ok(encoded(&message, version)) } else { Err(format!("{} bytes left", bytes.len())) }
        },
    }
}

fn encoded<T: Encodable>(message: &T, version: i16) -> Bytes {
    let mut out = BytesMut::new();
    message.encode(&mut out, version).unwrap();
    out.freeze()
}
