//! The consumer against a log that is known: every record once and in order, whatever the brokers answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod cluster;
mod log;
mod model;
mod rules;
