//! `/faults`: what is to go wrong.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ottla_mockbroker::{Fault, FaultId, StandingFault};
use serde_json::{Value, json};

use super::Shared;
use super::problem::{At, Body, Outcome, Problem};

pub(super) async fn list(State(controlled): Shared) -> Json<Vec<StandingFault>> {
    Json(controlled.cluster.faults())
}

pub(super) async fn add(State(controlled): Shared, Body(fault): Body<Fault>) -> Outcome<(StatusCode, Json<Value>)> {
    let handle = controlled.cluster.fault(fault).map_err(Problem::refused)?;
    Ok((StatusCode::CREATED, Json(json!({"id": handle.id()}))))
}

pub(super) async fn describe(State(controlled): Shared, At(id): At<FaultId>) -> Outcome<Json<StandingFault>> {
    let found = controlled.cluster.faults().into_iter().find(|fault| fault.id == id);
    found.map(Json).ok_or_else(|| unknown(id))
}

pub(super) async fn remove(State(controlled): Shared, At(id): At<FaultId>) -> Outcome<Json<StandingFault>> {
    controlled.cluster.remove_fault(id).map(Json).ok_or_else(|| unknown(id))
}

fn unknown(id: FaultId) -> Problem {
    Problem::not_found(format!("there is no {id}"))
}
