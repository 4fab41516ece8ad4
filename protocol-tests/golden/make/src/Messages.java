import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;

/**
 * Requests and responses with random content, as Kafka's generated classes write them.
 *
 * <p>The content is made along the schema that the class carries for the version. What the schema wrote is read into the
 * class and written again: only those second bytes are canonical, for the class leaves out a tagged field that has its default.
 */
final class Messages {
    /** A tag that no schema has, to show that a reader carries unknown fields along (KIP-482). */
    private static final int UNKNOWN_TAG = 1000;

    static List<ObjectNode> lines() {
        List<ObjectNode> lines = new ArrayList<>();
        for (Api api : Api.all()) {
            for (Filler.Shape shape : Filler.Shape.values()) {
                lines.add(line(api, "request", shape));
            }
            for (Filler.Shape shape : Filler.Shape.values()) {
                lines.add(line(api, "response", shape));
            }
        }
        return lines;
    }

    private static ObjectNode line(Api api, String direction, Filler.Shape shape) {
        boolean request = direction.equals("request");
        Schema schema = (request ? api.key().messageType.requestSchemas() : api.key().messageType.responseSchemas())[api.version()];
        ApiMessage message = request ? api.key().messageType.newRequest() : api.key().messageType.newResponse();

        Struct content = new Filler(shape, Golden.chance(api + direction + shape)).struct(schema);
        ByteBuffer draft = ByteBuffer.allocate(content.sizeOf());
        content.writeTo(draft);
        message.read(new ByteBufferAccessor(draft.flip()), api.version());
        boolean unknownTag = shape == Filler.Shape.FULL && flexible(schema);
        if (unknownTag) {
            message.unknownTaggedFields().add(new RawTaggedField(UNKNOWN_TAG, new byte[] {1, 2, 3}));
        }

        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("type", message.getClass().getSimpleName().replaceAll("Data$", ""));
        line.put("apiKey", api.key().id);
        line.put("direction", direction);
        line.put("version", api.version());
        line.put("shape", shape.name().toLowerCase());
        line.put("unknownTag", unknownTag);
        line.put("bytes_hex", Golden.hex(MessageUtil.toByteBufferAccessor(message, api.version()).buffer()));
        line.set("json", json(message, api.version()));
        return line;
    }

    private static boolean flexible(Schema schema) {
        return schema.numFields() > 0 && schema.get(schema.numFields() - 1).def.type instanceof TaggedFields;
    }

    /** The converters are generated beside the classes and share no interface. */
    private static JsonNode json(ApiMessage message, short version) {
        try {
            Class<?> type = message.getClass();
            Class<?> converter = Class.forName(type.getName() + "JsonConverter");
            return (JsonNode) converter.getMethod("write", type, short.class).invoke(null, message, version);
        } catch (ReflectiveOperationException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
