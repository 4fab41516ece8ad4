//! What JSON is refused, and with which words.

use super::*;

fn refused(message: &Message, version: i16, value: &Value) -> String {
    encode(message, version, value).unwrap_err().to_string()
}

/// A CreateTopics request whose second topic has this.
fn second_topic(version: i16, topic: &Value) -> String {
    refused(request(ApiKey::CreateTopics), version, &json!({"topics": [{"name": "a"}, topic]}))
}

#[test]
fn what_is_out_of_range_or_of_another_type_is_refused_with_its_path() {
    for (topic, expected) in [
        (json!({"replicationFactor": 40_000}), "topics[1].replicationFactor: 40000 is not an int16"),
        (json!({"replicationFactor": -40_000}), "topics[1].replicationFactor: -40000 is not an int16"),
        (json!({"numPartitions": 1.5}), "topics[1].numPartitions: 1.5 is not an int32"),
        (json!({"numPartitions": u64::MAX}), "topics[1].numPartitions: 18446744073709551615 is not an int32"),
        (json!({"numPartitions": "1"}), "topics[1].numPartitions: this string is not an int32"),
        (json!({"numPartitions": null}), "topics[1].numPartitions: null is not an int32"),
        (json!({"name": 1}), "topics[1].name: 1 is not a string"),
        (json!({"name": null}), "topics[1].name: null is not a string"),
        (json!({"assignments": {}}), "topics[1].assignments: an object is not an array"),
        (
            json!({"assignments": [{"brokerIds": [1, true]}]}),
            "topics[1].assignments[0].brokerIds[1]: true is not an int32",
        ),
        (json!([]), "topics[1]: an array is not an object"),
    ] {
        assert_eq!(second_topic(5, &topic), expected);
    }
    let create = request(ApiKey::CreateTopics);
    assert_eq!(refused(create, 5, &json!([])), "CreateTopicsRequest: an array is not an object");
    assert_eq!(refused(create, 5, &json!({"validateOnly": 1})), "validateOnly: 1 is not a boolean");
}

#[test]
fn a_name_that_is_none_is_refused() {
    for (topic, expected) in [
        (json!({"nmae": "b"}), "topics[1].nmae: there is no such field"),
        (json!({"Name": "b"}), "topics[1].Name: there is no such field"),
        (json!({"_unknownTaggedFields": []}), "topics[1]._unknownTaggedFields: there is no such field"),
    ] {
        assert_eq!(second_topic(4, &topic), expected);
    }
    let sized = json!({"topicData": [{"name": "t", "partitionData": [{"recordsSizeInBytes": 3}]}]});
    let expected = "topicData[0].partitionData[0].recordsSizeInBytes: there is no such field";
    assert_eq!(refused(request(ApiKey::Produce), 9, &sized), expected);
}

#[test]
fn a_field_of_other_versions_is_refused_with_them() {
    let replica_id = json!({"replicaId": 1});
    assert_eq!(
        refused(request(ApiKey::Fetch), 15, &replica_id),
        "replicaId: version 15 has no such field; it is of versions 0-14"
    );
    assert!(encode(request(ApiKey::Fetch), 14, &replica_id).is_ok());
    assert_eq!(refused(request(ApiKey::Fetch), 19, &json!({})), "FetchRequest has versions 4-18, not 19");
}

#[test]
fn base64_and_lengths_are_held() {
    let sasl = request(ApiKey::SaslAuthenticate);
    assert_eq!(refused(sasl, 1, &json!({"authBytes": "a b"})), "authBytes: this string is not base64");
    let uuid = json!({"topics": [{"topicId": "AAAA"}]});
    assert_eq!(refused(request(ApiKey::Metadata), 12, &uuid), "topics[0].topicId: this string is not a uuid in base64");
    let long = json!({"topics": [{"name": "x".repeat(32_768)}]});
    let expected = "topics[0].name: a length of 32768 is more than its field can say";
    assert_eq!(refused(request(ApiKey::Metadata), 8, &long), expected);
    assert!(encode(request(ApiKey::Metadata), 9, &long).is_ok());
}

#[test]
fn unknown_tagged_fields_stand_once_and_are_unknown() {
    let versions = response(ApiKey::ApiVersions);
    let refused = |fields: Value| refused(versions, 3, &json!({"_unknownTaggedFields": fields}));
    let tag = |tag: i64| json!({"tag": tag, "data": ""});
    for (fields, expected) in [
        (json!([tag(9), tag(9)]), "_unknownTaggedFields[1]: tag 9 is a field of the schema, or stands twice"),
        (json!([tag(1)]), "_unknownTaggedFields[0]: tag 1 is a field of the schema, or stands twice"),
        (json!([tag(1 << 31)]), "_unknownTaggedFields[0].tag: 2147483648 is not a tag"),
        (json!([tag(-1)]), "_unknownTaggedFields[0].tag: -1 is not a tag"),
        (json!([{"tag": 9}]), "_unknownTaggedFields[0].data: null is not base64"),
        (json!([{"tag": 9, "data": "", "size": 0}]), "_unknownTaggedFields[0].size: there is no such field"),
        (json!({}), "_unknownTaggedFields: an object is not an array"),
        (json!([9]), "_unknownTaggedFields[0]: 9 is not an object"),
    ] {
        assert_eq!(refused(fields), expected);
    }
}
