//! `/connections`: those that are open.

use axum::Json;
use axum::extract::State;
use ottla_mockbroker::{ConnectionState, Principal};
use serde_json::{Value, json};

use super::Shared;

pub(super) async fn list(State(controlled): Shared) -> Json<Value> {
    Json(controlled.cluster.snapshot().connections.iter().map(as_json).collect())
}

fn as_json(connection: &ConnectionState) -> Value {
    json!({
        "connection": connection.id.0,
        "broker": connection.broker.0,
        "listener": connection.listener.as_str(),
        "principal": connection.principal.as_ref().map(Principal::to_string),
        "client_id": connection.client_id,
        "is_waiting": connection.is_waiting,
        "queued_requests": connection.queued_requests,
    })
}
