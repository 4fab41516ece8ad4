//! A request or a response from its bytes, and back.
//!
//! Every decoder here walks the bytes by the layout of the message first ([`crate::schema::preflight`]), and only then calls the generated decoder.

mod added;

use bytes::{Bytes, BytesMut};

use crate::api::{self, ApiKey, VersionRange};
use crate::message::{Decodable, Encodable, Message, Request};
use crate::schema::{self, Direction};

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end inside the message.
    #[error("the bytes end inside the message")]
    Cut,
    /// Bytes are left after the message's end.
    #[error("{0} bytes are left after the end of the message")]
    Trailing(usize),
    /// A length is below zero where it may not be.
    #[error("length {0} is negative")]
    NegativeLength(i64),
    /// A varint goes on past its fifth byte, or says more than 32 bits.
    #[error("a varint does not end in 32 bits")]
    VarintTooLong,
    /// A string is not UTF-8.
    #[error("a string is not UTF-8")]
    NotUtf8,
    /// A field is null that may not be.
    #[error("field {field} is null and may not be")]
    Null {
        /// The field, as Kafka's schema names it.
        field: &'static str,
    },
    /// The byte before a struct that may be null is neither 1 nor -1.
    #[error("byte {marker} before a struct says neither that it is there nor that it is null")]
    NullMarker {
        /// The byte.
        marker: i8,
    },
    /// More elements than the bound allows.
    #[error("{count} elements are above the bound of {max}")]
    TooMany {
        /// How many the message claims.
        count: u64,
        /// The bound.
        max: u64,
    },
    /// Decoded, the message would take more memory than the bound allows.
    #[error("the message would take more than {max} bytes of memory")]
    TooLarge {
        /// The bound in bytes.
        max: usize,
    },
    /// Tagged fields are not in ascending order of their tags, or one tag stands twice (KIP-482).
    #[error("tagged field {tag} is out of order")]
    TagOrder {
        /// The tag that is out of order.
        tag: u32,
    },
    /// A tagged field takes more or fewer bytes than it declares.
    #[error("tagged field {tag} does not take the {declared} bytes that it declares")]
    TagSize {
        /// The field's tag.
        tag: u32,
        /// The size in bytes that it declares.
        declared: usize,
    },
    /// A tagged field stands in a version that does not have it yet.
    #[error("tagged field {tag} is not of this version")]
    TagVersion {
        /// The field's tag.
        tag: u32,
    },
    /// The version is none that can be read.
    #[error("{message} has versions {known}, not {version}")]
    Version {
        /// The message, as Kafka's schema names it.
        message: &'static str,
        /// The version asked for.
        version: i16,
        /// The versions that can be coded.
        known: VersionRange,
    },
    /// The API is none that can be read.
    #[error("API key {0} cannot be decoded")]
    UnknownApi(i16),
    /// The message was read by the table, and what a struct has a place for of it could not be written for the generated decoder.
    #[error("{message}: {reason}")]
    Table {
        /// The message, as Kafka's schema names it.
        message: &'static str,
        /// What the table's encoder said.
        reason: String,
    },
    /// The walk found nothing wrong, and the generated decoder still refused.
    #[error("{api} v{version} is malformed: {reason}")]
    Malformed {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// What the decoder said.
        reason: String,
    },
}

/// Why a message cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A string or byte string is longer than its length field can say.
    #[error("{bytes} bytes are more than the length field can say")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The version is none that can be written.
    #[error("{api} has versions {known}, not {version}")]
    Version {
        /// The API.
        api: ApiKey,
        /// The version asked for.
        version: i16,
        /// The versions that can be coded.
        known: VersionRange,
    },
    /// The API is none that can be written.
    #[error("API key {0} cannot be encoded")]
    UnknownApi(i16),
    /// A field is set that this version has no place for.
    #[error("{api} v{version} cannot say this: {reason}")]
    Unsayable {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// What the encoder said.
        reason: String,
    },
}

/// Reads the body of a request `R`, all of `body`.
///
/// # Errors
/// When the bytes are no such request; see [`DecodeError`].
pub fn decode_request<R: Request>(version: i16, body: Bytes) -> Result<R, DecodeError> {
    decode::<R, R>(Direction::Request, version, body)
}

/// Reads the body of the response to a request `R`, all of `body`.
///
/// # Errors
/// When the bytes are no such response; see [`DecodeError`].
pub fn decode_response<R: Request>(version: i16, body: Bytes) -> Result<R::Response, DecodeError> {
    decode::<R, R::Response>(Direction::Response, version, body)
}

/// Writes the body of a request.
///
/// # Errors
/// When `version` cannot be coded, or has no place for a field that is set.
pub fn encode_request<R: Request>(version: i16, request: &R) -> Result<Bytes, EncodeError> {
    encode::<R, R>(Direction::Request, version, request)
}

/// Writes the body of a response to a request `R`.
///
/// # Errors
/// When `version` cannot be coded, or has no place for a field that is set.
pub fn encode_response<R: Request>(version: i16, response: &R::Response) -> Result<Bytes, EncodeError> {
    encode::<R, R::Response>(Direction::Response, version, response)
}

/// The versions of a message that can be coded where a generated struct codes these.
pub(crate) fn codable(api: ApiKey, direction: Direction, generated: VersionRange) -> VersionRange {
    let codable = schema::layout(api, direction).codable(generated);
    VersionRange { max: added::version(api, direction).unwrap_or(codable.max), ..codable }
}

fn decode<R: Request, T: Message + Decodable>(
    direction: Direction,
    version: i16,
    mut body: Bytes,
) -> Result<T, DecodeError> {
    let api = api::key_of::<R>().map_err(|unknown| DecodeError::UnknownApi(unknown.0))?;
    let known = api::codable::<R>();
    if !known.contains(version) {
        return Err(DecodeError::Version { message: schema::layout(api, direction).name, version, known });
    }
    schema::preflight(api, direction, version, &body)?;
    if added::version(api, direction) == Some(version) {
        body = added::without(schema::layout(api, direction), version, T::VERSIONS.max, &body)?;
    }
    // Later versions that can be coded have the layout of the last.
    let message = T::decode(&mut body, version.min(T::VERSIONS.max)).map_err(|reason| DecodeError::Malformed {
        api,
        version,
        reason: reason.to_string(),
    })?;
    if body.is_empty() { Ok(message) } else { Err(DecodeError::Trailing(body.len())) }
}

fn encode<R: Request, T: Message + Encodable>(
    direction: Direction,
    version: i16,
    message: &T,
) -> Result<Bytes, EncodeError> {
    let api = api::key_of::<R>().map_err(|unknown| EncodeError::UnknownApi(unknown.0))?;
    let known = api::codable::<R>();
    if !known.contains(version) {
        return Err(EncodeError::Version { api, version, known });
    }
    let unsayable =
        |reason: &dyn std::fmt::Display| EncodeError::Unsayable { api, version, reason: reason.to_string() };
    let coded = version.min(T::VERSIONS.max);
    let size = message.compute_size(coded).map_err(|reason| unsayable(&reason))?;
    let mut out = BytesMut::with_capacity(size);
    message.encode(&mut out, coded).map_err(|reason| unsayable(&reason))?;
    let body = out.freeze();
    match added::version(api, direction) == Some(version) {
        true => added::with_defaults(schema::layout(api, direction), coded, version, &body)
            .map_err(|reason| unsayable(&reason)),
        false => Ok(body),
    }
}
