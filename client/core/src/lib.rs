//! Every decision of the ottla Kafka client, as state machines without sockets, clocks, locks or randomness.
//!
//! Each machine has the same four kinds of method: `handle_<input>` tells it what happened, `handle_timeout` that the time it asked for has
//! come, `poll_<output>` asks it what should go out or what the application should learn, and `poll_timeout` when to come back. The time is an
//! argument ([`Now`]), and so are random bits.

pub mod admin;
pub mod backoff;
pub mod cluster;
pub mod connection;
pub mod consumer;
pub mod iam;
pub mod partitioner;
pub mod producer;
pub mod region;
pub mod request;
pub mod scram;
pub mod time;
pub mod token;
pub mod versions;

pub use request::{Answer, Outgoing, RequestError, RequestId};
pub use time::Now;
pub use versions::Versions;
