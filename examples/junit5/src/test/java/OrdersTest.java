import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** MOCKBROKER=path/to/mockbroker mvn test */
class OrdersTest {
  @RegisterExtension
  static final MockBroker MOCK = new MockBroker("--brokers", "3", "--topic", "orders:3");

  @Test
  @Timeout(30)
  void anOrderIsSentAndReadBackOverTls() throws Exception {
    try (var producer = new KafkaProducer<>(MOCK.client(), new StringSerializer(), new StringSerializer())) {
      assertEquals(0, producer.send(new ProducerRecord<>("orders", 1, "user123", "one cup")).get().offset());
    }
    try (var consumer = new KafkaConsumer<>(MOCK.client(), new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition("orders", 1);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      ConsumerRecord<String, String> read = consumer.poll(Duration.ofSeconds(10)).iterator().next();
      assertEquals("user123=one cup", read.key() + "=" + read.value());
    }
  }
}
