import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;

/** One version of one API. */
record Api(ApiKeys key, short version) {
    /** Every API at every version that has a schema, those of the controller and those that are not stable yet included. */
    static List<Api> all() {
        List<Api> all = new ArrayList<>();
        for (ApiKeys key : ApiKeys.values()) {
            for (short version = key.messageType.lowestSupportedVersion(); version <= key.messageType.highestSupportedVersion(true); version++) {
                all.add(new Api(key, version));
            }
        }
        return all;
    }
}
