//! ListOffsets (2), versions 1 to 11.
//!
//! For each partition the offset of a time: of the first record at or after a timestamp, with its own timestamp, or -1 where there is none;
//! of the end (-1: the high watermark), of the start (-2), from version 7 on of the record with the largest timestamp (-3, KIP-734), from
//! version 8 on of the start of what is kept locally (-4, KIP-405), which is all, and from version 9 on of the end of what is in tiered
//! storage (-5, KIP-1005), which is nothing; where there is none, the start of what is not in it yet (-6, KIP-1023, from version 11 on) is unknown. Other negative times, and these before their version, are refused with `UNSUPPORTED_VERSION`;
//! a partition that stands twice, once with `INVALID_REQUEST`. The leader epochs that clients believe in are checked (KIP-320). A client is told
//! of no record above the high watermark; while that is below where the leader's epoch begins, of the end and of times after it
//! `OFFSET_NOT_AVAILABLE` (KIP-207), before version 5 `LEADER_NOT_AVAILABLE`.
//!
//! Needs DESCRIBE on each topic (`TOPIC_AUTHORIZATION_FAILED`).

use std::collections::BTreeSet;

use ottla_wire::message::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::message::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use ottla_wire::message::{ListOffsetsRequest, ListOffsetsResponse};
use ottla_wire::record::NO_TIMESTAMP;
use ottla_wire::{ErrorCode, LeaderEpoch, VersionRange};

use super::{Call, Handle, Reply};
use crate::authorizer::{Operation, Resource};
use crate::log::Found;
use crate::partition::Partition;

/// From this version on, an answer has the epoch of the leader that wrote the record.
const LEADER_EPOCH_FROM: i16 = 4;

/// From this version on, an answer says that an offset is not known yet.
const NOT_AVAILABLE_FROM: i16 = 5;

/// Who is no replica.
const CONSUMER: i32 = -1;

/// Who only looks, and may ask any replica.
const DEBUGGING_REPLICA: i32 = -2;

/// What is asked for in place of a timestamp.
mod time {
    pub(super) const LATEST: i64 = -1;
    pub(super) const EARLIEST: i64 = -2;
    pub(super) const MAX_TIMESTAMP: i64 = -3;
    pub(super) const EARLIEST_LOCAL: i64 = -4;
    pub(super) const LATEST_TIERED: i64 = -5;
    pub(super) const EARLIEST_PENDING_UPLOAD: i64 = -6;
}

impl Handle for ListOffsetsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 11);

    fn handle(self, call: &mut Call<'_>) -> Reply<ListOffsetsResponse> {
        let twice = partitions_twice(&self.topics);
        let mut answered = BTreeSet::new();
        let topics = self.topics.iter().map(|topic| {
            if !call.may(Operation::Describe, Resource::topic(&topic.name)) {
                return failed_topic(topic, ErrorCode::TOPIC_AUTHORIZATION_FAILED);
            }
            let first = |of: &&ListOffsetsPartition| answered.insert((topic.name.as_str(), of.partition_index));
            let partitions = topic.partitions.iter().filter(first).map(|wanted| {
                let found = match twice.contains(&(topic.name.as_str(), wanted.partition_index)) {
                    true => Err(ErrorCode::INVALID_REQUEST),
                    false => find(call, &self, topic.name.as_str(), wanted),
                };
                answer(call.version, wanted, found)
            });
            ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
        });
        Reply::Answer(ListOffsetsResponse::default().with_topics(topics.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<ListOffsetsResponse> {
        let topics = self.topics.iter().map(|topic| failed_topic(topic, code));
        Some(ListOffsetsResponse::default().with_topics(topics.collect()))
    }
}

fn failed_topic(topic: &ListOffsetsTopic, code: ErrorCode) -> ListOffsetsTopicResponse {
    let partitions = topic.partitions.iter().map(|wanted| answer(0, wanted, Err(code)));
    ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
}

fn partitions_twice(topics: &[ListOffsetsTopic]) -> BTreeSet<(&str, i32)> {
    let mut seen = BTreeSet::new();
    let all = topics
        .iter()
        .flat_map(|topic| topic.partitions.iter().map(|partition| (topic.name.as_str(), partition.partition_index)));
    all.filter(|partition| !seen.insert(*partition)).collect()
}

fn find(
    call: &Call<'_>,
    request: &ListOffsetsRequest,
    topic: &str,
    wanted: &ListOffsetsPartition,
) -> Result<Option<Found>, ErrorCode> {
    if !is_time(wanted.timestamp, call.version) {
        return Err(ErrorCode::UNSUPPORTED_VERSION);
    }
    let topic = call.state.topics.named(topic).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let partition = topic.partition(wanted.partition_index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let (broker, believed) = (call.connection.broker, LeaderEpoch(wanted.current_leader_epoch));
    match request.replica_id.0 {
        DEBUGGING_REPLICA => partition.check_replica(broker, believed)?,
        _ => partition.check_leader(broker, believed)?,
    }
    if request.replica_id.0 != CONSUMER {
        return Ok(at_time(partition, wanted.timestamp, partition.log.end_offset()));
    }
    let end = if request.isolation_level == 0 { partition.high_watermark() } else { partition.last_stable_offset() };
    match at_time(partition, wanted.timestamp, end) {
        Some(found) if wanted.timestamp != time::LATEST || !lags(partition) => Ok(Some(found)),
        None if !lags(partition) => Ok(None),
        _ if call.version >= NOT_AVAILABLE_FROM => Err(ErrorCode::OFFSET_NOT_AVAILABLE),
        _ => Err(ErrorCode::LEADER_NOT_AVAILABLE),
    }
}

/// Whether a new leader does not know yet what is committed of that which its predecessors wrote.
fn lags(partition: &Partition) -> bool {
    let epoch_start = partition.log.epochs().start_of(partition.leader_epoch);
    epoch_start.is_some_and(|start| start > partition.high_watermark())
}

/// Whether this may be asked for in this version.
fn is_time(timestamp: i64, version: i16) -> bool {
    match timestamp {
        0.. | time::LATEST | time::EARLIEST => true,
        time::MAX_TIMESTAMP => version >= 7,
        time::EARLIEST_LOCAL => version >= 8,
        time::LATEST_TIERED => version >= 9,
        time::EARLIEST_PENDING_UPLOAD => version >= 11,
        _ => false,
    }
}

/// What is found before `end`.
fn at_time(partition: &Partition, timestamp: i64, end: i64) -> Option<Found> {
    let log = &partition.log;
    let at = |offset, leader_epoch| Some(Found { offset, timestamp: NO_TIMESTAMP, leader_epoch });
    match timestamp {
        time::LATEST => at(end, partition.leader_epoch),
        time::EARLIEST | time::EARLIEST_LOCAL => {
            let start = log.start_offset();
            at(start, log.epochs().at(start).unwrap_or(LeaderEpoch::UNKNOWN))
        }
        time::MAX_TIMESTAMP => log.max_timestamp().filter(|found| found.offset < end),
        time::LATEST_TIERED | time::EARLIEST_PENDING_UPLOAD => None,
        timestamp => log.first_at_or_after(timestamp).filter(|found| found.offset < end),
    }
}

fn answer(
    version: i16,
    wanted: &ListOffsetsPartition,
    found: Result<Option<Found>, ErrorCode>,
) -> ListOffsetsPartitionResponse {
    let answer = ListOffsetsPartitionResponse::default().with_partition_index(wanted.partition_index);
    let none = answer.clone().with_timestamp(NO_TIMESTAMP).with_offset(-1);
    match found {
        Err(code) => none.with_error_code(code.0),
        Ok(None) => none,
        Ok(Some(Found { offset, timestamp, leader_epoch })) => {
            let answer = answer.with_timestamp(timestamp).with_offset(offset);
            if version >= LEADER_EPOCH_FROM { answer.with_leader_epoch(leader_epoch.0) } else { answer }
        }
    }
}
