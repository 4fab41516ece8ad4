//! A time in which a fault lets nothing happen on a connection.

use std::time::Duration;

use bytes::Bytes;
use ottla_wire::{ApiKey, Segments};

/// What is to happen when it is over.
#[derive(Debug)]
pub(crate) enum Lull {
    /// It is never over.
    Silence,
    /// The request is applied.
    Held { api: ApiKey, body: Bytes },
    /// The answer goes out.
    Delayed { answer: Segments },
    /// The next request is read.
    Muted,
    /// The next bytes of the answer go out, and another lull comes where some are left.
    Dripping { rest: Bytes, bytes: usize, every: Duration },
}
