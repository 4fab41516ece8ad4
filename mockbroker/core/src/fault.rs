//! Faults: what is to go wrong, on which requests or connections, and how often.

mod action;
mod answer;
mod items;
mod lull;
mod selector;
mod standing;
mod text;

use std::fmt;
use std::time::Duration;

use ottla_wire::{ApiKey, BrokerId, ErrorCode, VersionRange};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json_path::JsonPath;

pub use action::{Corruption, FaultAction};
pub(crate) use answer::Written;
pub(crate) use lull::Lull;
pub use selector::{FieldSelector, Selector};
pub use standing::StandingFault;
pub(crate) use standing::{Asked, Faults, Strike};

use crate::cluster::ConnId;

/// Something that is to go wrong, on which requests or connections, and how often.
///
/// ```
/// use std::time::Duration;
///
/// use ottla_mockbroker_core::{Corruption, Fault};
/// use ottla_wire::{ApiKey, BrokerId, ErrorCode};
/// use serde_json::json;
///
/// # let faults = [
/// // What is done to a request:
/// Fault::error(ErrorCode::NOT_LEADER_OR_FOLLOWER).api(ApiKey::Produce).topic("events").partition(0).times(2),
/// Fault::applied_then_error(ErrorCode::REQUEST_TIMED_OUT).api(ApiKey::Produce).times(1),
/// Fault::silence().api(ApiKey::Metadata).broker(BrokerId(2)),
/// Fault::lost_answer().api(ApiKey::Produce).client_id("app").times(1),
/// Fault::hold(Duration::from_secs(1)).api(ApiKey::Produce),
/// Fault::delay(Duration::from_millis(300)).broker(BrokerId(3)).probability(0.1),
/// Fault::throttle(Duration::from_secs(1)).principal("User:alice"),
/// Fault::corruption(Corruption::FlippedBit).api(ApiKey::Fetch).topic("events").times(1),
/// // What is done to a connection around a request:
/// Fault::close_before().api(ApiKey::Fetch).after(10).times(1),
/// Fault::close_unanswered().api(ApiKey::CreateTopics).times(1),
/// Fault::close_within_answer().api(ApiKey::Fetch).times(1),
/// Fault::close_after_answer().api(ApiKey::ApiVersions),
/// Fault::cut(6).api(ApiKey::Metadata).times(1),
/// Fault::drip(1, Duration::from_millis(10)).api(ApiKey::Fetch),
/// // What is done to connections:
/// Fault::refused_connections().broker(BrokerId(1)),
/// Fault::partition_from().client_id("app").broker(BrokerId(2)),
/// // Which requests, by any field of them, where their JSON has it:
/// Fault::error(ErrorCode::THROTTLING_QUOTA_EXCEEDED).api(ApiKey::CreateTopics).field("$.topics[*].numPartitions", json!(50)),
/// # ];
/// # for fault in faults {
/// #     fault.validate()?;
/// #     let text = serde_json::to_string(&fault)?;
/// #     assert_eq!(serde_json::from_str::<Fault>(&text)?, fault);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A request is struck by one fault: of those that select it, the one that was added first and still has strikes left. So several faults with
/// [`Fault::times`] are a queue: the first request meets the first, the next one the second.
///
/// As JSON a fault is `{"api": "Produce", "topic": "events", "times": 2, "action": {"error": {"code": "NOT_LEADER_OR_FOLLOWER"}}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "text::FaultText", into = "text::FaultText")]
#[non_exhaustive]
pub struct Fault {
    /// On which requests or connections; on all where nothing is said.
    pub selector: Selector,
    /// What goes wrong.
    pub action: FaultAction,
    /// How many of the selected ones pass before the first is struck. The default is 0.
    pub after: u64,
    /// How many are struck; all where nothing is said.
    pub times: Option<u64>,
    /// How likely each is struck, from 0 to 1, drawn from the cluster's seed. The default is 1.
    pub probability: f64,
}

/// A fault of a cluster, by the number that it got when it was added; no two ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaultId(pub u64);

impl fmt::Display for FaultId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}", self.0)
    }
}

/// Why a fault is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The path of a field is no JSON path of RFC 9535.
    #[error("{path:?} is no JSON path: {reason}")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A probability is below 0, above 1 or no number.
    #[error("probability {0} is not between 0 and 1")]
    Probability(String),
    /// The action is done to connections, and the selector names what only a request has.
    #[error("{action} cannot be selected by {part}")]
    NotOfConnections {
        /// The action.
        action: &'static str,
        /// The part of the selector.
        part: &'static str,
    },
    /// Bytes that drip are at least one at a time, and not all at once.
    #[error("a drip has at least one byte, and time between two")]
    Drip,
    /// As many faults are there as [`crate::Bounds::faults_max`] allows.
    #[error("{max} faults are there, and no more may be")]
    TooMany {
        /// The bound.
        max: usize,
    },
}

impl Fault {
    /// A fault of all requests, or for actions on connections of all connections.
    #[must_use]
    pub fn new(action: FaultAction) -> Self {
        Self { selector: Selector::default(), action, after: 0, times: None, probability: 1.0 }
    }

    /// The request is not applied, and answered with `code` wherever Kafka's answer has room for an error of the whole request. Where a topic or a
    /// partition is selected, those alone fail, and the rest of the request is served.
    #[must_use]
    pub fn error(code: ErrorCode) -> Self {
        Self::new(FaultAction::Error { code })
    }

    /// The request is applied, and answered with `code` as [`Fault::error`] does.
    #[must_use]
    pub fn applied_then_error(code: ErrorCode) -> Self {
        Self::new(FaultAction::AppliedThenError { code })
    }

    /// The request is neither applied nor ever answered, nor is any after it on its connection, which stays open.
    #[must_use]
    pub fn silence() -> Self {
        Self::new(FaultAction::Silence)
    }

    /// The request is applied and never answered, nor is any after it on its connection, which stays open.
    #[must_use]
    pub fn lost_answer() -> Self {
        Self::new(FaultAction::LostAnswer)
    }

    /// The request waits for so long before it is applied.
    #[must_use]
    pub fn hold(wait: Duration) -> Self {
        Self::new(FaultAction::Hold { wait })
    }

    /// The request is applied, and its answer waits for so long.
    #[must_use]
    pub fn delay(wait: Duration) -> Self {
        Self::new(FaultAction::Delay { wait })
    }

    /// The answer says `throttle_time_ms`, where it has that, and the connection's next request is read when that is over (KIP-219).
    #[must_use]
    pub fn throttle(wait: Duration) -> Self {
        Self::new(FaultAction::Throttle { wait })
    }

    /// A record batch of a Fetch's answer is damaged; an answer without records is not struck.
    #[must_use]
    pub fn corruption(corruption: Corruption) -> Self {
        Self::new(FaultAction::Corrupt { corruption })
    }

    /// The connection is closed before the request is applied.
    #[must_use]
    pub fn close_before() -> Self {
        Self::new(FaultAction::CloseBefore)
    }

    /// The request is applied, and the connection closed without the answer.
    #[must_use]
    pub fn close_unanswered() -> Self {
        Self::new(FaultAction::CloseUnanswered)
    }

    /// The request is applied, and the connection closed after half of the answer.
    #[must_use]
    pub fn close_within_answer() -> Self {
        Self::new(FaultAction::CloseWithinAnswer)
    }

    /// The request is applied and answered, and the connection closed.
    #[must_use]
    pub fn close_after_answer() -> Self {
        Self::new(FaultAction::CloseAfterAnswer)
    }

    /// The request is applied, and the connection closed after so many bytes of the answer, the four of its length included.
    #[must_use]
    pub fn cut(bytes: usize) -> Self {
        Self::new(FaultAction::Cut { bytes })
    }

    /// The answer comes so many bytes at a time, with so much time before each further ones.
    #[must_use]
    pub fn drip(bytes: usize, every: Duration) -> Self {
        Self::new(FaultAction::Drip { bytes, every })
    }

    /// New connections are refused: closed at once with a reset on sockets, not made at all in memory.
    #[must_use]
    pub fn refused_connections() -> Self {
        Self::new(FaultAction::RefuseConnections)
    }

    /// Nothing passes between the selected clients and brokers, in either direction, until the fault is removed; then what was on its way arrives, as
    /// after a partition that TCP survived. Connections that are opened meanwhile are made and stay silent.
    #[must_use]
    pub fn partition_from() -> Self {
        Self::new(FaultAction::Partition)
    }

    /// Only requests of this API.
    #[must_use]
    pub fn api(mut self, api: ApiKey) -> Self {
        self.selector.api = Some(api);
        self
    }

    /// Only requests of the versions `min` to `max`.
    #[must_use]
    pub fn versions(mut self, min: i16, max: i16) -> Self {
        self.selector.versions = Some(VersionRange::new(min, max));
        self
    }

    /// Only what comes to this broker.
    #[must_use]
    pub fn broker(mut self, broker: BrokerId) -> Self {
        self.selector.broker = Some(broker);
        self
    }

    /// Only this connection.
    #[must_use]
    pub fn connection(mut self, connection: ConnId) -> Self {
        self.selector.connection = Some(connection);
        self
    }

    /// Only clients that give themselves this name.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.selector.client_id = Some(client_id.into());
        self
    }

    /// Only this principal, such as `User:alice`.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<String>) -> Self {
        self.selector.principal = Some(principal.into());
        self
    }

    /// Only what comes in at the listener of this name.
    #[must_use]
    pub fn listener(mut self, listener: impl Into<String>) -> Self {
        self.selector.listener = Some(listener.into());
        self
    }

    /// Only requests that name this topic, by its name or id. An error, and damage to records, is done to this topic alone.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.selector.topic = Some(topic.into());
        self
    }

    /// Only requests that name this partition. An error, and damage to records, is done to this partition alone.
    #[must_use]
    pub fn partition(mut self, partition: i32) -> Self {
        self.selector.partition = Some(partition);
        self
    }

    /// Only requests of which a field that `path`, a JSON path (RFC 9535), leads to has this value, in the JSON view of [`ottla_wire::schema::json`].
    /// Repeat it for further fields.
    #[must_use]
    pub fn field(mut self, path: impl Into<String>, equals: impl Into<Value>) -> Self {
        self.selector.fields.push(FieldSelector { path: path.into(), equals: equals.into() });
        self
    }

    /// Strikes only so many times.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Lets so many pass before it strikes.
    #[must_use]
    pub fn after(mut self, after: u64) -> Self {
        self.after = after;
        self
    }

    /// Strikes each with this probability, from 0 to 1.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Whether the fault can strike at all.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn validate(&self) -> Result<(), FaultError> {
        for FieldSelector { path, .. } in &self.selector.fields {
            parse(path)?;
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(FaultError::Probability(self.probability.to_string()));
        }
        if let FaultAction::Drip { bytes, every } = self.action
            && (bytes == 0 || every.is_zero())
        {
            return Err(FaultError::Drip);
        }
        let forbidden = match self.action {
            FaultAction::RefuseConnections => self.selector.beyond_the_door(),
            FaultAction::Partition => self.selector.of_requests(),
            _ => None,
        };
        match forbidden {
            Some(part) => Err(FaultError::NotOfConnections { action: self.action.name(), part }),
            None => Ok(()),
        }
    }
}

/// The JSON path that a text is.
fn parse(path: &str) -> Result<JsonPath, FaultError> {
    JsonPath::parse(path).map_err(|error| FaultError::Path { path: path.to_owned(), reason: error.to_string() })
}
