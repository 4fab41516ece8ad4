//! Waiting for what happens in a cluster, and the clock that is moved by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod raw;

use std::future::IntoFuture as _;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use ottla_mockbroker::{
    ApiKey, BrokerId, EntryKind, Fault, MockCluster, NewRecord, NewTopic, NotManual, StartError, WAIT_TIMEOUT,
    WaitError,
};
use raw::Raw;
use tokio::io::DuplexStream;
use tokio::time::Instant;

fn in_memory() -> MockCluster {
    MockCluster::builder().brokers(1).topic(NewTopic::new("events")).start_in_memory().unwrap()
}

async fn dial(cluster: &MockCluster) -> Raw<DuplexStream> {
    let bootstrap = cluster.bootstrap();
    let (host, port) = bootstrap.rsplit_once(':').unwrap();
    Raw::new(cluster.dialer()(host.to_owned(), port.parse().unwrap()).await.unwrap())
}

fn address(cluster: &MockCluster) -> SocketAddr {
    cluster.bootstrap().to_socket_addrs().unwrap().find(SocketAddr::is_ipv4).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_request_that_comes_ends_the_wait_for_it_and_one_that_came_does_so_at_once() {
    let cluster = in_memory();
    let mut client = dial(&cluster).await;
    let start = Instant::now();
    let later = async {
        tokio::time::advance(Duration::from_secs(3)).await;
        client.api_versions().await;
        client.produce("events", b"hello").await
    };
    let waited = cluster.wait_for_request(ApiKey::Produce, |json| json["acks"] == -1);
    let (entry, offset) = tokio::join!(waited.into_future(), later);
    assert_eq!((entry.unwrap().body().unwrap()["topicData"][0]["name"].clone(), offset), ("events".into(), 0));
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    let again = cluster.wait_for_request(ApiKey::Produce, |_| true).within(Duration::ZERO).await;
    assert!(again.is_ok(), "what happened before counts");
    let next = cluster.wait_for_request(ApiKey::Produce, |_| true).since(cluster.entries_written());
    assert!(next.within(Duration::from_secs(1)).await.is_err(), "and does not since now");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_fails_says_what_came_instead() {
    let cluster = in_memory();
    let mut client = dial(&cluster).await;
    client.api_versions().await;
    client.produce("events", b"hello").await;
    let start = Instant::now();
    let error = cluster.wait_for_request(ApiKey::Produce, |json| json["acks"] == 1).await.unwrap_err();
    assert_eq!(start.elapsed().as_secs(), WAIT_TIMEOUT.as_secs());
    let text = error.to_string();
    let expected = "the Produce request that was waited for did not come within 10s. Requests that came: 1 Produce, 1 ApiVersions; the last";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("\"acks\":-1"), "{text}");
    let WaitError::TimedOut { seen, .. } = error else { panic!("{error}") };
    assert_eq!((seen.requests[&ApiKey::ApiVersions], seen.last.len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_state_is_waited_for_and_shown() {
    let cluster = in_memory();
    let mut client = dial(&cluster).await;
    let written = cluster.wait_until(|it| it.topic("events").is_some_and(|it| it.partitions[0].end_offset == 2));
    let writing = async {
        client.produce("events", b"one").await;
        cluster.produce("events", 0, &[NewRecord::new("two")]).unwrap()
    };
    let (snapshot, _) = tokio::join!(written.into_future(), writing);
    let [connection] = &snapshot.unwrap().connections[..] else { panic!() };
    assert_eq!(connection.client_id.as_deref(), Some("raw"));
    assert!(!connection.is_waiting);
    drop(client);
    cluster.wait_until(|it| it.connections.is_empty()).await.unwrap();
    cluster.wait_for(|entry| matches!(entry.kind, EntryKind::Closed { .. })).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_awaited_and_removed() {
    let cluster = in_memory();
    let mut client = dial(&cluster).await;
    let fault = cluster.fault(Fault::delay(Duration::from_secs(5)).api(ApiKey::ApiVersions)).unwrap();
    let start = Instant::now();
    let (hits, answered) = tokio::join!(fault.hit().into_future(), client.api_versions());
    assert_eq!((hits, answered.is_some(), start.elapsed().as_secs()), (Ok(1), true, 5));
    let missed = fault.hit_times(2).within(Duration::from_secs(1)).await.unwrap_err().to_string();
    assert!(missed.starts_with("strike 2 of fault 1 did not come within 1s."), "{missed}");
    assert_eq!((fault.hits(), fault.remove()), (1, 1));
    client.api_versions().await;
    assert_eq!((start.elapsed().as_secs(), cluster.faults().len()), (6, 0));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_its_cluster() {
    let cluster = in_memory();
    let fault = cluster.fault(Fault::silence()).unwrap();
    let hit = tokio::spawn(fault.hit().into_future());
    tokio::task::yield_now().await;
    drop(cluster);
    assert!(matches!(hit.await.unwrap(), Err(WaitError::Gone { .. })));
}

#[test]
fn a_thread_waits_without_a_runtime_and_by_the_clusters_clock() {
    let at = UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let cluster = MockCluster::builder().brokers(1).topic(NewTopic::new("events")).manual_clock(at);
    let cluster = cluster.start_blocking().unwrap();
    let clock = cluster.clock();
    let (start, wall) = clock();
    assert_eq!(wall, at);
    thread::scope(|scope| {
        let written = scope
            .spawn(|| cluster.wait_until(|it| it.topic("events").unwrap().partitions[0].end_offset == 1).blocking());
        cluster.produce("events", 0, &[NewRecord::new("one")]).unwrap();
        written.join().unwrap().unwrap();
        let never = scope.spawn(|| cluster.wait_for_request(ApiKey::Metadata, |_| true).blocking());
        while !never.is_finished() {
            cluster.advance(Duration::from_secs(1)).unwrap();
            thread::yield_now();
        }
        let text = never.join().unwrap().unwrap_err().to_string();
        assert_eq!(text, "the Metadata request that was waited for did not come within 10s. No request came");
    });
    let (end, wall) = clock();
    assert_eq!(wall.duration_since(at).unwrap(), end - start);
}

#[tokio::test]
async fn a_long_poll_and_a_delay_are_over_when_the_manual_clock_says_so() {
    let cluster = MockCluster::builder().brokers(1).topic(NewTopic::new("events")).manual_clock(UNIX_EPOCH);
    let cluster = cluster.start().await.unwrap();
    let mut client = Raw::new(tokio::net::TcpStream::connect(address(&cluster)).await.unwrap());
    let fetching = tokio::spawn(async move {
        let fetched = client.fetch("events", 500).await;
        (client, fetched)
    });
    let parked = |it: &ottla_mockbroker::Snapshot| it.connections.first().is_some_and(|it| it.is_waiting);
    cluster.wait_until(parked).await.unwrap();
    cluster.advance(Duration::from_millis(499)).unwrap();
    assert!(!fetching.is_finished());
    cluster.wait_until(parked).await.unwrap();
    cluster.advance(Duration::from_millis(1)).unwrap();
    let (mut client, fetched) = fetching.await.unwrap();
    assert_eq!(fetched.error_code, 0);
    let delayed = cluster.fault(Fault::drip(1, Duration::from_secs(60)).api(ApiKey::ApiVersions)).unwrap();
    let answered = tokio::spawn(async move { client.api_versions().await });
    delayed.hit().await.unwrap();
    cluster.advance(Duration::from_secs(24 * 60 * 60)).unwrap();
    assert!(answered.await.unwrap().is_some());
}

#[tokio::test]
async fn a_refused_connection_is_reset_on_sockets_and_not_made_in_memory() {
    use tokio::io::AsyncReadExt as _;
    let cluster = MockCluster::builder().brokers(1).start().await.unwrap();
    let refused = cluster.fault(Fault::refused_connections().broker(BrokerId(1)).times(1)).unwrap();
    // The system accepts before the broker can refuse, so the reset comes with the connection or with the first read.
    let outcome = match tokio::net::TcpStream::connect(address(&cluster)).await {
        Ok(mut stream) => stream.read(&mut [0]).await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(outcome.is_err(), "{outcome:?}");
    assert_eq!(refused.hits(), 1);
    let mut next = Raw::new(tokio::net::TcpStream::connect(address(&cluster)).await.unwrap());
    assert!(next.api_versions().await.is_some());

    let cluster = in_memory();
    let _refused = cluster.fault(Fault::refused_connections()).unwrap();
    let bootstrap = cluster.bootstrap();
    let (host, port) = bootstrap.rsplit_once(':').unwrap();
    let error = cluster.dialer()(host.to_owned(), port.parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_cut_answer_ends_in_the_middle_on_sockets() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let cluster = MockCluster::builder().brokers(1).start().await.unwrap();
    let _cut = cluster.fault(Fault::cut(6)).unwrap();
    let mut stream = tokio::net::TcpStream::connect(address(&cluster)).await.unwrap();
    let request = raw::framed::<ottla_wire::message::ApiVersionsRequest>(0, 7, &[]);
    stream.write_all(&request).await.unwrap();
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen).await.unwrap();
    assert_eq!((seen.len(), &seen[4..]), (6, &[0, 0][..]));
}

#[tokio::test]
async fn a_clock_that_moves_by_itself_is_not_moved_and_memory_has_no_other() {
    let cluster = MockCluster::builder().brokers(1).start().await.unwrap();
    assert_eq!(cluster.advance(Duration::from_secs(1)), Err(NotManual));
    let in_memory = MockCluster::builder().manual_clock(UNIX_EPOCH).start_in_memory();
    assert!(matches!(in_memory, Err(StartError::ManualClock)));
}

#[tokio::test(flavor = "current_thread")]
async fn a_wait_on_sockets_does_not_need_another_thread_of_the_runtime() {
    let cluster = MockCluster::builder().brokers(1).topic(NewTopic::new("events")).start().await.unwrap();
    let at = address(&cluster);
    let client = thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(at).unwrap();
        stream.write_all(&raw::framed::<ottla_wire::message::ApiVersionsRequest>(0, 7, &[])).unwrap();
        stream.read_exact(&mut [0; 8]).unwrap();
    });
    cluster.wait_for_request(ApiKey::ApiVersions, |_| true).await.unwrap();
    client.join().unwrap();
}
