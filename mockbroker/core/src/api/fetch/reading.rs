//! What there is of the partitions that are asked for, as the answer says it.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;
use std::sync::Arc;

use ottla_wire::hot::{CurrentLeader, EpochEndOffset, FetchPartition, NodeEndpoint};
use ottla_wire::message::FetchRequest;
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, Segments};

use super::{READ_UNCOMMITTED, Wanted};
use crate::connection::Connection;
use crate::fetch_session::{Asked, FetchedPartition, Told, TopicKey};
use crate::log::EpochEnd;
use crate::partition::{Partition, Reach};
use crate::state::State;

/// From this version on, followers answer consumers too.
const FOLLOWER_FROM: i16 = 11;

/// From this version on, an answer names the new leader.
const CURRENT_LEADER_FROM: i16 = 16;

/// What stands for a consumer in place of the id of a follower.
const CONSUMER: i32 = -1;

/// What stands for a replica that a broker copies within itself.
const FUTURE_REPLICA: i32 = -3;

/// The value of `replica.selector.class` that Amazon MSK sets.
const RACK_AWARE: &str = "org.apache.kafka.common.replica.RackAwareReplicaSelector";

/// Who reads.
#[derive(Debug)]
pub(super) struct Reader {
    replica_id: i32,
    version: i16,
    is_committed: bool,
    rack: Option<String>,
}

/// What there is of a partition that was there when the request came.
enum Found<'a> {
    /// Records may be read from the offset on, as far as the replica's broker gives them.
    Readable(&'a Partition, Reach),
    /// The client has records that the log does not have (KIP-595).
    Diverged(EpochEnd, &'a Partition, Reach),
    /// The broker has the partition, or its cluster does, and cannot answer.
    Failed(ErrorCode, &'a Partition),
    /// There is no such partition any more.
    Gone(ErrorCode),
}

impl Reader {
    pub(super) fn of(request: &FetchRequest, version: i16) -> Self {
        let [named, stated] = [request.replica_id.0, request.replica_state.replica_id.0];
        Self {
            replica_id: if named == CONSUMER { stated } else { named },
            version,
            is_committed: request.isolation_level != READ_UNCOMMITTED,
            rack: Some(request.rack_id.to_string()).filter(|rack| !rack.is_empty() && version >= FOLLOWER_FROM),
        }
    }

    pub(super) fn is_follower(&self) -> bool {
        self.replica_id >= 0
    }

    /// Whether the leader alone may answer.
    fn wants_leader(&self) -> bool {
        self.is_follower() || (self.version < FOLLOWER_FROM && self.replica_id != FUTURE_REPLICA)
    }

    fn find<'a>(&self, state: &'a State, broker: BrokerId, of: &FetchedPartition) -> Found<'a> {
        let topic = of.name.as_ref().and_then(|name| state.topics.named(name));
        let Some((topic, partition)) = topic.and_then(|topic| Some((topic, topic.partition(of.key.index)?))) else {
            return Found::Gone(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        };
        let reach = partition.reach(broker);
        match self.check(partition, broker, reach, &of.asked) {
            _ if matches!(of.key.topic, TopicKey::Id(id) if id != topic.id) => {
                Found::Failed(ErrorCode::INCONSISTENT_TOPIC_ID, partition)
            }
            Err(code) => Found::Failed(code, partition),
            Ok(Some(end)) => Found::Diverged(end, partition, reach),
            Ok(None) => Found::Readable(partition, reach),
        }
    }

    /// Whether the broker may answer, and where the log ends that the client has, if it is not this one.
    fn check(
        &self,
        partition: &Partition,
        broker: BrokerId,
        reach: Reach,
        asked: &Asked,
    ) -> Result<Option<EpochEnd>, ErrorCode> {
        match self.wants_leader() {
            true => partition.check_leader(broker, asked.believed)?,
            false => partition.check_replica(broker, asked.believed)?,
        }
        if self.is_follower() && !partition.replicas.contains(&BrokerId(self.replica_id)) {
            let has_epoch = asked.believed != LeaderEpoch::UNKNOWN;
            return Err(if has_epoch { ErrorCode::UNKNOWN_LEADER_EPOCH } else { ErrorCode::NOT_LEADER_OR_FOLLOWER });
        }
        let log = &partition.log;
        if asked.last_fetched > LeaderEpoch::UNKNOWN {
            let end = log.epochs().end_of(asked.last_fetched, reach.end_offset);
            let end = end.ok_or(ErrorCode::OFFSET_OUT_OF_RANGE)?;
            let is_other = end.epoch < asked.last_fetched || end.end_offset < asked.offset;
            if asked.offset >= log.start_offset() && is_other {
                return Ok(Some(end));
            }
        }
        let is_in_log = (log.start_offset()..=reach.end_offset).contains(&asked.offset);
        if is_in_log { Ok(None) } else { Err(ErrorCode::OFFSET_OUT_OF_RANGE) }
    }

    /// Up to where records are given: followers have all, consumers what all replicas have that are in sync.
    fn end(&self, reach: Reach) -> i64 {
        if self.is_follower() { reach.end_offset } else { reach.high_watermark }
    }

    /// The bytes that a fetch which waits could have of a partition; none where the wait is over in any case.
    pub(super) fn bytes_waiting(&self, state: &State, broker: BrokerId, of: &FetchedPartition) -> Option<i64> {
        match self.find(state, broker, of) {
            Found::Readable(partition, reach) => {
                let bytes = partition.log.bytes_between(of.asked.offset, self.end(reach))?;
                Some(i64::try_from(bytes).unwrap_or(i64::MAX).min(of.asked.bytes_max.into()))
            }
            Found::Diverged(..) | Found::Failed(..) | Found::Gone(_) => None,
        }
    }

    /// The replica in the client's rack that has what is asked for, if the leader is in another one (KIP-392).
    fn preferred(
        &self,
        partition: &Partition,
        offset: i64,
        state: &State,
        connection: &Connection,
    ) -> Option<BrokerId> {
        let rack = self.rack.as_deref().filter(|_| !self.is_follower())?;
        let configs = state.configs.brokers.layers(Some(connection.broker));
        if partition.leader != connection.broker || configs.value("replica.selector.class")? != RACK_AWARE {
            return None;
        }
        let endpoint = |id: &BrokerId| state.brokers.active_endpoint(*id, &connection.listener.name);
        let is_in_rack = |id: &&BrokerId| endpoint(id).is_some_and(|endpoint| endpoint.rack == Some(rack));
        if is_in_rack(&&partition.leader) {
            return None;
        }
        let has_it = |id: &&BrokerId| partition.reach(**id).end_offset >= offset;
        partition.in_sync.iter().filter(is_in_rack).filter(has_it).max().copied()
    }
}

/// An answer that is being put together.
pub(super) struct Reading {
    pub(super) partitions: Vec<Part>,
    /// How many bytes may still be added; below zero nothing can be read.
    room: i64,
    bytes: i64,
    /// Whether something is to be told at once.
    is_urgent: bool,
    leaders: BTreeSet<BrokerId>,
}

/// A partition of the answer.
pub(super) struct Part {
    pub(super) of: FetchedPartition,
    pub(super) answer: FetchPartition,
}

impl Reading {
    pub(super) fn new(room: i64) -> Self {
        Self { partitions: Vec::new(), room, bytes: 0, is_urgent: true, leaders: BTreeSet::new() }
    }

    /// Whether there is nothing to wait for.
    pub(super) fn is_enough(&self, min_bytes: i64) -> bool {
        self.is_urgent || self.bytes >= min_bytes
    }

    /// Adds what there is of a partition.
    pub(super) fn add(&mut self, reader: &Reader, of: &FetchedPartition, state: &State, connection: &Connection) {
        if self.partitions.is_empty() {
            self.is_urgent = false;
        }
        let found = reader.find(state, connection.broker, of);
        let preferred = match &found {
            Found::Readable(partition, _) => reader.preferred(partition, of.asked.offset, state, connection),
            _ => None,
        };
        self.is_urgent |= !matches!(found, Found::Readable(..)) || preferred.is_some();
        let answer = FetchPartition { index: of.key.index, ..FetchPartition::default() };
        let answer = match (found, preferred) {
            (Found::Gone(error_code), _) => FetchPartition { error_code, ..answer },
            (Found::Failed(error_code, partition), _) => {
                let is_moved = matches!(error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER | ErrorCode::FENCED_LEADER_EPOCH);
                let names_leader = is_moved && reader.version >= CURRENT_LEADER_FROM;
                let current_leader = names_leader.then(|| self.leader(partition));
                FetchPartition { error_code, current_leader, ..answer }
            }
            (Found::Diverged(EpochEnd { epoch, end_offset }, partition, reach), _) => {
                let diverging_epoch = Some(EpochEndOffset { epoch, end_offset });
                FetchPartition { diverging_epoch, ..with_offsets(answer, partition, reach) }
            }
            (Found::Readable(partition, reach), Some(preferred_read_replica)) => {
                FetchPartition { preferred_read_replica, ..with_offsets(answer, partition, reach) }
            }
            (Found::Readable(partition, reach), None) => match self.read(partition, reader.end(reach), &of.asked) {
                Some(records) => FetchPartition {
                    aborted_transactions: reader.is_committed.then(Vec::new),
                    records,
                    ..with_offsets(answer, partition, reach)
                },
                None => {
                    self.is_urgent = true;
                    FetchPartition { error_code: ErrorCode::UNKNOWN_SERVER_ERROR, ..answer }
                }
            },
        };
        self.partitions.push(Part { of: of.clone(), answer });
    }

    /// Adds a partition that is not read, if it is one. Kafka says of it that nothing was aborted, and of one that cannot be read nothing.
    pub(super) fn add_refused(&mut self, wanted: &Wanted) {
        if let Err(error_code) = wanted.found {
            let index = wanted.of.key.index;
            let aborted_transactions = Some(Vec::new());
            let answer = FetchPartition { index, error_code, aborted_transactions, ..FetchPartition::default() };
            self.partitions.push(Part { of: wanted.of.clone(), answer });
        }
    }

    /// The records; none where less than nothing is wanted of what is there, at which Kafka fails.
    fn read(&mut self, partition: &Partition, end: i64, asked: &Asked) -> Option<Segments> {
        let mut records = Segments::new();
        if asked.offset < end {
            let bytes_max = usize::try_from(self.room.min(asked.bytes_max.into())).ok()?;
            // Until there are records in the answer, the next batch may be above the limits.
            records.extend(partition.log.read(asked.offset, end, bytes_max, self.bytes == 0));
        }
        let bytes = i64::try_from(records.len()).unwrap_or(i64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
        self.room = self.room.saturating_sub(bytes).max(0);
        Some(records)
    }

    fn leader(&mut self, partition: &Partition) -> CurrentLeader {
        self.leaders.insert(partition.leader);
        CurrentLeader { leader_id: partition.leader, leader_epoch: partition.leader_epoch }
    }

    pub(super) fn endpoints(&self, state: &State, connection: &Connection) -> Vec<NodeEndpoint> {
        let endpoint = |id: &BrokerId| {
            let found = state.brokers.active_endpoint(*id, &connection.listener.name)?;
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

/// No record is of a transaction, so that all below the high watermark is stable.
fn with_offsets(answer: FetchPartition, partition: &Partition, reach: Reach) -> FetchPartition {
    FetchPartition {
        high_watermark: reach.high_watermark,
        last_stable_offset: reach.high_watermark,
        log_start_offset: partition.log.start_offset(),
        ..answer
    }
}

impl Part {
    pub(super) fn has_records(&self) -> bool {
        !self.answer.records.is_empty()
    }

    /// What the client of a session knows of the partition when it has the answer. After an error it is told all of it.
    pub(super) fn told(&self) -> Told {
        let FetchPartition { error_code, high_watermark, log_start_offset, .. } = self.answer;
        Told { high_watermark: if error_code.is_ok() { high_watermark } else { -1 }, log_start_offset }
    }

    pub(super) fn as_told(&self) -> FetchedPartition {
        FetchedPartition { told: self.told(), ..self.of.clone() }
    }

    /// Whether the client of a session does not know it.
    pub(super) fn is_news(&self) -> bool {
        let FetchPartition { error_code, preferred_read_replica, diverging_epoch, .. } = &self.answer;
        self.has_records()
            || self.told() != self.of.told
            || !error_code.is_ok()
            || *preferred_read_replica != BrokerId::NONE
            || diverging_epoch.is_some()
    }
}
