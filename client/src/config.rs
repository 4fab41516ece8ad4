//! The settings of a client, with their defaults.

use std::time::Duration;

use ottla_core::backoff::Backoff;

use crate::error::ConfigProblem;

/// The settings of a client that have a default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What the client calls itself, for the brokers' logs, metrics and quotas. Default `ottla`.
    pub client_id: String,
    /// How long it may take to open one connection: name, TCP, TLS, ApiVersions and authentication together. Default 10 s.
    ///
    /// A larger value finds slow brokers, and learns later that one is gone.
    pub connect_timeout: Duration,
    /// How long a broker may take for an answer; the connection of one that takes longer is closed. Default 30 s, as in Kafka's clients; MSK asks for
    /// 10 s at least.
    pub request_timeout: Duration,
    /// How long an administrative operation may take, retries included. Default 60 s.
    pub admin_timeout: Duration,
    /// How old metadata may grow before it is asked for again although nothing is wrong with it. Default 5 min, as in Kafka's clients.
    pub metadata_max_age: Duration,
    /// How long a topic that the brokers do not know is asked for again before that is an error. Default 5 s.
    ///
    /// A topic that was just created is not known to every broker at once. A larger value makes a misspelt name known later.
    pub unknown_topic_timeout: Duration,
    /// The longest pause before the second try to open a connection; it doubles with each failure. Default 200 ms.
    pub reconnect_backoff: Duration,
    /// The longest pause before any try to open a connection. Default 5 s.
    pub reconnect_backoff_max: Duration,
    /// The longest pause before the second try of a request; it doubles with each failure. Default 200 ms, the least that MSK asks for.
    pub retry_backoff: Duration,
    /// The longest pause before any try of a request. Default 1 s.
    pub retry_backoff_max: Duration,
    /// From which jitter and choices among equals are drawn. Default none: different in each client. A test that gives one sees the same again.
    pub seed: Option<u64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            client_id: "ottla".to_owned(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(30),
            admin_timeout: Duration::from_secs(60),
            metadata_max_age: ottla_core::cluster::METADATA_MAX_AGE,
            unknown_topic_timeout: Duration::from_secs(5),
            reconnect_backoff: Backoff::RECONNECT.initial,
            reconnect_backoff_max: Backoff::RECONNECT.max,
            retry_backoff: Backoff::RETRY.initial,
            retry_backoff_max: Backoff::RETRY.max,
            seed: None,
        }
    }
}

/// The least that a timeout may be.
const TIMEOUT_MIN: Duration = Duration::from_millis(1);

/// The most that any duration may be: what a broker can be told, in milliseconds of 32 bits, is 24 days.
const DURATION_MAX: Duration = Duration::from_secs(24 * 24 * 60 * 60);

impl Config {
    /// Everything that is out of its range.
    pub(crate) fn problems(&self) -> Vec<ConfigProblem> {
        let rows = [
            ("connect_timeout", self.connect_timeout, TIMEOUT_MIN),
            ("request_timeout", self.request_timeout, TIMEOUT_MIN),
            ("admin_timeout", self.admin_timeout, TIMEOUT_MIN),
            ("metadata_max_age", self.metadata_max_age, TIMEOUT_MIN),
            ("unknown_topic_timeout", self.unknown_topic_timeout, Duration::ZERO),
            ("reconnect_backoff", self.reconnect_backoff, TIMEOUT_MIN),
            ("reconnect_backoff_max", self.reconnect_backoff_max, self.reconnect_backoff),
            ("retry_backoff", self.retry_backoff, TIMEOUT_MIN),
            ("retry_backoff_max", self.retry_backoff_max, self.retry_backoff),
        ];
        let wrong = rows.into_iter().filter(|(_, value, min)| value < min || *value > DURATION_MAX);
        wrong
            .map(|(setting, value, min)| ConfigProblem::OutOfRange { setting, value, min, max: DURATION_MAX })
            .collect()
    }

    pub(crate) const fn reconnect(&self) -> Backoff {
        Backoff { initial: self.reconnect_backoff, max: self.reconnect_backoff_max }
    }

    pub(crate) const fn retry(&self) -> Backoff {
        Backoff { initial: self.retry_backoff, max: self.retry_backoff_max }
    }
}
