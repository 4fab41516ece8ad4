package main

import (
    "fmt"
    "github.com/confluentinc/confluent-kafka-go/kafka"
)

func main() {
    // Producer
    p, err := kafka.NewProducer(&kafka.ConfigMap{
        "bootstrap.servers": "<bootstrap-brokers-tls>:9094",
        "security.protocol": "SSL",
    })
    
    topic := "test-topic"
    p.Produce(&kafka.Message{
        TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: kafka.PartitionAny},
        Value:          []byte("Hello Kafka!"),
    }, nil)
    
    p.Flush(15 * 1000)
    p.Close()
    
    // Consumer
    c, err := kafka.NewConsumer(&kafka.ConfigMap{
        "bootstrap.servers": "<bootstrap-brokers-tls>:9094",
        "group.id":          "my-group",
        "auto.offset.reset": "earliest",
        "security.protocol": "SSL",
    })
    
    c.SubscribeTopics([]string{"test-topic"}, nil)
    
    for {
        msg, err := c.ReadMessage(-1)
        if err == nil {
            fmt.Printf("Message: %s\n", string(msg.Value))
        }
    }
}
