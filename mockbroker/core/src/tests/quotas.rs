//! Quotas, and what happens to who is above one.

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_client_quotas_request::{EntityData, EntryData, OpData};
use ottla_wire::message::create_partitions_request::CreatePartitionsTopic;
use ottla_wire::message::create_topics_request::CreatableTopic;
use ottla_wire::message::describe_client_quotas_request::ComponentData;
use ottla_wire::message::metadata_request::MetadataRequestTopic;
use ottla_wire::message::{
    AlterClientQuotasRequest, CreatePartitionsRequest, CreateTopicsRequest, CreateTopicsResponse, DeleteTopicsRequest,
    DescribeClientQuotasRequest, DescribeClientQuotasResponse, MetadataRequest, StrBytes,
};

use super::*;

fn text(text: &str) -> StrBytes {
    StrBytes::from_string(text.to_owned())
}

fn entry(entity: &[(&str, Option<&str>)], key: &str, value: Option<f64>) -> EntryData {
    let part = |(of, name): &(&str, Option<&str>)| {
        EntityData::default().with_entity_type(text(of)).with_entity_name(name.map(text))
    };
    let op = OpData::default().with_key(text(key)).with_value(value.unwrap_or_default()).with_remove(value.is_none());
    EntryData::default().with_entity(entity.iter().map(part).collect()).with_ops(vec![op])
}

fn alter(bench: &mut Bench, entries: Vec<EntryData>) -> Vec<ErrorCode> {
    let conn = bench.connect(1);
    let answer = bench.ask(conn, 1, &AlterClientQuotasRequest::default().with_entries(entries));
    answer.entries.iter().map(|entry| ErrorCode(entry.error_code)).collect()
}

fn describe(bench: &mut Bench, parts: &[(&str, i8, Option<&str>)], strict: bool) -> DescribeClientQuotasResponse {
    let conn = bench.connect(1);
    let part = |(of, match_type, name): &(&str, i8, Option<&str>)| {
        let part = ComponentData::default().with_entity_type(text(of)).with_match_type(*match_type);
        part.with_match(name.map(text))
    };
    let request = DescribeClientQuotasRequest::default().with_components(parts.iter().map(part).collect());
    bench.ask(conn, 1, &request.with_strict(strict))
}

fn entities(answer: DescribeClientQuotasResponse) -> Vec<String> {
    let entries = answer.entries.unwrap().into_iter();
    let name = |of: &ottla_wire::message::describe_client_quotas_response::EntityData| {
        format!("{}={}", of.entity_type.as_str(), of.entity_name.as_deref().unwrap_or("*"))
    };
    entries.map(|entry| entry.entity.iter().map(name).collect::<Vec<_>>().join(",")).collect()
}

#[test]
fn quotas_are_told_to_who_asks_for_their_entities() {
    let mut bench = Bench::new();
    let entries = vec![
        entry(&[("user", Some("alice"))], "producer_byte_rate", Some(10.0)),
        entry(&[("user", None)], "producer_byte_rate", Some(20.0)),
        entry(&[("user", Some("alice")), ("client-id", Some("app"))], "consumer_byte_rate", Some(30.0)),
        entry(&[("ip", Some("127.0.0.1"))], "connection_creation_rate", Some(40.0)),
    ];
    assert_eq!(alter(&mut bench, entries), [ErrorCode::NONE; 4]);
    let any = |bench: &mut Bench, strict| entities(describe(bench, &[("user", 2, None)], strict));
    assert_eq!(any(&mut bench, true), ["user=*", "user=alice"]);
    assert_eq!(any(&mut bench, false), ["client-id=app,user=alice", "user=*", "user=alice"]);
    assert_eq!(entities(describe(&mut bench, &[("user", 1, None)], false)), ["user=*"]);
    assert_eq!(entities(describe(&mut bench, &[("user", 0, Some("alice"))], true)), ["user=alice"]);
    assert_eq!(entities(describe(&mut bench, &[], false)).len(), 4);
    assert_eq!(alter(&mut bench, vec![entry(&[("user", None)], "producer_byte_rate", None)]), [ErrorCode::NONE]);
    assert_eq!(any(&mut bench, true), ["user=alice"]);
}

#[test]
fn filters_that_contradict_themselves_are_refused() {
    let mut bench = Bench::new();
    for (parts, code) in [
        (&[("", 2, None)][..], ErrorCode::INVALID_REQUEST),
        (&[("user", 2, None), ("user", 1, None)], ErrorCode::INVALID_REQUEST),
        (&[("user", 0, None)], ErrorCode::INVALID_REQUEST),
        (&[("user", 1, Some("alice"))], ErrorCode::INVALID_REQUEST),
        (&[("user", 9, None)], ErrorCode::INVALID_REQUEST),
        (&[("user", 2, None), ("ip", 2, None)], ErrorCode::INVALID_REQUEST),
        (&[("nonsense", 2, None)], ErrorCode::UNSUPPORTED_VERSION),
    ] {
        let answer = describe(&mut bench, parts, false);
        assert_eq!((ErrorCode(answer.error_code), answer.entries), (code, None), "{parts:?}");
    }
}

#[test]
fn each_entity_fails_alone() {
    let mut bench = Bench::new();
    let good = entry(&[("user", Some("alice"))], "producer_byte_rate", Some(10.0));
    let entries = vec![
        good.clone(),
        good,
        entry(&[("user", Some(""))], "producer_byte_rate", Some(1.0)),
        entry(&[("nonsense", None)], "producer_byte_rate", Some(1.0)),
        entry(&[("user", None)], "nonsense", Some(1.0)),
    ];
    let codes = alter(&mut bench, entries);
    assert_eq!(codes[0], ErrorCode::NONE);
    assert!(codes[1..].iter().all(|code| *code == ErrorCode::INVALID_REQUEST), "{codes:?}");
}

#[test]
fn who_produces_too_fast_hears_it_at_once_and_the_next_request_waits() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let quota = entry(&[("client-id", None)], "producer_byte_rate", Some(10.0));
    assert_eq!(alter(&mut bench, vec![quota]), [ErrorCode::NONE]);
    let conn = bench.connect_to_leader("t", 0);
    let value = "x".repeat(1000);
    let answer = bench.ask(conn, 9, &produce::request("t", 0, batch(bench.now, &[&value])));
    assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
    let wait = Duration::from_millis(answer.throttle_time_ms.try_into().unwrap());
    assert!(wait > Duration::from_secs(60), "{wait:?}");
    let asked = bench.send(conn, 1, &MetadataRequest::default());
    bench.is_silent();
    bench.advance(wait - Duration::from_millis(1));
    bench.is_silent();
    bench.advance(Duration::from_millis(1));
    while let Some(output) = bench.cluster.poll_output() {
        if let Action::Send(frame) = output.action {
            let mut frame = frame.to_bytes();
            assert_eq!(decode_response_header(ApiKey::Metadata, 1, &mut frame).unwrap(), asked);
            return;
        }
    }
    panic!("the request that waited is not answered");
}

/// How long a client is throttled.
fn millis(of: i32) -> Duration {
    Duration::from_millis(of.try_into().unwrap())
}

fn topics(names: &[&str], partitions: i32) -> CreateTopicsRequest {
    let topic = |of: &&str| CreatableTopic::default().with_name(name(of)).with_num_partitions(partitions);
    let topics = names.iter().map(|of| topic(of).with_replication_factor(1));
    CreateTopicsRequest::default().with_topics(topics.collect())
}

fn created(answer: &CreateTopicsResponse) -> Vec<ErrorCode> {
    answer.topics.iter().map(|topic| ErrorCode(topic.error_code)).collect()
}

/// A cluster whose clients may make two partitions in a second, and 22 at once.
fn with_mutation_rate() -> Bench {
    let mut bench = Bench::new();
    let quota = entry(&[("client-id", None)], "controller_mutation_rate", Some(2.0));
    assert_eq!(alter(&mut bench, vec![quota]), [ErrorCode::NONE]);
    bench
}

#[test]
fn who_makes_partitions_too_fast_is_refused_until_nothing_is_owed() {
    let mut bench = with_mutation_rate();
    let conn = bench.connect(1);
    // Who owes nothing may come to owe as much as it likes.
    let answer = bench.ask(conn, 7, &topics(&["a"], 25));
    assert_eq!((created(&answer), answer.throttle_time_ms), (vec![ErrorCode::NONE], 0));
    let answer = bench.ask(conn, 7, &topics(&["b", "c"], 1));
    assert_eq!(created(&answer), [ErrorCode::THROTTLING_QUOTA_EXCEEDED; 2]);
    assert_eq!(answer.topics[0].error_message, None);
    assert_eq!(answer.throttle_time_ms, 1500);
    assert_eq!(bench.cluster.topics().len(), 1);
    bench.advance(millis(answer.throttle_time_ms));
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn, action: Action::Read }));
    assert_eq!(created(&bench.ask(conn, 7, &topics(&["b"], 1))), [ErrorCode::NONE]);
}

#[test]
fn versions_from_before_the_quota_do_all_and_are_slowed_down() {
    let mut bench = with_mutation_rate();
    for (topic, partitions, throttled) in [("a", 22, 0), ("b", 2, 1000), ("c", 4, 3000)] {
        let conn = bench.connect(1);
        let answer = bench.ask(conn, 5, &topics(&[topic], partitions));
        assert_eq!((created(&answer), answer.throttle_time_ms), (vec![ErrorCode::NONE], throttled), "{topic}");
    }
}

#[test]
fn partitions_that_are_added_and_topics_that_are_deleted_count_and_so_does_what_is_only_validated() {
    let mut bench = with_mutation_rate();
    bench.topic("t", 3);
    bench.topic("u", 3);
    let conn = bench.connect(1);
    let validated = bench.ask(conn, 7, &topics(&["a"], 23).with_validate_only(true));
    assert_eq!(created(&validated), [ErrorCode::NONE]);
    let grown = CreatePartitionsTopic::default().with_name(name("t")).with_assignments(None);
    let grow = |count| CreatePartitionsRequest::default().with_topics(vec![grown.clone().with_count(count)]);
    for (version, count, expected) in [(2, 4, ErrorCode::NONE), (3, 5, ErrorCode::THROTTLING_QUOTA_EXCEEDED)] {
        let conn = bench.connect(1);
        let answer = bench.ask(conn, version, &grow(count));
        assert_eq!(ErrorCode(answer.results[0].error_code), expected, "v{version}");
        assert_eq!(answer.throttle_time_ms, 1000);
    }
    let delete = |topic: &str| DeleteTopicsRequest::default().with_topic_names(vec![name(topic)]);
    for (version, topic, expected) in [(4, "t", ErrorCode::NONE), (5, "u", ErrorCode::THROTTLING_QUOTA_EXCEEDED)] {
        let conn = bench.connect(1);
        let answer = bench.ask(conn, version, &delete(topic));
        assert_eq!(ErrorCode(answer.responses[0].error_code), expected, "v{version}");
        assert_eq!(answer.throttle_time_ms, 3000);
    }
    assert_eq!(bench.cluster.topics().len(), 1);
}

#[test]
fn a_topic_that_is_created_by_the_way_counts_too() {
    let mut bench = Bench::of(ClusterConfig { auto_create_topics: true, ..Default::default() });
    let quota = entry(&[("client-id", None)], "controller_mutation_rate", Some(0.01));
    assert_eq!(alter(&mut bench, vec![quota]), [ErrorCode::NONE]);
    let conn = bench.connect(1);
    for topic in ["a", "b"] {
        let asked = MetadataRequestTopic::default().with_name(Some(name(topic)));
        let request = MetadataRequest::default().with_topics(Some(vec![asked])).with_allow_auto_topic_creation(true);
        assert_eq!(bench.ask(conn, 9, &request).throttle_time_ms, 0);
    }
    let topics: Vec<String> = bench.cluster.topics().into_iter().map(|topic| topic.name).collect();
    assert_eq!(topics, ["a"]);
}

#[test]
fn who_takes_too_much_of_a_brokers_time_waits_at_most_one_window() {
    let mut bench = Bench::new();
    assert!(!bench.cluster.counts_work());
    let quota = entry(&[("client-id", Some("bench"))], "request_percentage", Some(1.0));
    assert_eq!(alter(&mut bench, vec![quota]), [ErrorCode::NONE]);
    assert!(bench.cluster.counts_work());
    let conn = bench.connect(1);
    let request = MetadataRequest::default().with_topics(Some(vec![]));
    assert_eq!(bench.ask(conn, 9, &request).throttle_time_ms, 0);
    // 105 ms in the 10 seconds that count at least are 1.05 % of them.
    bench.cluster.handle_work(conn, bench.now, Duration::from_millis(100));
    assert_eq!(bench.ask(conn, 9, &request).throttle_time_ms, 0);
    bench.cluster.handle_work(conn, bench.now, Duration::from_millis(5));
    assert_eq!(bench.ask(conn, 9, &request).throttle_time_ms, 500);
    let other = bench.connect(1);
    bench.cluster.handle_work(conn, bench.now, Duration::from_secs(1));
    assert_eq!(bench.ask(other, 9, &request).throttle_time_ms, 1000);
    let elsewhere = bench.connect(2);
    assert_eq!(bench.ask(elsewhere, 9, &request).throttle_time_ms, 0, "each broker counts its own time");
}

#[test]
fn an_address_that_connects_too_often_is_taken_on_and_closed_without_a_word() {
    let mut bench = Bench::new();
    let entries = vec![
        entry(&[("ip", None)], "connection_creation_rate", Some(1.0)),
        entry(&[("ip", Some("::1"))], "connection_creation_rate", Some(100.0)),
    ];
    assert_eq!(alter(&mut bench, entries), [ErrorCode::NONE; 2]);
    let open = |bench: &mut Bench, peer| bench.cluster.open(bench.now, BrokerId(1), plaintext(), peer).unwrap();
    let first: Vec<ConnId> = (0..10).map(|port| open(&mut bench, format!("127.0.0.1:{port}"))).collect();
    let late = open(&mut bench, "127.0.0.1:99".to_owned());
    assert!(!bench.cluster.accepts_frames(late));
    let another = open(&mut bench, "127.0.0.2:1".to_owned());
    let of_its_own = open(&mut bench, "[::1]:1".to_owned());
    for conn in [first[0], first[9], another, of_its_own] {
        assert!(bench.cluster.accepts_frames(conn));
    }
    // Those that are refused do not count: twice the rate has room for ten more.
    let twice = entry(&[("ip", None)], "connection_creation_rate", Some(2.0));
    assert_eq!(alter(&mut bench, vec![twice]), [ErrorCode::NONE]);
    let more: Vec<ConnId> = (100..111).map(|port| open(&mut bench, format!("127.0.0.1:{port}"))).collect();
    let is_taken_on: Vec<bool> = more.iter().map(|conn| bench.cluster.accepts_frames(*conn)).collect();
    assert_eq!(is_taken_on, [[true; 10].as_slice(), &[false]].concat());
    bench.send(late, 9, &MetadataRequest::default());
    bench.advance(Duration::from_millis(499));
    bench.is_silent();
    bench.advance(Duration::from_millis(1));
    assert_eq!(bench.cluster.poll_output(), Some(Output { conn: more[10], action: Action::Close }));
    bench.advance(Duration::from_millis(500));
    assert_eq!(bench.closed(late), Closed::TooManyOpened("127.0.0.1".into()));
}
