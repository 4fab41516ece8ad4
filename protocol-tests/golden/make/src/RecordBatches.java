import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Record batches of magic 2 as Kafka's builder writes them, and what Kafka's reader says about those bytes. */
final class RecordBatches {
    private static final long NOW = 1_700_000_000_000L;
    private static final long PRODUCER_ID = 4_000_000_001L;

    /** Room for the largest batch here; what is not used is not written. */
    private static final int BATCH_BYTES_MAX = 8 * 1024;

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
        DefaultRecordBatch.writeEmptyHeader(empty, RecordBatch.MAGIC_VALUE_V2, PRODUCER_ID, (short) 3, 7, 300, 309, 5,
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
        List<MutableRecordBatch> batches = new ArrayList<>();
        MemoryRecords.readableRecords(bytes).batches().forEach(batches::add);
        if (batches.size() != 1) {
            throw new IllegalStateException(name + " is " + batches.size() + " batches");
        }
        DefaultRecordBatch batch = (DefaultRecordBatch) batches.get(0);
        batch.ensureValid();

        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("name", name);
        line.put("bytes_hex", Golden.hex(bytes));
        fields(line.putObject("fields"), batch);
        ArrayNode records = line.putArray("records");
        for (Record record : batch) {
            record(records.addObject(), record);
        }
        return line;
    }

    private static void fields(ObjectNode fields, DefaultRecordBatch batch) {
        fields.put("baseOffset", batch.baseOffset());
        fields.put("lastOffset", batch.lastOffset());
        fields.put("nextOffset", batch.nextOffset());
        fields.put("leaderEpoch", batch.partitionLeaderEpoch());
        fields.put("magic", batch.magic());
        fields.put("compression", batch.compressionType().name);
        fields.put("timestampType", batch.timestampType().name);
        fields.put("isTransactional", batch.isTransactional());
        fields.put("isControl", batch.isControlBatch());
        fields.put("baseTimestamp", batch.baseTimestamp());
        fields.put("maxTimestamp", batch.maxTimestamp());
        fields.put("deleteHorizon", batch.deleteHorizonMs().isPresent() ? batch.deleteHorizonMs().getAsLong() : null);
        fields.put("producerId", batch.producerId());
        fields.put("producerEpoch", batch.producerEpoch());
        fields.put("baseSequence", batch.baseSequence());
        fields.put("lastSequence", batch.lastSequence());
        fields.put("count", batch.countOrNull());
    }

    private static void record(ObjectNode line, Record record) {
        line.put("offset", record.offset());
        line.put("timestamp", record.timestamp());
        line.put("key", Golden.hex(record.key()));
        line.put("value", Golden.hex(record.value()));
        ArrayNode headers = line.putArray("headers");
        for (Header header : record.headers()) {
            byte[] value = header.value();
            headers.addArray().add(header.key()).add(value == null ? null : Golden.hex(ByteBuffer.wrap(value)));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Header header(String key, byte[] value) {
        return new RecordHeader(key, value);
    }

    /** What stands in the header of a batch; the builder's constructor takes it all by position. */
    private static final class Setup {
        private long baseOffset = 0;
        private int leaderEpoch = RecordBatch.NO_PARTITION_LEADER_EPOCH;
        private TimestampType timestampType = TimestampType.CREATE_TIME;
        private long logAppendTime = RecordBatch.NO_TIMESTAMP;
        private long producerId = RecordBatch.NO_PRODUCER_ID;
        private short producerEpoch = RecordBatch.NO_PRODUCER_EPOCH;
        private int baseSequence = RecordBatch.NO_SEQUENCE;
        private boolean transactional;
        private boolean control;
        private long deleteHorizon = RecordBatch.NO_TIMESTAMP;

        Setup at(long offset) {
            baseOffset = offset;
            return this;
        }

        Setup leaderEpoch(int epoch) {
            leaderEpoch = epoch;
            return this;
        }

        Setup appendedAt(long timestamp) {
            timestampType = TimestampType.LOG_APPEND_TIME;
            logAppendTime = timestamp;
            return this;
        }

        Setup producer(short epoch, int sequence) {
            producerId = PRODUCER_ID;
            producerEpoch = epoch;
            baseSequence = sequence;
            return this;
        }

        Setup transactional() {
            transactional = true;
            return this;
        }

        Setup control() {
            control = true;
            return this;
        }

        Setup deleteHorizon(long timestamp) {
            deleteHorizon = timestamp;
            return this;
        }

        MemoryRecordsBuilder builder() {
            ByteBufferOutputStream out = new ByteBufferOutputStream(BATCH_BYTES_MAX);
            return new MemoryRecordsBuilder(out, RecordBatch.MAGIC_VALUE_V2, Compression.NONE, timestampType, baseOffset,
                logAppendTime, producerId, producerEpoch, baseSequence, transactional, control, leaderEpoch, BATCH_BYTES_MAX,
                deleteHorizon);
        }
    }
}
