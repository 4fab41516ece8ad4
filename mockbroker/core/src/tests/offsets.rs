//! The offset of a time.

use ottla_wire::ErrorCode;
use ottla_wire::message::ListOffsetsRequest;
use ottla_wire::message::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::message::list_offsets_response::ListOffsetsPartitionResponse;

use super::*;

fn request(timestamps: &[i64]) -> ListOffsetsRequest {
    let partition = |timestamp: &i64| ListOffsetsPartition::default().with_timestamp(*timestamp);
    let partitions = timestamps.iter().map(partition).collect();
    let topic = ListOffsetsTopic::default().with_name(name("t")).with_partitions(partitions);
    ListOffsetsRequest::default().with_replica_id((-1).into()).with_topics(vec![topic])
}

/// A topic with two batches of two records: at 100 and 200, and at 300 and 150.
fn with_times() -> (Bench, ConnId) {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    for times in [[100, 200], [300, 150]] {
        let mut batch = BatchWriter::new(0);
        for time in times {
            batch.append(&NewRecord::new(time, Some(b"k"), Some(b"v"))).unwrap();
        }
        bench.ask(conn, 9, &produce::request("t", 0, batch.finish(ProducerStamp::NONE)));
    }
    (bench, conn)
}

pub(super) fn at(bench: &mut Bench, conn: ConnId, version: i16, timestamp: i64) -> ListOffsetsPartitionResponse {
    bench.ask(conn, version, &request(&[timestamp])).topics.remove(0).partitions.remove(0)
}

#[test]
fn every_version_knows_the_start_the_end_and_times_between() {
    let (mut bench, conn) = with_times();
    for version in 1..=11 {
        let epoch = if version >= 4 { 0 } else { -1 };
        for (asked, timestamp, offset) in
            [(-2, -1, 0), (-1, -1, 4), (0, 100, 0), (100, 100, 0), (101, 200, 1), (201, 300, 2), (300, 300, 2)]
        {
            let found = at(&mut bench, conn, version, asked);
            let told = (found.error_code, found.timestamp, found.offset, found.leader_epoch);
            assert_eq!(told, (0, timestamp, offset, epoch), "v{version} at {asked}");
        }
        let none = at(&mut bench, conn, version, 301);
        assert_eq!((none.error_code, none.timestamp, none.offset, none.leader_epoch), (0, -1, -1, -1));
    }
}

#[test]
fn special_times_are_known_from_their_version_on() {
    let (mut bench, conn) = with_times();
    let unsupported = ErrorCode::UNSUPPORTED_VERSION.0;
    for (asked, from, offset) in [(-3, 7, 2), (-4, 8, 0), (-5, 9, -1), (-6, 11, -1)] {
        assert_eq!(at(&mut bench, conn, from - 1, asked).error_code, unsupported, "{asked}");
        let found = at(&mut bench, conn, from, asked);
        assert_eq!((found.error_code, found.offset), (0, offset), "{asked}");
    }
    for never in [-7, i64::MIN] {
        assert_eq!(at(&mut bench, conn, 11, never).error_code, unsupported);
    }
}

#[test]
fn an_empty_partition_begins_and_ends_at_zero_and_has_no_time() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    for (asked, offset) in [(-2, 0), (-1, 0), (-3, -1), (0, -1)] {
        assert_eq!(at(&mut bench, conn, 7, asked).offset, offset, "{asked}");
    }
}

#[test]
fn a_partition_that_stands_twice_or_is_elsewhere_fails() {
    let (mut bench, conn) = with_times();
    let answer = bench.ask(conn, 7, &request(&[-1, -2]));
    let told: Vec<_> = answer.topics[0].partitions.iter().map(|of| of.error_code).collect();
    assert_eq!(told, [ErrorCode::INVALID_REQUEST.0], "told once");
    let follower = bench.follower("t", 0);
    let elsewhere = bench.connect(follower.0);
    assert_eq!(at(&mut bench, elsewhere, 7, -1).error_code, ErrorCode::NOT_LEADER_OR_FOLLOWER.0);
    let mut unknown = request(&[-1]);
    unknown.topics[0].partitions[0].partition_index = 5;
    let answer = bench.ask(conn, 7, &unknown);
    assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
    let mut believing = request(&[-1]);
    believing.topics[0].partitions[0].current_leader_epoch = 3;
    let answer = bench.ask(conn, 7, &believing);
    assert_eq!(answer.topics[0].partitions[0].error_code, ErrorCode::UNKNOWN_LEADER_EPOCH.0);
}
