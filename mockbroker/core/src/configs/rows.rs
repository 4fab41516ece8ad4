//! The tables of configs, written by `interop/configs/generate`.

mod broker;
mod client_metrics;
mod group;
mod topic;

pub(super) use broker::BROKER;
pub(super) use client_metrics::CLIENT_METRICS;
pub(super) use group::GROUP;
pub(super) use topic::TOPIC;
