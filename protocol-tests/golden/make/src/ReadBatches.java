import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads batches of others and holds each to what its writer says is in it.
 *
 * <p>The first argument is a file of lines like those of {@code record-batches-by-codec.jsonl}. Where every line is equal, the second is
 * written: the name of each line, and the hash of the bytes that were read. Otherwise every difference is printed, and the exit is 1.
 */
final class ReadBatches {
    /** How many characters of a difference are shown before it, and from it on. */
    private static final int CONTEXT = 100;

    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        List<String> lines = Files.readAllLines(Path.of(args[0]));
        List<ObjectNode> equal = new ArrayList<>();
        int batches = 0;
        int records = 0;
        for (String text : lines) {
            JsonNode line = Golden.JSON.readTree(text);
            ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(line.get("bytes_hex").asText()));
            String difference = difference(line.get("batches"), bytes);
            if (difference == null) {
                equal.add(verdict(line.get("name").asText(), bytes));
                batches += line.get("batches").size();
                records += line.findValues("offset").size();
            } else {
                System.out.println(line.get("name").asText() + ": " + difference);
            }
        }
        System.out.printf("%d of %d lines are read as they were written: %d batches, %d records%n", equal.size(), lines.size(), batches, records);
        if (equal.isEmpty() || equal.size() < lines.size()) {
            System.exit(1);
        }
        Golden.write(Path.of(args[1]), equal);
    }

    /** What Kafka reads that was not written, or null where it is the same. */
    private static String difference(JsonNode written, ByteBuffer bytes) throws JsonProcessingException {
        JsonNode read;
        try {
            // By way of text, for a number that was put as a long is not equal to the same number that was parsed.
            read = Golden.JSON.readTree(Golden.JSON.writeValueAsString(Reading.batches(bytes)));
        } catch (RuntimeException unreadable) {
            return "not readable: " + unreadable;
        }
        return read.equals(written) ? null : apart(read.toString(), written.toString());
    }

    /** Both from a little before the place where they part. */
    private static String apart(String read, String written) {
        int same = 0;
        while (same < Math.min(read.length(), written.length()) && read.charAt(same) == written.charAt(same)) {
            same++;
        }
        return "read as\n    " + around(read, same) + "\n  but written as\n    " + around(written, same);
    }

    private static String around(String text, int at) {
        return text.substring(Math.max(0, at - CONTEXT), Math.min(text.length(), at + CONTEXT));
    }

    private static ObjectNode verdict(String name, ByteBuffer bytes) throws NoSuchAlgorithmException {
        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("name", name);
        line.put("size_bytes", bytes.remaining());
        line.put("sha256", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array())));
        return line;
    }
}
