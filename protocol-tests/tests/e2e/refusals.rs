//! What cannot be done is told as what it is.

use std::time::Duration;

use ottla::{
    AssignError, BuildConsumerError, Config, DeliveryError, ErrorCode, Producer, Record, SendError, TopicError,
};

use crate::world::{World, new_topic, unique};

/// How long brokers may deny that a topic exists, here where it never will.
const DENIED_FOR: Duration = Duration::from_secs(1);

fn impatient() -> Config {
    let mut config = Config::default();
    config.unknown_topic_timeout = DENIED_FOR;
    config
}

#[tokio::test]
async fn a_topic_that_is_not_there_takes_no_record_and_is_not_created_by_it() {
    let world = World::new().await;
    let nowhere = unique("e2e-nowhere");
    let client = world.another_client().config(impatient()).connect().await.unwrap();
    let producer = client.producer().build().unwrap();
    let error = producer.send(Record::to(&nowhere).value("v")).await.unwrap_err();
    assert!(matches!(&error, SendError::Topic(TopicError::Unknown { topic }) if *topic == nowhere), "{error}");
    let error = client.consumer().assign_topic(nowhere.as_str()).build().await.unwrap_err();
    let BuildConsumerError::Assign(AssignError::Topic(error)) = error else { panic!("{error}") };
    assert!(matches!(error, TopicError::Unknown { .. }), "{error}");
    let listed = world.admin().list_topics().await.unwrap();
    assert!(
        listed.iter().all(|topic| topic.name != nowhere),
        "Kafka creates what is asked for without `allow_auto_topic_creation=false`"
    );
}

#[tokio::test]
async fn a_partition_that_is_not_there_is_told_with_how_many_there_are() {
    let world = World::new().await;
    let topic = world.topic(2).await;
    let error = world.producer().send(Record::to(&topic).partition(2).value("v")).await.unwrap_err();
    assert!(matches!(error, SendError::UnknownPartition { partition: 2, partitions: 2, .. }), "{error}");
    let error = world.client.consumer().assign([(topic.as_str(), 7)]).build().await.unwrap_err();
    let BuildConsumerError::Assign(error) = error else { panic!("{error}") };
    assert!(matches!(error, AssignError::UnknownPartition { partitions: 2, .. }), "{error}");
}

#[tokio::test]
async fn a_record_larger_than_a_batch_is_refused_before_it_is_sent() {
    let world = World::new().await;
    let topic = world.topic(1).await;
    let error = world.producer().send(Record::to(&topic).value(vec![0; 2 * 1024 * 1024])).await.unwrap_err();
    assert!(matches!(error, SendError::RecordTooLarge { max_bytes: 1_048_576, .. }), "{error}");
}

#[tokio::test]
async fn a_batch_larger_than_the_topic_takes_is_refused_and_the_next_is_not() {
    let world = World::new().await;
    let topic = new_topic(&unique("e2e-small")).partitions(1).config("max.message.bytes", "1000");
    let topic = world.topic_of(topic).await;
    let producer = world.producer();
    leads(&producer, &topic).await;
    let error = producer.send(Record::to(&topic).value(vec![0; 2_000])).await.unwrap().await.unwrap_err();
    let DeliveryError::BatchTooLarge { batch_bytes, code, .. } = error else { panic!("{error}") };
    assert_eq!(code, ErrorCode::MESSAGE_TOO_LARGE);
    assert!(batch_bytes > 2_000);
    let delivered = producer.send(Record::to(&topic).value("small")).await.unwrap().await.unwrap();
    assert_eq!(delivered.offset, 1);
}

#[tokio::test]
async fn a_compacted_topic_takes_no_record_without_a_key() {
    let world = World::new().await;
    let topic = new_topic(&unique("e2e-compacted")).partitions(1).config("cleanup.policy", "compact");
    let topic = world.topic_of(topic).await;
    let producer = world.producer();
    leads(&producer, &topic).await;
    let error = producer.send(Record::to(&topic).value("v")).await.unwrap().await.unwrap_err();
    let DeliveryError::Refused { code, .. } = &error else { panic!("{error}") };
    assert_eq!(*code, ErrorCode::INVALID_RECORD, "{error}");
    assert!(!error.may_be_written());
    let delivered = producer.send(Record::to(&topic).key("k").value("v")).await.unwrap().await.unwrap();
    assert_eq!(delivered.offset, 1);
}

/// Waits until the leader takes records. A broker is named the leader shortly before it knows that itself, and says NOT_LEADER_OR_FOLLOWER till then: as
/// it would of a record that it has appended and then lost the leadership, so that the outcome of one refused thereafter is unknown.
async fn leads(producer: &Producer, topic: &str) {
    producer.send(Record::to(topic).key("k").value("first")).await.unwrap().await.unwrap();
}
