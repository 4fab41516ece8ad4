# What runs on a JVM: jars from Maven Central, real Kafka, and the Java command line tools.
#
#   maven_jars NAME              the jars of maven/NAME.xml; sets JARS to their folder
#   serve_kafka VERSION NODES    real Kafka with a listener of every protocol, as lib/kafka.py says; then `bootstrap kafka SASL_SSL`. Sets TLS to a folder
#                                as that of `certificates`
#   $KAFKA_NODE kill|stop|start ID   ends one of its nodes, at once or in peace, or starts it again
#   java_tools                   makes $KAFKA_TOOL: `$KAFKA_TOOL TopicCommand ARGS..` runs a class of org.apache.kafka.tools, and `kafka.admin.ConfigCommand` is kafka-configs

maven_jars() {
  local pom=$INTEROP/maven/$1.xml name
  # What a changed list asks for is fetched anew.
  name=maven/$1-$(cksum < "$pom" | tr ' ' -)
  JARS=$CACHE/$name
  once "$name" mvn -q -B -f "$pom" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$JARS" -DincludeScope=runtime
}

serve_kafka() {
  local version=$1 nodes=$2
  shift 2
  maven_jars "kafka-$version"
  [ -n "${TLS:-}" ] || { TLS=$WORK/tls && certificates "$TLS"; }
  serve kafka python3 "$INTEROP/lib/kafka.py" --version "$version" --jars "$JARS" --folder "$WORK/kafka" --nodes "$nodes" --tls "$TLS" "$@"
  KAFKA_NODE=$WORK/kafka-node
  script "$KAFKA_NODE" "exec python3 '$INTEROP/lib/kafka.py' tell '$WORK/kafka' \"\$@\""
}

java_tools() {
  maven_jars kafka-tools-4.3.1
  KAFKA_TOOL=$WORK/kafka-tool
  script "$KAFKA_TOOL" 'class=$1; shift; [[ $class == kafka.* ]] || class=org.apache.kafka.tools.$class' \
    "exec java -Xmx256m -XX:TieredStopAtLevel=1 -cp '$JARS/*' \"\$class\" \"\$@\" 2> >(grep -v SLF4J >&2)"
}

script() { # FILE LINE..
  { echo '#!/usr/bin/env bash' && printf '%s\n' "${@:2}"; } > "$1"
  chmod +x "$1"
}

about_all java "$(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')"
