//! What a cluster is asked to be, and its start.

use std::collections::{BTreeSet, HashMap};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::SystemTime;

use ottla_mockbroker_core::iam::Identity;
use ottla_mockbroker_core::{Bounds, BrokerConfig, Cluster, ClusterConfig, Listener, Protocol};
use ottla_wire::BrokerId;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsAcceptor;

use crate::cluster::{MockCluster, Serving};
use crate::error::StartError;
use crate::io::{Clock, Door, Network, Shared, Sockets};
use crate::listeners::{self, BrokerAddress, ListenerAddresses};
use crate::tls::Authority;

/// The host that socket brokers are found at.
const SOCKET_HOST: &str = "localhost";

/// What a mock cluster is asked to be; made by [`MockCluster::builder`].
///
/// Without a word it is three brokers with one plaintext listener each.
#[derive(Clone, Debug, Default)]
pub struct MockClusterBuilder {
    config: ClusterConfig,
    protocols: Vec<Protocol>,
    identities: Vec<Identity>,
    iam_port: Option<u16>,
    hosts: Option<Vec<String>>,
    wall_clock: Option<SystemTime>,
}

impl MockClusterBuilder {
    /// How many brokers there are; their ids are 1 to `count`. The default is 3.
    #[must_use]
    pub fn brokers(mut self, count: u16) -> Self {
        self.config.brokers = (1..=i32::from(count)).map(|id| BrokerConfig::new(BrokerId(id))).collect();
        self
    }

    /// Adds a listener without TLS and authentication, as MSK's on port 9092.
    #[must_use]
    pub fn plaintext(self) -> Self {
        self.listen(Protocol::Plaintext)
    }

    /// Adds a listener with TLS and without authentication, as MSK's on port 9094.
    #[must_use]
    pub fn tls(self) -> Self {
        self.listen(Protocol::Tls)
    }

    /// Adds a listener with TLS and `AWS_MSK_IAM`, as MSK's on port 9098, and an identity that may come in there. Repeat it for further identities.
    #[must_use]
    pub fn iam(mut self, identity: Identity) -> Self {
        self.identities.push(identity);
        self.listen(Protocol::Iam)
    }

    /// The port that the first broker's IAM listener takes if it is free, and each further broker the one after it; whichever is taken, and every
    /// port of the other listeners, is one that the system chooses. In memory it is the port of every broker. The default is 9098 in memory, and
    /// the system's choice for sockets.
    #[must_use]
    pub fn iam_port(mut self, port: u16) -> Self {
        self.iam_port = Some(port);
        self
    }

    /// The host name that each broker advertises, in the order of their ids, and that the certificates are good for. The default is `localhost` for
    /// sockets, which are bound to 127.0.0.1 in any case, and in memory a name as MSK makes them:
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

    /// `auto.create.topics.enable`: whether asking for a topic creates it. Off by default, as on MSK.
    #[must_use]
    pub fn auto_create_topics(mut self, on: bool) -> Self {
        self.config.auto_create_topics = on;
        self
    }

    /// `num.partitions`: the partitions of a topic that is created without a number. The default is 1.
    #[must_use]
    pub fn num_partitions(mut self, partitions: i32) -> Self {
        self.config.num_partitions = partitions;
        self
    }

    /// From which all that is left to chance is drawn: ids, keys, and the brokers that partitions start on. The default is 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.config.seed = seed;
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

    /// Starts the cluster on sockets of 127.0.0.1, served by a thread of its own. Cancelling it starts nothing.
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
        let plan = Plan::new(self, |_| SOCKET_HOST.to_owned())?;
        let mut sockets = Vec::new();
        let listeners = plan.listeners(|asked, index| {
            let preferred = plan.iam_port.filter(|_| asked.protocol == Protocol::Iam);
            let socket = listen(preferred.and_then(|port| port.checked_add(index)))?;
            let address = (Ipv4Addr::LOCALHOST, 0).into();
            let port = socket.local_addr().map_err(|source| StartError::Listen { address, source })?.port();
            sockets.push(socket);
            Ok(port)
        })?;
        let doors = plan.doors(&listeners).into_iter().map(|(_, door)| door);
        let doors = sockets.into_iter().zip(doors).collect();
        plan.into_cluster(listeners, Clock::System, |shared| {
            Sockets::serve(shared, doors).map(Serving::Sockets).map_err(StartError::Thread)
        })
    }

    /// Starts the cluster without sockets, on the runtime that this is called on, whose clock is the cluster's.
    ///
    /// # Errors
    /// When there is no runtime, or what was asked for makes no cluster.
    pub fn start_in_memory(self) -> Result<MockCluster, StartError> {
        tokio::runtime::Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        let clock = Clock::tokio_from(self.wall_clock.unwrap_or_else(SystemTime::now));
        let arn = self.config.arn.clone();
        let plan = Plan::new(self, |broker| listeners::msk_host(broker, &arn))?;
        let listeners = plan.listeners(|asked, _| {
            let given = plan.iam_port.filter(|_| asked.protocol == Protocol::Iam);
            Ok(given.unwrap_or_else(|| listeners::msk_port(asked.protocol)))
        })?;
        let mut doors = HashMap::new();
        for (BrokerAddress { host, port, .. }, door) in plan.doors(&listeners) {
            if doors.insert((host.to_ascii_lowercase(), *port), door).is_some() {
                return Err(StartError::DuplicateAddress { host: host.clone(), port: *port });
            }
        }
        plan.into_cluster(listeners, clock, |shared| {
            Ok(Serving::Memory(Arc::new(Network::new(Arc::clone(shared), doors))))
        })
    }

    fn listen(mut self, protocol: Protocol) -> Self {
        if !self.protocols.contains(&protocol) {
            self.protocols.push(protocol);
        }
        self
    }
}

/// What was asked for, with everything decided but the ports.
struct Plan {
    core: Cluster,
    listeners: Vec<Listener>,
    iam_port: Option<u16>,
    hosts: Vec<(BrokerId, String)>,
    authority: Authority,
}

impl Plan {
    fn new(asked: MockClusterBuilder, host_of: impl Fn(BrokerId) -> String) -> Result<Self, StartError> {
        let MockClusterBuilder { config, protocols, identities, iam_port, hosts, .. } = asked;
        let mut core = Cluster::new(config)?;
        identities.into_iter().try_for_each(|identity| core.identities_mut().add(identity))?;
        let brokers = &core.config().brokers;
        let ids = brokers.iter().map(|broker| broker.id);
        let hosts: Vec<(BrokerId, String)> = match hosts {
            None => ids.map(|id| (id, host_of(id))).collect(),
            Some(hosts) if hosts.len() == brokers.len() => ids.zip(hosts).collect(),
            Some(hosts) => return Err(StartError::Hosts { hosts: hosts.len(), brokers: brokers.len() }),
        };
        let is_name = |host: &&(BrokerId, String)| ServerName::try_from(host.1.as_str()).is_ok();
        if let Some((_, host)) = hosts.iter().find(|host| !is_name(host)) {
            return Err(StartError::InvalidHost(host.clone()));
        }
        let protocols = if protocols.is_empty() { vec![Protocol::Plaintext] } else { protocols };
        let listeners = protocols.into_iter().map(listeners::listener).collect();
        let authority = Authority::new(certified_names(&core, &hosts)).map_err(StartError::Certificate)?;
        Ok(Self { core, listeners, iam_port, hosts, authority })
    }

    /// Every listener with the ports that `port_of` finds for its brokers, counted from 0.
    fn listeners(
        &self,
        mut port_of: impl FnMut(&Listener, u16) -> Result<u16, StartError>,
    ) -> Result<Vec<ListenerAddresses>, StartError> {
        let mut listeners = Vec::new();
        for listener in &self.listeners {
            let mut brokers = Vec::new();
            for ((broker, host), index) in self.hosts.iter().zip(0..) {
                brokers.push(BrokerAddress { broker: *broker, host: host.clone(), port: port_of(listener, index)? });
            }
            listeners.push(ListenerAddresses { listener: listener.clone(), brokers });
        }
        Ok(listeners)
    }

    /// The door at each address, in the order of the addresses.
    fn doors<'a>(&self, listeners: &'a [ListenerAddresses]) -> Vec<(&'a BrokerAddress, Door)> {
        let door = |listener: &Listener, broker| {
            let is_encrypted = listener.protocol != Protocol::Plaintext;
            let tls = is_encrypted.then(|| TlsAcceptor::from(Arc::clone(&self.authority.server)));
            Door { broker, listener: listener.clone(), tls }
        };
        let of_listener = |addresses: &'a ListenerAddresses| {
            let listener = &addresses.listener;
            addresses.brokers.iter().map(move |address| (address, door(listener, address.broker)))
        };
        listeners.iter().flat_map(of_listener).collect()
    }

    /// The cluster as it is served; `serve` starts to move its bytes.
    fn into_cluster(
        mut self,
        listeners: Vec<ListenerAddresses>,
        clock: Clock,
        serve: impl FnOnce(&Arc<Shared>) -> Result<Serving, StartError>,
    ) -> Result<MockCluster, StartError> {
        for ListenerAddresses { listener, brokers } in &listeners {
            for BrokerAddress { broker, host, port } in brokers {
                // The brokers are those that the core itself named.
                let _known = self.core.advertise(*broker, &listener.name, host, *port);
            }
        }
        let shared = Shared::new(self.core, clock);
        let serving = serve(&shared)?;
        Ok(MockCluster { shared, listeners, serving, ca_pem: self.authority.pem })
    }
}

/// The names that the brokers' certificate is good for: what they advertise, where they are bound, and what MSK would call them.
fn certified_names(core: &Cluster, hosts: &[(BrokerId, String)]) -> BTreeSet<String> {
    let advertised = hosts.iter().map(|(_, host)| host.clone());
    let as_on_msk = core.config().brokers.iter().map(|broker| listeners::msk_host(broker.id, core.arn()));
    [SOCKET_HOST.to_owned(), Ipv4Addr::LOCALHOST.to_string()].into_iter().chain(advertised).chain(as_on_msk).collect()
}

/// A socket of 127.0.0.1: on the preferred port if that is free, else on one that the system chooses.
fn listen(preferred: Option<u16>) -> Result<TcpListener, StartError> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Some(socket) = preferred.and_then(|port| TcpListener::bind(at(port)).ok()) {
        return Ok(socket);
    }
    TcpListener::bind(at(0)).map_err(|source| StartError::Listen { address: at(0), source })
}
