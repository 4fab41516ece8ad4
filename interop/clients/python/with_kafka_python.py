"""kafka-python sends records, and reads them back from partitions that it assigns to itself."""
import sys

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

import records

asked = records.asked()
connection = {
    "bootstrap_servers": asked.bootstrap.split(","),
    "security_protocol": asked.protocol,
    "ssl_context": records.tls(asked),
}
if asked.mechanism:
    connection["sasl_mechanism"] = asked.mechanism
    if asked.mechanism == "OAUTHBEARER":
        from kafka.net.sasl.oauth import AbstractTokenProvider

        class Signer(AbstractTokenProvider):
            def token(self):
                return records.msk_token()[0]

        connection["sasl_oauth_token_provider"] = Signer()
    elif asked.mechanism != "AWS_MSK_IAM":
        connection |= {"sasl_plain_username": asked.user, "sasl_plain_password": asked.secret}

producer = KafkaProducer(**connection, acks="all", compression_type=asked.compression, max_block_ms=20_000)
sent = records.to_send()
futures = [producer.send(asked.topic, key=key, value=value, headers=list(headers)) for key, value, headers in sent]
producer.flush(30)
for future in futures:
    future.get(timeout=10)
producer.close()

consumer = KafkaConsumer(**connection, auto_offset_reset="earliest", consumer_timeout_ms=20_000)
partitions = [TopicPartition(asked.topic, partition) for partition in consumer.partitions_for_topic(asked.topic)]
consumer.assign(partitions)
consumer.seek_to_beginning()
left = sum(consumer.end_offsets(partitions).values())
read = []
for message in consumer:
    read.append((message.key, message.value, tuple(message.headers)))
    if len(read) == left:
        break
consumer.close()
records.must_be_equal(sent, read)
sys.exit(0)
