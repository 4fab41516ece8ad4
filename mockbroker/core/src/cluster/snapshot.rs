//! All that there is in a cluster at one moment, for the test that waits for a state.

use ottla_wire::BrokerId;

use super::{Cluster, ConnId, TopicState};
use crate::connection::Connection;
use crate::listener::ListenerName;
use crate::principal::Principal;

/// A cluster at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// The topics, by ascending name.
    pub topics: Vec<TopicState>,
    /// The connections that are open, the oldest first.
    pub connections: Vec<ConnectionState>,
}

/// A connection at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionState {
    /// Which.
    pub id: ConnId,
    /// The broker that it goes to.
    pub broker: BrokerId,
    /// The listener that it came in at.
    pub listener: ListenerName,
    /// Who it belongs to; none until it is authenticated.
    pub principal: Option<Principal>,
    /// The name that its client gave itself; none before its first request.
    pub client_id: Option<String>,
    /// Whether a request of it waits: a Fetch for records, a Produce for followers, or any where a fault holds it up.
    pub is_waiting: bool,
    /// How many requests wait behind that one.
    pub queued_requests: usize,
}

impl Snapshot {
    /// The topic of this name.
    #[must_use]
    pub fn topic(&self, name: &str) -> Option<&TopicState> {
        self.topics.iter().find(|topic| topic.name == name)
    }
}

impl Cluster {
    /// All that there is now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let connections = self.connections.values();
        let connections = connections.map(|it| it.state(self.cut_off.contains_key(&it.id)));
        Snapshot { topics: self.topics(), connections: connections.collect() }
    }
}

impl Connection {
    fn state(&self, is_cut_off: bool) -> ConnectionState {
        ConnectionState {
            id: self.id,
            broker: self.broker,
            listener: self.listener.name.clone(),
            principal: self.principal().cloned(),
            client_id: self.client_id.as_deref().map(str::to_owned),
            is_waiting: self.parked.is_some() || is_cut_off,
            queued_requests: self.queued_requests(),
        }
    }
}
