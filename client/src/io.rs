//! The only place that names a socket, a timer or a lock.
//!
//! [`driver`] holds the one loop that waits: it runs as one task per connection, and asks its [`work::Work`] what to send.

pub(crate) mod accumulator;
pub(crate) mod call;
pub(crate) mod caught;
pub(crate) mod cell;
pub(crate) mod clock;
pub(crate) mod consuming;
pub(crate) mod delivery;
pub(crate) mod dial;
pub(crate) mod driver;
pub(crate) mod entropy;
pub(crate) mod link;
pub(crate) mod metadata;
mod meter;
pub(crate) mod net;
pub(crate) mod open;
pub(crate) mod peers;
pub(crate) mod placing;
pub(crate) mod producing;
pub(crate) mod provide;
pub(crate) mod retry;
pub(crate) mod room;
pub(crate) mod session;
mod span;
pub(crate) mod work;
