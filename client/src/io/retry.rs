//! The pause between two tries: the one place besides the driver that waits for a time to come.

use std::time::Instant;

use super::net::Net;

/// Waits as the backoff says after `failures` tries that failed; says whether another try can begin before `deadline`. Where none can, it does not wait.
pub(crate) async fn pause(net: &Net, failures: u32, deadline: Instant) -> bool {
    let until = net.now().mono + net.retry.after(failures, net.entropy.draw());
    if until >= deadline {
        return false;
    }
    tokio::time::sleep_until(net.on_tokio(until)).await;
    true
}
