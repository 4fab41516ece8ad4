import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** The headers of requests and responses, at the header version that Kafka chooses for the version of the API. */
final class Headers {
    private static final List<String> CLIENT_IDS = Arrays.asList(null, "", "ottla", "clé-鍵");

    /** No schema has it. */
    private static final int UNKNOWN_TAG = 1000;

    private final List<ObjectNode> lines = new ArrayList<>();

    static List<ObjectNode> lines() {
        Headers headers = new Headers();
        Api.all().forEach(headers::add);
        return headers.lines;
    }

    private void add(Api api) {
        Random chance = Golden.chance("header " + api);
        String clientId = CLIENT_IDS.get(chance.nextInt(CLIENT_IDS.size()));
        RequestHeader request = new RequestHeader(api.key(), api.version(), clientId, chance.nextInt());
        add(api, "request", request.correlationId(), clientId, request.headerVersion(), request.data());
        ResponseHeader response = request.toResponseHeader();
        add(api, "response", response.correlationId(), null, response.headerVersion(), response.data());
    }

    /** With no tagged field, and again with one where the header may have some. */
    private void add(Api api, String direction, int correlationId, String clientId, short headerVersion, Message header) {
        ObjectNode plain = Golden.JSON.createObjectNode();
        plain.put("direction", direction);
        plain.put("apiKey", api.key().id);
        plain.put("apiVersion", api.version());
        plain.put("headerVersion", headerVersion);
        plain.put("correlationId", correlationId);
        plain.put("clientId", clientId);
        lines.add(written(plain, headerVersion, header));
        if (headerVersion >= (direction.equals("request") ? 2 : 1)) {
            header.unknownTaggedFields().add(new RawTaggedField(UNKNOWN_TAG, new byte[] {1, 2, 3}));
            lines.add(written(plain.deepCopy().put("unknownTag", UNKNOWN_TAG), headerVersion, header));
        }
    }

    private static ObjectNode written(ObjectNode line, short headerVersion, Message header) {
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(header, headerVersion).buffer();
        return line.put("bytes_hex", Golden.hex(bytes));
    }
}
