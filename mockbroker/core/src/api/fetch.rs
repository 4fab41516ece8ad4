//! Fetch (1), versions 4 to 18.
//!
//! The batches of each partition from an offset on: the whole batch for an offset inside it, the first of all whole even where it is above
//! the limits (KIP-74), and the last one cut at the limit. Answered at once where `min_bytes` are there, a partition fails that the broker
//! has, or nothing may be waited for; else when enough bytes came, a leader moved, or `max_wait_ms` is over. A partition fails alone:
//! `OFFSET_OUT_OF_RANGE` outside the log, `FENCED_LEADER_EPOCH` and `UNKNOWN_LEADER_EPOCH` (KIP-320), `NOT_LEADER_OR_FOLLOWER` with the
//! leader's address from version 16 on (KIP-951), `UNKNOWN_TOPIC_ID` from version 13 on (KIP-516), `INCONSISTENT_TOPIC_ID` where another
//! topic has the name by now. From version 11 on a follower answers too, and with a rack-aware selector the leader names the one in the
//! client's rack (KIP-392). Consumers are given what stands below the high watermark of the broker that answers, which in a follower that does not
//! fetch stays where it was.
//!
//! From version 12 on a client may say the epoch of the last record that it has: where the log has no such record there, the answer is where
//! the two diverge (KIP-595).
//!
//! From version 7 on a client may open a session (KIP-227) by epoch 0, and then says only what changes and is told only what changed: records,
//! a new high watermark or start of the log, an error, a preferred replica. `FETCH_SESSION_ID_NOT_FOUND`, `INVALID_FETCH_SESSION_EPOCH` and
//! `FETCH_SESSION_TOPIC_ID_ERROR` fail the whole request.
//!
//! Needs READ on each topic, or as a replica CLUSTER_ACTION (`TOPIC_AUTHORIZATION_FAILED`).
//!
//! Batches go out as they are in the log. Kafka 4.4 hands those in zstd to versions below 10 too, which KIP-110 had refused them to.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod reading;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use ottla_wire::codec::EncodeError;
use ottla_wire::hot::{FetchPartition, FetchResponse as Response, FetchTopic, encode_fetch_response};
use ottla_wire::message::{FetchRequest, FetchResponse, fetch_request};
use ottla_wire::{ErrorCode, Segments, TopicId, VersionRange};

use super::{Call, Handle, Reply};
use crate::authorizer::{Operation, Resource};
use crate::connection::Connection;
use crate::fetch_session::{NO_SESSION, NewSession, TopicKey};
use crate::state::State;
use crate::time::Now;
use crate::topic::TopicPartition;
use crate::waiting::{Parked, ParkedRequest};

use reading::{Reader, Reading};
use wanted::{Wanted, enter_session};

/// What stands for the isolation level that reads aborted records too.
const READ_UNCOMMITTED: i8 = 0;

/// The config of how many sessions a broker has: 1,000 by default.
const SESSIONS_MAX: &str = "max.incremental.fetch.session.cache.slots";

impl Handle for FetchRequest {
    const KAFKA: VersionRange = VersionRange::new(4, 18);

    fn handle(self, call: &mut Call<'_>) -> Reply<FetchResponse> {
        let fetch = match ParkedFetch::of(&self, call) {
            Ok(fetch) => fetch,
            Err(code) => return Reply::Written(failure(call.version, NO_SESSION, code)),
        };
        let max_wait = Duration::from_millis(u64::try_from(self.max_wait_ms).unwrap_or_default());
        let deadline = call.now.mono.checked_add(max_wait).filter(|_| !max_wait.is_zero());
        let (state, connection) = (&*call.state, &*call.connection);
        let read = fetch.read(state, connection);
        match deadline.filter(|_| !read.is_enough(fetch.min_bytes) && !fetch.is_ready(state, connection)) {
            None => Reply::Written(fetch.answer(read, call.state, call.connection, call.now, call.version)),
            Some(deadline) => Reply::Park(Parked {
                api_version: call.version,
                correlation_id: call.correlation_id,
                deadline: Some(deadline),
                request: ParkedRequest::Fetch(fetch),
            }),
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<FetchResponse> {
        // Before version 7 there is no place for it but the partitions.
        use ottla_wire::message::fetch_response::{FetchableTopicResponse, PartitionData};
        let partition = |of: &fetch_request::FetchPartition| {
            PartitionData::default().with_partition_index(of.partition).with_error_code(code.0).with_high_watermark(-1)
        };
        let topic = |of: &fetch_request::FetchTopic| {
            let partitions = of.partitions.iter().map(partition).collect();
            let topic = FetchableTopicResponse::default().with_topic(of.topic.clone()).with_topic_id(of.topic_id);
            topic.with_partitions(partitions)
        };
        Some(FetchResponse::default().with_responses(self.topics.iter().map(topic).collect()))
    }
}

fn failure(version: i16, session_id: i32, error_code: ErrorCode) -> Result<Segments, EncodeError> {
    encode_fetch_response(version, &Response { error_code, session_id, ..Response::default() })
}

/// What a Fetch asks for.
#[derive(Debug)]
pub(crate) struct ParkedFetch {
    min_bytes: i64,
    max_bytes: i64,
    reader: Reader,
    session: SessionUse,
    partitions: Vec<Wanted>,
}

/// What the answer has to do with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SessionUse {
    None,
    /// It opens one.
    Opens {
        is_by_id: bool,
    },
    /// It tells what changed, if the session is still in this epoch.
    GoesOn {
        id: i32,
        epoch: i32,
    },
}

impl ParkedFetch {
    fn of(request: &FetchRequest, call: &mut Call<'_>) -> Result<Self, ErrorCode> {
        let fetch_bytes_max = call.state.config.bounds.fetch_bytes_max;
        let max_bytes = i64::from(request.max_bytes).min(i64::try_from(fetch_bytes_max).unwrap_or(i64::MAX));
        let min_bytes = i64::from(request.min_bytes).min(max_bytes);
        let (session, fetched) = enter_session(request, call)?;
        let reader = Reader::of(request, call.version);
        let may_replicate = reader.is_follower().then(|| call.may(Operation::ClusterAction, Resource::CLUSTER));
        let partitions = fetched.into_iter().map(|of| Wanted::find(of, may_replicate, call)).collect();
        Ok(Self { min_bytes, max_bytes, reader, session, partitions })
    }

    /// The partitions that may end the wait.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = TopicPartition> {
        self.readable()
            .filter_map(|wanted| Some(TopicPartition { topic: wanted.found.ok()?, partition: wanted.of.key.index }))
    }

    /// Those that were there when the request came.
    fn readable(&self) -> impl Iterator<Item = &Wanted> {
        self.partitions.iter().filter(|wanted| wanted.found.is_ok())
    }

    /// Whether the wait is over before its time.
    pub(crate) fn is_ready(&self, state: &State, connection: &Connection) -> bool {
        let mut available = 0_i64;
        for wanted in self.readable() {
            match self.reader.bytes_waiting(state, connection.broker, &wanted.of) {
                Some(bytes) => available = available.saturating_add(bytes),
                None => return true,
            }
        }
        available >= self.min_bytes
    }

    fn read(&self, state: &State, connection: &Connection) -> Reading {
        let mut reading = Reading::new(self.max_bytes);
        for wanted in self.readable() {
            reading.add(&self.reader, &wanted.of, state, connection);
        }
        for wanted in &self.partitions {
            reading.add_refused(wanted);
        }
        reading
    }

    /// The body of the answer: what there is now.
    pub(crate) fn answer_now(
        &self,
        state: &mut State,
        connection: &Connection,
        now: Now,
        version: i16,
    ) -> Result<Segments, EncodeError> {
        let reading = self.read(state, connection);
        self.answer(reading, state, connection, now, version)
    }

    fn answer(
        &self,
        mut reading: Reading,
        state: &mut State,
        connection: &Connection,
        now: Now,
        version: i16,
    ) -> Result<Segments, EncodeError> {
        let broker = connection.broker;
        let session_id = match self.session {
            SessionUse::None => NO_SESSION,
            SessionUse::Opens { is_by_id } => {
                let partitions = reading.partitions.iter().map(reading::Part::as_told).collect();
                let session = NewSession { is_by_id, is_of_follower: self.reader.is_follower(), partitions };
                let sessions_max = state.configs.brokers.layers(Some(broker)).number(SESSIONS_MAX);
                let sessions_max = usize::try_from(sessions_max).unwrap_or_default();
                let opened = state.fetch_sessions.open(broker, now.mono, sessions_max, &mut state.random, session);
                opened.unwrap_or(NO_SESSION)
            }
            SessionUse::GoesOn { id, epoch } => {
                let session = state.fetch_sessions.session_mut(broker, id);
                if session.as_ref().is_some_and(|session| session.epoch != epoch) {
                    return failure(version, id, ErrorCode::INVALID_FETCH_SESSION_EPOCH);
                }
                reading.partitions.retain(reading::Part::is_news);
                if let Some(session) = session {
                    let tell =
                        |part: &reading::Part| session.partitions.tell(&part.of.key, part.told(), part.has_records());
                    reading.partitions.iter().for_each(tell);
                }
                id
            }
        };
        // Followers know where the others are.
        let node_endpoints = match self.reader.is_follower() {
            true => Vec::new(),
            false => reading.endpoints(state, connection),
        };
        let topics = topics(reading.partitions);
        encode_fetch_response(version, &Response { session_id, topics, node_endpoints, ..Response::default() })
    }
}

/// The partitions in their order, those that follow each other and are of one topic under its name.
fn topics(partitions: Vec<reading::Part>) -> Vec<FetchTopic> {
    let mut topics: Vec<FetchTopic> = Vec::new();
    let mut last: Option<TopicKey> = None;
    for part in partitions {
        let reading::Part { of, answer } = part;
        if last.as_ref() != Some(&of.key.topic) {
            topics.push(topic(&of.key.topic));
            last = Some(of.key.topic);
        }
        if let Some(topic) = topics.last_mut() {
            topic.partitions.push(answer);
        }
    }
    topics
}

fn topic(key: &TopicKey) -> FetchTopic {
    let partitions: Vec<FetchPartition> = Vec::new();
    match key {
        TopicKey::Name(name) => FetchTopic { name: Arc::clone(name), id: TopicId::default(), partitions },
        TopicKey::Id(id) => FetchTopic { name: "".into(), id: *id, partitions },
    }
}
