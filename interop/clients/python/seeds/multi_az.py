from kafka import KafkaProducer, KafkaConsumer
import ssl

# Bootstrap servers from Terraform output
bootstrap_servers = '<bootstrap-brokers-tls>:9094'

# SSL context
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE

# Producer
producer = KafkaProducer(
    bootstrap_servers=bootstrap_servers,
    security_protocol='SSL',
    ssl_context=context,
    value_serializer=lambda v: json.dumps(v).encode('utf-8')
)

# Send message
producer.send('test-topic', {'message': 'Hello Kafka!'})
producer.flush()

# Consumer
consumer = KafkaConsumer(
    'test-topic',
    bootstrap_servers=bootstrap_servers,
    security_protocol='SSL',
    ssl_context=context,
    auto_offset_reset='earliest',
    value_deserializer=lambda m: json.loads(m.decode('utf-8'))
)

for message in consumer:
    print(f"Received: {message.value}")
