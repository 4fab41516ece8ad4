import boto3
from kafka import KafkaProducer, KafkaConsumer
import json
import time
from datetime import datetime

class MSKDataPipeline:
    def __init__(self, bootstrap_servers, security_protocol='SSL'):
        self.bootstrap_servers = bootstrap_servers
        self.security_protocol = security_protocol
        self.msk_client = boto3.client('kafka')
    
    def create_cluster(self, cluster_name, kafka_version='2.8.1'):
        """Create MSK cluster"""
        try:
            response = self.msk_client.create_cluster(
                ClusterName=cluster_name,
                KafkaVersion=kafka_version,
                NumberOfBrokerNodes=3,
                BrokerNodeGroupInfo={
                    'InstanceType': 'kafka.m5.large',
                    'ClientSubnets': [
                        'subnet-12345678',
                        'subnet-87654321',
                        'subnet-11223344'
                    ],
                    'SecurityGroups': ['sg-12345678'],
                    'StorageInfo': {
                        'EBSStorageInfo': {
                            'VolumeSize': 100
                        }
                    }
                },
                EncryptionInfo={
                    'EncryptionAtRest': {
                        'DataVolumeKMSKeyId': 'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012'
                    },
                    'EncryptionInTransit': {
                        'ClientBroker': 'TLS',
                        'InCluster': True
                    }
                },
                ClientAuthentication={
                    'Sasl': {
                        'Scram': {
                            'Enabled': True
                        }
                    }
                },
                ConfigurationInfo={
                    'Arn': 'arn:aws:kafka:us-east-1:123456789012:configuration/my-config/12345678-1234-1234-1234-123456789012-1',
                    'Revision': 1
                }
            )
            print(f"MSK cluster creation initiated: {cluster_name}")
            return response
        except Exception as e:
            print(f"Error creating cluster: {e}")
    
    def create_producer(self, topic_name):
        """Create Kafka producer"""
        try:
            producer = KafkaProducer(
                bootstrap_servers=self.bootstrap_servers,
                security_protocol=self.security_protocol,
                value_serializer=lambda v: json.dumps(v).encode('utf-8'),
                key_serializer=lambda k: k.encode('utf-8') if k else None,
                acks='all',
                retries=3,
                batch_size=16384,
                linger_ms=10,
                buffer_memory=33554432
            )
            return producer
        except Exception as e:
            print(f"Error creating producer: {e}")
    
    def create_consumer(self, topic_name, group_id):
        """Create Kafka consumer"""
        try:
            consumer = KafkaConsumer(
                topic_name,
                bootstrap_servers=self.bootstrap_servers,
                security_protocol=self.security_protocol,
                group_id=group_id,
                value_deserializer=lambda m: json.loads(m.decode('utf-8')),
                key_deserializer=lambda k: k.decode('utf-8') if k else None,
                auto_offset_reset='earliest',
                enable_auto_commit=True,
                auto_commit_interval_ms=1000
            )
            return consumer
        except Exception as e:
            print(f"Error creating consumer: {e}")
    
    def produce_events(self, producer, topic_name, events):
        """Produce events to Kafka topic"""
        try:
            for event in events:
                # Add timestamp to event
                event['timestamp'] = datetime.now().isoformat()
                
                # Send event
                future = producer.send(
                    topic_name,
                    key=event.get('id'),
                    value=event
                )
                
                # Wait for acknowledgment
                record_metadata = future.get(timeout=10)
                print(f"Event sent to partition {record_metadata.partition} at offset {record_metadata.offset}")
            
            producer.flush()
        except Exception as e:
            print(f"Error producing events: {e}")
    
    def consume_events(self, consumer, process_function):
        """Consume and process events"""
        try:
            for message in consumer:
                event = {
                    'topic': message.topic,
                    'partition': message.partition,
                    'offset': message.offset,
                    'key': message.key,
                    'value': message.value,
                    'timestamp': message.timestamp
                }
                
                # Process the event
                process_function(event)
                
        except Exception as e:
            print(f"Error consuming events: {e}")

# Usage example
msk_pipeline = MSKDataPipeline(
    bootstrap_servers=['b-1.mycluster.abc123.c2.kafka.us-east-1.amazonaws.com:9092']
)

# Create producer and consumer
producer = msk_pipeline.create_producer('user-events')
consumer = msk_pipeline.create_consumer('user-events', 'analytics-group')

# Sample events
events = [
    {'id': 'user-001', 'action': 'login', 'user_id': '12345'},
    {'id': 'user-002', 'action': 'purchase', 'user_id': '67890', 'amount': 99.99},
    {'id': 'user-003', 'action': 'logout', 'user_id': '12345'}
]

# Produce events
msk_pipeline.produce_events(producer, 'user-events', events)

# Define event processing function
def process_event(event):
    print(f"Processing event: {event['value']['action']} for user {event['value']['user_id']}")
    # Add your processing logic here

# Consume events (this would run in a separate process/thread)
# msk_pipeline.consume_events(consumer, process_event)
