//! What happened in the cluster, for the test that asks why. No secret ever stands here.

use std::collections::VecDeque;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use ottla_wire::{ApiKey, BrokerId};

use crate::authorizer::{Denial, Operation, ResourceType};
use crate::cluster::ConnId;
use crate::connection::Closed;
use crate::listener::{ListenerName, Protocol};
use crate::principal::Principal;
use crate::sasl::{Mechanism, Refusal};

/// The last things that happened, oldest first; [`crate::Bounds::journal_entries_max`] of them.
#[derive(Clone, Debug)]
pub struct Journal {
    entries: VecDeque<Entry>,
    entries_max: usize,
    forgotten: u64,
}

impl Journal {
    pub(crate) fn new(entries_max: usize) -> Self {
        Self { entries: VecDeque::new(), entries_max, forgotten: 0 }
    }

    pub(crate) fn write(&mut self, entry: Entry) {
        if self.entries.len() >= self.entries_max && self.entries.pop_front().is_some() {
            self.forgotten = self.forgotten.saturating_add(1);
        }
        if self.entries.len() < self.entries_max {
            self.entries.push_back(entry);
        }
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
        client_id: Option<String>,
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
    /// It was closed.
    Closed {
        /// Why.
        reason: Closed,
    },
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
            Self::Closed { reason } => write!(f, "closed: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64) -> Entry {
        Entry {
            at: UNIX_EPOCH,
            conn: ConnId(id),
            broker: BrokerId(1),
            principal: Some(Principal::anonymous()),
            kind: EntryKind::Closed { reason: Closed::ByPeer },
        }
    }

    #[test]
    fn the_journal_forgets_the_oldest_and_says_how_many() {
        let mut journal = Journal::new(2);
        (1..=5).for_each(|id| journal.write(entry(id)));
        let kept: Vec<u64> = journal.entries().map(|entry| entry.conn.0).collect();
        assert_eq!((kept, journal.forgotten()), (vec![4, 5], 3));
    }

    #[test]
    fn a_journal_without_room_keeps_nothing() {
        let mut journal = Journal::new(0);
        journal.write(entry(1));
        assert_eq!(journal.entries().len(), 0);
    }

    #[test]
    fn an_entry_is_one_line_that_a_person_reads() {
        let line = entry(7).to_string();
        assert_eq!(line, "0.000 connection 7 broker 1 User:ANONYMOUS: closed: the peer closed the connection");
    }
}
