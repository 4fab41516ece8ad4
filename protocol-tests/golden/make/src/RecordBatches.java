import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;

/** Uncompressed record batches of magic 2 as Kafka's builder writes them, and what Kafka's reader says about those bytes. */
final class RecordBatches {
    private static final long NOW = 1_700_000_000_000L;

    private final List<ObjectNode> lines = new ArrayList<>();

    static List<ObjectNode> lines() {
        RecordBatches batches = new RecordBatches();
        batches.keysValuesAndHeaders();
        batches.timestamps();
        batches.producers();
        batches.transactions();
        batches.compacted();
        return batches.lines;
    }

    private void keysValuesAndHeaders() {
        add("one", new Setup(), b -> b.append(NOW, bytes("key"), bytes("value")));
        add("many", new Setup().at(1_000), b -> {
            for (int i = 0; i < 50; i++) {
                b.append(NOW + i, bytes("key-" + i), bytes("value-".repeat(i % 7) + i));
            }
        });
        add("headers", new Setup(), b -> b.append(NOW, bytes("key"), bytes("value"), new Header[] {
            header("trace", bytes("abc")), header("same", bytes("1")), header("same", bytes("2")), header("same", bytes("1")),
            header("null", null), header("empty", bytes("")), header("", bytes("no name")), header("ключ", bytes("не ASCII")),
        }));
        add("null_key", new Setup(), b -> b.append(NOW, null, bytes("value")));
        add("null_value", new Setup(), b -> b.append(NOW, bytes("key"), null));
        add("null_key_and_value", new Setup(), b -> b.append(NOW, (byte[]) null, null));
        add("empty_key", new Setup(), b -> b.append(NOW, bytes(""), bytes("value")));
        add("empty_value", new Setup(), b -> b.append(NOW, bytes("key"), bytes("")));
        // Lengths are zigzag varints: 63 is the last of one byte, 64 the first of two.
        add("values_at_the_varint_borders", new Setup(), b -> {
            for (int length : new int[] {63, 64, 127, 128, 3_000}) {
                b.append(NOW, null, bytes("x".repeat(length)));
            }
        });
        add("large_offset", new Setup().at(Long.MAX_VALUE - 10), b -> b.append(NOW, null, bytes("far")));
    }

    private void timestamps() {
        add("timestamps_that_go_back", new Setup(), b -> {
            for (long delta : new long[] {0, -1, -64, -65, -100_000, 5}) {
                b.append(NOW + delta, null, bytes("at " + delta));
            }
        });
        add("timestamps_far_apart", new Setup(), b -> {
            for (long timestamp : new long[] {0, Long.MAX_VALUE, 0}) {
                b.append(timestamp, null, bytes("at " + timestamp));
            }
        });
        add("no_timestamp", new Setup(), b -> b.append(RecordBatch.NO_TIMESTAMP, null, bytes("when?")));
        add("log_append_time", new Setup().appendedAt(NOW + 5_000), b -> {
            b.append(NOW, null, bytes("first"));
            b.append(NOW + 7, null, bytes("second"));
        });
    }

    private void producers() {
        add("leader_epoch", new Setup().at(7).leaderEpoch(42), b -> b.append(NOW, null, bytes("value")));
        add("idempotent", new Setup().at(20).producer((short) 3, 17), RecordBatches::twoRecords);
        add("idempotent_sequence_wraps", new Setup().producer((short) 0, Integer.MAX_VALUE), RecordBatches::twoRecords);
        add("transactional", new Setup().at(30).producer((short) 3, 19).transactional(), RecordBatches::twoRecords);
    }

    private void transactions() {
        Setup marker = new Setup().at(99).producer((short) 3, RecordBatch.NO_SEQUENCE).transactional().control();
        add("commit_marker", marker, b -> b.appendEndTxnMarker(NOW, new EndTransactionMarker(ControlRecordType.COMMIT, 11)));
        add("abort_marker", marker, b -> b.appendEndTxnMarker(NOW, new EndTransactionMarker(ControlRecordType.ABORT, 12)));
    }

    /** What the log cleaner leaves: gaps between offsets, a last offset that no record has, and no record at all. */
    private void compacted() {
        add("compacted_with_gaps", new Setup().at(100), b -> {
            b.appendWithOffset(102, NOW, bytes("a"), bytes("1"));
            b.appendWithOffset(105, NOW, bytes("b"), bytes("2"));
            b.overrideLastOffset(109);
        });
        add("delete_horizon", new Setup().at(200).deleteHorizon(NOW + 86_400_000), b -> b.append(NOW, bytes("gone"), null));
        ByteBuffer empty = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        DefaultRecordBatch.writeEmptyHeader(empty, RecordBatch.MAGIC_VALUE_V2, Setup.PRODUCER_ID, (short) 3, 7, 300, 309, 5,
            TimestampType.CREATE_TIME, NOW, false, false);
        lines.add(line("compacted_to_nothing", empty.flip()));
    }

    private static void twoRecords(MemoryRecordsBuilder batch) {
        batch.append(NOW, bytes("a"), bytes("1"));
        batch.append(NOW + 1, bytes("b"), bytes("2"));
    }

    private void add(String name, Setup setup, Consumer<MemoryRecordsBuilder> records) {
        MemoryRecordsBuilder builder = setup.builder();
        records.accept(builder);
        lines.add(line(name, builder.build().buffer()));
    }

    private static ObjectNode line(String name, ByteBuffer bytes) {
        ArrayNode batches = Reading.batches(bytes);
        if (batches.size() != 1) {
            throw new IllegalStateException(name + " is " + batches.size() + " batches");
        }
        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("name", name);
        line.put("bytes_hex", Golden.hex(bytes));
        return line.setAll((ObjectNode) batches.get(0));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Header header(String key, byte[] value) {
        return new RecordHeader(key, value);
    }
}
