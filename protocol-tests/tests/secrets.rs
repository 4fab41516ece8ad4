//! Nothing that is printed or logged shows a secret. This test is alone in its process, whose log it reads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use ottla::{Client, ClientBuilder, OAuthBearerToken};
use ottla_mockbroker::{Listener, Mechanism, MockCluster, Protocol, User};
use protocol_tests::{IDENTITY, config, memory_client, memory_cluster};
use tracing_subscriber::fmt::format::FmtSpan;

const SECRET: &str = "a-secret-that-nobody-may-see";
const TOKEN: &str = "a-token-that-nobody-may-see";

const PASSWORD: &str = "a-password-that-nobody-may-see";

#[tokio::test(start_paused = true)]
async fn no_secret_is_ever_shown() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone())
        .init();
    let cluster = memory_cluster();
    let wrong = Credentials::new("AKID", SECRET, Some(TOKEN.to_owned()), None, "test");
    let client = memory_client(&cluster, Protocol::SaslTls).msk_iam(wrong);
    let mut shown = format!("{client:?}");
    let error = client.connect().await.expect_err("the secret is wrong");
    shown += &format!("{error} {error:?}");
    let client = memory_client(&cluster, Protocol::SaslTls).connect().await.unwrap();
    client.admin().list_topics().await.unwrap();
    shown += &format!("{client:?} {:?}", client.admin());
    shown += &logged_in().await;
    shown += &log.text();
    for told in ["AKID", "connection", "request", "Access denied", "alice", "Invalid username or password"] {
        assert!(shown.contains(told), "{told:?} is not in the log");
    }
    for secret in [SECRET, TOKEN, PASSWORD, cluster.credentials(IDENTITY).secret_access_key()] {
        assert_eq!(shown.lines().find(|line| line.contains(secret)), None);
    }
}

/// What is shown of clients that log in by password and by token, well and badly.
async fn logged_in() -> String {
    let mechanisms = [Mechanism::Plain, Mechanism::ScramSha256, Mechanism::ScramSha512, Mechanism::OAuthBearer];
    let cluster = MockCluster::builder()
        .listener(Listener::sasl_plaintext("SASL", mechanisms))
        .user(User::plain("alice", PASSWORD))
        .user(User::scram_sha_256("alice", PASSWORD))
        .start_in_memory()
        .unwrap();
    let client = || {
        let client = Client::builder(cluster.bootstrap_at("SASL")).config(config());
        client.dial(cluster.dialer()).clock(cluster.clock()).plaintext()
    };
    let token = || std::future::ready(Ok::<_, io::Error>(OAuthBearerToken::new(TOKEN).extension("other", SECRET)));
    let clients: [ClientBuilder; 5] = [
        client().sasl_plain("alice", PASSWORD),
        client().sasl_plain("bob", PASSWORD),
        client().sasl_scram_sha_256("alice", PASSWORD),
        client().sasl_scram_sha_512("alice", PASSWORD),
        client().sasl_oauthbearer(token),
    ];
    let mut shown = String::new();
    for client in clients {
        shown += &format!("{client:?}");
        match client.connect().await {
            Ok(client) => shown += &format!("{client:?} {:?}", client.admin().list_topics().await),
            Err(error) => shown += &format!("{error} {error:?}"),
        }
    }
    shown + &format!("{:?}", cluster.journal())
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
