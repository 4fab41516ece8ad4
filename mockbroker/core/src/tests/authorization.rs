//! Authorization: what a client may do, what it is told where it may not, and what does not leak.

mod nothing;

use std::collections::BTreeMap;

use ottla_wire::ErrorCode;
use ottla_wire::message::create_topics_request::CreatableTopic;
use ottla_wire::message::delete_topics_request::DeleteTopicState;
use ottla_wire::message::metadata_request::MetadataRequestTopic;
use ottla_wire::message::{
    CreateTopicsRequest, DeleteTopicsRequest, DescribeClusterRequest, InitProducerIdRequest, MetadataRequest,
};

use super::topics::by_name;
use super::*;

const DENIED: i16 = ErrorCode::TOPIC_AUTHORIZATION_FAILED.0;

/// A cluster in which who comes without authentication may do what these rules say, and nothing else.
pub(super) fn bench(acls: Vec<Acl>) -> Bench {
    let authorizer = Some(StandardAuthorizer { acls, ..StandardAuthorizer::default() });
    Bench::of(ClusterConfig { authorizer, auto_create_topics: true, ..ClusterConfig::default() })
}

pub(super) fn allow(operation: Operation, topic: &str) -> Acl {
    Acl::allow("User:ANONYMOUS", operation, ResourceType::Topic, topic)
}

pub(super) fn allow_on_cluster(operation: Operation) -> Acl {
    Acl::allow("User:ANONYMOUS", operation, ResourceType::Cluster, "kafka-cluster")
}

/// What each topic is told.
fn told(bench: &mut Bench, version: i16, topics: Option<Vec<MetadataRequestTopic>>) -> BTreeMap<String, i16> {
    let conn = bench.connect(1);
    let request = MetadataRequest::default().with_topics(topics).with_allow_auto_topic_creation(true);
    let answer = bench.ask(conn, version, &request);
    let name = |topic: &ottla_wire::message::metadata_response::MetadataResponseTopic| {
        topic.name.as_ref().map(|name| name.to_string()).unwrap_or_default()
    };
    answer.topics.iter().map(|topic| (name(topic), topic.error_code)).collect()
}

#[test]
fn a_topic_that_may_not_be_described_is_denied_whether_it_is_there_or_not() {
    let mut bench = bench(vec![allow(Operation::Read, "mine")]);
    let ids = ["mine", "theirs"].map(|name| bench.topic(name, 1));
    for version in 1..=13 {
        let named = ["mine", "theirs", "absent"].map(by_name).to_vec();
        let answer = told(&mut bench, version, Some(named));
        assert_eq!((answer["mine"], answer["theirs"], answer["absent"]), (0, DENIED, DENIED), "v{version}");
        assert_eq!(told(&mut bench, version, None), [("mine".to_owned(), 0)].into(), "v{version}");
    }
    let by_id = |id: TopicId| MetadataRequestTopic::default().with_name(None).with_topic_id(id.into());
    let answer = told(&mut bench, 12, Some(ids.map(by_id).to_vec()));
    assert_eq!((answer["mine"], answer[""]), (0, DENIED), "an id is told without its name");
}

#[test]
fn to_make_a_topic_by_asking_for_it_needs_that_it_may_be_created() {
    for (rule, first) in [
        (allow(Operation::Describe, "new"), DENIED),
        (allow(Operation::Create, "new"), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
        (allow_on_cluster(Operation::Create), ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0),
    ] {
        let mut bench = bench(vec![allow(Operation::Describe, "new"), rule.clone()]);
        assert_eq!(told(&mut bench, 9, Some(vec![by_name("new")]))["new"], first, "{rule}");
        let then = if first == DENIED { DENIED } else { 0 };
        assert_eq!(told(&mut bench, 9, Some(vec![by_name("new")]))["new"], then, "{rule}");
    }
}

#[test]
fn the_operations_that_are_told_are_those_that_are_allowed() {
    let mut bench = bench(vec![allow(Operation::Read, "mine"), allow_on_cluster(Operation::AlterConfigs)]);
    bench.topic("mine", 1);
    let conn = bench.connect(1);
    let request = MetadataRequest::default()
        .with_topics(Some(vec![by_name("mine"), by_name("theirs")]))
        .with_include_topic_authorized_operations(true)
        .with_include_cluster_authorized_operations(true);
    let answer = bench.ask(conn, 8, &request);
    let of: BTreeMap<_, _> =
        answer.topics.iter().map(|topic| (topic.name.clone().unwrap(), topic.topic_authorized_operations)).collect();
    let (read, describe) = (1 << Operation::Read.code(), 1 << Operation::Describe.code());
    assert_eq!((of[&name("mine")], of[&name("theirs")]), (read | describe, i32::MIN));
    assert_eq!(answer.cluster_authorized_operations, 0, "who may not look at the cluster may do nothing to it");
    let request = DescribeClusterRequest::default().with_include_cluster_authorized_operations(true);
    assert_eq!(bench.ask(conn, 1, &request).cluster_authorized_operations, 0);
}

#[test]
fn a_topic_that_may_not_be_created_fails_alone_and_one_whose_configs_are_hidden_is_made_without_them() {
    let mut bench = bench(vec![
        allow(Operation::Create, "hidden"),
        allow(Operation::Create, "open"),
        allow(Operation::AlterConfigs, "open"),
    ]);
    let conn = bench.connect(1);
    let topics = ["hidden", "open", "theirs"].map(|topic| CreatableTopic::default().with_name(name(topic)));
    let topics = topics.map(|topic| topic.with_num_partitions(1).with_replication_factor(1));
    let answer = bench.ask(conn, 7, &CreateTopicsRequest::default().with_topics(topics.to_vec()));
    let of: BTreeMap<_, _> = answer.topics.iter().map(|topic| (topic.name.to_string(), topic)).collect();
    assert_eq!([of["hidden"].error_code, of["open"].error_code, of["theirs"].error_code], [0, 0, DENIED]);
    assert_eq!((of["hidden"].topic_config_error_code, of["hidden"].num_partitions), (DENIED, -1));
    assert_eq!((of["open"].topic_config_error_code, of["open"].num_partitions), (0, 1));
}

#[test]
fn a_topic_that_may_not_be_deleted_is_not_told_from_one_that_is_not_there_unless_it_may_be_described() {
    let mut bench = bench(vec![allow(Operation::Read, "seen"), allow(Operation::Describe, "gone")]);
    let ids = ["seen", "theirs"].map(|topic| bench.topic(topic, 1));
    let conn = bench.connect(1);
    let named =
        ["seen", "theirs", "absent", "gone"].map(|topic| DeleteTopicState::default().with_name(Some(name(topic))));
    let answer = bench.ask(conn, 6, &DeleteTopicsRequest::default().with_topics(named.to_vec()));
    let of: BTreeMap<_, _> = answer.responses.iter().map(|of| (of.name.clone().unwrap(), of.error_code)).collect();
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION.0;
    let told = ["seen", "theirs", "absent", "gone"].map(|topic| of[&name(topic)]);
    assert_eq!(told, [DENIED, DENIED, DENIED, unknown]);
    let by_id = ids.map(|id| DeleteTopicState::default().with_name(None).with_topic_id(id.into()));
    let answer = bench.ask(conn, 6, &DeleteTopicsRequest::default().with_topics(by_id.to_vec()));
    let of: BTreeMap<_, _> = answer.responses.iter().map(|of| (TopicId::from(of.topic_id), of)).collect();
    assert_eq!((of[&ids[0]].error_code, of[&ids[0]].name.clone()), (DENIED, Some(name("seen"))));
    assert_eq!((of[&ids[1]].error_code, of[&ids[1]].name.clone()), (DENIED, None));
    assert!(bench.cluster.leader("theirs", 0).is_ok());
}

#[test]
fn an_idempotent_producer_needs_the_cluster_or_any_topic() {
    for (rules, code) in [
        (vec![], ErrorCode::CLUSTER_AUTHORIZATION_FAILED),
        (vec![allow(Operation::Read, "t")], ErrorCode::CLUSTER_AUTHORIZATION_FAILED),
        (vec![allow(Operation::Write, "t")], ErrorCode::NONE),
        (vec![allow_on_cluster(Operation::IdempotentWrite)], ErrorCode::NONE),
    ] {
        let mut bench = bench(rules.clone());
        let conn = bench.connect(1);
        let request = InitProducerIdRequest::default().with_transactional_id(None);
        assert_eq!(bench.ask(conn, 4, &request).error_code, code.0, "{rules:?}");
    }
}

#[test]
fn a_topic_that_may_not_be_written_fails_alone() {
    let mut bench = bench(vec![allow(Operation::Write, "mine"), allow(Operation::Read, "theirs")]);
    let leaders = ["mine", "theirs"].map(|topic| {
        bench.topic(topic, 1);
        bench.cluster.leader(topic, 0).unwrap()
    });
    let conn = bench.connect(leaders[0].0);
    for (topic, code) in [("mine", 0), ("theirs", DENIED), ("absent", DENIED)] {
        let answer = bench.ask(conn, 9, &produce::request(topic, 0, batch(bench.now, &["v"])));
        assert_eq!(answer.responses[0].partition_responses[0].error_code, code, "{topic}");
    }
}

#[test]
fn the_journal_says_what_was_denied_and_why() {
    let rule = Acl::deny("User:ANONYMOUS", Operation::Describe, ResourceType::Topic, "the").prefixed();
    let mut bench = bench(vec![rule]);
    told(&mut bench, 9, Some(vec![by_name("theirs")]));
    let denied = bench.cluster.journal().entries().map(ToString::to_string).find(|entry| entry.contains("denied"));
    let said =
        "DESCRIBE on TOPIC \"theirs\" denied by the ACL DENY User:ANONYMOUS DESCRIBE on TOPIC PREFIXED \"the\" from *";
    assert!(denied.unwrap().ends_with(said));
    let before = bench.cluster.journal().entries().len();
    told(&mut bench, 9, None);
    let after: Vec<_> = bench.cluster.journal().entries().skip(before).map(ToString::to_string).collect();
    assert!(!after.iter().any(|entry| entry.contains("denied")), "what was not asked for was not denied: {after:?}");
}
