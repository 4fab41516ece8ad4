//! The configs of groups, and of subscriptions to the metrics of clients. Each name has some, whether it is used or not.

use super::{Described, Entry, inherited, invalid};
use crate::api::Call;
use crate::configs::{Config, Scope, Source};

pub(super) fn of_group(call: &Call<'_>, name: &str) -> Described {
    if name.is_empty() {
        return invalid("a group's name must not be empty");
    }
    let brokers = call.state.configs.brokers.layers(Some(call.connection.broker));
    let set = call.state.configs.of(Scope::Group, name);
    let entry = |config: &'static Config| {
        let own = set.and_then(|set| set.get(config.name)).cloned();
        let source = own.is_some().then_some(Source::Group);
        let value = own.or_else(|| brokers.inherited(config).0.map(|value| value.into_owned()));
        let mut below = inherited(config, &brokers);
        if config.synonyms.is_empty() {
            below.extend(config.default.map(|default| (config.name.to_owned(), default.to_owned(), Source::Default)));
        }
        Entry::of(config, value, source, below).into_result()
    };
    Ok(Scope::Group.told().map(entry).collect())
}

pub(super) fn of_client_metrics(call: &Call<'_>, name: &str) -> Described {
    if name.is_empty() {
        return invalid("the name of a subscription to client metrics must not be empty");
    }
    let set = call.state.configs.of(Scope::ClientMetrics, name);
    let entry = |config: &'static Config| {
        let own = set.and_then(|set| set.get(config.name)).cloned();
        let source = own.is_some().then_some(Source::ClientMetrics);
        let value = own.or_else(|| config.default.map(str::to_owned));
        Entry::of(config, value, source, Vec::new()).into_result()
    };
    Ok(Scope::ClientMetrics.told().map(entry).collect())
}
