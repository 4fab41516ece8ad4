//! Rules of the JSON view, held at every version of every message.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod refusals;

use serde_json::json;

use super::*;
use crate::api::ApiKey;
use crate::schema::tests::{sampled, spoilt};
use crate::schema::{Direction, layout};

const SEEDS: u64 = 24;

/// Runs `rule` for every message of the table at each of its versions.
fn at_every_version(mut rule: impl FnMut(&'static Message, i16)) {
    for message in crate::schema::messages() {
        for version in message.versions.min..=message.versions.max {
            rule(message, version);
        }
    }
}

fn request(api: ApiKey) -> &'static Message {
    layout(api, Direction::Request)
}

fn response(api: ApiKey) -> &'static Message {
    layout(api, Direction::Response)
}

fn decoded(message: &'static Message, version: i16, body: &[u8]) -> Value {
    decode(message, version, body, &View::default()).unwrap()
}

#[test]
fn what_is_decoded_encodes_to_the_same_bytes_also_through_text() {
    at_every_version(|message, version| {
        for seed in 0..SEEDS {
            let at = format!("{} v{version} seed {seed}", message.name);
            let body = sampled(message, version, seed);
            let value = decoded(message, version, &body);
            assert_eq!(encode(message, version, &value).as_deref(), Ok(&body[..]), "{at}: {value}");
            let text = in_schema_order(message, &value).to_string();
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{at}");
        }
    });
}

#[test]
fn whatever_passes_the_walk_has_json_that_comes_back() {
    let mut passed = 0;
    at_every_version(|message, version| {
        for seed in 0..4 * SEEDS {
            let at = format!("{} v{version} seed {seed}", message.name);
            let body = spoilt(message, version, seed);
            let walked = preflight_message(message, version, &body);
            let value = decode(message, version, &body, &View::default());
            assert_eq!(value.as_ref().map(drop), walked.as_ref().map(drop), "{at}");
            let Ok(value) = value else { continue };
            let again = encode(message, version, &value).unwrap();
            assert_eq!(decoded(message, version, &again), value, "{at}");
            passed += 1;
        }
    });
    assert!(passed > 1_000, "the mutations are worth little: {passed} passed");
}

#[test]
fn a_message_of_which_nothing_is_said_has_its_defaults() {
    at_every_version(|message, version| {
        let body = encode(message, version, &json!({})).unwrap();
        let value = decoded(message, version, &body);
        assert_eq!(encode(message, version, &value), Ok(body), "{} v{version}", message.name);
    });
    let fetch = decoded(request(ApiKey::Fetch), 18, &encode(request(ApiKey::Fetch), 18, &json!({})).unwrap());
    let expected = json!({
        "maxWaitMs": 0, "minBytes": 0, "maxBytes": 0x7fff_ffff, "isolationLevel": 0, "sessionId": 0, "sessionEpoch": -1,
        "topics": [], "forgottenTopicsData": [], "rackId": "",
    });
    assert_eq!(fetch, expected);
}

#[test]
fn json_reads_as_kafkas_does() {
    let value = json!({
        "transactionalId": null, "acks": -1, "timeoutMs": 30_000,
        "topicData": [{"name": "events", "partitionData": [
            {"index": 1, "records": "AQL/"}, {"index": 2, "records": null},
        ]}],
    });
    let produce = request(ApiKey::Produce);
    let bytes = encode(produce, 9, &value).unwrap();
    assert_eq!(&bytes[..], b"\0\xff\xff\0\0\x75\x30\x02\x07events\x03\0\0\0\x01\x04\x01\x02\xff\0\0\0\0\x02\0\0\0\0");
    assert_eq!(decoded(produce, 9, &bytes), value);
    let sizes = View { records: Records::SizeInBytes, ..View::default() };
    assert_eq!(
        decode(produce, 9, &bytes, &sizes).unwrap()["topicData"][0]["partitionData"],
        json!([{"index": 1, "recordsSizeInBytes": 3}, {"index": 2, "records": null}])
    );
}

#[test]
fn uuids_are_base64_for_urls_and_numbers_that_are_none_are_named() {
    let uuid = json!({"topics": [{"topicId": "-_AAAAAAAAAAAAAAAAAAAA", "name": null}]});
    let metadata = request(ApiKey::Metadata);
    let bytes = encode(metadata, 12, &uuid).unwrap();
    assert_eq!(decoded(metadata, 12, &bytes)["topics"], uuid["topics"]);
    assert!(bytes.windows(3).any(|window| window == [0xfb, 0xf0, 0]));
    for (bits, value) in [
        (1.5_f64.to_bits(), json!(1.5)),
        ((-0.0_f64).to_bits(), json!(-0.0)),
        (f64::INFINITY.to_bits(), json!("Infinity")),
        (f64::NEG_INFINITY.to_bits(), json!("-Infinity")),
        (0x7ff8_0000_0000_0000, json!("NaN")),
        (0xfff0_0000_0000_0001, json!("NaN(fff0000000000001)")),
    ] {
        assert_eq!((float(bits), float_bits(&value)), (value, Some(bits)));
    }
    assert_eq!(float_bits(&json!(3)), Some(3.0_f64.to_bits()));
    assert_eq!(
        [json!("nan"), json!("NaN(0)"), json!("NaN(3ff0000000000000)"), json!(null)].map(|no| float_bits(&no)),
        [None; 4]
    );
}

#[test]
fn tagged_fields_are_there_when_they_are_on_the_wire_and_unknown_ones_are_kept() {
    let versions = response(ApiKey::ApiVersions);
    let value = json!({
        "errorCode": 0, "apiKeys": [], "throttleTimeMs": 0, "finalizedFeaturesEpoch": -1,
        "_unknownTaggedFields": [{"tag": 100, "data": "AQI="}, {"tag": 2_147_483_647, "data": ""}],
    });
    let bytes = encode(versions, 3, &value).unwrap();
    assert_eq!(&bytes[7..10], [3, 1, 8]);
    assert_eq!(decoded(versions, 3, &bytes), value);
}

#[test]
fn secrets_are_redacted_on_request_and_no_secret_comes_of_it() {
    let sasl = request(ApiKey::SaslAuthenticate);
    let bytes = encode(sasl, 2, &json!({"authBytes": "aHVzaA=="})).unwrap();
    let view = View { secrets: Secrets::Redacted, ..View::default() };
    let value = decode(sasl, 2, &bytes, &view).unwrap();
    assert_eq!(value, json!({"authBytes": "<redacted, 4 bytes>"}));
    assert_eq!(encode(sasl, 2, &value), Err(JsonError::Redacted { path: "authBytes".to_owned() }));
    let unknown = json!({"authBytes": "", "_unknownTaggedFields": [{"tag": 9, "data": "aHVzaA=="}]});
    let value = decode(sasl, 2, &encode(sasl, 2, &unknown).unwrap(), &view).unwrap();
    assert_eq!(value["_unknownTaggedFields"], json!([{"tag": 9, "data": "<redacted, 4 bytes>"}]));
    assert_eq!(
        encode(sasl, 2, &json!({"_unknownTaggedFields": value["_unknownTaggedFields"]})),
        Err(JsonError::Redacted { path: "_unknownTaggedFields[0].data".to_owned() })
    );
    assert_eq!(View::for_logs().secrets, Secrets::Redacted);
}

#[test]
fn fields_are_printed_in_the_order_of_the_schema() {
    let value =
        json!({"topicData": [{"partitionData": [{"recordsSizeInBytes": 3, "index": 1}], "name": "t"}], "acks": 1});
    let ordered = in_schema_order(request(ApiKey::Produce), &value);
    let line = r#"{"acks":1,"topicData":[{"name":"t","partitionData":[{"index":1,"recordsSizeInBytes":3}]}]}"#;
    assert_eq!(ordered.to_string(), line);
    assert!(format!("{ordered:#}").starts_with("{\n  \"acks\": 1,\n"));
}

#[test]
fn the_memory_of_the_json_is_bounded() {
    let versions = response(ApiKey::ApiVersions);
    let value = json!({"apiKeys": vec![json!({"apiKey": 1, "minVersion": 0, "maxVersion": 1}); 1000]});
    let bytes = encode(versions, 0, &value).unwrap();
    for json_bytes_max in [0, 1_000, 100_000] {
        let view = View { json_bytes_max, ..View::default() };
        let expected = Err(DecodeError::TooLarge { max: json_bytes_max });
        assert_eq!(decode(versions, 0, &bytes, &view), expected);
    }
}

#[test]
fn every_default_of_the_table_can_be_read() {
    fn check(layout: &crate::schema::Struct, message: &Message) {
        for field in layout.fields {
            let wrong = match field.kind {
                Kind::Int8 | Kind::Int16 | Kind::Uint16 | Kind::Int32 | Kind::Uint32 | Kind::Int64 => {
                    field.default.is_some_and(|text| encode::integer(text).is_none())
                }
                Kind::Bool => !matches!(field.default, None | Some("true" | "false")),
                Kind::String | Kind::ClassicString => false,
                _ => !matches!(field.default, None | Some("null")),
            };
            assert!(!wrong, "{} {}: {:?}", message.name, field.name, field.default);
            if let Kind::Struct(inner) | Kind::Array(&Kind::Struct(inner)) = field.kind {
                check(inner, message);
            }
        }
    }
    at_every_version(|message, _| check(&message.body, message));
}
