//! Nothing that is printed or logged shows a secret. This test is alone in its process, whose log it reads.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use ottla_mockbroker::Protocol;
use protocol_tests::{IDENTITY, memory_client, memory_cluster};
use tracing_subscriber::fmt::format::FmtSpan;

const SECRET: &str = "a-secret-that-nobody-may-see";
const TOKEN: &str = "a-token-that-nobody-may-see";

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
    shown += &log.text();
    for told in ["AKID", "connection", "request", "Access denied"] {
        assert!(shown.contains(told), "{told:?} is not in the log");
    }
    for secret in [SECRET, TOKEN, cluster.credentials(IDENTITY).secret_access_key()] {
        assert_eq!(shown.lines().find(|line| line.contains(secret)), None);
    }
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
