import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.types.Schema;

/** A message that Kafka has a schema of, and the class that Kafka made from it; {@code kind} is what the schema calls its type. */
record MessageType(String name, String kind, int apiKey, Class<? extends ApiMessage> of) {
    private static final JsonMapper SCHEMAS = JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();

    /** All that have a version, as the schemas say that lie beside the classes in Kafka's jar. */
    static List<MessageType> all() throws IOException {
        try (FileSystem jar = FileSystems.newFileSystem(Path.of(ApiMessage.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
                Stream<Path> files = Files.list(jar.getPath("/common/message"))) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().map(MessageType::schemaIn)
                .filter(schema -> !schema.get("validVersions").asText().equals("none")).map(MessageType::of).toList();
        } catch (URISyntaxException broken) {
            throw new IOException(broken);
        }
    }

    private static JsonNode schemaIn(Path file) {
        try {
            return SCHEMAS.readTree(Files.readString(file));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static MessageType of(JsonNode schema) {
        String name = schema.get("name").asText();
        String kind = schema.get("type").asText();
        String suffix = kind.equals("data") ? "" : "Data";
        try {
            Class<?> of = Class.forName("org.apache.kafka.common.message." + name + suffix);
            return new MessageType(name, kind, schema.path("apiKey").asInt(-1), of.asSubclass(ApiMessage.class));
        } catch (ClassNotFoundException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /** One with every default. */
    ApiMessage defaults() {
        try {
            return of.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException(broken);
        }
    }

    short lowest() {
        return defaults().lowestSupportedVersion();
    }

    short highest() {
        return defaults().highestSupportedVersion();
    }

    Schema schema(short version) {
        try {
            return ((Schema[]) of.getField("SCHEMAS").get(null))[version];
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** What Kafka's converter says; the converters are generated beside the classes and share no interface. */
    JsonNode json(ApiMessage message, short version) {
        try {
            Class<?> converter = Class.forName(of.getName() + "JsonConverter");
            return (JsonNode) converter.getMethod("write", of, short.class).invoke(null, message, version);
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
