const { Kafka } = require('kafkajs');
const fs = require('fs');

const kafka = new Kafka({
    clientId: 'my-app',
    brokers: ['<bootstrap-brokers-tls>:9094'],
    ssl: {
        rejectUnauthorized: false
    }
});

// Producer
const producer = kafka.producer();
await producer.connect();
await producer.send({
    topic: 'test-topic',
    messages: [
        { value: 'Hello Kafka!' }
    ]
});
await producer.disconnect();

// Consumer
const consumer = kafka.consumer({ groupId: 'my-group' });
await consumer.connect();
await consumer.subscribe({ topic: 'test-topic', fromBeginning: true });

await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
        console.log({
            value: message.value.toString()
        });
    }
});
