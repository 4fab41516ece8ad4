# Tests that others wrote for their clients, or for brokers, on top of lib/java.sh: on real Kafka, which must pass them, and then on the mock.
#
#   foreign_suite NAME PARTITIONS [PORT]   runs each test by itself on both, with PARTITIONS in a topic that is made without a number, and brokers at PORT
#
# Before that a target defines: install, which puts the suite into the current folder; list, which prints the names of the tests; and
# test_command TEST AT, which sets COMMAND to what runs one of them against the broker at AT, whose listener with SASL is at $SASL_AT; verdict_of LOG CODE,
# which prints pass, fail or skip; and VERSION. SUITE_HOME is where it was installed. FLICKERS may name a test that hangs by the speed of
# broker and machine: where it fails it counts as skipped.
#
# With INTEROP_ON=mock in the environment the record of the last run on real Kafka is taken.
#
# A test may wait only for APIs that the mock leaves to later: `TEST @mock: waits for ...` in known/NAME.txt must say what the test was recorded to use on real
# Kafka. A test that passes there and skips itself on the mock has failed.

# How long a test may take, and one that waits.
TEST_SECONDS=300
WAITING_SECONDS=10

# What the suites want of groups, so that they need not wait for each other, and the ACLs of which some have tests.
SUITE_PROPERTIES=(group.initial.rebalance.delay.ms=0 group.min.session.timeout.ms=1000 group.consumer.min.heartbeat.interval.ms=100
  group.consumer.heartbeat.interval.ms=500 group.share.min.record.lock.duration.ms=1000 share.coordinator.state.topic.replication.factor=1
  share.coordinator.state.topic.min.isr=1 share.coordinator.state.topic.num.partitions=4
  authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer allow.everyone.if.no.acl.found=true "super.users=User:admin;User:ANONYMOUS")

foreign_suite() {
  local name=$1 partitions=$2 port=${3:-} property properties=()
  [ -n "$port" ] || port=$(PYTHONPATH=$INTEROP/lib python3 -c 'import ports; print(ports.reserve(1)[0])')
  AT=127.0.0.1:$port RECORDS=$CACHE/records/$name
  local home
  home=suites/$name-$VERSION-$(declare -f install | cksum | tr -s ' ' -)
  once "$home" install
  SUITE_HOME=$CACHE/$home
  list > "$WORK/tests"

  [ "${INTEROP_ON:-}" = mock ] || recorded "$name" "$partitions"
  for property in "${SUITE_PROPERTIES[@]}"; do properties+=(-c "$property"); done
  serve mock "$(cargo_program -p ottla-mockbroker --bin mockbroker)" "${properties[@]}" --first-broker-id 0 --auto-create-topics --partitions "$partitions" \
    --advertised-host 127.0.0.1 --port "$port" --listener SASL_PLAINTEXT:0:SCRAM-SHA-256 --user SCRAM-SHA-256:conformance:conformance
  SASL_AT=$(bootstrap mock SASL_PLAINTEXT)
  suite "$name" mock
  about "$name" "$VERSION"
  each_test on_mock
  check "what waits for later was recorded on real Kafka to use it" waiting_is_recorded "$name"
}

recorded() { # NAME PARTITIONS
  local property properties=()
  rm -rf "$RECORDS" && mkdir -p "$RECORDS"
  for property in "${SUITE_PROPERTIES[@]}"; do properties+=(--property "$property"); done
  serve_kafka 4.4.0 1 --first-id 0 --advertise "PLAINTEXT=$AT" --property "num.partitions=$2" "${properties[@]}"
  SASL_AT=$(bootstrap kafka SASL_PLAINTEXT)
  suite "$1" kafka-4.4.0
  about "$1" "$VERSION"
  each_test on_kafka
  end kafka
}

each_test() {
  local test number=0
  while IFS= read -r test; do
    number=$((number + 1))
    test_command "$test" "$AT"
    LOG=$WORK/$SUITE.test-$number.log RECORD=$RECORDS/$number
    "$1" "$test"
  done < "$WORK/tests"
}

on_kafka() { # TEST
  tried $TEST_SECONDS python3 "$INTEROP/lib/recorder.py" "$AT" "$(bootstrap kafka PLAINTEXT)" "$RECORD"
  [ "$OUTCOME $1" != "fail ${FLICKERS:-}" ] || OUTCOME=skip
  echo "$OUTCOME" > "$RECORD.outcome"
  verdict "$1" "$OUTCOME" "$WHY"
}

on_mock() { # TEST
  local on_kafka
  on_kafka=$(cat "$RECORD.outcome")
  if [ -s "$RECORD" ] && is_known_to_wait "$1"; then tried $WAITING_SECONDS; else tried $TEST_SECONDS; fi
  if [ "$OUTCOME" = skip ] && [ "$on_kafka" != skip ]; then OUTCOME=fail WHY="it skips itself; on real Kafka it is a $on_kafka"; fi
  [ "$OUTCOME $1" != "fail ${FLICKERS:-}" ] || OUTCOME=skip
  [ ! -s "$RECORD" ] || [ "$OUTCOME" != fail ] || echo "$1 @mock: $(waits_for "$RECORD")" >> "$WORK/waits.txt"
  verdict "$1" "$OUTCOME" "$WHY"
}

# tried SECONDS [BEFORE..]: runs the command within that time, behind BEFORE; sets OUTCOME and WHY.
tried() {
  local code=0
  timeout -k 5 "$1" "${@:2}" "${COMMAND[@]}" > "$LOG" 2>&1 < /dev/null || code=$?
  OUTCOME=$(verdict_of "$LOG" $code) WHY=
  [ "$OUTCOME" != fail ] || WHY="exit code $code: $(tail -n 3 "$LOG" | cut -c 1-300)"
}

is_known_to_wait() { grep -qsF -- "$1 @mock: waits for " "$INTEROP/known/${SUITE%@*}.txt"; }

# waits_for RECORD: `waits for consumer groups (JoinGroup, SyncGroup) and transactions (EndTxn)`.
waits_for() {
  python3 -c 'import sys
uses = {}
for line in open(sys.argv[1]):
    what, api = line.strip().split(": ")
    uses.setdefault(what, []).append(api)
print("waits for " + " and ".join(f"{what} ({chr(44).join(apis)})".replace(",", ", ") for what, apis in uses.items()))' "$1"
}

# Every line that says so is one that this run would write, and keeps in .cache/records/NAME/waits.
waiting_is_recorded() {
  touch "$WORK/waits.txt"
  cp "$WORK/waits.txt" "$RECORDS/waits"
  # Which of the APIs of a kind are used may be a matter of time, such as whether there is a heartbeat.
  kinds "$RECORDS/waits" > "$WORK/kinds.txt"
  ! kinds "$INTEROP/known/$1.txt" | grep -vxFf "$WORK/kinds.txt"
}

kinds() { sed -n '/ @mock: waits for /s/ ([^)]*)//gp' "$1"; }
