import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

/** What Kafka's reader says about the bytes of a partition. */
final class Reading {
    /** Every batch, and each of its records. Throws where one is not valid, and where bytes are left after the last whole batch. */
    static ArrayNode batches(ByteBuffer bytes) {
        ArrayNode batches = Golden.JSON.createArrayNode();
        int read = 0;
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(bytes.duplicate()).batches()) {
            batch.ensureValid();
            ObjectNode said = batches.addObject();
            fields(said.putObject("fields"), batch);
            ArrayNode records = said.putArray("records");
            for (Record record : batch) {
                record.ensureValid();
                record(records.addObject(), record);
            }
            read += batch.sizeInBytes();
        }
        if (read != bytes.remaining()) {
            throw new IllegalStateException("of " + bytes.remaining() + " bytes, whole batches are " + read);
        }
        return batches;
    }

    /** A message set of magic 0 or 1 has no base timestamp; where it is not compressed, each of its messages is a batch to Kafka. */
    private static void fields(ObjectNode fields, RecordBatch batch) {
        fields.put("baseOffset", batch.baseOffset());
        fields.put("lastOffset", batch.lastOffset());
        fields.put("nextOffset", batch.nextOffset());
        fields.put("leaderEpoch", batch.partitionLeaderEpoch());
        fields.put("magic", batch.magic());
        fields.put("compression", batch.compressionType().name);
        fields.put("timestampType", batch.timestampType().name);
        fields.put("isTransactional", batch.isTransactional());
        fields.put("isControl", batch.isControlBatch());
        fields.put("baseTimestamp", batch instanceof DefaultRecordBatch ? ((DefaultRecordBatch) batch).baseTimestamp() : null);
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
}
