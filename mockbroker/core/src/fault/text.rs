//! A fault as JSON: flat, with Kafka's names, times in milliseconds.

use std::fmt::Display;
use std::time::Duration;

use ottla_wire::{ApiKey, BrokerId, ErrorCode, VersionRange};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::{Fault, FaultAction, FaultError, FieldSelector, Selector};
use crate::cluster::ConnId;

/// The fields of a [`Fault`] in one object.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FaultText {
    action: FaultAction,
    #[serde(default, with = "api", skip_serializing_if = "Option::is_none")]
    api: Option<ApiKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    versions: Option<[i16; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    broker: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connection: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    principal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    listener: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partition: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldText>,
    #[serde(default, skip_serializing_if = "is_zero")]
    after: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
    #[serde(default = "certain", skip_serializing_if = "is_certain")]
    probability: f64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldText {
    path: String,
    equals: Value,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, clippy::float_cmp, reason = "serde calls it so, and 1 is exact")]
fn is_certain(probability: &f64) -> bool {
    *probability == certain()
}

impl From<Fault> for FaultText {
    fn from(fault: Fault) -> Self {
        let Fault { selector, action, after, times, probability } = fault;
        let field = |FieldSelector { path, equals }| FieldText { path, equals };
        Self {
            action,
            api: selector.api,
            versions: selector.versions.map(|VersionRange { min, max }| [min, max]),
            broker: selector.broker.map(|id| id.0),
            connection: selector.connection.map(|id| id.0),
            client_id: selector.client_id,
            principal: selector.principal,
            listener: selector.listener,
            topic: selector.topic,
            partition: selector.partition,
            fields: selector.fields.into_iter().map(field).collect(),
            after,
            times,
            probability,
        }
    }
}

impl TryFrom<FaultText> for Fault {
    type Error = FaultError;

    fn try_from(text: FaultText) -> Result<Self, FaultError> {
        let field = |FieldText { path, equals }| FieldSelector { path, equals };
        let selector = Selector {
            api: text.api,
            versions: text.versions.map(|[min, max]| VersionRange::new(min, max)),
            broker: text.broker.map(BrokerId),
            connection: text.connection.map(ConnId),
            client_id: text.client_id,
            principal: text.principal,
            listener: text.listener,
            topic: text.topic,
            partition: text.partition,
            fields: text.fields.into_iter().map(field).collect(),
        };
        let FaultText { action, after, times, probability, .. } = text;
        let fault = Self { selector, action, after, times, probability };
        fault.validate()?;
        Ok(fault)
    }
}

/// An API by the name that Kafka's protocol guide uses.
mod api {
    use super::*;

    pub(super) fn serialize<S: Serializer>(api: &Option<ApiKey>, to: S) -> Result<S::Ok, S::Error> {
        api.map(ApiKey::name).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ApiKey>, D::Error> {
        let Some(name) = Option::<String>::deserialize(from)? else { return Ok(None) };
        let api = ApiKey::ALL.iter().copied().find(|api| api.name() == name);
        api.map(Some).ok_or_else(|| unknown("API", &name))
    }
}

/// An error code by its name in Kafka's `Errors`, or by its number.
pub(super) mod error_code {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(code: &ErrorCode, to: S) -> Result<S::Ok, S::Error> {
        match code.name() {
            Some(name) => to.serialize_str(name),
            None => to.serialize_i16(code.0),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ErrorCode, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Number(i16),
            Name(String),
        }
        match Text::deserialize(from)? {
            Text::Number(code) => Ok(ErrorCode(code)),
            Text::Name(name) => ErrorCode::from_name(&name).ok_or_else(|| unknown("error code", &name)),
        }
    }
}

/// A time in milliseconds.
pub(super) mod millis {
    use super::*;

    pub(in super::super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

fn unknown<E: de::Error>(what: &str, name: impl Display) -> E {
    E::custom(format!("there is no {what} {name}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_fault_reads_as_a_person_writes_it() {
        let text = json!({
            "api": "Produce", "versions": [3, 9], "topic": "events", "times": 2,
            "fields": [{"path": "$.acks", "equals": -1}],
            "action": {"error": {"code": "NOT_LEADER_OR_FOLLOWER"}},
        });
        let fault: Fault = serde_json::from_value(text.clone()).unwrap();
        let expected = Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER).api(ApiKey::Produce).versions(3, 9);
        assert_eq!(fault, expected.topic("events").times(2).field("$.acks", -1));
        assert_eq!(serde_json::to_value(&fault).unwrap(), text);
        let silence: Fault = serde_json::from_value(json!({"action": "silence"})).unwrap();
        assert_eq!(silence, Fault::silence());
        let drip: Fault = serde_json::from_value(json!({"action": {"drip": {"bytes": 1, "every_ms": 5}}})).unwrap();
        assert_eq!(drip, Fault::drip(1, Duration::from_millis(5)));
    }

    #[test]
    fn what_is_no_fault_is_refused_with_its_reason() {
        for (text, reason) in [
            (json!({"action": "silence", "api": "Prodce"}), "there is no API Prodce"),
            (json!({"action": {"error": {"code": "NO"}}}), "there is no error code NO"),
            (json!({"action": "silence", "topics": "x"}), "unknown field `topics`"),
            (json!({"action": "silence", "probability": 1.5}), "probability 1.5 is not between 0 and 1"),
            (json!({"action": "silence", "fields": [{"path": "topics", "equals": 1}]}), "\"topics\" is no JSON path"),
            (json!({"action": "partition", "topic": "x"}), "partition cannot be selected by topic"),
            (json!({"action": "refuse_connections", "client_id": "x"}), "refuse_connections cannot be selected by"),
            (json!({"action": {"drip": {"bytes": 0, "every_ms": 5}}}), "a drip has at least one byte"),
        ] {
            let error = serde_json::from_value::<Fault>(text).unwrap_err().to_string();
            assert!(error.starts_with(reason), "{error}");
        }
    }
}
