import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Every kind of batch in every magic and codec, as Kafka's builder writes it, and those that the builder refuses. */
final class RecordKinds {
    private static final long NOW = 1_700_000_000_000L;
    private static final int MANY = 12;

    /** More than one block of each codec: 32 KiB of snappy, 64 KiB of lz4, 128 KiB of zstd. */
    private static final int LARGE_BYTES = 150_000;
    private static final String REPEATED = "{\"sensor\":\"greenhouse-7\",\"celsius\":21.5,\"humid\":true}\n";

    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final List<ObjectNode> accepted = new ArrayList<>();
    private final List<ObjectNode> refused = new ArrayList<>();

    RecordKinds() {
        records();
        producers();
        for (byte magic = RecordBatch.MAGIC_VALUE_V0; magic <= RecordBatch.MAGIC_VALUE_V2; magic++) {
            for (CompressionType codec : CompressionType.values()) {
                for (String kind : kinds.keySet()) {
                    // In plain it shows nothing that "one" does not, and would be larger than all the others together.
                    if (codec != CompressionType.NONE || !kind.equals("large")) {
                        attempt(magic, codec, kind);
                    }
                }
            }
        }
    }

    List<ObjectNode> accepted() {
        return accepted;
    }

    List<ObjectNode> refused() {
        return refused;
    }

    private void records() {
        kind("empty", setup -> setup, b -> { });
        kind("one", setup -> setup, b -> b.append(NOW, bytes("key"), bytes("value")));
        kind("many", setup -> setup.at(1_000), b -> {
            for (int i = 0; i < MANY; i++) {
                b.append(NOW + i, bytes("key-" + i), bytes("value-".repeat(i) + i));
            }
        });
        kind("headers", setup -> setup, b -> b.append(NOW, bytes("key"), bytes("value"), new Header[] {
            header("same", bytes("1")), header("same", bytes("2")), header("same", bytes("1")), header("null", null),
            header("empty", bytes("")), header("", bytes("no name")), header("ключ", bytes("не ASCII")),
        }));
        kind("nulls", setup -> setup.at(5), b -> {
            b.append(NOW, null, bytes("value"));
            b.append(NOW, bytes("key"), null);
            b.append(NOW, (byte[]) null, null);
            b.append(NOW, bytes(""), bytes(""));
        });
        kind("gaps", setup -> setup.at(100), b -> {
            b.appendWithOffset(102, NOW, bytes("a"), bytes("1"));
            b.appendWithOffset(105, NOW, bytes("b"), bytes("2"));
        });
        kind("large", setup -> setup.at(8), b -> {
            b.append(NOW, null, bytes(large()));
            b.append(NOW, null, bytes("after it"));
        });
    }

    private void producers() {
        kind("control", setup -> setup.at(99).producer((short) 3, RecordBatch.NO_SEQUENCE).transactional().control(),
            b -> b.appendEndTxnMarker(NOW, new EndTransactionMarker(ControlRecordType.COMMIT, 11)));
        kind("log_append_time", setup -> setup.at(40).appendedAt(NOW + 5_000), RecordKinds::twoRecords);
        kind("idempotent", setup -> setup.at(20).producer((short) 3, 17), RecordKinds::twoRecords);
        kind("transactional", setup -> setup.at(30).producer((short) 3, 19).transactional(), RecordKinds::twoRecords);
    }

    private void attempt(byte magic, CompressionType codec, String kind) {
        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("name", "v" + magic + "_" + codec.name + "_" + kind);
        line.put("magic", magic);
        line.put("codec", codec.name);
        line.put("kind", kind);
        MemoryRecordsBuilder builder;
        try {
            builder = kinds.get(kind).written(magic, codec);
        } catch (IllegalArgumentException refusal) {
            line.put("exception", refusal.getClass().getSimpleName());
            line.put("reason", refusal.getMessage());
            refused.add(line);
            return;
        }
        line.put("bytes_hex", Golden.hex(builder.build().buffer()));
        line.set("batches", shortened(Reading.batches(builder.build().buffer())));
        accepted.add(line);
    }

    /** The large value told by what repeats in it: in full it would outweigh all else in the file. */
    private static ArrayNode shortened(ArrayNode batches) {
        String large = Golden.hex(ByteBuffer.wrap(bytes(large())));
        for (JsonNode record : batches.findParents("value")) {
            if (record.get("value").asText().equals(large)) {
                ObjectNode value = ((ObjectNode) record).putObject("value");
                value.put("repeated", Golden.hex(ByteBuffer.wrap(bytes(REPEATED))));
                value.put("bytes", LARGE_BYTES);
            }
        }
        return batches;
    }

    private static String large() {
        return REPEATED.repeat(LARGE_BYTES / REPEATED.length() + 1).substring(0, LARGE_BYTES);
    }

    private void kind(String name, UnaryOperator<Setup> setup, Consumer<MemoryRecordsBuilder> records) {
        kinds.put(name, new Kind(setup, records));
    }

    private static void twoRecords(MemoryRecordsBuilder batch) {
        batch.append(NOW, bytes("a"), bytes("1"));
        batch.append(NOW + 7, bytes("b"), bytes("2"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Header header(String key, byte[] value) {
        return new RecordHeader(key, value);
    }

    /** What the header of a batch says, and what is appended to it. */
    private record Kind(UnaryOperator<Setup> setup, Consumer<MemoryRecordsBuilder> records) {
        /** The builder, closed; it refuses some things when it is made, others at a record, and others when it is closed. */
        MemoryRecordsBuilder written(byte magic, CompressionType codec) {
            MemoryRecordsBuilder builder = setup.apply(new Setup().magic(magic).codec(codec)).builder();
            records.accept(builder);
            builder.close();
            return builder;
        }
    }
}
