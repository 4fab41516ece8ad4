# The program mockbroker.
#
#   serve_mock BROKERS [ARGS..]   the mock with a listener of every protocol and mechanism, on free ports: PLAINTEXT, SSL, SSL_2 (which wants a client
#                                 certificate), SASL_SSL, SASL_PLAINTEXT and IAM; `bootstrap mock IAM` says where. The user alice has the password
#                                 alice-secret, and the IAM user app the keys $IAM_KEY_ID and $IAM_SECRET.
#                                 Sets TLS to a folder with ca.pem, client.pem, client-key.pem and for each listener what clients are configured
#                                 with, and MOCKBROKER to the program.

IAM_KEY_ID=AKIAIOSFODNN7EXAMPLE
IAM_SECRET=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
IAM_REGION=us-east-1

serve_mock() {
  local sasl=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER mechanism users=()
  for mechanism in PLAIN SCRAM-SHA-256 SCRAM-SHA-512; do users+=(--user "$mechanism:alice:alice-secret"); done
  TLS=$WORK/mock-tls
  MOCKBROKER=$(cargo_program -p ottla-mockbroker --bin mockbroker)
  export MOCKBROKER
  serve mock "$MOCKBROKER" --brokers "$1" --tls-dir "$TLS" --region "$IAM_REGION" \
    "${users[@]}" --user "AWS_MSK_IAM:app:$IAM_KEY_ID:$IAM_SECRET" \
    --listener PLAINTEXT:0 --listener SSL:0 --listener SSL:0:client-auth=required --listener "SASL_SSL:0:$sasl" --listener "SASL_PLAINTEXT:0:$sasl" \
    --listener IAM:0 "${@:2}"
}
