//! What a field says where nothing is said.

use serde_json::{Map, Value};

use crate::schema::layout::{Field, Kind};

/// The default of `field` at `version`, as JSON.
pub(in super::super) fn default(field: &Field, version: i16) -> Value {
    let nullable = field.nullable.contains(version);
    match (field.kind, field.default) {
        (_, Some("null")) if nullable => Value::Null,
        // Kafka has no empty records: its default is null, whatever the schema says.
        (Kind::Records, _) if nullable => Value::Null,
        (Kind::Bool, default) => Value::Bool(default == Some("true")),
        (Kind::Float64, default) => super::super::float(default.and_then(float).unwrap_or_default().to_bits()),
        (Kind::Uuid, default) => default.unwrap_or(ZERO_UUID).into(),
        (Kind::String | Kind::ClassicString, default) => default.unwrap_or_default().into(),
        (Kind::Bytes | Kind::Records, _) => "".into(),
        (Kind::Array(_), _) => Value::Array(Vec::new()),
        (Kind::Struct(_), _) => Value::Object(Map::new()),
        (_, default) => default.and_then(integer).unwrap_or_default().into(),
    }
}

const ZERO_UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// An integer as Kafka's schemas write it, decimal or hexadecimal.
pub(in super::super) fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

fn float(text: &str) -> Option<f64> {
    text.parse().ok()
}
