# The rules of protocol-tests/tests/e2e on a cluster that is served, real or mock.
#
#   end_to_end SUITE SERVED BROKER LISTENER [VARIABLE=VALUE..] [ARGS..]   over one listener
#   over_every_listener SERVED BROKER    a suite for each protocol and mechanism; SERVED has SSL_2, where a client certificate is required, and has
#                                        the user alice with the password alice-secret
#   logins SERVED BROKER         who is not let in is told why
# $TLS is the folder with the certificates.

end_to_end() {
  local served=$2 listener=$4 variables=()
  suite "$1" "$3"
  shift 4
  while [[ ${1:-} == *=* ]]; do variables+=("OTTLA_E2E_$1"); shift; done
  cargo_suite "OTTLA_E2E_BOOTSTRAP=$(bootstrap "$served" "$listener")" "OTTLA_E2E_TLS_CA=$([[ $listener == *SSL* || $listener = IAM ]] && echo "$TLS/ca.pem")" \
    "${variables[@]}" -p protocol-tests --test e2e "$@"
}

over_every_listener() {
  local served=$1 broker=$2 protocol mechanism
  end_to_end plaintext "$served" "$broker" PLAINTEXT SECURITY=plaintext
  end_to_end tls "$served" "$broker" SSL SECURITY=tls
  [ -z "$SMOKE" ] || return 0
  end_to_end tls-client-certificate "$served" "$broker" SSL_2 SECURITY=tls TLS_CERT="$TLS/client.pem" TLS_KEY="$TLS/client-key.pem"
  for protocol in SASL_SSL SASL_PLAINTEXT; do
    for mechanism in PLAIN SCRAM-SHA-256 SCRAM-SHA-512 OAUTHBEARER; do
      end_to_end "$(tr 'A-Z_' 'a-z-' <<< "$protocol-$mechanism")" "$served" "$broker" $protocol SECURITY="${protocol,,}" SASL_MECHANISM=$mechanism \
        SASL_USERNAME=alice SASL_PASSWORD=alice-secret SASL_TOKEN="$(unsecured_token alice)"
    done
  done
}

logins() {
  certificates "$WORK/others"
  end_to_end logins "$1" "$2" PLAINTEXT TLS_CA="$TLS/ca.pem" OTHER_CA="$WORK/others/ca.pem" AT_SSL="$(bootstrap "$1" SSL)" AT_SSL_2="$(bootstrap "$1" SSL_2)" \
    AT_SASL_SSL="$(bootstrap "$1" SASL_SSL)" -- logins:: --ignored
}

# A JWS without a signature for the next hour, which Kafka takes unless it is told better.
unsecured_token() {
  python3 -c 'import base64, json, sys, time
part = lambda claims: base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
now = int(time.time())
print(part({"alg": "none"}) + "." + part({"sub": sys.argv[1], "iat": now, "exp": now + 3600}) + ".")' "$1"
}
