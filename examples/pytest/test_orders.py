"""pip install -r requirements.txt && MOCKBROKER=path/to/mockbroker pytest"""
import json
import urllib.request

from kafka import KafkaConsumer, KafkaProducer, TopicPartition


def test_an_order_is_sent_and_read_back(cluster):
    producer = KafkaProducer(bootstrap_servers=cluster["bootstrap"])
    sent = producer.send("orders", key=b"user123", value=b"one cup", partition=1).get(timeout=10)
    producer.close()
    assert (sent.partition, sent.offset) == (1, 0)

    consumer = KafkaConsumer(bootstrap_servers=cluster["bootstrap"], auto_offset_reset="earliest", consumer_timeout_ms=10_000)
    consumer.assign([TopicPartition("orders", 1)])
    read = next(consumer)
    consumer.close()
    assert (read.key, read.value) == (b"user123", b"one cup")


def test_what_a_service_sent_is_seen_without_a_consumer(cluster):
    producer = KafkaProducer(bootstrap_servers=cluster["bootstrap"])
    producer.send("orders", value=b"two cups", partition=0).get(timeout=10)
    producer.close()

    with urllib.request.urlopen(cluster["control"] + "/topics/orders/partitions/0/records") as answer:
        assert [record["value"] for record in json.load(answer)] == ["two cups"]
