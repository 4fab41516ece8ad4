import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Validator;
import org.apache.kafka.coordinator.group.GroupConfig;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.DynamicBrokerConfig;
import org.apache.kafka.server.config.DynamicConfig;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.server.metrics.ClientMetricsConfigs;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * Prints the configs that Kafka defines, one a line: resource, name, type, default, rule, importance, how it can be altered, whether it is internal,
 * and its synonyms. {@code interop/configs/generate} makes Rust of it.
 */
public class Configs {
    public static void main(String[] arguments) throws Exception {
        Map<String, ConfigKey> broker = new TreeMap<>(AbstractKafkaConfig.CONFIG_DEF.configKeys());
        DynamicConfig.Broker.configKeys().forEach(broker::putIfAbsent);
        Map<String, String> modes = DynamicBrokerConfig.dynamicConfigUpdateModes();
        for (ConfigKey key : broker.values()) {
            List<String> synonyms = new ArrayList<>();
            DynamicBrokerConfig.brokerConfigSynonyms(key.name, true).forEach(name -> synonyms.add(name + "*1"));
            String mode = modes.getOrDefault(key.name, "read-only");
            if (!AbstractKafkaConfig.CONFIG_DEF.names().contains(key.name))
                mode += ",dynamic-only";
            if (DynamicBrokerConfig.DYNAMIC_SECURITY_CONFIGS.contains(key.name))
                mode += ",per-listener";
            print("broker", key, mode, synonyms.equals(List.of(key.name + "*1")) ? List.of() : synonyms);
        }
        for (ConfigKey key : new TreeMap<>(LogConfig.configKeys()).values()) {
            List<String> synonyms = new ArrayList<>();
            for (ConfigSynonym synonym : ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(key.name, List.of()))
                synonyms.add(synonym.name() + "*" + factor(synonym));
            print("topic", key, "", synonyms);
        }
        Field groups = GroupConfig.class.getDeclaredField("CONFIG_DEF");
        groups.setAccessible(true);
        for (ConfigKey key : new TreeMap<>(((ConfigDef) groups.get(null)).configKeys()).values()) {
            Optional<String> synonym = GroupConfig.brokerSynonym(key.name);
            print("group", key, "", synonym.map(name -> List.of(name + "*1")).orElse(List.of()));
        }
        for (ConfigKey key : new TreeMap<>(ClientMetricsConfigs.configDef().configKeys()).values())
            print("client_metrics", key, "", List.of());
    }

    /** By what a broker's value is multiplied to be a topic's. */
    private static long factor(ConfigSynonym synonym) {
        try {
            return Long.parseLong(synonym.converter().apply("1"));
        } catch (NumberFormatException notANumber) {
            return 1;
        }
    }

    private static void print(String resource, ConfigKey key, String mode, List<String> synonyms) throws Exception {
        String value = key.hasDefault() ? ConfigDef.convertToString(key.defaultValue, key.type) : "<required>";
        System.out.println(String.join("\t", resource, key.name, key.type.name(), value == null ? "<null>" : value.replace("\n", "\\n"), rule(key.validator),
            key.importance.name(), mode, key.internalConfig ? "internal" : "", String.join(",", synonyms)));
    }

    private static String rule(Validator validator) throws Exception {
        if (validator == null)
            return "";
        if (validator instanceof ConfigDef.Range)
            return "range " + field(validator, "min") + " " + field(validator, "max");
        if (validator instanceof ConfigDef.ValidString)
            return "one " + String.join(",", strings(validator));
        if (validator instanceof ConfigDef.ValidList)
            return "list " + field(validator, "isEmptyAllowed") + " " + field(validator, "isNullAllowed") + " "
                + String.join(",", strings(field(validator, "validString")));
        if (validator instanceof ConfigDef.NonEmptyString)
            return "non-empty";
        return "other " + validator.getClass().getName() + " " + validator;
    }

    @SuppressWarnings("unchecked")
    private static List<String> strings(Object valid) throws Exception {
        return (List<String>) field(valid, "validStrings");
    }

    private static Object field(Object of, String name) throws Exception {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }
}
