//! Which broker listens where, under which name.

use ottla_mockbroker_core::{ClusterArn, Listener, Protocol};
use ottla_wire::BrokerId;

/// One listener of all brokers: the address that each of them advertises.
#[derive(Clone, Debug)]
pub(crate) struct ListenerAddresses {
    pub(crate) listener: Listener,
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

/// The listener of a protocol, under the name that it has on MSK.
pub(crate) fn listener(protocol: Protocol) -> Listener {
    let name = match protocol {
        Protocol::Tls => "CLIENT_SECURE",
        Protocol::Iam => "CLIENT_IAM",
        _ => "CLIENT",
    };
    Listener::new(name, protocol)
}

/// The port that MSK gives a protocol.
pub(crate) fn msk_port(protocol: Protocol) -> u16 {
    match protocol {
        Protocol::Tls => 9094,
        Protocol::Iam => 9098,
        _ => 9092,
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
}
