#!/usr/bin/env bash
# Makes the golden files again.
#   make.sh [DIRECTORY]                                         all of them, by default in the directory above this one
#   make.sh messages [--seed N] [--per-version N] [FILE]        messages.jsonl.gz alone, or the like of it from another seed; by gzip where FILE ends in .gz
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if [ "${1:-}" = messages ]; then
  shift
  exec "$here/run.sh" FreshMessages "$here/../messages.jsonl.gz" "$@"
fi
exec "$here/run.sh" Golden "${1:-$here/..}"
