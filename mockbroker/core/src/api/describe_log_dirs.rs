//! DescribeLogDirs (35), versions 1 to 5.
//!
//! The folders of `log.dirs` on this broker, each with the size of the replicas that stand in it: of all topics (null), or of the partitions
//! that are asked for, as far as there are any. From version 4 on with the size of the volume and what is left of it (KIP-827): all folders
//! are on one volume, of the size of [`crate::Bounds::log_bytes_max`].
//!
//! Needs DESCRIBE on the cluster (`CLUSTER_AUTHORIZATION_FAILED`, which only version 3 and later can say: before it nothing is told).
//!
//! Deviation: in version 5 no folder is cordoned (KIP-1066), whatever `cordoned.log.dirs` says.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::message::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use ottla_wire::message::{DescribeLogDirsRequest, DescribeLogDirsResponse};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::metadata::topic_name;
use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::log_dirs::log_dirs;
use crate::partition::Partition;
use crate::topic::TopicPartition;

/// From this version on, an answer says how large a volume is.
const VOLUME_FROM: i16 = 4;

impl Handle for DescribeLogDirsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 5);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Describe);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeLogDirsResponse> {
        let wanted = self.topics.as_ref().map(|topics| {
            let partitions =
                topics.iter().flat_map(|topic| topic.partitions.iter().map(|index| (topic.topic.to_string(), *index)));
            partitions.collect::<BTreeSet<_>>()
        });
        let is_wanted = |name: &str, index| wanted.as_ref().is_none_or(|all| all.contains(&(name.to_owned(), index)));
        let mut by_dir: BTreeMap<String, Vec<DescribeLogDirsTopic>> = BTreeMap::new();
        let dirs = log_dirs(call.state, call.connection.broker);
        for (name, topic) in call.state.topics.iter() {
            let mut in_dirs: BTreeMap<String, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
            for (index, partition) in topic.partitions().filter(|(index, _)| is_wanted(name, *index)) {
                let at = TopicPartition { topic: topic.id, partition: index };
                if let Some(dir) = replica_dir(call, partition, at, &dirs) {
                    in_dirs.entry(dir).or_default().push(described(index, partition, call.connection.broker));
                }
            }
            for (dir, partitions) in in_dirs {
                let topic = DescribeLogDirsTopic::default().with_name(topic_name(name)).with_partitions(partitions);
                by_dir.entry(dir).or_default().push(topic);
            }
        }
        let results = dirs.iter().map(|dir| {
            let topics = by_dir.remove(dir).unwrap_or_default();
            with_volume(DescribeLogDirsResult::default(), call).with_log_dir(text(dir.as_str())).with_topics(topics)
        });
        Reply::Answer(DescribeLogDirsResponse::default().with_results(results.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeLogDirsResponse> {
        Some(DescribeLogDirsResponse::default().with_error_code(code.0))
    }
}

/// The folder of a partition's replica on this broker, if it has one.
fn replica_dir(call: &Call<'_>, partition: &Partition, at: TopicPartition, dirs: &[String]) -> Option<String> {
    let broker = call.connection.broker;
    let has_it = partition.replicas.contains(&broker);
    let dir = call.state.log_dirs.of(broker, at).or_else(|| dirs.first().map(String::as_str))?;
    has_it.then(|| dir.to_owned())
}

fn described(index: i32, partition: &Partition, broker: BrokerId) -> DescribeLogDirsPartition {
    let end_offset = partition.reach(broker).end_offset;
    DescribeLogDirsPartition::default()
        .with_partition_index(index)
        .with_partition_size(bytes(partition.log.bytes_before(end_offset)))
        .with_offset_lag(partition.reach(broker).high_watermark.saturating_sub(end_offset).max(0))
}

fn with_volume(result: DescribeLogDirsResult, call: &Call<'_>) -> DescribeLogDirsResult {
    if call.version < VOLUME_FROM {
        return result;
    }
    let total = call.state.config.bounds.log_bytes_max;
    result.with_total_bytes(bytes(total)).with_usable_bytes(bytes(total.saturating_sub(call.state.log_bytes)))
}

fn bytes(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
