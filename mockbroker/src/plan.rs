//! From what was asked for to a cluster that is served.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ottla_mockbroker_core::Cluster;
use ottla_wire::BrokerId;
use rustls::pki_types::ServerName;
use tokio::net::TcpListener;

use crate::builder::MockClusterBuilder;
use crate::cluster::{MockCluster, Serving};
use crate::error::StartError;
use crate::io::{Clock, Door, Network, Shared, Sockets, Thread};
use crate::listeners::{self, BrokerAddress, Listener, ListenerAddresses, Port};
use crate::tls::Authority;

/// The host that socket brokers are found at where nothing else is said.
const SOCKET_HOST: &str = "localhost";

/// What was asked for, with everything decided but the ports that the system chooses.
pub(crate) struct Plan {
    asked: MockClusterBuilder,
    core: Cluster,
    listeners: Vec<Listener>,
    hosts: Vec<(BrokerId, String)>,
    bind: IpAddr,
    authority: Authority,
}

impl Plan {
    /// The plan of a cluster on sockets.
    pub(crate) fn of_sockets(asked: MockClusterBuilder) -> Result<Self, StartError> {
        Self::new(asked, |_| SOCKET_HOST.to_owned())
    }

    /// The plan of a cluster in memory, whose brokers are called as MSK would call them.
    pub(crate) fn of_memory(asked: MockClusterBuilder) -> Result<Self, StartError> {
        let arn = asked.config.arn.clone();
        Self::new(asked, |broker| listeners::msk_host(broker, &arn))
    }

    fn new(asked: MockClusterBuilder, host_of: impl Fn(BrokerId) -> String) -> Result<Self, StartError> {
        let listeners = asked.listeners()?;
        let core = asked.core()?;
        let MockClusterBuilder { hosts, bind, .. } = asked.clone();
        let brokers = &core.config().brokers;
        let ids = brokers.iter().map(|broker| broker.id);
        let hosts: Vec<(BrokerId, String)> = match hosts {
            None => ids.map(|id| (id, host_of(id))).collect(),
            Some(hosts) if hosts.len() == brokers.len() => ids.zip(hosts).collect(),
            Some(hosts) => return Err(StartError::Hosts { hosts: hosts.len(), brokers: brokers.len() }),
        };
        let bind = bind.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let names = certified_names(&core, &hosts, &listeners, bind)?;
        let authority = Authority::new(names).map_err(StartError::Certificate)?;
        Ok(Self { asked, core, listeners, hosts, bind, authority })
    }

    /// Serves the cluster on sockets.
    pub(crate) fn serve_sockets(self) -> Result<MockCluster, StartError> {
        let thread = Thread::start().map_err(StartError::Thread)?;
        let mut sockets = Vec::new();
        let addresses = self.addresses(|_, listener, index| {
            let socket = listen(&thread, self.bind, &listener.port, index)?;
            let address = (self.bind, 0).into();
            let port = socket.local_addr().map_err(|source| StartError::Listen { address, source })?.port();
            sockets.push(socket);
            Ok(port)
        })?;
        let doors = self.doors(&addresses)?.into_iter().map(|(_, door)| door);
        let doors = sockets.into_iter().zip(doors).collect();
        let clock = self.asked.manual_clock.map_or(Clock::System, Clock::manual_from);
        self.into_cluster(addresses, clock, |shared| {
            Sockets::serve(thread, shared, doors).map(Serving::Sockets).map_err(StartError::Thread)
        })
    }

    /// Serves the cluster in memory, on the runtime that this is called on.
    pub(crate) fn serve_memory(self, clock: Clock) -> Result<MockCluster, StartError> {
        let ports = listeners::memory_ports(&self.listeners);
        let addresses = self.addresses(|at, listener, index| match &listener.port {
            Port::Each(each) => Ok(each.get(usize::from(index)).copied().unwrap_or_default()),
            _ => Ok(ports.get(at).copied().unwrap_or_default()),
        })?;
        let mut doors = HashMap::new();
        for (BrokerAddress { host, port, .. }, door) in self.doors(&addresses)? {
            if doors.insert((host.to_ascii_lowercase(), *port), door).is_some() {
                return Err(StartError::DuplicateAddress { host: host.clone(), port: *port });
            }
        }
        self.into_cluster(addresses, clock, |shared| {
            Ok(Serving::Memory(Arc::new(Network::new(Arc::clone(shared), doors))))
        })
    }

    /// What each broker advertises on each listener. `port_of` is asked for the port that a listener, by its place, has on a broker, counted from 0.
    fn addresses(
        &self,
        mut port_of: impl FnMut(usize, &Listener, u16) -> Result<u16, StartError>,
    ) -> Result<Vec<ListenerAddresses>, StartError> {
        let mut addresses = Vec::new();
        for (at, listener) in self.listeners.iter().enumerate() {
            let mut brokers = Vec::new();
            for ((broker, host), index) in self.hosts.iter().zip(0..) {
                let port = port_of(at, listener, index)?;
                let host = listener.advertised_host.as_ref().unwrap_or(host).clone();
                let port = listener.advertised_port.map_or(Ok(port), |first| nth_port(first, index))?;
                brokers.push(BrokerAddress { broker: *broker, host, port });
            }
            addresses.push(ListenerAddresses { security: listener.security.clone(), brokers });
        }
        Ok(addresses)
    }

    /// The door at each address, in the order of the addresses.
    fn doors<'a>(&self, addresses: &'a [ListenerAddresses]) -> Result<Vec<(&'a BrokerAddress, Door)>, StartError> {
        let mut doors = Vec::new();
        for ListenerAddresses { security, brokers } in addresses {
            let acceptor = || self.authority.acceptor(security.client_auth).map_err(StartError::Certificate);
            let tls = security.protocol.is_tls().then(acceptor).transpose()?;
            for address in brokers {
                let door = Door { broker: address.broker, listener: security.clone(), tls: tls.clone() };
                doors.push((address, door));
            }
        }
        Ok(doors)
    }

    /// The cluster as it is served; `serve` starts to move its bytes.
    fn into_cluster(
        mut self,
        listeners: Vec<ListenerAddresses>,
        clock: Clock,
        serve: impl FnOnce(&Arc<Shared>) -> Result<Serving, StartError>,
    ) -> Result<MockCluster, StartError> {
        advertise(&mut self.core, &listeners);
        let shared = Shared::new(self.core, clock);
        let serving = serve(&shared)?;
        Ok(MockCluster { asked: self.asked, shared, listeners, serving, authority: self.authority })
    }
}

/// Tells the core where each broker is found.
pub(crate) fn advertise(core: &mut Cluster, listeners: &[ListenerAddresses]) {
    for ListenerAddresses { security, brokers } in listeners {
        for BrokerAddress { broker, host, port } in brokers {
            // The brokers are those that the core itself named.
            let _known = core.advertise(*broker, &security.name, host, *port);
        }
    }
}

/// The names that the brokers' certificate is good for: what they advertise, where they are bound, and what MSK would call them.
fn certified_names(
    core: &Cluster,
    hosts: &[(BrokerId, String)],
    listeners: &[Listener],
    bind: IpAddr,
) -> Result<BTreeSet<String>, StartError> {
    let of_brokers = hosts.iter().map(|(_, host)| host);
    let advertised: Vec<&String> = of_brokers.chain(listeners.iter().flat_map(|it| &it.advertised_host)).collect();
    if let Some(host) = advertised.iter().find(|host| ServerName::try_from(host.as_str()).is_err()) {
        return Err(StartError::InvalidHost((*host).clone()));
    }
    let as_on_msk = core.config().brokers.iter().map(|broker| listeners::msk_host(broker.id, core.arn()));
    let bound = [SOCKET_HOST.to_owned(), Ipv4Addr::LOCALHOST.to_string(), bind.to_string()];
    Ok(bound.into_iter().chain(advertised.into_iter().cloned()).chain(as_on_msk).collect())
}

/// A socket for the broker at `index`, counted from 0.
fn listen(thread: &Thread, bind: IpAddr, port: &Port, index: u16) -> Result<TcpListener, StartError> {
    let at = |port| SocketAddr::from((bind, port));
    let open = |port| thread.listen(at(port)).map_err(|source| StartError::Listen { address: at(port), source });
    match port {
        Port::Any | Port::Fixed(0) => open(0),
        Port::Fixed(first) => open(nth_port(*first, index)?),
        Port::Each(ports) => open(ports.get(usize::from(index)).copied().unwrap_or_default()),
        Port::Preferred(first) => nth_port(*first, index).and_then(open).or_else(|_| open(0)),
    }
}

fn nth_port(first: u16, index: u16) -> Result<u16, StartError> {
    first.checked_add(index).ok_or(StartError::PortTooHigh { first, index })
}
