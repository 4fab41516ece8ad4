import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;

/** One version of one of the APIs that golden messages are made of. */
record Api(ApiKeys key, short version) {
    private static final List<ApiKeys> KEYS = List.of(
        ApiKeys.PRODUCE, ApiKeys.FETCH, ApiKeys.LIST_OFFSETS, ApiKeys.METADATA, ApiKeys.FIND_COORDINATOR,
        ApiKeys.SASL_HANDSHAKE, ApiKeys.API_VERSIONS, ApiKeys.CREATE_TOPICS, ApiKeys.DELETE_TOPICS,
        ApiKeys.INIT_PRODUCER_ID, ApiKeys.DESCRIBE_CONFIGS, ApiKeys.SASL_AUTHENTICATE, ApiKeys.DESCRIBE_CLUSTER);

    /** Where Kafka has versions that are newer than the newest that ottla-wire codes, that one. */
    private static final Map<ApiKeys, Integer> NEWEST_CODED =
        Map.of(ApiKeys.LIST_OFFSETS, 10, ApiKeys.API_VERSIONS, 4, ApiKeys.INIT_PRODUCER_ID, 5);

    static List<Api> all() {
        List<Api> all = new ArrayList<>();
        for (ApiKeys key : KEYS) {
            int newest = NEWEST_CODED.getOrDefault(key, (int) key.messageType.highestSupportedVersion(true));
            for (int version = key.messageType.lowestSupportedVersion(); version <= newest; version++) {
                all.add(new Api(key, (short) version));
            }
        }
        return all;
    }
}
