//! The Kafka wire protocol: bytes to messages and back.
//!
//! This crate knows no sockets, clocks or randomness, and keeps no state between calls. Every length that a peer claims is held against a named
//! bound before memory is set aside for it.
//!
//! - [`frame`] and [`header`]: what surrounds every message.
//! - [`codec`]: a request or response from its bytes, and back.
//! - [`record`]: record batches, read in place and appended in place.
//! - [`compression`]: the codecs of record batches, each of them bounded.
//! - [`hot`]: Produce requests and Fetch responses, encoded without copying a record.
//! - [`schema`]: the layout of each message, and the walk that refuses hostile lengths.
//! - [`mod@decode_any`]: any captured frame, to be read by a person.
//! - [`sasl`]: the messages of the SASL mechanisms.
#![cfg_attr(feature = "arbitrary", doc = "- [`arbitrary`]: messages to fuzz with.")]

pub mod api;
#[cfg(feature = "arbitrary")]
pub mod arbitrary;
pub mod codec;
pub mod compression;
pub mod decode_any;
pub mod error_code;
pub mod frame;
pub mod header;
pub mod hot;
pub mod id;
#[doc(hidden)]
pub mod message;
pub mod record;
pub mod sasl;
pub mod schema;
pub mod segments;

pub use api::{ApiKey, VersionRange};
pub use codec::{DecodeError, EncodeError};
pub use decode_any::{Decoded, decode_any};
pub use error_code::ErrorCode;
pub use id::{BrokerId, LeaderEpoch, TopicId};
pub use segments::Segments;
