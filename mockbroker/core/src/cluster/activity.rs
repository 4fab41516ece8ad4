//! What happens to connections beside requests: nothing moves, there are too many of an address, or they take a broker's time.

use std::time::Duration;

use super::{Cluster, ConnId};
use crate::connection::Closed;
use crate::time::Now;

impl Cluster {
    /// Takes note that something moved on a connection that is no whole frame: a part of one came, or a part of an answer went out, which the
    /// peer reads slowly. It is not idle (`connections.max.idle.ms`).
    pub fn handle_movement(&mut self, conn: ConnId, now: Now) {
        if let Some(connection) = self.connections.get_mut(&conn) {
            connection.movement.last = now.mono;
        }
    }

    /// Whether some client's time is counted, so that [`Cluster::handle_work`] is worth a look at the clock.
    #[must_use]
    pub fn counts_work(&self) -> bool {
        self.state.quotas.count_work()
    }

    /// Takes note of how long the shell and the cluster worked on a frame, which counts against the client's quota `request_percentage` (KIP-124)
    /// at its next answer. The cluster itself has no clock, and by one that stands nothing takes any time.
    pub fn handle_work(&mut self, conn: ConnId, now: Now, work: Duration) {
        if let Some(connection) = self.connections.get(&conn) {
            self.state.has_worked(now, connection, work);
        }
    }
}

impl Cluster {
    /// Keeps a connection that is one too many of its address until its time is over, and closes it then.
    pub(super) fn hold_back(&mut self, conn: ConnId, now: Now) {
        let Some(connection) = self.connections.get(&conn) else { return };
        let Some(wait) = self.state.connection_wait(now, connection) else { return };
        let reason = Closed::TooManyOpened(connection.host.clone());
        self.close_after(conn, now, wait, None, reason);
    }

    /// Closes the connections on which nothing moved for too long. Kafka closes one of a network thread at a time, a moment after the other.
    pub(super) fn close_idle(&mut self, now: Now) {
        while let Some(conn) = self.idle.take_due(now.mono) {
            let Some(connection) = self.connections.get_mut(&conn) else { continue };
            if !self.idle.insert(connection, now.mono) {
                let idle = now.mono.saturating_duration_since(connection.movement.last);
                self.drop_connection(conn, now, Closed::Idle(idle));
            }
        }
    }
}
