import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;

/** Keys, their murmur2 hash, and the partition that Java's default partitioner gives them. */
final class Murmur2 {
    private static final int[] PARTITION_COUNTS = {1, 2, 3, 7, 100, 1000};

    /** Zero to ten rounds of four bytes, each with every number of bytes left over. */
    private static final int RANDOM_BYTES_MAX = 40;
    private static final int RANDOM_KEYS_PER_LENGTH = 5;

    static List<ObjectNode> lines() {
        List<ObjectNode> lines = new ArrayList<>();
        for (byte[] key : keys()) {
            int hash = Utils.murmur2(key);
            ObjectNode line = Golden.JSON.createObjectNode();
            line.put("key_hex", Golden.hex(ByteBuffer.wrap(key)));
            line.put("murmur2", hash);
            ObjectNode partitions = line.putObject("partitions");
            for (int count : PARTITION_COUNTS) {
                partitions.put(Integer.toString(count), Utils.toPositive(hash) % count);
            }
            lines.add(line);
        }
        return lines;
    }

    private static List<byte[]> keys() {
        List<byte[]> keys = new ArrayList<>();
        for (String text : List.of("", "0", "a", "ab", "abc", "abcd", "user123", "events", "ключ", "鍵", "clé", "🔑")) {
            keys.add(text.getBytes(StandardCharsets.UTF_8));
        }
        // Bytes above 0x7f are negative in Java: a port that widens them with their sign hashes these differently.
        for (int length = 1; length <= 8; length++) {
            byte[] high = new byte[length];
            Arrays.fill(high, (byte) 0xff);
            keys.add(high);
        }
        Random chance = Golden.chance("murmur2");
        for (int length = 1; length <= RANDOM_BYTES_MAX; length++) {
            for (int i = 0; i < RANDOM_KEYS_PER_LENGTH; i++) {
                byte[] key = new byte[length];
                chance.nextBytes(key);
                keys.add(key);
            }
        }
        return keys;
    }
}
