//! Which broker listens where, under which name, and what a client must show there.

use std::collections::BTreeSet;

use ottla_mockbroker_core::sasl::Mechanism;
use ottla_mockbroker_core::{ClientAuth, ClusterArn, ListenerName, Protocol};
use ottla_wire::BrokerId;

use crate::error::StartError;

/// A listener that each broker of the cluster is to have.
///
/// ```
/// use ottla_mockbroker::{Listener, Mechanism};
///
/// let inside = Listener::plaintext("DOCKER").port(29092).advertised_host("kafka");
/// let outside = Listener::sasl_tls("CLIENT", [Mechanism::ScramSha512, Mechanism::Plain]).port(9096);
/// ```
#[derive(Clone, Debug)]
pub struct Listener {
    pub(crate) security: ottla_mockbroker_core::Listener,
    pub(crate) port: Port,
    pub(crate) advertised_host: Option<String>,
    pub(crate) advertised_port: Option<u16>,
}

/// Which port of the first broker; each further one has the one after it.
#[derive(Clone, Debug)]
pub(crate) enum Port {
    /// One that the system chooses; in memory the one that MSK gives a listener of this kind.
    Any,
    /// This one if it is free.
    Preferred(u16),
    /// This one.
    Fixed(u16),
    /// These, one for each broker in the order of their ids.
    Each(Vec<u16>),
}

impl Listener {
    /// `PLAINTEXT`: neither encrypted nor authenticated.
    #[must_use]
    pub fn plaintext(name: impl Into<ListenerName>) -> Self {
        ottla_mockbroker_core::Listener::plaintext(name).into()
    }

    /// `SSL`: encrypted; a client is who its certificate says, where it shows one.
    #[must_use]
    pub fn tls(name: impl Into<ListenerName>) -> Self {
        ottla_mockbroker_core::Listener::tls(name).into()
    }

    /// `SASL_PLAINTEXT`: not encrypted; a client comes in with one of these mechanisms.
    #[must_use]
    pub fn sasl_plaintext(name: impl Into<ListenerName>, mechanisms: impl IntoIterator<Item = Mechanism>) -> Self {
        ottla_mockbroker_core::Listener::sasl_plaintext(name, mechanisms).into()
    }

    /// `SASL_SSL`: encrypted; a client comes in with one of these mechanisms.
    #[must_use]
    pub fn sasl_tls(name: impl Into<ListenerName>, mechanisms: impl IntoIterator<Item = Mechanism>) -> Self {
        ottla_mockbroker_core::Listener::sasl_tls(name, mechanisms).into()
    }

    /// `ssl.client.auth`: whether a client must show a certificate, as [`crate::MockCluster::client_certificate`] makes them. The default is that
    /// none is asked for. With SASL the certificate says nothing about who the client is.
    #[must_use]
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.security = self.security.client_auth(client_auth);
        self
    }

    /// The port of the first broker; each further one has the one after it, but in memory, where all have the same. It must be free. The default
    /// is the system's choice, and in memory the port that MSK gives a listener of this kind.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Port::Fixed(port);
        self
    }

    /// The port of each broker, in the order of their ids; they must be free. 0 is the system's choice.
    #[must_use]
    pub fn ports(mut self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.port = Port::Each(ports.into_iter().collect());
        self
    }

    /// The host name that every broker advertises on this listener, such as the one that a container finds it by. The default is what
    /// [`crate::MockClusterBuilder::hosts`] says.
    #[must_use]
    pub fn advertised_host(mut self, host: impl Into<String>) -> Self {
        self.advertised_host = Some(host.into());
        self
    }

    /// The port that the first broker advertises on this listener, and each further one the one after it, where it is not the one that it listens
    /// on.
    #[must_use]
    pub fn advertised_port(mut self, port: u16) -> Self {
        self.advertised_port = Some(port);
        self
    }

    pub(crate) fn name(&self) -> &ListenerName {
        &self.security.name
    }

    pub(crate) fn is_iam(&self) -> bool {
        self.security.mechanisms.contains(&Mechanism::AwsMskIam)
    }

    /// Whether each broker has a port, where they are listed.
    pub(crate) fn check_ports(&self, brokers: usize) -> Result<(), StartError> {
        match &self.port {
            Port::Each(ports) if ports.len() != brokers => {
                Err(StartError::Ports { listener: self.name().clone(), ports: ports.len(), brokers })
            }
            _ => Ok(()),
        }
    }

    /// The port that MSK gives a listener of this kind.
    fn msk_port(&self) -> u16 {
        match self.security.protocol {
            Protocol::Plaintext => 9092,
            Protocol::Tls => 9094,
            Protocol::SaslTls if self.is_iam() => 9098,
            Protocol::SaslPlaintext | Protocol::SaslTls => 9096,
        }
    }
}

impl From<ottla_mockbroker_core::Listener> for Listener {
    fn from(security: ottla_mockbroker_core::Listener) -> Self {
        Self { security, port: Port::Any, advertised_host: None, advertised_port: None }
    }
}

/// The ports of listeners that have no sockets: the one that was asked for, else the first from MSK's on that no other has.
pub(crate) fn memory_ports(listeners: &[Listener]) -> Vec<u16> {
    let asked = |listener: &Listener| match &listener.port {
        Port::Fixed(port) | Port::Preferred(port) => Some(*port),
        Port::Each(ports) => ports.first().copied(),
        Port::Any => None,
    };
    let listed = |listener: &Listener| match &listener.port {
        Port::Each(ports) => ports.clone(),
        _ => asked(listener).into_iter().collect(),
    };
    let mut taken: BTreeSet<u16> = listeners.iter().flat_map(listed).collect();
    let mut free = |listener: &Listener| {
        let port = (listener.msk_port()..).find(|port| !taken.contains(port)).unwrap_or_default();
        taken.insert(port);
        port
    };
    listeners.iter().map(|listener| asked(listener).unwrap_or_else(|| free(listener))).collect()
}

/// One listener of all brokers: the address that each of them advertises.
#[derive(Clone, Debug)]
pub(crate) struct ListenerAddresses {
    pub(crate) security: ottla_mockbroker_core::Listener,
    pub(crate) brokers: Vec<BrokerAddress>,
}

/// Where clients of a listener find a broker.
#[derive(Clone, Debug)]
pub(crate) struct BrokerAddress {
    pub(crate) broker: BrokerId,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl ListenerAddresses {
    /// The addresses as `bootstrap.servers` has them.
    pub(crate) fn bootstrap(&self) -> String {
        let addresses: Vec<String> =
            self.brokers.iter().map(|BrokerAddress { host, port, .. }| format!("{host}:{port}")).collect();
        addresses.join(",")
    }
}

/// The host name of a broker as MSK would make it, from which a client can read the region.
pub(crate) fn msk_host(broker: BrokerId, arn: &ClusterArn) -> String {
    format!("b-{broker}.{}.mock.c1.kafka.{}.amazonaws.com", arn.name, arn.region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_has_the_host_name_that_msk_would_give_it() {
        let host = msk_host(BrokerId(2), &ClusterArn::default());
        assert_eq!(host, "b-2.ottla.mock.c1.kafka.us-east-1.amazonaws.com");
    }

    #[test]
    fn listeners_without_sockets_have_msks_ports_or_the_next_ones() {
        let listeners = [
            Listener::plaintext("A"),
            Listener::plaintext("B"),
            Listener::plaintext("C").port(9093),
            Listener::tls("D"),
            Listener::sasl_tls("E", [Mechanism::ScramSha512]),
            Listener::sasl_plaintext("F", [Mechanism::Plain]),
            Listener::sasl_tls("G", [Mechanism::AwsMskIam]),
        ];
        assert_eq!(memory_ports(&listeners), [9092, 9094, 9093, 9095, 9096, 9097, 9098]);
    }
}
