//! What a request makes of the values that something has set.

use ottla_wire::ErrorCode;

use super::{ConfigProblem, Kind, Scope, Settings};
use crate::config::NAME_BYTES_MAX;

/// The most UTF-16 units that a value may have, for the controllers keep it with a length of 16 bits.
const VALUE_UNITS_MAX: usize = i16::MAX as usize;

/// Why configs are not altered: none of the resource's is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    pub(crate) reason: String,
}

impl Refusal {
    pub(crate) fn request(reason: impl Into<String>) -> Self {
        Self { code: ErrorCode::INVALID_REQUEST, reason: reason.into() }
    }

    pub(crate) fn policy(reason: impl Into<String>) -> Self {
        Self { code: ErrorCode::POLICY_VIOLATION, reason: reason.into() }
    }

    pub(crate) fn config(reason: impl Into<String>) -> Self {
        Self { code: ErrorCode::INVALID_CONFIG, reason: reason.into() }
    }
}

impl From<ConfigProblem> for Refusal {
    fn from(problem: ConfigProblem) -> Self {
        Self::config(problem.to_string())
    }
}

/// What a request wants of a resource's configs.
#[derive(Clone, Debug)]
pub(crate) enum Changes<'a> {
    /// These, and no others (AlterConfigs).
    All(Vec<(&'a str, Option<&'a str>)>),
    /// Each of these altered, and the others left (KIP-339).
    Each(Vec<(&'a str, Option<Operation>, Option<&'a str>)>),
}

/// What becomes of one config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Set,
    Delete,
    /// The items are added to those of a list.
    Append,
    /// The items are taken from those of a list.
    Subtract,
}

impl Operation {
    /// By Kafka's number.
    pub(crate) fn numbered(number: i8) -> Option<Self> {
        match number {
            0 => Some(Self::Set),
            1 => Some(Self::Delete),
            2 => Some(Self::Append),
            3 => Some(Self::Subtract),
            _ => None,
        }
    }
}

impl Changes<'_> {
    /// What is wrong with them, whatever they belong to.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let names: Vec<&str> = match self {
            Self::All(all) => all.iter().map(|(name, _)| *name).collect(),
            Self::Each(each) => each.iter().map(|(name, ..)| *name).collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
            return Err(Refusal::request(format!("the config {twice} stands in the request twice")));
        }
        let null = match self {
            Self::All(all) => all.iter().find(|(_, value)| value.is_none()).map(|(name, _)| *name),
            Self::Each(each) => {
                let null = |(_, operation, value): &&(_, _, Option<_>)| {
                    *operation != Some(Operation::Delete) && value.is_none()
                };
                each.iter().find(null).map(|(name, ..)| *name)
            }
        };
        match null {
            Some(name) => Err(Refusal::request(format!("a null value is not supported for {name}"))),
            None => Ok(()),
        }
    }

    /// What is set when they are done.
    pub(crate) fn applied(&self, scope: Scope, before: &Settings) -> Result<Settings, Refusal> {
        let after: Settings = match self {
            Self::All(all) => {
                all.iter().filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))).collect()
            }
            Self::Each(each) => {
                let mut after = before.clone();
                for (name, operation, value) in each {
                    let Some(operation) = operation else {
                        return Err(Refusal::request(format!("the operation on {name} is none")));
                    };
                    match altered(scope, before, name, *operation, value.unwrap_or_default())? {
                        Some(value) => drop(after.insert((*name).to_owned(), value)),
                        None => drop(after.remove(*name)),
                    }
                }
                after
            }
        };
        if after.keys().any(|name| name.len() > NAME_BYTES_MAX) {
            return Err(Refusal::config(format!("the name of a config is longer than {NAME_BYTES_MAX}")));
        }
        match after.iter().find(|(_, value)| value.encode_utf16().count() > VALUE_UNITS_MAX) {
            Some((name, _)) => Err(Refusal::config(format!("the value of {name} is longer than {VALUE_UNITS_MAX}"))),
            None => Ok(after),
        }
    }
}

/// The value of one config; none where it is no longer set.
fn altered(
    scope: Scope,
    before: &Settings,
    name: &str,
    operation: Operation,
    value: &str,
) -> Result<Option<String>, Refusal> {
    match operation {
        Operation::Set => return Ok(Some(value.to_owned())),
        Operation::Delete => return Ok(None),
        Operation::Append | Operation::Subtract => {}
    }
    let Some(config) = scope.find(name).filter(|config| config.kind == Kind::List) else {
        return Err(Refusal::config(format!("{name} is no list, so that nothing can be added to it or taken from it")));
    };
    let set = before.get(name).map(String::as_str).or(config.default).unwrap_or_default();
    let mut items: Vec<&str> = set.split(',').filter(|item| !item.is_empty()).collect();
    for item in value.split(',') {
        let at = items.iter().position(|there| *there == item);
        match (operation, at) {
            (Operation::Append, None) => items.push(item),
            (Operation::Subtract, Some(at)) => drop(items.remove(at)),
            _ => {}
        }
    }
    Ok(Some(items.join(",")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn policy(before: Option<&str>, operation: Operation, value: &str) -> Option<String> {
        let before = before.map(|value| ("cleanup.policy".to_owned(), value.to_owned())).into_iter().collect();
        let changes = Changes::Each(vec![("cleanup.policy", Some(operation), Some(value))]);
        changes.applied(Scope::Topic, &before).unwrap().remove("cleanup.policy")
    }

    #[test]
    fn items_are_added_to_a_list_once_and_taken_from_it() {
        use Operation::*;
        assert_eq!(policy(None, Append, "compact").as_deref(), Some("delete,compact"));
        assert_eq!(policy(Some("compact"), Append, "compact").as_deref(), Some("compact"));
        assert_eq!(policy(None, Subtract, "delete").as_deref(), Some(""));
        assert_eq!(policy(Some("compact,delete"), Subtract, "delete,other").as_deref(), Some("compact"));
        assert_eq!(policy(Some("compact"), Set, "delete").as_deref(), Some("delete"));
        assert_eq!(policy(Some("compact"), Delete, ""), None);
    }

    #[test]
    fn nothing_is_added_to_what_is_no_list() {
        for name in ["retention.ms", "nonsense"] {
            let changes = Changes::Each(vec![(name, Some(Operation::Append), Some("1"))]);
            assert_eq!(changes.applied(Scope::Topic, &Settings::new()).unwrap_err().code, ErrorCode::INVALID_CONFIG);
        }
    }

    #[test]
    fn a_config_that_stands_twice_or_is_null_is_refused() {
        for changes in [
            Changes::All(vec![("a", Some("1")), ("a", Some("1"))]),
            Changes::All(vec![("a", None)]),
            Changes::Each(vec![("a", Some(Operation::Set), None)]),
            Changes::Each(vec![("a", Some(Operation::Delete), None), ("a", Some(Operation::Set), Some(""))]),
        ] {
            assert_eq!(changes.check().unwrap_err().code, ErrorCode::INVALID_REQUEST);
        }
        assert_eq!(Changes::Each(vec![("a", Some(Operation::Delete), None)]).check(), Ok(()));
    }

    #[test]
    fn a_value_that_the_controllers_cannot_keep_is_refused() {
        let long = "x".repeat(32_768);
        let changes = Changes::All(vec![("a", Some(&long))]);
        assert_eq!(changes.applied(Scope::Broker, &Settings::new()).unwrap_err().code, ErrorCode::INVALID_CONFIG);
    }
}
