from kafka import KafkaProducer
import json
from datetime import datetime

producer = KafkaProducer(
    bootstrap_servers='b-1.fff-streaming-druid-msk.abc123.kafka.us-west-2.amazonaws.com:9092',
    value_serializer=lambda v: json.dumps(v).encode('utf-8'),
    security_protocol='SSL'
)

event = {
    "timestamp": datetime.utcnow().isoformat() + "Z",
    "user_id": "user123",
    "event_type": "click",
    "device": "mobile",
    "country": "US",
    "value": 1
}

producer.send('events', event)
producer.flush()
