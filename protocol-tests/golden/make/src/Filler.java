import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Fills a schema with content of one shape. */
final class Filler {
    /** Where lengths take another byte: compact ones are written as one more than they are, so that a reader that is off by one shows here. */
    private static final int[] BORDER_LENGTHS = {126, 127, 128};

    /** The next such border, and the longest string that Kafka writes. */
    private static final int[] LONG_LENGTHS = {16_382, 16_383, 16_384, Short.MAX_VALUE};

    /** The tags that no schema has, up to the largest that Kafka writes. */
    private static final int[] UNKNOWN_TAGS = {100, 127, 128, 16_383, 16_384, Integer.MAX_VALUE - 1};

    private static final double[] BORDER_DOUBLES = {
        0.0, -0.0, 0.1, Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE, Math.PI,
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};

    /** Characters of one to four bytes in UTF-8, and those that JSON must escape. */
    private static final String[] WORDS = {
        "events", "orders-7", "a", ".", "_x", "group.of.seven", "clé", "鍵", "🗝", "say \"yes\"", "back\\slash", "tab\t", "\u0000", "\u2028"};

    private final Shape shape;
    private final Random chance;

    /** Which of the lengths is to be long, counted in the order in which they are met; none where it is negative. */
    private final int longAt;
    private int lengths;

    private Filler(Shape shape, Random chance, int longAt) {
        this.shape = shape;
        this.chance = chance;
        this.longAt = longAt;
    }

    /** The same seed gives the same content. */
    static Struct fill(Schema schema, Shape shape, long seed) {
        Filler filler = new Filler(shape, new Random(seed), -1);
        Struct content = filler.struct(schema, 0);
        if (shape != Shape.LONG || filler.lengths == 0) {
            return content;
        }
        return new Filler(shape, new Random(seed), (int) Long.remainderUnsigned(seed, filler.lengths)).struct(schema, 0);
    }

    private Struct struct(Schema schema, int depth) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) {
            struct.set(field, value(field.def.type, depth));
        }
        return struct;
    }

    private Object value(Type type, int depth) {
        if (type.isNullable() && isNull()) {
            return null;
        }
        if (type instanceof TaggedFields tagged) {
            return tagged(tagged, depth);
        }
        if (type instanceof Schema schema) {
            return struct(schema, depth + 1);
        }
        return type.arrayElementType().isPresent() ? array(type.arrayElementType().get(), depth) : scalar(type);
    }

    private boolean isNull() {
        return shape == Shape.NULLS || shape == Shape.MIXED && chance.nextInt(4) == 0;
    }

    private Map<Integer, Object> tagged(TaggedFields type, int depth) {
        Map<Integer, Object> values = new TreeMap<>();
        for (Map.Entry<Integer, Field> field : type.fields().entrySet()) {
            boolean set = switch (shape) {
                case TAGGED, BORDERS -> true;
                case NULLS, EMPTY -> false;
                case UNKNOWN_TAGS, LONG, MIXED -> chance.nextBoolean();
            };
            if (set) {
                values.put(field.getKey(), value(field.getValue().type, depth));
            }
        }
        if (shape == Shape.UNKNOWN_TAGS || shape == Shape.MIXED && chance.nextInt(5) == 0) {
            for (int count = 1 + chance.nextInt(2); count > 0; count--) {
                int tag = UNKNOWN_TAGS[chance.nextInt(UNKNOWN_TAGS.length)];
                values.put(tag, new RawTaggedField(tag, bytes(chance.nextInt(4))));
            }
        }
        return values;
    }

    /** Fewer elements the deeper they are: six levels of three would be hundreds. */
    private Object[] array(Type element, int depth) {
        boolean isLong = lengths++ == longAt;
        int length = switch (shape) {
            case NULLS, EMPTY -> 0;
            case TAGGED, UNKNOWN_TAGS, LONG -> 1;
            case BORDERS -> depth < 2 ? 2 : 1;
            case MIXED -> chance.nextInt(depth < 2 ? 4 : 2);
        };
        if (isLong) {
            return repeated(element, BORDER_LENGTHS[chance.nextInt(BORDER_LENGTHS.length)]);
        }
        Object[] elements = new Object[length];
        for (int i = 0; i < length; i++) {
            elements[i] = value(element, depth);
        }
        return elements;
    }

    private Object[] repeated(Type element, int length) {
        Object[] elements = new Object[length];
        Arrays.fill(elements, new Filler(Shape.EMPTY, chance, -1).value(element, 0));
        return elements;
    }

    private Object scalar(Type type) {
        return switch (type.toString().replaceAll("^(COMPACT_)?(NULLABLE_)?", "")) {
            case "BOOLEAN" -> shape == Shape.TAGGED || chance.nextBoolean();
            case "INT8" -> (byte) number(Byte.SIZE);
            case "INT16" -> (short) number(Short.SIZE);
            case "UINT16" -> (int) number(Short.SIZE) & 0xffff;
            case "INT32" -> (int) number(Integer.SIZE);
            case "UINT32" -> number(Integer.SIZE) & 0xffff_ffffL;
            case "INT64" -> number(Long.SIZE);
            case "FLOAT64" -> fraction();
            case "UUID" -> uuid();
            case "STRING" -> string();
            case "BYTES" -> ByteBuffer.wrap(bytes(length()));
            case "RECORDS" -> records();
            default -> throw new IllegalArgumentException(type + " is none that these messages have");
        };
    }

    private long number(int bits) {
        long max = -1L >>> Long.SIZE - bits + 1;
        return switch (shape) {
            case TAGGED, UNKNOWN_TAGS, LONG -> 1 + chance.nextInt(99);
            case NULLS -> -max - 1;
            case EMPTY -> max;
            case BORDERS, MIXED -> switch (chance.nextInt(5)) {
                case 0 -> 0;
                case 1 -> -1;
                case 2 -> max;
                case 3 -> -max - 1;
                default -> chance.nextLong();
            };
        };
    }

    private double fraction() {
        if (shape.isCalm()) {
            return chance.nextInt(100) / 8.0;
        }
        return chance.nextBoolean() ? chance.nextGaussian() : BORDER_DOUBLES[chance.nextInt(BORDER_DOUBLES.length)];
    }

    private Uuid uuid() {
        return shape == Shape.NULLS ? Uuid.ZERO_UUID : new Uuid(chance.nextLong(), chance.nextLong());
    }

    /** As many bytes in UTF-8 as the length says. */
    private String string() {
        int left = length();
        StringBuilder text = new StringBuilder(left);
        while (left > 0) {
            String word = left > BORDER_LENGTHS[2] ? WORDS[0] : WORDS[chance.nextInt(WORDS.length)];
            int bytes = word.getBytes(StandardCharsets.UTF_8).length;
            text.append(bytes <= left ? word : "x".repeat(left));
            left -= Math.min(bytes, left);
        }
        return text.toString();
    }

    /** Much of it the same, for these files are kept compressed. */
    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i += 8) {
            bytes[i] = (byte) chance.nextInt();
        }
        return bytes;
    }

    private int length() {
        if (lengths++ == longAt) {
            return LONG_LENGTHS[chance.nextInt(LONG_LENGTHS.length)];
        }
        return switch (shape) {
            case NULLS, EMPTY -> 0;
            case TAGGED, UNKNOWN_TAGS, LONG -> 1 + chance.nextInt(8);
            case BORDERS -> chance.nextInt(6) == 0 ? BORDER_LENGTHS[chance.nextInt(BORDER_LENGTHS.length)] : chance.nextInt(8);
            case MIXED -> chance.nextInt(12);
        };
    }

    /** A batch; or, of chance, whatever bytes, for a message does not look into them and the last batch of a fetch may be cut. */
    private MemoryRecords records() {
        if (shape == Shape.NULLS || shape == Shape.EMPTY) {
            return MemoryRecords.EMPTY;
        }
        if (!shape.isCalm() && chance.nextBoolean()) {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes(length())));
        }
        byte[] key = {(byte) chance.nextInt()};
        return MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(chance.nextInt(1000), key, "value".getBytes(StandardCharsets.UTF_8)));
    }
}
