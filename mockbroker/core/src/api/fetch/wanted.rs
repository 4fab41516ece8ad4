//! What a request asks for, with what its session remembers.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::sync::Arc;

use ottla_wire::message::{FetchRequest, TopicName, fetch_request};
use ottla_wire::{ErrorCode, LeaderEpoch, TopicId};

use super::SessionUse;
use crate::api::Call;
use crate::authorizer::{Operation, Resource};
use crate::fetch_session::{Asked, Changes, FetchedPartition, PartitionKey, Partitions, Told, TopicKey, next_epoch};
use crate::topic::Topics;

/// From this version on, topics are named by their id.
const TOPIC_ID_FROM: i16 = 13;

/// The session epoch of a request that opens a session.
const OPENS: i32 = 0;

/// The session epoch of a request outside any.
const OUTSIDE: i32 = -1;

/// A partition that is asked for, and the topic whose it was when the request came, or why it is not read.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) of: FetchedPartition,
    pub(super) found: Result<TopicId, ErrorCode>,
}

impl Wanted {
    /// Finds what a client asks for, or a replica, which may have any topic or none.
    pub(super) fn find(of: FetchedPartition, may_replicate: Option<bool>, call: &Call<'_>) -> Self {
        let may_read = |name| may_replicate.unwrap_or_else(|| call.may(Operation::Read, Resource::topic(name)));
        let found = match &of.name {
            None if may_replicate == Some(false) => Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED),
            None => Err(ErrorCode::UNKNOWN_TOPIC_ID),
            Some(name) if !may_read(name) => Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED),
            Some(name) => {
                let topic = call.state.topics.named(name).filter(|topic| topic.partition(of.key.index).is_some());
                topic.map(|topic| topic.id).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)
            }
        };
        Self { of, found }
    }
}

/// What is fetched: all that a request asks for, or all that its session has with what the request changes of that.
pub(super) fn enter_session(
    request: &FetchRequest,
    call: &mut Call<'_>,
) -> Result<(SessionUse, Vec<FetchedPartition>), ErrorCode> {
    let is_by_id = call.version >= TOPIC_ID_FROM;
    let (broker, id, epoch) = (call.connection.broker, request.session_id, request.session_epoch);
    let asked: Partitions =
        request.topics.iter().flat_map(|topic| asked(topic, is_by_id, &call.state.topics)).collect();
    let asked = asked.iter().cloned().collect::<Vec<_>>();
    let sessions = &mut call.state.fetch_sessions;
    match epoch {
        OPENS | OUTSIDE => {
            sessions.close(broker, id);
            Ok((if epoch == OPENS { SessionUse::Opens { is_by_id } } else { SessionUse::None }, asked))
        }
        _ => {
            let forgotten = request.forgotten_topics_data.iter().flat_map(|topic| {
                let key = topic_key(&topic.topic, topic.topic_id.into(), is_by_id);
                topic.partitions.iter().map(move |index| PartitionKey { topic: key.clone(), index: *index })
            });
            let changes = Changes { is_by_id, asked: asked.clone(), forgotten: forgotten.collect() };
            let Some(mut all) = sessions.go_on(broker, call.now.mono, [id, epoch], changes)? else {
                return Ok((SessionUse::None, asked));
            };
            for partition in &mut all {
                let name = || name(&partition.key.topic, &call.state.topics);
                partition.name = partition.name.take().or_else(name);
            }
            Ok((SessionUse::GoesOn { id, epoch: next_epoch(epoch) }, all))
        }
    }
}

fn asked(topic: &fetch_request::FetchTopic, is_by_id: bool, topics: &Topics) -> Vec<FetchedPartition> {
    let key = topic_key(&topic.topic, topic.topic_id.into(), is_by_id);
    let name = name(&key, topics);
    let partition = |of: &fetch_request::FetchPartition| FetchedPartition {
        key: PartitionKey { topic: key.clone(), index: of.partition },
        name: name.clone(),
        asked: Asked {
            // Any negative epoch is none here, where ListOffsets takes -1 alone for that.
            believed: LeaderEpoch(of.current_leader_epoch).max(LeaderEpoch::UNKNOWN),
            last_fetched: LeaderEpoch(of.last_fetched_epoch).max(LeaderEpoch::UNKNOWN),
            offset: of.fetch_offset,
            bytes_max: of.partition_max_bytes,
        },
        told: Told::NOTHING,
    };
    topic.partitions.iter().map(partition).collect()
}

fn topic_key(name: &TopicName, id: TopicId, is_by_id: bool) -> TopicKey {
    if is_by_id { TopicKey::Id(id) } else { TopicKey::Name(name.as_str().into()) }
}

fn name(key: &TopicKey, topics: &Topics) -> Option<Arc<str>> {
    match key {
        TopicKey::Name(name) => Some(Arc::clone(name)),
        TopicKey::Id(id) => topics.name_of(*id).cloned(),
    }
}
