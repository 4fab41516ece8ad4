//! The layout of each message, and the walk that refuses hostile bytes.
//!
//! The generated decoders reserve memory by the lengths that a peer claims, and five bytes are enough to make the process abort. So every message is
//! walked by its [`layout`] first, which costs no allocation, and is decoded only when [`preflight`] found nothing wrong. The rows of the table are
//! the message schemas that Apache Kafka publishes in its clients jar, at every version that it has.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod alike;
#[cfg(any(test, feature = "arbitrary"))] // It makes the compiler write out every generated coder, which no user asked for.
#[doc(hidden)]
pub mod generated;
pub mod json;
mod layout;
mod plan;
mod rows;
#[cfg(any(test, feature = "arbitrary"))]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // Its numbers are its own, and small.
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod walk;

pub use layout::{DEPTH_MAX, Field, Kind, Message, Role, Struct, Tag};

use crate::api::ApiKey;
use crate::codec::DecodeError;

/// Which of the two messages of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the client to the broker.
    Request,
    /// From the broker to the client.
    Response,
}

/// The most memory that one decoded message may take, in bytes: 128 MiB.
///
/// It counts the message's struct, its arrays (elements x their size in memory) and the tagged fields that are not known; strings, byte strings and
/// records are slices of the frame and cost their handles alone. That is room for a Metadata response of about 900,000 partitions with three replicas,
/// while Produce and Fetch carry records up to the bound of the frame.
pub const DECODED_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Every message that Kafka has a schema and a version for: requests and responses by ascending key, then headers, then blobs.
pub fn messages() -> impl Iterator<Item = &'static Message> + Clone {
    let of_apis = ApiKey::ALL.iter().flat_map(|api| rows::by_api(*api));
    of_apis.chain(rows::HEADERS).chain(rows::BLOBS.iter().copied())
}

/// The message of this name in Kafka's schemas, such as `FetchRequest` or `ConsumerProtocolSubscription`.
#[must_use]
pub fn message(name: &str) -> Option<&'static Message> {
    messages().find(|message| message.name == name)
}

/// The layout of a request or a response.
#[must_use]
pub const fn layout(api: ApiKey, direction: Direction) -> &'static Message {
    let [request, response] = rows::by_api(api);
    match direction {
        Direction::Request => request,
        Direction::Response => response,
    }
}

/// The layout of the header before a request or a response.
#[must_use]
pub const fn header(direction: Direction) -> &'static Message {
    let [request, response] = rows::HEADERS;
    match direction {
        Direction::Request => request,
        Direction::Response => response,
    }
}

/// Walks the whole of `body` as a message of `api` at `version`, with [`DECODED_BYTES_MAX`] as the bound on its memory.
///
/// When it finds nothing wrong, the generated decoder, where it has the version, reads the same bytes to their end and keeps within the bound.
///
/// # Errors
/// When `body` is no such message, has bytes left over, or would take too much memory; see [`DecodeError`].
pub fn preflight(api: ApiKey, direction: Direction, version: i16, body: &[u8]) -> Result<(), DecodeError> {
    preflight_within(DECODED_BYTES_MAX, layout(api, direction), version, body)
}

/// [`preflight`] of any message, with a bound of the caller's own on the memory that it may take when it is decoded, in bytes.
///
/// # Errors
/// As [`preflight`].
pub fn preflight_within(
    decoded_bytes_max: usize,
    message: &'static Message,
    version: i16,
    body: &[u8],
) -> Result<(), DecodeError> {
    if !message.versions.contains(version) {
        return Err(DecodeError::Version { message: message.name, version, known: message.versions });
    }
    walk::message(message, version, decoded_bytes_max, body)
}

/// [`preflight`] of any message: also of a header, or of a blob inside another message.
///
/// # Errors
/// As [`preflight`].
pub fn preflight_message(message: &'static Message, version: i16, body: &[u8]) -> Result<(), DecodeError> {
    preflight_within(DECODED_BYTES_MAX, message, version, body)
}
