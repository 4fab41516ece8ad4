//! `/brokers`: which of them run; and who leads what.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ottla_mockbroker::{BrokerError, BrokerId, BrokerStatus, MockCluster, StartBrokerError, UnknownBroker};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::problem::{At, Body, Outcome, Problem};

/// What is done to a broker.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    Stop,
    Kill,
    Start,
    Restart,
    Pause,
    Resume,
    HoldReplication,
    ReleaseReplication,
}

/// A broker by its id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    broker: i32,
}

pub(super) async fn list(State(controlled): Shared) -> Outcome<Json<Value>> {
    let cluster = &controlled.cluster;
    let states = cluster.brokers().into_iter().map(|broker| as_json(cluster, broker));
    Ok(Json(states.collect::<Outcome<_>>()?))
}

pub(super) async fn command(State(controlled): Shared, At((id, verb)): At<(i32, Verb)>) -> Outcome<Json<Value>> {
    let (cluster, broker) = (&controlled.cluster, BrokerId(id));
    match verb {
        Verb::Stop => cluster.stop_broker(broker)?,
        Verb::Kill => cluster.kill_broker(broker)?,
        Verb::Start => cluster.start_broker(broker)?,
        Verb::Restart => cluster.restart_broker(broker)?,
        Verb::Pause => cluster.pause_broker(broker)?,
        Verb::Resume => cluster.resume_broker(broker)?,
        Verb::HoldReplication => cluster.hold_replication(broker)?,
        Verb::ReleaseReplication => cluster.release_replication(broker)?,
    }
    as_json(cluster, broker).map(Json)
}

pub(super) async fn lead(
    State(controlled): Shared,
    At((topic, partition)): At<(String, i32)>,
    Body(asked): Body<Named>,
) -> Outcome<StatusCode> {
    controlled.cluster.move_leader(&topic, partition, BrokerId(asked.broker))?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn move_controller(State(controlled): Shared, Body(asked): Body<Named>) -> Outcome<StatusCode> {
    controlled.cluster.move_controller(BrokerId(asked.broker))?;
    Ok(StatusCode::NO_CONTENT)
}

fn as_json(cluster: &MockCluster, broker: BrokerId) -> Outcome<Value> {
    let status = match cluster.broker_status(broker)? {
        BrokerStatus::Running => "running",
        BrokerStatus::Paused => "paused",
        _ => "down",
    };
    Ok(json!({"broker": broker.0, "status": status, "is_controller": cluster.controller() == broker}))
}

impl From<UnknownBroker> for Problem {
    fn from(error: UnknownBroker) -> Self {
        Self::not_found(error)
    }
}

impl From<BrokerError> for Problem {
    fn from(error: BrokerError) -> Self {
        match error {
            BrokerError::UnknownBroker(unknown) => unknown.into(),
            _ => Self::new(StatusCode::CONFLICT, error),
        }
    }
}

impl From<StartBrokerError> for Problem {
    fn from(error: StartBrokerError) -> Self {
        match error {
            StartBrokerError::UnknownBroker(unknown) => unknown.into(),
            _ => Self::new(StatusCode::CONFLICT, error),
        }
    }
}
