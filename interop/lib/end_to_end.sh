# The rules of protocol-tests/tests/e2e on a cluster that is served, real or mock.
#
#   end_to_end SUITE SERVED BROKER LISTENER [VARIABLE=VALUE..] [ARGS..]   over one listener
#   over_every_listener SERVED BROKER    a suite for each protocol and mechanism; SERVED has SSL_2, where a client certificate is required, and has
#                                        the user alice with the password alice-secret
#   logins SERVED BROKER                 who is not let in is told why
#   tools_and_outages BROKER [TEST]      on the Kafka that is served: its own tools on the other side, and what ottla keeps while brokers end and come
#                                        back; TEST is left out
#   kills BROKER                         what ottla keeps while one broker after the other is killed for two minutes; needs what tools_and_outages makes
# $TLS is the folder with the certificates. Where a value is computed it is assigned first: bash does not notice that `f "$(false)"` failed.

end_to_end() {
  local served=$2 listener=$4 at variables=()
  at=$(bootstrap "$served" "$listener")
  suite "$1" "$3"
  shift 4
  [[ $listener != *SSL* && $listener != IAM ]] || variables+=("OTTLA_E2E_TLS_CA=$TLS/ca.pem")
  while [[ ${1:-} == *=* ]]; do variables+=("OTTLA_E2E_$1"); shift; done
  cargo_suite "OTTLA_E2E_BOOTSTRAP=$at" "${variables[@]}" -p protocol-tests --test e2e "$@"
}

over_every_listener() {
  local served=$1 broker=$2 protocol mechanism token
  end_to_end plaintext "$served" "$broker" PLAINTEXT SECURITY=plaintext
  end_to_end tls "$served" "$broker" SSL SECURITY=tls
  [ -z "$SMOKE" ] || return 0
  end_to_end tls-client-certificate "$served" "$broker" SSL_2 SECURITY=tls TLS_CERT="$TLS/client.pem" TLS_KEY="$TLS/client-key.pem"
  token=$(unsecured_token alice)
  for protocol in SASL_SSL SASL_PLAINTEXT; do
    for mechanism in PLAIN SCRAM-SHA-256 SCRAM-SHA-512 OAUTHBEARER; do
      end_to_end "$(tr 'A-Z_' 'a-z-' <<< "$protocol-$mechanism")" "$served" "$broker" $protocol SECURITY="${protocol,,}" SASL_MECHANISM=$mechanism \
        SASL_USERNAME=alice SASL_PASSWORD=alice-secret SASL_TOKEN="$token"
    done
  done
}

logins() {
  local listener at variables=()
  for listener in SSL SSL_2 SASL_SSL; do
    at=$(bootstrap "$1" $listener)
    variables+=("AT_$listener=$at")
  done
  certificates "$WORK/others"
  end_to_end logins "$1" "$2" SSL "${variables[@]}" OTHER_CA="$WORK/others/ca.pem" -- logins:: --ignored
}

tools_and_outages() {
  java_tools
  local commands=(SECURITY=plaintext NODE="$KAFKA_NODE" TOOL="$KAFKA_TOOL")
  end_to_end java-tools kafka "$1" PLAINTEXT "${commands[@]}" -- tools:: --ignored
  about kafka-tools 4.3.1
  end_to_end outages kafka "$1" PLAINTEXT "${commands[@]}" -- outages:: --ignored --test-threads=1 --show-output ${2:+--skip "$2"}
}

kills() {
  end_to_end kills kafka "$1" PLAINTEXT SECURITY=plaintext NODE="$KAFKA_NODE" TOOL="$KAFKA_TOOL" -- kills:: --ignored --show-output
}

# A JWS without a signature for the next hour, which Kafka takes unless it is told better.
unsecured_token() {
  python3 -c 'import base64, json, sys, time
part = lambda claims: base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
now = int(time.time())
print(part({"alg": "none"}) + "." + part({"sub": sys.argv[1], "iat": now, "exp": now + 3600}) + ".")' "$1"
}
