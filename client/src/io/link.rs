//! The handle of a connection that is opened when there is work for it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ottla_wire::BrokerId;
use tokio::sync::Notify;

use crate::address::Address;

/// What a connection is opened for. What may wait never shares a connection with anything else: a broker answers one request of a connection at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The requests of a producer.
    Produce,
    /// The fetches of one consumer.
    Fetch,
    /// Everything else.
    Call,
}

impl Purpose {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Produce => "produce",
            Self::Fetch => "fetch",
            Self::Call => "call",
        }
    }
}

/// Whom a connection goes to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// A broker of the metadata; its address is looked up there each time it is dialled.
    Broker(BrokerId),
    /// An address that the user gave.
    Bootstrap(Address),
}

/// A connection's handle. Dropping it closes the connection at once: what was not sent ends as `NotSent`, what was, as `OutcomeUnknown`; so an owner
/// that wants to hear its answers waits for them first.
#[derive(Debug)]
pub(crate) struct Link {
    bell: Arc<Bell>,
}

/// How the owner of a link speaks to its driver.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rung: Notify,
    closed: AtomicBool,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broker(id) => write!(f, "broker {id}"),
            Self::Bootstrap(address) => write!(f, "bootstrap {address}"),
        }
    }
}

impl Link {
    pub(super) const fn new(bell: Arc<Bell>) -> Self {
        Self { bell }
    }

    /// Says that there is something new to do. Never waits; many wakes before the driver looks are one.
    pub(crate) fn wake(&self) {
        self.bell.rung.notify_one();
    }
}

impl Link {
    /// What dropping does, where others may still hold the link.
    pub(super) fn close(&self) {
        self.bell.closed.store(true, Ordering::Release);
        self.bell.rung.notify_one();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

impl Bell {
    pub(super) async fn rung(&self) {
        self.rung.notified().await;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}
