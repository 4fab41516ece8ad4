# What every target begins with: `. "$(dirname "$0")/../lib/target.sh"`.
#
#   suite NAME BROKER             begins a suite; what follows is counted for it
#   check 'a sentence' COMMAND..  a test: passes when the command exits 0; what it prints is kept and shown where it fails
#   verdict 'a sentence' pass|fail|skip [WHY]   the same where a program of another kind knows the outcome
#   cargo_suite [VARIABLE=VALUE..] ARGS..   each test of a `cargo test ARGS` is a test of the suite
#   cargo_program ARGS..          builds what `cargo build ARGS` builds and prints the path of the program
#   certificates DIR              ca.pem, broker.pem, broker-key.pem, client.pem, client-key.pem, client-keystore.pem
#   about WHAT VERSION            what the report says of the versions that stood behind the results of the suite
#   about_all WHAT VERSION        the same for all suites of the target
#   once NAME COMMAND..           installs into $CACHE/NAME, at most once; the command runs in a new folder that becomes it
#   serve NAME COMMAND..          starts a program that prints one line of JSON when it is ready, and ends it with the target
#   field NAME KEY..              what that line says, for example `field kafka cluster_id`
#   bootstrap NAME LISTENER       the addresses of one of its listeners
#   end NAME                      ends it before the target does
#
# $WORK is a folder of this run alone, kept when something failed. When the target ends, however it ends, so does all that it started.
set -euo pipefail

INTEROP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=$(dirname "$INTEROP")
CACHE=$INTEROP/.cache
TARGET=$(basename "$0")
SMOKE=${INTEROP_SMOKE:-}
export INTEROP_RUN=${INTEROP_RUN:-$$.$(date +%s)}
# Whatever this target starts has this in its environment, and is found by it.
export INTEROP_OWNER=$TARGET.$$.$(date +%s)
WORK=$CACHE/run/$INTEROP_OWNER
mkdir -p "$WORK"

# How long a program may take until it is ready, and until it has ended when it was told to.
READY_SECONDS=180
END_SECONDS=20

declare -A SERVING=()
SUITES=() SUITE=

trap 'finish $?' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

die() { echo "$TARGET: $*" >&2; exit 1; }

suite() {
  SUITE=$1@$2
  SUITES+=("$SUITE")
  : > "$WORK/$SUITE.tsv"
  date +%s > "$WORK/$SUITE.since"
}

about() { printf '%s\t%s\n' "$1" "$2" >> "$WORK/$SUITE.versions"; }
about_all() { printf '%s\t%s\n' "$1" "$2" >> "$WORK/all.versions"; }

verdict() { printf '%s\t%s\t%s\n' "$1" "$2" "$(tr '\t\n' '  ' <<< "${3:-}")" >> "$WORK/$SUITE.tsv"; }

# Not for use within a condition: bash has no `set -e` there, and a command that fails halfway would pass.
check() {
  local name=$1 log=$WORK/check.log code
  shift
  set +e
  (set -e; "$@") > "$log" 2>&1 < /dev/null
  code=$?
  set -e
  if [ $code = 0 ]; then
    verdict "$name" pass
  else
    verdict "$name" fail "exit code $code: $(tail -n 3 "$log")"
    printf '   failed: %s\n' "$name"
    tail -n 30 "$log" | sed 's/^/     | /'
  fi
  printf '\n## %s: exit code %s\n' "$name" "$code" >> "$WORK/$SUITE.log"
  cat "$log" >> "$WORK/$SUITE.log"
}

cargo_suite() {
  local log=$WORK/$SUITE.cargo.log code variables=()
  while [[ $1 == *=* ]]; do variables+=("$1"); shift; done
  set +e
  (cd "$ROOT" && env RUST_BACKTRACE=0 "${variables[@]}" cargo test --locked "$@") > "$log" 2>&1 < /dev/null
  code=$?
  set -e
  python3 "$INTEROP/lib/results.py" cargo "$log" "$code" >> "$WORK/$SUITE.tsv"
  [ $code = 0 ] || sed -n '/^failures:/,$p' "$log" | sed -n '1,80s/^/     | /p'
}

certificates() { (cd "$ROOT" && cargo run --locked --quiet -p protocol-tests --example certificates -- "$1"); }

cargo_program() {
  local messages=$WORK/cargo-program.json
  (cd "$ROOT" && cargo build --locked --quiet --message-format=json "$@") > "$messages" < /dev/null || die "cargo build $* failed"
  python3 -c 'import json, sys
print([path for path in (json.loads(line).get("executable") for line in open(sys.argv[1])) if path][-1])' "$messages"
}

once() {
  local name=$1 into=$CACHE/$1
  shift
  mkdir -p "$CACHE/locks"
  (
    # Another run may be installing the same.
    exec 9> "$CACHE/locks/${name//\//-}"
    flock 9
    [ ! -e "$into/.installed" ] || exit 0
    echo "   installing $name"
    rm -rf "$into" && mkdir -p "$into" && cd "$into"
    "$@" > "$into.log" 2>&1 9>&- || { tail -n 30 "$into.log" >&2; exit 1; }
    touch "$into/.installed"
  ) || die "$name could not be installed"
}

serve() {
  local name=$1 since=$SECONDS
  shift
  # Should this shell be killed, the program ends all the same.
  local guard=()
  ! command -v setpriv > /dev/null || guard=(setpriv --pdeathsig TERM)
  # What a program of this name said before must not be taken for this one's word.
  : > "$WORK/$name.json"
  "${guard[@]}" "$@" > "$WORK/$name.json" 2> "$WORK/$name.log" < /dev/null &
  SERVING[$name]=$!
  until [ -n "$(head -n 1 "$WORK/$name.json")" ]; do
    runs "${SERVING[$name]}" || { tail -n 30 "$WORK/$name.log" >&2; die "$name ended before it was ready"; }
    [ $((SECONDS - since)) -lt $READY_SECONDS ] || die "$name is not ready after $READY_SECONDS s; see $WORK/$name.log"
    sleep 0.1
  done
}

field() {
  python3 -c 'import functools, json, sys
# Of a list, the one of that name.
step = lambda at, key: next(one for one in at if one["name"] == key) if isinstance(at, list) else at[key]
found = functools.reduce(step, sys.argv[2:], json.loads(open(sys.argv[1]).readline()))
print(found if isinstance(found, str) else json.dumps(found))' "$WORK/$1.json" "${@:2}"
}

bootstrap() { field "$1" listeners "$2" bootstrap; }

# Whether a child of this shell still runs: the number of one that has ended may be another program's by now.
runs() { grep -qs "^PPid:[[:space:]]*$$\$" "/proc/$1/status"; }

end() {
  local pid=${SERVING[$1]:-} since=$SECONDS
  [ -n "$pid" ] || return 0
  unset "SERVING[$1]"
  ! runs "$pid" || kill "$pid" 2> /dev/null || true
  while runs "$pid"; do
    if [ $((SECONDS - since)) -ge $END_SECONDS ]; then
      kill -9 "$pid" 2> /dev/null || true
      echo "   $1 had to be killed" >&2
    fi
    sleep 0.1
  done
  wait "$pid" 2> /dev/null || true
}

finish() {
  local code=$1 name left
  trap - EXIT
  trap '' HUP INT TERM
  set +e
  for name in "${!SERVING[@]}"; do end "$name"; done
  left=$(python3 "$INTEROP/lib/leftovers.py" "$INTEROP_OWNER")
  [ ${#SUITES[@]} -gt 0 ] || { echo "$TARGET: no suite was run" >&2; code=1; }
  [ -z "$left" ] || { echo "$TARGET: left running, and killed: $left" >&2; code=1; }
  if [ "$code" != 0 ] && [ -n "$SUITE" ]; then verdict "the target runs to its end and leaves no process" fail "exit code $code ${left}"; fi
  for name in "${SUITES[@]}"; do
    python3 "$INTEROP/lib/results.py" record "$TARGET" "$WORK" "$name" || code=1
  done
  if [ "$code" = 0 ]; then rm -rf "$WORK"; else echo "   what was logged: $WORK"; fi
  exit "$code"
}
