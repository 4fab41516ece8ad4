//! What both brokers say that they answer.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use serde_json::Value;

use ottla_wire::{ApiKey, VersionRange};

use crate::broker::{Asked, Broker, Reaction};

/// The APIs that both brokers advertise, with the versions that both do.
pub(crate) fn by_both(brokers: &mut [Broker; 2]) -> io::Result<BTreeMap<ApiKey, VersionRange>> {
    let [right, other] = brokers;
    let (right, other) = (by(right)?, by(other)?);
    let both = right.iter().filter_map(|(api, versions)| Some((*api, versions.intersect(*other.get(api)?))));
    Ok(both.filter(|(_, versions)| !versions.is_empty()).collect())
}

fn by(broker: &mut Broker) -> io::Result<BTreeMap<ApiKey, VersionRange>> {
    let (api, connection) = (ApiKey::ApiVersions, "advertised");
    let asked = Asked { api, version: 0, body: Bytes::new(), at: 1, connection, is_answered: true };
    let Reaction::Answers(answer) = broker.ask(&asked)? else {
        return Err(io::Error::other(format!("{} does not say which APIs it has", broker.name)));
    };
    let number = |row: &Value, field: &str| i16::try_from(row.get(field)?.as_i64()?).ok();
    let rows = answer.get("apiKeys").and_then(Value::as_array).into_iter().flatten();
    let known = rows.filter_map(|row| {
        let api = ApiKey::try_from(number(row, "apiKey")?).ok()?;
        Some((api, VersionRange::new(number(row, "minVersion")?, number(row, "maxVersion")?)))
    });
    Ok(known.collect())
}
