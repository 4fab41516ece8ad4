//! Listeners of every kind: their names, ports and addresses, and who a client is by its certificate.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod raw;

use std::net::Ipv4Addr;

use ottla_mockbroker::{
    Certificate, ClientAuth, EntryKind, InvalidSubject, Listener, Mechanism, MockCluster, MockClusterBuilder, NewTopic,
    Principal, Protocol, StartError,
};
use ottla_wire::message::MetadataRequest;
use raw::{Raw, handshake};
use tokio::net::TcpStream;

/// The host and port of the first broker in a bootstrap list.
fn first(bootstrap: &str) -> (String, u16) {
    let (host, port) = bootstrap.split(',').next().unwrap().rsplit_once(':').unwrap();
    (host.to_owned(), port.parse().unwrap())
}

/// Asks for the versions over TLS; returns who the client is to the broker, or nothing where it closes.
async fn principal_over_tls(cluster: &MockCluster, listener: &str, own: Option<&Certificate>) -> Option<String> {
    let (host, port) = first(&cluster.bootstrap_at(listener));
    let stream = cluster.dialer()(host.clone(), port).await.unwrap();
    Raw::new(handshake(cluster, &host, stream, own).await.ok()?).api_versions().await?;
    let asked = cluster.journal().into_iter().rfind(|entry| matches!(entry.kind, EntryKind::Request { .. }));
    asked?.principal.as_ref().map(Principal::to_string)
}

/// Why the last connection that the cluster itself closed was closed.
fn last_closing(cluster: &MockCluster) -> String {
    let closings = cluster.journal().into_iter().filter_map(|entry| match entry.kind {
        EntryKind::Closed { reason } => Some(reason.to_string()),
        _ => None,
    });
    closings.last().unwrap()
}

fn asking(client_auth: ClientAuth) -> MockClusterBuilder {
    MockCluster::builder().listener(Listener::tls("MTLS").client_auth(client_auth))
}

#[tokio::test]
async fn a_client_is_who_its_certificate_says() {
    for client_auth in [ClientAuth::Requested, ClientAuth::Required] {
        let cluster = asking(client_auth).start_in_memory().unwrap();
        let own = cluster.client_certificate("CN=app,OU=dev,O=example,C=DE").unwrap();
        let principal = principal_over_tls(&cluster, "MTLS", Some(&own)).await;
        assert_eq!(principal.as_deref(), Some("User:CN=app,OU=dev,O=example,C=DE"));
        let authenticated = |kind: &EntryKind| matches!(kind, EntryKind::Authenticated { mechanism: None, .. });
        assert!(cluster.journal().iter().any(|entry| authenticated(&entry.kind)));
    }
}

#[tokio::test]
async fn a_client_without_a_certificate_is_anonymous_where_none_is_required() {
    for (client_auth, principal) in [
        (ClientAuth::None, Some("User:ANONYMOUS")),
        (ClientAuth::Requested, Some("User:ANONYMOUS")),
        (ClientAuth::Required, None),
    ] {
        let cluster = asking(client_auth).start_in_memory().unwrap();
        assert_eq!(principal_over_tls(&cluster, "MTLS", None).await.as_deref(), principal, "{client_auth:?}");
        if principal.is_none() {
            assert_eq!(last_closing(&cluster), "TLS handshake failed: peer sent no certificates");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_is_shown_unasked_says_nothing() {
    let cluster = asking(ClientAuth::None).start_in_memory().unwrap();
    let own = cluster.client_certificate("CN=app").unwrap();
    assert_eq!(principal_over_tls(&cluster, "MTLS", Some(&own)).await.as_deref(), Some("User:ANONYMOUS"));
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused_even_where_none_is_required() {
    let cluster = asking(ClientAuth::Requested).start_in_memory().unwrap();
    let foreign = asking(ClientAuth::Requested).start_in_memory().unwrap().client_certificate("CN=app").unwrap();
    assert_eq!(principal_over_tls(&cluster, "MTLS", Some(&foreign)).await, None);
    assert!(last_closing(&cluster).starts_with("TLS handshake failed: invalid peer certificate"));
}

#[tokio::test]
async fn mapping_rules_name_the_principal_and_close_where_none_applies() {
    let rules = "RULE:^CN=(.*?),OU=dev.*$/$1/U";
    let cluster = asking(ClientAuth::Required).principal_mapping_rules(rules).start_in_memory().unwrap();
    let own = cluster.client_certificate("CN=app,OU=dev,O=x").unwrap();
    assert_eq!(principal_over_tls(&cluster, "MTLS", Some(&own)).await.as_deref(), Some("User:APP"));
    let other = cluster.client_certificate("CN=app,OU=ops").unwrap();
    assert_eq!(principal_over_tls(&cluster, "MTLS", Some(&other)).await, None);
    assert_eq!(last_closing(&cluster), "no rule of ssl.principal.mapping.rules applies to CN=app,OU=ops");
    let invalid = MockCluster::builder().principal_mapping_rules("RULE:x").start_in_memory();
    assert!(matches!(invalid, Err(StartError::Config(_))));
}

#[tokio::test]
async fn a_subject_that_is_none_makes_no_certificate() {
    let cluster = MockCluster::builder().start_in_memory().unwrap();
    for subject in ["", "app", "CN=", "CN=a,CN=b", "XX=a"] {
        assert_eq!(cluster.client_certificate(subject).unwrap_err(), InvalidSubject(subject.to_owned()));
    }
    assert!(cluster.broker_certificate().key_pem().starts_with("-----BEGIN PRIVATE KEY"));
    assert!(!format!("{:?}", cluster.broker_certificate()).contains("PRIVATE KEY"));
}

#[tokio::test]
async fn each_listener_leads_its_clients_to_its_own_addresses() {
    let cluster = MockCluster::builder()
        .brokers(2)
        .listener(Listener::plaintext("HOST"))
        .listener(Listener::plaintext("DOCKER").advertised_host("kafka").advertised_port(29092))
        .listener(Listener::sasl_plaintext("SASL", [Mechanism::Plain]))
        .bind(Ipv4Addr::UNSPECIFIED)
        .start()
        .await
        .unwrap();
    assert_eq!(cluster.bootstrap_at("DOCKER"), "kafka:29092,kafka:29093");
    assert_eq!(cluster.bootstrap_of(Protocol::Plaintext), cluster.bootstrap());
    assert!(cluster.bootstrap_of(Protocol::SaslPlaintext).starts_with("localhost:"));
    let (_, port) = first(&cluster.bootstrap_at("HOST"));
    let mut client = Raw::new(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
    client.send(1, 1, &MetadataRequest::default()).await;
    let (_, metadata) = client.receive::<MetadataRequest>(1).await.unwrap();
    let told: Vec<String> = metadata.brokers.iter().map(|at| format!("{}:{}", at.host, at.port)).collect();
    assert_eq!(told.join(","), cluster.bootstrap_at("HOST"));
}

#[tokio::test]
async fn brokers_have_the_racks_ports_and_topics_that_they_are_given() {
    let listener = |ports: Vec<u16>| Listener::plaintext("LISTED").ports(ports);
    let asked = || MockCluster::builder().racks(["a", "b"]).brokers(3);
    let topic = NewTopic::new("orders").partitions(4);
    let cluster = asked().listener(listener(vec![9, 19, 29])).topic(topic).start_in_memory().unwrap();
    let hosts: Vec<String> = cluster.bootstrap().split(',').map(|at| first(at).1.to_string()).collect();
    assert_eq!(hosts, ["9", "19", "29"]);
    let (host, port) = first(&cluster.bootstrap());
    let mut client = Raw::new(cluster.dialer()(host, port).await.unwrap());
    client.send(1, 1, &MetadataRequest::default().with_topics(None)).await;
    let (_, metadata) = client.receive::<MetadataRequest>(1).await.unwrap();
    let racks: Vec<_> = metadata.brokers.iter().map(|at| at.rack.as_deref().unwrap_or_default()).collect();
    assert_eq!((racks, metadata.topics[0].partitions.len()), (vec!["a", "b", "a"], 4));
    let uneven = asked().listener(listener(vec![0, 0])).start().await;
    assert!(matches!(uneven, Err(StartError::Ports { ports: 2, brokers: 3, .. })), "{uneven:?}");
    let free = MockCluster::builder().brokers(2).listener(listener(vec![0, 0])).start().await.unwrap();
    assert_ne!(first(&free.bootstrap()).1, 0);
    let unnamed = asked().topic(NewTopic::new("")).start_in_memory();
    assert!(matches!(unnamed, Err(StartError::Topic { .. })), "{unnamed:?}");
}

#[tokio::test]
async fn a_fixed_port_is_the_first_brokers_and_must_be_free() {
    // A port and the next one that were free a moment ago.
    let free = || {
        let one = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let two = one.checked_add(1).and_then(|two| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, two)).ok());
        two.map(|_| one)
    };
    let port = std::iter::repeat_with(free).flatten().next().unwrap();
    let asked = || MockCluster::builder().broker_ids([0, 7]).listener(Listener::plaintext("FIXED").port(port));
    let cluster = asked().start().await.unwrap();
    assert_eq!(cluster.bootstrap(), format!("localhost:{port},localhost:{}", port + 1));
    let taken = asked().start().await.unwrap_err();
    assert!(taken.to_string().starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{taken}");
    let too_high = MockCluster::builder().brokers(2).listener(Listener::plaintext("FIXED").port(65535)).start().await;
    assert!(matches!(too_high, Err(StartError::PortTooHigh { first: 65535, index: 1 })));
}

#[test]
fn listeners_that_cannot_be_are_refused() {
    let twice = MockCluster::builder().plaintext().listener(Listener::tls("CLIENT")).start_blocking();
    assert!(matches!(twice, Err(StartError::DuplicateListener(name)) if name.as_str() == "CLIENT"));
    let without = MockCluster::builder().listener(Listener::sasl_tls("SASL", [])).start_blocking();
    assert!(matches!(without, Err(StartError::NoMechanism(name)) if name.as_str() == "SASL"));
    let host = MockCluster::builder().listener(Listener::tls("A").advertised_host("no host")).start_blocking();
    assert!(matches!(host, Err(StartError::InvalidHost(host)) if host == "no host"));
}
