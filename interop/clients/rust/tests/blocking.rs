//! librdkafka's blocking calls in a test of tokio with one thread: the cluster's sockets have a thread of their own, so that nobody waits for the other.

use std::time::Duration;

use ottla_mockbroker::{MockCluster, NewTopic};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::Message as _;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

/// How long a call may block; one that the cluster cannot answer blocks so long, and fails.
const WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn blocking_calls_on_the_only_thread_of_the_runtime_are_answered() {
    let topic = NewTopic::new("events").partitions(1);
    let cluster = MockCluster::builder().brokers(1).plaintext().topic(topic).start().await.unwrap();
    let config = ClientConfig::new().set("bootstrap.servers", cluster.bootstrap()).set("group.id", "none").clone();

    let producer: BaseProducer = config.create().unwrap();
    for value in ["a", "b", "c"] {
        producer.send(BaseRecord::<(), str>::to("events").payload(value)).unwrap();
    }
    producer.flush(WITHIN).unwrap();

    let consumer: BaseConsumer = config.create().unwrap();
    assert_eq!(consumer.fetch_metadata(Some("events"), WITHIN).unwrap().topics()[0].partitions().len(), 1);
    assert_eq!(consumer.fetch_watermarks("events", 0, WITHIN).unwrap(), (0, 3));
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset("events", 0, Offset::Beginning).unwrap();
    consumer.assign(&assignment).unwrap();
    let read = || String::from_utf8(consumer.poll(WITHIN).unwrap().unwrap().payload().unwrap().to_vec()).unwrap();
    assert_eq!([read(), read(), read()], ["a", "b", "c"]);
}
