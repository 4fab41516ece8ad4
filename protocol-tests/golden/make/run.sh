#!/usr/bin/env bash
# Runs one of the programs here with Kafka's own classes: run.sh PROGRAM [ARGUMENT]...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$build/libs"
javac -cp "$build/libs/*" -d "$build/classes" "$here"/src/*.java
java -cp "$build/classes:$build/libs/*" "$@"
