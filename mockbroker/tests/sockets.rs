//! A cluster on sockets: real ports, real TLS, a thread of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod raw;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream as BlockingStream, ToSocketAddrs as _};
use std::time::{Duration, UNIX_EPOCH};

use ottla_mockbroker::{DuplicateIdentity, EntryKind, Identity, MockCluster, Protocol, StartError};
use ottla_wire::message::ApiVersionsRequest;
use raw::{Raw, framed, over_tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The IPv4 addresses in a bootstrap list.
fn addresses(bootstrap: &str) -> Vec<SocketAddr> {
    let address = |at: &str| at.to_socket_addrs().unwrap().find(SocketAddr::is_ipv4).unwrap();
    bootstrap.split(',').map(address).collect()
}

async fn connect(cluster: &MockCluster, protocol: Protocol) -> TcpStream {
    TcpStream::connect(addresses(&cluster.bootstrap_of(protocol))[0]).await.unwrap()
}

/// Why connections were closed, in the order of the journal.
fn closings(cluster: &MockCluster) -> Vec<String> {
    let closing = |kind| match kind {
        EntryKind::Closed { reason } => Some(reason.to_string()),
        _ => None,
    };
    cluster.journal().into_iter().filter_map(|entry| closing(entry.kind)).collect()
}

#[tokio::test]
async fn a_cluster_that_is_dropped_has_closed_its_ports_and_connections() {
    let cluster = MockCluster::builder().brokers(3).plaintext().tls().start().await.unwrap();
    let mut all = addresses(&cluster.bootstrap());
    all.extend(addresses(&cluster.bootstrap_of(Protocol::Tls)));
    assert_eq!(all.len(), 6);
    let mut open = TcpStream::connect(all[0]).await.unwrap();
    let mut one = Raw::new(TcpStream::connect(all[1]).await.unwrap());
    one.api_versions().await.unwrap();
    drop(cluster);
    for address in all {
        assert!(TcpStream::connect(address).await.is_err(), "{address}");
    }
    assert_eq!(one.stream.read(&mut [0]).await.unwrap_or(0), 0);
    assert_eq!(open.read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_connection_that_is_idle_for_too_long_is_closed_before_and_after_its_handshake() {
    let cluster = MockCluster::builder().plaintext().tls().manual_clock(UNIX_EPOCH).start().await.unwrap();
    let mut plain = connect(&cluster, Protocol::Plaintext).await;
    let mut before = connect(&cluster, Protocol::Tls).await;
    let stream = connect(&cluster, Protocol::Tls).await;
    let mut after = over_tls(&cluster, "localhost", stream).await;
    assert!(after.api_versions().await.is_some());
    cluster.wait_until(|it| it.connections.len() == 3).await.unwrap();
    cluster.advance(Duration::from_secs(600)).unwrap();
    assert_eq!(plain.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(before.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(after.stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(closings(&cluster), ["nothing moved for 600000 ms, which is connections.max.idle.ms"; 3]);
}

#[tokio::test]
async fn the_versions_are_answered_over_tcp_and_over_tls() {
    let cluster = MockCluster::builder().plaintext().tls().iam(Identity::new("app")).start().await.unwrap();
    let over_tcp = Raw::new(connect(&cluster, Protocol::Plaintext).await).api_versions().await.unwrap();
    for (protocol, host) in
        [(Protocol::Tls, "localhost"), (Protocol::Tls, "127.0.0.1"), (Protocol::SaslTls, "localhost")]
    {
        let stream = connect(&cluster, protocol).await;
        let answered = over_tls(&cluster, host, stream).await.api_versions().await.unwrap();
        assert_eq!(answered, over_tcp, "{protocol:?} as {host}");
    }
}

#[test]
fn a_client_that_blocks_the_only_thread_of_a_runtime_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let cluster = MockCluster::builder().start().await.unwrap();
        let mut stream = BlockingStream::connect(addresses(&cluster.bootstrap())[0]).unwrap();
        stream.write_all(&framed::<ApiVersionsRequest>(0, 5, &[])).unwrap();
        let mut length_and_id = [0; 8];
        stream.read_exact(&mut length_and_id).unwrap();
        assert_eq!(length_and_id[4..], [0, 0, 0, 5]);
    });
}

#[test]
fn a_test_without_a_runtime_starts_a_cluster_too() {
    let cluster = MockCluster::builder().brokers(1).start_blocking().unwrap();
    assert!(BlockingStream::connect(addresses(&cluster.bootstrap())[0]).is_ok());
}

#[tokio::test]
async fn a_negative_and_a_huge_frame_length_close_their_connection_and_no_other() {
    let cluster = MockCluster::builder().start().await.unwrap();
    let mut other = Raw::new(connect(&cluster, Protocol::Plaintext).await);
    other.api_versions().await.unwrap();
    for length in [-1, i32::MAX] {
        let mut stream = connect(&cluster, Protocol::Plaintext).await;
        stream.write_all(&length.to_be_bytes()).await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0, "{length}");
    }
    other.api_versions().await.unwrap();
    let [negative, huge] = &closings(&cluster)[..] else { panic!("{:?}", cluster.journal()) };
    assert_eq!(negative, "frame length -1 is negative");
    assert_eq!(huge, "frame length 2147483647 is above the bound of 104857600 bytes");
}

#[tokio::test]
async fn another_protocol_than_the_ports_is_closed_with_the_reason_in_the_journal() {
    let cluster = MockCluster::builder().plaintext().tls().start().await.unwrap();
    let mut plain_on_tls = connect(&cluster, Protocol::Tls).await;
    plain_on_tls.write_all(&framed::<ApiVersionsRequest>(0, 5, &[])).await.unwrap();
    let mut alert = Vec::new();
    let _reset_or_end = plain_on_tls.read_to_end(&mut alert).await;
    let mut tls_on_plain = connect(&cluster, Protocol::Plaintext).await;
    tls_on_plain.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    assert_eq!(tls_on_plain.read(&mut [0]).await.unwrap_or(0), 0);
    let [on_tls, on_plain] = &closings(&cluster)[..] else { panic!("{:?}", cluster.journal()) };
    assert!(on_tls.starts_with("TLS handshake failed: "), "{on_tls}");
    assert!(on_plain.starts_with("frame length 369295618 is above the bound"), "{on_plain}");
}

#[tokio::test]
async fn the_preferred_port_is_taken_when_it_is_free_and_another_when_it_is_not() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let with_port = || MockCluster::builder().brokers(1).iam(Identity::new("app")).iam_port(port).start();
    let elsewhere = with_port().await.unwrap();
    assert_ne!(elsewhere.bootstrap(), format!("localhost:{port}"));
    drop(taken);
    assert_eq!(with_port().await.unwrap().bootstrap(), format!("localhost:{port}"));
}

#[tokio::test]
async fn what_makes_no_cluster_is_refused_by_what_is_wrong() {
    let started = MockCluster::builder().brokers(0).start().await;
    assert!(matches!(started, Err(StartError::Config(_))), "{started:?}");
    let started = MockCluster::builder().brokers(2).hosts(["only-one"]).start().await;
    assert!(matches!(started, Err(StartError::Hosts { hosts: 1, brokers: 2 })), "{started:?}");
    let started = MockCluster::builder().iam(Identity::new("app")).iam(Identity::new("app")).start().await;
    assert!(matches!(started, Err(StartError::Identity(DuplicateIdentity::Name(_)))), "{started:?}");
    let started = MockCluster::builder().brokers(1).hosts(["no host\n"]).start().await;
    assert!(matches!(started, Err(StartError::InvalidHost(_))), "{started:?}");
}

#[test]
fn an_in_memory_cluster_needs_a_runtime() {
    let started = MockCluster::builder().start_in_memory();
    assert!(matches!(started, Err(StartError::NoRuntime)), "{started:?}");
}

#[tokio::test]
async fn credentials_are_those_of_the_identity_and_debug_hides_them() {
    let identity = Identity::new("app").keys("AKIAIOSFODNN7EXAMPLE", "hush-secret").session_token("hush-token");
    let cluster = MockCluster::builder().iam(identity).start().await.unwrap();
    let credentials = cluster.credentials("app");
    assert_eq!(credentials.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(credentials.secret_access_key(), "hush-secret");
    assert_eq!(credentials.session_token(), Some("hush-token"));
    let shown = format!("{cluster:?} {credentials:?}");
    assert!(!shown.contains("hush"), "{shown}");
}
