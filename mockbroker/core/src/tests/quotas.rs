//! Quotas, and what happens to who is above one.

use ottla_wire::ErrorCode;
use ottla_wire::message::alter_client_quotas_request::{EntityData, EntryData, OpData};
use ottla_wire::message::describe_client_quotas_request::ComponentData;
use ottla_wire::message::{
    AlterClientQuotasRequest, DescribeClientQuotasRequest, DescribeClientQuotasResponse, MetadataRequest, StrBytes,
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
