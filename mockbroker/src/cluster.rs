//! The test's handle on a running cluster.

mod contents;
mod followers;
mod logs;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::Credentials;
use ottla_mockbroker_core::{
    BrokerError, BrokerStatus, Cluster, CreateTopicError, Entry, Fault, FaultError, FaultId, MoveLeaderError, NewTopic,
    Now, Protocol, Replicas, Snapshot, StandingFault, UnknownBroker, UnknownPartition,
};
use ottla_wire::record::Batch;
use ottla_wire::{ApiKey, BrokerId, TopicId};

use crate::builder::MockClusterBuilder;
use crate::error::{NotManual, StartBrokerError};
use crate::fault::FaultHandle;
use crate::io::{Dialed, Network, Shared, Sockets};
use crate::listeners::ListenerAddresses;
use crate::tls::{Authority, Certificate, InvalidSubject};
use crate::wait::Wait;

/// A running mock cluster. Dropping it closes all its connections and ports.
pub struct MockCluster {
    pub(crate) asked: MockClusterBuilder,
    pub(crate) shared: Arc<Shared>,
    pub(crate) listeners: Vec<ListenerAddresses>,
    pub(crate) serving: Serving,
    pub(crate) authority: Authority,
}

/// What moves a cluster's bytes.
pub(crate) enum Serving {
    Sockets(Sockets),
    Memory(Arc<Network>),
}

impl MockCluster {
    /// A cluster that is not started yet: three brokers, one plaintext listener each.
    #[must_use]
    pub fn builder() -> MockClusterBuilder {
        MockClusterBuilder::default()
    }

    /// The addresses of all brokers under the listener that was asked for first, as `bootstrap.servers` has them: `host:port,host:port`.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.listeners.first().map(ListenerAddresses::bootstrap).unwrap_or_default()
    }

    /// The addresses of all brokers under the first listener of a protocol.
    ///
    /// # Panics
    /// When the cluster was not asked for such a listener.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "the test contradicts itself, and is best told where")]
    pub fn bootstrap_of(&self, protocol: Protocol) -> String {
        let mut listeners = self.listeners.iter();
        match listeners.find(|addresses| addresses.security.protocol == protocol) {
            Some(addresses) => addresses.bootstrap(),
            None => panic!("the cluster was started without a listener for {protocol:?}"),
        }
    }

    /// The addresses of all brokers under the listener of this name.
    ///
    /// # Panics
    /// When the cluster was not asked for such a listener.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "the test contradicts itself, and is best told where")]
    pub fn bootstrap_at(&self, listener: &str) -> String {
        let mut listeners = self.listeners.iter();
        match listeners.find(|addresses| addresses.security.name.as_str() == listener) {
            Some(addresses) => addresses.bootstrap(),
            None => panic!("the cluster was started without a listener {listener:?}"),
        }
    }

    /// The certificate of the authority that signed the brokers', in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.authority.pem()
    }

    /// The certificate that all brokers show on listeners with TLS.
    #[must_use]
    pub fn broker_certificate(&self) -> Certificate {
        self.authority.broker_certificate()
    }

    /// A certificate with which a client comes in where [`crate::Listener::client_auth`] asks for one, made by the authority that the brokers trust.
    /// Its subject is written as in `CN=app,OU=dev,O=example`; each call makes a new key.
    ///
    /// # Errors
    /// When `subject` is none.
    pub fn client_certificate(&self, subject: &str) -> Result<Certificate, InvalidSubject> {
        self.authority.client_certificate(subject)
    }

    /// The AWS region that the cluster is in.
    #[must_use]
    pub fn region(&self) -> String {
        self.shared.look(|core| core.arn().region.clone())
    }

    /// The cluster's id, as Metadata answers it.
    #[must_use]
    pub fn cluster_id(&self) -> String {
        self.shared.look(|core| core.cluster_id().to_owned())
    }

    /// The credentials of an identity; they are a `ProvideCredentials` themselves.
    ///
    /// # Panics
    /// When the cluster was not given an identity of this name.
    #[must_use]
    #[track_caller]
    #[expect(clippy::panic, reason = "the test contradicts itself, and is best told where")]
    pub fn credentials(&self, identity: &str) -> Credentials {
        let Some(caller) = self.shared.look(|core| core.identities().named(identity).cloned()) else {
            panic!("the cluster was started without an identity {identity:?}");
        };
        let own = caller.credentials();
        let token = own.session_token().map(str::to_owned);
        Credentials::new(own.access_key_id(), own.secret_access_key(), token, own.expires(), "ottla-mockbroker")
    }

    /// What happened in the cluster so far, oldest first; the bound on it is [`crate::Bounds::journal_entries_max`].
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        self.shared.look(|core| core.journal().entries().cloned().collect())
    }

    /// Adds a fault, which strikes from now on; [`Fault`] has an example of each.
    ///
    /// # Errors
    /// When it can never strike, or as many stand as [`crate::Bounds::faults_max`] allows.
    pub fn fault(&self, fault: Fault) -> Result<FaultHandle, FaultError> {
        let id = self.shared.drive(|core, now| core.fault(now, fault))?;
        Ok(FaultHandle::new(id, Arc::clone(&self.shared)))
    }

    /// The faults that stand, in the order in which they were added.
    #[must_use]
    pub fn faults(&self) -> Vec<StandingFault> {
        self.shared.look(|core| core.faults().collect())
    }

    /// Removes a fault by its number, and returns it as it was; none where there is no such fault.
    pub fn remove_fault(&self, id: FaultId) -> Option<StandingFault> {
        self.shared.drive(|core, now| core.remove_fault(now, id))
    }

    /// How many entries the journal ever had; what happens from now on is since this one, for [`Wait::since`].
    #[must_use]
    pub fn entries_written(&self) -> u64 {
        self.shared.look(|core| core.journal().written())
    }

    /// All that there is in the cluster now: topics, partitions with their producers, connections.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.shared.look(|core| core.snapshot())
    }

    /// Waits for an entry of the journal, and returns the first.
    pub fn wait_for(&self, is_it: impl FnMut(&Entry) -> bool + Send + 'static) -> Wait<Entry> {
        Wait::for_entry(Arc::clone(&self.shared), is_it)
    }

    /// Waits for a request of an API whose JSON, as [`Entry::body`] shows it, is what is wanted, and returns the first.
    ///
    /// ```no_run
    /// # use ottla_mockbroker::{ApiKey, MockCluster};
    /// # async fn test(cluster: MockCluster) -> Result<(), Box<dyn std::error::Error>> {
    /// cluster.wait_for_request(ApiKey::Produce, |json| json["acks"] == -1).await?;
    /// cluster.wait_until(|cluster| cluster.topic("orders").is_some_and(|it| it.partitions[0].end_offset == 3)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait_for_request(
        &self,
        api: ApiKey,
        is_it: impl FnMut(&serde_json::Value) -> bool + Send + 'static,
    ) -> Wait<Entry> {
        Wait::for_request(Arc::clone(&self.shared), api, is_it)
    }

    /// Waits for a state of the cluster, and returns it.
    pub fn wait_until(&self, is_it: impl FnMut(&Snapshot) -> bool + Send + 'static) -> Wait<Snapshot> {
        Wait::until(Arc::clone(&self.shared), is_it)
    }

    /// Moves the clock of a cluster that was built with [`MockClusterBuilder::manual_clock`], by way of each deadline in between.
    ///
    /// # Errors
    /// When the clock moves by itself.
    pub fn advance(&self, by: Duration) -> Result<(), NotManual> {
        if !self.shared.clock().is_manual() {
            return Err(NotManual);
        }
        self.shared.advance(by);
        Ok(())
    }

    /// Connects to the brokers of an in-memory cluster by host name and port.
    ///
    /// An address that no broker listens on is refused with [`std::io::ErrorKind::ConnectionRefused`]; so is every address of a cluster on sockets, or of one that was dropped.
    pub fn dialer(&self) -> impl Fn(String, u16) -> Dialed + Clone + Send + Sync + 'static {
        let network = match &self.serving {
            Serving::Memory(network) => Some(Arc::clone(network)),
            Serving::Sockets(_) => None,
        };
        move |host, port| {
            let network = network.clone();
            Box::pin(async move { Network::dial(network.as_deref(), &host, port) })
        }
    }

    /// The cluster's time, for a client that is to have the same: a monotonic clock and a wall clock.
    pub fn clock(&self) -> impl Fn() -> (Instant, SystemTime) + Clone + Send + Sync + 'static {
        let clock = self.shared.clock();
        move || {
            let Now { mono, wall } = clock.now();
            (mono, wall)
        }
    }

    /// Creates a topic, by the rules that hold for a client.
    ///
    /// # Errors
    /// When a client would be refused.
    pub fn create_topic(&self, topic: &NewTopic) -> Result<TopicId, CreateTopicError> {
        self.shared.drive(|core, _| core.create_topic(topic))
    }

    /// The broker that leads a partition.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn leader(&self, topic: &str, partition: i32) -> Result<BrokerId, UnknownPartition> {
        self.shared.look(|core| core.leader(topic, partition))
    }

    /// Makes a broker the leader of a partition, in the next leader epoch. Fetches that wait at the old leader are answered.
    ///
    /// # Errors
    /// When there is no such partition, or the broker has no replica of it that is in sync.
    pub fn move_leader(&self, topic: &str, partition: i32, broker: BrokerId) -> Result<(), MoveLeaderError> {
        self.shared.drive(|core, now| core.move_leader(now, topic, partition, broker))
    }

    /// What the controller keeps of a partition: who has it, who leads it, who is in sync.
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn replicas(&self, topic: &str, partition: i32) -> Result<Replicas, UnknownPartition> {
        self.shared.look(|core| core.replicas(topic, partition))
    }

    /// The broker that clients are told as the controller.
    #[must_use]
    pub fn controller(&self) -> BrokerId {
        self.shared.look(Cluster::controller)
    }

    /// Makes another broker the controller.
    ///
    /// # Errors
    /// When there is no such broker, or it does not run.
    pub fn move_controller(&self, broker: BrokerId) -> Result<(), BrokerError> {
        self.shared.drive(|core, _| core.move_controller(broker))
    }

    /// What a broker does.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn broker_status(&self, broker: BrokerId) -> Result<BrokerStatus, UnknownBroker> {
        self.shared.look(|core| core.broker_status(broker))
    }

    /// Stops a broker in good order: others lead its partitions first, requests that wait are answered, its connections are closed, its ports
    /// refuse, and clients are told of it no more. One that is down stays so.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn stop_broker(&self, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.shared.drive(|core, now| core.stop_broker(now, broker))?;
        self.refuse(broker);
        Ok(())
    }

    /// Ends a broker without a word: its connections are cut and its ports refuse; clients are told of it until its session ends, after
    /// [`crate::MockClusterBuilder::broker_session_timeout`], and then others lead its partitions. One that is down stays so.
    ///
    /// # Errors
    /// When there is no such broker.
    pub fn kill_broker(&self, broker: BrokerId) -> Result<(), UnknownBroker> {
        self.shared.drive(|core, now| core.kill_broker(now, broker))?;
        self.refuse(broker);
        Ok(())
    }

    /// Starts a broker that is down, at the same addresses: it leads what nobody else can lead, and is in sync at once where it is a follower that is not held. One
    /// that is not down stays as it is.
    ///
    /// # Errors
    /// When there is no such broker, or somebody else has taken one of its ports.
    pub fn start_broker(&self, broker: BrokerId) -> Result<(), StartBrokerError> {
        self.broker_status(broker)?;
        let start = || self.shared.drive(|core, now| core.start_broker(now, broker));
        match &self.serving {
            Serving::Memory(_) => start()?,
            Serving::Sockets(sockets) => sockets
                .accept(broker, || {
                    let _known = start();
                })
                .map_err(|(address, source)| StartBrokerError::Listen { address, source })?,
        }
        Ok(())
    }

    /// Stops a broker as [`MockCluster::stop_broker`] does, and starts it again.
    ///
    /// # Errors
    /// As [`MockCluster::start_broker`].
    pub fn restart_broker(&self, broker: BrokerId) -> Result<(), StartBrokerError> {
        self.stop_broker(broker)?;
        self.start_broker(broker)
    }

    /// Lets a broker hang: it takes on connections, and reads and answers nothing. Its session ends as after [`MockCluster::kill_broker`].
    ///
    /// # Errors
    /// When there is no such broker, or it is down.
    pub fn pause_broker(&self, broker: BrokerId) -> Result<(), BrokerError> {
        self.shared.drive(|core, now| core.pause_broker(now, broker))
    }

    /// Lets a broker that hangs go on where it was: what was sent to it is read, and answered.
    ///
    /// # Errors
    /// When there is no such broker, or it is down.
    pub fn resume_broker(&self, broker: BrokerId) -> Result<(), BrokerError> {
        self.shared.drive(|core, now| core.resume_broker(now, broker))
    }

    /// Closes a broker's ports, where it has any.
    fn refuse(&self, broker: BrokerId) {
        if let Serving::Sockets(sockets) = &self.serving {
            sockets.refuse(broker);
        }
    }

    /// The record batches of a partition, as its leader has them: compressed ones are read after [`Batch::decompress`].
    ///
    /// # Errors
    /// When there is no such partition.
    pub fn records(&self, topic: &str, partition: i32) -> Result<Vec<Batch>, UnknownPartition> {
        self.shared.look(|core| core.records(topic, partition))
    }
}

impl fmt::Debug for MockCluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockCluster")
            .field("bootstrap", &self.bootstrap())
            .field("region", &self.region())
            .finish_non_exhaustive()
    }
}

impl Drop for MockCluster {
    fn drop(&mut self) {
        match &mut self.serving {
            Serving::Sockets(sockets) => sockets.shut(),
            Serving::Memory(network) => network.shut(),
        }
    }
}
