//! Who leads what.

use axum::extract::State;
use axum::http::StatusCode;
use ottla_mockbroker::BrokerId;
use serde::Deserialize;

use super::Shared;
use super::problem::{At, Body, Outcome};

/// A broker that is to lead.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leader {
    broker: i32,
}

pub(super) async fn lead(
    State(controlled): Shared,
    At((topic, partition)): At<(String, i32)>,
    Body(asked): Body<Leader>,
) -> Outcome<StatusCode> {
    controlled.cluster.move_leader(&topic, partition, BrokerId(asked.broker))?;
    Ok(StatusCode::NO_CONTENT)
}
