//! What a client that may do nothing is told, by every API.

use ottla_wire::header::decode_response_header;
use ottla_wire::schema::{self, Direction, json};
use serde_json::{Value, json};

use super::*;

const TOPIC: i16 = ErrorCode::TOPIC_AUTHORIZATION_FAILED.0;
const CLUSTER: i16 = ErrorCode::CLUSTER_AUTHORIZATION_FAILED.0;
const GROUP: i16 = ErrorCode::GROUP_AUTHORIZATION_FAILED.0;

/// An API, a version, a request, where its answer has an error, and which.
type Row = (ApiKey, i16, Value, &'static str, i16);

/// The APIs that need nothing, and those whose answers say only what may be done.
const OPEN: [ApiKey; 4] =
    [ApiKey::ApiVersions, ApiKey::SaslHandshake, ApiKey::SaslAuthenticate, ApiKey::DescribeCluster];

fn of_topics() -> Vec<Row> {
    let partition = json!({"index": 0, "records": null});
    vec![
        (
            ApiKey::Produce,
            9,
            json!({"acks": -1, "topicData": [{"name": "t", "partitionData": [partition]}]}),
            "/responses/0/partitionResponses/0/errorCode",
            TOPIC,
        ),
        (
            ApiKey::Fetch,
            12,
            json!({"minBytes": 1, "maxWaitMs": 500, "topics": [{"topic": "t", "partitions": [{"partition": 0}]}]}),
            "/responses/0/partitions/0/errorCode",
            TOPIC,
        ),
        (
            ApiKey::ListOffsets,
            7,
            json!({"topics": [{"name": "t", "partitions": [{"partitionIndex": 0}]}]}),
            "/topics/0/partitions/0/errorCode",
            TOPIC,
        ),
        (ApiKey::Metadata, 9, json!({"topics": [{"name": "t"}]}), "/topics/0/errorCode", TOPIC),
        (
            ApiKey::CreateTopics,
            7,
            json!({"topics": [{"name": "t", "numPartitions": 1, "replicationFactor": 1}]}),
            "/topics/0/errorCode",
            TOPIC,
        ),
        (ApiKey::DeleteTopics, 5, json!({"topicNames": ["t"]}), "/responses/0/errorCode", TOPIC),
        (
            ApiKey::DeleteRecords,
            2,
            json!({"topics": [{"name": "t", "partitions": [{"partitionIndex": 0}]}]}),
            "/topics/0/partitions/0/errorCode",
            TOPIC,
        ),
        (
            ApiKey::OffsetForLeaderEpoch,
            4,
            json!({"topics": [{"topic": "t", "partitions": [{"partition": 0}]}]}),
            "/topics/0/partitions/0/errorCode",
            TOPIC,
        ),
        (ApiKey::CreatePartitions, 3, json!({"topics": [{"name": "t", "count": 9}]}), "/results/0/errorCode", TOPIC),
        (
            ApiKey::DescribeProducers,
            0,
            json!({"topics": [{"name": "t", "partitionIndexes": [0]}]}),
            "/topics/0/partitions/0/errorCode",
            TOPIC,
        ),
        (ApiKey::DescribeTopicPartitions, 0, json!({"topics": [{"name": "t"}]}), "/topics/0/errorCode", TOPIC),
        (
            ApiKey::DescribeConfigs,
            4,
            json!({"resources": [{"resourceType": 2, "resourceName": "t"}]}),
            "/results/0/errorCode",
            TOPIC,
        ),
        (
            ApiKey::AlterConfigs,
            2,
            json!({"resources": [{"resourceType": 2, "resourceName": "t", "configs": []}]}),
            "/responses/0/errorCode",
            TOPIC,
        ),
        (
            ApiKey::IncrementalAlterConfigs,
            1,
            json!({"resources": [{"resourceType": 2, "resourceName": "t", "configs": []}]}),
            "/responses/0/errorCode",
            TOPIC,
        ),
    ]
}

fn of_all_else() -> Vec<Row> {
    let any = json!({"resourceTypeFilter": 1, "patternTypeFilter": 1, "operation": 1, "permissionType": 1});
    let acl = json!({"resourceType": 2, "resourceName": "t", "resourcePatternType": 3, "principal": "User:a", "host": "*",
        "operation": 3, "permissionType": 3});
    let replicas = json!({"topics": [{"name": "t", "partitions": [{"partitionIndex": 0, "replicas": [1]}]}]});
    let user = json!({"name": "a", "mechanism": 1, "iterations": 4096, "salt": "AA==", "saltedPassword": "AA=="});
    vec![
        (ApiKey::FindCoordinator, 3, json!({"key": "g"}), "/errorCode", GROUP),
        (ApiKey::InitProducerId, 4, json!({"transactionalId": null}), "/errorCode", CLUSTER),
        (ApiKey::DescribeAcls, 3, any.clone(), "/errorCode", CLUSTER),
        (ApiKey::CreateAcls, 3, json!({"creations": [acl]}), "/results/0/errorCode", CLUSTER),
        (ApiKey::DeleteAcls, 3, json!({"filters": [any]}), "/filterResults/0/errorCode", CLUSTER),
        (
            ApiKey::AlterReplicaLogDirs,
            2,
            json!({"dirs": [{"path": "/", "topics": [{"name": "t", "partitions": [0]}]}]}),
            "/results/0/partitions/0/errorCode",
            CLUSTER,
        ),
        (ApiKey::DescribeLogDirs, 4, json!({"topics": null}), "/errorCode", CLUSTER),
        (ApiKey::ListConfigResources, 1, json!({"resourceTypes": []}), "/errorCode", CLUSTER),
        (ApiKey::ElectLeaders, 2, json!({"topicPartitions": null}), "/errorCode", CLUSTER),
        (ApiKey::AlterPartitionReassignments, 0, replicas, "/errorCode", CLUSTER),
        (ApiKey::ListPartitionReassignments, 0, json!({"topics": null}), "/errorCode", CLUSTER),
        (ApiKey::DescribeClientQuotas, 1, json!({"components": []}), "/errorCode", CLUSTER),
        (
            ApiKey::AlterClientQuotas,
            1,
            json!({"entries": [{"entity": [{"entityType": "user", "entityName": "a"}], "ops": []}]}),
            "/entries/0/errorCode",
            CLUSTER,
        ),
        (ApiKey::DescribeUserScramCredentials, 0, json!({"users": null}), "/errorCode", CLUSTER),
        (
            ApiKey::AlterUserScramCredentials,
            0,
            json!({"deletions": [], "upsertions": [user]}),
            "/results/0/errorCode",
            CLUSTER,
        ),
        (
            ApiKey::DescribeQuorum,
            1,
            json!({"topics": [{"topicName": "__cluster_metadata", "partitions": [{"partitionIndex": 0}]}]}),
            "/errorCode",
            CLUSTER,
        ),
        (ApiKey::UpdateFeatures, 1, json!({"featureUpdates": []}), "/errorCode", CLUSTER),
        (ApiKey::UnregisterBroker, 0, json!({"brokerId": 2}), "/errorCode", CLUSTER),
    ]
}

fn ask(bench: &mut Bench, api: ApiKey, version: i16, request: &Value) -> Value {
    let conn = bench.connect(1);
    let body = json::encode(schema::layout(api, Direction::Request), version, request).unwrap();
    bench.cluster.handle_frame(conn, bench.now, raw_frame(api.key(), version, 1, &body));
    let Action::Send(answer) = bench.cluster.poll_output().unwrap().action else { panic!("{api} closes") };
    let mut answer = answer.to_bytes();
    decode_response_header(api, version, &mut answer).unwrap();
    json::decode(schema::layout(api, Direction::Response), version, &answer, &json::View::default()).unwrap()
}

#[test]
fn a_client_that_may_do_nothing_is_told_so_by_every_api_and_nothing_else() {
    let mut bench = bench(Vec::new());
    bench.topic("t", 1);
    let rows: BTreeMap<ApiKey, Row> = of_topics().into_iter().chain(of_all_else()).map(|row| (row.0, row)).collect();
    let answered = ask(&mut bench, ApiKey::ApiVersions, 0, &json!({}));
    for api in answered["apiKeys"].as_array().unwrap() {
        let api = ApiKey::try_from(i16::try_from(api["apiKey"].as_i64().unwrap()).unwrap()).unwrap();
        if OPEN.contains(&api) {
            continue;
        }
        let (_, version, request, at, code) = rows.get(&api).unwrap_or_else(|| panic!("{api} has no row here"));
        let answer = ask(&mut bench, api, *version, request);
        assert_eq!(answer.pointer(at), Some(&json!(code)), "{api}: {answer}");
    }
    assert!(bench.cluster.leader("t", 0).is_ok() && bench.cluster.leader("t", 1).is_err());
}
