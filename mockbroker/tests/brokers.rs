//! Brokers that are stopped, killed, paused and started again, as who connects to them sees it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod raw;

use std::io::ErrorKind;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use ottla_mockbroker::{BrokerError, BrokerId, BrokerStatus, MockCluster, NewTopic, UnknownBroker};
use raw::{Raw, over_tls};
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::time::timeout;

const FIRST: BrokerId = BrokerId(1);

/// Longer than any answer takes that comes at all.
const SILENCE: Duration = Duration::from_millis(200);

fn socket(cluster: &MockCluster, at: usize) -> SocketAddr {
    let bootstrap = cluster.bootstrap();
    let address = bootstrap.split(',').nth(at).unwrap().to_socket_addrs().unwrap();
    address.into_iter().find(SocketAddr::is_ipv4).unwrap()
}

fn host(cluster: &MockCluster) -> (String, u16) {
    let bootstrap = cluster.bootstrap();
    let (host, port) = bootstrap.split(',').next().unwrap().rsplit_once(':').unwrap();
    (host.to_owned(), port.parse().unwrap())
}

async fn dial(cluster: &MockCluster) -> std::io::Result<DuplexStream> {
    let (host, port) = host(cluster);
    cluster.dialer()(host, port).await
}

#[tokio::test]
async fn the_ports_of_a_broker_that_is_down_refuse_and_are_the_same_when_it_is_back() {
    let cluster = MockCluster::builder().brokers(2).plaintext().start().await.unwrap();
    let address = socket(&cluster, 0);
    for end in [MockCluster::stop_broker, MockCluster::kill_broker] {
        let mut before = Raw::new(TcpStream::connect(address).await.unwrap());
        before.api_versions().await.unwrap();
        end(&cluster, FIRST).unwrap();
        assert_eq!(before.receive::<ottla_wire::message::ApiVersionsRequest>(0).await, None);
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(cluster.broker_status(FIRST), Ok(BrokerStatus::Down));
        Raw::new(TcpStream::connect(socket(&cluster, 1)).await.unwrap()).api_versions().await.unwrap();
        end(&cluster, FIRST).unwrap();
        cluster.start_broker(FIRST).unwrap();
        cluster.start_broker(FIRST).unwrap();
        Raw::new(TcpStream::connect(address).await.unwrap()).api_versions().await.unwrap();
    }
    cluster.restart_broker(FIRST).unwrap();
    Raw::new(TcpStream::connect(address).await.unwrap()).api_versions().await.unwrap();
}

#[tokio::test]
async fn a_broker_that_hangs_takes_on_connections_and_answers_them_when_it_goes_on() {
    let cluster = MockCluster::builder().brokers(1).plaintext().start().await.unwrap();
    let address = socket(&cluster, 0);
    let mut before = Raw::new(TcpStream::connect(address).await.unwrap());
    before.api_versions().await.unwrap();
    cluster.pause_broker(FIRST).unwrap();
    let mut after = Raw::new(TcpStream::connect(address).await.unwrap());
    for raw in [&mut before, &mut after] {
        assert!(timeout(SILENCE, raw.api_versions()).await.is_err());
    }
    cluster.resume_broker(FIRST).unwrap();
    for raw in [&mut before, &mut after] {
        assert!(raw.receive::<ottla_wire::message::ApiVersionsRequest>(0).await.is_some());
        raw.api_versions().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn in_memory_a_broker_that_is_down_refuses_and_one_that_hangs_is_silent() {
    let cluster = MockCluster::builder().brokers(2).plaintext().start_in_memory().unwrap();
    let mut before = Raw::new(dial(&cluster).await.unwrap());
    before.api_versions().await.unwrap();
    cluster.kill_broker(FIRST).unwrap();
    assert_eq!(before.receive::<ottla_wire::message::ApiVersionsRequest>(0).await, None);
    assert_eq!(dial(&cluster).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    cluster.start_broker(FIRST).unwrap();
    let mut raw = Raw::new(dial(&cluster).await.unwrap());
    cluster.pause_broker(FIRST).unwrap();
    assert!(timeout(SILENCE, raw.api_versions()).await.is_err());
    cluster.resume_broker(FIRST).unwrap();
    assert!(raw.receive::<ottla_wire::message::ApiVersionsRequest>(0).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_tls_handshake_begins_when_the_broker_that_hangs_goes_on() {
    let cluster = MockCluster::builder().brokers(1).tls().start_in_memory().unwrap();
    cluster.pause_broker(FIRST).unwrap();
    let stream = dial(&cluster).await.unwrap();
    let (host, _) = host(&cluster);
    let shaken = async { over_tls(&cluster, &host, stream).await.api_versions().await };
    let resumed = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        cluster.resume_broker(FIRST).unwrap();
    };
    let (answered, ()) = tokio::join!(shaken, resumed);
    assert!(answered.is_some());
}

#[tokio::test(start_paused = true)]
async fn others_lead_when_the_session_of_a_killed_broker_has_ended() {
    let timeout = Duration::from_secs(3);
    let cluster = MockCluster::builder().brokers(3).broker_session_timeout(timeout).start_in_memory().unwrap();
    cluster.create_topic(&NewTopic::new("t")).unwrap();
    let leader = cluster.leader("t", 0).unwrap();
    cluster.kill_broker(leader).unwrap();
    tokio::time::sleep(timeout - Duration::from_millis(100)).await;
    assert_eq!(cluster.replicas("t", 0).unwrap().leader, Some(leader));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let moved = cluster.replicas("t", 0).unwrap();
    assert!(moved.leader.is_some_and(|moved| moved != leader));
    cluster.start_broker(leader).unwrap();
    assert_eq!(cluster.replicas("t", 0).unwrap().in_sync.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_a_broker_cannot_do_is_refused() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    let unknown = UnknownBroker(BrokerId(7));
    assert_eq!(cluster.stop_broker(unknown.0), Err(unknown));
    assert!(cluster.start_broker(unknown.0).is_err());
    assert_eq!(cluster.broker_status(unknown.0), Err(unknown));
    cluster.stop_broker(FIRST).unwrap();
    assert_eq!(cluster.pause_broker(FIRST), Err(BrokerError::Down(FIRST)));
}
