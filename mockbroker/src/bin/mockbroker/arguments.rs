//! The command line, and the file that may say the same.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser};
use ottla_mockbroker::{MockCluster, MockClusterBuilder, NewTopic};

use crate::InvalidValue;
use crate::file::{self, FileError};
use crate::listener::{self, Asked};
use crate::topic;
use crate::user::{self, Account};

/// A mock Kafka cluster that any client can be tested against, over every security protocol, Amazon MSK's IAM included.
#[derive(Debug, Parser)]
#[command(name = "mockbroker", version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// How many brokers there are.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    brokers: u16,

    /// The id of the first broker; each further one has the next.
    #[arg(long, value_name = "ID", default_value_t = 1, value_parser = clap::value_parser!(i32).range(0..=i64::from(i32::MAX - 65535)))]
    first_broker_id: i32,

    /// The racks of the brokers, in order; where there are fewer, they begin again.
    #[arg(long, value_name = "RACK,..", value_delimiter = ',')]
    racks: Vec<String>,

    /// A listener of each broker, see below; may stand several times [default: PLAINTEXT:9092].
    #[arg(long = "listener", value_name = "PROTOCOL:PORT[:OPTIONS][@HOST]", value_parser = listener::parse)]
    listeners: Vec<Asked>,

    /// Short for --listener PLAINTEXT:PORT.
    #[arg(long)]
    port: Option<u16>,

    /// The address of this machine to listen on; 0.0.0.0 for clients on other machines or in containers.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,

    /// The host name that the brokers tell clients to come to, and that their certificate is good for.
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    advertised_host: String,

    /// Who may come in at SASL listeners, see below; may stand several times.
    #[arg(long = "user", value_name = "MECHANISM:NAME:SECRET", value_parser = user::parse)]
    users: Vec<Account>,

    /// A topic that is there from the start; may stand several times.
    #[arg(long = "topic", value_name = "NAME[:PARTITIONS[:REPLICAS]]", value_parser = topic::parse)]
    topics: Vec<NewTopic>,

    /// Create topics that clients ask about (auto.create.topics.enable).
    #[arg(long)]
    auto_create_topics: bool,

    /// Receive the metrics that clients push (KIP-714), which they do where config resources of type CLIENT_METRICS ask for it.
    #[arg(long)]
    telemetry_receiver: bool,

    /// The partitions of a topic that is created without a number (num.partitions).
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: i32,

    /// The release of Kafka that the cluster is like, 2.8 to 4.4; the default is the latest.
    #[arg(long, value_name = "VERSION")]
    kafka_version: Option<String>,

    /// A config that stands in the file of every broker, as in -c log.retention.hours=1; may stand several times.
    #[arg(short = 'c', long = "broker-config", value_name = "KEY=VALUE", value_parser = pair)]
    broker_configs: Vec<(String, String)>,

    /// Where to write certificates and keys, and for each listener files with which clients connect, see below.
    #[arg(long, value_name = "DIR")]
    pub(crate) tls_dir: Option<PathBuf>,

    /// A port for the test to see and do things beside its clients, over HTTP: GET /openapi.json says what; 0 for any.
    #[arg(long, value_name = "PORT")]
    control_port: Option<u16>,

    /// The address of this machine for that port. Whoever reaches it can do all that the test can.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    control_bind: IpAddr,

    /// Let the cluster's clock stand still until POST /clock of the control port moves it.
    #[arg(long)]
    manual_clock: bool,

    /// The AWS region that signatures must name.
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    region: String,

    /// After how long a client of a SASL listener must authenticate again (connections.max.reauth.ms).
    #[arg(long, value_name = "MILLISECONDS")]
    connections_max_reauth_ms: Option<u64>,

    /// From the subject of a client's certificate to the name of its principal (ssl.principal.mapping.rules).
    #[arg(long, value_name = "RULES", default_value = "DEFAULT")]
    ssl_principal_mapping_rules: String,

    /// End when the standard input does: with the test that started it, however that ends.
    #[arg(long)]
    pub(crate) exit_with_stdin: bool,

    /// A TOML file with arguments by their names, see below; those of the command line win.
    #[arg(long = "config", value_name = "FILE")]
    file: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
When its ports are open it writes one line of JSON to its standard output: where the brokers are, the
certificate to trust, the keys of IAM users, and the URL of the control port. SIGTERM or SIGINT ends it. Topics and records are kept
in memory alone.

Listeners:
  PROTOCOL  PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, or IAM, which is SASL_SSL as on Amazon MSK
  PORT      of the first broker; each further one has the next; 0 for any; or a list: 9092,19092,29092
  OPTIONS   with commas between them: of a SASL listener its mechanisms (PLAIN, SCRAM-SHA-256,
            SCRAM-SHA-512, OAUTHBEARER with unsecured tokens, AWS_MSK_IAM, MSK_OAUTHBEARER), and of one
            with TLS client-auth=requested or client-auth=required
  HOST      the name that clients of this listener are told, in place of --advertised-host; HOST:PORT
            where the first broker is found at another port than it listens on

Users:
  PLAIN:NAME:PASSWORD, SCRAM-SHA-256:NAME:PASSWORD, SCRAM-SHA-512:NAME:PASSWORD
  AWS_MSK_IAM:NAME                       with keys that stand in the line of JSON
  AWS_MSK_IAM:NAME:ACCESS_KEY_ID:SECRET  with these keys

Files in --tls-dir:
  ca.pem, ca.p12                            the certificate to trust, for Java with the password changeit
  client.pem, client-key.pem, client.p12    a client CN=client, for listeners that want a certificate
  broker.pem, broker-key.pem                what the brokers show
  client.properties                         of Java's clients, for the first listener
  LISTENER/client.properties, LISTENER/librdkafka.conf, LISTENER/kafka_python.py   for each

Examples:
  mockbroker --first-broker-id 0 --auto-create-topics
  mockbroker --brokers 3 --listener PLAINTEXT:9092 --listener IAM:9098 --user AWS_MSK_IAM:app
  mockbroker --listener SASL_SSL:9096:SCRAM-SHA-512,PLAIN --user PLAIN:bob:secret --tls-dir ./tls
  mockbroker --listener SSL:9094:client-auth=required --tls-dir ./tls
  mockbroker --bind 0.0.0.0 --listener PLAINTEXT:9092 --listener PLAINTEXT:29092@kafka
  mockbroker --port 0 --topic orders:3 --control-port 0 --exit-with-stdin     from a test, which reads where it is

The same in a file, for --config:
  brokers = 3
  racks = [\"use1-az1\", \"use1-az2\", \"use1-az3\"]
  listener = [\"PLAINTEXT:9092\", \"IAM:9098\"]
  user = [\"AWS_MSK_IAM:app\"]
  topic = [\"orders:3\", \"payments:6:3\"]
  auto-create-topics = true
  broker-config.log.retention.hours = 1";

impl Arguments {
    /// The arguments of a command line, its first word being the program, and those of the file that it names. One that stands in both is the
    /// command line's. Of a command line that is none, and where help is asked for, the process ends here.
    pub(crate) fn read(line: &[OsString]) -> Result<Self, FileError> {
        let mut said = Self::command().get_matches_from(line);
        let arguments = Self::from_arg_matches_mut(&mut said.clone()).unwrap_or_else(|error| error.exit());
        let Some(path) = &arguments.file else { return Ok(arguments) };
        let written = file::read(path)?.into_iter().filter(|argument| !is_said(&mut said, &argument.name));
        let (program, rest) = line.split_at(1.min(line.len()));
        let all = program.iter().cloned().chain(written.map(|argument| argument.word)).chain(rest.iter().cloned());
        Ok(Self::parse_from(all))
    }

    /// The cluster that is asked for.
    pub(crate) fn cluster(&self) -> MockClusterBuilder {
        let brokers = i32::from(self.brokers);
        let ids = (self.first_broker_id..).take(usize::from(self.brokers));
        let mut builder = MockCluster::builder()
            .broker_ids(ids)
            .racks(&self.racks)
            .hosts((0..brokers).map(|_| self.advertised_host.clone()))
            .bind(self.bind)
            .count_errors(self.control_port.is_some())
            .region(&self.region)
            .auto_create_topics(self.auto_create_topics)
            .telemetry_receiver(self.telemetry_receiver)
            .num_partitions(self.partitions)
            .principal_mapping_rules(&self.ssl_principal_mapping_rules);
        if let Some(longest) = self.connections_max_reauth_ms {
            builder = builder.connections_max_reauth(Duration::from_millis(longest));
        }
        if let Some(version) = &self.kafka_version {
            builder = builder.kafka_version(version);
        }
        if self.manual_clock {
            builder = builder.manual_clock(SystemTime::now());
        }
        builder =
            self.listeners().iter().fold(builder, |builder, (name, asked)| builder.listener(asked.listener(name)));
        builder = self.broker_configs.iter().fold(builder, |builder, (name, value)| builder.config(name, value));
        builder = self.topics.iter().cloned().fold(builder, MockClusterBuilder::topic);
        self.users.iter().fold(builder, |builder, account| match account {
            Account::User { user, .. } => builder.user(user.clone()),
            Account::Identity { identity, .. } => builder.identity(identity.clone()),
        })
    }

    /// The listeners with their names: that of the protocol, and from the second of a protocol on a number behind it.
    pub(crate) fn listeners(&self) -> Vec<(String, Asked)> {
        let mut asked: Vec<Asked> = self.port.map(Asked::plaintext).into_iter().chain(self.listeners.clone()).collect();
        if asked.is_empty() {
            asked.push(Asked::default());
        }
        let mut named: Vec<(String, Asked)> = Vec::new();
        for listener in asked {
            let before = named.iter().filter(|(_, other)| other.kind == listener.kind).count();
            let name = listener.kind.name();
            let name = if before == 0 { name.to_owned() } else { format!("{name}_{}", before + 1) };
            named.push((name, listener));
        }
        named
    }

    /// Where the cluster is to be controlled, if it is.
    pub(crate) fn control(&self) -> Option<SocketAddr> {
        self.control_port.map(|port| (self.control_bind, port).into())
    }

    /// Who may come in.
    pub(crate) fn users(&self) -> &[Account] {
        &self.users
    }

    /// The names of the IAM users.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter_map(|account| match account {
            Account::Identity { name, .. } => Some(name.as_str()),
            Account::User { .. } => None,
        })
    }
}

fn pair(text: &str) -> Result<(String, String), InvalidValue> {
    let (name, value) = text.split_once('=').ok_or("it is written as in log.retention.hours=1")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether the command line has the argument of this name.
fn is_said(said: &mut ArgMatches, name: &str) -> bool {
    let command = Arguments::command();
    let argument = command.get_arguments().find(|argument| argument.get_long() == Some(name));
    argument.is_some_and(|argument| said.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine))
}
