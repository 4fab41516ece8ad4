import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.requests.ResponseHeader;

/** The headers of requests and responses, at the header version that Kafka chooses for the version of the API. */
final class Headers {
    private static final List<String> CLIENT_IDS = Arrays.asList(null, "", "ottla", "clé-鍵");

    static List<ObjectNode> lines() {
        List<ObjectNode> lines = new ArrayList<>();
        for (Api api : Api.all()) {
            Random chance = Golden.chance("header " + api);
            String clientId = CLIENT_IDS.get(lines.size() / 2 % CLIENT_IDS.size());
            RequestHeader request = new RequestHeader(api.key(), api.version(), clientId, chance.nextInt());
            lines.add(line(api, "request", request.correlationId(), clientId, request.headerVersion(), request.data()));
            ResponseHeader response = request.toResponseHeader();
            lines.add(line(api, "response", response.correlationId(), null, response.headerVersion(), response.data()));
        }
        return lines;
    }

    private static ObjectNode line(
            Api api, String direction, int correlationId, String clientId, short headerVersion, Message header) {
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(header, headerVersion).buffer();
        ObjectNode line = Golden.JSON.createObjectNode();
        line.put("direction", direction);
        line.put("apiKey", api.key().id);
        line.put("apiVersion", api.version());
        line.put("headerVersion", headerVersion);
        line.put("correlationId", correlationId);
        line.put("clientId", clientId);
        line.put("bytes_hex", Golden.hex(bytes));
        return line;
    }
}
