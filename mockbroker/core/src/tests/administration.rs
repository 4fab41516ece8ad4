//! The administration of logs: partitions that are added, records that are deleted, and what is told of epochs, producers and folders.

use std::collections::BTreeMap;

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_replica_log_dirs_request::{AlterReplicaLogDir, AlterReplicaLogDirTopic};
use ottla_wire::message::create_partitions_request::{CreatePartitionsAssignment, CreatePartitionsTopic};
use ottla_wire::message::delete_records_request::{DeleteRecordsPartition, DeleteRecordsTopic};
use ottla_wire::message::describe_log_dirs_request::DescribableLogDirTopic;
use ottla_wire::message::describe_producers_request::TopicRequest;
use ottla_wire::message::describe_topic_partitions_request::{Cursor, TopicRequest as AskedTopic};
use ottla_wire::message::offset_for_leader_epoch_request::{OffsetForLeaderPartition, OffsetForLeaderTopic};
use ottla_wire::message::{
    AlterReplicaLogDirsRequest, CreatePartitionsRequest, DeleteRecordsRequest, DescribeLogDirsRequest,
    DescribeProducersRequest, DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse, FetchRequest,
    ListConfigResourcesRequest, OffsetForLeaderEpochRequest, StrBytes,
};

use super::*;

fn growth(topic: &str, count: i32) -> CreatePartitionsTopic {
    CreatePartitionsTopic::default().with_name(name(topic)).with_count(count).with_assignments(None)
}

fn assigned(topic: &str, count: i32, brokers: &[&[i32]]) -> CreatePartitionsTopic {
    let assignment = |ids: &&[i32]| {
        CreatePartitionsAssignment::default().with_broker_ids(ids.iter().map(|id| (*id).into()).collect())
    };
    growth(topic, count).with_assignments(Some(brokers.iter().map(assignment).collect()))
}

fn grow(bench: &mut Bench, topics: Vec<CreatePartitionsTopic>, validate_only: bool) -> BTreeMap<String, i16> {
    let conn = bench.connect(2);
    let request = CreatePartitionsRequest::default().with_topics(topics).with_validate_only(validate_only);
    let answer = bench.ask(conn, 3, &request);
    answer.results.iter().map(|result| (result.name.to_string(), result.error_code)).collect()
}

fn partitions(bench: &Bench, topic: &str) -> i32 {
    (0..).find(|index| bench.cluster.leader(topic, *index).is_err()).unwrap()
}

#[test]
fn a_topic_grows_unless_it_is_only_to_be_validated() {
    let mut bench = Bench::new();
    bench.topic("t", 2);
    assert_eq!(grow(&mut bench, vec![growth("t", 4)], true)["t"], 0);
    assert_eq!(partitions(&bench, "t"), 2);
    assert_eq!(grow(&mut bench, vec![growth("t", 4)], false)["t"], 0);
    assert_eq!(partitions(&bench, "t"), 4);
    assert_eq!(grow(&mut bench, vec![assigned("t", 5, &[&[3, 1, 2]])], false)["t"], 0);
    assert_eq!(bench.cluster.leader("t", 4), Ok(BrokerId(3)));
    bench.append("t", 4, &["a"]);
}

#[test]
fn a_topic_that_may_not_grow_so_fails_alone() {
    let mut bench = Bench::new();
    for topic in ["same", "less", "few", "twice", "unknown", "dup", "uneven", "empty", "good"] {
        bench.topic(topic, 2);
    }
    let wrong = vec![
        growth("same", 2),
        growth("less", 1),
        growth("absent", 3),
        assigned("few", 4, &[&[1, 2, 3]]),
        assigned("unknown", 3, &[&[1, 2, 9]]),
        assigned("dup", 3, &[&[1, 2, 2]]),
        assigned("uneven", 3, &[&[1]]),
        assigned("empty", 3, &[&[]]),
        growth("twice", 3),
        growth("twice", 4),
        growth("good", 3),
    ];
    let told = grow(&mut bench, wrong, false);
    let assignment = ErrorCode::INVALID_REPLICA_ASSIGNMENT.0;
    for (topic, code) in [
        ("same", ErrorCode::INVALID_PARTITIONS.0),
        ("less", ErrorCode::INVALID_PARTITIONS.0),
        ("absent", ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
        ("few", assignment),
        ("unknown", assignment),
        ("dup", assignment),
        ("uneven", assignment),
        ("empty", assignment),
        ("twice", ErrorCode::INVALID_REQUEST.0),
        ("good", 0),
    ] {
        assert_eq!(told[topic], code, "{topic}");
    }
    assert_eq!((partitions(&bench, "twice"), partitions(&bench, "good")), (2, 3));
}

fn deletion(topic: &str, partition: i32, offset: i64) -> DeleteRecordsRequest {
    let of = DeleteRecordsPartition::default().with_partition_index(partition).with_offset(offset);
    let topic = DeleteRecordsTopic::default().with_name(name(topic)).with_partitions(vec![of]);
    DeleteRecordsRequest::default().with_topics(vec![topic])
}

/// The error of the one partition, and where its log begins.
fn delete(bench: &mut Bench, conn: ConnId, version: i16, request: &DeleteRecordsRequest) -> (i16, i64) {
    let answer = bench.ask(conn, version, request);
    let partition = &answer.topics[0].partitions[0];
    (partition.error_code, partition.low_watermark)
}

#[test]
fn the_start_of_a_log_moves_to_where_it_is_asked_to_and_never_back() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    bench.append("t", 0, &["a", "b", "c"]);
    let conn = bench.connect_to_leader("t", 0);
    for (version, offset, start) in [(0, 1, 1), (1, 0, 1), (2, -1, 3), (2, 3, 3)] {
        assert_eq!(delete(&mut bench, conn, version, &deletion("t", 0, offset)), (0, start), "to {offset}");
    }
    for offset in [4, -2] {
        let told = delete(&mut bench, conn, 2, &deletion("t", 0, offset));
        assert_eq!(told, (ErrorCode::OFFSET_OUT_OF_RANGE.0, -1), "to {offset}");
    }
}

#[test]
fn records_that_may_not_be_deleted_fail_alone() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let policy = |policy: &str| NewTopic::new(policy.replace(',', "-")).config("cleanup.policy", policy);
    for topic in ["compact", "compact,delete"] {
        bench.cluster.create_topic(&policy(topic)).unwrap();
    }
    for (topic, code) in [("compact", ErrorCode::POLICY_VIOLATION), ("compact-delete", ErrorCode::NONE)] {
        let conn = bench.connect_to_leader(topic, 0);
        assert_eq!(delete(&mut bench, conn, 2, &deletion(topic, 0, 0)).0, code.0, "{topic}");
    }
    let follower = bench.follower("t", 0);
    let conn = bench.connect(follower.0);
    let told = [("t", 0), ("t", 1), ("absent", 0)].map(|(t, of)| delete(&mut bench, conn, 2, &deletion(t, of, 0)).0);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    assert_eq!(told, [ErrorCode::NOT_LEADER_OR_FOLLOWER.0, unknown, unknown]);
}

#[test]
fn a_fetch_that_waits_for_more_is_told_when_its_offset_is_deleted() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    bench.append("t", 0, &["a"]);
    let conn = bench.connect_to_leader("t", 0);
    let waiting = super::fetch::request("t", 0, 0).with_min_bytes(100_000).with_max_wait_ms(10_000);
    let correlation_id = bench.send(conn, 12, &waiting);
    bench.is_silent();
    let other = bench.connect_to_leader("t", 0);
    let sent = bench.send(other, 2, &deletion("t", 0, 1));
    bench.answer::<DeleteRecordsRequest>(other, 2, sent);
    let told = bench.answer::<FetchRequest>(conn, 12, correlation_id);
    assert_eq!(told.responses[0].partitions[0].error_code, ErrorCode::OFFSET_OUT_OF_RANGE.0);
}

#[test]
fn the_end_of_an_epoch_is_where_the_next_leader_began() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    bench.append("t", 0, &["a", "b"]);
    let next = bench.follower("t", 0);
    bench.cluster.move_leader(bench.now, "t", 0, next).unwrap();
    bench.append("t", 0, &["c"]);
    let conn = bench.connect_to_leader("t", 0);
    let ask = |bench: &mut Bench, conn, version, believed, epoch| {
        let of = OffsetForLeaderPartition::default().with_current_leader_epoch(believed).with_leader_epoch(epoch);
        let topic = OffsetForLeaderTopic::default().with_topic(name("t")).with_partitions(vec![of]);
        let answer = bench.ask(conn, version, &OffsetForLeaderEpochRequest::default().with_topics(vec![topic]));
        let of = &answer.topics[0].partitions[0];
        (of.error_code, of.leader_epoch, of.end_offset)
    };
    for version in 2..=4 {
        assert_eq!(ask(&mut bench, conn, version, -1, 0), (0, 0, 2), "v{version}");
        assert_eq!(ask(&mut bench, conn, version, 1, 1), (0, 1, 3));
        assert_eq!(ask(&mut bench, conn, version, 1, 2), (0, -1, -1), "that has not begun");
        assert_eq!(ask(&mut bench, conn, version, 1, -1), (0, -1, -1), "that is none");
        assert_eq!(ask(&mut bench, conn, version, 0, 0).0, ErrorCode::FENCED_LEADER_EPOCH.0);
        assert_eq!(ask(&mut bench, conn, version, 2, 0).0, ErrorCode::UNKNOWN_LEADER_EPOCH.0);
    }
    let follower = bench.follower("t", 0);
    let conn = bench.connect(follower.0);
    assert_eq!(ask(&mut bench, conn, 4, -1, 0).0, ErrorCode::NOT_LEADER_OR_FOLLOWER.0);
}

#[test]
fn the_producers_of_a_partition_are_told_with_what_they_wrote_last() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    let producer = ProducerStamp { producer_id: 7, producer_epoch: 2, base_sequence: 0, is_transactional: false };
    let at = bench.now.millis();
    bench.ask(conn, 9, &produce::request("t", 0, batch_at(at, &["a", "b"], producer)));
    let wanted = |topic: &str| TopicRequest::default().with_name(name(topic)).with_partition_indexes(vec![0, 1]);
    let request = DescribeProducersRequest::default().with_topics(vec![wanted("t"), wanted("absent"), wanted("a b")]);
    let answer = bench.ask(conn, 0, &request);
    let told: Vec<i16> = answer.topics.iter().flat_map(|of| &of.partitions).map(|of| of.error_code).collect();
    let (unknown, invalid) = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, ErrorCode::INVALID_TOPIC_EXCEPTION.0);
    assert_eq!(told, [0, unknown, unknown, unknown, invalid, invalid]);
    let known = &answer.topics[0].partitions[0].active_producers;
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].producer_id.0, known[0].producer_epoch, known[0].last_sequence), (7, 2, 1));
    assert_eq!((known[0].last_timestamp, known[0].coordinator_epoch, known[0].current_txn_start_offset), (at, -1, -1));
}

fn describe(
    bench: &mut Bench,
    topics: &[&str],
    limit: i32,
    from: Option<(&str, i32)>,
) -> DescribeTopicPartitionsResponse {
    let conn = bench.connect(1);
    let topics = topics.iter().map(|topic| AskedTopic::default().with_name(name(topic)));
    let cursor = |(topic, partition)| Cursor::default().with_topic_name(name(topic)).with_partition_index(partition);
    let request = DescribeTopicPartitionsRequest::default()
        .with_topics(topics.collect())
        .with_response_partition_limit(limit)
        .with_cursor(from.map(cursor));
    bench.ask(conn, 0, &request)
}

/// A topic and a partition of it.
type Place = (String, i32);

/// Each partition that is told, and where the next page begins.
fn page(answer: &DescribeTopicPartitionsResponse) -> (Vec<Place>, Option<Place>) {
    let of = |topic: &ottla_wire::message::describe_topic_partitions_response::DescribeTopicPartitionsResponseTopic| {
        let name = topic.name.as_ref().unwrap().to_string();
        topic.partitions.iter().map(|of| (name.clone(), of.partition_index)).collect::<Vec<_>>()
    };
    let next = answer.next_cursor.as_ref().map(|next| (next.topic_name.to_string(), next.partition_index));
    (answer.topics.iter().flat_map(of).collect(), next)
}

#[test]
fn topics_are_told_page_by_page_until_there_is_no_cursor() {
    let mut bench = Bench::new();
    for topic in ["b", "a", "c"] {
        bench.topic(topic, 2);
    }
    for asked in [&[][..], &["c", "b", "a"]] {
        let (mut all, mut from, mut pages) = (Vec::new(), None, 0);
        loop {
            let next = from.as_ref().map(|(topic, partition): &Place| (topic.as_str(), *partition));
            let (told, next) = page(&describe(&mut bench, asked, 4, next));
            assert!(told.len() <= 4);
            all.extend(told);
            pages += 1;
            from = next;
            if from.is_none() {
                break;
            }
        }
        let of = |topic: &str, partition| (topic.to_owned(), partition);
        assert_eq!(all, [of("a", 0), of("a", 1), of("b", 0), of("b", 1), of("c", 0), of("c", 1)]);
        assert_eq!(pages, 2);
    }
    let (told, next) = page(&describe(&mut bench, &[], 3, None));
    assert_eq!((told.len(), next), (3, Some(("b".to_owned(), 1))));
    let (told, next) = page(&describe(&mut bench, &[], 0, None));
    assert_eq!((told.len(), next), (1, Some(("a".to_owned(), 1))), "a page has one partition at least");
}

#[test]
fn a_cursor_that_is_nowhere_fails_the_request_and_a_topic_that_is_not_there_fails_alone() {
    let mut bench = Bench::new();
    bench.topic("a", 1);
    let answer = describe(&mut bench, &["a", "absent", "a b"], 10, None);
    let codes: BTreeMap<_, _> = answer.topics.iter().map(|of| (of.name.clone().unwrap(), of.error_code)).collect();
    let (unknown, invalid) = (ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0, ErrorCode::INVALID_TOPIC_EXCEPTION.0);
    assert_eq!([codes[&name("a")], codes[&name("absent")], codes[&name("a b")]], [0, unknown, invalid]);
    for from in [("b", 0), ("a", -1)] {
        let answer = describe(&mut bench, &["a"], 10, Some(from));
        assert_eq!(answer.topics[0].error_code, ErrorCode::INVALID_REQUEST.0, "{from:?}");
    }
}

#[test]
fn what_has_configs_is_listed_by_its_type() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect(1);
    let ask = |bench: &mut Bench, version, types: Vec<i8>| {
        let answer = bench.ask(conn, version, &ListConfigResourcesRequest::default().with_resource_types(types));
        let of = answer.config_resources.iter().map(|of| (of.resource_type, of.resource_name.to_string()));
        (answer.error_code, of.collect::<Vec<_>>())
    };
    assert_eq!(ask(&mut bench, 0, vec![]), (0, vec![]));
    assert_eq!(ask(&mut bench, 1, vec![2]), (0, vec![(2, "t".to_owned())]));
    let brokers = [1, 2, 3].map(|id| (4, id.to_string()));
    assert_eq!(ask(&mut bench, 1, vec![4]), (0, brokers.to_vec()));
    assert_eq!(ask(&mut bench, 1, vec![]).1.len(), 7, "a topic, three brokers, and their loggers");
    assert_eq!(ask(&mut bench, 1, vec![2, 77]), (ErrorCode::UNSUPPORTED_VERSION.0, vec![]));
}

#[test]
fn a_replica_stands_in_the_first_folder_until_it_is_moved_to_another_that_there_is() {
    let properties = BTreeMap::from([("log.dirs".to_owned(), "/one,/two".to_owned())]);
    let mut bench = Bench::of(ClusterConfig { properties, ..ClusterConfig::default() });
    bench.topic("t", 1);
    bench.append("t", 0, &["a"]);
    let conn = bench.connect(1);
    let dirs = |bench: &mut Bench, version| {
        let topic = DescribableLogDirTopic::default().with_topic(name("t")).with_partitions(vec![0, 9]);
        let answer = bench.ask(conn, version, &DescribeLogDirsRequest::default().with_topics(Some(vec![topic])));
        let of = answer.results.iter().map(|dir| {
            let sizes = dir.topics.iter().flat_map(|of| &of.partitions).map(|of| of.partition_size).collect::<Vec<_>>();
            (dir.log_dir.to_string(), sizes, dir.total_bytes)
        });
        of.collect::<Vec<_>>()
    };
    let size = bench.cluster.records("t", 0).unwrap()[0].size_bytes() as i64;
    let volume = Bounds::default().log_bytes_max as i64;
    assert_eq!(dirs(&mut bench, 1), [("/one".to_owned(), vec![size], -1), ("/two".to_owned(), vec![], -1)]);
    assert_eq!(dirs(&mut bench, 5), dirs(&mut bench, 4), "what version 5 adds stands in no struct");
    let to = |path: &str, topic: &str| {
        let topic = AlterReplicaLogDirTopic::default().with_name(name(topic)).with_partitions(vec![0]);
        let dir = AlterReplicaLogDir::default().with_path(StrBytes::from_string(path.to_owned()));
        AlterReplicaLogDirsRequest::default().with_dirs(vec![dir.with_topics(vec![topic])])
    };
    for (request, code) in [
        (to("/two", "t"), ErrorCode::NONE),
        (to("/three", "t"), ErrorCode::LOG_DIR_NOT_FOUND),
        (to("/two", "absent"), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION),
        (to("/two", &"x".repeat(220)), ErrorCode::INVALID_TOPIC_EXCEPTION),
    ] {
        assert_eq!(bench.ask(conn, 2, &request).results[0].partitions[0].error_code, code.0, "{request:?}");
    }
    assert_eq!(dirs(&mut bench, 4), [("/one".to_owned(), vec![], volume), ("/two".to_owned(), vec![size], volume)]);
}
