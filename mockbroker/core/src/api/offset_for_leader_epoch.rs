//! OffsetForLeaderEpoch (23), versions 2 to 4.
//!
//! For each partition the end of a leader's epoch, by which a client finds out whether records that it has are lost (KIP-320): of the last
//! epoch the end of the log, of one that wrote nothing that of the last before it, and nothing (-1) of one that has not begun. The epochs
//! that clients believe in are checked first; only the leader answers (`NOT_LEADER_OR_FOLLOWER`).
//!
//! Needs CLUSTER_ACTION on the cluster, or DESCRIBE on each topic (`TOPIC_AUTHORIZATION_FAILED`).

use ottla_wire::message::offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use ottla_wire::message::offset_for_leader_epoch_response::{EpochEndOffset, OffsetForLeaderTopicResult};
use ottla_wire::message::{OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse};
use ottla_wire::{ErrorCode, LeaderEpoch, VersionRange};

use super::{Call, Handle, Reply};
use crate::authorizer::{Operation, Resource};
use crate::log::EpochEnd;

/// What stands for no offset.
const NO_OFFSET: i64 = -1;

impl Handle for OffsetForLeaderEpochRequest {
    const KAFKA: VersionRange = VersionRange::new(2, 4);

    fn handle(self, call: &mut Call<'_>) -> Reply<OffsetForLeaderEpochResponse> {
        let may_any = call.could(Operation::ClusterAction, Resource::CLUSTER);
        let topics = self.topics.iter().map(|topic| {
            let may = may_any || call.may(Operation::Describe, Resource::topic(&topic.topic));
            answer(topic, |wanted| match may {
                true => find(call, topic, wanted),
                false => Err(ErrorCode::TOPIC_AUTHORIZATION_FAILED),
            })
        });
        Reply::Answer(OffsetForLeaderEpochResponse::default().with_topics(topics.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<OffsetForLeaderEpochResponse> {
        let topics = self.topics.iter().map(|topic| answer(topic, |_| Err(code)));
        Some(OffsetForLeaderEpochResponse::default().with_topics(topics.collect()))
    }
}

type Found = Result<Option<EpochEnd>, ErrorCode>;

fn answer(
    topic: &OffsetForLeaderTopic,
    find: impl Fn(&OffsetForLeaderPartition) -> Found,
) -> OffsetForLeaderTopicResult {
    let partitions = topic.partitions.iter().map(|wanted| {
        let found = find(wanted);
        let code = found.err().unwrap_or(ErrorCode::NONE);
        let end = found.ok().flatten();
        EpochEndOffset::default()
            .with_partition(wanted.partition)
            .with_error_code(code.0)
            .with_leader_epoch(end.map_or(LeaderEpoch::UNKNOWN, |end| end.epoch).0)
            .with_end_offset(end.map_or(NO_OFFSET, |end| end.end_offset))
    });
    OffsetForLeaderTopicResult::default().with_topic(topic.topic.clone()).with_partitions(partitions.collect())
}

fn find(call: &Call<'_>, topic: &OffsetForLeaderTopic, wanted: &OffsetForLeaderPartition) -> Found {
    let found = call.state.topics.named(&topic.topic).and_then(|topic| topic.partition(wanted.partition));
    let partition = found.ok_or(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION)?;
    partition.check_leader(call.connection.broker, LeaderEpoch(wanted.current_leader_epoch))?;
    let epoch = Some(LeaderEpoch(wanted.leader_epoch)).filter(|epoch| *epoch != LeaderEpoch::UNKNOWN);
    Ok(epoch.and_then(|epoch| partition.log.epochs().end_of(epoch, partition.log.end_offset())))
}
