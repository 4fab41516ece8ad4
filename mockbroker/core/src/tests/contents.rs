//! What a test sees and writes without a client.

use ottla_wire::message::{ApiVersionsRequest, MetadataRequest};
use ottla_wire::{ApiKey, ErrorCode};

use super::*;

/// The key, value and number of headers of each of a partition's records.
fn contents(bench: &Bench, topic: &str, partition: i32) -> Vec<String> {
    let text = |bytes: Option<&[u8]>| bytes.map_or("null".to_owned(), |bytes| String::from_utf8_lossy(bytes).into());
    let mut told = Vec::new();
    for batch in bench.cluster.records(topic, partition).unwrap() {
        for record in batch.records().unwrap().map(Result::unwrap) {
            told.push(format!("{} {} {}", text(record.key), text(record.value), record.headers().len()));
        }
    }
    told
}

#[test]
fn what_a_test_writes_is_there_as_if_a_producer_had_sent_it() {
    let mut bench = Bench::new();
    bench.topic("t", 2);
    let records = [
        crate::NewRecord::new("value").key("key").header("h", Some(vec![1])).header("n", None),
        crate::NewRecord::tombstone("key").timestamp_ms(5),
    ];
    assert_eq!(bench.cluster.produce(bench.now, "t", 1, &records), Ok(0));
    assert_eq!(bench.cluster.produce(bench.now, "t", 1, &records[..1]), Ok(2));
    assert_eq!(contents(&bench, "t", 1), ["key value 2", "key null 0", "key value 2"]);
    let topics = bench.cluster.topics();
    let [empty, written] = &topics[0].partitions[..] else { panic!("{topics:?}") };
    assert_eq!((empty.end_offset, empty.size_bytes), (0, 0));
    assert_eq!((written.start_offset, written.end_offset, written.high_watermark), (0, 3, 3));
    assert_eq!((written.in_sync.len(), written.leader), (3, written.replicas[0]));
}

#[test]
fn a_test_is_refused_what_a_producer_is() {
    let mut bench = Bench::new();
    let small = NewTopic::new("small").partitions(1).config("max.message.bytes", "100");
    bench.cluster.create_topic(&small).unwrap();
    let large = [crate::NewRecord::new(vec![0; 200])];
    let refused = bench.cluster.produce(bench.now, "small", 0, &large).unwrap_err();
    assert!(matches!(refused, WriteError::Refused { code: ErrorCode::MESSAGE_TOO_LARGE, .. }), "{refused}");
    let unknown = bench.cluster.produce(bench.now, "small", 1, &large).unwrap_err();
    assert!(matches!(unknown, WriteError::UnknownPartition(_)), "{unknown}");
    assert!(bench.cluster.produce(bench.now, "small", 0, &[]).is_err(), "no record makes no batch");
    assert_eq!(bench.cluster.topics()[0].partitions[0].end_offset, 0);
}

#[test]
fn a_topic_that_a_test_deletes_is_gone() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    assert_eq!(bench.cluster.delete_topic(bench.now, "t"), Ok(()));
    assert_eq!(bench.cluster.delete_topic(bench.now, "t"), Err(UnknownTopic("t".to_owned())));
    assert_eq!(bench.cluster.topics(), []);
}

#[test]
fn a_cluster_that_becomes_like_a_fresh_one_has_nothing_and_nobody_left() {
    let mut bench = Bench::new();
    let before = bench.connect(1);
    bench.topic("t", 1);
    bench.ask(before, 2, &ApiVersionsRequest::default());
    let fresh = Cluster::new(ClusterConfig::default()).unwrap();
    bench.cluster.become_like(bench.now, fresh);
    assert_eq!((bench.cluster.topics().len(), bench.cluster.open_connections()), (0, 0));
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn: before, action: Action::Close }));
    assert_eq!(bench.cluster.journal().entries().len(), 0);
    let after = bench.cluster.open(bench.now, BrokerId(1), plaintext(), "peer").unwrap();
    assert!(after > before, "no two connections ever have the same number");
    let tally = bench.cluster.tally();
    assert_eq!((tally.requests[&ApiKey::ApiVersions], tally.connections), (1, 2));
    assert!(tally.received_bytes > 0 && tally.sent_bytes > tally.received_bytes);
}

#[test]
fn the_errors_in_answers_are_counted_where_that_is_asked_for() {
    for (counts_errors, expected) in [(true, Some(&2)), (false, None)] {
        let mut bench = Bench::of(ClusterConfig { counts_errors, ..Default::default() });
        let conn = bench.connect(1);
        let unknown = ["a", "b"].map(topics::by_name).to_vec();
        bench.ask(conn, 9, &MetadataRequest::default().with_topics(Some(unknown)));
        let key = (ApiKey::Metadata, ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
        assert_eq!(bench.cluster.tally().errors.get(&key), expected, "one for each topic");
    }
}
