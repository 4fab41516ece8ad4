//! The layout of each message at each version, and the walk that refuses hostile bytes.
//!
//! The generated decoders reserve memory by the lengths that a peer claims, and five bytes are enough to make the process abort. So every message is
//! walked by its [`layout`] first, which costs no allocation, and is decoded only when [`preflight`] found nothing wrong. The rows of the table follow
//! the message schemas that Apache Kafka publishes in its clients jar.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod layout;
mod rows;
#[cfg(test)]
mod tests;
mod walk;

pub use layout::{DEPTH_MAX, Field, Kind, Message, Struct, Tag};

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

/// The layout of a message, where the table has it.
#[must_use]
pub fn layout(api: ApiKey, direction: Direction) -> Option<&'static Message> {
    let at = rows::MESSAGES.binary_search_by_key(&api, |[request, _]| request.api).ok()?;
    let [request, response] = rows::MESSAGES.get(at)?;
    Some(match direction {
        Direction::Request => request,
        Direction::Response => response,
    })
}

/// Walks the whole of `body` as a message of `api` at `version`, with [`DECODED_BYTES_MAX`] as the bound on its memory.
///
/// When it finds nothing wrong, the generated decoder reads the same bytes to their end and keeps within the bound.
///
/// # Errors
/// When `body` is no such message, has bytes left over, or would take too much memory; see [`DecodeError`].
pub fn preflight(api: ApiKey, direction: Direction, version: i16, body: &[u8]) -> Result<(), DecodeError> {
    preflight_within(DECODED_BYTES_MAX, api, direction, version, body)
}

/// [`preflight`] with a bound of the caller's own on the memory that the decoded message may take, in bytes.
///
/// # Errors
/// As [`preflight`].
pub fn preflight_within(
    decoded_bytes_max: usize,
    api: ApiKey,
    direction: Direction,
    version: i16,
    body: &[u8],
) -> Result<(), DecodeError> {
    let message = layout(api, direction).ok_or(DecodeError::UnknownApi(api.key()))?;
    if !message.versions.contains(version) {
        return Err(DecodeError::Version { api, version, known: message.versions });
    }
    walk::message(message, version, decoded_bytes_max, body)
}
