//! What a client, its admin, its producers and its consumers hold together.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use ottla_core::cluster::{self, Snapshot, Topic};
use ottla_core::{Answer, Now, Outgoing, RequestId, Versions};
use ottla_wire::api;
use ottla_wire::message::Request;
use ottla_wire::{ApiKey, BrokerId};

use crate::config::Config;
use crate::error::{CallError, ConnectError, TopicError};
use crate::io::call::Encode;
use crate::io::cell::Guarded;
use crate::io::driver;
use crate::io::link::{Link, Peer, Purpose};
use crate::io::metadata::{self, Metadata};
use crate::io::net::Net;
use crate::io::peers::{Bootstrap, Line, Peers};
use crate::io::work::Work;

/// What a client, its admin, its producers and its consumers hold together. Its connections and tasks end with it.
pub(crate) struct Shared {
    pub(crate) net: Arc<Net>,
    pub(crate) metadata: Metadata,
    pub(crate) peers: Peers,
    pub(crate) unknown_topic_timeout: Duration,
    admin_timeout: Duration,
    listeners: Guarded<Vec<Weak<dyn MetadataListener>>>,
}

/// Learns of each new picture of the cluster.
pub(crate) trait MetadataListener: Send + Sync {
    /// There is a new picture. Must not wait.
    fn metadata_changed(&self, now: Now, snapshot: &Arc<Snapshot>);

    /// The topics that it uses, or has used since it was last asked; they stay of interest. Must not wait.
    fn used_topics(&self) -> Vec<Arc<str>>;
}

/// Whom a single call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Whoever can be reached.
    Any,
    /// The broker that takes administrative requests.
    Controller,
    /// This broker.
    Broker(BrokerId),
}

impl Shared {
    /// Asks the bootstrap addresses for the first picture of the cluster, and starts to keep it up to date.
    pub(crate) async fn connect(net: Net, bootstrap: Bootstrap, config: &Config) -> Result<Arc<Self>, ConnectError> {
        let cluster = cluster::Config { metadata_max_age: config.metadata_max_age, ..cluster::Config::default() };
        let shared = Arc::new(Self {
            metadata: Metadata::new(net.now(), cluster),
            net: Arc::new(net),
            peers: Peers::new(bootstrap),
            unknown_topic_timeout: config.unknown_topic_timeout,
            admin_timeout: config.admin_timeout,
            listeners: Guarded::default(),
        });
        metadata::bootstrap(&shared).await?;
        metadata::start(&shared);
        Ok(shared)
    }

    /// The time, by the client's clock.
    pub(crate) fn now(&self) -> Now {
        self.net.now()
    }

    /// When an administrative operation that begins now is over.
    pub(crate) fn admin_deadline(&self) -> Instant {
        self.now().mono + self.admin_timeout
    }

    /// Random bits, for jitter and for choices among equals.
    pub(crate) fn random(&self) -> u64 {
        self.net.entropy.draw()
    }

    /// The newest picture of the cluster.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.metadata.snapshot()
    }

    /// Says that the picture may be wrong, and that these topics are of interest from now on. Returns at once; listeners hear what comes of it.
    pub(crate) fn refresh_metadata(&self, topics: impl IntoIterator<Item = Arc<str>>) {
        self.metadata.refresh(self.now(), topics);
    }

    /// The topic of this name, which is of interest from now on; waits for metadata where it is not known yet.
    ///
    /// # Errors
    /// When a broker refuses it, at once where that cannot change by itself; otherwise at `deadline`, and for a topic that no broker knows after the
    /// client's `unknown_topic_timeout`. Dropping the future has no effect.
    pub(crate) async fn topic(self: &Arc<Self>, name: &str, deadline: Instant) -> Result<Arc<Topic>, TopicError> {
        metadata::topic(self, name, deadline).await
    }

    /// Tells `listener` of each new picture from the next on, for as long as it lives.
    pub(crate) fn subscribe(&self, listener: Weak<dyn MetadataListener>) {
        self.listeners.with(|listeners| {
            listeners.retain(|listener| listener.strong_count() > 0);
            listeners.push(listener);
        });
    }

    pub(crate) fn tell(&self, now: Now, snapshot: &Arc<Snapshot>) {
        for listener in self.listeners() {
            listener.metadata_changed(now, snapshot);
        }
    }

    pub(crate) fn used_topics(&self) -> impl Iterator<Item = Arc<str>> {
        self.listeners().into_iter().flat_map(|listener| listener.used_topics())
    }

    fn listeners(&self) -> Vec<Arc<dyn MetadataListener>> {
        self.listeners.with(|listeners| {
            listeners.retain(|listener| listener.strong_count() > 0);
            listeners.iter().filter_map(Weak::upgrade).collect()
        })
    }

    /// A connection of its own to `broker` for `work`, opened when it first wants one. Its address is looked up in the newest picture each time it is
    /// dialled. Dropping the link closes it at once.
    pub(crate) fn link(&self, broker: BrokerId, purpose: Purpose, work: Arc<dyn Work>) -> Link {
        driver::start(&self.net, self.metadata.snapshots(), Peer::Broker(broker), purpose, work)
    }

    pub(crate) fn line(&self, peer: &Peer) -> Arc<Line> {
        self.peers.line(&self.net, self.metadata.snapshots(), peer)
    }

    /// Sends `request` in the highest version that both sides know, and waits for its answer until `deadline`. Nothing is sent twice.
    ///
    /// # Errors
    /// See [`CallError`]. Dropping the future takes back what is not sent; the outcome of what is sent is unknown.
    pub(crate) async fn call<R: Request + Send + 'static>(
        &self,
        target: Target,
        request: R,
        deadline: Instant,
    ) -> Result<(R::Response, i16), CallError> {
        let encode =
            move |id: RequestId, versions: &Versions, timeout| Outgoing::encode(id, &request, versions, timeout);
        self.call_as::<R>(target, Box::new(encode), deadline).await
    }

    /// As [`Shared::call`], for a request `R` that `encode` writes itself.
    pub(crate) async fn call_as<R: Request>(
        &self,
        target: Target,
        encode: Encode,
        deadline: Instant,
    ) -> Result<(R::Response, i16), CallError> {
        let peer = self.resolve(target)?;
        let api: ApiKey = api::key_of::<R>()
            .map_err(|unknown| ottla_core::RequestError::Unwritable(ottla_wire::EncodeError::UnknownApi(unknown.0)))?;
        let result = self.line(&peer).call(api, encode, deadline).await;
        self.peers.judge(&peer, &result);
        let answer: Answer = result?;
        let version = answer.version;
        Ok((answer.decode::<R>()?, version))
    }

    fn resolve(&self, target: Target) -> Result<Peer, CallError> {
        let snapshot = self.snapshot();
        match target {
            Target::Any => Ok(self.peers.any(&snapshot, self.random())),
            Target::Controller => snapshot.controller.map(Peer::Broker).ok_or(CallError::NoController),
            Target::Broker(id) if snapshot.brokers.contains_key(&id) => Ok(Peer::Broker(id)),
            Target::Broker(id) => Err(CallError::UnknownBroker(id)),
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("net", &self.net).finish_non_exhaustive()
    }
}
