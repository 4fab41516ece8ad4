"""confluent-kafka (librdkafka) sends records, and reads them back from partitions that it assigns to itself."""
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, Producer, TopicPartition

import records

asked = records.asked()
failures = []


def on_error(error):
    # Librdkafka tries again after such an error for ever; a test does not.
    if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):
        failures.append(error)


def token(_):
    value, ends = records.msk_token()
    return value, ends / 1000


connection = {"bootstrap.servers": asked.bootstrap, "security.protocol": asked.protocol, "error_cb": on_error}
if asked.ca:
    connection["ssl.ca.location"] = asked.ca
if asked.certificate:
    connection |= {"ssl.certificate.location": f"{asked.certificate}/client.pem", "ssl.key.location": f"{asked.certificate}/client-key.pem"}
if asked.mechanism == "OAUTHBEARER":
    connection |= {"sasl.mechanism": asked.mechanism, "oauth_cb": token}
elif asked.mechanism:
    connection |= {"sasl.mechanism": asked.mechanism, "sasl.username": asked.user, "sasl.password": asked.secret}

sent = records.to_send()
delivered = []
producer = Producer(connection | {"enable.idempotence": True, "compression.type": asked.compression or "none", "linger.ms": 5})
for key, value, headers in sent:
    producer.produce(asked.topic, key=key, value=value, headers=list(headers), on_delivery=lambda error, message: delivered.append(error))
end = time.monotonic() + 30
while producer.flush(0.2) and not failures and time.monotonic() < end:
    pass
if failures or len(delivered) != len(sent) or any(delivered):
    sys.exit(f"{len(delivered)} of {len(sent)} records were delivered; {[str(error) for error in failures + delivered if error][:3]}")

consumer = Consumer(connection | {"group.id": "not used", "enable.auto.commit": False})
found = consumer.list_topics(asked.topic, 20).topics[asked.topic].partitions
consumer.assign([TopicPartition(asked.topic, partition, OFFSET_BEGINNING) for partition in found])
read = []
while len(read) < len(sent):
    message = consumer.poll(20)
    if message is None or message.error():
        sys.exit(f"{len(read)} of {len(sent)} records were read, then {message and message.error()}")
    read.append((message.key(), message.value(), tuple(message.headers())))
consumer.close()
records.must_be_equal(sent, read)
