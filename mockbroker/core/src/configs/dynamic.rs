//! What a broker takes while it runs.

use super::brokers::of_all_listeners;
use super::{Layers, MIN_INSYNC_REPLICAS, Refusal, Scope, Settings, Update, definition};

/// Configs of one listener that may be set for all brokers.
const CLUSTER_WIDE_OF_LISTENERS: [&str; 3] = ["max.connections", "max.connection.creation.rate", "num.network.threads"];

/// Numbers of threads, which may at most be halved or doubled at a time.
const THREADS: [&str; 4] =
    ["background.threads", "num.io.threads", "num.recovery.threads.per.data.dir", "num.replica.fetchers"];

/// Whether a broker that has `before` takes these, for itself or for all brokers.
pub(crate) fn check_dynamic(settings: &Settings, is_own: bool, before: &Layers<'_>) -> Result<(), Refusal> {
    let named = |what: &str, is_wrong: &dyn Fn(&str) -> bool| {
        let wrong: Vec<&str> = settings.keys().map(String::as_str).filter(|name| is_wrong(name)).collect();
        match wrong.is_empty() {
            true => Ok(()),
            false => Err(Refusal::request(format!("{what}: {}", wrong.join(", ")))),
        }
    };
    let update = |name: &str| Scope::Broker.find(name).map(|config| config.update);
    named("these configs cannot be altered while a broker runs", &|name| update(name) == Some(Update::ReadOnly))?;
    named("these configs are altered under the prefix of a listener alone", &|name| {
        Scope::Broker.find(name).is_some_and(|config| config.is_per_listener)
    })?;
    for (name, value) in settings {
        let config = definition(name).filter(|config| config.update != Update::ReadOnly);
        config
            .map_or(Ok(()), |config| config.canonical(value).map(drop))
            .map_err(|problem| Refusal::request(problem.to_string()))?;
    }
    if !is_own {
        named("these configs are altered for one broker at a time", &|name| match of_all_listeners(name) {
            Some(base) => !CLUSTER_WIDE_OF_LISTENERS.contains(&base),
            None => update(name) == Some(Update::PerBroker),
        })?;
    }
    THREADS.into_iter().try_for_each(|name| check_threads(name, settings, before))
}

fn check_threads(name: &str, settings: &Settings, before: &Layers<'_>) -> Result<(), Refusal> {
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (Some(now), Some(before)) =
        (settings.get(name).and_then(|value| number(value)), before.value(name).and_then(|value| number(&value)))
    else {
        return Ok(());
    };
    match now {
        _ if now < before / 2 => {
            Err(Refusal::request(format!("{name}={now} is less than half of the {before} there are")))
        }
        _ if now > before.saturating_mul(2) => {
            Err(Refusal::request(format!("{name}={now} is more than double the {before} there are")))
        }
        _ => Ok(()),
    }
}

/// Whether a cluster with eligible leader replicas (KIP-966) may be left with these: it holds `min.insync.replicas` for all brokers, and for none alone.
pub(crate) fn check_in_sync(before: &Settings, after: &Settings, is_own: bool) -> Result<(), Refusal> {
    let changed = before.get(MIN_INSYNC_REPLICAS) != after.get(MIN_INSYNC_REPLICAS);
    match (is_own, after.contains_key(MIN_INSYNC_REPLICAS)) {
        (true, true) => {
            Err(Refusal::config("min.insync.replicas of one broker cannot be altered while ELR is enabled"))
        }
        (false, false) if changed => {
            Err(Refusal::config("min.insync.replicas of the cluster cannot be removed while ELR is enabled"))
        }
        _ => Ok(()),
    }
}
