//! The brokers of a cluster: where they say they are, whether they run, and what the controller believes of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ottla_wire::BrokerId;

use crate::config::BrokerConfig;
use crate::listener::ListenerName;
use crate::time::Now;

/// All brokers, by ascending id.
#[derive(Debug)]
pub(crate) struct Brokers(BTreeMap<BrokerId, Broker>);

/// One broker.
#[derive(Debug)]
pub(crate) struct Broker {
    pub(crate) rack: Option<String>,
    addresses: BTreeMap<ListenerName, Address>,
    process: Process,
    registration: Registration,
    /// Whether a test keeps it from fetching what other brokers lead.
    pub(crate) is_held: bool,
}

/// What a broker does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Process {
    /// It serves its clients.
    Running,
    /// It hangs: it takes on connections, and reads and answers nothing, since then.
    Paused(Now),
    /// It ended in good order, at that time: nobody can connect.
    Stopped(Now),
    /// It ended without a word, at that time: nobody can connect, and the end of its logs may be lost.
    Killed(Now),
}

impl Process {
    pub(crate) fn is_down(self) -> bool {
        matches!(self, Self::Stopped(_) | Self::Killed(_))
    }

    /// Since when nothing is heard of it; none while it runs.
    pub(crate) fn silent_since(self) -> Option<Now> {
        match self {
            Self::Running => None,
            Self::Paused(since) | Self::Stopped(since) | Self::Killed(since) => Some(since),
        }
    }
}

/// What a broker does, as a test sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerStatus {
    /// It serves its clients.
    Running,
    /// It hangs: it takes on connections, and reads and answers nothing.
    Paused,
    /// It was stopped or killed, and nobody can connect.
    Down,
}

impl From<Process> for BrokerStatus {
    fn from(process: Process) -> Self {
        match process {
            Process::Running => Self::Running,
            Process::Paused(_) => Self::Paused,
            Process::Stopped(_) | Process::Killed(_) => Self::Down,
        }
    }
}

/// What the controller believes of a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registration {
    /// It is there for clients, and may lead partitions.
    Active,
    /// It is not heard of, and is taken for active until then, when its session ends.
    Expiring(Instant),
    /// It is known, and neither told to clients nor made the leader of a partition.
    Fenced,
    /// It is not known. A broker that runs and was unregistered is known again when it is started again.
    None,
}

/// A broker as a client of one listener sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint<'a> {
    pub(crate) id: BrokerId,
    pub(crate) address: &'a Address,
    pub(crate) rack: Option<&'a str>,
    pub(crate) is_fenced: bool,
}

/// Where a client finds a broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Broker {
    pub(crate) fn process(&self) -> Process {
        self.process
    }

    pub(crate) fn is_active(&self) -> bool {
        matches!(self.registration, Registration::Active | Registration::Expiring(_))
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.registration != Registration::None
    }

    /// Its addresses, by listener.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = (&ListenerName, &Address)> {
        self.addresses.iter()
    }

    /// It hangs. Its session goes on for `session_timeout`, as it does after [`Broker::is_killed`].
    pub(crate) fn is_paused(&mut self, now: Now, session_timeout: Duration) {
        self.process = Process::Paused(now);
        self.falls_silent(now, session_timeout);
    }

    /// It ends without a word. One that hung before was last heard of when it began to.
    pub(crate) fn is_killed(&mut self, now: Now, session_timeout: Duration) {
        self.process = Process::Killed(self.process.silent_since().unwrap_or(now));
        self.falls_silent(now, session_timeout);
    }

    /// It ends, and has told the controller.
    pub(crate) fn is_stopped(&mut self, now: Now) {
        self.process = Process::Stopped(now);
    }

    fn falls_silent(&mut self, now: Now, session_timeout: Duration) {
        if self.registration == Registration::Active {
            let end = now.mono.checked_add(session_timeout);
            self.registration = end.map_or(Registration::Fenced, Registration::Expiring);
        }
    }

    /// It begins to run, and the controller knows it.
    pub(crate) fn is_started(&mut self) {
        (self.process, self.registration) = (Process::Running, Registration::Active);
    }

    /// It runs on after it hung. One that was unregistered stays so.
    pub(crate) fn is_resumed(&mut self) {
        self.process = Process::Running;
        if self.is_registered() {
            self.registration = Registration::Active;
        }
    }

    /// The controller takes it for gone, and knows it.
    pub(crate) fn fence(&mut self) {
        self.registration = Registration::Fenced;
    }

    /// The controller forgets it.
    pub(crate) fn unregister(&mut self) {
        self.registration = Registration::None;
    }
}

impl Brokers {
    pub(crate) fn new(configs: &[BrokerConfig]) -> Self {
        let broker = |config: &BrokerConfig| {
            let rack = config.rack.clone();
            let (process, registration) = (Process::Running, Registration::Active);
            (config.id, Broker { rack, addresses: BTreeMap::new(), process, registration, is_held: false })
        };
        Self(configs.iter().map(broker).collect())
    }

    pub(crate) fn broker(&self, id: BrokerId) -> Option<&Broker> {
        self.0.get(&id)
    }

    pub(crate) fn broker_mut(&mut self, id: BrokerId) -> Option<&mut Broker> {
        self.0.get_mut(&id)
    }

    /// What a broker does; none where there is no such broker.
    pub(crate) fn process(&self, id: BrokerId) -> Option<Process> {
        self.0.get(&id).map(Broker::process)
    }

    /// Whether a broker serves its clients.
    pub(crate) fn is_running(&self, id: BrokerId) -> bool {
        self.process(id) == Some(Process::Running)
    }

    /// Whether a broker fetches what other brokers lead.
    pub(crate) fn replicates(&self, id: BrokerId) -> bool {
        self.0.get(&id).is_some_and(|broker| broker.process == Process::Running && !broker.is_held)
    }

    /// Whether the controller knows a broker, fenced or not.
    pub(crate) fn is_registered(&self, id: BrokerId) -> bool {
        self.0.get(&id).is_some_and(Broker::is_registered)
    }

    /// Whether a broker is there for clients, as far as the controller knows.
    pub(crate) fn is_active(&self, id: BrokerId) -> bool {
        self.0.get(&id).is_some_and(Broker::is_active)
    }

    /// All that the controller knows, fenced or not.
    pub(crate) fn registered(&self) -> impl Iterator<Item = (BrokerId, &Broker)> {
        self.iter().filter(|(_, broker)| broker.is_registered())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (BrokerId, &Broker)> {
        self.0.iter().map(|(id, broker)| (*id, broker))
    }

    /// Sets the address of a broker under a listener; `None` where there is no such broker.
    pub(crate) fn advertise(&mut self, id: BrokerId, listener: ListenerName, address: Address) -> Option<()> {
        self.0.get_mut(&id)?.addresses.insert(listener, address);
        Some(())
    }

    /// When the first session of a broker that is not heard of ends.
    pub(crate) fn next_session_end(&self) -> Option<Instant> {
        self.0.values().filter_map(Broker::session_end).min()
    }

    /// A broker that is not heard of, and whose session has ended.
    pub(crate) fn expired(&self, now: Instant) -> Option<BrokerId> {
        self.iter().find(|(_, broker)| broker.session_end().is_some_and(|end| end <= now)).map(|(id, _)| id)
    }

    /// The broker with this id, where it has an address under the listener.
    pub(crate) fn endpoint(&self, id: BrokerId, listener: &ListenerName) -> Option<Endpoint<'_>> {
        let broker = self.0.get(&id).filter(|broker| broker.is_registered())?;
        let address = broker.addresses.get(listener)?;
        Some(Endpoint { id, address, rack: broker.rack.as_deref(), is_fenced: !broker.is_active() })
    }

    /// The broker with this id, where it is there for the clients of a listener.
    pub(crate) fn active_endpoint(&self, id: BrokerId, listener: &ListenerName) -> Option<Endpoint<'_>> {
        self.endpoint(id, listener).filter(|endpoint| !endpoint.is_fenced)
    }

    /// The brokers that have an address under the listener, fenced or not, by ascending id.
    pub(crate) fn endpoints<'a>(&'a self, listener: &'a ListenerName) -> impl Iterator<Item = Endpoint<'a>> {
        self.0.keys().filter_map(|id| self.endpoint(*id, listener))
    }

    /// The brokers that are there for the clients of a listener, by ascending id.
    pub(crate) fn active_endpoints<'a>(&'a self, listener: &'a ListenerName) -> impl Iterator<Item = Endpoint<'a>> {
        self.endpoints(listener).filter(|endpoint| !endpoint.is_fenced)
    }
}

impl Broker {
    fn session_end(&self) -> Option<Instant> {
        match self.registration {
            Registration::Expiring(end) => Some(end),
            Registration::Active | Registration::Fenced | Registration::None => None,
        }
    }
}
