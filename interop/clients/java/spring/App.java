import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Sends each line of a file with the application of KafkaConfig.java: {@code App FILE TOPIC}. */
public class App {
    public static void main(String[] arguments) throws Exception {
        try (var context = new AnnotationConfigApplicationContext(KafkaConfig.class, KafkaProducerService.class)) {
            var service = context.getBean(KafkaProducerService.class);
            for (String line : Files.readAllLines(Path.of(arguments[0]))) {
                service.sendMessage(arguments[1], line);
            }
        }
    }
}
