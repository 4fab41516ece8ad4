//! AlterReplicaLogDirs (34), versions 1 and 2.
//!
//! Moves replicas of this broker to another of its folders (KIP-113), where they are at once. A partition fails alone: `LOG_DIR_NOT_FOUND`
//! where the broker has no such folder, `UNKNOWN_TOPIC_OR_PARTITION`, `REPLICA_NOT_AVAILABLE` where the broker has no replica,
//! `INVALID_TOPIC_EXCEPTION` where the name is too long for the folder of a move.
//!
//! Needs ALTER on the cluster (`CLUSTER_AUTHORIZATION_FAILED`, for each partition).

use std::collections::BTreeMap;

use ottla_wire::message::alter_replica_log_dirs_response::{
    AlterReplicaLogDirPartitionResult, AlterReplicaLogDirTopicResult,
};
use ottla_wire::message::{AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse};
use ottla_wire::{ErrorCode, LeaderEpoch, VersionRange};

use super::metadata::topic_name;
use super::{Call, Handle, Reply};
use crate::authorizer::Operation;
use crate::log_dirs::log_dirs;
use crate::topic::TopicPartition;

/// The longest name of a folder, and what that of a replica that moves has beside the topic and the partition: an id and `-future`.
const DIR_NAME_MAX: usize = 255;
const MOVE_SUFFIX: usize = ".0123456789abcdef0123456789abcdef-future".len();

impl Handle for AlterReplicaLogDirsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 2);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<AlterReplicaLogDirsResponse> {
        let moves = moves(&self);
        Reply::Answer(answer(moves, |name, index, dir| alter(call, name, index, dir).err().unwrap_or(ErrorCode::NONE)))
    }

    fn failed(&self, code: ErrorCode) -> Option<AlterReplicaLogDirsResponse> {
        Some(answer(moves(self), |_, _, _| code))
    }
}

/// The folder asked for of each partition; of one that stands twice the last.
type Moves<'a> = BTreeMap<&'a str, BTreeMap<i32, &'a str>>;

fn moves(request: &AlterReplicaLogDirsRequest) -> Moves<'_> {
    let mut moves = Moves::new();
    for dir in &request.dirs {
        for topic in &dir.topics {
            let partitions = topic.partitions.iter().map(|index| (*index, dir.path.as_str()));
            moves.entry(topic.name.as_str()).or_default().extend(partitions);
        }
    }
    moves
}

fn answer(moves: Moves<'_>, mut alter: impl FnMut(&str, i32, &str) -> ErrorCode) -> AlterReplicaLogDirsResponse {
    let topics = moves.into_iter().filter(|(_, partitions)| !partitions.is_empty()).map(|(name, partitions)| {
        let partitions = partitions.into_iter().map(|(index, dir)| {
            let code = alter(name, index, dir);
            AlterReplicaLogDirPartitionResult::default().with_partition_index(index).with_error_code(code.0)
        });
        let partitions = partitions.collect();
        AlterReplicaLogDirTopicResult::default().with_topic_name(topic_name(name)).with_partitions(partitions)
    });
    AlterReplicaLogDirsResponse::default().with_results(topics.collect())
}

fn alter(call: &mut Call<'_>, name: &str, index: i32, dir: &str) -> Result<(), ErrorCode> {
    if format!("{name}-{index}").len().saturating_add(MOVE_SUFFIX) > DIR_NAME_MAX {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION);
    }
    let broker = call.connection.broker;
    if !log_dirs(call.state, broker).iter().any(|known| known == dir) {
        return Err(ErrorCode::LOG_DIR_NOT_FOUND);
    }
    let topic = call.state.topics.named(name).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let partition = topic.partition(index).ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    let checked = partition.check_replica(broker, LeaderEpoch::UNKNOWN);
    checked.map_err(|_not_here| ErrorCode::REPLICA_NOT_AVAILABLE)?;
    let at = TopicPartition { topic: topic.id, partition: index };
    call.state.log_dirs.set(broker, at, dir);
    Ok(())
}
