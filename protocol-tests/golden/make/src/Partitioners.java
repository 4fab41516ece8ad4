import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.clients.producer.internals.DrawnPartition;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;

/** Topics in some state, and the partitions that Java's partitioners choose for records without a key: by a random number, and in turn. */
final class Partitioners {
    private static final String TOPIC = "events";
    private static final Node LEADER = new Node(1, "localhost", 9092);
    private static final int[] PARTITION_COUNTS = {1, 2, 3, 5, 16};
    private static final int STATES_PER_COUNT = 12;
    private static final int DRAWS = 24;
    private static final int TURNS = 20;

    static List<ObjectNode> lines() {
        List<ObjectNode> lines = new ArrayList<>();
        Random chance = Golden.chance("partitioners");
        for (int count : PARTITION_COUNTS) {
            for (int state = 0; state < STATES_PER_COUNT; state++) {
                // In some all have a leader and none is left out, in some all queues are alike.
                double led = state % 3 == 0 ? 1 : 0.7;
                double kept = state % 4 == 0 ? 1 : 0.8;
                int longest = state % 2 == 0 ? 1 + chance.nextInt(40) : 1;
                lines.add(line(chance, count, led, kept, longest));
            }
        }
        return lines;
    }

    private static ObjectNode line(Random chance, int count, double led, double kept, int longest) {
        ObjectNode line = Golden.JSON.createObjectNode();
        ArrayNode leaders = line.put("partitions", count).putArray("led");
        ArrayNode queues = line.putArray("queues");
        List<PartitionInfo> partitions = new ArrayList<>();
        int[] sizes = new int[count];
        int[] ids = new int[count];
        int length = 0;
        for (int id = 0; id < count; id++) {
            boolean hasLeader = chance.nextDouble() < led;
            partitions.add(new PartitionInfo(TOPIC, id, hasLeader ? LEADER : null, new Node[0], new Node[0]));
            if (!hasLeader) {
                continue;
            }
            leaders.add(id);
            if (chance.nextDouble() < kept) {
                ids[length] = id;
                sizes[length] = chance.nextInt(longest);
                queues.addArray().add(id).add(sizes[length]);
                length++;
            }
        }
        Cluster cluster = new Cluster("golden", List.of(LEADER), partitions, Set.of(), Set.of());
        ArrayNode draws = line.putArray("draws");
        for (int draw = 0; draw < DRAWS; draw++) {
            int random = draw < DRAWS / 2 ? draw : chance.nextInt(Integer.MAX_VALUE);
            int next = DrawnPartition.next(cluster, TOPIC, sizes.clone(), ids.clone(), length, random);
            draws.addArray().add(random).add(next);
        }
        ArrayNode turns = line.putArray("in_turn");
        try (RoundRobinPartitioner inTurn = new RoundRobinPartitioner()) {
            for (int turn = 0; turn < TURNS; turn++) {
                turns.add(inTurn.partition(TOPIC, null, null, null, null, cluster));
            }
        }
        return line;
    }
}
