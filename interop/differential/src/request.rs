//! The bytes of a request that a step asks for.
//!
//! A batch is `{"$batch": {"records": [{"key": "k", "value": "v", "timestamp": 1}], "codec": "gzip", "producerId": 7, "producerEpoch": 0, "sequence": 0,
//! "isTransactional": true, "corrupt": true}}`, where only the records must be there; a corrupt one has a checksum that is wrong.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::{Map, Value};

use ottla_wire::ApiKey;
use ottla_wire::record::{BatchWriter, Compression, NewRecord, ProducerStamp};
use ottla_wire::sasl::base64;
use ottla_wire::schema::{self, Direction, Kind, Struct, json};

use crate::script::Spoil;

/// Why a step says no request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("no step has captured {0}")]
    NotCaptured(String),
    #[error("{api} has no field {field} at any version")]
    NoField { api: ApiKey, field: String },
    #[error("no batch: {0}")]
    Batch(String),
    #[error("{0:?} are no hexadecimal digits")]
    Hex(String),
    #[error(transparent)]
    Json(#[from] json::JsonError),
}

/// The body of a request to `api` at `version`, as `body` says it with the values of `variable` in it.
pub(crate) fn encode(
    api: ApiKey,
    version: i16,
    body: &Value,
    spoil: Option<&Spoil>,
    variable: &dyn Fn(&str) -> Option<Value>,
) -> Result<Bytes, RequestError> {
    if let Some(Spoil::Body(digits)) = spoil {
        return Ok(hex(digits)?.into());
    }
    let message = schema::layout(api, Direction::Request);
    let said = fitted(api, &message.body, version, &said(body, variable)?)?;
    let encoded = json::encode(message, version, &said)?;
    Ok(match spoil {
        None | Some(Spoil::Body(_)) => encoded,
        Some(Spoil::Cut(bytes)) => encoded.slice(..encoded.len().saturating_sub(*bytes)),
        Some(Spoil::Append(digits)) => {
            let mut longer = BytesMut::from(encoded);
            longer.extend_from_slice(&hex(digits)?);
            longer.freeze()
        }
    })
}

/// `value` with the values of variables in the place of their names, and batches in that of what they are made of.
fn said(value: &Value, variable: &dyn Fn(&str) -> Option<Value>) -> Result<Value, RequestError> {
    Ok(match value {
        Value::String(text) => with_variables(text, variable)?,
        Value::Array(elements) => Value::Array(elements.iter().map(|it| said(it, variable)).collect::<Result<_, _>>()?),
        Value::Object(fields) => {
            let fields: Map<String, Value> = fields
                .iter()
                .map(|(name, it)| Ok((name.clone(), said(it, variable)?)))
                .collect::<Result<_, RequestError>>()?;
            match fields.get("$batch") {
                Some(asked) => Value::String(base64::encode(&batch(asked)?)),
                None => Value::Object(fields),
            }
        }
        other => other.clone(),
    })
}

fn with_variables(text: &str, variable: &dyn Fn(&str) -> Option<Value>) -> Result<Value, RequestError> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once("${").and_then(|(before, it)| Some((before, it.split_once('}')?)))
    {
        let value = variable(name).ok_or_else(|| RequestError::NotCaptured(name.to_owned()))?;
        if before.is_empty() && after.is_empty() && out.is_empty() {
            return Ok(value);
        }
        out.push_str(before);
        match value {
            Value::String(value) => out.push_str(&value),
            other => out.push_str(&other.to_string()),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::String(out))
}

/// `value` without the fields that other versions than this have.
fn fitted(api: ApiKey, layout: &Struct, version: i16, value: &Value) -> Result<Value, RequestError> {
    let Value::Object(fields) = value else { return Ok(value.clone()) };
    let mut kept = Map::new();
    for (name, value) in fields {
        let field = layout.fields.iter().filter(|field| is_called(field.name, name));
        let field = field.max_by_key(|field| field.versions.contains(version));
        let field = field.ok_or_else(|| RequestError::NoField { api, field: name.clone() })?;
        if field.versions.contains(version) {
            kept.insert(name.clone(), fitted_kind(api, &field.kind, version, value)?);
        }
    }
    Ok(Value::Object(kept))
}

fn fitted_kind(api: ApiKey, kind: &Kind, version: i16, value: &Value) -> Result<Value, RequestError> {
    match (kind, value) {
        (Kind::Struct(layout), value) => fitted(api, layout, version, value),
        (Kind::Array(kind), Value::Array(elements)) => {
            let elements = elements.iter().map(|it| fitted_kind(api, kind, version, it));
            Ok(Value::Array(elements.collect::<Result<_, _>>()?))
        }
        (_, value) => Ok(value.clone()),
    }
}

/// Whether the field of the schema has this name in JSON, where the first letter is small.
fn is_called(field: &str, name: &str) -> bool {
    let (mut of_field, mut of_name) = (field.chars(), name.chars());
    of_field.next().map(|first| first.to_ascii_lowercase()) == of_name.next() && of_field.as_str() == of_name.as_str()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AskedBatch {
    records: Vec<AskedRecord>,
    #[serde(default = "no_codec")]
    codec: String,
    producer_id: Option<i64>,
    #[serde(default)]
    producer_epoch: i16,
    #[serde(default)]
    sequence: i32,
    #[serde(default)]
    is_transactional: bool,
    #[serde(default)]
    corrupt: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedRecord {
    key: Option<String>,
    value: Option<String>,
    #[serde(default = "some_time")]
    timestamp: i64,
}

fn no_codec() -> String {
    Compression::None.name().to_owned()
}

/// In milliseconds since 1970.
fn some_time() -> i64 {
    1_700_000_000_000
}

fn batch(asked: &Value) -> Result<Vec<u8>, RequestError> {
    let wrong = |error: &dyn std::fmt::Display| RequestError::Batch(error.to_string());
    let asked = AskedBatch::deserialize(asked).map_err(|error| wrong(&error))?;
    let codec = Compression::ALL.into_iter().find(|codec| codec.name() == asked.codec);
    let codec = codec.ok_or_else(|| wrong(&format!("no codec is called {}", asked.codec)))?;
    let mut writer = BatchWriter::new(0);
    for AskedRecord { key, value, timestamp } in &asked.records {
        let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
        let (key, value) = (bytes(key), bytes(value));
        writer.append(&NewRecord::new(*timestamp, key.as_deref(), value.as_deref())).map_err(|error| wrong(&error))?;
    }
    let stamp = asked.producer_id.map_or(ProducerStamp::NONE, |producer_id| ProducerStamp {
        producer_id,
        producer_epoch: asked.producer_epoch,
        base_sequence: asked.sequence,
        is_transactional: asked.is_transactional,
    });
    let batch = match codec {
        Compression::None => writer.finish(stamp),
        codec => writer.finish_compressed(stamp, codec, None).map_err(|error| wrong(&error))?,
    };
    let mut batch = batch.to_vec();
    if asked.corrupt
        && let Some(last) = batch.last_mut()
    {
        *last ^= 1;
    }
    Ok(batch)
}

fn hex(digits: &str) -> Result<Vec<u8>, RequestError> {
    let wrong = || RequestError::Hex(digits.to_owned());
    let pairs = digits.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    pairs.collect::<Option<_>>().ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json as value;

    use super::*;

    #[test]
    fn a_body_is_fitted_to_its_version_and_takes_values_from_before() {
        let body = value!({"topics": [{"name": "t-${version}", "topicId": "${id}"}], "allowAutoTopicCreation": false});
        let variable = |name: &str| match name {
            "version" => Some(value!(9)),
            "id" => Some(value!("AAAAAAAAAAAAAAAAAAAAAQ")),
            _ => None,
        };
        for version in [0, 9, 12] {
            let layout = schema::layout(ApiKey::Metadata, Direction::Request);
            let bytes = encode(ApiKey::Metadata, version, &body, None, &variable).unwrap();
            let read = json::decode(layout, version, &bytes, &json::View::default()).unwrap();
            assert_eq!(read["topics"][0]["name"], "t-9");
            assert_eq!(read["topics"][0].get("topicId").is_some(), version >= 10);
        }
        let typo = encode(ApiKey::Metadata, 9, &value!({"topic": []}), None, &variable);
        assert!(matches!(typo, Err(RequestError::NoField { .. })));
        let unknown = encode(ApiKey::Metadata, 9, &value!({"topics": [{"name": "${other}"}]}), None, &variable);
        assert!(matches!(unknown, Err(RequestError::NotCaptured(_))));
    }
}
