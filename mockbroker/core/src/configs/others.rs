//! What groups, and subscriptions to the metrics of clients, may set.

use super::{ConfigProblem, Layers, Refusal, Scope, Settings};

/// The first word of the names of a group's configs.
const GROUP_TYPES: [&str; 3] = ["consumer", "share", "streams"];

/// Whether a group may set these: values within what the brokers allow.
pub(crate) fn check_group(settings: &Settings, brokers: &Layers<'_>) -> Result<(), Refusal> {
    for (name, value) in settings {
        let config = Scope::Group.find(name).ok_or_else(|| ConfigProblem::Unknown(name.clone()))?;
        config.canonical(value)?;
    }
    let value = |name: &str| -> Option<i64> {
        match settings.get(name) {
            Some(value) => value.trim().parse().ok(),
            None => brokers.inherited(Scope::Group.find(name)?).0?.parse().ok(),
        }
    };
    let bound = |name: &str| brokers.value(name).and_then(|bound| bound.parse::<i64>().ok());
    for config in Scope::Group.configs() {
        let Some((kind, rest)) = config.name.split_once('.') else { continue };
        // What the brokers have for it may lie outside: it is theirs.
        if rest == "assignment.interval.ms" && !settings.contains_key(config.name) {
            continue;
        }
        let Some(value) = value(config.name) else { continue };
        let rest = rest.strip_prefix("num.").unwrap_or(rest);
        let (low, high) = (format!("group.{kind}.min.{rest}"), format!("group.{kind}.max.{rest}"));
        if bound(&low).is_some_and(|min| value < min) {
            return Err(Refusal::config(format!("{} must be at least {low}", config.name)));
        }
        if bound(&high).is_some_and(|max| value > max) {
            return Err(Refusal::config(format!("{} must be at most {high}", config.name)));
        }
    }
    for kind in GROUP_TYPES {
        let [session, heartbeat] = ["session.timeout.ms", "heartbeat.interval.ms"].map(|rest| format!("{kind}.{rest}"));
        if value(&session) <= value(&heartbeat) {
            return Err(Refusal::config(format!("{session} must be above {heartbeat}")));
        }
    }
    Ok(())
}

/// By what a subscription may choose clients.
const MATCHES: [&str; 6] = [
    "client_id",
    "client_instance_id",
    "client_software_name",
    "client_software_version",
    "client_source_address",
    "client_source_port",
];

/// Milliseconds between two pushes of metrics.
const INTERVAL_MS: std::ops::RangeInclusive<i64> = 100..=3_600_000;

/// Whether a subscription to the metrics of clients may set these.
pub(crate) fn check_client_metrics(settings: &Settings) -> Result<(), Refusal> {
    for (name, value) in settings {
        let unknown = || Refusal::request(format!("unknown client metrics configuration: {name}"));
        let canonical = Scope::ClientMetrics.find(name).ok_or_else(unknown)?.canonical(value)?;
        let is_interval = || canonical.parse().is_ok_and(|interval| INTERVAL_MS.contains(&interval));
        if name == "interval.ms" && !is_interval() {
            return Err(Refusal::request(format!("{name} is {canonical}, and must be 100 to 3600000")));
        }
        if name == "match" {
            canonical.split(',').filter(|item| !item.is_empty()).try_for_each(check_match)?;
        }
    }
    Ok(())
}

/// Whether this is `name=regular expression`.
fn check_match(pattern: &str) -> Result<(), Refusal> {
    let is_good = pattern.trim_end_matches('=').split_once('=').is_some_and(|(name, expression)| {
        MATCHES.contains(&name.trim()) && !expression.contains('=') && regex::Regex::new(expression.trim()).is_ok()
    });
    match is_good {
        true => Ok(()),
        false => Err(Refusal::config(format!("illegal client matching pattern: {pattern}"))),
    }
}
