//! What JSON cannot be written, and where it stands.

use serde_json::Value;

use super::super::path::Path;
use crate::api::VersionRange;

/// Why JSON is no such message. `path` says where, for example `topics[2].partitions[0].index`; no value of a secret is ever in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The message has no such version.
    #[error("{message} has versions {known}, not {version}")]
    Version {
        /// The message.
        message: &'static str,
        /// The version asked for.
        version: i16,
        /// The versions that there are.
        known: VersionRange,
    },
    /// The schema has no field of this name.
    #[error("{path}: there is no such field")]
    Unknown {
        /// Where it stands.
        path: String,
    },
    /// The field is of other versions.
    #[error("{path}: version {version} has no such field; it is of versions {versions}")]
    NotOfVersion {
        /// Where it stands.
        path: String,
        /// The version asked for.
        version: i16,
        /// The versions that have it.
        versions: VersionRange,
    },
    /// The value is of another kind, or out of its field's range.
    #[error("{path}: {found} is not {expected}")]
    Wrong {
        /// Where it stands.
        path: String,
        /// What stands there: the number itself, or what kind of value it is.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// More bytes or elements than their length can say.
    #[error("{path}: a length of {length} is more than its field can say")]
    TooLong {
        /// Where it stands.
        path: String,
        /// The length, in bytes of a string or in elements of an array.
        length: usize,
    },
    /// The secret has been redacted, and cannot be written again.
    #[error("{path}: the secret has been redacted")]
    Redacted {
        /// Where it stands.
        path: String,
    },
    /// An unknown tagged field has a number that the schema knows, or that stands twice.
    #[error("{path}: tag {tag} is a field of the schema, or stands twice")]
    Tag {
        /// Where it stands.
        path: String,
        /// The number of the tagged field.
        tag: u32,
    },
}

impl JsonError {
    /// `value`, which stands at `path`, is none of what is `expected`.
    pub(super) fn wrong(path: &Path<'_>, value: &Value, expected: &'static str) -> Self {
        let found = match value {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::String(_) => "this string".to_owned(),
            Value::Array(_) => "an array".to_owned(),
            Value::Object(_) => "an object".to_owned(),
        };
        Self::Wrong { path: path.to_string(), found, expected }
    }
}
