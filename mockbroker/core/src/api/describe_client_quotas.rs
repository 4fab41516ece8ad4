//! DescribeClientQuotas (48), versions 0 and 1 (KIP-546).
//!
//! Tells the quotas of the entities that fit each part of the filter: of a name, the default of a type, or any of a type; a strict filter
//! wants no other types beside those. A filter that contradicts itself fails with `INVALID_REQUEST`, a type that is none with
//! `UNSUPPORTED_VERSION`.

use std::collections::BTreeMap;

use ottla_wire::message::describe_client_quotas_request::ComponentData;
use ottla_wire::message::describe_client_quotas_response::{EntityData, EntryData, ValueData};
use ottla_wire::message::{DescribeClientQuotasRequest, DescribeClientQuotasResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::quotas::{Entity, EntityType, Limits};

/// How a part of a filter matches, by Kafka's number.
mod matches {
    pub(super) const EXACT: i8 = 0;
    pub(super) const DEFAULT: i8 = 1;
    pub(super) const ANY: i8 = 2;
}

/// What an entity must have of each type: a name or the default, or either.
type Filter = BTreeMap<EntityType, Option<Option<String>>>;

type Refused = (ErrorCode, String);

impl Handle for DescribeClientQuotasRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::DescribeConfigs);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeClientQuotasResponse> {
        let filter = match filter(&self.components) {
            Ok(filter) => filter,
            Err((code, reason)) => return Reply::Answer(refused(code, reason)),
        };
        let fits = |entity: &Entity| {
            let has = |(of, wanted): (&EntityType, &Option<Option<String>>)| {
                entity.get(of).is_some_and(|name| wanted.as_ref().is_none_or(|wanted| wanted == name))
            };
            filter.iter().all(has) && (!self.strict || entity.len() == filter.len())
        };
        let entries = call.state.quotas.iter().filter(|(entity, _)| fits(entity)).map(entry).collect();
        Reply::Answer(DescribeClientQuotasResponse::default().with_entries(Some(entries)))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeClientQuotasResponse> {
        Some(refused(code, code.to_string()))
    }
}

fn refused(code: ErrorCode, reason: String) -> DescribeClientQuotasResponse {
    let answer = DescribeClientQuotasResponse::default().with_error_code(code.0).with_entries(None);
    answer.with_error_message(Some(text(reason)))
}

fn filter(components: &[ComponentData]) -> Result<Filter, Refused> {
    let invalid = |reason: String| (ErrorCode::INVALID_REQUEST, reason);
    let mut filter = Filter::new();
    let mut seen = Vec::new();
    for component in components {
        let name = component.entity_type.as_str();
        if name.is_empty() || seen.contains(&name) {
            return Err(invalid(format!("entity type {name:?} is empty or stands twice")));
        }
        seen.push(name);
        let unsupported = || (ErrorCode::UNSUPPORTED_VERSION, format!("there is no entity type {name:?}"));
        let of = EntityType::named(name).ok_or_else(unsupported)?;
        let wanted = match (component.match_type, component._match.as_ref()) {
            (matches::EXACT, Some(name)) => Some(Some(name.to_string())),
            (matches::DEFAULT, None) => Some(None),
            (matches::ANY, None) => None,
            (matches::EXACT | matches::DEFAULT | matches::ANY, _) => {
                return Err(invalid(format!("the name of {name} does not go with its type of match")));
            }
            (other, _) => return Err(invalid(format!("there is no type of match {other}"))),
        };
        filter.insert(of, wanted);
    }
    match filter.contains_key(&EntityType::Ip) && filter.len() > 1 {
        true => Err(invalid("an address does not go with a user or client".to_owned())),
        false => Ok(filter),
    }
}

fn entry((entity, limits): (&Entity, &Limits)) -> EntryData {
    let entity = entity.iter().map(|(of, name)| {
        EntityData::default().with_entity_type(text(of.name())).with_entity_name(name.clone().map(text))
    });
    let values =
        limits.iter().map(|(quota, value)| ValueData::default().with_key(text(quota.name())).with_value(*value));
    EntryData::default().with_entity(entity.collect()).with_values(values.collect())
}
