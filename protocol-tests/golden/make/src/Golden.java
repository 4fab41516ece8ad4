import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Writes each golden file into the directory that is its only argument. */
final class Golden {
    static final ObjectMapper JSON = new ObjectMapper();

    /** Fixed, so that the files come out the same each time and a diff shows what Kafka changed. */
    static final long SEED = 20_260_101;

    /** How many messages there are of each type at each version. */
    static final int PER_VERSION = 8;

    public static void main(String[] args) throws IOException {
        Path out = Path.of(args[0]);
        write(out.resolve("record-batches.jsonl"), RecordBatches.lines());
        RecordKinds kinds = new RecordKinds();
        write(out.resolve("record-batches-by-codec.jsonl"), kinds.accepted());
        write(out.resolve("record-batches-refused.jsonl"), kinds.refused());
        write(out.resolve("murmur2.jsonl"), Murmur2.lines());
        write(out.resolve("partitioners.jsonl"), Partitioners.lines());
        Messages.write(out.resolve("messages.jsonl.gz"), SEED, PER_VERSION);
        write(out.resolve("request-headers.jsonl"), Headers.lines());
    }

    static void write(Path file, List<ObjectNode> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        for (ObjectNode line : lines) {
            text.append(JSON.writeValueAsString(line)).append('\n');
        }
        Files.writeString(file, text);
        System.out.println(file.getFileName() + ": " + lines.size() + " lines");
    }

    /** Chance for one subject alone, so that a subject added or taken away leaves the others as they are. */
    static Random chance(String subject) {
        return new Random(SEED * 31 + subject.hashCode());
    }

    /** All that is left in the buffer as hex, or null; the buffer stays as it is. */
    static String hex(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
