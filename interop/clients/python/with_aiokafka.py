"""aiokafka sends records, and reads them back from partitions that it assigns to itself."""
import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.abc import AbstractTokenProvider

import records


class Signer(AbstractTokenProvider):
    async def token(self):
        return (await asyncio.get_running_loop().run_in_executor(None, records.msk_token))[0]


def connection(asked):
    settings = {"bootstrap_servers": asked.bootstrap, "security_protocol": asked.protocol, "ssl_context": records.tls(asked)}
    if asked.mechanism == "OAUTHBEARER":
        settings |= {"sasl_mechanism": asked.mechanism, "sasl_oauth_token_provider": Signer()}
    elif asked.mechanism:
        settings |= {"sasl_mechanism": asked.mechanism, "sasl_plain_username": asked.user, "sasl_plain_password": asked.secret}
    return settings


async def send(asked, sent):
    async with AIOKafkaProducer(**connection(asked), enable_idempotence=True, compression_type=asked.compression) as producer:
        futures = [await producer.send(asked.topic, key=key, value=value, headers=list(headers)) for key, value, headers in sent]
        await asyncio.gather(*futures)


async def read(asked, count):
    async with AIOKafkaConsumer(**connection(asked), auto_offset_reset="earliest") as consumer:
        await consumer._client._wait_on_metadata(asked.topic)
        consumer.assign([TopicPartition(asked.topic, partition) for partition in consumer.partitions_for_topic(asked.topic)])
        found = []
        while len(found) < count:
            message = await asyncio.wait_for(consumer.getone(), 20)
            found.append((message.key, message.value, tuple(message.headers)))
        return found


async def run(asked):
    sent = records.to_send()
    await send(asked, sent)
    records.must_be_equal(sent, await read(asked, len(sent)))


asyncio.run(run(records.asked()))
