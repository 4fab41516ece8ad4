//! The JSON view: any message at any version as a [`Value`], and back to its bytes, by the table alone.
//!
//! It reads as Kafka's own JSON does, which its request log prints (KIP-673): fields have the names of the schema with the first letter small, byte
//! strings are base64, uuids base64 for URLs without padding, numbers that are none are `"NaN"`, `"Infinity"` and `"-Infinity"`. Where Kafka's loses
//! something this one does not:
//!
//! - Records are base64 like every byte string, where Kafka writes an empty string; [`Records::SizeInBytes`] gives what its request log has.
//! - A tagged field is there when it is there on the wire.
//! - Tagged fields that the schema does not know stand under [`UNKNOWN_TAGGED_FIELDS`], `[{"tag": 100, "data": "base64"}]`.
//! - A NaN of other bits than Java's is `"NaN(7ff8000000000001)"`.
//!
//! [`decode`] and [`encode`] are each other's inverse: what is decoded encodes to the same bytes, if they were written as Kafka writes them (the shortest
//! varints, 1 for true). [`encode`] takes a missing field as its default, so that a request is easy to write by hand.
//!
//! ```
//! use ottla_wire::ApiKey;
//! use ottla_wire::schema::{self, Direction, json};
//!
//! let metadata = schema::layout(ApiKey::Metadata, Direction::Request);
//! let body = json::encode(metadata, 9, &serde_json::json!({"topics": [{"name": "events"}]}))?;
//! let value = json::decode(metadata, 9, &body, &json::View::default())?;
//! assert_eq!(value["topics"][0]["name"], "events");
//! assert_eq!(value["allowAutoTopicCreation"], true);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decode;
mod encode;
mod ordered;
mod path;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde_json::Value;

pub use encode::JsonError;
pub use ordered::{InSchemaOrder, in_schema_order};

use super::layout::{Field, Kind, Message};
use super::preflight_message;
use crate::codec::DecodeError;

/// The most memory that the JSON of one message may take where nothing else is said, in bytes: 256 MiB.
///
/// JSON costs some ten times what the message does: each struct is a map, each of its fields a name and a value of some thirty bytes.
pub const JSON_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The name under which tagged fields stand that the schema does not know. No field of Kafka's schemas can have it, for their names begin with a letter.
pub const UNKNOWN_TAGGED_FIELDS: &str = "_unknownTaggedFields";

/// What a message shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// How records are shown. Default: [`Records::Base64`].
    pub records: Records,
    /// How secrets are shown. Default: [`Secrets::Shown`].
    pub secrets: Secrets,
    /// The most memory that the JSON may take, in bytes. Default: [`JSON_BYTES_MAX`].
    pub json_bytes_max: usize,
}

/// How records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Records {
    /// The batches as they are, in base64.
    Base64,
    /// How many bytes they take, under `recordsSizeInBytes`, as in Kafka's request log (KIP-673). [`encode`] refuses it.
    SizeInBytes,
}

/// How SASL tokens, the HMACs of delegation tokens, salted passwords and their like are shown, and what is in tagged fields that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Secrets {
    /// As they are.
    Shown,
    /// `"<redacted, 32 bytes>"`. [`encode`] refuses it.
    Redacted,
}

impl Default for View {
    fn default() -> Self {
        Self { records: Records::Base64, secrets: Secrets::Shown, json_bytes_max: JSON_BYTES_MAX }
    }
}

impl View {
    /// What may stand in a log: records by their size, secrets redacted.
    #[must_use]
    pub fn for_logs() -> Self {
        Self { records: Records::SizeInBytes, secrets: Secrets::Redacted, ..Self::default() }
    }
}

/// The whole of `body` as JSON, where it is a `message` at `version`.
///
/// # Errors
/// Those of [`preflight`](super::preflight), which walks the bytes first, and [`DecodeError::TooLarge`] where the JSON would take more memory than
/// `view` allows.
pub fn decode(message: &'static Message, version: i16, body: &[u8], view: &View) -> Result<Value, DecodeError> {
    preflight_message(message, version, body)?;
    decode::message(message, version, body, view)
}

/// The bytes of a `message` at `version` that says what `value` does; fields that are missing have their defaults.
///
/// # Errors
/// When `value` names what the version does not have, or cannot be said in its fields; see [`JsonError`].
pub fn encode(message: &Message, version: i16, value: &Value) -> Result<Bytes, JsonError> {
    encode::message(message, version, value)
}

/// What the name of records ends in where their size stands in their place.
const SIZE_IN_BYTES: &str = "SizeInBytes";

/// The name in JSON of a field that Kafka's schema calls `name`.
fn camel_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// Whether the JSON of `field` stands under `name`.
pub(crate) fn is_of(field: &Field, name: &str) -> bool {
    let is_size = |name: &str| matches!(field.kind, Kind::Records) && name == SIZE_IN_BYTES;
    let (mut letters, mut field_letters) = (name.chars(), field.name.chars());
    letters.next() == field_letters.next().map(|first| first.to_ascii_lowercase())
        && letters.as_str().strip_prefix(field_letters.as_str()).is_some_and(|rest| rest.is_empty() || is_size(rest))
}

/// What stands in the place of a secret of `bytes` bytes.
fn redacted(bytes: usize) -> String {
    format!("<redacted, {bytes} bytes>")
}

fn is_redacted(text: &str) -> bool {
    let bytes = text.strip_prefix("<redacted, ").and_then(|rest| rest.strip_suffix(" bytes>"));
    bytes.is_some_and(|bytes| bytes.parse::<usize>().is_ok())
}

/// The bits of Java's only NaN, which Kafka writes as `"NaN"`.
const NAN_BITS: u64 = 0x7ff8_0000_0000_0000;

/// The JSON of an IEEE 754 number of these `bits`.
fn float(bits: u64) -> Value {
    let number = f64::from_bits(bits);
    match serde_json::Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_infinite() => if number > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        None if bits == NAN_BITS => "NaN".into(),
        None => format!("NaN({bits:016x})").into(),
    }
}

/// The bits of a number that [`float`] or a person wrote.
fn float_bits(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_f64().map(f64::to_bits),
        Value::String(text) => match text.as_str() {
            "Infinity" => Some(f64::INFINITY.to_bits()),
            "-Infinity" => Some(f64::NEG_INFINITY.to_bits()),
            "NaN" => Some(NAN_BITS),
            other => {
                let hex = other.strip_prefix("NaN(").and_then(|rest| rest.strip_suffix(')'))?;
                u64::from_str_radix(hex, 16).ok().filter(|bits| f64::from_bits(*bits).is_nan())
            }
        },
        _ => None,
    }
}
