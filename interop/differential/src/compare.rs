//! What two answers differ in, by the path to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use ottla_wire::ApiKey;

use crate::broker::Reaction;

/// A place at which two brokers differ, and what each of them says there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) said: [String; 2],
}

/// The fields that name an element of an array, whose order then means nothing.
const KEYS: &[&str] = &[
    "name",
    "apiKey",
    "partitionIndex",
    "partition",
    "index",
    "nodeId",
    "brokerId",
    "resourceName",
    "key",
    "producerId",
];

/// What two reactions to the same request differ in; their answers are masked.
pub(crate) fn reactions(right: &Reaction, other: &Reaction) -> Vec<Difference> {
    let mut found = Vec::new();
    match (right, other) {
        (Reaction::Answers(right), Reaction::Answers(other)) => values("$", right, other, &mut found),
        // Two answers that cannot be read are no agreement.
        (right, other) if right != other || matches!(right, Reaction::AnswersWrongly(_)) => {
            found.push(Difference { path: "$".to_owned(), said: [told(right), told(other)] });
        }
        _ => {}
    }
    found
}

fn told(reaction: &Reaction) -> String {
    match reaction {
        Reaction::Answers(answer) => format!("answers {}", short(answer)),
        Reaction::AnswersWrongly(why) => format!("answers what cannot be read, for {why}"),
        Reaction::ClosesTheConnection => "closes the connection".to_owned(),
        Reaction::IsSilent => "is silent".to_owned(),
        Reaction::SaysNothing => "says nothing".to_owned(),
    }
}

fn values(path: &str, right: &Value, other: &Value, found: &mut Vec<Difference>) {
    match (right, other) {
        (Value::Object(right), Value::Object(other)) => {
            for name in right.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                maybe(&format!("{path}.{name}"), right.get(name), other.get(name), found);
            }
        }
        (Value::Array(right), Value::Array(other)) => {
            let [right, other] = match shared_key(right, other) {
                Some(key) => [named(key, right), named(key, other)],
                None => [numbered(right), numbered(other)],
            };
            for name in right.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
                maybe(&format!("{path}[{name}]"), right.get(name).copied(), other.get(name).copied(), found);
            }
        }
        (right, other) => {
            if right != other {
                found.push(Difference { path: path.to_owned(), said: [short(right), short(other)] });
            }
        }
    }
}

fn maybe(path: &str, right: Option<&Value>, other: Option<&Value>, found: &mut Vec<Difference>) {
    match (right, other) {
        (Some(right), Some(other)) => values(path, right, other, found),
        (right, other) => {
            let said = [right, other].map(|value| value.map_or_else(|| "nothing".to_owned(), short));
            found.push(Difference { path: path.to_owned(), said });
        }
    }
}

/// The elements in the order of what names them, where something does.
pub(crate) fn sorted_by_key(elements: &[Value]) -> Vec<&Value> {
    match KEYS.iter().find(|key| names(key, elements)) {
        Some(key) => named(key, elements).into_values().collect(),
        None => elements.iter().collect(),
    }
}

fn shared_key(right: &[Value], other: &[Value]) -> Option<&'static str> {
    KEYS.iter().copied().find(|key| names(key, right) && names(key, other))
}

/// Whether `key` names each of the elements, and each otherwise.
fn names(key: &str, elements: &[Value]) -> bool {
    named(key, elements).len() == elements.len()
}

fn named<'a>(key: &str, elements: &'a [Value]) -> BTreeMap<String, &'a Value> {
    elements.iter().filter_map(|it| Some((name(key, it.get(key)?), it))).collect()
}

fn name(key: &str, value: &Value) -> String {
    let api = value.as_i64().and_then(|number| ApiKey::try_from(i16::try_from(number).ok()?).ok());
    match (value, api) {
        (Value::String(name), _) => name.clone(),
        (_, Some(api)) if key == "apiKey" => api.name().to_owned(),
        (other, _) => other.to_string(),
    }
}

fn numbered(elements: &[Value]) -> BTreeMap<String, &Value> {
    elements.iter().enumerate().map(|(at, it)| (at.to_string(), it)).collect()
}

/// How many characters of a value are told.
const SHORT: usize = 120;

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}..", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(right: Value, other: Value) -> Vec<String> {
        reactions(&Reaction::Answers(right), &Reaction::Answers(other)).into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn what_is_missing_what_is_more_and_what_is_other_has_its_path() {
        let right = json!({"topics": [{"name": "a", "errorCode": 0}, {"name": "b", "errorCode": 3}], "error": null});
        let other = json!({"topics": [{"name": "b", "errorCode": 5}, {"name": "c"}]});
        assert_eq!(paths(right, other), ["$.error", "$.topics[a]", "$.topics[b].errorCode", "$.topics[c]"]);
    }

    #[test]
    fn the_order_of_what_has_names_means_nothing_and_that_of_all_else_does() {
        let keyed = |keys: [i32; 2]| json!(keys.map(|key| json!({"apiKey": key})));
        assert!(paths(keyed([3, 18]), keyed([18, 3])).is_empty());
        assert_eq!(paths(keyed([3, 18]), keyed([3, 17])), ["$[ApiVersions]", "$[SaslHandshake]"]);
        assert_eq!(paths(json!([1, 2]), json!([2, 1])), ["$[0]", "$[1]"]);
        assert_eq!(paths(json!([{"name": "a"}, {"name": "a"}]), json!([{"name": "a"}])), ["$[1]"]);
    }

    #[test]
    fn brokers_that_both_close_agree_and_those_that_both_answer_nonsense_do_not() {
        let nonsense = Reaction::AnswersWrongly("no".to_owned());
        assert!(reactions(&Reaction::ClosesTheConnection, &Reaction::ClosesTheConnection).is_empty());
        assert_eq!(reactions(&nonsense, &nonsense).len(), 1);
        assert_eq!(reactions(&Reaction::IsSilent, &Reaction::ClosesTheConnection).len(), 1);
    }
}
