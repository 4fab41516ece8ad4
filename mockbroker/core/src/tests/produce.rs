//! What is appended, and what is refused.

use ottla_wire::ErrorCode;
use ottla_wire::message::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::message::produce_response::PartitionProduceResponse;
use ottla_wire::message::{InitProducerIdRequest, ProduceRequest, StrBytes, TransactionalId};
use ottla_wire::record::{BATCH_HEADER_BYTES, Batch, TimestampType, stamp};

use super::*;
use crate::broker::Brokers;
use crate::configs::BrokerConfigs;
use crate::partition::{AppendContext, Partition, only_batch};
use crate::topic::TopicConfigs;

pub(super) fn request(topic: &str, partition: i32, records: Bytes) -> ProduceRequest {
    let data = PartitionProduceData::default().with_index(partition).with_records(Some(records));
    let topic = TopicProduceData::default().with_name(name(topic)).with_partition_data(vec![data]);
    ProduceRequest::default()
        .with_transactional_id(None)
        .with_acks(-1)
        .with_timeout_ms(1000)
        .with_topic_data(vec![topic])
}

pub(super) fn produce(bench: &mut Bench, conn: ConnId, records: Bytes) -> PartitionProduceResponse {
    let mut answer = bench.ask(conn, 9, &request("t", 0, records));
    answer.responses.remove(0).partition_responses.remove(0)
}

pub(super) fn code(answer: &PartitionProduceResponse) -> ErrorCode {
    ErrorCode(answer.error_code)
}

fn with_topic() -> (Bench, ConnId) {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    (bench, conn)
}

#[test]
fn a_batch_gets_the_next_offsets_at_every_version_and_acks() {
    let (mut bench, conn) = with_topic();
    let id = bench.cluster.create_topic(&NewTopic::new("unused")).unwrap();
    assert!(!id.is_zero());
    let mut expected = 0;
    for version in 3..=12 {
        for acks in [-1, 1] {
            let request = request("t", 0, batch(bench.now, &["a", "b"])).with_acks(acks);
            let answer = bench.ask(conn, version, &request);
            let of = &answer.responses[0].partition_responses[0];
            assert_eq!((of.error_code, of.base_offset, of.log_append_time_ms), (0, expected, -1), "v{version}");
            assert_eq!(of.log_start_offset, if version >= 5 { 0 } else { -1 });
            expected += 2;
        }
    }
    let stored = bench.cluster.records("t", 0).unwrap();
    assert_eq!((stored.len(), stored[3].base_offset(), stored[3].leader_epoch().0), (20, 6, 0));
}

#[test]
fn the_leader_epoch_and_offset_of_a_producer_are_written_over() {
    let (mut bench, conn) = with_topic();
    let leader = bench.cluster.leader("t", 0).unwrap();
    bench.cluster.move_leader(bench.now, "t", 0, leader).unwrap();
    let mut forged = BytesMut::from(&batch(bench.now, &["a"])[..]);
    stamp::set_leader_epoch(&mut forged, ottla_wire::LeaderEpoch(99));
    assert_eq!(code(&produce(&mut bench, conn, forged.freeze())), ErrorCode::NONE);
    let stored = &bench.cluster.records("t", 0).unwrap()[0];
    assert_eq!((stored.base_offset(), stored.leader_epoch().0), (0, 1));
}

#[test]
fn with_acks_0_nothing_is_answered_and_later_answers_stay_in_order() {
    let (mut bench, conn) = with_topic();
    let silent = request("t", 0, batch(bench.now, &["a"])).with_acks(0);
    bench.send(conn, 9, &silent);
    bench.is_silent();
    let records = batch(bench.now, &["b"]);
    assert_eq!(produce(&mut bench, conn, records).base_offset, 1);
    bench.send(conn, 9, &request("missing", 0, batch(bench.now, &["a"])).with_acks(0));
    assert_eq!(bench.closed(conn), Closed::UnacknowledgedProduce(ErrorCode::UNKNOWN_TOPIC_OR_PARTITION));
}

#[test]
fn what_cannot_be_appended_fails_alone() {
    let (mut bench, conn) = with_topic();
    let good = batch(bench.now, &["a"]);
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    for (topic, partition, expected) in
        [("t", 0, ErrorCode::NONE), ("t", 1, unknown), ("t", -1, unknown), ("u", 0, unknown)]
    {
        let answer = bench.ask(conn, 9, &request(topic, partition, good.clone()));
        assert_eq!(code(&answer.responses[0].partition_responses[0]), expected, "{topic}-{partition}");
    }
    for acks in [2, -2] {
        let answer = bench.ask(conn, 9, &request("t", 0, good.clone()).with_acks(acks));
        assert_eq!(code(&answer.responses[0].partition_responses[0]), ErrorCode::INVALID_REQUIRED_ACKS);
    }
    let mut corrupt = BytesMut::from(&good[..]);
    *corrupt.last_mut().unwrap() ^= 1;
    let mut shifted = BytesMut::from(&good[..]);
    stamp::set_base_offset(&mut shifted, 5);
    for (records, expected) in [
        (corrupt.freeze(), ErrorCode::CORRUPT_MESSAGE),
        (shifted.freeze(), ErrorCode::INVALID_RECORD),
        (Bytes::new(), ErrorCode::INVALID_RECORD),
        (good.slice(..good.len() - 1), ErrorCode::INVALID_RECORD),
        (Bytes::from([&good[..], &good[..]].concat()), ErrorCode::INVALID_RECORD),
        (Bytes::from([&good[..], &good[..20]].concat()), ErrorCode::NONE),
    ] {
        let answer = produce(&mut bench, conn, records);
        assert_eq!(code(&answer), expected);
        assert_eq!(answer.base_offset >= 0, expected.is_ok());
    }
}

#[test]
fn of_two_batches_for_a_partition_the_last_counts() {
    let (mut bench, conn) = with_topic();
    let mut twice = request("t", 0, batch(bench.now, &["a"]));
    let data = |records| PartitionProduceData::default().with_records(Some(records));
    twice.topic_data[0].partition_data.push(data(batch(bench.now, &["b", "c"])));
    twice.topic_data.push(twice.topic_data[0].clone().with_partition_data(vec![data(batch(bench.now, &["d"]))]));
    let answer = bench.ask(conn, 9, &twice);
    assert_eq!((answer.responses.len(), answer.responses[0].partition_responses.len()), (1, 1));
    let stored = bench.cluster.records("t", 0).unwrap();
    assert_eq!(stored.iter().map(|batch| batch.record_count()).collect::<Vec<_>>(), [1]);
}

#[test]
fn a_follower_names_the_leader_from_version_10_on() {
    let (mut bench, _) = with_topic();
    let leader = bench.cluster.leader("t", 0).unwrap();
    let follower = bench.follower("t", 0);
    let conn = bench.connect(follower.0);
    for version in [9, 10, 12] {
        let answer = bench.ask(conn, version, &request("t", 0, batch(bench.now, &["a"])));
        let of = &answer.responses[0].partition_responses[0];
        assert_eq!(code(of), ErrorCode::NOT_LEADER_OR_FOLLOWER);
        let told: Vec<_> = answer.node_endpoints.iter().map(|node| (node.node_id.0, node.port)).collect();
        let expected = if version >= 10 { vec![(leader.0, 9000 + leader.0)] } else { vec![] };
        assert_eq!(told, expected, "v{version}");
        assert_eq!(of.current_leader.leader_id.0, if version >= 10 { leader.0 } else { -1 });
    }
}

#[test]
fn topics_are_named_by_their_id_from_version_13_on() {
    let mut bench = Bench::new();
    let id = bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    for (id, expected) in [(id, ErrorCode::NONE), (TopicId([9; 16]), ErrorCode::UNKNOWN_TOPIC_ID)] {
        let mut request = request("", 0, batch(bench.now, &["a"]));
        request.topic_data[0].topic_id = id.into();
        let answer = bench.ask(conn, 13, &request);
        assert_eq!(TopicId::from(answer.responses[0].topic_id), id);
        assert_eq!(code(&answer.responses[0].partition_responses[0]), expected);
    }
}

fn topic_with(config: &str, value: &str) -> (Bench, ConnId) {
    let mut bench = Bench::new();
    bench.cluster.create_topic(&NewTopic::new("t").config(config, value)).unwrap();
    let conn = bench.connect_to_leader("t", 0);
    (bench, conn)
}

#[test]
fn a_batch_may_be_as_large_as_the_topic_allows_and_no_larger() {
    let (mut bench, conn) = topic_with("max.message.bytes", "200");
    for (bytes, expected) in [(100, ErrorCode::NONE), (200, ErrorCode::MESSAGE_TOO_LARGE)] {
        let records = batch(bench.now, &[&"x".repeat(bytes)]);
        assert_eq!(code(&produce(&mut bench, conn, records)), expected);
    }
}

#[test]
fn a_topic_may_have_the_brokers_timestamps() {
    let (mut bench, conn) = topic_with("message.timestamp.type", "LogAppendTime");
    let answer = produce(&mut bench, conn, batch_at(5, &["a"], ProducerStamp::NONE));
    assert_eq!((code(&answer), answer.log_append_time_ms), (ErrorCode::NONE, bench.now.millis()));
    let stored = &bench.cluster.records("t", 0).unwrap()[0];
    assert_eq!((stored.timestamp_type(), stored.max_timestamp()), (TimestampType::LogAppendTime, bench.now.millis()));
    assert_eq!(stored.records().unwrap().next().unwrap().unwrap().timestamp, bench.now.millis());
}

#[test]
fn a_timestamp_too_far_from_the_brokers_is_refused_with_the_records_that_have_it() {
    let (mut bench, conn) = with_topic();
    let now = bench.now.millis();
    for (timestamp, expected) in [
        (now + 3_600_000, ErrorCode::NONE),
        (now + 3_600_001, ErrorCode::INVALID_TIMESTAMP),
        (0, ErrorCode::NONE),
        (-1, ErrorCode::NONE),
    ] {
        let answer = produce(&mut bench, conn, batch_at(timestamp, &["a", "b"], ProducerStamp::NONE));
        assert_eq!(code(&answer), expected, "{timestamp}");
        let records: Vec<_> = answer.record_errors.iter().map(|error| error.batch_index).collect();
        assert_eq!(records, if expected.is_ok() { vec![] } else { vec![0, 1] });
    }
}

#[test]
fn words_are_told_of_records_alone_and_the_journal_has_those_of_batches() {
    let (mut bench, conn) = topic_with("max.message.bytes", "200");
    let (late, large) = (bench.now.millis() + 3_600_001, "x".repeat(200));
    for (records, expected, is_told) in [
        (batch_at(late, &["a"], ProducerStamp::NONE), ErrorCode::INVALID_TIMESTAMP, true),
        (batch(bench.now, &[&large]), ErrorCode::MESSAGE_TOO_LARGE, false),
    ] {
        let answer = produce(&mut bench, conn, records);
        assert_eq!(code(&answer), expected);
        assert_eq!(answer.error_message.is_some_and(|message| !message.is_empty()), is_told, "{expected}");
    }
    let journal = bench.cluster.journal();
    let told: Vec<_> = journal.entries().map(ToString::to_string).filter(|entry| entry.contains("refused: ")).collect();
    assert!(told.len() == 2 && told[1].contains("t-0") && told[1].contains("max.message.bytes"), "{told:?}");
}

#[test]
fn a_record_of_a_compacted_topic_needs_a_key() {
    let (mut bench, conn) = topic_with("cleanup.policy", "compact");
    let mut keyless = BatchWriter::new(0);
    keyless.append(&NewRecord::new(0, Some(b"k"), Some(b"v"))).unwrap();
    keyless.append(&NewRecord::new(0, None, Some(b"v"))).unwrap();
    let answer = produce(&mut bench, conn, keyless.finish(ProducerStamp::NONE));
    assert_eq!((code(&answer), answer.record_errors[0].batch_index), (ErrorCode::INVALID_RECORD, 1));
    let keyed = batch(bench.now, &["a"]);
    assert_eq!(code(&produce(&mut bench, conn, keyed)), ErrorCode::NONE);
}

#[test]
fn a_topic_cannot_want_more_replicas_in_sync_than_it_has() {
    let (mut bench, conn) = topic_with("min.insync.replicas", "4");
    for acks in [-1, 1] {
        let answer = bench.ask(conn, 9, &request("t", 0, batch(bench.now, &["a"])).with_acks(acks));
        assert_eq!(code(&answer.responses[0].partition_responses[0]), ErrorCode::NONE);
    }
}

#[test]
fn acks_all_needs_as_many_replicas_in_sync_as_the_topic_wants() {
    let brokers = Brokers::new(&ClusterConfig::default().brokers);
    let mut partition = Partition::new(vec![BrokerId(1), BrokerId(2)], &brokers);
    let configs =
        TopicConfigs::new([("min.insync.replicas", Some("2"))], &BrokerConfigs::default().layers(None)).unwrap();
    let context = |waits_for_all| AppendContext {
        configs: &configs,
        now: 0,
        waits_for_all,
        advance_min: 2,
        room_bytes: 1000,
        producers_max: 1,
        decompressed_bytes_max: 0,
    };
    let batch = only_batch(batch_at(0, &["a"], ProducerStamp::NONE), 9).unwrap();
    for (in_sync, waits_for_all, expected) in
        [(2, true, None), (1, true, Some(ErrorCode::NOT_ENOUGH_REPLICAS)), (1, false, None)]
    {
        partition.in_sync.truncate(in_sync);
        let refused = partition.append(batch.clone(), &context(waits_for_all)).err();
        assert_eq!(refused.map(|refused| refused.code), expected);
    }
}

#[test]
fn a_cluster_that_is_full_says_so_until_a_topic_is_deleted() {
    let mut config = ClusterConfig::default();
    config.bounds.log_bytes_max = 250;
    let mut bench = Bench::of(config);
    for topic in ["t", "t", "u"] {
        let _ = bench.cluster.create_topic(&NewTopic::new(topic));
    }
    let mut codes = Vec::new();
    for topic in ["u", "u", "t"] {
        let conn = bench.connect_to_leader(topic, 0);
        let answer = bench.ask(conn, 9, &request(topic, 0, batch(bench.now, &[&"x".repeat(100)])));
        codes.push(code(&answer.responses[0].partition_responses[0]));
    }
    assert_eq!(codes, [ErrorCode::NONE, ErrorCode::KAFKA_STORAGE_ERROR, ErrorCode::KAFKA_STORAGE_ERROR]);
    let conn = bench.connect_to_leader("t", 0);
    let delete = message::DeleteTopicsRequest::default().with_topic_names(vec![name("u")]);
    bench.ask(conn, 5, &delete);
    let records = batch(bench.now, &[&"x".repeat(100)]);
    assert_eq!(code(&produce(&mut bench, conn, records)), ErrorCode::NONE);
}

pub(super) fn idempotent(bench: &Bench, epoch: i16, sequence: i32, count: usize) -> Bytes {
    let producer =
        ProducerStamp { producer_id: 7, producer_epoch: epoch, base_sequence: sequence, is_transactional: false };
    batch_at(bench.now.millis(), &vec!["a"; count], producer)
}

#[test]
fn any_of_the_last_five_batches_that_comes_again_is_answered_as_before() {
    let (mut bench, conn) = with_topic();
    for n in 0..6 {
        let records = idempotent(&bench, 0, n * 2, 2);
        assert_eq!(produce(&mut bench, conn, records).base_offset, i64::from(n) * 2);
    }
    for n in 1..6 {
        let records = idempotent(&bench, 0, n * 2, 2);
        let answer = produce(&mut bench, conn, records);
        assert_eq!((code(&answer), answer.base_offset), (ErrorCode::NONE, i64::from(n) * 2), "batch {n}");
    }
    let oldest = idempotent(&bench, 0, 0, 2);
    assert_eq!(code(&produce(&mut bench, conn, oldest)), ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER);
    assert_eq!(bench.cluster.records("t", 0).unwrap().len(), 6);
}

#[test]
fn a_gap_in_the_sequence_is_refused_and_a_new_epoch_begins_at_zero() {
    let (mut bench, conn) = with_topic();
    let cases = [
        (0, 5, 2, ErrorCode::NONE),
        (0, 8, 1, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
        (0, 6, 1, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
        (0, 7, 1, ErrorCode::NONE),
        (1, 8, 1, ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER),
        (1, 0, 1, ErrorCode::NONE),
        (0, 8, 1, ErrorCode::INVALID_PRODUCER_EPOCH),
        (1, 1, 1, ErrorCode::NONE),
    ];
    for (epoch, sequence, count, expected) in cases {
        let records = idempotent(&bench, epoch, sequence, count);
        assert_eq!(code(&produce(&mut bench, conn, records)), expected, "epoch {epoch}, sequence {sequence}");
    }
}

#[test]
fn zero_follows_the_largest_sequence_number() {
    let (mut bench, conn) = with_topic();
    for (sequence, count) in [(i32::MAX - 1, 2), (0, 1), (1, 1)] {
        let records = idempotent(&bench, 0, sequence, count);
        assert_eq!(code(&produce(&mut bench, conn, records)), ErrorCode::NONE, "{sequence}");
    }
    let (mut bench, conn) = with_topic();
    for (sequence, count) in [(i32::MAX - 1, 4), (2, 1)] {
        let records = idempotent(&bench, 0, sequence, count);
        assert_eq!(code(&produce(&mut bench, conn, records)), ErrorCode::NONE, "{sequence}");
    }
}

#[test]
fn a_partition_remembers_as_many_producers_as_its_bound() {
    let mut config = ClusterConfig::default();
    config.bounds.producers_max = 1;
    let mut bench = Bench::of(config);
    bench.topic("t", 1);
    let conn = bench.connect_to_leader("t", 0);
    let of = |producer_id| ProducerStamp { producer_id, producer_epoch: 0, base_sequence: 0, is_transactional: false };
    let offsets: Vec<_> =
        [1, 2, 2, 1].map(|id| produce(&mut bench, conn, batch_at(0, &["a"], of(id))).base_offset).to_vec();
    assert_eq!(offsets, [0, 1, 1, 2]);
}

#[test]
fn a_batch_of_a_transaction_is_refused() {
    let (mut bench, conn) = with_topic();
    let producer = ProducerStamp { producer_id: 7, producer_epoch: 0, base_sequence: 0, is_transactional: true };
    let request = request("t", 0, batch_at(0, &["a"], producer));
    for (id, expected) in
        [(Some("tx"), ErrorCode::INVALID_TXN_STATE), (None, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED)]
    {
        let id = id.map(|id| TransactionalId(StrBytes::from_static_str(id)));
        let answer = bench.ask(conn, 9, &request.clone().with_transactional_id(id));
        assert_eq!(code(&answer.responses[0].partition_responses[0]), expected);
    }
}

/// What an idempotent producer asks that has no id yet.
fn new_producer() -> InitProducerIdRequest {
    let request = InitProducerIdRequest::default().with_transactional_id(None);
    request.with_producer_id((-1).into()).with_producer_epoch(-1)
}

#[test]
fn each_producer_gets_an_id_of_its_own() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let mut ids = Vec::new();
    for version in 0..=5 {
        let answer = bench.ask(conn, version, &new_producer());
        assert_eq!((answer.error_code, answer.producer_epoch), (0, 0), "v{version}");
        ids.push(answer.producer_id.0);
    }
    ids.dedup();
    assert_eq!(ids.len(), 6);
    let again = new_producer().with_producer_id(ids[0].into()).with_producer_epoch(0);
    let answer = bench.ask(conn, 3, &again);
    assert!(answer.error_code == 0 && !ids.contains(&answer.producer_id.0));
    assert_eq!(bench.ask(conn, 3, &again.with_producer_epoch(-1)).error_code, ErrorCode::INVALID_REQUEST.0);
}

#[test]
fn a_transactional_id_is_refused_for_good() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    for (id, expected) in [("tx", ErrorCode::UNSUPPORTED_VERSION), ("", ErrorCode::INVALID_REQUEST)] {
        let id = TransactionalId(StrBytes::from_static_str(id));
        let request = new_producer().with_transactional_id(Some(id));
        let answer = bench.ask(conn, 4, &request);
        assert_eq!((ErrorCode(answer.error_code), answer.producer_id.0), (expected, -1));
        assert!(!expected.is_retriable());
    }
}

#[test]
fn the_records_of_a_large_batch_are_never_copied_between_producer_and_consumer() {
    let (mut bench, conn) = with_topic();
    let value = "x".repeat(1000);
    let sent = batch(bench.now, &[&*value; 10]);
    let request = encode_request(9, &request("t", 0, sent.clone())).unwrap();
    let whole = frame::<ProduceRequest>(9, 1, &request);
    let came_in = whole.as_ptr_range();
    bench.cluster.handle_frame(conn, bench.now, whole);
    assert!(matches!(bench.cluster.poll_output(), Some(Output { action: Action::Send(_), .. })));
    for bytes_max in [1 << 20, 5000] {
        let mut fetch = fetch::request("t", 0, 0);
        fetch.topics[0].partitions[0].partition_max_bytes = bytes_max;
        bench.send(conn, 12, &fetch);
        let Some(Output { action: Action::Send(answer), .. }) = bench.cluster.poll_output() else {
            panic!("no answer")
        };
        let shared = answer.pieces().iter().filter(|piece| came_in.contains(&piece.as_ptr()));
        assert_eq!(shared.map(Bytes::len).sum::<usize>(), sent.len() - BATCH_HEADER_BYTES, "of {bytes_max} bytes");
    }
}

#[test]
fn what_a_consumer_is_sent_of_a_large_batch_is_cut_at_its_limit() {
    let (mut bench, conn) = with_topic();
    let value = "x".repeat(1000);
    let sent = batch(bench.now, &[&*value; 10]);
    for _ in 0..2 {
        assert_eq!(code(&produce(&mut bench, conn, sent.clone())), ErrorCode::NONE);
    }
    for cut in [0, 1, BATCH_HEADER_BYTES, BATCH_HEADER_BYTES + 1, sent.len()] {
        let mut request = fetch::request("t", 0, 0);
        request.topics[0].partitions[0].partition_max_bytes = i32::try_from(sent.len() + cut).unwrap();
        let answer = bench.ask(conn, 12, &request);
        let records = answer.responses[0].partitions[0].records.clone().unwrap();
        let whole = bench.cluster.records("t", 0).unwrap().iter().map(Batch::to_bytes).collect::<Vec<_>>().concat();
        assert_eq!(records, whole[..sent.len() + cut], "{cut} bytes of the second");
    }
}
