import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** What stands in the header of a batch; the builder's constructor takes it all by position. */
final class Setup {
    static final long PRODUCER_ID = 4_000_000_001L;

    /** Room before the memory grows; what is not used is not written. */
    private static final int BATCH_BYTES = 8 * 1024;

    private byte magic = RecordBatch.MAGIC_VALUE_V2;
    private CompressionType codec = CompressionType.NONE;
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

    Setup magic(byte number) {
        magic = number;
        return this;
    }

    Setup codec(CompressionType type) {
        codec = type;
        return this;
    }

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
        ByteBufferOutputStream out = new ByteBufferOutputStream(BATCH_BYTES);
        return new MemoryRecordsBuilder(out, magic, Compression.of(codec).build(), timestampType, baseOffset, logAppendTime, producerId,
            producerEpoch, baseSequence, transactional, control, leaderEpoch, BATCH_BYTES, deleteHorizon);
    }
}
