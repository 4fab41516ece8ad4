//! What AlterConfigs and IncrementalAlterConfigs have in common: a resource's configs are altered together, or not at all.

use std::collections::BTreeMap;

use ottla_wire::message::StrBytes;
use ottla_wire::{BrokerId, ErrorCode};

use super::{Call, text};
use crate::authorizer::{Operation, Resource};
use crate::config::NAME_BYTES_MAX;
use crate::configs::{
    Changes, Refusal, Scope, Settings, check_client_metrics, check_dynamic, check_group, check_in_sync, resource,
};
use crate::features::ELIGIBLE_REPLICAS;
use crate::topic::{self, TopicConfigs};

/// A resource, and what is wanted of its configs.
pub(super) struct Asked<'a> {
    pub(super) kind: i8,
    pub(super) name: &'a str,
    pub(super) changes: Changes<'a>,
}

/// Alters each resource alone; one that stands there twice is refused both times.
pub(super) fn alter(call: &mut Call<'_>, asked: &[Asked<'_>], validate_only: bool) -> Vec<Result<(), Refusal>> {
    let mut count: BTreeMap<(i8, &str), usize> = BTreeMap::new();
    for Asked { kind, name, .. } in asked {
        let count = count.entry((*kind, name)).or_default();
        *count = count.saturating_add(1);
    }
    let one = |asked: &Asked<'_>| match count.get(&(asked.kind, asked.name)) {
        Some(1) => alter_one(call, asked, validate_only),
        _ => Err(Refusal::request("each resource must appear at most once")),
    };
    asked.iter().map(one).collect()
}

/// The code and the words by which a client is told of a resource.
pub(super) fn told(result: Result<(), Refusal>) -> (i16, Option<StrBytes>) {
    match result {
        Ok(()) => (ErrorCode::NONE.0, None),
        Err(Refusal { code, reason }) => (code.0, Some(text(reason))),
    }
}

fn alter_one(call: &mut Call<'_>, asked: &Asked<'_>, validate_only: bool) -> Result<(), Refusal> {
    asked.changes.check()?;
    match (asked.kind, &asked.changes) {
        (resource::TOPIC, changes) => alter_topic(call, asked.name, changes, validate_only),
        (resource::BROKER, changes) => alter_broker(call, asked.name, changes, validate_only),
        (resource::GROUP, changes) => alter_other(call, Scope::Group, asked.name, changes, validate_only),
        (resource::CLIENT_METRICS, changes) => {
            alter_other(call, Scope::ClientMetrics, asked.name, changes, validate_only)
        }
        (resource::BROKER_LOGGER, Changes::Each(levels)) => {
            authorize(call, Resource::CLUSTER, ErrorCode::CLUSTER_AUTHORIZATION_FAILED)?;
            own_id(call, asked.name)?;
            call.state.configs.set_levels(call.connection.broker, levels, validate_only)
        }
        (other, _) => Err(Refusal::request(format!("unknown resource type {other}"))),
    }
}

fn alter_topic(call: &mut Call<'_>, name: &str, changes: &Changes<'_>, validate_only: bool) -> Result<(), Refusal> {
    authorize(call, Resource::topic(name), ErrorCode::TOPIC_AUTHORIZATION_FAILED)?;
    let state = &mut *call.state;
    let before = state.topics.named(name).map(|topic| topic.configs.settings()).unwrap_or_default();
    let after = changes.applied(Scope::Topic, &before)?;
    if name.is_empty() {
        return Err(Refusal::request("there are no configs of all topics"));
    }
    topic::validate_name(name)
        .map_err(|invalid| Refusal { code: ErrorCode::INVALID_TOPIC_EXCEPTION, reason: invalid.to_string() })?;
    let given = after.iter().map(|(name, value)| (name.as_str(), Some(value.as_str())));
    let configs = TopicConfigs::new(given, &state.configs.brokers.layers(None))?;
    let Some(topic) = state.topics.named_mut(name) else {
        let reason = format!("the topic {name:?} does not exist");
        return Err(Refusal { code: ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, reason });
    };
    if !validate_only {
        topic.configure(&configs, &state.configs.brokers);
        state.changed.extend(topic.coordinates());
        state.replicate();
    }
    Ok(())
}

/// A broker alters itself alone, or, without a name, all of them.
fn alter_broker(call: &mut Call<'_>, name: &str, changes: &Changes<'_>, validate_only: bool) -> Result<(), Refusal> {
    let broker = if name.is_empty() { None } else { Some(own_id(call, name)?) };
    let brokers = &call.state.configs.brokers;
    let before = brokers.dynamic(broker).cloned().unwrap_or_default();
    let after = changes.applied(Scope::Broker, &before)?;
    let max = call.state.config.bounds.broker_configs_max;
    if after.len() > max.max(before.len()) {
        return Err(Refusal::policy(format!("a broker sets at most {max} configs")));
    }
    check_dynamic(&after, broker.is_some(), &brokers.layers(Some(call.connection.broker)))?;
    // What follows is the controller's, which the broker asks when it has found nothing wrong.
    authorize(call, Resource::CLUSTER, ErrorCode::CLUSTER_AUTHORIZATION_FAILED)?;
    if call.state.features.level(ELIGIBLE_REPLICAS) > 0 {
        check_in_sync(&before, &after, broker.is_some())?;
    }
    if !validate_only {
        let state = &mut *call.state;
        state.configs.brokers.set_dynamic(broker, after);
        state.topics.follow(&state.configs.brokers);
        state.changed.extend(state.topics.iter().flat_map(|(_, topic)| topic.coordinates()));
        state.replicate();
    }
    Ok(())
}

fn alter_other(
    call: &mut Call<'_>,
    scope: Scope,
    name: &str,
    changes: &Changes<'_>,
    validate_only: bool,
) -> Result<(), Refusal> {
    match scope {
        Scope::Group => authorize(call, Resource::group(name), ErrorCode::GROUP_AUTHORIZATION_FAILED)?,
        _ => authorize(call, Resource::CLUSTER, ErrorCode::CLUSTER_AUTHORIZATION_FAILED)?,
    }
    let configs = &mut call.state.configs;
    let after = changes.applied(scope, configs.of(scope, name).unwrap_or(&Settings::new()))?;
    if name.is_empty() {
        return Err(Refusal::request("the resource must have a name"));
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(Refusal::request(format!("the name of the resource is longer than {NAME_BYTES_MAX}")));
    }
    let max = call.state.config.bounds.config_resources_max;
    let are_all = configs.resources(scope).is_some_and(|all| all.len() >= max && !all.contains_key(name));
    if are_all && !after.is_empty() {
        return Err(Refusal::policy(format!("at most {max} resources of a kind set configs")));
    }
    match scope {
        Scope::ClientMetrics => check_client_metrics(&after)?,
        _ => check_group(&after, &configs.brokers.layers(Some(call.connection.broker)))?,
    }
    if !validate_only {
        configs.set(scope, name, after);
    }
    Ok(())
}

fn authorize(call: &Call<'_>, needed: Resource<'_>, denied: ErrorCode) -> Result<(), Refusal> {
    match call.may(Operation::AlterConfigs, needed) {
        true => Ok(()),
        false => Err(Refusal { code: denied, reason: denied.to_string() }),
    }
}

/// The id of the broker that is asked, if that is what the resource is called.
fn own_id(call: &Call<'_>, name: &str) -> Result<BrokerId, Refusal> {
    let own = call.connection.broker;
    match name.parse::<i32>() {
        Err(_) => Err(Refusal::request(format!("a broker's id is a number, and {name:?} is none"))),
        Ok(id) if id != own.0 => {
            Err(Refusal::request(format!("unexpected broker id: expected {own}, but received {id}")))
        }
        Ok(_) => Ok(own),
    }
}
