//! Topics: metadata, creation, deletion, description.

use std::collections::{BTreeMap, BTreeSet};

use ottla_wire::ErrorCode;
use ottla_wire::message::create_topics_request::{CreatableReplicaAssignment, CreatableTopic, CreatableTopicConfig};
use ottla_wire::message::create_topics_response::CreatableTopicResult;
use ottla_wire::message::delete_topics_request::DeleteTopicState;
use ottla_wire::message::describe_configs_request::DescribeConfigsResource;
use ottla_wire::message::describe_configs_response::DescribeConfigsResult;
use ottla_wire::message::find_coordinator_response::Coordinator;
use ottla_wire::message::metadata_request::MetadataRequestTopic;
use ottla_wire::message::{
    CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest, DescribeConfigsRequest, FindCoordinatorRequest,
    MetadataRequest, MetadataResponse, StrBytes, Uuid,
};

use super::*;

pub(super) fn by_name(topic: &str) -> MetadataRequestTopic {
    MetadataRequestTopic::default().with_name(Some(name(topic)))
}

fn by_id(id: TopicId) -> MetadataRequestTopic {
    MetadataRequestTopic::default().with_name(None).with_topic_id(id.into())
}

fn metadata(topics: Option<Vec<MetadataRequestTopic>>) -> MetadataRequest {
    MetadataRequest::default().with_topics(topics)
}

fn errors(answer: &MetadataResponse) -> Vec<(Option<String>, i16)> {
    answer.topics.iter().map(|topic| (topic.name.as_ref().map(|name| name.to_string()), topic.error_code)).collect()
}

#[test]
fn metadata_of_every_version_tells_brokers_and_a_topic_with_its_leaders() {
    let mut bench = Bench::new();
    let id = bench.topic("t", 3);
    let conn = bench.connect(1);
    for version in 0..=13 {
        let answer = bench.ask(conn, version, &metadata(Some(vec![by_name("t")])));
        let brokers: Vec<_> = answer.brokers.iter().map(|broker| (broker.node_id.0, broker.port)).collect();
        assert_eq!(brokers, [(1, 9001), (2, 9002), (3, 9003)], "v{version}");
        let topic = &answer.topics[0];
        assert_eq!((topic.error_code, topic.partitions.len(), topic.is_internal), (0, 3, false));
        if version >= 2 {
            assert_eq!(answer.cluster_id.as_deref(), Some(bench.cluster.cluster_id()));
        }
        if version >= 10 {
            assert_eq!(TopicId::from(topic.topic_id), id);
        }
        for partition in &topic.partitions {
            assert_eq!((partition.error_code, partition.replica_nodes.len()), (0, 3));
            assert_eq!(
                (partition.isr_nodes.clone(), partition.replica_nodes[0]),
                (partition.replica_nodes.clone(), partition.leader_id)
            );
            assert_eq!(partition.leader_epoch, if version >= 7 { 0 } else { -1 });
            assert!(partition.offline_replicas.is_empty());
        }
        let leaders: BTreeSet<_> = topic.partitions.iter().map(|partition| partition.leader_id).collect();
        assert_eq!(leaders.len(), 3, "leaders are spread over the brokers");
    }
}

#[test]
fn null_asks_for_all_topics_and_an_empty_list_for_none_but_in_version_0() {
    let mut bench = Bench::new();
    bench.topic("a", 1);
    bench.topic("b", 1);
    let conn = bench.connect(1);
    assert_eq!(bench.ask(conn, 0, &metadata(Some(vec![]))).topics.len(), 2);
    for version in 1..=13 {
        assert_eq!(bench.ask(conn, version, &metadata(None)).topics.len(), 2, "v{version}");
        assert_eq!(bench.ask(conn, version, &metadata(Some(vec![]))).topics.len(), 0, "v{version}");
    }
}

#[test]
fn an_unknown_topic_fails_alone_and_is_not_created() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let conn = bench.connect(1);
    let wanted = vec![by_name("t"), by_name("missing"), by_name("not a name"), by_name("t")];
    for _ in 0..2 {
        let answer = bench.ask(conn, 12, &metadata(Some(wanted.clone())).with_allow_auto_topic_creation(true));
        let told: BTreeMap<_, _> = errors(&answer).into_iter().collect();
        assert_eq!(answer.topics.len(), 3, "a topic asked for twice is answered once");
        assert_eq!(told[&Some("t".to_owned())], 0);
        assert_eq!(told[&Some("missing".to_owned())], ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0);
        assert_eq!(told[&Some("not a name".to_owned())], ErrorCode::INVALID_TOPIC_EXCEPTION.0);
    }
}

#[test]
fn a_topic_is_found_by_its_id_from_version_12_on() {
    let mut bench = Bench::new();
    let id = bench.topic("t", 1);
    let conn = bench.connect(1);
    let unknown = TopicId([9; 16]);
    let answer = bench.ask(conn, 12, &metadata(Some(vec![by_id(id), by_id(unknown), by_name("passed over")])));
    let told: BTreeMap<_, _> = answer
        .topics
        .iter()
        .map(|topic| (TopicId::from(topic.topic_id), (topic.name.clone(), topic.error_code)))
        .collect();
    assert_eq!(told.len(), 2);
    assert_eq!(told[&id], (Some(name("t")), 0));
    assert_eq!(told[&unknown], (None, ErrorCode::UNKNOWN_TOPIC_ID.0));
    let old = MetadataRequestTopic::default().with_name(Some(name("t"))).with_topic_id(id.into());
    let answer = bench.ask(conn, 11, &metadata(Some(vec![old])));
    assert_eq!(answer.topics[0].error_code, ErrorCode::INVALID_REQUEST.0);
}

#[test]
fn a_cluster_that_creates_topics_has_the_topic_at_the_next_request() {
    let config = ClusterConfig { auto_create_topics: true, num_partitions: 4, ..ClusterConfig::default() };
    let mut bench = Bench::of(config);
    let conn = bench.connect(1);
    let wanted = metadata(Some(vec![by_name("new")]));
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    let refusing = wanted.clone().with_allow_auto_topic_creation(false);
    for request in [&refusing, &refusing, &wanted] {
        assert_eq!(bench.ask(conn, 9, request).topics[0].error_code, unknown);
    }
    let answer = bench.ask(conn, 9, &wanted);
    assert_eq!((answer.topics[0].error_code, answer.topics[0].partitions.len()), (0, 4));
}

#[test]
fn a_leader_without_an_address_for_the_listener_is_not_told() {
    let mut bench = Bench::new();
    bench.topic("t", 1);
    let other = Listener::tls("OTHER");
    bench.cluster.advertise(BrokerId(1), &other.name, "one.test", 1).unwrap();
    let follower = if bench.cluster.leader("t", 0).unwrap() == BrokerId(1) {
        BrokerId(2)
    } else {
        bench.cluster.leader("t", 0).unwrap()
    };
    bench.cluster.move_leader(bench.now, "t", 0, follower).unwrap();
    let conn = bench.cluster.open(bench.now, BrokerId(1), other, "test").unwrap();
    for (version, code) in [(5, ErrorCode::LEADER_NOT_AVAILABLE), (6, ErrorCode::LISTENER_NOT_FOUND)] {
        let answer = bench.ask(conn, version, &metadata(None));
        let partition = &answer.topics[0].partitions[0];
        assert_eq!((partition.error_code, partition.leader_id.0), (code.0, -1));
        assert_eq!(partition.offline_replicas.len(), 2);
        assert_eq!(answer.brokers.len(), 1);
    }
}

fn creatable(topic: &str, partitions: i32, factor: i16) -> CreatableTopic {
    CreatableTopic::default().with_name(name(topic)).with_num_partitions(partitions).with_replication_factor(factor)
}

fn with_config(topic: CreatableTopic, config: &str, value: Option<&str>) -> CreatableTopic {
    let text = |text: &str| StrBytes::from_string(text.to_owned());
    topic.with_configs(vec![CreatableTopicConfig::default().with_name(text(config)).with_value(value.map(text))])
}

fn create(bench: &mut Bench, version: i16, topics: Vec<CreatableTopic>) -> Vec<CreatableTopicResult> {
    let conn = bench.connect(1);
    bench.ask(conn, version, &CreateTopicsRequest::default().with_topics(topics)).topics
}

#[test]
fn topics_are_created_with_the_numbers_asked_for_or_the_clusters_defaults() {
    for version in 2..=7 {
        let mut bench = Bench::new();
        let results = create(&mut bench, version, vec![creatable("a", 5, 2), creatable("b", -1, -1)]);
        assert!(results.iter().all(|result| result.error_code == 0), "{results:?}");
        if version >= 5 {
            let told: Vec<_> =
                results.iter().map(|result| (result.num_partitions, result.replication_factor)).collect();
            assert_eq!(told, [(5, 2), (1, 3)]);
            assert_eq!(results[0].configs.as_ref().map(Vec::len), Some(37));
        }
        if version >= 7 {
            assert_ne!(results[0].topic_id, Uuid::nil());
        }
        assert!(bench.cluster.leader("a", 4).is_ok() && bench.cluster.leader("a", 5).is_err());
    }
}

#[test]
fn each_bad_topic_fails_alone_with_kafkas_code() {
    let mut bench = Bench::new();
    bench.topic("there", 1);
    bench.topic("with.dot", 1);
    let cases = [
        (creatable("good", 1, 1), ErrorCode::NONE),
        (creatable("there", 1, 1), ErrorCode::TOPIC_ALREADY_EXISTS),
        (creatable("with.dot", 1, 1), ErrorCode::TOPIC_ALREADY_EXISTS),
        (creatable("with_dot", 1, 1), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (creatable("a b", 1, 1), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (creatable("", 1, 1), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (creatable("..", 1, 1), ErrorCode::INVALID_TOPIC_EXCEPTION),
        (creatable("zero", 0, 1), ErrorCode::INVALID_PARTITIONS),
        (creatable("minus", -2, 1), ErrorCode::INVALID_PARTITIONS),
        (creatable("none", 1, 0), ErrorCode::INVALID_REPLICATION_FACTOR),
        (creatable("four", 1, 4), ErrorCode::INVALID_REPLICATION_FACTOR),
        (with_config(creatable("c1", 1, 1), "no.such", Some("1")), ErrorCode::INVALID_CONFIG),
        (with_config(creatable("c2", 1, 1), "retention.ms", Some("soon")), ErrorCode::INVALID_CONFIG),
        (with_config(creatable("c3", 1, 1), "retention.ms", None), ErrorCode::INVALID_CONFIG),
        (with_config(creatable("c4", 1, 1), "retention.ms", Some("1000")), ErrorCode::NONE),
        (creatable("__cluster_metadata", 1, 1), ErrorCode::INVALID_REQUEST),
    ];
    let results = create(&mut bench, 7, cases.iter().map(|(topic, _)| topic.clone()).collect());
    for ((topic, code), result) in cases.iter().zip(&results) {
        assert_eq!((&topic.name, ErrorCode(result.error_code)), (&result.name, *code), "{result:?}");
        assert_eq!(result.error_message.is_some(), !code.is_ok());
    }
}

#[test]
fn a_topic_that_is_there_is_told_in_kafkas_words() {
    let mut bench = Bench::new();
    bench.topic("there", 1);
    let results = create(&mut bench, 7, vec![creatable("there", 1, 1)]);
    let told = results.first().and_then(|result| result.error_message.as_deref());
    assert_eq!(told, Some("Topic 'there' already exists."));
}

#[test]
fn names_of_one_request_may_collide_with_each_other_and_not_with_those_before_it() {
    let codes = |results: Vec<CreatableTopicResult>| -> Vec<i16> { results.iter().map(|of| of.error_code).collect() };
    let mut bench = Bench::new();
    assert_eq!(codes(create(&mut bench, 7, vec![creatable("a.b", 1, 1), creatable("a_b", 1, 1)])), [0, 0]);
    let collision = ErrorCode::INVALID_TOPIC_EXCEPTION.0;
    assert_eq!(codes(create(&mut bench, 7, vec![creatable("a.b_c", 1, 1), creatable("a_b.c", 1, 1)])), [0, 0]);
    assert_eq!(codes(create(&mut bench, 7, vec![creatable("a_b_c", 1, 1)])), [collision]);
    let mut bench = Bench::of(ClusterConfig { auto_create_topics: true, ..ClusterConfig::default() });
    let conn = bench.connect(1);
    let wanted = metadata(Some(vec![by_name("a.b"), by_name("a_b")])).with_allow_auto_topic_creation(true);
    bench.ask(conn, 12, &wanted);
    assert!(errors(&bench.ask(conn, 12, &wanted)).iter().all(|(_, code)| *code == 0));
}

#[test]
fn a_name_that_stands_twice_in_a_request_is_not_created() {
    let mut bench = Bench::new();
    let results = create(&mut bench, 5, vec![creatable("t", 1, 1), creatable("u", 1, 1), creatable("t", 2, 1)]);
    let told: Vec<_> = results.iter().map(|result| (result.name.to_string(), result.error_code)).collect();
    assert_eq!(told, [("u".to_owned(), 0), ("t".to_owned(), ErrorCode::INVALID_REQUEST.0)]);
    assert!(bench.cluster.leader("t", 0).is_err());
}

#[test]
fn validate_only_creates_nothing() {
    let mut bench = Bench::new();
    let conn = bench.connect(1);
    let request = CreateTopicsRequest::default().with_topics(vec![creatable("t", 1, 1)]).with_validate_only(true);
    assert_eq!(bench.ask(conn, 7, &request).topics[0].error_code, 0);
    assert!(bench.cluster.leader("t", 0).is_err());
}

#[test]
fn more_records_than_a_request_may_make_fail_it_as_a_whole() {
    let mut bench = Bench::new();
    let results = create(&mut bench, 7, vec![creatable("most", 9_999, 1)]);
    assert_eq!(results[0].error_code, 0);
    let results = create(&mut bench, 7, vec![creatable("t", 9_998, 1), creatable("u", 1, 1)]);
    assert!(results.iter().all(|result| result.error_code == ErrorCode::POLICY_VIOLATION.0));
    let results = create(&mut bench, 7, vec![creatable("t", i32::MAX, 1), creatable("u", i32::MAX, 1)]);
    assert!(results.iter().all(|result| result.error_code == ErrorCode::POLICY_VIOLATION.0));
}

fn assigned(partitions: &[(i32, &[i32])]) -> CreatableTopic {
    let assignment = |(index, brokers): &(i32, &[i32])| {
        let brokers = brokers.iter().map(|id| message::BrokerId(*id)).collect();
        CreatableReplicaAssignment::default().with_partition_index(*index).with_broker_ids(brokers)
    };
    creatable("t", -1, -1).with_assignments(partitions.iter().map(assignment).collect())
}

#[test]
fn replicas_may_be_assigned_by_hand() {
    let bad: [&[(i32, &[i32])]; 6] = [
        &[(0, &[])],
        &[(0, &[1, 1])],
        &[(0, &[1, 9])],
        &[(0, &[1, 2]), (1, &[3])],
        &[(0, &[1]), (0, &[2])],
        &[(0, &[1]), (2, &[2])],
    ];
    let mut bench = Bench::new();
    for partitions in bad {
        let results = create(&mut bench, 7, vec![assigned(partitions)]);
        assert_eq!(results[0].error_code, ErrorCode::INVALID_REPLICA_ASSIGNMENT.0, "{partitions:?}");
    }
    let both = assigned(&[(0, &[1])]).with_num_partitions(1);
    assert_eq!(create(&mut bench, 7, vec![both])[0].error_code, ErrorCode::INVALID_REQUEST.0);
    let results = create(&mut bench, 7, vec![assigned(&[(1, &[3, 1]), (0, &[2, 3])])]);
    assert_eq!((results[0].error_code, results[0].num_partitions, results[0].replication_factor), (0, 2, 2));
    assert_eq!(bench.cluster.leader("t", 0), Ok(BrokerId(2)));
    assert_eq!(bench.cluster.leader("t", 1), Ok(BrokerId(3)));
}

#[test]
fn the_cluster_has_a_bound_on_partitions() {
    let mut config = ClusterConfig::default();
    config.bounds.partitions_max = 3;
    let mut bench = Bench::of(config);
    bench.topic("t", 2);
    let too_many = bench.cluster.create_topic(&NewTopic::new("u").partitions(2));
    assert_eq!(too_many, Err(CreateTopicError::TooManyPartitions));
    bench.topic("u", 1);
}

fn delete_by_name(names: &[&str]) -> DeleteTopicsRequest {
    DeleteTopicsRequest::default().with_topic_names(names.iter().map(|topic| name(topic)).collect())
}

#[test]
fn topics_are_deleted_by_name_and_may_be_created_again_with_another_id() {
    for version in 1..=5 {
        let mut bench = Bench::new();
        let before = bench.topic("t", 1);
        let conn = bench.connect(1);
        let answer = bench.ask(conn, version, &delete_by_name(&["t", "missing", "twice", "twice"]));
        let told: BTreeMap<_, _> =
            answer.responses.iter().map(|result| (result.name.clone().unwrap(), result.error_code)).collect();
        assert_eq!(
            told,
            BTreeMap::from([
                (name("t"), 0),
                (name("missing"), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
                (name("twice"), ErrorCode::INVALID_REQUEST.0)
            ])
        );
        assert_ne!(bench.topic("t", 1), before);
    }
}

#[test]
fn topics_are_deleted_by_id_from_version_6_on() {
    let mut bench = Bench::new();
    let [a, b, c] = ["a", "b", "c"].map(|topic| bench.topic(topic, 1));
    let conn = bench.connect(1);
    let unknown = TopicId([9; 16]);
    let state = |topic: Option<&str>, id: TopicId| {
        DeleteTopicState::default().with_name(topic.map(name)).with_topic_id(id.into())
    };
    let wanted = vec![
        state(None, a),
        state(Some("b"), TopicId::ZERO),
        state(None, b),
        state(Some("c"), c),
        state(None, unknown),
        state(None, TopicId::ZERO),
    ];
    let answer = bench.ask(conn, 6, &DeleteTopicsRequest::default().with_topics(wanted));
    let told: BTreeMap<_, _> =
        answer.responses.iter().map(|result| (TopicId::from(result.topic_id), result.error_code)).collect();
    let invalid = ErrorCode::INVALID_REQUEST.0;
    let expected =
        [(a, 0), (b, invalid), (c, invalid), (unknown, ErrorCode::UNKNOWN_TOPIC_ID.0), (TopicId::ZERO, invalid)];
    assert_eq!(told, BTreeMap::from(expected));
    assert!(bench.cluster.leader("a", 0).is_err());
    assert!(bench.cluster.leader("b", 0).is_ok() && bench.cluster.leader("c", 0).is_ok());
}

#[test]
fn describe_cluster_tells_brokers_racks_and_the_cluster() {
    let brokers = [7, 153].map(|id| BrokerConfig::new(BrokerId(id)).in_rack(format!("az{id}"))).to_vec();
    let mut bench = Bench::of(ClusterConfig { brokers, ..ClusterConfig::default() });
    let conn = bench.connect(153);
    for version in 0..=2 {
        let answer = bench.ask(conn, version, &DescribeClusterRequest::default());
        let told: Vec<_> = answer.brokers.iter().map(|broker| (broker.broker_id.0, broker.rack.as_deref())).collect();
        assert_eq!(told, [(7, Some("az7")), (153, Some("az153"))]);
        assert_eq!(
            (answer.error_code, answer.cluster_id.as_str(), answer.controller_id.0),
            (0, bench.cluster.cluster_id(), 7)
        );
    }
    let controllers = DescribeClusterRequest::default().with_endpoint_type(2);
    assert_eq!(bench.ask(conn, 1, &controllers).error_code, ErrorCode::MISMATCHED_ENDPOINT_TYPE.0);
}

fn describe(
    bench: &mut Bench,
    resource_type: i8,
    resource: &str,
    keys: Option<&[&'static str]>,
) -> DescribeConfigsResult {
    let conn = bench.connect(1);
    let keys = keys.map(|keys| keys.iter().map(|key| StrBytes::from_static_str(key)).collect());
    let resource = DescribeConfigsResource::default()
        .with_resource_type(resource_type)
        .with_resource_name(StrBytes::from_string(resource.to_owned()))
        .with_configuration_keys(keys);
    let request = DescribeConfigsRequest::default().with_resources(vec![resource]).with_include_synonyms(true);
    for version in 1..=3 {
        bench.ask(conn, version, &request);
    }
    bench.ask(conn, 4, &request).results.remove(0)
}

#[test]
fn a_topics_configs_are_told_with_type_source_and_synonyms() {
    let mut bench = Bench::new();
    bench
        .cluster
        .create_topic(&NewTopic::new("t").config("retention.ms", "1000").config("cleanup.policy", "compact"))
        .unwrap();
    assert_eq!(describe(&mut bench, 2, "t", None).configs.len(), 37);
    let result =
        describe(&mut bench, 2, "t", Some(&["retention.ms", "cleanup.policy", "min.insync.replicas", "nonsense"]));
    let told: Vec<_> = result
        .configs
        .iter()
        .map(|config| {
            let synonyms: Vec<_> =
                config.synonyms.iter().map(|of| (of.name.as_str(), of.value.as_deref().unwrap(), of.source)).collect();
            (config.name.as_str(), config.value.as_deref().unwrap(), config.config_source, config.config_type, synonyms)
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                "cleanup.policy",
                "compact",
                1,
                7,
                vec![("cleanup.policy", "compact", 1), ("log.cleanup.policy", "delete", 5)]
            ),
            ("min.insync.replicas", "1", 3, 3, vec![("min.insync.replicas", "1", 3), ("min.insync.replicas", "1", 5)]),
            ("retention.ms", "1000", 1, 5, vec![("retention.ms", "1000", 1)]),
        ]
    );
}

#[test]
fn resources_that_cannot_be_described_fail_alone() {
    let mut bench = Bench::new();
    let code = |result: DescribeConfigsResult| ErrorCode(result.error_code);
    let missing = describe(&mut bench, 2, "missing", None);
    assert_eq!(missing.error_message.as_deref(), Some(""));
    assert_eq!(code(missing), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION);
    assert_eq!(code(describe(&mut bench, 2, "a b", None)), ErrorCode::INVALID_TOPIC_EXCEPTION);
    assert_eq!(code(describe(&mut bench, 4, "2", None)), ErrorCode::INVALID_REQUEST);
    assert_eq!(code(describe(&mut bench, 77, "g", None)), ErrorCode::INVALID_REQUEST);
    let own = describe(&mut bench, 4, "1", Some(&["advertised.listeners", "num.partitions"]));
    assert_eq!(own.error_message.as_deref(), Some(""));
    let told: Vec<_> = own.configs.iter().map(|config| config.value.as_deref().unwrap()).collect();
    assert_eq!(told, ["PLAINTEXT://broker.test:9001", "1"]);
}

fn coordinators(bench: &mut Bench, broker: i32, version: i16, key_type: i8) -> Vec<Coordinator> {
    let conn = bench.connect(broker);
    let keys = (0..100).map(|n| StrBytes::from_string(format!("group-{n}"))).collect();
    bench
        .ask(conn, version, &FindCoordinatorRequest::default().with_key_type(key_type).with_coordinator_keys(keys))
        .coordinators
}

#[test]
fn every_broker_names_the_same_coordinators_and_they_are_spread() {
    let mut bench = Bench::new();
    let told = coordinators(&mut bench, 1, 4, 0);
    assert!(told.iter().all(|of| of.error_code == 0 && of.port == 9000 + of.node_id.0));
    assert_eq!(told.iter().map(|of| of.node_id.0).collect::<BTreeSet<_>>(), BTreeSet::from([1, 2, 3]));
    for (broker, version, key_type) in [(2, 5, 0), (3, 6, 1)] {
        assert_eq!(coordinators(&mut bench, broker, version, key_type), told);
    }
    let conn = bench.connect(1);
    for version in 0..=3 {
        let request = FindCoordinatorRequest::default().with_key(told[5].key.clone());
        let answer = bench.ask(conn, version, &request);
        assert_eq!((answer.error_code, answer.node_id, answer.port), (0, told[5].node_id, told[5].port));
        let message = answer.error_message.as_deref().filter(|message| !message.is_empty());
        assert_eq!(message, (version >= 1).then_some("NONE"));
    }
}

#[test]
fn coordinators_of_an_unknown_type_are_refused() {
    let mut bench = Bench::new();
    for (version, key_type) in [(4, 2), (6, 2), (4, 9)] {
        let told = coordinators(&mut bench, 1, version, key_type);
        assert!(told.iter().all(|of| of.error_code == ErrorCode::INVALID_REQUEST.0 && of.node_id.0 == -1));
        let says_why = |of: &Coordinator| of.error_message.as_deref().is_some_and(|message| !message.is_empty());
        assert!(told.iter().all(|of| says_why(of) == (key_type == 9)), "Kafka says so of a type that is none alone");
    }
    let conn = bench.connect(1);
    for version in 1..=3 {
        let answer = bench.ask(conn, version, &FindCoordinatorRequest::default().with_key_type(9));
        assert_eq!(answer.error_code, ErrorCode::INVALID_REQUEST.0);
        assert!(answer.error_message.is_some_and(|message| !message.is_empty()), "v{version}");
    }
}
