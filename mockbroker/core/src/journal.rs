//! What happened in the cluster, for the test that asks why. Nothing here shows a secret.
//!
//! Requests and answers are kept as their bytes, which cost nothing to keep, and are decoded when somebody looks. When those bytes are too many, the
//! oldest ones are forgotten, and their entries stay.

mod body;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use ottla_wire::{ApiKey, BrokerId};
use serde_json::{Value, json};

use crate::authorizer::{Denial, Operation, ResourceType};
use crate::cluster::ConnId;
use crate::connection::Closed;
use crate::fault::{FaultAction, FaultId};
use crate::listener::{ListenerName, Protocol};
use crate::principal::Principal;
use crate::sasl::{Mechanism, Refusal};

pub(crate) use body::Body;

/// The last things that happened, oldest first; [`crate::Bounds::journal_entries_max`] of them.
#[derive(Clone, Debug)]
pub struct Journal {
    entries: VecDeque<Entry>,
    entries_max: usize,
    forgotten: u64,
    /// The bytes of the bodies that are kept.
    body_bytes: usize,
    body_bytes_max: usize,
    /// How many of the entries, from the oldest on, have no body any more.
    without_body: usize,
}

impl Journal {
    pub(crate) fn new(entries_max: usize, body_bytes_max: usize) -> Self {
        Self { entries: VecDeque::new(), entries_max, forgotten: 0, body_bytes: 0, body_bytes_max, without_body: 0 }
    }

    pub(crate) fn write(&mut self, entry: Entry) {
        if self.entries_max == 0 {
            return;
        }
        if self.entries.len() >= self.entries_max {
            self.forget_oldest();
        }
        self.body_bytes = self.body_bytes.saturating_add(entry.body_bytes());
        self.entries.push_back(entry);
        while self.body_bytes > self.body_bytes_max {
            let Some(oldest) = self.entries.get_mut(self.without_body) else { break };
            self.body_bytes = self.body_bytes.saturating_sub(oldest.body_bytes());
            oldest.body = None;
            self.without_body = self.without_body.saturating_add(1);
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(entry) = self.entries.pop_front() {
            self.body_bytes = self.body_bytes.saturating_sub(entry.body_bytes());
            self.without_body = self.without_body.saturating_sub(1);
            self.forgotten = self.forgotten.saturating_add(1);
        }
    }

    /// Counts entries as if those of another journal had been its own.
    pub(crate) fn go_on_from(&mut self, before: &Self) {
        self.forgotten = self.forgotten.saturating_add(before.written());
    }

    /// How many entries were ever written: the index of the next one.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.forgotten.saturating_add(u64::try_from(self.entries.len()).unwrap_or(u64::MAX))
    }

    /// The entries from this index on, counted among all that were ever written, as far as they are not forgotten.
    pub fn since(&self, index: u64) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        let skipped = usize::try_from(index.saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        self.entries.range(skipped.min(self.entries.len())..)
    }

    /// What happened, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    /// How many entries older than the oldest were forgotten: the index of the oldest among all that were ever written.
    #[must_use]
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }
}

/// One line for each entry.
impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.forgotten > 0 {
            writeln!(f, "({} older entries are forgotten)", self.forgotten)?;
        }
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

/// One thing that happened on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When, by the cluster's wall clock.
    pub at: SystemTime,
    /// The connection.
    pub conn: ConnId,
    /// The broker that the connection goes to.
    pub broker: BrokerId,
    /// Who the connection belongs to; none until it is authenticated.
    pub principal: Option<Principal>,
    /// What happened.
    pub kind: EntryKind,
    /// The request or the answer; none where it is forgotten, or something else happened.
    pub(crate) body: Option<Body>,
}

impl Entry {
    /// The body of the request or the answer, as [`ottla_wire::schema::json`] shows it for logs: secrets are redacted, and of records it says the
    /// size. None where it is forgotten (see [`crate::Bounds::journal_bytes_max`]), malformed, or something else happened.
    #[must_use]
    pub fn body(&self) -> Option<Value> {
        match self.kind {
            EntryKind::Request { api, version, .. } | EntryKind::Response { api, version, .. } => {
                self.body.as_ref()?.json(api, version)
            }
            _ => None,
        }
    }

    /// All of the entry, with its body; what happened is said in a sentence.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut entry = json!({
            "atMs": millis(self.at),
            "connection": self.conn.0,
            "broker": self.broker.0,
            "principal": self.principal.as_ref().map(Principal::as_str),
            "event": self.kind.event(),
            "text": self.kind.to_string(),
        });
        if let (Value::Object(entry), Some(message)) = (&mut entry, self.kind.message()) {
            entry.extend(message);
            entry.insert("body".to_owned(), self.body().unwrap_or_default());
        }
        entry
    }

    fn body_bytes(&self) -> usize {
        self.body.as_ref().map_or(0, Body::len)
    }
}

fn millis(at: SystemTime) -> u64 {
    u64::try_from(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (seconds, millis) = (since.as_secs(), since.subsec_millis());
        write!(f, "{seconds}.{millis:03} {} broker {}", self.conn, self.broker)?;
        if let Some(principal) = &self.principal {
            write!(f, " {principal}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// What happened on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind {
    /// It was opened.
    Connected {
        /// By whom, as the shell says it: an address and port.
        peer: String,
        /// On the listener of this name.
        listener: ListenerName,
        /// What is spoken on it.
        protocol: Protocol,
    },
    /// Its client proved who it is.
    Authenticated {
        /// Who it is.
        principal: Principal,
        /// How; by its certificate, where no mechanism is told.
        mechanism: Option<Mechanism>,
    },
    /// Its client did not prove who it is; the client itself is told less.
    AuthenticationRefused {
        /// How it tried.
        mechanism: Mechanism,
        /// The exact reason.
        reason: Refusal,
        /// The user or access key that the client named.
        claimed: Option<String>,
    },
    /// It brought a request, which is about to be answered.
    Request {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// The number that the answer repeats.
        correlation_id: i32,
        /// The name that the client gives itself.
        client_id: Option<Arc<str>>,
    },
    /// It was answered.
    Response {
        /// The API.
        api: ApiKey,
        /// The version.
        version: i16,
        /// The number of the request.
        correlation_id: i32,
    },
    /// A fault struck.
    Struck {
        /// Which.
        fault: FaultId,
        /// What it does.
        action: FaultAction,
    },
    /// Its client may not do something that the request before this entry asked for.
    Denied {
        /// What it wanted to do.
        operation: Operation,
        /// To what kind of thing.
        resource_type: ResourceType,
        /// To which of them; none where it would have been any.
        resource_name: Option<String>,
        /// Why it may not.
        reason: Denial,
    },
    /// A batch that the request before this entry brought was not appended; its client is told the code alone.
    BatchRefused {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// The exact reason.
        reason: String,
    },
    /// It was closed.
    Closed {
        /// Why.
        reason: Closed,
    },
}

impl EntryKind {
    /// The name of what happened, in JSON.
    const fn event(&self) -> &'static str {
        match self {
            Self::Connected { .. } => "connected",
            Self::Authenticated { .. } => "authenticated",
            Self::AuthenticationRefused { .. } => "authentication_refused",
            Self::Request { .. } => "request",
            Self::Response { .. } => "response",
            Self::Denied { .. } => "denied",
            Self::BatchRefused { .. } => "batch_refused",
            Self::Struck { .. } => "struck",
            Self::Closed { .. } => "closed",
        }
    }

    /// What the header says of a request or an answer.
    fn message(&self) -> Option<serde_json::Map<String, Value>> {
        let (Self::Request { api, version, correlation_id, .. } | Self::Response { api, version, correlation_id }) =
            self
        else {
            return None;
        };
        let header =
            [("api", json!(api.name())), ("version", json!(version)), ("correlationId", json!(correlation_id))];
        let mut header: serde_json::Map<_, _> =
            header.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        if let Self::Request { client_id, .. } = self {
            header.insert("clientId".to_owned(), json!(client_id.as_deref()));
        }
        Some(header)
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected { peer, listener, protocol } => {
                write!(f, "connected from {peer} to {listener} ({protocol})")
            }
            Self::Authenticated { principal, mechanism: Some(mechanism) } => {
                write!(f, "authenticated by {mechanism} as {principal}")
            }
            Self::Authenticated { principal, mechanism: None } => {
                write!(f, "authenticated by its certificate as {principal}")
            }
            Self::AuthenticationRefused { mechanism, reason, claimed: Some(claimed) } => {
                write!(f, "authentication of {claimed:?} by {mechanism} refused: {reason}")
            }
            Self::AuthenticationRefused { mechanism, reason, claimed: None } => {
                write!(f, "authentication by {mechanism} refused: {reason}")
            }
            Self::Request { api, version, correlation_id, client_id } => {
                let client = client_id.as_deref().unwrap_or_default();
                write!(f, "{api} v{version}, correlation id {correlation_id}, client id {client:?}")
            }
            Self::Denied { operation, resource_type, resource_name: Some(name), reason } => {
                write!(f, "{operation} on {resource_type} {name:?} denied {reason}")
            }
            Self::Denied { operation, resource_type, resource_name: None, reason } => {
                write!(f, "{operation} on any {resource_type} denied {reason}")
            }
            Self::BatchRefused { topic, partition, reason } => {
                write!(f, "a batch for {topic}-{partition} refused: {reason}")
            }
            Self::Response { api, version, correlation_id } => {
                write!(f, "answer to {api} v{version}, correlation id {correlation_id}")
            }
            Self::Struck { fault, action } => write!(f, "{fault} strikes: {action}"),
            Self::Closed { reason } => write!(f, "closed: {reason}"),
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn entry(id: u64) -> Entry {
        Entry {
            at: UNIX_EPOCH,
            conn: ConnId(id),
            broker: BrokerId(1),
            principal: Some(Principal::anonymous()),
            kind: EntryKind::Closed { reason: Closed::ByPeer },
            body: None,
        }
    }

    fn request(id: u64, bytes: usize) -> Entry {
        let kind =
            EntryKind::Request { api: ApiKey::Produce, version: 9, correlation_id: 1, client_id: Some("app".into()) };
        Entry { kind, body: Some(Body::Request(Bytes::from(vec![0; bytes]))), ..entry(id) }
    }

    #[test]
    fn the_journal_forgets_the_oldest_and_says_how_many() {
        let mut journal = Journal::new(2, 0);
        (1..=5).for_each(|id| journal.write(entry(id)));
        let kept: Vec<u64> = journal.entries().map(|entry| entry.conn.0).collect();
        assert_eq!((kept, journal.forgotten(), journal.written()), (vec![4, 5], 3, 5));
    }

    #[test]
    fn what_was_written_since_is_found_by_its_index_however_much_is_forgotten() {
        let mut journal = Journal::new(3, 0);
        (1..=5).for_each(|id| journal.write(entry(id)));
        let since = |index| journal.since(index).map(|entry| entry.conn.0).collect::<Vec<_>>();
        assert_eq!([since(0), since(3), since(4), since(9)], [vec![3, 4, 5], vec![4, 5], vec![5], vec![]]);
    }

    #[test]
    fn a_journal_without_room_keeps_nothing() {
        let mut journal = Journal::new(0, 100);
        journal.write(request(1, 10));
        assert_eq!((journal.entries().len(), journal.body_bytes), (0, 0));
    }

    #[test]
    fn bodies_above_the_bound_are_forgotten_oldest_first_and_their_entries_stay() {
        let mut journal = Journal::new(10, 100);
        (1..=6).for_each(|id| journal.write(request(id, 30)));
        journal.write(entry(7));
        let has_body: Vec<bool> = journal.entries().map(|entry| entry.body.is_some()).collect();
        assert_eq!(has_body, [false, false, false, true, true, true, false]);
        journal.write(request(8, 1000));
        assert!(journal.entries().all(|entry| entry.body.is_none()), "one that is larger than all room is not kept");
        assert_eq!(journal.body_bytes, 0);
        (9..=30).for_each(|id| journal.write(request(id, 20)));
        assert_eq!((journal.entries().filter(|entry| entry.body.is_some()).count(), journal.body_bytes), (5, 100));
    }

    #[test]
    fn an_entry_is_one_line_that_a_person_reads() {
        let line = entry(7).to_string();
        assert_eq!(line, "0.000 connection 7 broker 1 User:ANONYMOUS: closed: the peer closed the connection");
    }
}
