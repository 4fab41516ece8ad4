#!/usr/bin/env bash
# Makes the golden files again: make.sh [DIRECTORY], by default the directory above this one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

exec "$here/run.sh" Golden "${1:-$here/..}"
