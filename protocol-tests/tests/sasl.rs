//! The client logs in to the mock by every mechanism, and by certificate; what it is told when it does not come in, and that sessions are renewed
//! without anybody noticing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use ottla::{
    AuthenticationError, Claim, Client, ClientBuilder, ConfigProblem, ConnectError, HandshakeError, NewTopic,
    OAuthBearerToken, Refusal, TokenFailure,
};
use ottla_mockbroker::{
    ClientAuth, Closed, EntryKind, Identity, Listener, Mechanism, MockCluster, MockClusterBuilder, User,
};
use ottla_wire::sasl::base64;
use protocol_tests::config;

const USER: &str = "ali,ce=1";
const PASSWORD: &str = "s3cret, =ä";
const IDENTITY: &str = "app";
/// The listeners of [`builder`].
const LISTENERS: [&str; 2] = ["SASL_SSL", "SASL_PLAINTEXT"];

fn builder() -> MockClusterBuilder {
    let all = [Mechanism::Plain, Mechanism::ScramSha256, Mechanism::ScramSha512, Mechanism::OAuthBearer];
    MockCluster::builder()
        .seed(7)
        .brokers(1)
        .listener(Listener::sasl_tls("SASL_SSL", all))
        .listener(Listener::sasl_plaintext("SASL_PLAINTEXT", all))
        .listener(Listener::sasl_tls("MSK", [Mechanism::AwsMskIam, Mechanism::MskOAuthBearer]))
        .listener(Listener::tls("MTLS").client_auth(ClientAuth::Required))
        .user(User::plain(USER, PASSWORD))
        .user(User::scram_sha_256(USER, PASSWORD))
        .user(User::scram_sha_512(USER, PASSWORD).iterations(5000))
        .identity(Identity::new(IDENTITY))
}

/// A client of this listener that has not said yet who it is.
fn client(cluster: &MockCluster, listener: &str) -> ClientBuilder {
    let client =
        Client::builder(cluster.bootstrap_at(listener)).config(config()).dial(cluster.dialer()).clock(cluster.clock());
    if listener == "SASL_PLAINTEXT" { client.plaintext() } else { client.tls().tls_root(cluster.ca_pem()) }
}

type LogIn = fn(ClientBuilder, &str, &str) -> ClientBuilder;

/// The mechanisms that have passwords.
const WITH_PASSWORD: [(Mechanism, LogIn); 3] = [
    (Mechanism::Plain, |client, user, password| client.sasl_plain(user, password)),
    (Mechanism::ScramSha256, |client, user, password| client.sasl_scram_sha_256(user, password)),
    (Mechanism::ScramSha512, |client, user, password| client.sasl_scram_sha_512(user, password)),
];

/// An unsecured token (RFC 7515, appendix A.5), as Kafka takes them where nothing else is configured.
fn token(claims: &str) -> OAuthBearerToken {
    let part = |text: &str| base64::encode_url(text.as_bytes());
    OAuthBearerToken::new(format!("{}.{}.", part(r#"{"alg":"none"}"#), part(claims)))
}

fn unix_seconds(cluster: &MockCluster) -> u64 {
    let (_, wall) = cluster.clock()();
    wall.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// A token of `alice` that is good for a minute.
fn good_token(cluster: &MockCluster) -> OAuthBearerToken {
    let now = unix_seconds(cluster);
    token(&format!(r#"{{"sub":"alice","iat":{now},"exp":{}}}"#, now + 60))
}

async fn works(client: &Client, topic: &str) {
    client.admin().create_topics([NewTopic::new(topic)]).await.unwrap().all().unwrap();
}

async fn refused(client: ClientBuilder) -> Box<AuthenticationError> {
    match client.connect().await {
        Err(ConnectError::Authentication { source, .. }) => source,
        other => panic!("{other:?}"),
    }
}

/// The principals that came in, and by what.
fn came_in(cluster: &MockCluster) -> Vec<(String, Option<Mechanism>)> {
    let entries = cluster.journal().into_iter().filter_map(|entry| match entry.kind {
        EntryKind::Authenticated { principal, mechanism } => Some((principal.to_string(), mechanism)),
        _ => None,
    });
    entries.collect()
}

/// Why clients did not come in.
fn kept_out(cluster: &MockCluster) -> Vec<String> {
    let entries = cluster.journal().into_iter().filter_map(|entry| match entry.kind {
        EntryKind::AuthenticationRefused { reason, .. } => Some(reason.to_string()),
        _ => None,
    });
    entries.collect()
}

#[tokio::test(start_paused = true)]
async fn a_user_comes_in_by_each_mechanism_with_tls_and_without() {
    for listener in LISTENERS {
        for (mechanism, log_in) in WITH_PASSWORD {
            let cluster = builder().start_in_memory().unwrap();
            let client = log_in(client(&cluster, listener), USER, PASSWORD).connect().await.unwrap();
            works(&client, "events").await;
            assert_eq!(came_in(&cluster)[0], (format!("User:{USER}"), Some(mechanism)), "{listener}");
            assert_eq!(kept_out(&cluster), Vec::<String>::new());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_and_an_unknown_user_are_told_alike_and_named() {
    let cluster = builder().start_in_memory().unwrap();
    for (mechanism, log_in) in WITH_PASSWORD {
        for (user, password, exact) in [(USER, "wrong", "wrong password"), ("nobody", PASSWORD, "unknown user")] {
            let error = refused(log_in(client(&cluster, "SASL_SSL"), user, password)).await;
            assert_eq!((error.mechanism, error.refusal), (mechanism.name(), Refusal::InvalidCredentials));
            assert_eq!(error.claim, Claim::User(user.into()));
            assert_eq!(kept_out(&cluster).last().unwrap(), exact);
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(user) && !shown.contains(PASSWORD) && !shown.contains("\"wrong\""), "{shown}");
        }
    }
    assert_eq!(came_in(&cluster), []);
}

#[tokio::test(start_paused = true)]
async fn a_token_comes_in_and_the_provider_is_asked_for_each_connection() {
    for listener in LISTENERS {
        let cluster = builder().start_in_memory().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let (count, token) = (Arc::clone(&asked), good_token(&cluster));
        let provider = move || {
            count.fetch_add(1, Ordering::Relaxed);
            let token = token.clone();
            async move { Ok::<_, io::Error>(token) }
        };
        let client = client(&cluster, listener).sasl_oauthbearer(provider).connect().await.unwrap();
        works(&client, "events").await;
        let came_in = came_in(&cluster);
        assert_eq!(came_in[0], ("User:alice".to_owned(), Some(Mechanism::OAuthBearer)));
        assert_eq!(asked.load(Ordering::Relaxed), came_in.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_broker_does_not_take_is_told_as_one() {
    let cluster = builder().start_in_memory().unwrap();
    let now = unix_seconds(&cluster);
    let tokens = [
        token(&format!(r#"{{"sub":"alice","iat":{},"exp":{}}}"#, now - 100, now - 50)),
        token(&format!(r#"{{"iat":{now},"exp":{}}}"#, now + 60)),
        OAuthBearerToken::new("no-token-of-three-parts"),
    ];
    for token in tokens {
        let provider = move || std::future::ready(Ok::<_, io::Error>(token.clone()));
        let error = refused(client(&cluster, "SASL_SSL").sasl_oauthbearer(provider)).await;
        assert_eq!((error.mechanism, error.refusal), ("OAUTHBEARER", Refusal::InvalidToken), "{error}");
        assert!(error.to_string().contains(r#"{"status":"invalid_token"}"#), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_there_is_no_refusal_of_the_broker() {
    let cluster = builder().start_in_memory().unwrap();
    let failure = |error: ConnectError| match error {
        ConnectError::Credentials { source: HandshakeError::Token(failure), .. } => failure,
        other => panic!("{other:?}"),
    };
    let none = || std::future::ready(Err::<OAuthBearerToken, _>(io::Error::other("the issuer is away")));
    let error = client(&cluster, "SASL_SSL").sasl_oauthbearer(none).connect().await.unwrap_err();
    assert!(error.to_string().contains("the issuer is away") && !error.is_final(), "{error}");
    assert!(matches!(failure(error), TokenFailure::Unavailable(_)));
    let (_, wall) = cluster.clock()();
    let late = good_token(&cluster).expires_at(wall - Duration::from_secs(5));
    let late = move || std::future::ready(Ok::<_, io::Error>(late.clone()));
    let error = client(&cluster, "SASL_SSL").sasl_oauthbearer(late).connect().await.unwrap_err();
    assert!(matches!(failure(error), TokenFailure::Expired { .. }));
    let panics = || -> std::future::Ready<io::Result<OAuthBearerToken>> { panic!("in the provider") };
    let error = client(&cluster, "SASL_SSL").sasl_oauthbearer(panics).connect().await.unwrap_err();
    assert!(matches!(failure(error), TokenFailure::Unavailable(_)));
    assert_eq!(kept_out(&cluster), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_never_answers_costs_the_connect_timeout() {
    let cluster = builder().start_in_memory().unwrap();
    let never = std::future::pending::<io::Result<OAuthBearerToken>>;
    let error = client(&cluster, "SASL_SSL").sasl_oauthbearer(never).connect().await.unwrap_err();
    assert!(matches!(error, ConnectError::Timeout { .. }), "{error:?}");
    assert!(error.to_string().contains("the token provider is slow"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn msks_token_comes_in_and_a_refusal_of_it_tells_what_was_signed() {
    let cluster = builder().start_in_memory().unwrap();
    let right = cluster.credentials(IDENTITY);
    let iam =
        |credentials: Credentials| client(&cluster, "MSK").region(cluster.region()).msk_iam_oauthbearer(credentials);
    works(&iam(right.clone()).connect().await.unwrap(), "events").await;
    let (principal, mechanism) = came_in(&cluster).remove(0);
    assert!(principal.starts_with("IAM:arn:"), "{principal}");
    assert_eq!(mechanism, Some(Mechanism::MskOAuthBearer));
    let wrong = Credentials::new(right.access_key_id(), "another-secret", None, None, "test");
    let error = refused(iam(wrong)).await;
    let Claim::Signed(signed) = &error.claim else { panic!("{error:?}") };
    assert_eq!(signed.access_key_id, right.access_key_id());
    assert_eq!(signed.host, format!("kafka.{}.amazonaws.com", cluster.region()));
    assert_eq!(error.mechanism, "OAUTHBEARER");
}

/// How many connections were opened, and why others than by their clients were closed.
fn connections(cluster: &MockCluster) -> (usize, Vec<Closed>) {
    let journal = cluster.journal();
    let opened = journal.iter().filter(|entry| matches!(entry.kind, EntryKind::Connected { .. })).count();
    let closed = journal.into_iter().filter_map(|entry| match entry.kind {
        EntryKind::Closed { reason } if reason != Closed::ByPeer => Some(reason),
        _ => None,
    });
    (opened, closed.collect())
}

#[tokio::test(start_paused = true)]
async fn sessions_of_every_mechanism_are_renewed_in_place_while_requests_go_on() {
    let longest = Duration::from_secs(20);
    for (mechanism, log_in) in WITH_PASSWORD {
        let cluster = builder().connections_max_reauth(longest).start_in_memory().unwrap();
        let client = log_in(client(&cluster, "SASL_SSL"), USER, PASSWORD).connect().await.unwrap();
        client.admin().list_topics().await.unwrap();
        let (opened, first) = (connections(&cluster), came_in(&cluster).len());
        for _ in 0..40 {
            client.admin().list_topics().await.unwrap();
            tokio::time::sleep(longest / 10).await;
        }
        let renewals = came_in(&cluster).len() - first;
        assert!((4..=4 * opened.0).contains(&renewals), "{mechanism}: {renewals} in four times their length");
        assert_eq!(connections(&cluster), opened, "{mechanism}");
        assert_eq!(kept_out(&cluster), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn who_may_not_renew_a_session_comes_in_again_on_another_connection() {
    let cluster = builder().connections_max_reauth(Duration::from_secs(20)).start_in_memory().unwrap();
    let (renamed, at) = (Arc::new(AtomicBool::new(false)), unix_seconds(&cluster));
    let is_renamed = Arc::clone(&renamed);
    let provide = move || {
        let name = if is_renamed.load(Ordering::Relaxed) { "bob" } else { "alice" };
        let token = token(&format!(r#"{{"sub":"{name}","iat":{at},"exp":{}}}"#, at + 600));
        async move { Ok::<_, TokenFailure>(token) }
    };
    let client = client(&cluster, "SASL_SSL").sasl_oauthbearer(provide).connect().await.unwrap();
    for _ in 0..20 {
        client.admin().list_topics().await.unwrap();
        renamed.store(true, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let names: Vec<_> = came_in(&cluster).into_iter().map(|(principal, _)| principal).collect();
    assert_eq!((names[0].as_str(), names.last().unwrap().as_str()), ("User:alice", "User:bob"));
    let refusals = kept_out(&cluster);
    assert!(refusals.len() == 1 && refusals[0].contains("alice") && refusals[0].contains("bob"), "{refusals:?}");
}

#[tokio::test(start_paused = true)]
async fn a_listener_without_the_mechanism_names_those_that_it_has() {
    let cluster = builder().start_in_memory().unwrap();
    let error = client(&cluster, "MSK").sasl_plain(USER, PASSWORD).connect().await.unwrap_err();
    let ConnectError::Handshake { source: HandshakeError::MechanismNotEnabled { mechanism, enabled }, .. } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!((*mechanism, enabled.contains(&"AWS_MSK_IAM".to_owned())), ("PLAIN", true));
    assert_eq!(kept_out(&cluster), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_client_comes_in_by_a_certificate_that_the_broker_trusts() {
    let cluster = builder().start_in_memory().unwrap();
    let certificate = cluster.client_certificate("CN=app,O=example").unwrap();
    let shown = client(&cluster, "MTLS").tls_client_certificate(certificate.chain_pem(), certificate.key_pem());
    works(&shown.connect().await.unwrap(), "events").await;
    assert_eq!(came_in(&cluster)[0], ("User:CN=app,O=example".to_owned(), None));
}

#[tokio::test(start_paused = true)]
async fn a_client_without_a_certificate_or_with_a_strangers_is_told_so() {
    let cluster = builder().start_in_memory().unwrap();
    let stranger = builder().seed(8).start_in_memory().unwrap().client_certificate("CN=app").unwrap();
    let with_strangers = client(&cluster, "MTLS").tls_client_certificate(stranger.chain_pem(), stranger.key_pem());
    for client in [client(&cluster, "MTLS"), with_strangers] {
        let error = client.connect().await.unwrap_err();
        assert!(matches!(error, ConnectError::ClientCertificate { .. }) && error.is_final(), "{error:?}");
        assert!(error.to_string().contains(".tls_client_certificate("), "{error}");
    }
    assert_eq!(came_in(&cluster), []);
}

async fn problems(client: ClientBuilder) -> Vec<ConfigProblem> {
    match client.connect().await {
        Err(ConnectError::Config(error)) => error.problems,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_cannot_be_used_to_log_in_is_told_before_anything_is_opened_and_all_at_once() {
    let client = || Client::builder("b:1");
    let found = problems(client().sasl_scram_sha_512("", "a\0b").tls_client_certificate("", "")).await;
    assert!(
        matches!(
            found.as_slice(),
            [
                ConfigProblem::Tls(_),
                ConfigProblem::EmptyLogin { part: "user" },
                ConfigProblem::NulInLogin { part: "password" }
            ]
        ),
        "{found:?}"
    );
    let credentials = || Credentials::new("AKIA", "secret", None, None, "test");
    for iam in [client().msk_iam(credentials()), client().msk_iam_oauthbearer(credentials())] {
        let found = problems(iam.region("us-east-1").plaintext()).await;
        assert_eq!(found, [ConfigProblem::PlaintextIam]);
    }
    let bare = problems(client().plaintext().sasl_plain("user", "password").tls_client_certificate("", "")).await;
    assert_eq!(bare, [ConfigProblem::TlsForPlaintext]);
}
