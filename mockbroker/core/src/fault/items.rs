//! The topics and partitions of a message that a fault means, told from the rest by the message's JSON alone.
//!
//! Kafka's schemas name a topic by `topic`, `topicName` or `topicId`, by `name` inside arrays of topics, results or responses, and among the
//! resources of configs by type 2; and a partition by `partition`, `partitionIndex` or `index` inside an array of partitions.

use ottla_wire::TopicId;
use serde_json::{Map, Value};

use crate::topic::Topics;

/// The type of a config resource that is a topic.
const TOPIC_RESOURCE: i64 = 2;

/// A topic, a partition, or a partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Items {
    topic: Option<Named>,
    partition: Option<i32>,
}

/// A topic by the names that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Named {
    name: String,
    /// As JSON has it; none while there is no such topic.
    id: Option<String>,
}

/// Which items of a message are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    Meant,
    Others,
}

/// What an element of an array is.
enum Element {
    Topic { is_meant: bool },
    Partition { is_meant: bool },
    Other,
}

impl Items {
    pub(super) fn new(topic: Option<&str>, partition: Option<i32>, topics: &Topics) -> Self {
        let named = |name: &str| Named { name: name.to_owned(), id: topics.named(name).map(|it| it.id.to_string()) };
        Self { topic: topic.map(named), partition }
    }

    /// Whether all of a message is meant.
    pub(crate) fn are_all(&self) -> bool {
        self.topic.is_none() && self.partition.is_none()
    }

    /// Whether a message has one of them.
    pub(super) fn are_in(&self, message: &Value) -> bool {
        self.filter(message, Keep::Meant).1 > 0
    }

    /// A message with what is meant alone.
    pub(crate) fn only(&self, message: &Value) -> Value {
        self.filter(message, Keep::Meant).0
    }

    /// A message without what is meant; none where nothing else is in it.
    pub(crate) fn without(&self, message: &Value) -> Option<Value> {
        let (rest, count) = self.filter(message, Keep::Others);
        (count > 0).then_some(rest)
    }

    /// Puts into an answer, in place of what is meant, what `other`, an answer to that alone, says of it.
    pub(crate) fn replace(&self, answer: &mut Value, other: &Value) {
        *answer = self.filter(answer, Keep::Others).0;
        self.merge(answer, other);
    }

    /// Hands each of the meant partitions of an answer to `change`.
    pub(crate) fn each_partition(&self, answer: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
        let Value::Object(fields) = answer else { return };
        for (name, field) in fields {
            let Value::Array(elements) = field else { continue };
            for element in elements {
                match self.element(name, element) {
                    Element::Topic { is_meant: false } | Element::Partition { is_meant: false } => {}
                    Element::Partition { is_meant: true } => {
                        if let Value::Object(partition) = element {
                            change(partition);
                        }
                    }
                    Element::Topic { is_meant: true } | Element::Other => self.each_partition(element, change),
                }
            }
        }
    }

    /// A message with some of its items, and how many those are: partitions, and topics that are kept whole.
    fn filter(&self, message: &Value, keep: Keep) -> (Value, usize) {
        let Value::Object(fields) = message else { return (message.clone(), 0) };
        let mut kept = 0_usize;
        let filtered = fields.iter().map(|(name, field)| {
            let field = match field {
                Value::Array(elements) => Value::Array(
                    elements.iter().filter_map(|it| self.filter_element(name, it, keep, &mut kept)).collect(),
                ),
                other => other.clone(),
            };
            (name.clone(), field)
        });
        let filtered = Value::Object(filtered.collect());
        (filtered, kept)
    }

    fn filter_element(&self, array: &str, element: &Value, keep: Keep, kept: &mut usize) -> Option<Value> {
        let whole = |is_kept: bool, kept: &mut usize| {
            *kept = kept.saturating_add(usize::from(is_kept));
            is_kept.then(|| element.clone())
        };
        match self.element(array, element) {
            Element::Topic { is_meant: true } if self.partition.is_some() && has_partitions(element) => {
                let (topic, count) = self.filter(element, keep);
                *kept = kept.saturating_add(count);
                (count > 0).then_some(topic)
            }
            Element::Topic { is_meant } | Element::Partition { is_meant } => {
                whole(is_meant == (keep == Keep::Meant), kept)
            }
            Element::Other => {
                let (other, count) = self.filter(element, keep);
                *kept = kept.saturating_add(count);
                Some(other)
            }
        }
    }

    /// Adds the items of `other` to those of `into`.
    fn merge(&self, into: &mut Value, other: &Value) {
        let (Value::Object(into), Value::Object(other)) = (into, other) else { return };
        for (name, field) in other {
            let (Value::Array(from), Some(Value::Array(into))) = (field, into.get_mut(name)) else { continue };
            for element in from {
                if matches!(self.element(name, element), Element::Other) {
                    continue;
                }
                match into.iter_mut().find(|it| is_same_topic(it, element)) {
                    Some(topic) => self.merge(topic, element),
                    None => into.push(element.clone()),
                }
            }
        }
    }

    fn element(&self, array: &str, element: &Value) -> Element {
        if let Some(is_meant) = self.is_topic(array, element) {
            return Element::Topic { is_meant };
        }
        match partition_of(array, element) {
            Some(index) => {
                Element::Partition { is_meant: self.partition.is_none_or(|wanted| i64::from(wanted) == index) }
            }
            None => Element::Other,
        }
    }

    /// Whether a topic is the one that is meant; none where the element is no topic.
    fn is_topic(&self, array: &str, element: &Value) -> Option<bool> {
        let names = topic_names(array, element);
        if names.iter().all(Option::is_none) {
            return None;
        }
        let Some(Named { name, id }) = &self.topic else { return Some(true) };
        let [by_name, by_id] = names;
        Some(by_name == Some(name.as_str()) || by_id.is_some_and(|found| Some(found) == id.as_deref()))
    }
}

/// The name and the id that an element of an array says to be a topic's.
fn topic_names<'a>(array: &str, element: &'a Value) -> [Option<&'a str>; 2] {
    const OF_TOPICS: [&str; 4] = ["topic", "responses", "results", "resources"];
    let lower = array.to_ascii_lowercase();
    let is_of_topics = OF_TOPICS.iter().any(|of| lower.starts_with(of));
    match element {
        Value::String(name) if lower.ends_with("topicnames") || lower == "topics" => [Some(name), None],
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            let is_resource = fields.get("resourceType").and_then(Value::as_i64) == Some(TOPIC_RESOURCE);
            let by_name = text("topic").or_else(|| text("topicName"));
            let by_name = by_name.or_else(|| text("name").filter(|_| is_of_topics));
            let by_name = by_name.or_else(|| text("resourceName").filter(|_| is_resource));
            [by_name, text("topicId").filter(|id| *id != TopicId::ZERO.to_string())]
        }
        _ => [None, None],
    }
}

fn partition_of(array: &str, element: &Value) -> Option<i64> {
    if !array.starts_with("partition") {
        return None;
    }
    let index = |name: &str| element.get(name).and_then(Value::as_i64);
    element.as_i64().or_else(|| index("partitionIndex")).or_else(|| index("partition")).or_else(|| index("index"))
}

fn has_partitions(topic: &Value) -> bool {
    let fields = topic.as_object().into_iter().flatten();
    fields.into_iter().any(|(name, field)| {
        let mut elements = field.as_array().into_iter().flatten();
        elements.any(|element| partition_of(name, element).is_some())
    })
}

fn is_same_topic(one: &Value, other: &Value) -> bool {
    const ARRAY: &str = "topics";
    let [one_names, other_names] = [one, other].map(|it| topic_names(ARRAY, it));
    let mut pairs = one_names.into_iter().zip(other_names);
    pairs.any(|(one, other)| one.is_some_and(|one| !one.is_empty() && Some(one) == other))
}
