//! What a broker says of one topic.

use ottla_wire::ErrorCode;

use super::call::CallError;

/// Why something was not done with a topic.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TopicError {
    /// There is no such topic, or the broker that was asked does not know it yet.
    #[error("there is no topic {topic:?}: check the name, or create it (Amazon MSK creates no topic by itself)")]
    Unknown {
        /// The topic.
        topic: String,
    },
    /// There is such a topic already.
    #[error("there is a topic {topic:?} already")]
    Exists {
        /// The topic.
        topic: String,
    },
    /// No topic may have this name.
    #[error(
        "{topic:?} is no name of a topic: it takes 1 to 249 letters, digits, `.`, `_` and `-`, and is not `.` or `..`{}",
        said(message)
    )]
    InvalidName {
        /// The name.
        topic: String,
        /// What the broker said.
        message: Option<String>,
    },
    /// There cannot be as many replicas.
    #[error(
        "the replication factor of {topic:?} is refused{}; it is at least 1 and at most the number of brokers: \
         leave it out for the broker's default",
        said(message)
    )]
    ReplicationFactor {
        /// The topic.
        topic: String,
        /// What the broker said.
        message: Option<String>,
    },
    /// The client may not do this.
    #[error(
        "the client is not allowed to do this with {topic:?} ({code}){}; on Amazon MSK the IAM policy must allow it",
        said(message)
    )]
    Unauthorized {
        /// The topic.
        topic: String,
        /// The broker's code.
        code: ErrorCode,
        /// What the broker said.
        message: Option<String>,
    },
    /// The broker refused for another reason.
    #[error("{topic:?} is refused with {code}{}", said(message))]
    Refused {
        /// The topic.
        topic: String,
        /// The broker's code.
        code: ErrorCode,
        /// What the broker said.
        message: Option<String>,
    },
    /// It is asked for more than once in one operation: nothing was done with it.
    #[error("{topic:?} is asked for more than once: nothing was done with it")]
    AskedTwice {
        /// The topic.
        topic: String,
    },
    /// The broker's answer left this topic out.
    #[error("the broker's answer says nothing about {topic:?}")]
    Unanswered {
        /// The topic.
        topic: String,
    },
    /// The broker has no answer; the source says whether the request was sent.
    #[error("there is no answer about {topic:?}")]
    NoAnswer {
        /// The topic.
        topic: String,
        /// Why, where it is known.
        #[source]
        source: Option<CallError>,
    },
}

fn said(message: &Option<String>) -> String {
    message.as_ref().map(|message| format!(" ({message})")).unwrap_or_default()
}

impl TopicError {
    /// What `code`, which is not `NONE`, says of `topic`.
    pub(crate) fn of(topic: &str, code: ErrorCode, message: Option<String>) -> Self {
        let topic = topic.to_owned();
        match code {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID => Self::Unknown { topic },
            ErrorCode::TOPIC_ALREADY_EXISTS => Self::Exists { topic },
            ErrorCode::INVALID_TOPIC_EXCEPTION => Self::InvalidName { topic, message },
            ErrorCode::INVALID_REPLICATION_FACTOR => Self::ReplicationFactor { topic, message },
            ErrorCode::TOPIC_AUTHORIZATION_FAILED | ErrorCode::CLUSTER_AUTHORIZATION_FAILED => {
                Self::Unauthorized { topic, code, message }
            }
            _ => Self::Refused { topic, code, message },
        }
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        match self {
            Self::Unknown { topic }
            | Self::Exists { topic }
            | Self::InvalidName { topic, .. }
            | Self::ReplicationFactor { topic, .. }
            | Self::Unauthorized { topic, .. }
            | Self::Refused { topic, .. }
            | Self::AskedTwice { topic }
            | Self::Unanswered { topic }
            | Self::NoAnswer { topic, .. } => topic,
        }
    }

    /// The broker's code, where a broker answered.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Unknown { .. } => Some(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
            Self::Exists { .. } => Some(ErrorCode::TOPIC_ALREADY_EXISTS),
            Self::InvalidName { .. } => Some(ErrorCode::INVALID_TOPIC_EXCEPTION),
            Self::ReplicationFactor { .. } => Some(ErrorCode::INVALID_REPLICATION_FACTOR),
            Self::Unauthorized { code, .. } | Self::Refused { code, .. } => Some(*code),
            Self::AskedTwice { .. } | Self::Unanswered { .. } | Self::NoAnswer { .. } => None,
        }
    }
}
