//! Who is not let in is told why, by the broker's own words where it has any.
//!
//! Each rule needs a cluster with a listener of every protocol, of which `OTTLA_E2E_AT_SSL`, `OTTLA_E2E_AT_SSL_2` (which wants a client certificate) and
//! `OTTLA_E2E_AT_SASL_SSL` are the addresses, and the user `alice` with the password `alice-secret`. `OTTLA_E2E_OTHER_CA` is a file with an authority that
//! issued nothing there.

use ottla::{AuthenticationError, ClientBuilder, ConnectError, ErrorCode};

use crate::target::{client_with, variable};

/// A client of one listener of one broker: `said` goes before the environment, and with `None` a variable is not set.
fn client(listener: &str, said: &[(&str, Option<&str>)]) -> ClientBuilder {
    let addresses = variable(listener).expect("OTTLA_E2E_AT_* are addresses");
    let first = addresses.split(',').next().unwrap();
    let said = [said, &[("BOOTSTRAP", Some(first))]].concat();
    let client = client_with(|name| match said.iter().find(|(said, _)| *said == name) {
        Some((_, value)) => value.map(str::to_owned),
        None => variable(name),
    });
    client.expect("a cluster is named")
}

async fn refused(said: &[(&str, Option<&str>)]) -> Box<AuthenticationError> {
    let said = [&[("SECURITY", Some("sasl_ssl")), ("SASL_USERNAME", Some("alice"))], said].concat();
    match client("AT_SASL_SSL", &said).connect().await {
        Err(ConnectError::Authentication { source, .. }) => source,
        other => panic!("{other:?}"),
    }
}

async fn error(listener: &str, said: &[(&str, Option<&str>)]) -> ConnectError {
    client(listener, said).connect().await.expect_err("the broker lets nobody in")
}

#[tokio::test]
#[ignore = "needs a listener of every protocol: interop/run kafka"]
async fn a_wrong_password_is_refused_in_the_brokers_words() {
    for (mechanism, words) in [
        ("PLAIN", "Authentication failed: Invalid username or password"),
        (
            "SCRAM-SHA-256",
            "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256",
        ),
        (
            "SCRAM-SHA-512",
            "Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512",
        ),
    ] {
        for user in ["alice", "nobody"] {
            let said =
                [("SASL_MECHANISM", Some(mechanism)), ("SASL_USERNAME", Some(user)), ("SASL_PASSWORD", Some("wrong"))];
            let refused = refused(&said).await;
            assert_eq!((refused.mechanism, refused.code), (mechanism, ErrorCode::SASL_AUTHENTICATION_FAILED));
            assert_eq!(refused.text.as_deref(), Some(words), "{mechanism} {user}");
        }
    }
}

#[tokio::test]
#[ignore = "needs a listener of every protocol: interop/run kafka"]
async fn a_token_that_is_none_or_has_expired_is_refused() {
    // {"alg":"none"} and {"sub":"alice","iat":1000000000,"exp":1000000060}
    for token in ["none", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImlhdCI6MTAwMDAwMDAwMCwiZXhwIjoxMDAwMDAwMDYwfQ."] {
        let refused = refused(&[("SASL_MECHANISM", Some("OAUTHBEARER")), ("SASL_TOKEN", Some(token))]).await;
        assert_eq!(
            (refused.mechanism, refused.code),
            ("OAUTHBEARER", ErrorCode::SASL_AUTHENTICATION_FAILED),
            "{refused:?}"
        );
    }
}

#[tokio::test]
#[ignore = "needs a listener of every protocol: interop/run kafka"]
async fn a_broker_of_another_authority_is_not_trusted() {
    let other = variable("OTHER_CA").expect("OTTLA_E2E_OTHER_CA is a file");
    let error = error("AT_SSL", &[("SECURITY", Some("tls")), ("TLS_CA", Some(&other))]).await;
    assert!(matches!(error, ConnectError::UntrustedCertificate { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs a listener of every protocol: interop/run kafka"]
async fn who_shows_no_certificate_is_told_that_one_is_wanted() {
    let error = error("AT_SSL_2", &[("SECURITY", Some("tls"))]).await;
    assert!(matches!(error, ConnectError::ClientCertificate { .. }), "{error:?}");
}

#[tokio::test]
#[ignore = "needs a listener of every protocol: interop/run kafka"]
async fn plaintext_to_a_port_of_tls_is_told_apart_from_a_broker_that_is_down() {
    let error = error("AT_SSL", &[("SECURITY", Some("plaintext")), ("TLS_CA", None)]).await;
    assert!(matches!(error, ConnectError::NotPlaintext { .. }), "{error:?}");
}
