//! The command line.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use ottla_mockbroker::{MockCluster, MockClusterBuilder};

use crate::listener::{self, Asked};
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

    /// A listener of each broker, see below; may stand several times [default: PLAINTEXT:9092].
    #[arg(long = "listener", value_name = "PROTOCOL:PORT[:OPTIONS][@HOST]", value_parser = listener::parse)]
    listeners: Vec<Asked>,

    /// Who may come in at SASL listeners, see below; may stand several times.
    #[arg(long = "user", value_name = "MECHANISM:NAME:SECRET", value_parser = user::parse)]
    users: Vec<Account>,

    /// The address of this machine to listen on; 0.0.0.0 for clients on other machines or in containers.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    bind: IpAddr,

    /// The host name that the brokers tell clients to come to, and that their certificate is good for.
    #[arg(long, value_name = "HOST", default_value = "localhost")]
    advertise: String,

    /// Where to write ca.pem, broker.pem, broker-key.pem, and of a client CN=client client.pem and client-key.pem.
    #[arg(long, value_name = "DIR")]
    pub(crate) tls_dir: Option<PathBuf>,

    /// Create topics that clients ask about (auto.create.topics.enable).
    #[arg(long)]
    auto_create_topics: bool,

    /// The partitions of a topic that is created without a number (num.partitions).
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..))]
    partitions: i32,

    /// The AWS region that signatures must name.
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    region: String,

    /// After how long a client of a SASL listener must authenticate again (connections.max.reauth.ms).
    #[arg(long, value_name = "MILLISECONDS")]
    connections_max_reauth_ms: Option<u64>,

    /// From the subject of a client's certificate to the name of its principal (ssl.principal.mapping.rules).
    #[arg(long, value_name = "RULES", default_value = "DEFAULT")]
    ssl_principal_mapping_rules: String,
}

const AFTER_HELP: &str = "\
When its ports are open it writes one line of JSON to its standard output: where the brokers are, the
certificate to trust, and the keys of IAM users. SIGTERM or SIGINT ends it. Topics and records are kept
in memory alone.

Listeners:
  PROTOCOL  PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL, or IAM, which is SASL_SSL as on Amazon MSK
  PORT      of the first broker; each further one has the next; 0 for any
  OPTIONS   with commas between them: of a SASL listener its mechanisms (PLAIN, SCRAM-SHA-256,
            SCRAM-SHA-512, OAUTHBEARER with unsecured tokens, AWS_MSK_IAM, MSK_OAUTHBEARER), and of one
            with TLS client-auth=requested or client-auth=required
  HOST      the name that clients of this listener are told, in place of --advertise

Users:
  PLAIN:NAME:PASSWORD, SCRAM-SHA-256:NAME:PASSWORD, SCRAM-SHA-512:NAME:PASSWORD
  AWS_MSK_IAM:NAME                       with keys that stand in the line of JSON
  AWS_MSK_IAM:NAME:ACCESS_KEY_ID:SECRET  with these keys

Examples:
  mockbroker --first-broker-id 0 --auto-create-topics
  mockbroker --brokers 3 --listener PLAINTEXT:9092 --listener IAM:9098 --user AWS_MSK_IAM:app
  mockbroker --listener SASL_SSL:9096:SCRAM-SHA-512,PLAIN --user PLAIN:bob:secret --tls-dir ./tls
  mockbroker --listener SSL:9094:client-auth=required --tls-dir ./tls
  mockbroker --bind 0.0.0.0 --listener PLAINTEXT:9092 --listener PLAINTEXT:29092@kafka";

impl Arguments {
    /// The cluster that is asked for.
    pub(crate) fn cluster(&self) -> MockClusterBuilder {
        let brokers = i32::from(self.brokers);
        let ids = (self.first_broker_id..).take(usize::from(self.brokers));
        let mut builder = MockCluster::builder()
            .broker_ids(ids)
            .hosts((0..brokers).map(|_| self.advertise.clone()))
            .bind(self.bind)
            .region(&self.region)
            .auto_create_topics(self.auto_create_topics)
            .num_partitions(self.partitions)
            .principal_mapping_rules(&self.ssl_principal_mapping_rules);
        if let Some(longest) = self.connections_max_reauth_ms {
            builder = builder.connections_max_reauth(Duration::from_millis(longest));
        }
        builder =
            self.listeners().iter().fold(builder, |builder, (name, asked)| builder.listener(asked.listener(name)));
        self.users.iter().fold(builder, |builder, account| match account {
            Account::User(user) => builder.user(user.clone()),
            Account::Identity { identity, .. } => builder.identity(identity.clone()),
        })
    }

    /// The listeners with their names: that of the protocol, and from the second of a protocol on a number behind it.
    pub(crate) fn listeners(&self) -> Vec<(String, Asked)> {
        let asked = if self.listeners.is_empty() { vec![Asked::default()] } else { self.listeners.clone() };
        let mut named: Vec<(String, Asked)> = Vec::new();
        for listener in asked {
            let before = named.iter().filter(|(_, other)| other.kind == listener.kind).count();
            let name = listener.kind.name();
            let name = if before == 0 { name.to_owned() } else { format!("{name}_{}", before + 1) };
            named.push((name, listener));
        }
        named
    }

    /// The names of the IAM users.
    pub(crate) fn identities(&self) -> impl Iterator<Item = &str> {
        self.users.iter().filter_map(|account| match account {
            Account::Identity { name, .. } => Some(name.as_str()),
            Account::User(_) => None,
        })
    }
}
