//! Topics are created, described, listed and deleted, and each that is asked for has an answer of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::time::Duration;

use ottla::{BrokerId, CallError, ConfigSource, NewTopic, RequestError, TopicError};
use ottla_mockbroker::{EntryKind, MockCluster, Protocol};
use ottla_wire::ApiKey;
use protocol_tests::relay::Relay;
use protocol_tests::{memory_client, memory_cluster, memory_pair};
use tokio::time::Instant;

fn asked(cluster: &MockCluster, wanted: ApiKey) -> Vec<BrokerId> {
    let journal = cluster.journal().into_iter();
    let of_api = journal.filter(|entry| matches!(entry.kind, EntryKind::Request { api, .. } if api == wanted));
    of_api.map(|entry| entry.broker).collect()
}

#[tokio::test(start_paused = true)]
async fn a_topic_is_created_as_it_was_asked_for() {
    let (_cluster, client) = memory_pair().await;
    let topic = NewTopic::new("events").partitions(4).replication(2).config("retention.ms", "86400000");
    let created = client.admin().create_topics([topic]).await.unwrap().all().unwrap();
    assert_eq!((created[0].partitions, created[0].replication), (Some(4), Some(2)));
    let described = client.admin().describe_topics(["events"]).await.unwrap().all().unwrap();
    assert_eq!((&described[0].id, described[0].is_internal), (&created[0].id, false));
    for (partition, index) in described[0].partitions.iter().zip(0..) {
        assert_eq!((partition.index, partition.error), (index, None));
        assert_eq!((partition.replicas.len(), &partition.in_sync), (2, &partition.replicas));
        assert_eq!(partition.leader, partition.replicas.first().copied());
    }
    let configs = client.admin().topic_configs(["events"]).await.unwrap().all().unwrap();
    let retention = &configs[0].entries["retention.ms"];
    assert_eq!((retention.value.as_deref(), retention.source), (Some("86400000"), ConfigSource::Topic));
    assert!(configs[0].entries.values().any(|entry| entry.source == ConfigSource::Default));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_said_is_left_to_the_broker() {
    let cluster = MockCluster::builder().num_partitions(5).start_in_memory().unwrap();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    let created = client.admin().create_topics([NewTopic::new("events")]).await.unwrap().all().unwrap();
    assert_eq!((created[0].partitions, created[0].replication), (Some(5), Some(3)));
}

#[tokio::test(start_paused = true)]
async fn each_topic_of_one_request_has_a_result_of_its_own() {
    let (cluster, client) = memory_pair().await;
    let names = ["good", "bad name", "also-good"];
    let results = client.admin().create_topics(names.map(NewTopic::new)).await.unwrap();
    let told: Vec<_> = results.iter().map(|(name, result)| (name, result.is_ok())).collect();
    assert_eq!(told, [("also-good", true), ("bad name", false), ("good", true)]);
    assert!(matches!(results.of("bad name"), Some(Err(TopicError::InvalidName { .. }))));
    assert!(results.of("never-asked").is_none());
    assert_eq!(asked(&cluster, ApiKey::CreateTopics).len(), 1);
    let listed: Vec<_> = client.admin().list_topics().await.unwrap().into_iter().map(|topic| topic.name).collect();
    assert_eq!(listed, ["also-good", "good"]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_there_is_not_created_again() {
    let (_cluster, client) = memory_pair().await;
    client.admin().create_topics([NewTopic::new("events")]).await.unwrap().all().unwrap();
    let error = client.admin().create_topics([NewTopic::new("events")]).await.unwrap().all().unwrap_err();
    assert!(matches!(&error, TopicError::Exists { topic } if topic == "events"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn validation_creates_nothing() {
    let (_cluster, client) = memory_pair().await;
    let admin = client.admin();
    let topics = [NewTopic::new("events"), NewTopic::new("events-4").replication(4)];
    let results = admin.validate_topics(topics).await.unwrap();
    assert!(results.of("events").unwrap().is_ok());
    assert!(matches!(results.of("events-4"), Some(Err(TopicError::ReplicationFactor { .. }))));
    assert_eq!(admin.list_topics().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_topic_is_gone_and_one_that_is_not_there_is_told_so() {
    let (_cluster, client) = memory_pair().await;
    let admin = client.admin();
    let created = admin.create_topics([NewTopic::new("events")]).await.unwrap().all().unwrap();
    let results = admin.delete_topics(["events", "nowhere"]).await.unwrap();
    assert_eq!(results.of("events").unwrap().as_ref().unwrap().id, created[0].id);
    assert!(matches!(results.of("nowhere"), Some(Err(TopicError::Unknown { .. }))));
    let gone = admin.describe_topics(["events"]).await.unwrap().all().unwrap_err();
    assert!(matches!(gone, TopicError::Unknown { .. }), "{gone}");
    let gone = admin.topic_configs(["events"]).await.unwrap().all().unwrap_err();
    assert!(matches!(gone, TopicError::Unknown { .. }), "{gone}");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_is_asked_for_twice_is_not_created_and_nothing_asked_is_nothing_sent() {
    let (cluster, client) = memory_pair().await;
    let twice = [NewTopic::new("events"), NewTopic::new("events").partitions(9)];
    let error = client.admin().create_topics(twice).await.unwrap().all().unwrap_err();
    assert!(matches!(error, TopicError::AskedTwice { .. }), "{error}");
    assert_eq!(client.admin().create_topics([]).await.unwrap().all().unwrap(), []);
    assert_eq!(asked(&cluster, ApiKey::CreateTopics), []);
}

#[tokio::test(start_paused = true)]
async fn what_changes_the_cluster_is_asked_of_one_broker_and_what_reads_it_of_any() {
    let (cluster, client) = memory_pair().await;
    for index in 0..20 {
        client.admin().create_topics([NewTopic::new(format!("t{index}"))]).await.unwrap().all().unwrap();
        client.admin().describe_topics(["t0"]).await.unwrap().all().unwrap();
    }
    let controllers: BTreeSet<_> = asked(&cluster, ApiKey::CreateTopics).into_iter().collect();
    assert_eq!(controllers.len(), 1);
    let described: BTreeSet<_> = asked(&cluster, ApiKey::Metadata).into_iter().collect();
    assert_eq!(described.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_creation_whose_answer_is_lost_is_not_sent_again() {
    let cluster = memory_cluster();
    let relay = Relay::default();
    let client =
        memory_client(&cluster, Protocol::Plaintext).dial(relay.before(cluster.dialer())).connect().await.unwrap();
    client.admin().list_topics().await.unwrap();
    relay.swallow_answers_of(ApiKey::CreateTopics);
    let started = Instant::now();
    let error = client.admin().create_topics([NewTopic::new("events")]).await.expect_err("no answer");
    assert!(matches!(&error, CallError::Request(RequestError::OutcomeUnknown { .. })), "{error}");
    assert!(!error.is_not_sent());
    assert_eq!(started.elapsed(), Duration::from_secs(30), "the request timeout");
    assert_eq!(asked(&cluster, ApiKey::CreateTopics).len(), 1);
    assert!(client.admin().describe_topics(["events"]).await.unwrap().all().is_ok(), "it was created");
}
