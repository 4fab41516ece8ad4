import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Fills a schema with content of one shape. */
final class Filler {
    enum Shape {
        /** Whatever may be null is, arrays and strings are empty, no tagged field is set, numbers stand at their borders. */
        SPARSE,
        /** What a message looks like on a calm day: nothing null, small positive numbers, some tagged fields. */
        PLAIN,
        /** All tagged fields, some nulls, several elements, numbers at their borders, strings around the second length byte. */
        FULL,
    }

    /** The compact length of 126 bytes is one byte (127 + 1 would be two), so a reader that is off by one shows here. */
    private static final int[] BORDER_LENGTHS = {126, 127, 128};
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.-_é鍵";

    private final Shape shape;
    private final Random chance;

    Filler(Shape shape, Random chance) {
        this.shape = shape;
        this.chance = chance;
    }

    Struct struct(Schema schema) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.type));
        }
        return struct;
    }

    private Object value(Type type) {
        if (type.isNullable() && (shape == Shape.SPARSE || shape == Shape.FULL && chance.nextInt(4) == 0)) {
            return null;
        }
        if (type instanceof TaggedFields tagged) {
            return tagged(tagged);
        }
        if (type instanceof Schema schema) {
            return struct(schema);
        }
        return type.arrayElementType().isPresent() ? array(type.arrayElementType().get()) : scalar(type);
    }

    private Map<Integer, Object> tagged(TaggedFields type) {
        Map<Integer, Object> values = new TreeMap<>();
        for (Map.Entry<Integer, Field> field : type.fields().entrySet()) {
            if (shape == Shape.FULL || shape == Shape.PLAIN && chance.nextBoolean()) {
                values.put(field.getKey(), value(field.getValue().type));
            }
        }
        return values;
    }

    private Object[] array(Type element) {
        int length = switch (shape) {
            case SPARSE -> 0;
            case PLAIN -> 1;
            case FULL -> 1 + chance.nextInt(2);
        };
        Object[] elements = new Object[length];
        for (int i = 0; i < length; i++) {
            elements[i] = value(element);
        }
        return elements;
    }

    private Object scalar(Type type) {
        return switch (type.toString().replaceAll("^(COMPACT_)?(NULLABLE_)?", "")) {
            case "BOOLEAN" -> chance.nextBoolean();
            case "INT8" -> (byte) number(Byte.SIZE);
            case "INT16" -> (short) number(Short.SIZE);
            case "INT32" -> (int) number(Integer.SIZE);
            case "INT64" -> number(Long.SIZE);
            case "UUID" -> new Uuid(chance.nextLong(), chance.nextLong());
            case "STRING" -> string();
            case "BYTES" -> bytes();
            case "RECORDS" -> records();
            default -> throw new IllegalArgumentException(type + " is none that these messages have");
        };
    }

    private long number(int bits) {
        if (shape == Shape.PLAIN) {
            return chance.nextInt(100);
        }
        long max = -1L >>> Long.SIZE - bits + 1;
        return switch (chance.nextInt(5)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> max;
            case 3 -> -max - 1;
            default -> chance.nextLong();
        };
    }

    private String string() {
        StringBuilder text = new StringBuilder();
        for (int left = length(); left > 0; left--) {
            text.append(LETTERS.charAt(chance.nextInt(LETTERS.length())));
        }
        return text.toString();
    }

    private ByteBuffer bytes() {
        byte[] bytes = new byte[length()];
        chance.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    private int length() {
        return switch (shape) {
            case SPARSE -> 0;
            case PLAIN -> 1 + chance.nextInt(8);
            case FULL -> chance.nextInt(12) == 0 ? BORDER_LENGTHS[chance.nextInt(BORDER_LENGTHS.length)] : chance.nextInt(8);
        };
    }

    private MemoryRecords records() {
        if (shape == Shape.SPARSE) {
            return MemoryRecords.EMPTY;
        }
        byte[] key = {(byte) chance.nextInt()};
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(chance.nextInt(1000), key, "value".getBytes()));
    }
}
