//! What a connection is opened for.

use std::sync::Arc;

use ottla_core::{Answer, Now, Outgoing, RequestError, RequestId, Versions};

use crate::error::ConnectError;

/// Whoever keeps one connection busy: the producer towards one broker, a consumer towards one broker, or single calls.
///
/// The driver of the connection asks it for requests and tells it what became of them; it keeps no time, for what its owner waits for may belong to no
/// connection. No method waits; each may take a lock for as long as it takes to decide. After a change that gives it something to do, its
/// owner wakes the driver.
pub(crate) trait Work: Send + Sync + 'static {
    /// Whether there is something to do, so that a connection should be opened (or opened again).
    fn wants_connection(&self, now: Now) -> bool;

    /// The next request to write now, while the connection is ready; called until it has none.
    fn poll_request(&self, now: Now, versions: &Versions) -> Option<Outgoing>;

    /// The end of a request that [`Work::poll_request`] gave; called exactly once for each that is answered, or was not written, or is lost.
    fn handle_answer(&self, now: Now, id: RequestId, result: Result<Answer, RequestError>);

    /// The connection could not be opened; the driver tries again after its backoff for as long as [`Work::wants_connection`].
    fn handle_unreachable(&self, now: Now, error: &Arc<ConnectError>);
}
