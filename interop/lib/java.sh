# What runs on a JVM: jars from Maven Central, real Kafka, and the Java command line tools.
#
#   maven_jars NAME              the jars of maven/NAME.xml; sets JARS to their folder
#   pki                          certificates for localhost; sets TLS to a folder with ca.pem, server.pem, client.pem, client.key, other-ca.pem, ..
#   serve_kafka VERSION NODES    real Kafka with a listener of every protocol, as lib/kafka.py says; then `field kafka listeners PLAINTEXT`
#   kafka_node kill|stop|start ID   what becomes of one of its nodes
#   $KAFKA_TOOL CLASS ARGS..     a class of the Java tools, such as TopicCommand, once `java_tools` was called

maven_jars() {
  once "maven/$1" mvn -q -B -f "$INTEROP/maven/$1.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DoutputDirectory="$CACHE/maven/$1" -DincludeScope=runtime
  JARS=$CACHE/maven/$1
}

pki() {
  TLS=$WORK/tls
  (cd "$ROOT" && cargo run --locked --quiet -p protocol-tests --example certificates -- "$TLS")
}

serve_kafka() {
  local version=$1 nodes=$2
  shift 2
  maven_jars "kafka-$version"
  [ -n "${TLS:-}" ] || pki
  serve kafka python3 "$INTEROP/lib/kafka.py" --version "$version" --jars "$JARS" --folder "$WORK/kafka" --nodes "$nodes" --tls "$TLS" "$@"
}

kafka_node() { python3 "$INTEROP/lib/kafka.py" tell "$WORK/kafka" "$@"; }

java_tools() {
  maven_jars kafka-tools-4.3.1
  KAFKA_TOOL=$WORK/kafka-tool
  cat > "$KAFKA_TOOL" << SCRIPT
#!/usr/bin/env bash
class=\$1; shift
exec java -Xmx256m -XX:TieredStopAtLevel=1 -cp '$JARS/*' "org.apache.kafka.tools.\$class" "\$@" 2> >(grep -v SLF4J >&2)
SCRIPT
  chmod +x "$KAFKA_TOOL"
}

java_version() { java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p'; }
