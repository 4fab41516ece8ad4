#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::codec;
use crate::message::{self, StrBytes, fetch_response as generated};

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn partition_as_generated(version: i16, ours: &FetchPartition) -> generated::PartitionData {
    let aborted = |ours: &AbortedTransaction| {
        generated::AbortedTransaction::default()
            .with_producer_id(ours.producer_id.into())
            .with_first_offset(ours.first_offset)
    };
    let theirs = generated::PartitionData::default()
        .with_partition_index(ours.index)
        .with_error_code(ours.error_code.0)
        .with_high_watermark(ours.high_watermark)
        .with_last_stable_offset(ours.last_stable_offset)
        .with_log_start_offset(ours.log_start_offset)
        .with_aborted_transactions(ours.aborted_transactions.as_ref().map(|all| all.iter().map(aborted).collect()))
        .with_records(Some(ours.records.to_bytes()))
        .with_preferred_read_replica(ours.preferred_read_replica.0.into());
    if version < FLEXIBLE_FROM {
        return theirs;
    }
    let diverging_epoch = ours
        .diverging_epoch
        .map(|at| generated::EpochEndOffset::default().with_epoch(at.epoch.0).with_end_offset(at.end_offset));
    let current_leader = ours.current_leader.map(|leader| {
        generated::LeaderIdAndEpoch::default()
            .with_leader_id(leader.leader_id.0.into())
            .with_leader_epoch(leader.leader_epoch.0)
    });
    let snapshot_id = ours
        .snapshot_id
        .map(|id| generated::SnapshotId::default().with_end_offset(id.end_offset).with_epoch(id.epoch.0));
    theirs
        .with_diverging_epoch(diverging_epoch.unwrap_or_default())
        .with_current_leader(current_leader.unwrap_or_default())
        .with_snapshot_id(snapshot_id.unwrap_or_default())
}

fn as_generated(version: i16, response: &FetchResponse) -> message::FetchResponse {
    let topic = |ours: &FetchTopic| {
        let partitions = ours.partitions.iter().map(|partition| partition_as_generated(version, partition)).collect();
        let theirs = generated::FetchableTopicResponse::default().with_partitions(partitions);
        if version >= TOPIC_ID_FROM {
            theirs.with_topic_id(ours.id.into())
        } else {
            theirs.with_topic(text(&ours.name).into())
        }
    };
    let endpoint = |ours: &NodeEndpoint| {
        generated::NodeEndpoint::default()
            .with_node_id(ours.node_id.0.into())
            .with_host(text(&ours.host))
            .with_port(ours.port)
            .with_rack(ours.rack.as_deref().map(text))
    };
    let theirs = message::FetchResponse::default()
        .with_throttle_time_ms(response.throttle_time_ms)
        .with_error_code(response.error_code.0)
        .with_session_id(response.session_id)
        .with_responses(response.topics.iter().map(topic).collect());
    match version >= NODE_ENDPOINTS_FROM {
        true => theirs.with_node_endpoints(response.node_endpoints.iter().map(endpoint).collect()),
        false => theirs,
    }
}

prop_compose! {
    fn records()(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..4)) -> Segments {
        let mut records = Segments::new();
        records.extend(pieces.into_iter().map(Bytes::from));
        records
    }
}

prop_compose! {
    fn partitions()(
        (index, error_code, offsets, records) in (any::<i32>(), any::<i16>(), any::<[i64; 3]>(), records()),
        aborted in prop::option::of(prop::collection::vec((any::<i64>(), any::<i64>()), 0..3)),
        replica: i32,
        (diverging, leader, snapshot) in (
            prop::option::of((0..i32::MAX, 0..i64::MAX)),
            prop::option::of((0..i32::MAX, 0..i32::MAX)),
            prop::option::of((0..i64::MAX, 1..i32::MAX)),
        ),
    ) -> FetchPartition {
        let transaction = |(producer_id, first_offset)| AbortedTransaction { producer_id, first_offset };
        FetchPartition {
            index,
            error_code: ErrorCode(error_code),
            high_watermark: offsets[0],
            last_stable_offset: offsets[1],
            log_start_offset: offsets[2],
            aborted_transactions: aborted.map(|all| all.into_iter().map(transaction).collect()),
            preferred_read_replica: BrokerId(replica),
            diverging_epoch: diverging.map(|(epoch, end_offset)| EpochEndOffset { epoch: LeaderEpoch(epoch), end_offset }),
            current_leader: leader.map(|(id, epoch)| CurrentLeader { leader_id: BrokerId(id), leader_epoch: LeaderEpoch(epoch) }),
            snapshot_id: snapshot.map(|(end_offset, epoch)| SnapshotId { end_offset, epoch: LeaderEpoch(epoch) }),
            records,
        }
    }
}

prop_compose! {
    fn topics()(
        name in "[a-z.]{0,200}",
        id: [u8; 16],
        partitions in prop::collection::vec(partitions(), 0..4),
    ) -> FetchTopic {
        FetchTopic { name: name.into(), id: TopicId(id), partitions }
    }
}

prop_compose! {
    fn endpoints()(node_id: i32, host in "[a-z.]{0,140}", port: i32, rack in prop::option::of("[a-z]{0,5}")) -> NodeEndpoint {
        NodeEndpoint { node_id: BrokerId(node_id), host: host.into(), port, rack: rack.map(Into::into) }
    }
}

prop_compose! {
    fn responses()(
        (throttle_time_ms, error_code, session_id) in any::<(i32, i16, i32)>(),
        topics in prop::collection::vec(topics(), 0..4),
        node_endpoints in prop::collection::vec(endpoints(), 0..3),
    ) -> FetchResponse {
        FetchResponse { throttle_time_ms, error_code: ErrorCode(error_code), session_id, topics, node_endpoints }
    }
}

/// The response without what `version` cannot say.
fn sayable(version: i16, mut response: FetchResponse) -> FetchResponse {
    if version < SESSION_FROM {
        response.session_id = 0;
    }
    if version < PREFERRED_READ_REPLICA_FROM {
        for partition in response.topics.iter_mut().flat_map(|topic| &mut topic.partitions) {
            partition.preferred_read_replica = BrokerId::NONE;
        }
    }
    response
}

proptest! {
    #[test]
    fn a_response_has_the_bytes_of_the_generated_encoder_at_every_version(response in responses()) {
        for version in 4..=18 {
            let response = sayable(version, response.clone());
            let ours = encode_fetch_response(version, &response).unwrap();
            let theirs = codec::encode_response::<message::FetchRequest>(version, &as_generated(version, &response)).unwrap();
            prop_assert_eq!(ours.to_bytes(), theirs, "version {}", version);
        }
    }
}

fn response_with(partition: FetchPartition) -> FetchResponse {
    let topic = FetchTopic { name: "events".into(), id: TopicId::ZERO, partitions: vec![partition] };
    FetchResponse { topics: vec![topic], ..FetchResponse::default() }
}

#[test]
fn batches_go_out_from_the_memory_that_the_log_has_them_in() {
    let [first, second] = [Bytes::from(vec![1; 700]), Bytes::from(vec![2; 900])];
    let mut records = Segments::new();
    records.extend([first.clone(), second.clone()]);
    let response = response_with(FetchPartition { records, ..FetchPartition::default() });
    for version in 4..=18 {
        let segments = encode_fetch_response(version, &response).unwrap();
        for batch in [&first, &second] {
            let is_it = |piece: &Bytes| piece.as_ptr() == batch.as_ptr() && piece.len() == batch.len();
            assert!(segments.pieces().iter().any(is_it), "version {version}");
        }
    }
}

#[test]
fn what_a_version_cannot_say_is_refused_and_not_left_out() {
    let preferred = FetchPartition { preferred_read_replica: BrokerId(2), ..FetchPartition::default() };
    let preferred = response_with(preferred);
    let in_session = FetchResponse { session_id: 9, ..FetchResponse::default() };
    for version in 4..=18 {
        let unsayable =
            |response| matches!(encode_fetch_response(version, response), Err(EncodeError::Unsayable { .. }));
        assert_eq!(unsayable(&in_session), version < SESSION_FROM, "version {version}");
        assert_eq!(unsayable(&preferred), version < PREFERRED_READ_REPLICA_FROM, "version {version}");
    }
    for version in [3, 19, -1] {
        let refused = encode_fetch_response(version, &preferred);
        assert!(matches!(refused, Err(EncodeError::Version { api: ApiKey::Fetch, .. })), "version {version}");
    }
}
