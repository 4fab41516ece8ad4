//! The metrics that clients push (KIP-714): which clients a broker knows, what it wants of them, and what they pushed.
//!
//! The subscriptions are the configs of the resource `CLIENT_METRICS`. A client is known to the broker that it asked until the connection on which it
//! first did so is closed, or the one on which it did so when a subscription had changed, or it says nothing for three of its intervals. When a
//! subscription changes, all that was known of it is made anew.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod java;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use ottla_wire::record::crc32c;
use ottla_wire::{BrokerId, ErrorCode, TopicId};
use regex::Regex;

use crate::cluster::ConnId;
use crate::configs::Settings;
use crate::connection::Connection;
use crate::time::Now;

/// How many clients a broker knows before it forgets the one that was silent longest.
const CLIENTS_MAX: usize = 16_384;

/// For how long a broker knows a client that says nothing, at least.
const KNOWN_FOR_MIN: Duration = Duration::from_secs(60);

/// How often metrics are wanted where no subscription says it.
const INTERVAL_MS: i32 = 300_000;

/// What stands for all metrics.
const ALL_METRICS: &str = "*";

/// What a pushed payload counts for beside its bytes.
const PUSH_OVERHEAD_BYTES: usize = 128;

/// The id by which a client is known, a UUID.
pub(crate) type ClientInstanceId = [u8; 16];

/// Metrics that a client pushed, in the Protobuf of OpenTelemetry's `MetricsData`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PushedMetrics {
    /// When.
    pub at: SystemTime,
    /// On which connection.
    pub conn: ConnId,
    /// To which broker.
    pub broker: BrokerId,
    /// The UUID by which the client is known.
    pub client_instance_id: [u8; 16],
    /// Whether the client said that it ends.
    pub is_terminating: bool,
    /// The metrics, decompressed.
    pub metrics: Bytes,
}

/// What is known of clients and their metrics.
#[derive(Debug, Default)]
pub(crate) struct Telemetry {
    clients: BTreeMap<(BrokerId, ClientInstanceId), Client>,
    by_conn: BTreeMap<ConnId, (BrokerId, ClientInstanceId)>,
    pushed: VecDeque<PushedMetrics>,
    pushed_bytes: usize,
}

/// A client, as one broker knows it.
#[derive(Debug)]
pub(crate) struct Client {
    identity: Identity,
    subscription: Subscription,
    /// The state of all subscriptions that `subscription` is of.
    version: u64,
    asked_at_ms: i64,
    pushed_at_ms: i64,
    is_terminating: bool,
    last_error: ErrorCode,
    heard_at: Instant,
}

/// What a broker wants of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) id: i32,
    /// The beginnings of the names of the metrics, in the order in which Kafka tells them.
    pub(crate) metrics: Vec<String>,
    pub(crate) interval_ms: i32,
}

/// By what a subscription may choose a client, as it was when it asked first.
#[derive(Clone, Debug)]
struct Identity {
    conn: ConnId,
    attributes: [(&'static str, Option<String>); 6],
}

impl Identity {
    fn of(connection: &Connection, id: ClientInstanceId) -> Self {
        let [name, version] = connection.software();
        Self {
            conn: connection.id,
            attributes: [
                ("client_instance_id", Some(TopicId(id).to_string())),
                ("client_id", connection.client_id.as_deref().map(str::to_owned)),
                ("client_software_name", Some(name.to_owned())),
                ("client_software_version", Some(version.to_owned())),
                ("client_source_address", Some(connection.host.to_string())),
                ("client_source_port", connection.port.map(|port| port.to_string())),
            ],
        }
    }

    /// Whether a client is all that the `match` of a subscription says: `attribute=regular expression`, with commas between.
    fn fits(&self, matches: &str) -> bool {
        let fits = |pattern: &str| {
            let Some((name, expression)) = pattern.trim_end_matches('=').split_once('=') else { return false };
            let attribute = self.attributes.iter().find(|(known, _)| *known == name.trim());
            let Some((_, Some(value))) = attribute else { return false };
            Regex::new(&format!("^(?:{})$", expression.trim())).is_ok_and(|expression| expression.is_match(value))
        };
        items(matches).all(fits)
    }
}

/// The items of a list; none of the empty one.
fn items(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|item| !item.is_empty())
}

impl Subscription {
    /// What the subscriptions that fit a client want of it together.
    fn of(identity: &Identity, id: ClientInstanceId, all: &BTreeMap<String, Settings>) -> Self {
        let set = |settings: &Settings, name: &str| settings.get(name).cloned().unwrap_or_default();
        let mut interval_ms = INTERVAL_MS;
        let mut metrics: Vec<String> = Vec::new();
        let names = java::in_hash_order(all.keys().cloned().collect());
        for settings in names.iter().filter_map(|name| all.get(name)) {
            if !identity.fits(&set(settings, "match")) {
                continue;
            }
            metrics.extend(java::in_hash_order(items(&set(settings, "metrics")).map(str::to_owned).collect()));
            interval_ms = interval_ms.min(set(settings, "interval.ms").trim().parse().unwrap_or(INTERVAL_MS));
        }
        let metrics = match metrics.iter().any(|metric| metric == ALL_METRICS) {
            true => vec![ALL_METRICS.to_owned()],
            false => java::in_hash_order(metrics),
        };
        let text = format!("[{}]{interval_ms}", metrics.join(", "));
        let id = crc32c(text.as_bytes()).cast_signed() ^ java::hash_of_uuid(id);
        Self { id, metrics, interval_ms }
    }
}

/// The subscriptions, and how often any of them changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscriptions<'a> {
    pub(crate) by_name: &'a BTreeMap<String, Settings>,
    pub(crate) version: u64,
}

impl Telemetry {
    /// Whether a broker knows a client by this id.
    pub(crate) fn knows(&self, broker: BrokerId, id: ClientInstanceId) -> bool {
        self.clients.contains_key(&(broker, id))
    }

    /// What a broker knows of a client that asks it, from now on if not before.
    pub(crate) fn client(
        &mut self,
        now: Now,
        connection: &Connection,
        id: ClientInstanceId,
        subscriptions: Subscriptions<'_>,
    ) -> &mut Client {
        let key = (connection.broker, id);
        let known = self.clients.remove(&key).filter(|client| !client.is_forgotten(now.mono));
        let client = match known {
            Some(client) if client.version == subscriptions.version => Client { heard_at: now.mono, ..client },
            Some(client) => {
                self.by_conn.insert(connection.id, key);
                Client::new(now, client.identity, id, subscriptions)
            }
            None => {
                self.make_room(connection.broker);
                self.by_conn.insert(connection.id, key);
                Client::new(now, Identity::of(connection, id), id, subscriptions)
            }
        };
        self.clients.entry(key).or_insert(client)
    }

    fn make_room(&mut self, broker: BrokerId) {
        let of_broker = || self.clients.range((broker, [0; 16])..=(broker, [u8::MAX; 16]));
        if self.clients.len() < CLIENTS_MAX || of_broker().count() < CLIENTS_MAX {
            return;
        }
        let silent = of_broker().min_by_key(|(_, client)| client.heard_at).map(|(key, client)| (*key, client));
        if let Some((key, client)) = silent {
            self.by_conn.remove(&client.identity.conn);
            self.clients.remove(&key);
        }
    }

    /// A connection was closed: the client that first asked on it is not known any more.
    pub(crate) fn disconnected(&mut self, conn: ConnId) {
        if let Some(key) = self.by_conn.remove(&conn) {
            self.clients.remove(&key);
        }
    }

    /// Keeps what was pushed, and forgets the oldest beyond so many bytes.
    pub(crate) fn keep(&mut self, pushed: PushedMetrics, bytes_max: usize) {
        self.pushed_bytes = self.pushed_bytes.saturating_add(pushed.size_bytes());
        self.pushed.push_back(pushed);
        while self.pushed_bytes > bytes_max {
            let Some(oldest) = self.pushed.pop_front() else { return };
            self.pushed_bytes = self.pushed_bytes.saturating_sub(oldest.size_bytes());
        }
    }

    /// What was pushed, the oldest first.
    pub(crate) fn pushed(&self) -> impl Iterator<Item = &PushedMetrics> {
        self.pushed.iter()
    }
}

impl PushedMetrics {
    fn size_bytes(&self) -> usize {
        self.metrics.len().saturating_add(PUSH_OVERHEAD_BYTES)
    }
}

impl Client {
    fn new(now: Now, identity: Identity, id: ClientInstanceId, subscriptions: Subscriptions<'_>) -> Self {
        Self {
            subscription: Subscription::of(&identity, id, subscriptions.by_name),
            identity,
            version: subscriptions.version,
            asked_at_ms: 0,
            pushed_at_ms: 0,
            is_terminating: false,
            last_error: ErrorCode::NONE,
            heard_at: now.mono,
        }
    }

    fn is_forgotten(&self, now: Instant) -> bool {
        let interval = Duration::from_millis(u64::try_from(self.subscription.interval_ms).unwrap_or_default());
        now.saturating_duration_since(self.heard_at) >= interval.saturating_mul(3).max(KNOWN_FOR_MIN)
    }

    /// What is wanted of a client that asks for it: not more often than it pushes, but where its last push failed for want of it.
    pub(crate) fn asks(&mut self, now_ms: i64) -> Result<&Subscription, ErrorCode> {
        let last = self.asked_at_ms.max(self.pushed_at_ms);
        let is_due = now_ms.saturating_sub(last) >= self.subscription.interval_ms.into();
        if is_due {
            self.asked_at_ms = now_ms;
        }
        let asks_anew = [ErrorCode::UNKNOWN_SUBSCRIPTION_ID, ErrorCode::UNSUPPORTED_COMPRESSION_TYPE];
        if !is_due && !asks_anew.contains(&self.last_error) {
            return Err(ErrorCode::THROTTLING_QUOTA_EXCEEDED);
        }
        self.last_error = ErrorCode::NONE;
        Ok(&self.subscription)
    }

    /// Whether a client may push: for this subscription, once after it asked, and then once in an interval, but for a last time before it ends.
    pub(crate) fn pushes(&mut self, now_ms: i64, subscription_id: i32, is_terminating: bool) -> Result<(), ErrorCode> {
        if self.is_terminating {
            return Err(ErrorCode::INVALID_REQUEST);
        }
        let since = now_ms.saturating_sub(self.pushed_at_ms);
        let is_due = self.asked_at_ms > self.pushed_at_ms || since >= self.subscription.interval_ms.into();
        if is_due {
            self.pushed_at_ms = now_ms;
        }
        if !is_due && !is_terminating {
            return Err(ErrorCode::THROTTLING_QUOTA_EXCEEDED);
        }
        match subscription_id == self.subscription.id {
            true => Ok(()),
            false => Err(ErrorCode::UNKNOWN_SUBSCRIPTION_ID),
        }
    }

    /// Takes note of what a push came to.
    pub(crate) fn pushed(&mut self, outcome: ErrorCode, is_terminating: bool) {
        (self.last_error, self.is_terminating) = (outcome, is_terminating);
    }
}
