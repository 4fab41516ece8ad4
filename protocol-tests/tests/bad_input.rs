//! What goes wrong at the start is told in words: what was tried, what happened, and what to do. Each in its own time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::future::pending;
use std::io;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use ottla::{
    CallError, Claim, Client, ClientBuilder, ConfigProblem, ConnectError, Dial, DialError, Dialing, Disconnected,
    HandshakeError, NewTopic, Record, Refusal, RequestError, SendError, Stage, Step, TopicError,
};
use ottla_mockbroker::{EntryKind, MockCluster, Protocol};
use ottla_wire::ApiKey;
use protocol_tests::{IDENTITY, config, memory_cluster, memory_pair, socket_cluster};
use tokio::io::DuplexStream;
use tokio::net::TcpStream;
use tokio::time::Instant;

/// The default of the connect timeout.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The address of the first broker under a listener.
fn first(cluster: &MockCluster, protocol: Protocol) -> String {
    cluster.bootstrap_of(protocol).split(',').next().unwrap().to_owned()
}

/// A client of one address of an in-memory cluster, before it is said how to speak there.
fn client_at(cluster: &MockCluster, address: &str) -> ClientBuilder {
    Client::builder(address).config(config()).dial(cluster.dialer()).clock(cluster.clock())
}

/// The error of a client that cannot connect, when it came, and the address in it.
async fn refused(client: ClientBuilder) -> (ConnectError, Duration, String) {
    let started = Instant::now();
    let error = client.connect().await.expect_err("no connection");
    let address = error.endpoint().map(|at| at.address.to_string()).unwrap_or_default();
    if !address.is_empty() {
        assert!(error.to_string().contains(&address), "{error}");
    }
    (error, started.elapsed(), address)
}

/// Dials whatever was asked for at `address` of `cluster`.
fn always(cluster: &MockCluster, address: &str) -> impl Dial {
    let (dialer, (host, port)) = (cluster.dialer(), address.rsplit_once(':').unwrap());
    let (host, port) = (host.to_owned(), port.parse().unwrap());
    move |_: String, _: u16| dialer(host.clone(), port)
}

/// Dials nobody: the packets vanish.
fn black_hole() -> impl Dial {
    |_: String, _: u16| pending::<io::Result<DuplexStream>>()
}

/// Dials a peer that takes the connection and never says a word.
fn silence() -> impl Dial {
    let kept = Mutex::new(Vec::new());
    move |_: String, _: u16| {
        let (near, far) = tokio::io::duplex(64 * 1024);
        kept.lock().unwrap().push(far);
        std::future::ready(Ok::<_, io::Error>(near))
    }
}

#[tokio::test(start_paused = true)]
async fn a_port_where_nobody_listens_is_refused_at_once() {
    let cluster = memory_cluster();
    let (error, after, address) = refused(client_at(&cluster, "nobody.example:9092")).await;
    assert!(matches!(error, ConnectError::Dial { .. }), "{error}");
    assert_eq!((after, address.as_str()), (Duration::ZERO, "nobody.example:9092"));
}

#[tokio::test(start_paused = true)]
async fn an_address_that_swallows_packets_costs_the_connect_timeout() {
    let (error, after, address) = refused(Client::builder("b-1.example:9092").dial(black_hole())).await;
    assert!(matches!(error, ConnectError::Timeout { stage: Stage::Dial, after: CONNECT_TIMEOUT, .. }), "{error}");
    assert_eq!((after, address.as_str()), (CONNECT_TIMEOUT, "b-1.example:9092"));
}

#[tokio::test(start_paused = true)]
async fn of_several_addresses_each_is_tried_and_told() {
    let (error, after, _) = refused(Client::builder(["b-1.example:9092", "b-2.example:9092"]).dial(black_hole())).await;
    let ConnectError::Unreachable { tried } = &error else { panic!("{error}") };
    let addresses: Vec<_> = tried.iter().map(|error| error.endpoint().unwrap().address.to_string()).collect();
    assert_eq!(addresses, ["b-1.example:9092", "b-2.example:9092"]);
    assert_eq!(after, 2 * CONNECT_TIMEOUT);
    assert!(addresses.iter().all(|address| error.to_string().contains(address)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn one_address_that_answers_is_enough() {
    let cluster = memory_cluster();
    let addresses = format!("nobody.example:9092,{}", first(&cluster, Protocol::Plaintext));
    client_at(&cluster, &addresses).connect().await.unwrap();
}

/// Knows no name.
struct NoDns;

impl Dial for NoDns {
    fn dial<'a>(&'a self, _host: &'a str, _port: u16) -> Dialing<'a> {
        Box::pin(async { Err(DialError::Unresolved(io::ErrorKind::NotFound.into())) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_without_an_address_is_unresolved() {
    let (error, after, address) = refused(Client::builder("no.example:9092").dial(NoDns)).await;
    assert!(matches!(error, ConnectError::Unresolved { .. }), "{error}");
    assert_eq!((after, address.as_str()), (Duration::ZERO, "no.example:9092"));
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_never_answers_costs_the_connect_timeout_and_the_error_says_where_it_stopped() {
    let plaintext = Client::builder("b-1.example:9092").dial(silence());
    let (error, after, address) = refused(plaintext).await;
    let stage = Stage::Kafka(Step::ApiVersions);
    assert!(matches!(error, ConnectError::Timeout { stage: at, .. } if at == stage), "{error}");
    assert_eq!((after, address.as_str()), (CONNECT_TIMEOUT, "b-1.example:9092"));
    let (error, after, _) = refused(Client::builder("b-1.example:9094").dial(silence())).await;
    assert!(matches!(error, ConnectError::Timeout { stage: Stage::Tls, .. }), "{error}");
    assert_eq!(after, CONNECT_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn tls_to_a_plaintext_port_says_that_the_port_speaks_plaintext() {
    let cluster = memory_cluster();
    let at = first(&cluster, Protocol::Plaintext);
    let (error, after, address) = refused(client_at(&cluster, &at).tls().tls_root(cluster.ca_pem())).await;
    assert!(matches!(error, ConnectError::NotTls { .. }), "{error}");
    assert!(error.to_string().contains("port 9092 speaks plaintext"), "{error}");
    assert_eq!((after, address), (Duration::ZERO, at));
}

#[tokio::test(start_paused = true)]
async fn plaintext_to_a_tls_port_says_that_the_port_speaks_tls() {
    let cluster = memory_cluster();
    let at = first(&cluster, Protocol::Tls);
    let (error, after, address) = refused(client_at(&cluster, &at).plaintext()).await;
    assert!(matches!(error, ConnectError::NotPlaintext { .. }), "{error}");
    assert!(error.to_string().contains("port 9094 speaks TLS"), "{error}");
    assert_eq!((after, address), (Duration::ZERO, at));
}

#[tokio::test(start_paused = true)]
async fn a_certificate_of_an_unknown_authority_is_untrusted() {
    let (cluster, other) = (memory_cluster(), memory_cluster());
    let at = first(&cluster, Protocol::Tls);
    let (error, after, address) = refused(client_at(&cluster, &at).tls_root(other.ca_pem())).await;
    assert!(matches!(error, ConnectError::UntrustedCertificate { .. }), "{error}");
    assert!(error.to_string().contains("tls_root"), "{error}");
    assert_eq!((after, address), (Duration::ZERO, at));
    client_at(&cluster, &first(&cluster, Protocol::Tls)).danger_accept_any_certificate().connect().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_certificate_for_another_name_is_told_apart_from_an_untrusted_one() {
    let cluster = memory_cluster();
    let dial = always(&cluster, &first(&cluster, Protocol::Tls));
    let client = client_at(&cluster, "other.example:9094").tls_root(cluster.ca_pem()).dial(dial);
    let (error, after, address) = refused(client).await;
    assert!(matches!(error, ConnectError::WrongName { .. }), "{error}");
    assert_eq!((after, address.as_str()), (Duration::ZERO, "other.example:9094"));
}

#[tokio::test(start_paused = true)]
async fn a_host_that_names_no_region_needs_one_before_anything_is_dialled() {
    let cluster = memory_cluster();
    let client = client_at(&cluster, "kafka.internal:9098").msk_iam(cluster.credentials(IDENTITY));
    let (error, after, _) = refused(client).await;
    let ConnectError::Config(config) = &error else { panic!("{error}") };
    assert!(matches!(config.problems.as_slice(), [ConfigProblem::Region(_)]), "{error}");
    let text = error.to_string();
    assert!(text.contains("kafka.internal") && text.contains(".region("), "{error}");
    assert_eq!((after, cluster.journal().len()), (Duration::ZERO, 0));
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_wrong_with_a_configuration_is_told_at_once() {
    let mut config = config();
    config.connect_timeout = Duration::ZERO;
    config.retry_backoff_max = Duration::from_millis(1);
    let client = Client::builder("b-1,b-2:9092").config(config).plaintext().tls_root("no PEM");
    let (error, _, _) = refused(client).await;
    let ConnectError::Config(config) = error else { panic!("{error}") };
    assert_eq!(config.problems.len(), 4, "{config}");
    let nothing = Client::builder("").connect().await.expect_err("no address");
    assert!(matches!(nothing, ConnectError::Config(config) if config.problems == [ConfigProblem::NoBootstrap]));
}

fn iam_at(cluster: &MockCluster, credentials: impl ProvideCredentials + 'static) -> ClientBuilder {
    let at = first(cluster, Protocol::SaslTls);
    client_at(cluster, &at).tls_root(cluster.ca_pem()).msk_iam(credentials)
}

#[tokio::test(start_paused = true)]
async fn empty_credentials_are_refused_before_the_broker_is_asked() {
    let cluster = memory_cluster();
    let (error, after, address) = refused(iam_at(&cluster, Credentials::new("AKID", "", None, None, "test"))).await;
    assert!(matches!(&error, ConnectError::Credentials { source: HandshakeError::Unsigned(_), .. }), "{error}");
    assert!(error.to_string().contains("secret access key"), "{error}");
    assert_eq!((after, address), (Duration::ZERO, first(&cluster, Protocol::SaslTls)));
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_are_refused_with_how_long_ago_they_ended() {
    let cluster = memory_cluster();
    let good = cluster.credentials(IDENTITY);
    let ended = cluster.clock()().1 - Duration::from_secs(90);
    let (key, secret) = (good.access_key_id(), good.secret_access_key());
    let (error, after, address) =
        refused(iam_at(&cluster, Credentials::new(key, secret, None, Some(ended), "test"))).await;
    assert!(matches!(&error, ConnectError::Credentials { source: HandshakeError::Unsigned(_), .. }), "{error}");
    assert!(error.to_string().contains("expired 90s ago") && error.to_string().contains(key), "{error}");
    assert_eq!((after, address), (Duration::ZERO, first(&cluster, Protocol::SaslTls)));
}

#[derive(Debug)]
struct Provider {
    answers: bool,
}

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        match self.answers {
            true => future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("no profile has any"))),
            false => future::ProvideCredentials::new(pending()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_credentials_is_told_at_once_and_one_that_hangs_costs_the_connect_timeout() {
    let cluster = memory_cluster();
    let (error, after, address) = refused(iam_at(&cluster, Provider { answers: true })).await;
    assert!(matches!(&error, ConnectError::Credentials { source: HandshakeError::Credentials(_), .. }), "{error}");
    assert_eq!((after, address), (Duration::ZERO, first(&cluster, Protocol::SaslTls)));
    let (error, after, address) = refused(iam_at(&cluster, Provider { answers: false })).await;
    let stage = Stage::Kafka(Step::Credentials);
    assert!(matches!(&error, ConnectError::Timeout { stage: at, .. } if *at == stage), "{error}");
    assert_eq!((after, address), (CONNECT_TIMEOUT, first(&cluster, Protocol::SaslTls)));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_gets_msks_answer_with_all_that_was_signed() {
    let cluster = memory_cluster();
    let key = cluster.credentials(IDENTITY).access_key_id().to_owned();
    let wrong = Credentials::new(&key, "not-the-secret-of-anybody", None, None, "test");
    let (error, after, address) = refused(iam_at(&cluster, wrong)).await;
    let ConnectError::Authentication { source, .. } = &error else { panic!("{error}") };
    assert_eq!(source.refusal, Refusal::AccessDenied);
    assert_eq!(source.code, ottla::ErrorCode::SASL_AUTHENTICATION_FAILED);
    let Claim::Signed(signed) = &source.claim else { panic!("{source}") };
    let text = error.to_string();
    for told in ["Access denied", &key, "us-east-1", &signed.host, &signed.date] {
        assert!(text.contains(told), "{told} is not in {text}");
    }
    assert!(!text.contains("not-the-secret"), "{text}");
    // Kafka lets a client that is not let in wait for connection.failed.authentication.delay.ms.
    assert_eq!((after, address), (Duration::from_millis(100), first(&cluster, Protocol::SaslTls)));
    let refusals =
        cluster.journal().into_iter().filter(|it| matches!(it.kind, EntryKind::AuthenticationRefused { .. }));
    assert_eq!(refusals.count(), 1, "an authentication that failed is not tried again");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_topic_is_told_at_once_by_admin() {
    let (_cluster, client) = memory_pair().await;
    let started = Instant::now();
    let results = client.admin().describe_topics(["nowhere"]).await.unwrap();
    let error = results.of("nowhere").unwrap().as_ref().unwrap_err();
    assert!(matches!(error, TopicError::Unknown { topic } if topic == "nowhere"), "{error}");
    assert!(error.to_string().contains("create it"), "{error}");
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_topic_is_told_to_a_producer_when_no_broker_has_learned_of_it() {
    let (_cluster, client) = memory_pair().await;
    let producer = client.producer().build().unwrap();
    let started = Instant::now();
    let error = producer.send(Record::to("nowhere").value("x")).await.expect_err("no topic");
    assert!(matches!(&error, SendError::Topic(TopicError::Unknown { topic }) if topic == "nowhere"), "{error}");
    assert_eq!(started.elapsed(), config().unknown_topic_timeout);
}

async fn creation_refused(topic: NewTopic) -> TopicError {
    let (_cluster, client) = memory_pair().await;
    let started = Instant::now();
    let error = client.admin().create_topics([topic]).await.unwrap().all().unwrap_err();
    assert_eq!(started.elapsed(), Duration::ZERO);
    error
}

#[tokio::test(start_paused = true)]
async fn an_invalid_topic_name_is_told_with_the_rule() {
    let error = creation_refused(NewTopic::new("click events")).await;
    assert!(matches!(&error, TopicError::InvalidName { topic, .. } if topic == "click events"), "{error}");
    assert!(error.to_string().contains("letters, digits"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn more_replicas_than_brokers_are_told_with_the_way_out() {
    let error = creation_refused(NewTopic::new("events").replication(4)).await;
    assert!(matches!(&error, TopicError::ReplicationFactor { topic, .. } if topic == "events"), "{error}");
    assert!(error.to_string().contains("leave it out"), "{error}");
}

/// What a client speaks, and does not find.
#[derive(Clone, Copy, Debug)]
enum Speaks {
    Plaintext,
    Tls,
    Iam,
}

/// A client of `port` of the first broker, whatever listens there.
async fn misled(cluster: &MockCluster, port: u16, behind: Protocol, speaks: Speaks) -> (ConnectError, Duration) {
    let host = first(cluster, behind).rsplit_once(':').unwrap().0.to_owned();
    let dial = always(cluster, &first(cluster, behind));
    let client = client_at(cluster, &format!("{host}:{port}")).dial(dial);
    let client = match speaks {
        Speaks::Plaintext => client.plaintext(),
        Speaks::Tls => client.tls().tls_root(cluster.ca_pem()),
        Speaks::Iam => client.msk_iam(cluster.credentials(IDENTITY)).tls_root(cluster.ca_pem()),
    };
    let (error, after, address) = refused(client).await;
    assert_eq!(address, format!("{host}:{port}"));
    (error, after)
}

#[tokio::test(start_paused = true)]
async fn a_wrong_protocol_on_one_of_msks_ports_says_what_the_port_speaks() {
    let cluster = memory_cluster();
    // A SCRAM listener takes TLS and then wants SASL, as the IAM listener does; to one that wants plaintext it is a TLS port.
    let table = [
        (9092, Protocol::Plaintext, Speaks::Tls, "plaintext"),
        (9092, Protocol::Plaintext, Speaks::Iam, "plaintext"),
        (9094, Protocol::Tls, Speaks::Plaintext, "TLS without SASL"),
        (9094, Protocol::Tls, Speaks::Iam, "TLS without SASL"),
        (9096, Protocol::Tls, Speaks::Plaintext, "SCRAM"),
        (9096, Protocol::SaslTls, Speaks::Tls, "SCRAM"),
        (9098, Protocol::SaslTls, Speaks::Plaintext, "AWS_MSK_IAM"),
        (9098, Protocol::SaslTls, Speaks::Tls, "AWS_MSK_IAM"),
    ];
    for (port, behind, speaks, told) in table {
        let (error, after) = misled(&cluster, port, behind, speaks).await;
        let text = error.to_string();
        assert!(text.contains(&format!("on Amazon MSK port {port} speaks")) && text.contains(told), "{text}");
        assert_eq!(after, Duration::ZERO, "{text}");
        let as_expected = match (port, speaks) {
            (9092, _) => matches!(error, ConnectError::NotTls { .. }),
            (_, Speaks::Plaintext) => matches!(error, ConnectError::NotPlaintext { .. }),
            (9094, _) => matches!(error, ConnectError::Handshake { source: HandshakeError::NoSasl, .. }),
            _ => matches!(error, ConnectError::Metadata { .. }),
        };
        assert!(as_expected, "{port} {speaks:?}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn where_only_the_port_says_how_to_speak_the_error_says_what_to_choose() {
    let problem = async |address: &str| {
        let error = Client::builder(address).connect().await.expect_err("a choice is missing");
        let ConnectError::Config(config) = error else { panic!("{error}") };
        config.problems.into_iter().next().unwrap()
    };
    assert!(matches!(problem("b:19092").await, ConfigProblem::NoSecurity { .. }));
    assert!(matches!(problem("b:9096").await, ConfigProblem::NoUser { .. }));
    assert!(matches!(problem("b:9098").await, ConfigProblem::NoCredentials { .. }));
    assert!(matches!(problem("b:9092,b:9094").await, ConfigProblem::MixedPorts { .. }));
}

mod over_sockets {
    use super::*;

    /// A port of this machine where nobody listens.
    fn free_port() -> u16 {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    }

    #[tokio::test]
    async fn a_refused_port_names_every_address_that_was_tried() {
        let port = free_port();
        let (error, _, address) = refused(Client::builder(format!("localhost:{port}")).plaintext()).await;
        let ConnectError::Dial { source, .. } = &error else { panic!("{error}") };
        let DialError::NoAddress { tried } = source.as_ref() else { panic!("{error}") };
        assert!(tried.iter().any(|(tried, _)| tried.to_string() == format!("127.0.0.1:{port}")), "{error}");
        assert!(tried.iter().all(|(_, error)| error.kind() == io::ErrorKind::ConnectionRefused), "{error}");
        assert_eq!(address, format!("localhost:{port}"));
    }

    #[tokio::test]
    async fn a_name_that_dns_does_not_know_is_unresolved() {
        let (error, _, address) = refused(Client::builder("no-such-broker.invalid:9092")).await;
        assert!(matches!(error, ConnectError::Unresolved { .. }), "{error}");
        assert_eq!(address, "no-such-broker.invalid:9092");
    }

    #[tokio::test]
    async fn tls_and_plaintext_mixed_up_are_told_apart() {
        let cluster = socket_cluster().await;
        let at = first(&cluster, Protocol::Plaintext);
        let (error, _, address) = refused(Client::builder(at.as_str()).tls().tls_root(cluster.ca_pem())).await;
        assert!(matches!(error, ConnectError::NotTls { .. }), "{error}");
        assert_eq!(address, at);
        for protocol in [Protocol::Tls, Protocol::SaslTls] {
            let at = first(&cluster, protocol);
            let (error, _, address) = refused(Client::builder(at.as_str()).plaintext()).await;
            assert!(matches!(error, ConnectError::NotPlaintext { .. }), "{error}");
            assert_eq!(address, at);
        }
    }

    #[tokio::test]
    async fn an_untrusted_authority_and_a_wrong_name_are_told_apart() {
        let (cluster, other) = (socket_cluster().await, memory_cluster());
        let at = first(&cluster, Protocol::Tls);
        let (error, _, address) = refused(Client::builder(at.as_str()).tls().tls_root(other.ca_pem())).await;
        assert!(matches!(error, ConnectError::UntrustedCertificate { .. }), "{error}");
        assert_eq!(address, at);
        let port = at.rsplit_once(':').unwrap().1;
        let wrong = format!("broker.example:{port}");
        let client = Client::builder(wrong.as_str()).tls().tls_root(cluster.ca_pem());
        let client = client.dial(|_: String, port: u16| TcpStream::connect(("127.0.0.1", port)));
        let (error, _, address) = refused(client).await;
        assert!(matches!(error, ConnectError::WrongName { .. }), "{error}");
        assert_eq!(address, wrong);
    }

    #[tokio::test]
    async fn a_tls_client_of_the_iam_listener_is_told_that_the_broker_closed() {
        let cluster = socket_cluster().await;
        let at = first(&cluster, Protocol::SaslTls);
        let (error, _, address) = refused(Client::builder(at.as_str()).tls().tls_root(cluster.ca_pem())).await;
        let ConnectError::Metadata { source, .. } = &error else { panic!("{error}") };
        let lost =
            CallError::Request(RequestError::OutcomeUnknown { api: ApiKey::Metadata, reason: Disconnected::ByPeer });
        assert_eq!(source.to_string(), lost.to_string());
        assert!(error.to_string().contains(".msk_iam(credentials)"), "{error}");
        assert_eq!(address, at);
    }

    #[tokio::test]
    async fn a_wrong_secret_is_refused_over_sockets_as_it_is_in_memory() {
        let cluster = socket_cluster().await;
        let key = cluster.credentials(IDENTITY).access_key_id().to_owned();
        let wrong = Credentials::new(key, "wrong", None, Some(SystemTime::now() + Duration::from_secs(900)), "test");
        let at = first(&cluster, Protocol::SaslTls);
        let client = Client::builder(at.as_str()).msk_iam(wrong).region(cluster.region()).tls_root(cluster.ca_pem());
        let (error, _, address) = refused(client).await;
        assert!(
            matches!(&error, ConnectError::Authentication { source, .. } if source.refusal == Refusal::AccessDenied)
        );
        assert_eq!(address, at);
    }
}
