//! Which responses bytes could be, and how likely each makes them.
//!
//! Short bodies fit many layouts. The likeliest is the one by which the values take the fewest bits to tell: small numbers, error codes that exist, text that
//! can be printed, few opaque bytes. A layout that is not the right one cuts numbers in the middle and finds large ones.

use bytes::Bytes;
use serde_json::Value;

use super::Reading;
use crate::api::ApiKey;
use crate::error_code::ErrorCode;
use crate::header::decode_response_header;
use crate::schema::json::{self, Records, View};
use crate::schema::{self, Direction, Field, Kind, Struct};

/// Each reading of `frame` as a response that takes all of its bytes, the likeliest first, then the newest version.
pub(super) fn responses(frame: &Bytes, view: &View) -> Vec<Reading> {
    // What records hold says nothing about the layout, and may take much memory.
    let view = &View { records: Records::SizeInBytes, ..*view };
    let mut readings = Vec::new();
    for api in ApiKey::ALL {
        let message = schema::layout(*api, Direction::Response);
        for version in message.versions.min..=message.versions.max {
            let mut body = frame.clone();
            if decode_response_header(*api, version, &mut body).is_err() {
                continue;
            }
            if let Ok(value) = json::decode(message, version, &body, view) {
                let bits = structure(&message.body, &value);
                readings.push((bits, Reading { api: *api, direction: Direction::Response, version }));
            }
        }
    }
    readings.sort_by_key(|(bits, reading)| (*bits, reading.api, std::cmp::Reverse(reading.version)));
    readings.into_iter().map(|(_, reading)| reading).collect()
}

/// How many bits an unknown error code, tag or letter is taken to cost, beside those of a usual one.
const UNLIKELY: u64 = 48;
/// The bits of a letter that can be printed, and of one that cannot.
const PRINTABLE: u64 = 6;
const UNPRINTABLE: u64 = 16;

fn structure(layout: &Struct, value: &Value) -> u64 {
    let fields = value.as_object().into_iter().flatten();
    fields.fold(0, |bits, (name, value)| {
        let field = layout.fields.iter().find(|field| json::is_of(field, name));
        bits.saturating_add(field.map_or_else(|| unknown(value), |field| one(field, field.kind, value)))
    })
}

fn one(field: &Field, kind: Kind, value: &Value) -> u64 {
    match (kind, value) {
        (_, Value::Null | Value::Bool(_)) => 1,
        (Kind::Struct(layout), _) => structure(layout, value),
        (_, Value::Array(elements)) => elements
            .iter()
            .fold(number(elements.len() as u64), |bits, element| bits.saturating_add(element_of(field, kind, element))),
        (Kind::String | Kind::ClassicString, Value::String(text)) => string(text),
        // Uuids and bytes, six bits a letter.
        (_, Value::String(text)) => (text.len() as u64).saturating_mul(6),
        (Kind::Records, Value::Number(size)) => size.as_u64().unwrap_or_default().saturating_mul(8),
        (Kind::Int16, Value::Number(code)) if field.name.ends_with("ErrorCode") => {
            let code = code.as_i64().and_then(|code| i16::try_from(code).ok());
            if code.is_some_and(|code| ErrorCode(code).name().is_some()) { 4 } else { UNLIKELY }
        }
        (_, Value::Number(value)) => value.as_i64().map_or(64, |value| number(value.unsigned_abs())),
        (_, Value::Object(_)) => 0,
    }
}

fn element_of(field: &Field, kind: Kind, element: &Value) -> u64 {
    match kind {
        Kind::Array(inner) => one(field, *inner, element),
        _ => 0,
    }
}

/// The bits by which a number is told whose length is told too (Elias gamma).
fn number(value: u64) -> u64 {
    u64::from(64_u32.saturating_sub(value.leading_zeros())).saturating_mul(2).saturating_add(2)
}

fn string(text: &str) -> u64 {
    let letters = text.chars().map(|letter| if letter.is_control() { UNPRINTABLE } else { PRINTABLE });
    letters.fold(number(text.len() as u64), u64::saturating_add)
}

/// Tagged fields that the schema does not know are rare, whatever is in them.
fn unknown(tagged: &Value) -> u64 {
    let fields = tagged.as_array().into_iter().flatten();
    let contents = fields.map(|field| field.get("data").and_then(Value::as_str).map_or(0, str::len) as u64);
    contents.fold(0, |bits, letters| bits.saturating_add(UNLIKELY).saturating_add(letters.saturating_mul(6)))
}
