//! `/clock`: the cluster's time.

use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ottla_mockbroker::MockCluster;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::problem::{Body, Outcome, Problem};

/// How far the clock is to be moved.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    advance_ms: u64,
}

pub(super) async fn read(State(controlled): Shared) -> Json<Value> {
    Json(as_json(&controlled.cluster))
}

pub(super) async fn advance(State(controlled): Shared, Body(step): Body<Step>) -> Outcome<Json<Value>> {
    let advanced = controlled.cluster.advance(Duration::from_millis(step.advance_ms));
    advanced.map_err(|error| {
        Problem::new(StatusCode::CONFLICT, format!("{error}: the program was started without --manual-clock"))
    })?;
    Ok(Json(as_json(&controlled.cluster)))
}

fn as_json(cluster: &MockCluster) -> Value {
    let (_, wall) = cluster.clock()();
    let now_ms = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    json!({"now_ms": u64::try_from(now_ms).unwrap_or(u64::MAX)})
}
