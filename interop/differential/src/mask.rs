//! What two brokers cannot say alike: ids, ports, and the times at which something happened; and what each says in words of its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::compare::sorted_by_key;

/// The fields of which only that is compared: which of them are the same.
const MASKED: &[&str] = &[
    "clusterId",
    "topicId",
    "producerId",
    "port",
    "sessionId",
    "finalizedFeaturesEpoch",
    "logAppendTimeMs",
    "logDir",
    "totalBytes",
    "usableBytes",
    "lastFetchTimestamp",
    "lastCaughtUpTimestamp",
    "throttleTimeMs",
];

/// The fields with texts for people, of which only that is compared: whether there is one.
const TEXTS: &[&str] = &["errorMessage", "batchIndexErrorMessage", "documentation"];

/// `answer` with a name in the place of each id: that under which a step has captured it, or its number in the order of appearance. Values that mean
/// that there is none stay as they are.
pub(crate) fn masked(answer: &Value, captured: &BTreeMap<String, Value>) -> Value {
    Masks { captured, seen: BTreeMap::new() }.masked(answer)
}

struct Masks<'a> {
    captured: &'a BTreeMap<String, Value>,
    seen: BTreeMap<String, Vec<Value>>,
}

impl Masks<'_> {
    fn masked(&mut self, value: &Value) -> Value {
        match value {
            // In the same order on both sides, so that the numbers are the same too.
            Value::Array(elements) => {
                Value::Array(sorted_by_key(elements).into_iter().map(|it| self.masked(it)).collect())
            }
            Value::Object(fields) => Value::Object(self.object(fields)),
            other => other.clone(),
        }
    }

    fn object(&mut self, fields: &Map<String, Value>) -> Map<String, Value> {
        let masked = fields.iter().map(|(name, value)| {
            let value = if TEXTS.contains(&name.as_str()) && value.as_str().is_some_and(|text| !text.is_empty()) {
                Value::String(format!("<{name}>"))
            } else if MASKED.contains(&name.as_str()) && !is_none(value) {
                self.name(name, value)
            } else {
                self.masked(value)
            };
            (name.clone(), value)
        });
        masked.collect()
    }

    fn name(&mut self, field: &str, value: &Value) -> Value {
        if let Some((name, _)) = self.captured.iter().find(|(_, captured)| *captured == value) {
            return Value::String(format!("<{name}>"));
        }
        let seen = self.seen.entry(field.to_owned()).or_default();
        let at = seen.iter().position(|it| it == value).unwrap_or_else(|| {
            seen.push(value.clone());
            seen.len() - 1
        });
        Value::String(format!("<{field} {}>", at + 1))
    }
}

/// Whether Kafka says with this that there is no such id or time.
fn is_none(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_i64().is_some_and(|number| number <= 0),
        Value::String(text) => text.is_empty() || text.chars().all(|letter| letter == 'A'),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_told_by_what_captured_them_and_else_by_their_order_whatever_the_order_of_the_names() {
        let captured = BTreeMap::from([("mine".to_owned(), json!("x"))]);
        let some = json!({"topics": [{"name": "b", "topicId": "z"}, {"name": "a", "topicId": "y"}, {"name": "c", "topicId": "x"}], "port": -1});
        let other = json!({"topics": [{"name": "a", "topicId": "1"}, {"name": "b", "topicId": "2"}, {"name": "c", "topicId": "x"}], "port": -1});
        assert_eq!(masked(&some, &captured), masked(&other, &captured));
        assert_eq!(masked(&some, &captured)["topics"][2]["topicId"], "<mine>");
        let twice = json!({"topics": [{"name": "a", "topicId": "1"}, {"name": "b", "topicId": "1"}, {"name": "c", "topicId": "x"}], "port": -1});
        assert_ne!(masked(&some, &captured), masked(&twice, &captured));
    }

    #[test]
    fn of_a_text_only_that_it_is_there_is_compared() {
        let said = |text: Value| masked(&json!({"errorMessage": text}), &BTreeMap::new());
        assert_eq!(said(json!("no such topic")), said(json!("it is not there")));
        assert_ne!(said(json!("no such topic")), said(Value::Null));
        assert_ne!(said(json!("")), said(Value::Null));
    }
}
