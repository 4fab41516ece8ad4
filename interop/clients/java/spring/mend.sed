# What KafkaConfig.java needs to be compiled and to find the mock.
# The names that it uses and does not import.
1i import java.util.HashMap;\
import java.util.Map;\
import org.apache.kafka.clients.CommonClientConfigs;\
import org.apache.kafka.clients.producer.ProducerConfig;\
import org.apache.kafka.common.serialization.StringSerializer;\
import org.springframework.beans.factory.annotation.Autowired;\
import org.springframework.context.annotation.Bean;\
import org.springframework.context.annotation.Configuration;\
import org.springframework.kafka.core.DefaultKafkaProducerFactory;\
import org.springframework.kafka.core.ProducerFactory;\
import org.springframework.stereotype.Service;
# A file has one public class.
s/^public class KafkaProducerService/class KafkaProducerService/
s/^public class KafkaConsumerService/class KafkaConsumerService/
# The address.
s/"<bootstrap-brokers-tls>:9094"/System.getenv("BOOTSTRAP")/
