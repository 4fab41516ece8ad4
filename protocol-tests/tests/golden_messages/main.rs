//! Kafka's own bytes of every message at every version: walked, cut, read and written again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod coverage;
mod frames;
mod generated;
#[allow(dead_code, reason = "the other golden files have other forms")]
#[path = "../golden/mod.rs"]
mod golden;
mod headers;
mod hot;
mod json;
mod vectors;
mod walk;
