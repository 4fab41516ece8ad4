//! When metadata is asked for, and of what.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_wire::message::metadata_request::MetadataRequestTopic;
use ottla_wire::message::{MetadataRequest, MetadataResponse, StrBytes, TopicName};

use super::merge::{self, Interest, MetadataError, Seen};
use super::refresh::Refresh;
use super::{Broker, Snapshot, TopicState};
use crate::backoff::Backoff;
use crate::time::Now;

/// How often metadata is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// After how long metadata is asked for again although nothing seems wrong with it; default [`METADATA_MAX_AGE`].
    pub metadata_max_age: Duration,
    /// The least time between two requests that nobody new is waiting for; default [`REFRESH_INTERVAL_MIN`].
    pub refresh_interval_min: Duration,
    /// The waits after an answer that was none, or that says of a topic of interest that it is not there or has no leader; default
    /// [`Backoff::METADATA`].
    pub backoff: Backoff,
}

/// The default of [`Config::metadata_max_age`]: 5 minutes, as in Kafka's clients.
pub const METADATA_MAX_AGE: Duration = Duration::from_secs(5 * 60);

/// The default of [`Config::refresh_interval_min`]: 100 ms, as in Kafka's clients.
pub const REFRESH_INTERVAL_MIN: Duration = Duration::from_millis(100);

/// How long a topic stays of interest that nobody uses: 5 minutes, as `metadata.max.idle.ms` of Kafka's producer. One that was deleted, or has lost its
/// leader, is asked for again and again only for as long.
pub const TOPIC_IDLE_MAX: Duration = Duration::from_secs(5 * 60);

/// The longest name that a topic may have, in bytes (Kafka's `Topic.MAX_NAME_LENGTH`).
pub const TOPIC_NAME_BYTES_MAX: usize = 249;

impl Default for Config {
    fn default() -> Self {
        Self {
            metadata_max_age: METADATA_MAX_AGE,
            refresh_interval_min: REFRESH_INTERVAL_MIN,
            backoff: Backoff::METADATA,
        }
    }
}

/// The picture of the cluster and what keeps it up to date. At most one request for metadata is under way at any time.
#[derive(Debug)]
pub struct Cluster {
    config: Config,
    snapshot: Arc<Snapshot>,
    /// What was last told of each topic of interest, refusals left out: a refusal does not make an older epoch newer.
    seen: Seen,
    /// The topics of interest, each with when it was last used.
    interest: Interest,
    refresh: Refresh,
    /// How many answers in a row were none, or incomplete.
    failures: u32,
}

impl Cluster {
    /// Nothing is known, and metadata is due at once.
    #[must_use]
    pub fn new(now: Now, config: Config) -> Self {
        Self {
            config,
            snapshot: Arc::default(),
            seen: BTreeMap::new(),
            interest: BTreeMap::new(),
            refresh: Refresh::first(now.mono),
            failures: 0,
        }
    }

    /// The newest picture.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// These topics are used now, and so of interest for [`TOPIC_IDLE_MAX`]. Where one was not before, metadata is due at once. A name longer than [`TOPIC_NAME_BYTES_MAX`] is passed
    /// over: no topic has it, and a request with it may be one that cannot be written, which would keep all others from being asked for.
    pub fn want(&mut self, now: Now, topics: impl IntoIterator<Item = Arc<str>>) {
        let before = self.interest.len();
        let sayable = topics.into_iter().filter(|topic| topic.len() <= TOPIC_NAME_BYTES_MAX);
        self.interest.extend(sayable.map(|topic| (topic, now.mono)));
        if self.interest.len() > before {
            self.refresh.want_new(now.mono);
        }
    }

    /// This topic is of interest no longer; the next picture is without it.
    pub fn forget(&mut self, topic: &str) {
        self.interest.remove(topic);
        self.seen.remove(topic);
    }

    /// The picture turned out to be wrong: metadata is due as soon as the least interval allows it.
    pub fn refresh(&mut self, now: Now) {
        self.refresh.want(now.mono, self.config.refresh_interval_min);
    }

    /// The request for metadata, when one is due; it must end in [`Cluster::handle_response`] or [`Cluster::handle_failure`].
    ///
    /// It names the topics of interest and no other, and forbids the broker to create them. Saying that needs version 4, which is that of Kafka
    /// 0.11 as are the record batches that this client reads and writes.
    pub fn poll_request(&mut self, now: Now) -> Option<MetadataRequest> {
        self.refresh.begin(now.mono)?;
        let is_used = |used: Instant| now.mono.saturating_duration_since(used) < TOPIC_IDLE_MAX;
        self.interest.retain(|_, used| is_used(*used));
        self.seen.retain(|topic, _| self.interest.contains_key(topic));
        let topic = |name: &Arc<str>| {
            let name = TopicName(StrBytes::from_string(name.as_ref().to_owned()));
            MetadataRequestTopic::default().with_name(Some(name))
        };
        let topics = self.interest.keys().map(topic).collect();
        Some(MetadataRequest::default().with_topics(Some(topics)).with_allow_auto_topic_creation(false))
    }

    /// Whether [`Cluster::poll_request`] has something now: who knows of topics that are used says so before.
    #[must_use]
    pub fn is_due(&self, now: Now) -> bool {
        self.refresh.due().is_some_and(|due| due <= now.mono)
    }

    /// When [`Cluster::poll_request`] has something next; nothing while a request is under way.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.refresh.due()
    }

    /// Merges an answer that was given in `version`, and returns the new picture.
    ///
    /// # Errors
    /// When the answer cannot be believed. The picture stays as it is, and metadata is asked for again after a wait.
    pub fn handle_response(
        &mut self,
        now: Now,
        version: i16,
        response: &MetadataResponse,
        random: u64,
    ) -> Result<Arc<Snapshot>, MetadataError> {
        let merged = merge::merge(&self.snapshot, &self.seen, &self.interest, now.mono, version, response);
        let snapshot = merged.inspect_err(|_| self.handle_failure(now, random))?;
        for (name, state) in &snapshot.topics {
            if let TopicState::Known(topic) = state {
                self.seen.insert(name.clone(), topic.clone());
            }
        }
        self.failures = if is_complete(&snapshot) { 0 } else { self.failures.saturating_add(1) };
        let wait = match self.failures {
            0 => self.config.metadata_max_age,
            failures => self.config.backoff.after(failures, random),
        };
        self.refresh.end(now.mono, wait);
        self.snapshot = Arc::new(snapshot);
        Ok(self.snapshot.clone())
    }

    /// No answer came.
    pub fn handle_failure(&mut self, now: Now, random: u64) {
        self.failures = self.failures.saturating_add(1);
        self.refresh.fail(now.mono, self.config.backoff.after(self.failures, random));
    }
}

/// Whether every topic was answered for good, and every partition has a leader that is there.
fn is_complete(snapshot: &Snapshot) -> bool {
    let brokers: &BTreeMap<_, Broker> = &snapshot.brokers;
    snapshot.topics.values().all(|state| match state {
        TopicState::Refused { code, .. } => !code.is_retriable(),
        TopicState::Known(topic) => topic
            .partitions
            .iter()
            .all(|partition| partition.leader.is_some_and(|leader| brokers.contains_key(&leader))),
    })
}
