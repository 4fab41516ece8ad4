//! JSON printed in the order of the schema.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use crate::schema::layout::{Kind, Message, Struct};

/// The JSON of a message whose fields are serialized in the order of its schema, as Kafka does; a [`Map`] of its own has them by their names.
///
/// It prints itself too: `{}` in one line, `{:#}` indented.
#[derive(Clone, Copy, Debug)]
pub struct InSchemaOrder<'a> {
    value: &'a Value,
    layout: Option<&'a Struct>,
}

/// `value`, which is JSON of a `message`, in the order of its schema.
#[must_use]
pub fn in_schema_order<'a>(message: &'a Message, value: &'a Value) -> InSchemaOrder<'a> {
    InSchemaOrder { value, layout: Some(&message.body) }
}

impl Serialize for InSchemaOrder<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.value, self.layout) {
            (Value::Object(object), Some(layout)) => object_in_order(object, layout, serializer),
            (Value::Array(elements), layout) => {
                serializer.collect_seq(elements.iter().map(|value| InSchemaOrder { value, layout }))
            }
            (other, _) => other.serialize(serializer),
        }
    }
}

fn object_in_order<S: Serializer>(object: &Map<String, Value>, layout: &Struct, to: S) -> Result<S::Ok, S::Error> {
    let mut entries: Vec<_> = object
        .iter()
        .map(|(name, value)| {
            let place = layout.fields.iter().position(|field| super::is_of(field, name));
            (place, name, value)
        })
        .collect();
    entries.sort_by_key(|(place, ..)| place.unwrap_or(usize::MAX));
    let mut map = to.serialize_map(Some(entries.len()))?;
    for (place, name, value) in entries {
        let kind = place.and_then(|place| layout.fields.get(place)).map(|field| field.kind);
        map.serialize_entry(name, &InSchemaOrder { value, layout: kind.and_then(structure) })?;
    }
    map.end()
}

/// The struct that a value of this kind is, or is an array of.
fn structure(kind: Kind) -> Option<&'static Struct> {
    match kind {
        Kind::Struct(layout) => Some(layout),
        Kind::Array(element) => structure(*element),
        _ => None,
    }
}

impl fmt::Display for InSchemaOrder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if f.alternate() { serde_json::to_string_pretty(self) } else { serde_json::to_string(self) };
        f.write_str(&text.map_err(|_| fmt::Error)?)
    }
}
