#!/usr/bin/env bash
# Lets Kafka's reader read the batches that we write, in Rust alone and with zstd in C, and writes down which bytes it read as they were meant.
# Fails, and leaves that file as it is, when one of them is read as anything else. Needs Maven, a JDK from 17 on, cargo and a C compiler.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
ours=$(mktemp -d)
trap 'rm -rf "$ours"' EXIT

cd "$here"
cargo run -q -p protocol-tests --example write_batches -- "$ours/rust.jsonl"
cargo run -q -p protocol-tests --example write_batches --features ottla-wire/zstd-c -- "$ours/c.jsonl"
# Both write the same bytes in all but zstd.
awk '!seen[$0]++' "$ours/rust.jsonl" "$ours/c.jsonl" > "$ours/all.jsonl"
make/run.sh ReadBatches "$ours/all.jsonl" "$here/ours-read-by-kafka.jsonl"
