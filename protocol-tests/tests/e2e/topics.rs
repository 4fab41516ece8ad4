//! Topics come, are described, and go.

use ottla::{ConfigSource, Record, TopicError};

use crate::target::replication;
use crate::world::{World, deliver, eventually, new_topic, read, unique, values};

#[tokio::test]
async fn a_topic_is_what_was_asked_for() {
    let world = World::new().await;
    let name = unique("e2e-described");
    let topic = new_topic(&name).partitions(5).config("retention.ms", "86400000");
    let created = world.admin().create_topics([topic]).await.unwrap().all().unwrap();
    assert_eq!((created[0].name.as_str(), created[0].partitions), (name.as_str(), Some(5)));
    eventually("all replicas are in sync", async || {
        let Ok(described) = world.admin().describe_topics([&name]).await.unwrap().all() else { return false };
        let mut partitions = described[0].partitions.iter();
        described[0].id == created[0].id && partitions.all(|at| at.in_sync.len() == at.replicas.len())
    })
    .await;
    let described = world.admin().describe_topics([&name]).await.unwrap().all().unwrap();
    assert!(!described[0].is_internal);
    for (partition, index) in described[0].partitions.iter().zip(0..) {
        assert_eq!((partition.index, partition.error), (index, None));
        assert_eq!(partition.leader, partition.replicas.first().copied(), "the preferred leader leads a new topic");
        if let Some(count) = replication() {
            assert_eq!(partition.replicas.len(), usize::try_from(count).unwrap());
        }
    }
    assert_eq!(described[0].partitions.len(), 5);
    let listed = world.admin().list_topics().await.unwrap();
    let listed: Vec<_> = listed.into_iter().filter(|topic| topic.name == name).collect();
    assert_eq!((listed.len(), listed[0].id, listed[0].partitions), (1, created[0].id, 5));
}

#[tokio::test]
async fn configurations_say_where_their_value_is_from() {
    let world = World::new().await;
    let topic =
        new_topic(&unique("e2e-configs")).config("retention.ms", "86400000").config("cleanup.policy", "compact");
    let topic = world.topic_of(topic).await;
    let configs = world.admin().topic_configs([&topic]).await.unwrap().all().unwrap();
    let entry = |name: &str| &configs[0].entries[name];
    assert_eq!(
        (entry("retention.ms").value.as_deref(), entry("retention.ms").source),
        (Some("86400000"), ConfigSource::Topic)
    );
    assert_eq!(
        (entry("cleanup.policy").value.as_deref(), entry("cleanup.policy").source),
        (Some("compact"), ConfigSource::Topic)
    );
    let flush = entry("flush.messages");
    assert_eq!((flush.value.as_deref(), flush.source), (Some("9223372036854775807"), ConfigSource::Default));
}

#[tokio::test]
async fn validation_creates_nothing() {
    let world = World::new().await;
    let name = unique("e2e-validated");
    world.admin().validate_topics([new_topic(&name).partitions(2)]).await.unwrap().all().unwrap();
    let error = world.admin().describe_topics([&name]).await.unwrap().all().unwrap_err();
    assert!(matches!(&error, TopicError::Unknown { topic } if *topic == name), "{error}");
}

#[tokio::test]
async fn each_topic_of_one_request_has_an_outcome_of_its_own() {
    let world = World::new().await;
    let (there, new) = (world.topic(1).await, unique("e2e-new"));
    let mut many = unique("e2e-replicas");
    many.truncate(100);
    let asked = [
        new_topic(&there),
        new_topic(&new),
        new_topic("no name of a topic"),
        new_topic(&many).replication(99),
        new_topic(&unique("e2e-config")).config("no.such.config", "1"),
    ];
    let results = world.admin().create_topics(asked).await.unwrap();
    assert!(matches!(results.of(&there), Some(Err(TopicError::Exists { .. }))), "{results:?}");
    assert!(matches!(results.of(&new), Some(Ok(_))), "{results:?}");
    assert!(matches!(results.of("no name of a topic"), Some(Err(TopicError::InvalidName { .. }))), "{results:?}");
    assert!(matches!(results.of(&many), Some(Err(TopicError::ReplicationFactor { .. }))), "{results:?}");
    let (_, config) = results.iter().find(|(name, _)| name.starts_with("e2e-config")).unwrap();
    assert!(matches!(config, Err(TopicError::Refused { code: ottla::ErrorCode::INVALID_CONFIG, .. })), "{results:?}");
    let gone = world.admin().delete_topics([unique("e2e-nowhere")]).await.unwrap().all().unwrap_err();
    assert!(matches!(gone, TopicError::Unknown { .. }), "{gone}");
}

#[tokio::test]
async fn a_topic_that_is_deleted_and_created_again_begins_anew() {
    let world = World::new().await;
    let topic = world.topic(2).await;
    let producer = world.producer();
    let old = |number| Record::to(&topic).partition(number % 2).value(format!("old {number}"));
    deliver(&producer, (0..10).map(old)).await;
    let before = world.admin().describe_topics([&topic]).await.unwrap().all().unwrap();
    world.delete(&topic).await;
    world.topic_of(new_topic(&topic).partitions(2)).await;
    let after = world.admin().describe_topics([&topic]).await.unwrap().all().unwrap();
    assert_ne!(before[0].id, after[0].id);
    // The producer knew the old one, and goes on all the same.
    for partition in 0..2 {
        let record = Record::to(&topic).partition(partition).value(format!("new {partition}"));
        let delivered = producer.send(record).await.unwrap().await.unwrap();
        assert_eq!((delivered.partition, delivered.offset), (partition, 0));
    }
    let logs = world.read(&topic, 2).await;
    assert_eq!((values(&logs[&0]), values(&logs[&1])), (vec!["new 0".to_owned()], vec!["new 1".to_owned()]));
}

#[tokio::test]
async fn clients_of_one_cluster_see_each_others_topics_and_records() {
    let world = World::new().await;
    let other = world.another_client().client_id("another").connect().await.unwrap();
    let topic = world.topic(3).await;
    let consumer = other.consumer().assign_topic(topic.as_str()).build().await.unwrap();
    deliver(&world.producer(), (0..30).map(|number: u32| Record::to(&topic).value(number.to_string()))).await;
    let logs = read(&consumer, 30).await;
    let mut numbers: Vec<u32> = logs.values().flat_map(|log| values(log)).map(|value| value.parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..30).collect::<Vec<_>>());
}
