//! What a cluster is asked to be, and its start.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use ottla_mockbroker_core::iam::Identity;
use ottla_mockbroker_core::sasl::{Mechanism, User};
use ottla_mockbroker_core::{Bounds, BrokerConfig, Cluster, ClusterConfig, NewTopic, StandardAuthorizer};
use ottla_wire::BrokerId;

use crate::cluster::MockCluster;
use crate::error::StartError;
use crate::io::Clock;
use crate::listeners::{Listener, Port};
use crate::plan::Plan;

/// The names that listeners have on MSK.
const PLAINTEXT: &str = "CLIENT";
const TLS: &str = "CLIENT_SECURE";
const IAM: &str = "CLIENT_IAM";

/// What a mock cluster is asked to be; made by [`MockCluster::builder`].
///
/// Without a word it is three brokers with one plaintext listener each.
#[derive(Clone, Debug, Default)]
pub struct MockClusterBuilder {
    pub(crate) config: ClusterConfig,
    listeners: Vec<Listener>,
    identities: Vec<Identity>,
    users: Vec<User>,
    racks: Vec<String>,
    topics: Vec<NewTopic>,
    iam_port: Option<u16>,
    pub(crate) hosts: Option<Vec<String>>,
    pub(crate) bind: Option<IpAddr>,
    wall_clock: Option<SystemTime>,
    pub(crate) manual_clock: Option<SystemTime>,
}

impl MockClusterBuilder {
    /// How many brokers there are; their ids are 1 to `count`. The default is 3.
    #[must_use]
    pub fn brokers(self, count: u16) -> Self {
        self.broker_ids(1..=i32::from(count))
    }

    /// The brokers by their ids.
    #[must_use]
    pub fn broker_ids(mut self, ids: impl IntoIterator<Item = i32>) -> Self {
        self.config.brokers = ids.into_iter().map(|id| BrokerConfig::new(BrokerId(id))).collect();
        self
    }

    /// `broker.rack` of each broker, in the order of their ids; where there are fewer racks than brokers, they begin again. The default is that no
    /// broker is in a rack. On Amazon MSK a rack is the id of an availability zone, such as `use1-az1`.
    #[must_use]
    pub fn racks<R: Into<String>>(mut self, racks: impl IntoIterator<Item = R>) -> Self {
        self.racks = racks.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a topic that is there from the start.
    #[must_use]
    pub fn topic(mut self, topic: NewTopic) -> Self {
        self.topics.push(topic);
        self
    }

    /// Adds a listener without TLS and authentication, called `CLIENT`, as MSK's on port 9092.
    #[must_use]
    pub fn plaintext(self) -> Self {
        self.listen(Listener::plaintext(PLAINTEXT))
    }

    /// Adds a listener with TLS and without authentication, called `CLIENT_SECURE`, as MSK's on port 9094.
    #[must_use]
    pub fn tls(self) -> Self {
        self.listen(Listener::tls(TLS))
    }

    /// Adds a listener with TLS, `AWS_MSK_IAM` and the `OAUTHBEARER` of MSK, called `CLIENT_IAM`, as MSK's on port 9098, and an identity that may come
    /// in there. Repeat it for further identities.
    #[must_use]
    pub fn iam(self, identity: Identity) -> Self {
        self.identity(identity).listen(Listener::sasl_tls(IAM, [Mechanism::AwsMskIam, Mechanism::MskOAuthBearer]))
    }

    /// Adds a listener of any kind. The first of all listeners is the one of [`MockCluster::bootstrap`].
    #[must_use]
    pub fn listener(mut self, listener: Listener) -> Self {
        self.listeners.push(listener);
        self
    }

    /// Adds a user of `PLAIN` or SCRAM, who may come in wherever there is that mechanism.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds an identity, which may come in wherever there is `AWS_MSK_IAM`.
    #[must_use]
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self
    }

    /// `connections.max.reauth.ms`: the longest that a session of SASL lives before its client must authenticate again (KIP-368). By default it lives
    /// as long as what the client showed: a token or temporary credentials until they end, a password for ever. MSK's sessions end after 12 hours in
    /// any case.
    #[must_use]
    pub fn connections_max_reauth(mut self, longest: Duration) -> Self {
        self.config.connections_max_reauth = Some(longest);
        self
    }

    /// `connection.failed.authentication.delay.ms`: how long a client that is not let in waits to hear so. The default is 100 ms.
    #[must_use]
    pub fn failed_authentication_delay(mut self, delay: Duration) -> Self {
        self.config.failed_authentication_delay = delay;
        self
    }

    /// `broker.session.timeout.ms`: how long the cluster takes a broker that was killed or hangs for one that is there. The default is 9 s.
    #[must_use]
    pub fn broker_session_timeout(mut self, timeout: Duration) -> Self {
        self.config.broker_session_timeout = timeout;
        self
    }

    /// `ssl.principal.mapping.rules`: from the subject of a client's certificate to the name of its principal, as in
    /// `RULE:^CN=([^,]+).*$/$1/, DEFAULT`. The default is `DEFAULT`, the whole subject.
    #[must_use]
    pub fn principal_mapping_rules(mut self, rules: impl Into<String>) -> Self {
        self.config.principal_mapping_rules = rules.into();
        self
    }

    /// The port that the first broker's IAM listener takes if it is free, and each further broker the one after it; whichever is taken, and every
    /// port of the other listeners, is one that the system chooses. In memory it is the port of every broker. The default is 9098 in memory, and
    /// the system's choice for sockets.
    #[must_use]
    pub fn iam_port(mut self, port: u16) -> Self {
        self.iam_port = Some(port);
        self
    }

    /// The address of this machine that sockets are bound to, whatever host the brokers advertise. The default is 127.0.0.1; with 0.0.0.0 other
    /// machines and containers come in too.
    #[must_use]
    pub fn bind(mut self, address: impl Into<IpAddr>) -> Self {
        self.bind = Some(address.into());
        self
    }

    /// The host name that each broker advertises, in the order of their ids, and that the certificates are good for; a listener may have
    /// [one of its own](Listener::advertised_host). The default is `localhost` for sockets, and in memory a name as MSK makes them:
    /// `b-1.ottla.mock.c1.kafka.us-east-1.amazonaws.com`.
    #[must_use]
    pub fn hosts<H: Into<String>>(mut self, hosts: impl IntoIterator<Item = H>) -> Self {
        self.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// The AWS region that the cluster is in and that signatures must name. The default is `us-east-1`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.config.arn.region = region.into();
        self
    }

    /// `authorizer.class.name`: Kafka's `StandardAuthorizer`, with its super users and ACLs. None by default: everybody may do everything.
    #[must_use]
    pub fn authorizer(mut self, authorizer: StandardAuthorizer) -> Self {
        self.config.authorizer = Some(authorizer);
        self
    }

    /// `auto.create.topics.enable`: whether asking for a topic creates it. Off by default, as on MSK.
    #[must_use]
    pub fn auto_create_topics(mut self, on: bool) -> Self {
        self.config.auto_create_topics = on;
        self
    }

    /// Whether there is a receiver of the metrics that clients push (KIP-714), as Kafka has one by its `metric.reporters`: then ApiVersions tells of the
    /// APIs for it, and [`MockCluster::pushed_metrics`] has what came. Off by default.
    #[must_use]
    pub fn telemetry_receiver(mut self, on: bool) -> Self {
        self.config.telemetry_receiver = on;
        self
    }

    /// `num.partitions`: the partitions of a topic that is created without a number. The default is 1.
    #[must_use]
    pub fn num_partitions(mut self, partitions: i32) -> Self {
        self.config.num_partitions = partitions;
        self
    }

    /// A config that stands in the file of every broker, by Kafka's name: `("log.retention.hours", "1")`. What acts on clients here acts as in
    /// Kafka; the rest is told to who asks. A name that Kafka does not know is kept. A value that the config may not have is refused at the start.
    #[must_use]
    pub fn config(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.properties.insert(name.into(), value.into());
        self
    }

    /// The release of Kafka that the cluster is like, `2.8` to `4.4`: which versions of which APIs it has, and which features. The default is the
    /// latest. One that is none of these is refused at the start, with those there are.
    #[must_use]
    pub fn kafka_version(mut self, version: impl Into<String>) -> Self {
        self.config.kafka_version = version.into();
        self
    }

    /// From which all that is left to chance is drawn: ids, keys, and the brokers that partitions start on. The default is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
        self
    }

    /// Whether [`MockCluster::tally`] counts the errors in answers. Off by default, for each answer is decoded for it.
    #[must_use]
    pub fn count_errors(mut self, on: bool) -> Self {
        self.config.counts_errors = on;
        self
    }

    /// How much the cluster takes on before it refuses.
    #[must_use]
    pub fn bounds(mut self, bounds: Bounds) -> Self {
        self.config.bounds = bounds;
        self
    }

    /// What the wall clock of an in-memory cluster says at its start. The default is the system's time. Sockets have the system's clock in any case.
    #[must_use]
    pub fn wall_clock(mut self, at: SystemTime) -> Self {
        self.wall_clock = Some(at);
        self
    }

    /// A clock for a cluster on sockets that says `at` until [`MockCluster::advance`] moves it: no session, no long poll, no delay of a fault and no
    /// retention is over before that. The default is the system's clock.
    #[must_use]
    pub fn manual_clock(mut self, at: SystemTime) -> Self {
        self.manual_clock = Some(at);
        self
    }

    /// Starts the cluster on sockets, served by a thread of its own. Cancelling it starts nothing.
    ///
    /// # Errors
    /// When what was asked for makes no cluster, or the system refuses a socket; nothing is left open.
    pub async fn start(self) -> Result<MockCluster, StartError> {
        self.start_blocking()
    }

    /// Starts the cluster as [`MockClusterBuilder::start`] does, for a test without a runtime.
    ///
    /// # Errors
    /// As [`MockClusterBuilder::start`].
    pub fn start_blocking(self) -> Result<MockCluster, StartError> {
        Plan::of_sockets(self)?.serve_sockets()
    }

    /// Starts the cluster without sockets, on the runtime that this is called on, whose clock is the cluster's.
    ///
    /// # Errors
    /// When there is no runtime, or what was asked for makes no cluster.
    pub fn start_in_memory(self) -> Result<MockCluster, StartError> {
        tokio::runtime::Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        if self.manual_clock.is_some() {
            return Err(StartError::ManualClock);
        }
        let clock = Clock::tokio_from(self.wall_clock.unwrap_or_else(SystemTime::now));
        Plan::of_memory(self)?.serve_memory(clock)
    }

    /// The cluster as it is before the first client comes, at no address yet.
    pub(crate) fn core(&self) -> Result<Cluster, StartError> {
        let mut config = self.config.clone();
        for (broker, rack) in config.brokers.iter_mut().zip(self.racks.iter().cycle()) {
            broker.rack = Some(rack.clone());
        }
        let mut core = Cluster::new(config)?;
        self.identities.iter().cloned().try_for_each(|identity| core.identities_mut().add(identity))?;
        self.users.iter().cloned().try_for_each(|user| core.users_mut().add(user))?;
        for topic in &self.topics {
            let cannot = |source| StartError::Topic { topic: topic.name().to_owned(), source };
            core.create_topic(topic).map_err(cannot)?;
        }
        Ok(core)
    }

    /// The listeners with all that was said about them; a plaintext one where none was asked for.
    pub(crate) fn listeners(&self) -> Result<Vec<Listener>, StartError> {
        let mut listeners = self.listeners.clone();
        if listeners.is_empty() {
            listeners.push(Listener::plaintext(PLAINTEXT));
        }
        let mut names = BTreeSet::new();
        for listener in &mut listeners {
            let name = listener.name();
            if !names.insert(name.clone()) {
                return Err(StartError::DuplicateListener(name.clone()));
            }
            listener.check_ports(self.config.brokers.len())?;
            if listener.security.protocol.is_sasl() && listener.security.mechanisms.is_empty() {
                return Err(StartError::NoMechanism(name.clone()));
            }
            if let (Some(port), Port::Any, true) = (self.iam_port, &listener.port, listener.is_iam()) {
                listener.port = Port::Preferred(port);
            }
        }
        Ok(listeners)
    }

    /// Adds one of MSK's listeners, unless it is there.
    fn listen(self, listener: Listener) -> Self {
        let is_there = self.listeners.iter().any(|there| there.name() == listener.name());
        if is_there { self } else { self.listener(listener) }
    }
}
