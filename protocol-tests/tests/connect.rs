//! A client finds the cluster, by each of its ways: plaintext, TLS, and TLS with IAM, over sockets and in memory. It keeps what connections it needs, and
//! lives with losing them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};
use ottla::{CallError, Client, ConnectError, NewTopic};
use ottla_mockbroker::{Closed, EntryKind, MockCluster, Protocol};
use ottla_wire::ApiKey;
use protocol_tests::relay::Relay;
use protocol_tests::{IDENTITY, config, memory_client, memory_cluster, memory_pair, socket_client, socket_cluster};
use tokio::time::Instant;

const PROTOCOLS: [Protocol; 3] = [Protocol::Plaintext, Protocol::Tls, Protocol::SaslTls];

async fn creates_and_describes(client: &Client, topic: &str) {
    let created = client.admin().create_topics([NewTopic::new(topic).partitions(3)]).await.unwrap().all().unwrap();
    assert_eq!(created[0].partitions, Some(3));
    let described = client.admin().describe_topics([topic]).await.unwrap().all().unwrap();
    assert_eq!(described[0].id, created[0].id);
    assert_eq!(described[0].partitions.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn each_protocol_connects_in_memory() {
    let cluster = memory_cluster();
    for protocol in PROTOCOLS {
        let client = memory_client(&cluster, protocol).connect().await.unwrap();
        creates_and_describes(&client, &format!("over-{protocol:?}")).await;
    }
}

#[tokio::test]
async fn each_protocol_connects_over_sockets() {
    let cluster = socket_cluster().await;
    for protocol in PROTOCOLS {
        let client = socket_client(&cluster, protocol).connect().await.unwrap();
        creates_and_describes(&client, &format!("over-{protocol:?}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn connecting_takes_no_time_when_the_broker_answers_at_once() {
    let cluster = memory_cluster();
    let started = Instant::now();
    let client = memory_client(&cluster, Protocol::SaslTls).connect().await.unwrap();
    creates_and_describes(&client, "at-once").await;
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_port_of_msk_says_how_to_speak() {
    let cluster = memory_cluster();
    let by_port = |protocol| {
        let client = Client::builder(cluster.bootstrap_of(protocol)).config(config());
        client.dial(cluster.dialer()).clock(cluster.clock())
    };
    by_port(Protocol::Plaintext).connect().await.unwrap();
    by_port(Protocol::Tls).tls_root(cluster.ca_pem()).connect().await.unwrap();
}

/// How many connections there were, and how many of them were closed.
fn connections(cluster: &MockCluster) -> (usize, usize) {
    let journal = cluster.journal();
    let count = |is: fn(&EntryKind) -> bool| journal.iter().filter(|entry| is(&entry.kind)).count();
    (
        count(|kind| matches!(kind, EntryKind::Connected { .. })),
        count(|kind| matches!(kind, EntryKind::Closed { reason: Closed::ByPeer })),
    )
}

/// Lets every task do what it can do now.
async fn settle() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_bootstrap_connection_is_closed_when_the_brokers_are_known() {
    let (cluster, _client) = memory_pair().await;
    settle().await;
    assert_eq!(connections(&cluster), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn single_calls_to_one_broker_share_one_connection_among_all_clones() {
    let (cluster, client) = memory_pair().await;
    let other = client.clone();
    for index in 0..10 {
        let create = |client: &Client, name| {
            let admin = client.admin();
            async move { admin.create_topics([NewTopic::new(name)]).await.unwrap().all().unwrap() }
        };
        tokio::join!(create(&client, format!("a{index}")), create(&other, format!("b{index}")));
    }
    settle().await;
    assert_eq!(connections(&cluster), (2, 1), "that of the bootstrap, and that of the controller");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_last_clone_closes_every_connection() {
    let (cluster, client) = memory_pair().await;
    for _ in 0..10 {
        client.admin().list_topics().await.unwrap();
    }
    let (opened, _) = connections(&cluster);
    let other = client.clone();
    drop(client);
    settle().await;
    assert!(connections(&cluster).1 < opened);
    drop(other);
    settle().await;
    assert_eq!(connections(&cluster), (opened, opened));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_is_dropped_while_metadata_is_on_its_way_still_closes() {
    let cluster = memory_cluster();
    let relay = Relay::default();
    let client = memory_client(&cluster, Protocol::Plaintext).dial(relay.before(cluster.dialer()));
    let client = client.connect().await.unwrap();
    relay.swallow_answers_of(ApiKey::Metadata);
    tokio::time::advance(config().metadata_max_age).await;
    settle().await;
    assert_eq!(relay.dialled().len(), 2, "metadata is asked for again");
    drop(client);
    let dropped = Instant::now();
    settle().await;
    assert_eq!(connections(&cluster), (2, 2));
    assert_eq!(dropped.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn metadata_is_asked_for_again_at_its_age_and_not_before() {
    let (cluster, _client) = memory_pair().await;
    let asked = || {
        let journal = cluster.journal().into_iter();
        journal.filter(|it| matches!(it.kind, EntryKind::Request { api: ApiKey::Metadata, .. })).count()
    };
    tokio::time::advance(config().metadata_max_age - Duration::from_millis(1)).await;
    settle().await;
    assert_eq!(asked(), 1);
    tokio::time::advance(Duration::from_millis(1)).await;
    settle().await;
    assert_eq!(asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_lost_is_opened_again_for_the_next_call() {
    let cluster = memory_cluster();
    let relay = Relay::default();
    let client = memory_client(&cluster, Protocol::Plaintext).dial(relay.before(cluster.dialer()));
    let client = client.connect().await.unwrap();
    creates_and_describes(&client, "before").await;
    relay.cut();
    settle().await;
    let started = Instant::now();
    creates_and_describes(&client, "after").await;
    assert_eq!(started.elapsed(), Duration::ZERO, "a connection that had worked is opened again at once");
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_answers_nothing_costs_a_reader_the_request_timeout_and_no_more() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    let relay = Relay::default();
    let client = memory_client(&cluster, Protocol::Plaintext).dial(relay.before(cluster.dialer()));
    let client = client.connect().await.unwrap();
    client.admin().list_topics().await.unwrap();
    relay.swallow_answers_of(ApiKey::Metadata);
    let started = Instant::now();
    let admin = client.admin();
    let listing = tokio::spawn(async move { admin.list_topics().await });
    settle().await;
    relay.swallow_nothing();
    listing.await.unwrap().unwrap();
    let after = started.elapsed();
    let retried = config().request_timeout + config().retry_backoff;
    assert!(config().request_timeout <= after && after <= retried, "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bootstrap_broker_that_never_says_what_the_cluster_is_costs_the_request_timeout() {
    let cluster = MockCluster::builder().brokers(1).start_in_memory().unwrap();
    let relay = Relay::default();
    relay.swallow_answers_of(ApiKey::Metadata);
    let started = Instant::now();
    let client = memory_client(&cluster, Protocol::Plaintext).dial(relay.before(cluster.dialer()));
    let error = client.connect().await.expect_err("no metadata");
    assert!(matches!(error, ConnectError::Metadata { .. }), "{error}");
    assert!(error.to_string().contains(&cluster.bootstrap()), "{error}");
    assert_eq!(started.elapsed(), config().request_timeout);
}

#[test]
fn outside_of_a_runtime_the_error_says_so() {
    let mut connecting = std::pin::pin!(Client::builder("b-1.example:9092").connect());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let outcome = connecting.as_mut().poll(&mut context);
    assert!(matches!(outcome, std::task::Poll::Ready(Err(ConnectError::NoRuntime))));
}

#[tokio::test(start_paused = true)]
async fn while_no_broker_can_be_reached_an_operation_tries_until_its_deadline() {
    let cluster = memory_cluster();
    let client = memory_client(&cluster, Protocol::Plaintext).connect().await.unwrap();
    client.admin().list_topics().await.unwrap();
    drop(cluster);
    settle().await;
    let started = Instant::now();
    let error = client.admin().list_topics().await.expect_err("nobody is there");
    assert!(matches!(&error, CallError::Unreachable(error) if matches!(**error, ConnectError::Dial { .. })), "{error}");
    let (after, timeout) = (started.elapsed(), config().admin_timeout);
    assert!(after <= timeout && after + config().retry_backoff_max >= timeout, "{after:?}");
}

/// Gives good credentials until it is told to give others.
#[derive(Debug)]
struct Turning {
    good: Credentials,
    bad: Arc<AtomicBool>,
}

impl ProvideCredentials for Turning {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let bad = || Credentials::new(self.good.access_key_id(), "another secret", None, None, "test");
        let turned = self.bad.load(Ordering::Relaxed);
        future::ProvideCredentials::ready(Ok(if turned { bad() } else { self.good.clone() }))
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_connection_that_is_not_let_in_is_told_to_whoever_wanted_it_at_once() {
    let cluster = memory_cluster();
    let bad = Arc::new(AtomicBool::new(false));
    let provider = Turning { good: cluster.credentials(IDENTITY), bad: Arc::clone(&bad) };
    let client = memory_client(&cluster, Protocol::SaslTls).msk_iam(provider).connect().await.unwrap();
    bad.store(true, Ordering::Relaxed);
    let started = Instant::now();
    let error = client.admin().create_topics([NewTopic::new("events")]).await.expect_err("not let in");
    assert!(
        matches!(&error, CallError::Unreachable(error) if matches!(**error, ConnectError::Authentication { .. })),
        "{error}"
    );
    assert!(error.is_not_sent());
    // As long as the broker lets a client wait that it does not let in: connection.failed.authentication.delay.ms.
    assert_eq!(started.elapsed(), Duration::from_millis(100));
    let told = Instant::now();
    bad.store(false, Ordering::Relaxed);
    client.admin().create_topics([NewTopic::new("events")]).await.unwrap().all().unwrap();
    assert!(told.elapsed() <= config().reconnect_backoff, "{:?}", told.elapsed());
}
