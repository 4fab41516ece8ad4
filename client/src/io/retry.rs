//! The pause between two tries: the one place besides the driver that waits for a time to come.

use std::time::Instant;

use super::net::Net;

/// Waits as the backoff says after `failures` tries that failed; says whether another try can begin before `deadline`. Where none can, it does not wait.
pub(crate) async fn pause(net: &Net, failures: u32, deadline: Instant) -> bool {
    let until = after(net, failures);
    if until >= deadline {
        return false;
    }
    tokio::time::sleep_until(net.on_tokio(until)).await;
    true
}

/// Waits as the backoff says after `failures` tries that failed.
pub(crate) async fn rest(net: &Net, failures: u32) {
    tokio::time::sleep_until(net.on_tokio(after(net, failures))).await;
}

fn after(net: &Net, failures: u32) -> Instant {
    net.now().mono + net.retry.after(failures, net.entropy.draw())
}
