# What targets with clients of other languages share, on top of lib/mock.sh.
#
#   aws_credentials         exports the variables from which the libraries of AWS take the keys of the mock's IAM user, and the region
#   refused TEXT COMMAND..  the command must fail, and say TEXT
#   same_lines SENT READ    what was read is what was sent, in whatever order
#   python_clients          installs the clients of Python; sets PYTHON, which also reads back what programs sent that cannot
#   example NAME COMMAND..  a suite of examples/NAME, which starts the mock itself: the command is run in a copy of it and must pass
#   waiting                 counts what known/waiting.txt lists for the suite as skipped
#
# Every suite of them also knows the user alice, by the variables USER_NAME and USER_SECRET.

export USER_NAME=alice USER_SECRET=alice-secret

aws_credentials() {
  export AWS_ACCESS_KEY_ID=$IAM_KEY_ID AWS_SECRET_ACCESS_KEY=$IAM_SECRET AWS_REGION=$IAM_REGION AWS_DEFAULT_REGION=$IAM_REGION
  # No library is to look for others.
  export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
}

refused() {
  local text=$1 said=$WORK/refused.log
  shift
  if "$@" > "$said" 2>&1; then
    echo "it succeeded, and should have been refused with: $text"
    cat "$said"
    return 1
  fi
  grep -qF -- "$text" "$said" || { echo "it was not refused with: $text"; cat "$said"; return 1; }
}

same_lines() {
  [ -s "$1" ] || { echo "nothing was sent"; return 1; }
  diff <(sort "$1") <(sort "$2")
}

example() {
  local name=$1
  shift
  suite "example-$name" mock
  cp -r "$ROOT/examples/$name" "$WORK/$name"
  check "the tests in examples/$name pass" in_folder "$WORK/$name" timeout 120 "$@"
}

in_folder() {
  cd "$1"
  "${@:2}"
}

waiting() {
  local name why
  while IFS=: read -r name why; do
    verdict "$name" skip "${why# }"
  done < <(sed -n "s/^${SUITE%@*}: *//p" "$INTEROP/known/waiting.txt")
}

# python_environment REQUIREMENTS: in the current folder.
python_environment() { python3 -m venv venv && venv/bin/pip install --quiet --disable-pip-version-check -r "$INTEROP/clients/python/$1"; }

# python_clients [REQUIREMENTS]
python_clients() {
  local requirements=${1:-requirements.txt} name
  name=python/$(cksum < "$INTEROP/clients/python/$requirements" | tr -s ' ' -)
  once "$name" python_environment "$requirements"
  PYTHON=$CACHE/$name/venv/bin/python
}
