import java.lang.reflect.Method;

/**
 * Prints the features (KIP-584) of one release of Kafka, whose jars are on the class path, one a line: name, the least and the greatest version that its
 * brokers support, and the version that a new cluster has. By reflection, for the classes were moved and renamed.
 */
public class Features {
    static final String COMMON = "org.apache.kafka.server.common.";

    public static void main(String[] arguments) throws Exception {
        Class<?> versions = Class.forName(COMMON + "MetadataVersion");
        Object minimum = constant(versions, "MINIMUM_VERSION", "MINIMUM_KRAFT_VERSION");
        Object latest = optional(versions, "latestProduction");
        if (latest == null)
            latest = optional(versions, "latest");
        System.out.printf("metadata.version %s %s %s%n", level(minimum), level(latest), level(latest));
        Class<?> features = type("Feature", "Features");
        // In 3.6 and 3.7 the class was another one.
        if (features == null || !features.isEnum())
            return;
        for (Object feature : features.getEnumConstants()) {
            String name = (String) call(feature, "featureName");
            if (name.startsWith("test.") || name.startsWith("unit.test.") || name.contains("test.feature"))
                continue;
            Object supported = call(feature, "latestProduction");
            Object least = optional(feature.getClass(), "minimumProduction", feature);
            Object normal = level(feature, latest);
            System.out.printf("%s %s %s %s%n", name, least == null ? 0 : least, supported, normal);
        }
    }

    private static Object level(Object feature, Object metadata) throws Exception {
        for (String name : new String[] {"defaultLevel", "defaultValue"})
            for (Method method : feature.getClass().getMethods())
                if (method.getName().equals(name) && method.getParameterCount() == 1) {
                    if (method.getParameterTypes()[0].isInstance(metadata))
                        return method.invoke(feature, metadata);
                    return method.invoke(feature, java.util.Optional.of(metadata));
                }
        throw new IllegalStateException("no default of " + feature);
    }

    private static Object level(Object metadataVersion) throws Exception {
        return call(metadataVersion, "featureLevel");
    }

    private static Object call(Object of, String name) throws Exception {
        return of.getClass().getMethod(name).invoke(of);
    }

    private static Object optional(Class<?> type, String name, Object... of) throws Exception {
        try {
            return type.getMethod(name).invoke(of.length == 0 ? null : of[0]);
        } catch (NoSuchMethodException absent) {
            return null;
        }
    }

    private static Class<?> type(String... names) {
        for (String name : names)
            try {
                return Class.forName(COMMON + name);
            } catch (ClassNotFoundException renamed) {
                continue;
            }
        return null;
    }

    private static Object constant(Class<?> type, String... names) throws Exception {
        for (String name : names)
            try {
                return type.getField(name).get(null);
            } catch (NoSuchFieldException renamed) {
                continue;
            }
        throw new IllegalStateException("no minimum of " + type);
    }
}
