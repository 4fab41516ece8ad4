//! The brokers of a cluster, and where they say they are.

use std::collections::BTreeMap;

use ottla_wire::BrokerId;

use crate::config::BrokerConfig;
use crate::listener::ListenerName;

/// All brokers, by ascending id.
#[derive(Debug)]
pub(crate) struct Brokers(BTreeMap<BrokerId, Broker>);

/// One broker.
#[derive(Debug, Default)]
pub(crate) struct Broker {
    pub(crate) rack: Option<String>,
    addresses: BTreeMap<ListenerName, Address>,
}

/// A broker as a client of one listener sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint<'a> {
    pub(crate) id: BrokerId,
    pub(crate) address: &'a Address,
    pub(crate) rack: Option<&'a str>,
}

/// Where a client finds a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Brokers {
    pub(crate) fn new(configs: &[BrokerConfig]) -> Self {
        let broker =
            |config: &BrokerConfig| (config.id, Broker { rack: config.rack.clone(), addresses: BTreeMap::new() });
        Self(configs.iter().map(broker).collect())
    }

    pub(crate) fn contains(&self, id: BrokerId) -> bool {
        self.0.contains_key(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (BrokerId, &Broker)> {
        self.0.iter().map(|(id, broker)| (*id, broker))
    }

    /// Sets the address of a broker under a listener; `None` where there is no such broker.
    pub(crate) fn advertise(&mut self, id: BrokerId, listener: ListenerName, address: Address) -> Option<()> {
        self.0.get_mut(&id)?.addresses.insert(listener, address);
        Some(())
    }

    /// The broker that answers for the controller. Kafka answers any broker, for each forwards what is the controller's.
    pub(crate) fn controller(&self) -> BrokerId {
        self.0.keys().next().copied().unwrap_or(BrokerId::NONE)
    }

    /// The broker with this id, where it has an address under the listener.
    pub(crate) fn endpoint(&self, id: BrokerId, listener: &ListenerName) -> Option<Endpoint<'_>> {
        let broker = self.0.get(&id)?;
        let address = broker.addresses.get(listener)?;
        Some(Endpoint { id, address, rack: broker.rack.as_deref() })
    }

    /// The brokers that have an address under the listener, by ascending id.
    pub(crate) fn endpoints<'a>(&'a self, listener: &'a ListenerName) -> impl Iterator<Item = Endpoint<'a>> {
        self.0.keys().filter_map(|id| self.endpoint(*id, listener))
    }
}
