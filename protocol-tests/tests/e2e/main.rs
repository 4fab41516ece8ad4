//! Rules that hold of ottla on every cluster: the mock as well as Apache Kafka, over every security protocol.
//!
//! Without a word the mock is started in memory, in virtual time. `OTTLA_E2E_BOOTSTRAP` names another cluster, on which every rule makes topics of its own and
//! leaves them there; [`target`] says what else the environment may say. What is ignored needs more than a cluster: the [`commands`] that start and stop its
//! brokers, or run Kafka's own tools. `interop/run kafka` runs all of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod codecs;
mod commands;
mod kills;
mod logins;
mod offsets;
mod outages;
mod records;
mod refusals;
mod target;
mod tools;
mod topics;
mod world;
