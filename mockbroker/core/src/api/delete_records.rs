//! DeleteRecords (21), versions 0 to 2.
//!
//! Moves the start of a partition's log to an offset, -1 for the high watermark, and answers where it is then; to a place before it, it does
//! not move. A partition fails alone: `UNKNOWN_TOPIC_OR_PARTITION`, `NOT_LEADER_OR_FOLLOWER`, `OFFSET_OUT_OF_RANGE` above the high watermark
//! or below -1, `POLICY_VIOLATION` where records are kept by their key alone, `INVALID_TOPIC_EXCEPTION` for a topic of Kafka's own. Fetches
//! that wait below the new start are answered.
//!
//! Needs DELETE on each topic (`TOPIC_AUTHORIZATION_FAILED`).
//!
//! The timeout is not looked at, for all replicas have one log.

use std::collections::BTreeMap;

use ottla_wire::message::delete_records_response::{DeleteRecordsPartitionResult, DeleteRecordsTopicResult};
use ottla_wire::message::{DeleteRecordsRequest, DeleteRecordsResponse};
use ottla_wire::{ErrorCode, LeaderEpoch, VersionRange};

use super::metadata::topic_name;
use super::{Call, Handle, Reply};
use crate::authorizer::{Operation, Resource};
use crate::topic::{self, TopicPartition};

/// What stands for the high watermark.
const HIGH_WATERMARK: i64 = -1;

/// What stands for no offset.
const NO_OFFSET: i64 = -1;

/// A topic's partitions, each with the offset asked for.
type Wanted = BTreeMap<String, BTreeMap<i32, i64>>;

impl Handle for DeleteRecordsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);

    fn handle(self, call: &mut Call<'_>) -> Reply<DeleteRecordsResponse> {
        let topics = wanted(&self).into_iter().map(|(name, partitions)| {
            let may_delete = call.may(Operation::Delete, Resource::topic(&name));
            let partitions = partitions.into_iter().map(|(index, offset)| {
                let deleted = match may_delete {
                    true => delete(call, &name, index, offset),
                    false => Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED),
                };
                partition(index, deleted)
            });
            topic(&name, partitions.collect())
        });
        Reply::Answer(DeleteRecordsResponse::default().with_topics(topics.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<DeleteRecordsResponse> {
        let topics = wanted(self).into_iter().map(|(name, partitions)| {
            topic(&name, partitions.into_keys().map(|index| partition(index, Err(code))).collect())
        });
        Some(DeleteRecordsResponse::default().with_topics(topics.collect()))
    }
}

/// Of a partition that stands twice the last offset is taken.
fn wanted(request: &DeleteRecordsRequest) -> Wanted {
    let mut wanted = Wanted::new();
    for topic in &request.topics {
        let partitions = wanted.entry(topic.name.to_string()).or_default();
        partitions.extend(topic.partitions.iter().map(|of| (of.partition_index, of.offset)));
    }
    // A topic without partitions is not answered.
    wanted.retain(|_, partitions| !partitions.is_empty());
    wanted
}

fn topic(name: &str, partitions: Vec<DeleteRecordsPartitionResult>) -> DeleteRecordsTopicResult {
    DeleteRecordsTopicResult::default().with_name(topic_name(name)).with_partitions(partitions)
}

fn partition(index: i32, deleted: Result<i64, ErrorCode>) -> DeleteRecordsPartitionResult {
    DeleteRecordsPartitionResult::default()
        .with_partition_index(index)
        .with_low_watermark(deleted.unwrap_or(NO_OFFSET))
        .with_error_code(deleted.err().unwrap_or(ErrorCode::NONE).0)
}

/// Where the log begins then.
fn delete(call: &mut Call<'_>, name: &str, index: i32, offset: i64) -> Result<i64, ErrorCode> {
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let found = call.state.topics.named_mut(name).ok_or(unknown)?;
    let id = found.id;
    let (partition, configs) = found.partition_to_append(index).ok_or(unknown)?;
    if topic::is_internal(name) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    partition.check_leader(call.connection.broker, LeaderEpoch::UNKNOWN)?;
    if configs.is_compacted && !configs.retention.deletes {
        return Err(ErrorCode::POLICY_VIOLATION);
    }
    let offset = if offset == HIGH_WATERMARK { partition.high_watermark() } else { offset };
    if offset < 0 || offset > partition.high_watermark() {
        return Err(ErrorCode::OFFSET_OUT_OF_RANGE);
    }
    if partition.log.advance_start(offset) {
        call.state.changed.insert(TopicPartition { topic: id, partition: index });
    }
    Ok(partition.log.start_offset())
}
