//! How much memory the JSON of a message takes: never more than its bound, whatever the message.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ottla_wire::DecodeError;
use ottla_wire::schema::json::{self, View};
use ottla_wire::schema::{self, Kind, Message, Struct};
use serde_json::{Map, Value, json};

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

/// The bound that is held.
const BYTES_MAX: usize = 128 * 1024;
/// So many elements, tagged fields or letters are in each message.
const MANY: usize = 1_000;

/// The most bytes that were allocated at once while `work` ran, beyond those before.
fn peak_bytes<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let profiler = dhat::Profiler::builder().testing().build();
    let done = work();
    let peak = dhat::HeapStats::get().max_bytes;
    drop(profiler);
    (done, peak)
}

/// A message with many elements in each of its own arrays, each element with its defaults, or with many of everything that an element may have.
fn crowded(layout: &Struct, version: i16, many: usize, within: usize) -> Map<String, Value> {
    let there = layout.fields.iter().filter(|field| field.versions.contains(version));
    let named = there.filter_map(|field| {
        let value = match field.kind {
            Kind::Array(Kind::Struct(element)) => {
                let one = Value::Object(if within > 0 { crowded(element, version, within, 0) } else { Map::new() });
                Value::Array(vec![one; many])
            }
            Kind::Array(Kind::String) => Value::Array(vec!["a".into(); many]),
            Kind::Array(Kind::Uuid) => Value::Array(vec!["AAAAAAAAAAAAAAAAAAAAAA".into(); many]),
            Kind::Array(_) => Value::Array(vec![1.into(); many]),
            Kind::String => "x".repeat(many).into(),
            _ => return None,
        };
        let (first, rest) = field.name.split_at(1);
        Some((first.to_ascii_lowercase() + rest, value))
    });
    named.collect()
}

/// One rule after the other: the allocator counts for the whole process.
#[test]
fn memory_is_bounded() {
    let (mut within, mut above) = (0, 0);
    for message in schema::messages() {
        let version = message.versions.max;
        for (many, inside) in [(MANY, 0), (20, 10), (1, 3)] {
            let value = Value::Object(crowded(&message.body, version, many, inside));
            let body = json::encode(message, version, &value).unwrap();
            match the_bound_holds(message, version, &body) {
                Ok(()) => within += 1,
                Err(error) => {
                    assert_eq!(error, DecodeError::TooLarge { max: BYTES_MAX }, "{}", message.name);
                    above += 1;
                }
            }
        }
    }
    assert!(within > 100 && above > 100, "{within} within the bound, {above} above it");
    tagged_fields_that_nobody_knows_are_bounded_too();
}

fn the_bound_holds(message: &'static Message, version: i16, body: &[u8]) -> Result<(), DecodeError> {
    let view = View { json_bytes_max: BYTES_MAX, ..View::default() };
    let (decoded, peak) = peak_bytes(|| json::decode(message, version, body, &view));
    assert!(peak <= BYTES_MAX, "{} v{version} of {} bytes took {peak} bytes", message.name, body.len());
    decoded.map(drop)
}

fn tagged_fields_that_nobody_knows_are_bounded_too() {
    let message = schema::message("MetadataRequest").unwrap();
    let one = |tag: usize| json!({"tag": 100 + tag, "data": ""});
    for many in [10, MANY] {
        let value = json!({"_unknownTaggedFields": (0..many).map(one).collect::<Vec<_>>()});
        let body = json::encode(message, 12, &value).unwrap();
        assert_eq!(the_bound_holds(message, 12, &body).is_ok(), many < MANY);
    }
}
