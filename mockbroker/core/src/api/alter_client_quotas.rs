//! AlterClientQuotas (49), versions 0 and 1 (KIP-546).
//!
//! Each entity's quotas are set and removed, or fail alone with `INVALID_REQUEST`: an entity that is empty, stands twice, has an empty name or an
//! unknown type, or an address beside a user or client; a quota that entities of its kind do not have, that stands twice, or whose value is
//! none that it may have. More entities than [`crate::Bounds::quota_entities_max`] are refused with `POLICY_VIOLATION`.
//!
//! All act. Who is above a rate hears for how long in the answer, and the connection's next request waits so long (KIP-219). What counts for
//! `controller_mutation_rate` say the APIs that create and delete partitions; an address above its `connection_creation_rate` is taken on, not read
//! from, and closed (KIP-612).
//!
//! Deviations: an answer to Fetch that is throttled keeps its records; the time that a request takes counts against `request_percentage` when it is
//! answered, so that it is the next answer that says it, and by a clock that stands nothing takes any.

use std::collections::BTreeSet;

use ottla_wire::message::alter_client_quotas_request::EntryData;
use ottla_wire::message::alter_client_quotas_response::{EntityData, EntryData as Answered};
use ottla_wire::message::{AlterClientQuotasRequest, AlterClientQuotasResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::config::NAME_BYTES_MAX;
use crate::quotas::{Entity, EntityType, Quotas};

impl Handle for AlterClientQuotasRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::AlterConfigs);

    fn handle(self, call: &mut Call<'_>) -> Reply<AlterClientQuotasResponse> {
        let mut seen = BTreeSet::new();
        let max = call.state.config.bounds.quota_entities_max;
        let answers = self.entries.iter().map(|entry| {
            let altered = entity(entry).and_then(|entity| match seen.insert(entity.clone()) {
                true => alter(&mut call.state.quotas, entity, entry, max, self.validate_only),
                false => Err(wrong("the entity stands in the request twice")),
            });
            match altered {
                Ok(()) => answer(entry).with_error_message(None),
                Err((code, reason)) => refused(entry, code, reason),
            }
        });
        Reply::Answer(AlterClientQuotasResponse::default().with_entries(answers.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<AlterClientQuotasResponse> {
        let entries = self.entries.iter().map(|entry| refused(entry, code, code.to_string()));
        Some(AlterClientQuotasResponse::default().with_entries(entries.collect()))
    }
}

/// A code, and what it means in words.
type Refused = (ErrorCode, String);

fn wrong(reason: impl Into<String>) -> Refused {
    (ErrorCode::INVALID_REQUEST, reason.into())
}

fn entity(entry: &EntryData) -> Result<Entity, Refused> {
    let mut entity = Entity::new();
    for part in &entry.entity {
        let of = EntityType::named(&part.entity_type)
            .ok_or_else(|| wrong(format!("there is no entity type {:?}", part.entity_type.as_str())))?;
        let name = part.entity_name.as_ref().map(|name| name.to_string());
        if name.as_deref() == Some("") {
            return Err(wrong(format!("the name of the {} is empty", of.name())));
        }
        if name.as_ref().is_some_and(|name| name.len() > NAME_BYTES_MAX) {
            return Err(wrong(format!("the name of the {} is longer than {NAME_BYTES_MAX}", of.name())));
        }
        entity.insert(of, name);
    }
    Ok(entity)
}

fn alter(
    quotas: &mut Quotas,
    entity: Entity,
    entry: &EntryData,
    max: usize,
    validate_only: bool,
) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = entry.ops.iter().find(|op| !seen.insert(op.key.as_str())) {
        return Err(wrong(format!("quota {} stands in the request twice", twice.key.as_str())));
    }
    let changes: Vec<_> = entry.ops.iter().map(|op| (op.key.as_str(), (!op.remove).then_some(op.value))).collect();
    let changes = Quotas::check(&entity, &changes).map_err(|error| wrong(error.to_string()))?;
    let is_new = changes.iter().any(|(_, value)| value.is_some()) && !quotas.knows(&entity);
    if is_new && quotas.entities() >= max {
        return Err((ErrorCode::POLICY_VIOLATION, format!("the cluster has quotas of {max} entities")));
    }
    if !validate_only {
        quotas.alter(entity, changes);
    }
    Ok(())
}

fn answer(entry: &EntryData) -> Answered {
    let mut parts: Vec<_> = entry.entity.iter().collect();
    parts.sort_by_key(|part| part.entity_type.as_str());
    let entity = parts.into_iter().map(|part| {
        EntityData::default().with_entity_type(part.entity_type.clone()).with_entity_name(part.entity_name.clone())
    });
    Answered::default().with_entity(entity.collect())
}

fn refused(entry: &EntryData, code: ErrorCode, reason: String) -> Answered {
    answer(entry).with_error_code(code.0).with_error_message(Some(text(reason)))
}
