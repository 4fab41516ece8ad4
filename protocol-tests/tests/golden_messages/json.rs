//! The JSON view by the schema table alone: what it says is what Kafka's own converters say, and it gives the same bytes back.

use std::collections::BTreeSet;

use ottla_wire::schema::json::{self, UNKNOWN_TAGGED_FIELDS, View};
use ottla_wire::schema::{Field, Kind, Struct};
use serde_json::{Map, Value, json};

use crate::vectors::{self, Vector};

fn ours(vector: &Vector) -> Value {
    let view = json::decode(vector.message(), vector.version, &vector.bytes, &View::default());
    view.unwrap_or_else(|refusal| panic!("{vector}: {refusal}"))
}

#[test]
fn the_json_of_a_message_gives_its_bytes_again_also_as_text() {
    for vector in vectors::all() {
        let read = serde_json::from_str(&ours(vector).to_string()).expect("JSON");
        let again = json::encode(vector.message(), vector.version, &read);
        assert_eq!(again.as_ref(), Ok(&vector.bytes), "{vector}");
    }
}

#[test]
fn the_json_of_a_message_is_that_of_kafka() {
    for vector in vectors::all() {
        let mut ours = ours(vector);
        as_kafka_shows(&vector.message().body, &mut ours);
        assert_eq!(ours, vector.json, "{vector}");
    }
}

#[test]
fn the_json_of_kafka_gives_kafkas_bytes() {
    let mut held = 0;
    for vector in vectors::all().iter().filter(|vector| ours(vector) == vector.json) {
        let written = json::encode(vector.message(), vector.version, &vector.json);
        assert_eq!(written.as_ref(), Ok(&vector.bytes), "{vector}");
        held += 1;
    }
    // All but those with records, and those with tagged fields that no schema has.
    vectors::held(held, 4_000);
}

#[test]
fn a_message_of_which_nothing_is_said_has_kafkas_defaults() {
    let defaults: Vec<_> = vectors::committed().iter().filter(|vector| vector.shape == "defaults").collect();
    let versions = |vector: &&Vector| (vector.name.clone(), vector.version);
    let all: BTreeSet<_> = vectors::committed().iter().map(|vector| versions(&vector)).collect();
    assert_eq!(defaults.iter().map(versions).collect::<BTreeSet<_>>(), all);
    for vector in defaults {
        let written = json::encode(vector.message(), vector.version, &json!({}));
        assert_eq!(written.as_ref(), Ok(&vector.bytes), "{vector}");
    }
}

#[test]
fn some_vector_of_each_version_has_every_tagged_field() {
    for vector in vectors::committed().iter().filter(|vector| vector.shape == "tagged") {
        each_struct(&vector.message().body, &mut ours(vector), &mut |layout, object| {
            for field in layout.fields.iter().filter(|field| is_tagged(field, vector.version)) {
                assert!(object.contains_key(&name(field)), "{vector} has no {} in {object:?}", field.name);
            }
        });
    }
}

#[test]
fn some_vector_of_each_flexible_version_has_unknown_tagged_fields_in_every_struct() {
    let mut held = BTreeSet::new();
    for vector in vectors::committed().iter().filter(|vector| vector.shape == "unknown tags") {
        let message = vector.message();
        if !message.flexible.contains(vector.version) {
            continue;
        }
        each_struct(&message.body, &mut ours(vector), &mut |_, object| {
            assert!(object.contains_key(UNKNOWN_TAGGED_FIELDS), "{vector} has none in {object:?}");
        });
        held.insert((message.name, vector.version));
    }
    for vector in vectors::committed().iter().filter(|vector| vector.message().flexible.contains(vector.version)) {
        assert!(held.contains(&(vector.message().name, vector.version)), "{vector}");
    }
}

/// Takes away what Kafka's converters do not show: tagged fields that no schema has, and what records hold.
fn as_kafka_shows(layout: &Struct, ours: &mut Value) {
    let Some(object) = ours.as_object_mut() else { return };
    object.remove(UNKNOWN_TAGGED_FIELDS);
    for field in layout.fields {
        match (field.kind, object.get_mut(&name(field))) {
            (Kind::Records, Some(Value::String(records))) => records.clear(),
            (kind, Some(value)) => {
                let Some(layout) = layout_in(kind) else { continue };
                each_element(value).for_each(|element| as_kafka_shows(layout, element));
            }
            (_, None) => {}
        }
    }
}

/// Calls `look` with each struct of a message, at every depth.
fn each_struct(layout: &Struct, value: &mut Value, look: &mut impl FnMut(&Struct, &Map<String, Value>)) {
    let Some(object) = value.as_object_mut() else { return };
    look(layout, object);
    for field in layout.fields {
        let (Some(layout), Some(value)) = (layout_in(field.kind), object.get_mut(&name(field))) else { continue };
        each_element(value).for_each(|element| each_struct(layout, element, look));
    }
}

/// The layout of what a field holds, where that is one struct or several.
fn layout_in(kind: Kind) -> Option<&'static Struct> {
    match kind {
        Kind::Struct(layout) => Some(layout),
        Kind::Array(element) => layout_in(*element),
        _ => None,
    }
}

/// The elements of an array, or the value itself.
fn each_element(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    match value {
        Value::Array(elements) => elements.iter_mut(),
        value => std::slice::from_mut(value).iter_mut(),
    }
}

fn is_tagged(field: &Field, version: i16) -> bool {
    field.versions.contains(version) && field.tag.is_some_and(|tag| tag.versions.contains(version))
}

/// The name in JSON of a field.
fn name(field: &Field) -> String {
    let (first, rest) = field.name.split_at(1);
    first.to_lowercase() + rest
}
