//! All that waits: sockets, in-memory connections, the timer, and the one lock around the core.

mod clock;
mod door;
mod memory;
mod outgoing;
mod serve;
mod shared;
mod sockets;
mod timer;
mod waits;

pub(crate) use clock::Clock;
pub(crate) use door::Door;
pub(crate) use memory::Network;
pub use memory::{Dialed, PIPE_BYTES};
pub(crate) use shared::Shared;
pub(crate) use sockets::{Sockets, Thread};
pub(crate) use waits::Ended;

pub use serve::{CLOSE_TIMEOUT, OUTGOING_BYTES_MAX};
