//! What is read, and when.

use ottla_wire::ErrorCode;
use ottla_wire::message::fetch_request::{FetchPartition, FetchTopic};
use ottla_wire::message::fetch_response::PartitionData;
use ottla_wire::message::{DeleteTopicsRequest, FetchRequest, FetchResponse};
use ottla_wire::record::next_batch;

use super::*;

pub(super) fn partition(index: i32, offset: i64) -> FetchPartition {
    FetchPartition::default().with_partition(index).with_fetch_offset(offset).with_partition_max_bytes(1 << 20)
}

pub(super) fn request(topic: &str, index: i32, offset: i64) -> FetchRequest {
    let topic = FetchTopic::default().with_topic(name(topic)).with_partitions(vec![partition(index, offset)]);
    FetchRequest::default().with_max_bytes(i32::MAX).with_topics(vec![topic])
}

fn by_id(id: TopicId, offset: i64) -> FetchRequest {
    let mut request = request("", 0, offset);
    request.topics[0].topic_id = id.into();
    request
}

fn waiting(request: FetchRequest, min_bytes: i32) -> FetchRequest {
    request.with_min_bytes(min_bytes).with_max_wait_ms(500)
}

fn first(answer: &FetchResponse) -> &PartitionData {
    &answer.responses[0].partitions[0]
}

/// The offsets of the whole batches, and how many bytes are left after them.
pub(super) fn read(of: &PartitionData) -> (Vec<i64>, usize) {
    let mut records = of.records.clone().unwrap_or_default();
    let mut offsets = Vec::new();
    while let Ok(Some(batch)) = next_batch(&mut records) {
        offsets.push(batch.base_offset());
    }
    (offsets, records.len())
}

/// A topic `t` whose partition 0 has three batches of two records, and a connection to its leader.
fn with_batches() -> (Bench, ConnId, TopicId, usize) {
    let mut bench = Bench::new();
    let id = bench.topic("t", 2);
    for values in [["a", "b"], ["c", "d"], ["e", "f"]] {
        bench.append("t", 0, &values);
    }
    let conn = bench.connect_to_leader("t", 0);
    let size = bench.cluster.records("t", 0).unwrap()[0].size_bytes();
    (bench, conn, id, size)
}

#[test]
fn every_version_reads_what_is_there_from_the_offset_on() {
    let (mut bench, conn, id, _) = with_batches();
    for version in 4..=18 {
        let request = if version >= 13 { by_id(id, 2) } else { request("t", 0, 2) };
        let answer = bench.ask(conn, version, &request);
        let of = first(&answer);
        assert_eq!((of.error_code, of.high_watermark, of.last_stable_offset), (0, 6, 6), "v{version}");
        assert_eq!(read(of), (vec![2, 4], 0), "v{version}");
        assert_eq!(answer.session_id, 0);
    }
}

#[test]
fn an_offset_inside_a_batch_gets_the_whole_batch() {
    let (mut bench, conn, ..) = with_batches();
    assert_eq!(read(first(&bench.ask(conn, 12, &request("t", 0, 3)))), (vec![2, 4], 0));
}

#[test]
fn the_first_batch_is_whole_whatever_the_limits_and_the_last_is_cut_at_them() {
    let (mut bench, conn, _, size) = with_batches();
    let limited = |partition_bytes: usize, bytes: usize| {
        let mut request = request("t", 0, 0).with_max_bytes(bytes as i32);
        request.topics[0].partitions[0].partition_max_bytes = partition_bytes as i32;
        request
    };
    for (partition_bytes, bytes, expected) in [
        (1, 1 << 20, (vec![0], 0)),
        (1 << 20, 1, (vec![0], 0)),
        (0, 0, (vec![0], 0)),
        (size, 1 << 20, (vec![0], 0)),
        (size + 10, 1 << 20, (vec![0], 10)),
        (1 << 20, 2 * size, (vec![0, 2], 0)),
    ] {
        let answer = bench.ask(conn, 12, &limited(partition_bytes, bytes));
        assert_eq!(read(first(&answer)), expected, "{partition_bytes} {bytes}");
    }
}

#[test]
fn less_than_nothing_cannot_be_read() {
    let (mut bench, conn, ..) = with_batches();
    for (offset, partition_bytes, bytes, expected) in [
        (0, -1, 100, ErrorCode::UNKNOWN_SERVER_ERROR),
        (0, 100, -1, ErrorCode::UNKNOWN_SERVER_ERROR),
        (6, -1, -1, ErrorCode::NONE),
    ] {
        let mut request = request("t", 0, offset).with_max_bytes(bytes);
        request.topics[0].partitions[0].partition_max_bytes = partition_bytes;
        let answer = bench.ask(conn, 12, &request);
        assert_eq!(ErrorCode(first(&answer).error_code), expected, "{partition_bytes} {bytes} from {offset}");
    }
}

#[test]
fn only_the_first_partition_with_records_may_be_above_the_limits() {
    let mut bench =
        Bench::of(ClusterConfig { brokers: vec![BrokerConfig::new(BrokerId(1))], ..ClusterConfig::default() });
    bench.topic("t", 3);
    bench.append("t", 1, &["a"]);
    bench.append("t", 2, &["b"]);
    let conn = bench.connect(1);
    let mut request = request("t", 0, 0).with_max_bytes(1);
    request.topics[0].partitions = (0..3).map(|index| partition(index, 0)).collect();
    let answer = bench.ask(conn, 12, &request);
    let sizes: Vec<_> = answer.responses[0].partitions.iter().map(|of| read(of).0.len()).collect();
    assert_eq!(sizes, [0, 1, 0]);
}

#[test]
fn outside_the_log_the_offset_is_out_of_range() {
    let (mut bench, conn, ..) = with_batches();
    for (offset, expected) in
        [(-1, ErrorCode::OFFSET_OUT_OF_RANGE), (6, ErrorCode::NONE), (7, ErrorCode::OFFSET_OUT_OF_RANGE)]
    {
        let answer = bench.ask(conn, 12, &request("t", 0, offset));
        let of = first(&answer);
        assert_eq!(ErrorCode(of.error_code), expected, "{offset}");
        assert_eq!(of.high_watermark, if expected.is_ok() { 6 } else { -1 });
    }
}

#[test]
fn a_fetch_at_the_end_waits_until_records_come() {
    let (mut bench, conn, ..) = with_batches();
    let correlation_id = bench.send(conn, 12, &waiting(request("t", 0, 6), 1));
    bench.is_silent();
    assert_eq!(bench.cluster.poll_timeout(), Some(bench.now.mono + Duration::from_millis(500)));
    let producer = bench.connect_to_leader("t", 0);
    let produced = bench.send(producer, 9, &produce::request("t", 0, batch(bench.now, &["g"])));
    bench.answer::<message::ProduceRequest>(producer, 9, produced);
    assert_eq!(read(first(&bench.answer::<FetchRequest>(conn, 12, correlation_id))), (vec![6], 0));
    bench.is_silent();
    let next = bench.cluster.poll_timeout().unwrap();
    assert_eq!(next, bench.now.mono + Duration::from_secs(300), "for retention alone");
}

#[test]
fn a_fetch_waits_for_as_many_bytes_as_it_wants_and_no_longer_than_it_says() {
    let (mut bench, conn, _, size) = with_batches();
    let enough = i32::try_from(3 * size).unwrap();
    assert_eq!(read(first(&bench.ask(conn, 12, &waiting(request("t", 0, 0), enough)))).0.len(), 3);
    let correlation_id = bench.send(conn, 12, &waiting(request("t", 0, 0), enough + 1));
    bench.advance(Duration::from_millis(499));
    bench.is_silent();
    bench.advance(Duration::from_millis(1));
    assert_eq!(read(first(&bench.answer::<FetchRequest>(conn, 12, correlation_id))).0.len(), 3);
}

#[test]
fn records_in_other_partitions_wake_nobody() {
    let (mut bench, conn, ..) = with_batches();
    let correlation_id = bench.send(conn, 12, &waiting(request("t", 0, 6), 1));
    bench.append("t", 1, &["x"]);
    bench.is_silent();
    bench.advance(Duration::from_millis(500));
    assert_eq!(read(first(&bench.answer::<FetchRequest>(conn, 12, correlation_id))), (vec![], 0));
}

#[test]
fn a_leader_that_moves_and_a_topic_that_goes_end_the_wait() {
    let (mut bench, conn, id, _) = with_batches();
    let mut by_name = waiting(request("t", 0, 6), 1);
    by_name.topics[0].partitions[0].current_leader_epoch = 0;
    let correlation_id = bench.send(conn, 12, &by_name);
    let follower = bench.follower("t", 0);
    bench.cluster.move_leader(bench.now, "t", 0, follower).unwrap();
    let answer = bench.answer::<FetchRequest>(conn, 12, correlation_id);
    assert_eq!(ErrorCode(first(&answer).error_code), ErrorCode::FENCED_LEADER_EPOCH);

    let other = bench.connect(1);
    for (version, request, code) in [
        (12, waiting(request("t", 0, 6), 1), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (13, waiting(by_id(id, 6), 1), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
    ] {
        if bench.cluster.leader("t", 0).is_err() {
            continue;
        }
        let correlation_id = bench.send(conn, version, &request);
        bench.is_silent();
        let deleted = bench.send(other, 5, &DeleteTopicsRequest::default().with_topic_names(vec![name("t")]));
        bench.answer::<DeleteTopicsRequest>(other, 5, deleted);
        let answer = bench.answer::<FetchRequest>(conn, version, correlation_id);
        assert_eq!(ErrorCode(first(&answer).error_code), code);
    }
}

#[test]
fn the_epoch_that_a_client_believes_in_is_checked() {
    let (mut bench, conn, ..) = with_batches();
    let leader = bench.cluster.leader("t", 0).unwrap();
    bench.cluster.move_leader(bench.now, "t", 0, leader).unwrap();
    for (epoch, expected) in [
        (-1, ErrorCode::NONE),
        (0, ErrorCode::FENCED_LEADER_EPOCH),
        (1, ErrorCode::NONE),
        (2, ErrorCode::UNKNOWN_LEADER_EPOCH),
    ] {
        let mut request = request("t", 0, 0);
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        let answer = bench.ask(conn, 12, &request);
        assert_eq!(ErrorCode(first(&answer).error_code), expected, "epoch {epoch}");
    }
}

#[test]
fn a_client_whose_last_record_the_log_does_not_have_learns_where_they_diverge() {
    let (mut bench, conn, ..) = with_batches();
    let leader = bench.cluster.leader("t", 0).unwrap();
    for _ in 0..2 {
        bench.cluster.move_leader(bench.now, "t", 0, leader).unwrap();
        bench.append("t", 0, &["x"]);
    }
    let mut ask = |offset, epoch, version| {
        let mut request = waiting(request("t", 0, offset), 1);
        request.topics[0].partitions[0].last_fetched_epoch = epoch;
        let answer = bench.ask(conn, version, &request);
        let of = first(&answer);
        let read = read(of).0.len();
        (of.error_code, read, of.diverging_epoch.epoch, of.diverging_epoch.end_offset, of.high_watermark)
    };
    assert_eq!(ask(6, 0, 12), (0, 2, -1, -1, 8), "the last of epoch 0 is 5");
    assert_eq!(ask(7, 0, 12), (0, 0, 0, 6, 8), "epoch 0 ends at 6");
    assert_eq!(ask(7, 1, 12), (0, 1, -1, -1, 8));
    assert_eq!(ask(9, 2, 12), (0, 0, 2, 8, 8), "epoch 2 ends with the log");
    assert_eq!(ask(8, 3, 12).0, ErrorCode::OFFSET_OUT_OF_RANGE.0, "there is no epoch 3");
    assert_eq!(ask(-1, 0, 12).0, ErrorCode::OFFSET_OUT_OF_RANGE.0);
}

#[test]
fn records_that_are_deleted_are_out_of_range_and_end_the_wait_for_them() {
    let (mut bench, conn, ..) = with_batches();
    let correlation_id = bench.send(conn, 12, &waiting(request("t", 0, 4), 10_000));
    bench.is_silent();
    assert_eq!(bench.cluster.delete_records(bench.now, "t", 0, 5), Ok(true));
    let answer = bench.answer::<FetchRequest>(conn, 12, correlation_id);
    assert_eq!(ErrorCode(first(&answer).error_code), ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(bench.cluster.delete_records(bench.now, "t", 0, 5), Ok(false));
    assert_eq!(bench.cluster.delete_records(bench.now, "t", 0, 7), Ok(false));
    let answer = bench.ask(conn, 12, &request("t", 0, 5));
    assert_eq!((read(first(&answer)), first(&answer).log_start_offset), ((vec![4], 0), 5), "the whole batch");
    assert_eq!(offsets::at(&mut bench, conn, 9, -2).offset, 5);
    assert!(bench.cluster.delete_records(bench.now, "u", 0, 5).is_err());
}

#[test]
fn a_follower_answers_from_version_11_on_and_a_stranger_names_the_leader_from_16_on() {
    let mut bench = Bench::new();
    let id = bench.cluster.create_topic(&NewTopic::new("t").replication_factor(2)).unwrap();
    bench.append("t", 0, &["a"]);
    let leader = bench.cluster.leader("t", 0).unwrap();
    let is_replica = |bench: &mut Bench, broker| bench.cluster.move_leader(bench.now, "t", 0, BrokerId(broker)).is_ok();
    let stranger = (1..=3).find(|broker| !is_replica(&mut bench, *broker)).unwrap();
    bench.cluster.move_leader(bench.now, "t", 0, leader).unwrap();
    let follower = 6 - leader.0 - stranger;
    let ask = |bench: &mut Bench, broker, version: i16| {
        let conn = bench.connect(broker);
        let request = if version >= 13 { by_id(id, 0) } else { request("t", 0, 0) };
        bench.ask(conn, version, &request)
    };
    let moved = ErrorCode::NOT_LEADER_OR_FOLLOWER.0;
    assert_eq!(first(&ask(&mut bench, follower, 10)).error_code, moved);
    assert_eq!(read(first(&ask(&mut bench, follower, 11))), (vec![0], 0));
    let answer = ask(&mut bench, stranger, 15);
    assert_eq!((first(&answer).error_code, first(&answer).current_leader.leader_id.0), (moved, -1));
    let answer = ask(&mut bench, stranger, 16);
    assert_eq!((first(&answer).error_code, first(&answer).current_leader.leader_id.0), (moved, leader.0));
    assert_eq!((answer.node_endpoints[0].node_id.0, answer.node_endpoints[0].port), (leader.0, 9000 + leader.0));
}

#[test]
fn unknown_topics_and_partitions_fail_alone() {
    let (mut bench, conn, id, _) = with_batches();
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    assert_eq!(first(&bench.ask(conn, 12, &waiting(request("u", 0, 0), 1))).error_code, unknown);
    assert_eq!(first(&bench.ask(conn, 12, &waiting(request("t", 9, 0), 1))).error_code, unknown);
    let answer = bench.ask(conn, 13, &waiting(by_id(TopicId([9; 16]), 0), 1));
    assert_eq!(first(&answer).error_code, ErrorCode::UNKNOWN_TOPIC_ID.0);
    assert_eq!(first(&answer).aborted_transactions, Some(Vec::new()));
    let beyond = bench.ask(conn, 12, &waiting(request("t", 0, 1000), 1));
    assert_eq!(first(&beyond).aborted_transactions, None);
    let mut both = waiting(by_id(id, 0), 1);
    both.topics[0].partitions.push(partition(9, 0));
    let answer = bench.ask(conn, 13, &both);
    assert_eq!(answer.responses[0].partitions.iter().map(|of| of.error_code).collect::<Vec<_>>(), [0, unknown]);
}

#[test]
fn a_rack_aware_leader_sends_consumers_to_the_replica_in_their_rack() {
    let racks = [Some("a"), Some("b"), Some("b")];
    let broker = |(id, rack): (i32, Option<&str>)| match rack {
        Some(rack) => BrokerConfig::new(BrokerId(id)).in_rack(rack),
        None => BrokerConfig::new(BrokerId(id)),
    };
    let selector = ("replica.selector.class", "org.apache.kafka.common.replica.RackAwareReplicaSelector");
    for (selector, expected) in [(None, -1), (Some(selector), 3)] {
        let brokers = (1..).zip(racks).map(broker).collect();
        let properties = selector.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut bench = Bench::of(ClusterConfig { brokers, properties, ..Default::default() });
        bench.topic("t", 1);
        bench.append("t", 0, &["a"]);
        bench.cluster.move_leader(bench.now, "t", 0, BrokerId(1)).unwrap();
        let conns = [1, 3].map(|broker| bench.connect(broker));
        let mut ask = |conn, rack: &str, version| {
            let request = waiting(request("t", 0, 0), 10_000).with_max_wait_ms(0);
            let request = request.with_rack_id(message::StrBytes::from_string(rack.to_owned()));
            let answer = bench.ask(conn, version, &request);
            let of = first(&answer);
            assert_eq!((of.error_code, of.high_watermark), (0, 1));
            (of.preferred_read_replica.0, read(of).0.len())
        };
        assert_eq!(ask(conns[0], "b", 11), (expected, usize::from(expected == -1)), "the last one in the rack");
        for (conn, rack) in [(conns[0], "a"), (conns[0], "c"), (conns[0], ""), (conns[1], "a")] {
            assert_eq!(ask(conn, rack, 11), (-1, 1), "{rack}");
        }
    }
}

#[test]
fn a_follower_reads_from_the_leader_alone_and_only_where_it_has_a_replica() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    bench.append("t", 0, &["a"]);
    let [leader, follower] = [bench.cluster.leader("t", 0).unwrap(), bench.follower("t", 0)];
    let conns = [leader, follower].map(|broker| bench.connect(broker.0));
    let mut ask = |conn, replica: i32, epoch| {
        let mut request = request("t", 0, 0).with_replica_id(replica.into());
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        ErrorCode(first(&bench.ask(conn, 12, &request)).error_code)
    };
    assert_eq!(ask(conns[0], follower.0, 0), ErrorCode::NONE);
    assert_eq!(ask(conns[1], leader.0, 0), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    assert_eq!(ask(conns[0], 77, 0), ErrorCode::UNKNOWN_LEADER_EPOCH);
    assert_eq!(ask(conns[0], 77, -1), ErrorCode::NOT_LEADER_OR_FOLLOWER);
    for consumer in [-1, -2, -3] {
        assert_eq!(ask(conns[1], consumer, 0), ErrorCode::NONE);
    }
}

#[test]
fn a_log_that_loses_its_end_tells_who_had_read_further() {
    let (mut bench, conn, ..) = with_batches();
    let mut wait = waiting(request("t", 0, 6), 1);
    wait.topics[0].partitions[0].last_fetched_epoch = 0;
    let correlation_id = bench.send(conn, 12, &wait);
    bench.is_silent();
    assert!(bench.cluster.lose_records(bench.now, "t", 0, 4).unwrap() > 0);
    let answer = bench.answer::<FetchRequest>(conn, 12, correlation_id);
    let diverging = &first(&answer).diverging_epoch;
    assert_eq!((diverging.epoch, diverging.end_offset, first(&answer).high_watermark), (0, 4, 4));
    let without_epoch = bench.ask(conn, 12, &request("t", 0, 6));
    assert_eq!(ErrorCode(first(&without_epoch).error_code), ErrorCode::OFFSET_OUT_OF_RANGE);
    bench.append("t", 0, &["x"]);
    let stored = bench.cluster.records("t", 0).unwrap();
    let stored: Vec<_> = stored.iter().map(|batch| (batch.base_offset(), batch.leader_epoch().0)).collect();
    assert_eq!(stored, [(0, 0), (2, 0), (4, 1)]);
}

#[test]
fn one_produce_wakes_every_fetch_that_waits_for_it() {
    let (mut bench, first_conn, ..) = with_batches();
    let second_conn = bench.connect_to_leader("t", 0);
    let waits = [first_conn, second_conn].map(|conn| (conn, bench.send(conn, 12, &waiting(request("t", 0, 6), 1))));
    let producer = bench.connect_to_leader("t", 0);
    let produced = bench.send(producer, 9, &produce::request("t", 0, batch(bench.now, &["g"])));
    bench.answer::<message::ProduceRequest>(producer, 9, produced);
    for (conn, correlation_id) in waits {
        assert_eq!(read(first(&bench.answer::<FetchRequest>(conn, 12, correlation_id))), (vec![6], 0));
    }
}

#[test]
fn an_older_version_learns_what_waits_in_the_partition_through_no_other_topic_of_the_name() {
    let (mut bench, conn, id, _) = with_batches();
    let other = bench.connect(1);
    bench.ask(other, 5, &DeleteTopicsRequest::default().with_topic_names(vec![name("t")]));
    bench.topic("t", 1);
    let answer = bench.ask(conn, 13, &by_id(id, 0));
    assert_eq!(
        first(&answer).error_code,
        ErrorCode::UNKNOWN_TOPIC_ID.0,
        "the id is that of the topic that was deleted"
    );
}
