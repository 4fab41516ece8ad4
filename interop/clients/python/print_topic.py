"""`print_topic.py BOOTSTRAP PROTOCOL --topic T [--whole]`: what the programs of others sent, one record a line: its value, or all of it as JSON."""
import base64
import json

from kafka import KafkaConsumer, TopicPartition

import records


def line(message):
    def text(value):
        return None if value is None else base64.b64encode(value).decode()

    return json.dumps([text(message.key), text(message.value), [[name, text(value)] for name, value in message.headers]], separators=(",", ":"))


asked = records.asked("--whole")
consumer = KafkaConsumer(bootstrap_servers=asked.bootstrap.split(","), security_protocol=asked.protocol, ssl_context=records.tls(asked),
                         auto_offset_reset="earliest", consumer_timeout_ms=20_000)
partitions = [TopicPartition(asked.topic, partition) for partition in consumer.partitions_for_topic(asked.topic)]
consumer.assign(partitions)
left = sum(consumer.end_offsets(partitions).values())
while left:
    message = next(consumer)
    print(line(message) if asked.whole else message.value.decode())
    left -= 1
