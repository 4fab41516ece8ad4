//! What becomes of records as time goes by, and on demand.

use ottla_wire::ErrorCode;
use ottla_wire::message::FetchRequest;

use super::produce::{code, idempotent, produce};
use super::*;

/// A topic `t` with these configs, and a connection to its leader.
fn with_configs(configs: &[(&str, &str)]) -> (Bench, ConnId) {
    let mut bench = Bench::of(never_idle());
    let new = |topic: NewTopic, (name, value): &(&str, &str)| topic.config(*name, *value);
    bench.cluster.create_topic(&configs.iter().fold(NewTopic::new("t"), new)).unwrap();
    let conn = bench.connect_to_leader("t", 0);
    (bench, conn)
}

/// The start of the log, and what its records are: offset, key and value.
fn log(bench: &mut Bench, conn: ConnId) -> (i64, Vec<(i64, String, Option<String>)>) {
    let start = offsets::at(bench, conn, 9, -2).offset;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let batches = bench.cluster.records("t", 0).unwrap();
    let records = batches.iter().flat_map(|batch| batch.records().unwrap()).map(|record| {
        let record = record.unwrap();
        (record.offset, text(record.key.unwrap()), record.value.map(text))
    });
    (start, records.collect())
}

/// Appends a batch of keys and values, each batch in a segment of its own where `segment.ms` is 1.
fn append(bench: &mut Bench, conn: ConnId, records: &[(&str, Option<&str>)]) {
    let mut batch = BatchWriter::new(0);
    for (key, value) in records {
        let value = value.map(str::as_bytes);
        batch.append(&NewRecord::new(bench.now.millis(), Some(key.as_bytes()), value)).unwrap();
    }
    assert_eq!(code(&produce(bench, conn, batch.finish(ProducerStamp::NONE))), ErrorCode::NONE);
    bench.advance(Duration::from_millis(2));
}

fn offsets_of(bench: &mut Bench, conn: ConnId) -> Vec<i64> {
    log(bench, conn).1.into_iter().map(|(offset, ..)| offset).collect()
}

const EACH_ITS_SEGMENT: (&str, &str) = ("segment.ms", "1");

#[test]
fn a_cluster_without_records_waits_for_nothing() {
    let (bench, _) = with_configs(&[("cleanup.policy", "compact")]);
    assert_eq!(bench.cluster.poll_timeout(), None);
}

#[test]
fn what_is_older_than_its_topic_keeps_goes_at_the_next_check_and_who_waits_learns_of_it() {
    let (mut bench, conn) = with_configs(&[("retention.ms", "1000")]);
    append(&mut bench, conn, &[("k", Some("a")), ("k", Some("b"))]);
    let check = bench.cluster.poll_timeout().unwrap();
    let wait = fetch::request("t", 0, 0).with_min_bytes(1 << 20).with_max_wait_ms(i32::MAX);
    let correlation_id = bench.send(conn, 12, &wait);
    bench.advance(check - bench.now.mono - Duration::from_millis(1));
    bench.is_silent();
    bench.advance(Duration::from_millis(1));
    let answer = bench.answer::<FetchRequest>(conn, 12, correlation_id);
    assert_eq!(ErrorCode(answer.responses[0].partitions[0].error_code), ErrorCode::OFFSET_OUT_OF_RANGE);
    assert_eq!(log(&mut bench, conn), (2, vec![]));
    assert_eq!(bench.cluster.poll_timeout(), None, "there is nothing left to look after");
    append(&mut bench, conn, &[("k", Some("c"))]);
    assert_eq!(log(&mut bench, conn).1, [(2, "k".to_owned(), Some("c".to_owned()))]);
}

#[test]
fn what_is_more_than_its_topic_keeps_goes_by_whole_segments() {
    let (mut bench, conn) = with_configs(&[EACH_ITS_SEGMENT, ("retention.bytes", "200"), ("retention.ms", "-1")]);
    for value in ["a", "b", "c", "d"] {
        append(&mut bench, conn, &[("k", Some(value))]);
    }
    let size = bench.cluster.records("t", 0).unwrap()[0].size_bytes();
    assert!((67..=100).contains(&size), "three are above 200 bytes, two are not: {size}");
    bench.cluster.look_after_logs(bench.now);
    let (start, records) = log(&mut bench, conn);
    assert_eq!((start, records.len()), (1, 3), "as many as there are 200 bytes with");
}

#[test]
fn room_that_retention_makes_is_written_again() {
    let mut config = ClusterConfig::default();
    config.bounds.log_bytes_max = 100;
    let mut bench = Bench::of(config);
    bench.cluster.create_topic(&NewTopic::new("t").config("retention.ms", "1000")).unwrap();
    let conn = bench.connect_to_leader("t", 0);
    append(&mut bench, conn, &[("k", Some("a"))]);
    let full = batch(bench.now, &["b"]);
    assert_eq!(code(&produce(&mut bench, conn, full.clone())), ErrorCode::KAFKA_STORAGE_ERROR);
    bench.advance(Duration::from_secs(300));
    assert_eq!(code(&produce(&mut bench, conn, full)), ErrorCode::NONE);
}

#[test]
fn a_compacted_topic_keeps_the_last_record_of_each_key_when_it_is_dirty() {
    let (mut bench, conn) = with_configs(&[("cleanup.policy", "compact"), EACH_ITS_SEGMENT]);
    append(&mut bench, conn, &[("a", Some("1")), ("b", Some("1")), ("a", Some("2"))]);
    append(&mut bench, conn, &[("b", Some("2")), ("c", Some("1"))]);
    append(&mut bench, conn, &[("c", Some("2"))]);
    bench.advance(Duration::from_secs(15));
    assert_eq!(offsets_of(&mut bench, conn), [2, 3, 4, 5], "but for the active segment");
    let answer = bench.ask(conn, 12, &fetch::request("t", 0, 0));
    assert_eq!(fetch::read(&answer.responses[0].partitions[0]), (vec![0, 3], 0), "each batch where it was");
    assert_eq!(offsets::at(&mut bench, conn, 9, -2).offset, 0);
}

#[test]
fn without_its_value_a_key_goes_when_readers_had_time_to_see_it() {
    let configs = [("cleanup.policy", "compact"), ("delete.retention.ms", "1000"), EACH_ITS_SEGMENT];
    let (mut bench, conn) = with_configs(&configs);
    append(&mut bench, conn, &[("a", Some("1")), ("b", Some("1"))]);
    append(&mut bench, conn, &[("a", None)]);
    bench.cluster.compact(bench.now, "t", 0).unwrap();
    assert_eq!(offsets_of(&mut bench, conn), [1, 2]);
    let horizon = bench.now.millis() + 1000;
    let horizons: Vec<_> = bench.cluster.records("t", 0).unwrap().iter().map(|batch| batch.delete_horizon()).collect();
    assert_eq!(horizons, [None, Some(horizon)]);
    bench.advance(Duration::from_millis(999));
    bench.cluster.compact(bench.now, "t", 0).unwrap();
    assert_eq!(offsets_of(&mut bench, conn), [1, 2]);
    bench.advance(Duration::from_millis(1));
    bench.cluster.compact(bench.now, "t", 0).unwrap();
    assert_eq!(offsets_of(&mut bench, conn), [1]);
    let answer = bench.ask(conn, 12, &fetch::request("t", 0, 2));
    let (batches, _) = fetch::read(&answer.responses[0].partitions[0]);
    assert_eq!(batches, [2], "the end of what was compacted stays, without a record");
}

#[test]
fn both_policies_act_together() {
    let dirty = ("min.cleanable.dirty.ratio", "0");
    let configs = [("cleanup.policy", "compact,delete"), ("retention.ms", "60000"), dirty, EACH_ITS_SEGMENT];
    let (mut bench, conn) = with_configs(&configs);
    append(&mut bench, conn, &[("a", Some("1")), ("b", Some("1"))]);
    append(&mut bench, conn, &[("a", Some("2"))]);
    bench.advance(Duration::from_secs(59));
    append(&mut bench, conn, &[("c", Some("1"))]);
    bench.cluster.look_after_logs(bench.now);
    assert_eq!(offsets_of(&mut bench, conn), [1, 2, 3]);
    bench.advance(Duration::from_secs(2));
    bench.cluster.look_after_logs(bench.now);
    assert_eq!(log(&mut bench, conn).0, 3);
}

#[test]
fn a_producer_is_known_when_its_records_are_gone() {
    let (mut bench, conn) = with_configs(&[("retention.ms", "1000")]);
    let first = idempotent(&bench, 0, 0, 2);
    assert_eq!(produce(&mut bench, conn, first.clone()).base_offset, 0);
    bench.advance(Duration::from_secs(300));
    assert_eq!(log(&mut bench, conn), (2, vec![]));
    let again = produce(&mut bench, conn, first);
    assert_eq!((code(&again), again.base_offset), (ErrorCode::NONE, 0));
    let next = idempotent(&bench, 0, 3, 1);
    assert_eq!(code(&produce(&mut bench, conn, next)), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
}

#[test]
fn compaction_keeps_the_last_batch_of_a_producer_without_its_records() {
    let (mut bench, conn) = with_configs(&[("cleanup.policy", "compact"), EACH_ITS_SEGMENT]);
    for sequence in [0, 1] {
        let batch = idempotent(&bench, 0, sequence, 1);
        assert_eq!(code(&produce(&mut bench, conn, batch)), ErrorCode::NONE);
        bench.advance(Duration::from_millis(2));
    }
    append(&mut bench, conn, &[("key", Some("x"))]);
    bench.cluster.compact(bench.now, "t", 0).unwrap();
    let kept: Vec<_> = bench.cluster.records("t", 0).unwrap();
    let kept: Vec<_> = kept.iter().map(|batch| (batch.base_offset(), batch.record_count())).collect();
    assert_eq!(kept, [(1, 0), (2, 1)]);
    let producers = bench.cluster.producers("t", 0).unwrap();
    assert_eq!(producers.iter().map(|of| (of.epoch, of.last_sequence)).collect::<Vec<_>>(), [(0, 1)]);
}

#[test]
fn a_producer_that_was_silent_for_a_day_is_forgotten() {
    let (mut bench, conn) = with_configs(&[]);
    let first = idempotent(&bench, 0, 0, 1);
    assert_eq!(code(&produce(&mut bench, conn, first)), ErrorCode::NONE);
    let gap = idempotent(&bench, 0, 7, 1);
    bench.advance(Duration::from_secs(24 * 60 * 60 - 1));
    assert_eq!(code(&produce(&mut bench, conn, gap.clone())), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    bench.advance(Duration::from_secs(600));
    assert_eq!(bench.cluster.producers("t", 0).unwrap(), []);
    assert_eq!(code(&produce(&mut bench, conn, gap)), ErrorCode::NONE, "who is not known begins where it will");
}

#[test]
fn what_a_producer_wrote_and_the_log_lost_may_be_written_again() {
    let (mut bench, conn) = with_configs(&[]);
    for sequence in 0..3 {
        let batch = idempotent(&bench, 0, sequence, 1);
        assert_eq!(code(&produce(&mut bench, conn, batch)), ErrorCode::NONE);
    }
    bench.cluster.lose_records(bench.now, "t", 0, 1).unwrap();
    let third = idempotent(&bench, 0, 2, 1);
    assert_eq!(code(&produce(&mut bench, conn, third)), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    let second = idempotent(&bench, 0, 1, 1);
    assert_eq!(produce(&mut bench, conn, second).base_offset, 1);
}
