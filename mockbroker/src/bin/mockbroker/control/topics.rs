//! `/topics`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ottla_mockbroker::{NewTopic, PartitionState, TopicState, UnknownTopic};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::problem::{At, Body, Outcome};

/// A topic to create.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    name: String,
    partitions: Option<i32>,
    replication_factor: Option<i16>,
    #[serde(default)]
    configs: BTreeMap<String, String>,
}

pub(super) async fn list(State(controlled): Shared) -> Json<Value> {
    Json(controlled.cluster.topics().iter().map(topic).collect())
}

pub(super) async fn create(State(controlled): Shared, Body(asked): Body<Asked>) -> Outcome<(StatusCode, Json<Value>)> {
    let mut new = NewTopic::new(&asked.name);
    if let Some(partitions) = asked.partitions {
        new = new.partitions(partitions);
    }
    if let Some(factor) = asked.replication_factor {
        new = new.replication_factor(factor);
    }
    new = asked.configs.into_iter().fold(new, |new, (name, value)| new.config(name, value));
    let id = controlled.cluster.create_topic(&new)?;
    Ok((StatusCode::CREATED, Json(json!({"name": asked.name, "id": id.to_string()}))))
}

pub(super) async fn describe(State(controlled): Shared, At(name): At<String>) -> Outcome<Json<Value>> {
    let topics = controlled.cluster.topics();
    let found = topics.iter().find(|topic| topic.name == name);
    Ok(Json(topic(found.ok_or(UnknownTopic(name))?)))
}

pub(super) async fn remove(State(controlled): Shared, At(name): At<String>) -> Outcome<StatusCode> {
    controlled.cluster.delete_topic(&name)?;
    Ok(StatusCode::NO_CONTENT)
}

fn topic(topic: &TopicState) -> Value {
    let partitions: Vec<Value> = topic.partitions.iter().map(partition).collect();
    json!({"name": topic.name, "id": topic.id.to_string(), "is_internal": topic.is_internal, "partitions": partitions})
}

fn partition(partition: &PartitionState) -> Value {
    let replicas: Vec<i32> = partition.replicas.iter().map(|broker| broker.0).collect();
    let in_sync: Vec<i32> = partition.in_sync.iter().map(|broker| broker.0).collect();
    json!({
        "partition": partition.partition,
        "leader": partition.leader.0,
        "leader_epoch": partition.leader_epoch.0,
        "replicas": replicas,
        "in_sync": in_sync,
        "start_offset": partition.start_offset,
        "high_watermark": partition.high_watermark,
        "end_offset": partition.end_offset,
        "size_bytes": partition.size_bytes,
    })
}
