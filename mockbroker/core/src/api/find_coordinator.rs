//! FindCoordinator (10), versions 0 to 6.
//!
//! The broker that a group or transactional id belongs to: Java's hash of the id gives it one of 50 partitions, as Kafka's internal topics
//! have, and those are spread over the brokers; where one is not there, the next one is the coordinator. From version 4 on for a list of ids, each answered alone (KIP-699). The address is that of
//! the connection's listener.
//!
//! Needs DESCRIBE on the group (`GROUP_AUTHORIZATION_FAILED`) or the transactional id (`TRANSACTIONAL_ID_AUTHORIZATION_FAILED`).
//!
//! Deviations: share groups (KIP-932) and unknown types are refused with `INVALID_REQUEST`; the coordinators exist from the start, where
//! Kafka creates their topics when it is first asked.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use ottla_wire::message::find_coordinator_response::Coordinator;
use ottla_wire::message::{FindCoordinatorRequest, FindCoordinatorResponse, StrBytes};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::{Operation, Resource};
use crate::broker::{Brokers, Endpoint};

/// From this version on, a request has a list of ids.
const LIST_FROM: i16 = 4;

/// From this version on, an answer says in words what is wrong.
const MESSAGE_FROM: i16 = 1;

/// `offsets.topic.num.partitions` and `transaction.state.log.num.partitions`.
const PARTITIONS: u32 = 50;

/// What a coordinator is asked for.
mod key_type {
    pub(super) const GROUP: i8 = 0;
    pub(super) const TRANSACTION: i8 = 1;
    pub(super) const SHARE: i8 = 2;
}

impl Handle for FindCoordinatorRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 6);

    fn handle(self, call: &mut Call<'_>) -> Reply<FindCoordinatorResponse> {
        if !(key_type::GROUP..=key_type::SHARE).contains(&self.key_type) {
            return self.failed_at(call.version, ErrorCode::INVALID_REQUEST).map_or(Reply::Nothing, Reply::Answer);
        }
        if call.version >= LIST_FROM {
            // Of each of a list, Kafka says nothing in words.
            let find = |key| coordinator(find(call, self.key_type, key)).with_key(text(key));
            let coordinators = self.coordinator_keys.iter().map(|key| find(key.as_str()));
            return Reply::Answer(FindCoordinatorResponse::default().with_coordinators(coordinators.collect()));
        }
        Reply::Answer(alone(find(call, self.key_type, &self.key), call.version))
    }

    fn failed(&self, code: ErrorCode) -> Option<FindCoordinatorResponse> {
        self.failed_at(0, code)
    }

    fn failed_at(&self, version: i16, code: ErrorCode) -> Option<FindCoordinatorResponse> {
        let none = coordinator(Err(code)).with_error_message(Some(meaning(code)));
        let each = self.coordinator_keys.iter().map(|key| none.clone().with_key(key.clone()));
        Some(match self.coordinator_keys.is_empty() {
            true => alone(Err(code), version),
            false => FindCoordinatorResponse::default().with_coordinators(each.collect()),
        })
    }
}

/// The answer about the one id of a request without a list.
fn alone(found: Result<Endpoint<'_>, ErrorCode>, version: i16) -> FindCoordinatorResponse {
    let found = coordinator(found);
    let message = (version >= MESSAGE_FROM).then(|| meaning(ErrorCode(found.error_code)));
    FindCoordinatorResponse::default()
        .with_error_code(found.error_code)
        .with_error_message(message)
        .with_node_id(found.node_id)
        .with_host(found.host)
        .with_port(found.port)
}

/// What an error code means in words, also the one for none.
fn meaning(code: ErrorCode) -> StrBytes {
    if code.is_ok() { text("NONE") } else { text(code.to_string()) }
}

fn find<'a>(call: &'a Call<'_>, key_type: i8, key: &str) -> Result<Endpoint<'a>, ErrorCode> {
    let (needed, denied) = match key_type {
        key_type::GROUP => (Resource::group(key), ErrorCode::GROUP_AUTHORIZATION_FAILED),
        key_type::TRANSACTION => (Resource::transactional_id(key), ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
        _ => return Err(ErrorCode::INVALID_REQUEST),
    };
    if !call.may(Operation::Describe, needed) {
        return Err(denied);
    }
    let brokers = &call.state.brokers;
    let broker = coordinator_of(brokers, key);
    brokers.active_endpoint(broker, &call.connection.listener.name).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)
}

/// The broker that coordinates a group or transactional id.
fn coordinator_of(brokers: &Brokers, key: &str) -> BrokerId {
    let partition =
        java_hash(key).checked_abs().unwrap_or(0).unsigned_abs().checked_rem(PARTITIONS).unwrap_or_default();
    let partition = usize::try_from(partition).unwrap_or_default();
    let all: Vec<BrokerId> = brokers.iter().map(|(id, _)| id).collect();
    let place = partition.checked_rem(all.len()).unwrap_or_default();
    let mut from_place = all.iter().cycle().skip(place).take(all.len());
    from_place.find(|id| brokers.is_active(**id)).copied().unwrap_or(BrokerId::NONE)
}

/// The hash that Java has of a text: that of its UTF-16.
fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

fn coordinator(found: Result<Endpoint<'_>, ErrorCode>) -> Coordinator {
    match found {
        Ok(endpoint) => Coordinator::default()
            .with_node_id(endpoint.id.0.into())
            .with_host(text(endpoint.address.host.as_str()))
            .with_port(endpoint.address.port.into()),
        Err(code) => Coordinator::default().with_error_code(code.0).with_node_id(BrokerId::NONE.0.into()).with_port(-1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_javas() {
        // From `"…".hashCode()` of a JVM; the last is the one text whose hash has no absolute value.
        assert_eq!(java_hash(""), 0);
        assert_eq!(java_hash("analytics"), -1_693_017_210);
        assert_eq!(java_hash("polygenelubricants"), i32::MIN);
    }
}
