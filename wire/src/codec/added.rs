//! Messages whose last version has fields that no generated struct has a place for: they are coded all the same, by the table, with the defaults of these
//! fields where they are written, and without them where they are read. Only what can be understood without them stands here.

use bytes::Bytes;
use serde_json::Value;

use super::DecodeError;
use crate::api::ApiKey;
use crate::schema::Direction;
use crate::schema::json::{self, JsonError, View};
use crate::schema::{Kind, Message, Struct};

/// Why a message cannot be written by the table.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Encode(#[from] JsonError),
}

/// The version of a message that is coded so.
pub(super) const fn version(api: ApiKey, direction: Direction) -> Option<i16> {
    match (api, direction) {
        // IsCordoned (KIP-1066): whether new partitions may stand in a folder.
        (ApiKey::DescribeLogDirs, Direction::Response) => Some(5),
        _ => None,
    }
}

/// The bytes of a message at a version with more fields, which have their defaults.
pub(super) fn with_defaults(message: &'static Message, from: i16, to: i16, body: &[u8]) -> Result<Bytes, NotWritten> {
    let value = json::decode(message, from, body, &View::default())?;
    Ok(json::encode(message, to, &value)?)
}

/// The bytes of a message at a version with fewer fields, of which the others are passed over.
pub(super) fn without(message: &'static Message, from: i16, to: i16, body: &[u8]) -> Result<Bytes, DecodeError> {
    let mut value = json::decode(message, from, body, &View::default())?;
    prune(&message.body, to, &mut value);
    json::encode(message, to, &value)
        .map_err(|reason| DecodeError::Table { message: message.name, reason: reason.to_string() })
}

/// Takes away the fields that a version does not have.
fn prune(layout: &Struct, version: i16, value: &mut Value) {
    let Some(members) = value.as_object_mut() else { return };
    for field in layout.fields {
        if !field.versions.contains(version) {
            members.retain(|name, _| !json::is_of(field, name));
            continue;
        }
        let Some((_, inner)) = members.iter_mut().find(|(name, _)| json::is_of(field, name)) else { continue };
        match (field.kind, inner) {
            (Kind::Struct(layout), inner) => prune(layout, version, inner),
            (Kind::Array(Kind::Struct(layout)), Value::Array(elements)) => {
                elements.iter_mut().for_each(|element| prune(layout, version, element));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::codec::{decode_response, encode_response};
    use crate::message::DescribeLogDirsRequest;
    use crate::schema;

    #[test]
    fn what_the_last_version_adds_is_its_default_when_written_and_passed_over_when_read() {
        let layout = schema::layout(ApiKey::DescribeLogDirs, Direction::Response);
        let answer = |version, cordoned: &[bool]| {
            let result = |(at, is_cordoned): (usize, &bool)| match version {
                5 => json!({"logDir": format!("/{at}"), "totalBytes": 7, "isCordoned": is_cordoned}),
                _ => json!({"logDir": format!("/{at}"), "totalBytes": 7}),
            };
            let results: Vec<Value> = cordoned.iter().enumerate().map(result).collect();
            json::encode(layout, version, &json!({"throttleTimeMs": 9, "results": results})).unwrap()
        };
        let read = decode_response::<DescribeLogDirsRequest>(5, answer(5, &[true, false])).unwrap();
        assert_eq!(encode_response::<DescribeLogDirsRequest>(4, &read).unwrap(), answer(4, &[true, false]));
        assert_eq!(encode_response::<DescribeLogDirsRequest>(5, &read).unwrap(), answer(5, &[false, false]));
    }
}
