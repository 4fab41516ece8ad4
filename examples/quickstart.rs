//! The main job, end to end: a topic is created, two thousand events are produced, and all of them are consumed again.
//!
//! Without further ado it starts a mock cluster in this process and speaks to it over TLS with SASL/IAM; with `BOOTSTRAP` set, it speaks to that cluster
//! (see the README for the variables). `--codec lz4` compresses the batches; `--help` says the rest. It exits with 1 when anything did not come out as it
//! should.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use ottla::{Admin, Client, ClientBuilder, Compression, NewTopic, Record, credentials};
use ottla_examples::{Asked, Event, HELP, asked, client_of_environment, events};
use ottla_mockbroker::{Identity, MockCluster};
use tracing_subscriber::filter::LevelFilter;

/// The port that MSK's IAM listeners have; the mock takes it where it is free.
const IAM_PORT: u16 = 9098;
const PARTITIONS: i32 = 3;
/// The name of the identity that the mock lets in.
const IDENTITY: &str = "quickstart";
/// How long everything that was sent may take to be delivered when the producer is closed.
const CLOSE_WITHIN: Duration = Duration::from_secs(30);
/// How long the next records may take to come.
const READ_WITHIN: Duration = Duration::from_secs(30);
/// The exit code for arguments that are none.
const USAGE: u8 = 2;

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    let level = std::env::var("RUST_LOG").ok().and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::ERROR);
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
    let codec = match asked(std::env::args().skip(1)) {
        Ok(Asked::Run(codec)) => codec,
        Ok(Asked::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("quickstart: {error}");
            return ExitCode::from(USAGE);
        }
    };
    match run(codec).await {
        Ok(outcome) if outcome.is_whole() => {
            println!("{outcome}");
            ExitCode::SUCCESS
        }
        Ok(outcome) => {
            println!("{outcome}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("quickstart: {}", told(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(codec: Compression) -> Result<Outcome, Failure> {
    match client_of_environment(|name| std::env::var(name).ok())? {
        Some(client) => on_real_cluster(client, codec).await,
        None => on_mock_cluster(codec).await,
    }
}

/// The main job on a topic that is created for it, and deleted again whatever came of it.
async fn on_real_cluster(client: ClientBuilder, codec: Compression) -> Result<Outcome, Failure> {
    let client = client.connect().await?;
    let topic = format!("ottla-quickstart-{:016x}", RandomState::new().build_hasher().finish());
    create(&client, NewTopic::new(&topic)).await?;
    let outcome = round_trip(&client, &topic, codec).await;
    client.admin().delete_topics([&topic]).await?.all()?;
    println!("topic {topic} is deleted");
    outcome
}

/// The main job on a cluster of its own, and what a wrong secret gets there.
async fn on_mock_cluster(codec: Compression) -> Result<Outcome, Failure> {
    let cluster = MockCluster::builder().brokers(3).iam(Identity::new(IDENTITY)).iam_port(IAM_PORT).start().await?;
    println!("a mock cluster of 3 brokers in this process: TLS, AWS_MSK_IAM, {}\n", cluster.bootstrap());
    let right = cluster.credentials(IDENTITY);
    let client = client_of(&cluster, right.clone()).await?;
    create(&client, NewTopic::new("events")).await?;
    let outcome = round_trip(&client, "events", codec).await?;
    let wrong = credentials::fixed(right.access_key_id(), "a-secret-that-is-wrong", None);
    show_refusal(client_of(&cluster, wrong).await)?;
    Ok(outcome)
}

async fn client_of(
    cluster: &MockCluster,
    credentials: credentials::Credentials,
) -> Result<Client, ottla::ConnectError> {
    Client::builder(cluster.bootstrap())
        .tls_root(cluster.ca_pem())
        .msk_iam(credentials)
        .region(cluster.region())
        .connect()
        .await
}

async fn create(client: &Client, topic: NewTopic) -> Result<(), Failure> {
    let topic = topic.partitions(PARTITIONS).config("retention.ms", "604800000");
    client.admin().create_topics([topic]).await?.all()?;
    Ok(())
}

/// Describes the topic, produces all events to it and consumes them again.
async fn round_trip(client: &Client, topic: &str, codec: Compression) -> Result<Outcome, Failure> {
    describe(&client.admin(), topic).await?;
    let events = events()?;
    let produced = produce(client, topic, codec, &events).await?;
    let read = consume(client, topic).await?;
    Ok(Outcome::of(&events, produced, &read))
}

async fn describe(admin: &Admin, topic: &str) -> Result<(), Failure> {
    for description in admin.describe_topics([topic]).await?.all()? {
        let configs = admin.topic_configs([topic]).await?.all()?;
        let retention = configs.iter().find_map(|configs| configs.entries.get("retention.ms")?.value.clone());
        println!("topic {}, id {}, retention.ms={}", description.name, description.id, retention.unwrap_or_default());
        println!("  partition  leader  replicas    in sync");
        for partition in description.partitions {
            let leader = partition.leader.map_or("none".to_owned(), |leader| leader.to_string());
            let (replicas, in_sync) = (listed(&partition.replicas), listed(&partition.in_sync));
            println!("  {:>9}  {leader:>6}  {replicas:<10}  {in_sync}", partition.index);
        }
    }
    Ok(())
}

fn listed(brokers: &[ottla::BrokerId]) -> String {
    brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Sends each event, keyed by its user; returns how many were acknowledged.
async fn produce(client: &Client, topic: &str, codec: Compression, events: &[Event<'_>]) -> Result<usize, Failure> {
    let started = Instant::now();
    let producer = client.producer().linger(Duration::from_millis(5)).compression(codec).build()?;
    let mut deliveries = Vec::with_capacity(events.len());
    for event in events {
        deliveries.push(producer.send(Record::to(topic).key(event.user_id).value(event.json)).await?);
    }
    producer.close(CLOSE_WITHIN).await?;
    let mut acknowledged = 0;
    for delivery in deliveries {
        delivery.await?;
        acknowledged += 1;
    }
    let bytes = events.iter().map(|event| event.json.len()).sum();
    println!("\nproduced {}, codec {codec}", rate(acknowledged, bytes, started.elapsed()));
    Ok(acknowledged)
}

/// A record that came back.
struct Read {
    partition: i32,
    offset: i64,
    key: Vec<u8>,
    value: Vec<u8>,
}

/// Reads the topic from its beginning to its end.
async fn consume(client: &Client, topic: &str) -> Result<Vec<Read>, Failure> {
    let started = Instant::now();
    let consumer = client.consumer().assign_topic(topic).from_beginning().build().await?;
    let ends = consumer.end_offsets(consumer.assignment()).await?;
    let mut read = Vec::new();
    while ends.iter().any(|(at, end)| consumer.position(at.clone()).is_ok_and(|position| position < Some(*end))) {
        let Some(batch) = tokio::time::timeout(READ_WITHIN, consumer.next()).await?? else { break };
        for record in batch.records() {
            let record = record?;
            let [key, value] = [record.key(), record.value()].map(|bytes| bytes.unwrap_or_default().to_vec());
            read.push(Read { partition: batch.partition(), offset: record.offset(), key, value });
        }
    }
    let bytes = read.iter().map(|record| record.value.len()).sum();
    println!("consumed {}", rate(read.len(), bytes, started.elapsed()));
    println!("  partition  records    bytes  offsets");
    for partition in 0..PARTITIONS {
        let of_partition: Vec<&Read> = read.iter().filter(|record| record.partition == partition).collect();
        let bytes: usize = of_partition.iter().map(|record| record.key.len() + record.value.len()).sum();
        let offsets = match (of_partition.first(), of_partition.last()) {
            (Some(first), Some(last)) => format!("{} to {}", first.offset, last.offset),
            _ => "none".to_owned(),
        };
        println!("  {partition:>9}  {:>7}  {bytes:>7}  {offsets}", of_partition.len());
    }
    Ok(read)
}

fn rate(records: usize, bytes: usize, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(f64::MIN_POSITIVE);
    let (per_second, megabytes) = (records as f64 / seconds, bytes as f64 / 1e6);
    format!(
        "{records} records, {megabytes:.2} MB in {took:.1?}: {per_second:.0} records/s, {:.1} MB/s",
        megabytes / seconds
    )
}

/// Shows what a wrong secret gets.
fn show_refusal(connected: Result<Client, ottla::ConnectError>) -> Result<(), Failure> {
    match connected {
        Ok(_) => Err("a wrong secret was let in".into()),
        Err(error) => {
            println!("\nwith a wrong secret:\n  {}\n", told(&error).replace("; ", ";\n  "));
            Ok(())
        }
    }
}

/// An error with all that caused it.
fn told(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

/// What is to be shown of the whole run, counted from what came back.
struct Outcome {
    sent: usize,
    produced: usize,
    consumed: usize,
    distinct: usize,
    in_order: bool,
}

impl Outcome {
    fn of(events: &[Event<'_>], produced: usize, read: &[Read]) -> Self {
        let places: BTreeSet<(i32, i64)> = read.iter().map(|record| (record.partition, record.offset)).collect();
        let mut sent: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
        for event in events {
            sent.entry(event.user_id.as_bytes()).or_default().push(event.json.as_bytes());
        }
        let mut came: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
        for record in read {
            came.entry(&record.key).or_default().push(&record.value);
        }
        let [sent_count, consumed, distinct] = [events.len(), read.len(), places.len()];
        Self { sent: sent_count, produced, consumed, distinct, in_order: sent == came }
    }

    /// Whether every event was acknowledged, and came back once and in order.
    fn is_whole(&self) -> bool {
        [self.produced, self.consumed, self.distinct] == [self.sent; 3] && self.in_order
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { produced, consumed, distinct, in_order, .. } = self;
        let order = if *in_order { "in order" } else { "NOT in order" };
        write!(f, "quickstart: {produced} produced, {consumed} consumed, {distinct} distinct, {order} per key")
    }
}
