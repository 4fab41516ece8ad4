//! What the tests of client and mock begin with: a cluster, and a client of it that is ready to be connected.
//!
//! In memory, the cluster's clock is tokio's: under `#[tokio::test(start_paused = true)]` no time passes but that which both sides wait for, and
//! the same test sees the same again.

pub mod relay;

use ottla::{Client, ClientBuilder, Config, Record};
use ottla_mockbroker::{Identity, MockCluster, Protocol};

/// The name of the identity of [`memory_cluster`].
pub const IDENTITY: &str = "app";

/// From which clients and clusters of these tests draw what is left to chance.
const SEED: u64 = 7;

/// A cluster of three brokers in memory with every kind of listener, and the identity [`IDENTITY`].
///
/// # Panics
/// Outside of a tokio runtime.
#[must_use]
#[expect(clippy::expect_used, reason = "a test without its cluster has nothing to say")]
pub fn memory_cluster() -> MockCluster {
    let builder = MockCluster::builder().seed(SEED).plaintext().tls().iam(Identity::new(IDENTITY));
    builder.start_in_memory().expect("the cluster starts")
}

/// The same on sockets of this machine.
///
/// # Panics
/// When the system refuses a socket.
#[expect(clippy::expect_used, reason = "a test without its cluster has nothing to say")]
pub async fn socket_cluster() -> MockCluster {
    let builder = MockCluster::builder().seed(SEED).plaintext().tls().iam(Identity::new(IDENTITY));
    builder.start().await.expect("the cluster starts")
}

/// The settings of every client here: the defaults, with chance from a seed.
#[must_use]
pub fn config() -> Config {
    let mut config = Config::default();
    config.seed = Some(SEED);
    config
}

/// A client of an in-memory cluster that speaks `protocol` to it.
pub fn memory_client(cluster: &MockCluster, protocol: Protocol) -> ClientBuilder {
    secured(cluster, protocol, Client::builder(cluster.bootstrap_of(protocol)))
        .config(config())
        .dial(cluster.dialer())
        .clock(cluster.clock())
}

/// A client of a cluster on sockets that speaks `protocol` to it.
pub fn socket_client(cluster: &MockCluster, protocol: Protocol) -> ClientBuilder {
    secured(cluster, protocol, Client::builder(cluster.bootstrap_of(protocol))).config(config())
}

/// Plaintext, TLS that trusts the cluster, or IAM as [`IDENTITY`].
fn secured(cluster: &MockCluster, protocol: Protocol, client: ClientBuilder) -> ClientBuilder {
    match protocol {
        Protocol::Plaintext => client.plaintext(),
        Protocol::Tls => client.tls().tls_root(cluster.ca_pem()),
        _ => client.msk_iam(cluster.credentials(IDENTITY)).region(cluster.region()).tls_root(cluster.ca_pem()),
    }
}

/// A connected plaintext client of an in-memory cluster.
///
/// # Panics
/// When it cannot connect.
#[expect(clippy::expect_used, reason = "a test without its client has nothing to say")]
pub async fn memory_pair() -> (MockCluster, Client) {
    let cluster = memory_cluster();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.expect("the client connects");
    (cluster, client)
}

/// A record with all that a record can have: key, value, a header that comes twice and one of null, a timestamp.
#[must_use]
pub fn full_record(topic: &str) -> Record<'_> {
    Record::to(topic).key("k").value(vec![1, 2]).header("h", "1").null_header("n").header("h", "2").timestamp(1_234_567)
}
