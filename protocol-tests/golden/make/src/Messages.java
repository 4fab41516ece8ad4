import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;

/**
 * Every message that Kafka has a schema of, at every version, with content of every {@link Shape}, as Kafka's generated classes write it.
 *
 * <p>The content is made along the schema that the class carries for the version. What the schema wrote is read into the
 * class and written again: only those second bytes are canonical, for the class leaves out a tagged field that has its default.
 */
final class Messages {
    private final long seed;
    private final int perVersion;
    private final List<ObjectNode> lines = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private int pairs;
    private long bytes;

    private Messages(long seed, int perVersion) {
        this.seed = seed;
        this.perVersion = perVersion;
    }

    /** Writes the lines into {@code file}, by gzip where its name ends so, and says how many there are and what Kafka refused. */
    static void write(Path file, long seed, int perVersion) throws IOException {
        Messages messages = new Messages(seed, perVersion);
        List<MessageType> types = MessageType.all();
        types.forEach(messages::add);
        try (OutputStream out = opened(file); PrintStream text = new PrintStream(out, false, "UTF-8")) {
            for (ObjectNode line : messages.lines) {
                text.print(Golden.JSON.writeValueAsString(line) + "\n");
            }
        }
        System.out.printf("%s: %d types, %d pairs of type and version, %d messages of %d bytes; %d refused%n", file.getFileName(),
            types.size(), messages.pairs, messages.lines.size(), messages.bytes, messages.refused.size());
        messages.refused.forEach(why -> System.out.println("  " + why));
        if (!messages.refused.isEmpty()) {
            throw new IllegalStateException("Kafka refused " + messages.refused.size() + " messages");
        }
    }

    private static OutputStream opened(Path file) throws IOException {
        OutputStream out = Files.newOutputStream(file);
        return !file.toString().endsWith(".gz") ? out : new GZIPOutputStream(out) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        };
    }

    private void add(MessageType type) {
        for (short version = type.lowest(); version <= type.highest(); version++) {
            pairs++;
            for (int index = 0; index < perVersion; index++) {
                String shape = index == 0 ? "defaults" : Shape.of(index).label();
                try {
                    lines.add(line(type, version, shape, message(type, version, index)));
                } catch (RuntimeException refusal) {
                    refused.add(type.name() + " v" + version + " " + shape + ": " + refusal);
                }
            }
        }
    }

    private ApiMessage message(MessageType type, short version, int index) {
        if (index == 0) {
            return type.defaults();
        }
        long chance = seed * 31 + Objects.hash(type.name(), version, index);
        Schema schema = type.schema(version);
        Struct content = Filler.fill(schema, Shape.of(index), chance);
        ByteBuffer draft = ByteBuffer.allocate(content.sizeOf());
        content.writeTo(draft);
        ApiMessage message = type.defaults();
        message.read(new ByteBufferAccessor(draft.flip()), version);
        return message;
    }

    private ObjectNode line(MessageType type, short version, String shape, ApiMessage message) {
        ByteBuffer body = MessageUtil.toByteBufferAccessor(message, version).buffer();
        ApiMessage again = type.defaults();
        again.read(new ByteBufferAccessor(body.duplicate()), version);
        if (!MessageUtil.toByteBufferAccessor(again, version).buffer().equals(body)) {
            throw new IllegalStateException("Kafka reads " + again + " where it wrote " + message);
        }
        bytes += body.remaining();
        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("name", type.name());
        line.put("type", type.kind());
        line.put("apiKey", type.apiKey());
        line.put("v", version);
        line.put("shape", shape);
        line.set("json", type.json(message, version));
        line.put("hex", Golden.hex(body));
        return line;
    }
}
