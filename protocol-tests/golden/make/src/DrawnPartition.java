package org.apache.kafka.clients.producer.internals;

import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.utils.internals.LogContext;

/** Kafka's own choice of a partition for records without a key, with the random number given; what it takes is visible to its package alone. */
public final class DrawnPartition {
    private DrawnPartition() {}

    /** The arrays are as long as the topic has partitions, and the first {@code length} of them count. */
    public static int next(Cluster cluster, String topic, int[] queueSizes, int[] partitions, int length, int random) {
        BuiltInPartitioner partitioner = new BuiltInPartitioner(new LogContext(), topic, 1, false, "") {
            @Override
            int randomPartition() {
                return random;
            }
        };
        partitioner.updatePartitionLoadStats(queueSizes, partitions, new String[partitions.length], length);
        return partitioner.peekCurrentPartitionInfo(cluster).partition();
    }
}
