//! The configs of brokers, and of their loggers.

use std::collections::BTreeSet;

use ottla_wire::message::describe_configs_response::DescribeConfigsResourceResult;

use super::{Described, Entry, invalid};
use crate::api::{Call, text};
use crate::configs::{Layers, Scope, Source, Update, definition};

/// A broker is described by itself alone; without a name, what is set for all of them while they run.
pub(super) fn of_broker(call: &Call<'_>, name: &str) -> Described {
    let own = call.connection.broker;
    if name.is_empty() {
        return Ok(of_all(call));
    }
    match name.parse::<i32>() {
        Err(_) => return invalid(format!("a broker's id is a number, and {name:?} is none")),
        Ok(id) if id != own.0 => {
            return invalid(format!("unexpected broker id: expected {own} or nothing, but received {name}"));
        }
        Ok(_) => {}
    }
    let layers = call.state.configs.brokers.layers(Some(own)).with_file(own_file(call));
    let told = Scope::Broker.told().map(|config| config.name);
    let names: BTreeSet<&str> = told.chain(layers.names()).collect();
    Ok(names.into_iter().map(|name| entry(&layers, name).into_result()).collect())
}

fn of_all(call: &Call<'_>) -> Vec<DescribeConfigsResourceResult> {
    let layers = call.state.configs.brokers.layers(None);
    let set = call.state.configs.brokers.dynamic(None);
    let entry = |(name, value): (&String, &String)| {
        let mut entry = entry(&layers, name);
        entry.value = Some(value.clone());
        entry.synonyms.retain(|(.., source)| *source == Source::Cluster);
        entry.into_result()
    };
    set.into_iter().flatten().map(entry).collect()
}

fn entry(layers: &Layers<'_>, name: &str) -> Entry {
    let is_dynamic = Scope::Broker.find(name).is_some_and(|config| config.update != Update::ReadOnly);
    Entry {
        name: name.to_owned(),
        kind: definition(name).map(|config| config.kind),
        value: layers.value(name).map(|value| value.into_owned()),
        is_read_only: !is_dynamic,
        synonyms: layers.synonyms(name),
    }
}

/// What stands in the file of this broker and no other.
fn own_file(call: &Call<'_>) -> Vec<(&'static str, String)> {
    let (state, own, listener) = (&call.state, call.connection.broker, &call.connection.listener.name);
    let endpoint = state.brokers.endpoint(own, listener);
    let advertised = endpoint.map(|at| format!("{listener}://{}:{}", at.address.host, at.address.port));
    let rack = endpoint.and_then(|at| at.rack).map(str::to_owned);
    let file = [
        ("node.id", Some(own.to_string())),
        ("broker.id", Some(own.to_string())),
        ("broker.rack", rack),
        ("advertised.listeners", advertised),
    ];
    file.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

pub(super) fn of_loggers(call: &Call<'_>, name: &str) -> Described {
    let own = call.connection.broker;
    match name.parse::<i32>() {
        Err(_) if name.is_empty() => return invalid("a broker's id must not be empty"),
        Err(_) => return invalid(format!("a broker's id is a number, and {name:?} is none")),
        Ok(id) if id != own.0 => return invalid(format!("unexpected broker id: expected {own}, but received {name}")),
        Ok(_) => {}
    }
    let entry = |(name, level): (&'static str, &'static str)| {
        let result = DescribeConfigsResourceResult::default().with_name(text(name)).with_value(Some(text(level)));
        result.with_config_source(Source::Logger.number()).with_documentation(None)
    };
    Ok(call.state.configs.loggers(own).map(entry).collect())
}
