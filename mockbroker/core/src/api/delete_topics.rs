//! DeleteTopics (20), versions 1 to 6.
//!
//! By name, and from version 6 on by name or id. Each topic is deleted or fails alone: an unknown name with `UNKNOWN_TOPIC_OR_PARTITION`,
//! an unknown id with `UNKNOWN_TOPIC_ID`, and with `INVALID_REQUEST` what is neither named nor identified, both, or said twice, be it once
//! by name and once by id. Requests that wait for a deleted partition are answered.
//!
//! Partitions count against the client's `controller_mutation_rate`: from version 5 on a topic fails with `THROTTLING_QUOTA_EXCEEDED` where the
//! client is above it (KIP-599).
//!
//! Needs DELETE on the cluster or on each topic (`TOPIC_AUTHORIZATION_FAILED`). A topic that may not be described is not told from one that is
//! not there: by its name it is denied in either case, and by its id without its name.
//!
//! The timeout is not looked at, for a topic is gone when it is answered.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::message::delete_topics_response::DeletableTopicResult;
use ottla_wire::message::{DeleteTopicsRequest, DeleteTopicsResponse, TopicName};
use ottla_wire::{ErrorCode, TopicId, VersionRange};

use super::{Call, Handle, Reply, metadata, text};
use crate::authorizer::{Operation, Resource};
use crate::state::State;

impl Handle for DeleteTopicsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 6);

    fn handle(self, call: &mut Call<'_>) -> Reply<DeleteTopicsResponse> {
        let mut deletion = Deletion::default();
        for target in targets(&self) {
            deletion.add(target);
        }
        let results = deletion.carry_out(call);
        Reply::Answer(DeleteTopicsResponse::default().with_responses(results))
    }

    fn failed(&self, code: ErrorCode) -> Option<DeleteTopicsResponse> {
        let results = targets(self).map(|target| result(&target, code));
        Some(DeleteTopicsResponse::default().with_responses(results.collect()))
    }
}

/// From this version on, a topic above the client's quota fails.
const STRICT_FROM: i16 = 5;

/// A topic as the request says it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    name: Option<TopicName>,
    id: TopicId,
}

fn targets(request: &DeleteTopicsRequest) -> impl Iterator<Item = Target> {
    let named = request.topic_names.iter().map(|name| Target { name: Some(name.clone()), id: TopicId::ZERO });
    let topics = request.topics.iter();
    named.chain(topics.map(|topic| Target { name: topic.name.clone(), id: topic.topic_id.into() }))
}

/// The topics to delete, and what is already known to fail.
#[derive(Default)]
struct Deletion {
    asked: BTreeSet<(Option<TopicName>, TopicId)>,
    /// What is said twice, and fails for it even where there is no such topic.
    twice: BTreeSet<(Option<TopicName>, TopicId)>,
    results: Vec<DeletableTopicResult>,
}

impl Deletion {
    fn add(&mut self, target: Target) {
        if target.name.is_some() != target.id.is_zero() {
            return self.results.push(result(&target, ErrorCode::INVALID_REQUEST));
        }
        let asked = (target.name, target.id);
        if !self.asked.insert(asked.clone()) {
            self.twice.insert(asked);
        }
    }

    fn carry_out(mut self, call: &mut Call<'_>) -> Vec<DeletableTopicResult> {
        let mut found: BTreeMap<TopicId, bool> = BTreeMap::new();
        for (name, id) in self.asked {
            let target = Target { name, id };
            let unknown =
                if target.name.is_some() { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION } else { ErrorCode::UNKNOWN_TOPIC_ID };
            let is_twice = self.twice.contains(&(target.name.clone(), target.id));
            if is_twice {
                self.results.push(result(&target, ErrorCode::INVALID_REQUEST));
                continue;
            }
            if let Some(denied) = denied(call, &target) {
                self.results.push(result(&denied, ErrorCode::TOPIC_AUTHORIZATION_FAILED));
                continue;
            }
            match target.find(call.state) {
                None => self.results.push(result(&target, unknown)),
                Some(id) => {
                    found.entry(id).and_modify(|again| *again = true).or_insert(false);
                }
            }
        }
        for (id, again) in found {
            let target = Target { name: call.state.topics.name_of(id).map(|name| metadata::topic_name(name)), id };
            let partitions = call.state.topics.with_id(id).map_or(0, |topic| topic.partitions().count());
            let code = match again {
                true => ErrorCode::INVALID_REQUEST,
                false if !call.may_mutate(partitions, STRICT_FROM) => ErrorCode::THROTTLING_QUOTA_EXCEEDED,
                false => delete(call.state, id),
            };
            self.results.push(result(&target, code));
        }
        self.results
    }
}

/// What is told of a topic that the client may not delete.
fn denied(call: &Call<'_>, target: &Target) -> Option<Target> {
    if call.could(Operation::Delete, Resource::CLUSTER) {
        return None;
    }
    let found = call.state.topics.name_of(target.id).map(|name| metadata::topic_name(name));
    let name = target.name.as_ref().or(found.as_ref())?;
    let on_topic = Resource::topic(name);
    let (describes, deletes) = (call.may(Operation::Describe, on_topic), call.may(Operation::Delete, on_topic));
    let is_there = target.find(call.state).is_some();
    match &target.name {
        // That it is not there is told before that it may not be deleted.
        Some(_) => (!describes || (!deletes && is_there)).then(|| target.clone()),
        None => (!deletes).then(|| Target { name: describes.then(|| name.clone()), id: target.id }),
    }
}

impl Target {
    /// The topic that is meant.
    fn find(&self, state: &State) -> Option<TopicId> {
        match &self.name {
            Some(name) => state.topics.named(name).map(|topic| topic.id),
            None => state.topics.with_id(self.id).map(|topic| topic.id),
        }
    }
}

/// Deletes a topic, where it is there, with all that it has.
pub(crate) fn delete(state: &mut State, id: TopicId) -> ErrorCode {
    let name = state.topics.name_of(id).cloned();
    let Some(topic) = name.and_then(|name| state.topics.remove(&name)) else { return ErrorCode::UNKNOWN_TOPIC_ID };
    state.quorum.record();
    state.changed.extend(topic.coordinates());
    state.log_dirs.forget(topic.id);
    let bytes = topic.partitions().map(|(_, partition)| partition.log.size_bytes()).fold(0, usize::saturating_add);
    state.log_bytes = state.log_bytes.saturating_sub(bytes);
    ErrorCode::NONE
}

fn result(target: &Target, code: ErrorCode) -> DeletableTopicResult {
    let message = (!code.is_ok()).then(|| text(code.to_string()));
    DeletableTopicResult::default()
        .with_name(target.name.clone())
        .with_topic_id(target.id.into())
        .with_error_code(code.0)
        .with_error_message(message)
}
