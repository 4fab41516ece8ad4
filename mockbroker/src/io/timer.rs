//! The cluster's timer: one for all connections, so that what it costs follows deadlines and not connections.

use std::sync::Arc;

use tokio::time::timeout_at;

use super::shared::Shared;

/// Tells the core each time that it asked for, for as long as the cluster is there; unless the clock is moved by hand, which tells it too.
pub(super) async fn keep_time(shared: Arc<Shared>) {
    if shared.clock().is_manual() {
        return;
    }
    loop {
        let Some(deadline) = shared.deadline() else {
            shared.rearmed.notified().await;
            continue;
        };
        let changed = timeout_at(deadline.into(), shared.rearmed.notified()).await;
        if changed.is_err() {
            shared.drive(|core, now| core.handle_timeout(now));
        }
    }
}
