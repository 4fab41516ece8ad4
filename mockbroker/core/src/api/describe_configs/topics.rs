//! The configs of topics.

use ottla_wire::ErrorCode;

use super::{Described, Entry, inherited};
use crate::api::Call;
use crate::configs::{Scope, Source};
use crate::topic;

pub(super) fn of_topic(call: &Call<'_>, name: &str) -> Described {
    topic::validate_name(name).map_err(|invalid| (ErrorCode::INVALID_TOPIC_EXCEPTION, invalid.to_string()))?;
    // Kafka has no text for it.
    let unknown = || (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION, String::new());
    let topic = call.state.topics.named(name).ok_or_else(unknown)?;
    let brokers = call.state.configs.brokers.layers(Some(call.connection.broker));
    let entry = |config| {
        let (value, source) = topic.configs.value(&brokers, config);
        let set = Some(source).filter(|source| *source == Source::Topic);
        Entry::of(config, value.map(|value| value.into_owned()), set, inherited(config, &brokers)).into_result()
    };
    let told =
        Scope::Topic.configs().iter().filter(|config| !config.is_internal || topic.configs.set(config.name).is_some());
    Ok(told.map(entry).collect())
}
