//! A cluster without sockets, under tokio's paused clock: no test here takes time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod raw;

use std::io::ErrorKind;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ottla_mockbroker::{
    EntryKind, Identity, Listener, MockCluster, NewTopic, OUTGOING_BYTES_MAX, PIPE_BYTES, Protocol, StartError,
};
use ottla_wire::message::ApiVersionsRequest;
use ottla_wire::record::next_batch;
use raw::{Raw, framed, over_tls};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::time::{Instant, advance, timeout};

/// The host and port of the first broker under a protocol.
fn first(cluster: &MockCluster, protocol: Protocol) -> (String, u16) {
    let bootstrap = cluster.bootstrap_of(protocol);
    let (host, port) = bootstrap.split(',').next().unwrap().rsplit_once(':').unwrap();
    (host.to_owned(), port.parse().unwrap())
}

async fn dial(cluster: &MockCluster, protocol: Protocol) -> DuplexStream {
    let (host, port) = first(cluster, protocol);
    cluster.dialer()(host, port).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_versions_are_answered_in_memory_and_over_tls_in_memory() {
    let cluster = MockCluster::builder().plaintext().iam(Identity::new("app")).start_in_memory().unwrap();
    let plain = Raw::new(dial(&cluster, Protocol::Plaintext).await).api_versions().await.unwrap();
    let (host, port) = first(&cluster, Protocol::SaslTls);
    assert_eq!((host.as_str(), port), ("b-1.ottla.mock.c1.kafka.us-east-1.amazonaws.com", 9098));
    let stream = cluster.dialer()(host.to_uppercase(), port).await.unwrap();
    assert_eq!(over_tls(&cluster, &host, stream).await.api_versions().await, Some(plain));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_produced_ends_the_long_poll_of_another_connection_at_once() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    cluster.create_topic(&NewTopic::new("events").partitions(1)).unwrap();
    let mut consumer = Raw::new(dial(&cluster, Protocol::Plaintext).await);
    let mut producer = Raw::new(dial(&cluster, Protocol::Plaintext).await);
    let start = Instant::now();
    let produced = async {
        advance(Duration::from_millis(200)).await;
        producer.produce("events", b"hello").await
    };
    let (fetched, offset) = tokio::join!(consumer.fetch("events", 10_000), produced);
    assert_eq!(offset, 0);
    assert!(!fetched.responses[0].partitions[0].records.as_ref().unwrap().is_empty());
    let waited = start.elapsed();
    assert!(waited >= Duration::from_millis(200) && waited < Duration::from_millis(250), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_that_nothing_ends_is_answered_when_its_wait_is_over() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    cluster.create_topic(&NewTopic::new("events").partitions(1)).unwrap();
    let mut consumer = Raw::new(dial(&cluster, Protocol::Plaintext).await);
    let start = Instant::now();
    let fetched = consumer.fetch("events", 500).await;
    assert!(fetched.responses.iter().flat_map(|topic| &topic.partitions).all(|partition| partition.error_code == 0));
    let waited = start.elapsed();
    assert!(waited >= Duration::from_millis(500) && waited < Duration::from_millis(510), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tls_handshake_that_does_not_come_is_given_up_when_the_connection_is_idle_for_too_long() {
    const IDLE_MAX: Duration = Duration::from_secs(600);
    let cluster = MockCluster::builder().tls().start_in_memory().unwrap();
    let mut silent = dial(&cluster, Protocol::Tls).await;
    let start = Instant::now();
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    assert!(start.elapsed() >= IDLE_MAX && start.elapsed() < IDLE_MAX + Duration::from_millis(10));
    let Some(EntryKind::Closed { reason }) = cluster.journal().pop().map(|entry| entry.kind) else { panic!() };
    assert_eq!(reason.to_string(), "nothing moved for 600000 ms, which is connections.max.idle.ms");
}

#[tokio::test(start_paused = true)]
async fn a_connection_on_which_parts_of_frames_move_is_not_idle_until_they_end() {
    let builder = MockCluster::builder().brokers(1).plaintext().config("connections.max.idle.ms", "10000");
    let cluster = builder.start_in_memory().unwrap();
    let mut client = Raw::new(dial(&cluster, Protocol::Plaintext).await);
    for byte in framed::<ApiVersionsRequest>(0, 1, &[]) {
        advance(Duration::from_secs(9)).await;
        client.stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(client.receive::<ApiVersionsRequest>(0).await.unwrap().0, 1);
    let start = Instant::now();
    assert_eq!(client.stream.read(&mut [0]).await.unwrap(), 0);
    let waited = start.elapsed();
    assert!(waited >= Duration::from_secs(10) && waited < Duration::from_millis(10_010), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_does_not_read_is_not_read_from_and_loses_nothing() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    let (mut answers, mut requests) = tokio::io::split(dial(&cluster, Protocol::Plaintext).await);
    let request = framed::<ApiVersionsRequest>(0, 1, &[]);
    let stalled = Duration::from_secs(1);
    let mut sent = 0_usize;
    while timeout(stalled, requests.write_all(&request)).await.is_ok() {
        sent += request.len();
        assert!(sent < 4 * OUTGOING_BYTES_MAX, "the broker goes on reading");
    }
    // Requests are smaller than their answers, so what the broker took on is less than the bound of what it had to say.
    assert!(sent < OUTGOING_BYTES_MAX + 2 * PIPE_BYTES, "{sent}");
    let mut seen = 0;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read) = timeout(stalled, answers.read(&mut buffer)).await {
        seen += read.unwrap();
    }
    let one = answer_bytes(&cluster).await;
    assert!(seen >= sent / request.len() * one, "{seen} bytes came for {sent}");
    assert_eq!(seen % one, 0);
}

/// How long one answer to ApiVersions v0 is, its length field included.
async fn answer_bytes(cluster: &MockCluster) -> usize {
    let mut stream = dial(cluster, Protocol::Plaintext).await;
    stream.write_all(&framed::<ApiVersionsRequest>(0, 1, &[])).await.unwrap();
    let length = stream.read_u32().await.unwrap();
    usize::try_from(length).unwrap() + 4
}

#[tokio::test(start_paused = true)]
async fn an_address_that_no_broker_has_is_refused_and_so_is_every_one_after_the_end() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    let dialer = cluster.dialer();
    let (host, port) = first(&cluster, Protocol::Plaintext);
    for (host, port) in [("elsewhere".to_owned(), port), (host.clone(), port + 1)] {
        assert_eq!(dialer(host, port).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    }
    let mut open = dialer(host.clone(), port).await.unwrap();
    drop(cluster);
    assert_eq!(dialer(host, port).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert_eq!(open.read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_on_sockets_has_no_address_in_memory() {
    let cluster = MockCluster::builder().brokers(1).start().await.unwrap();
    let (host, port) = first(&cluster, Protocol::Plaintext);
    assert_eq!(cluster.dialer()(host, port).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[tokio::test(start_paused = true)]
async fn the_wall_clock_moves_with_tokios() {
    let at: SystemTime = UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let cluster = MockCluster::builder().wall_clock(at).start_in_memory().unwrap();
    let clock = cluster.clock();
    let (mono, wall) = clock();
    assert_eq!(wall, at);
    advance(Duration::from_secs(3600)).await;
    assert_eq!(clock(), (mono + Duration::from_secs(3600), at + Duration::from_secs(3600)));
}

#[tokio::test(start_paused = true)]
async fn two_doors_at_one_address_are_refused() {
    let same_host = MockCluster::builder().brokers(2).hosts(["a.test", "A.test"]).start_in_memory();
    assert!(matches!(same_host, Err(StartError::DuplicateAddress { port: 9092, .. })), "{same_host:?}");
    let listener = |name| Listener::plaintext(name).port(9092);
    let same_port = MockCluster::builder().listener(listener("A")).listener(listener("B")).start_in_memory();
    assert!(matches!(same_port, Err(StartError::DuplicateAddress { port: 9092, .. })), "{same_port:?}");
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_many_reads_is_one_frame() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    cluster.create_topic(&NewTopic::new("events").partitions(1)).unwrap();
    let mut client = Raw::new(dial(&cluster, Protocol::Plaintext).await);
    let value = vec![7; 900_000];
    assert_eq!((client.produce("events", &value).await, client.produce("events", b"next").await), (0, 1));
    let fetched = client.fetch("events", 0).await;
    let mut records = fetched.responses[0].partitions[0].records.clone().unwrap();
    let batch = next_batch(&mut records).unwrap().unwrap();
    let record = batch.records().unwrap().next().unwrap().unwrap();
    assert_eq!(record.value, Some(&value[..]));
}

#[tokio::test(start_paused = true)]
async fn brokers_have_the_host_names_that_they_are_given() {
    let cluster = MockCluster::builder().brokers(2).hosts(["one.test", "two.test"]).tls().start_in_memory().unwrap();
    assert_eq!(cluster.bootstrap(), "one.test:9094,two.test:9094");
    let stream = cluster.dialer()("two.test".to_owned(), 9094).await.unwrap();
    assert!(over_tls(&cluster, "two.test", stream).await.api_versions().await.is_some());
}
