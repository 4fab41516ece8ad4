//! Fetch (1), versions 4 to 18.
//!
//! The batches of each partition from an offset on: the whole batch for an offset inside it, the first of all whole even where it is above
//! the limits (KIP-74), and the last one cut at the limit. Answered at once where `min_bytes` are there, a partition fails that the broker
//! has, or nothing may be waited for; else when enough bytes came, a leader moved, or `max_wait_ms` is over. A partition fails alone:
//! `OFFSET_OUT_OF_RANGE` outside the log, `FENCED_LEADER_EPOCH` and `UNKNOWN_LEADER_EPOCH` (KIP-320), `NOT_LEADER_OR_FOLLOWER` with the
//! leader's address from version 16 on (KIP-951), `UNKNOWN_TOPIC_ID` from version 13 on (KIP-516). From version 11 on a follower answers
//! too (KIP-392).
//!
//! From version 12 on a client may say the epoch of the last record that it has: where the log has no such record there, the answer is where
//! the two diverge (KIP-595).
//!
//! Batches go out as they are in the log. Kafka 4.4 hands those in zstd to versions below 10 too, which KIP-110 had refused them to.
//!
//! No fetch session (KIP-227) is ever opened, as Kafka answers when it has no room for one; a request in a session gets
//! `FETCH_SESSION_ID_NOT_FOUND`. Deviation: no replica is preferred (KIP-392).

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ottla_wire::codec::EncodeError;
use ottla_wire::hot::{
    CurrentLeader, EpochEndOffset, FetchPartition, FetchResponse as Response, FetchTopic, NodeEndpoint,
    encode_fetch_response,
};
use ottla_wire::message::{FetchRequest, FetchResponse, fetch_request};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, Segments, TopicId, VersionRange};

use super::{Call, Handle, Reply};
use crate::connection::Connection;
use crate::log::EpochEnd;
use crate::partition::Partition;
use crate::state::State;
use crate::topic::TopicPartition;
use crate::waiting::{Parked, ParkedRequest};

/// From this version on, topics are named by their id.
const TOPIC_ID_FROM: i16 = 13;

/// From this version on, followers answer too.
const FOLLOWER_FROM: i16 = 11;

/// From this version on, an answer names the new leader.
const CURRENT_LEADER_FROM: i16 = 16;

/// The session epochs of a request that asks for everything: the first of a session, and one outside any.
const FULL_EPOCHS: [i32; 2] = [0, -1];

/// What stands for the isolation level that reads aborted records too.
const READ_UNCOMMITTED: i8 = 0;

impl Handle for FetchRequest {
    const KAFKA: VersionRange = VersionRange::new(4, 18);

    fn handle(self, call: &mut Call<'_>) -> Reply<FetchResponse> {
        if !FULL_EPOCHS.contains(&self.session_epoch) {
            let answer = Response { error_code: ErrorCode::FETCH_SESSION_ID_NOT_FOUND, ..Response::default() };
            return Reply::Written(encode_fetch_response(call.version, &answer));
        }
        let fetch = ParkedFetch::of(&self, call);
        let max_wait = Duration::from_millis(u64::try_from(self.max_wait_ms).unwrap_or_default());
        let deadline = call.now.mono.checked_add(max_wait);
        let deadline = deadline.filter(|_| !max_wait.is_zero() && !fetch.is_ready(call.state, call.connection));
        match deadline {
            None => Reply::Written(fetch.answer(call.state, call.connection, call.version)),
            Some(deadline) => Reply::Park(Parked {
                api_version: call.version,
                correlation_id: call.correlation_id,
                deadline,
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

/// What a Fetch asks for.
#[derive(Debug)]
pub(crate) struct ParkedFetch {
    min_bytes: u64,
    max_bytes: usize,
    reads_aborted: bool,
    /// Whether a follower may answer.
    reads_followers: bool,
    topics: Vec<WantedTopic>,
}

#[derive(Debug)]
struct WantedTopic {
    name: Arc<str>,
    id: TopicId,
    /// The topic as it was when the request came; none where there was none.
    known: Option<TopicId>,
    partitions: Vec<WantedPartition>,
}

#[derive(Debug)]
struct WantedPartition {
    index: i32,
    believed: LeaderEpoch,
    /// The epoch of the last record that the client has, where it says one.
    last_fetched: LeaderEpoch,
    offset: i64,
    max_bytes: usize,
}

/// What there is of a partition that is asked for.
enum Found<'a> {
    /// Records may be read from the offset on.
    Readable(&'a Partition),
    /// The client has records that the log does not have (KIP-595).
    Diverged(EpochEnd, &'a Partition),
    /// The broker has the partition, or its cluster does, and cannot answer.
    Failed(ErrorCode, &'a Partition),
    /// There is no such partition. That alone ends no wait.
    Unknown(ErrorCode),
}

impl ParkedFetch {
    fn of(request: &FetchRequest, call: &Call<'_>) -> Self {
        let fetch_bytes_max = call.state.config.bounds.fetch_bytes_max;
        let max_bytes = usize::try_from(request.max_bytes).unwrap_or_default().min(fetch_bytes_max);
        let min_bytes = usize::try_from(request.min_bytes).unwrap_or_default().min(max_bytes);
        Self {
            min_bytes: u64::try_from(min_bytes).unwrap_or(u64::MAX),
            max_bytes,
            reads_aborted: request.isolation_level == READ_UNCOMMITTED,
            reads_followers: call.version >= FOLLOWER_FROM,
            topics: request.topics.iter().map(|topic| WantedTopic::of(topic, call)).collect(),
        }
    }

    /// The partitions that may end the wait.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = TopicPartition> {
        self.topics.iter().filter_map(|topic| Some((topic.known?, topic))).flat_map(|(id, topic)| {
            topic.partitions.iter().map(move |of| TopicPartition { topic: id, partition: of.index })
        })
    }

    /// Whether the wait is over before its time.
    pub(crate) fn is_ready(&self, state: &State, connection: &Connection) -> bool {
        let mut available = 0_u64;
        let mut may_wait = false;
        for topic in &self.topics {
            for wanted in &topic.partitions {
                match self.find(state, connection.broker, topic, wanted) {
                    Found::Failed(..) | Found::Diverged(..) => return true,
                    // A topic that was there when the wait began is gone.
                    Found::Unknown(_) if topic.known.is_some_and(|id| state.topics.with_id(id).is_none()) => {
                        return true;
                    }
                    Found::Unknown(_) => {}
                    Found::Readable(partition) => {
                        may_wait = true;
                        let max_bytes = u64::try_from(wanted.max_bytes).unwrap_or(u64::MAX);
                        let bytes = partition.log.bytes_from(wanted.offset).min(max_bytes.max(1));
                        available = available.saturating_add(bytes);
                    }
                }
            }
        }
        !may_wait || available >= self.min_bytes
    }

    /// The body of the answer: what there is now.
    pub(crate) fn answer(&self, state: &State, connection: &Connection, version: i16) -> Result<Segments, EncodeError> {
        let mut reading = Reading { room: self.max_bytes, is_first: true, leaders: BTreeSet::new() };
        let mut response = Response::default();
        for topic in &self.topics {
            let partition = |wanted| {
                let found = self.find(state, connection.broker, topic, wanted);
                reading.partition(self, wanted, found, version)
            };
            let partitions = topic.partitions.iter().map(partition).collect();
            response.topics.push(FetchTopic { name: Arc::clone(&topic.name), id: topic.id, partitions });
        }
        response.node_endpoints = reading.endpoints(state, connection);
        encode_fetch_response(version, &response)
    }

    fn with_offsets(&self, answer: FetchPartition, partition: &Partition) -> FetchPartition {
        FetchPartition {
            high_watermark: partition.high_watermark(),
            last_stable_offset: partition.last_stable_offset(),
            log_start_offset: partition.log.start_offset(),
            aborted_transactions: (!self.reads_aborted).then(Vec::new),
            ..answer
        }
    }

    fn find<'a>(&self, state: &'a State, broker: BrokerId, topic: &WantedTopic, wanted: &WantedPartition) -> Found<'a> {
        let Some(id) = topic.known else { return Found::Unknown(topic.unknown()) };
        let at = TopicPartition { topic: id, partition: wanted.index };
        let Some(partition) = state.topics.partition(at) else {
            let is_gone = state.topics.with_id(id).is_none();
            return Found::Unknown(if is_gone { topic.unknown() } else { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION });
        };
        let checked = match self.reads_followers {
            true => partition.check_replica(broker, wanted.believed),
            false => partition.check_leader(broker, wanted.believed),
        };
        match checked.and_then(|()| wanted.divergence(partition)) {
            Err(code) => Found::Failed(code, partition),
            Ok(Some(end)) => Found::Diverged(end, partition),
            Ok(None) => Found::Readable(partition),
        }
    }
}

impl WantedPartition {
    /// Where the log ends that the client has, if it is not this one.
    fn divergence(&self, partition: &Partition) -> Result<Option<EpochEnd>, ErrorCode> {
        let log = &partition.log;
        if self.last_fetched > LeaderEpoch::UNKNOWN {
            let end = log.epochs().end_of(self.last_fetched, log.end_offset()).ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
            if self.offset >= log.start_offset() && (end.epoch < self.last_fetched || end.end_offset < self.offset) {
                return Ok(Some(end));
            }
        }
        let is_in_log = (log.start_offset()..=log.end_offset()).contains(&self.offset);
        if is_in_log { Ok(None) } else { Err(ErrorCode::OFFSET_OUT_OF_RANGE) }
    }
}

impl WantedTopic {
    fn of(topic: &fetch_request::FetchTopic, call: &Call<'_>) -> Self {
        let topics = &call.state.topics;
        let by_id = call.version >= TOPIC_ID_FROM;
        let id = TopicId::from(topic.topic_id);
        let known = match by_id {
            true => topics.with_id(id).map(|topic| topic.id),
            false => topics.named(topic.topic.as_str()).map(|topic| topic.id),
        };
        let partition = |of: &fetch_request::FetchPartition| WantedPartition {
            index: of.partition,
            // Any negative epoch is none here, where ListOffsets takes -1 alone for that.
            believed: LeaderEpoch(of.current_leader_epoch).max(LeaderEpoch::UNKNOWN),
            last_fetched: LeaderEpoch(of.last_fetched_epoch).max(LeaderEpoch::UNKNOWN),
            offset: of.fetch_offset,
            max_bytes: usize::try_from(of.partition_max_bytes).unwrap_or_default(),
        };
        Self {
            name: topic.topic.as_str().into(),
            id,
            known,
            partitions: topic.partitions.iter().map(partition).collect(),
        }
    }

    /// What is answered where there is no such topic.
    fn unknown(&self) -> ErrorCode {
        if self.id.is_zero() { ErrorCode::UNKNOWN_TOPIC_OR_PARTITION } else { ErrorCode::UNKNOWN_TOPIC_ID }
    }
}

/// An answer that is being put together.
struct Reading {
    /// How many bytes may still be added.
    room: usize,
    /// Whether no record is in it yet, so that the next batch may be above the limits.
    is_first: bool,
    leaders: BTreeSet<BrokerId>,
}

impl Reading {
    fn partition(
        &mut self,
        fetch: &ParkedFetch,
        wanted: &WantedPartition,
        found: Found<'_>,
        version: i16,
    ) -> FetchPartition {
        let answer = FetchPartition { index: wanted.index, ..FetchPartition::default() };
        match found {
            // Of a partition that is not there Kafka says that nothing was aborted, and of one that cannot be read it says nothing of it.
            Found::Unknown(error_code) => {
                FetchPartition { error_code, aborted_transactions: Some(Vec::new()), ..answer }
            }
            Found::Failed(error_code, partition) => {
                let is_moved = matches!(error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH);
                let names_leader = is_moved && version >= CURRENT_LEADER_FROM;
                let current_leader = names_leader.then(|| self.leader(partition));
                FetchPartition { error_code, current_leader, ..answer }
            }
            Found::Diverged(EpochEnd { epoch, end_offset }, partition) => FetchPartition {
                diverging_epoch: Some(EpochEndOffset { epoch, end_offset }),
                ..fetch.with_offsets(answer, partition)
            },
            Found::Readable(partition) => {
                FetchPartition { records: self.read(partition, wanted), ..fetch.with_offsets(answer, partition) }
            }
        }
    }

    fn read(&mut self, partition: &Partition, wanted: &WantedPartition) -> Segments {
        let bytes_max = wanted.max_bytes.min(self.room);
        let mut records = Segments::new();
        records.extend(partition.log.read(wanted.offset, bytes_max, self.is_first));
        self.is_first &= records.is_empty();
        self.room = self.room.saturating_sub(records.len());
        records
    }

    fn leader(&mut self, partition: &Partition) -> CurrentLeader {
        self.leaders.insert(partition.leader);
        CurrentLeader { leader_id: partition.leader, leader_epoch: partition.leader_epoch }
    }

    fn endpoints(&self, state: &State, connection: &Connection) -> Vec<NodeEndpoint> {
        let endpoint = |id: &BrokerId| {
            let found = state.brokers.endpoint(*id, &connection.listener.name)?;
            Some(NodeEndpoint {
                node_id: found.id,
                host: found.address.host.as_str().into(),
                port: found.address.port.into(),
                rack: found.rack.map(Arc::from),
            })
        };
        self.leaders.iter().filter_map(endpoint).collect()
    }
}
