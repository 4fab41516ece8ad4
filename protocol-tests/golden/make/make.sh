#!/usr/bin/env bash
# Makes the golden files again: make.sh [DIRECTORY], by default the directory above this one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/..}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$build/libs"
javac -cp "$build/libs/*" -d "$build/classes" "$here"/src/*.java
java -cp "$build/classes:$build/libs/*" Golden "$out"
