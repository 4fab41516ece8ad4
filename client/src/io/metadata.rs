//! Keeps the picture of the cluster up to date: one task per client, which asks when [`Cluster`] says so.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use ottla_core::cluster::{Cluster, Config, Snapshot, TOPIC_NAME_BYTES_MAX, Topic, TopicState};
use ottla_core::{Answer, Now, Outgoing, RequestId, Versions};
use ottla_wire::message::MetadataRequest;
use ottla_wire::{ApiKey, ErrorCode};
use tokio::sync::{Notify, watch};
use tokio::time::timeout_at;

use super::call::Encode;
use super::cell::Guarded;
use super::link::Peer;
use crate::error::{CallError, ConnectError, TopicError};
use crate::shared::Shared;

/// The picture of the cluster, and what is needed to renew it.
pub(crate) struct Metadata {
    cluster: Guarded<Cluster>,
    snapshots: watch::Sender<Arc<Snapshot>>,
    /// Why the last request for metadata has no answer; nothing where it has one.
    failure: Guarded<Option<CallError>>,
    wanted: Arc<Notify>,
}

impl Metadata {
    pub(crate) fn new(now: Now, config: Config) -> Self {
        let cluster = Cluster::new(now, config);
        let snapshots = watch::Sender::new(Arc::clone(cluster.snapshot()));
        Self { cluster: Guarded::new(cluster), snapshots, failure: Guarded::default(), wanted: Arc::default() }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    pub(crate) fn snapshots(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshots.subscribe()
    }

    /// These topics are of interest, and the picture may be wrong.
    pub(crate) fn refresh(&self, now: Now, topics: impl IntoIterator<Item = Arc<str>>) {
        self.cluster.with(|cluster| {
            cluster.want(now, topics);
            cluster.refresh(now);
        });
        self.wanted.notify_one();
    }

    /// These topics are of interest; nothing is asked where all are known to be.
    fn want(&self, now: Now, topic: Arc<str>) {
        self.cluster.with(|cluster| cluster.want(now, [topic]));
        self.wanted.notify_one();
    }

    fn forget(&self, topic: &str) {
        self.cluster.with(|cluster| cluster.forget(topic));
    }
}

/// The task ends with the client.
impl Drop for Metadata {
    fn drop(&mut self) {
        self.wanted.notify_one();
    }
}

/// Starts the task. It keeps no client alive.
pub(crate) fn start(shared: &Arc<Shared>) {
    let wanted = Arc::clone(&shared.metadata.wanted);
    shared.net.runtime.spawn(keep(Arc::downgrade(shared), wanted));
}

async fn keep(client: Weak<Shared>, wanted: Arc<Notify>) {
    loop {
        let Some(shared) = client.upgrade() else { return };
        let now = shared.now();
        if shared.metadata.cluster.with(|cluster| cluster.is_due(now)) {
            let used = shared.used_topics();
            shared.metadata.cluster.with(|cluster| cluster.want(now, used));
        }
        if let Some(request) = shared.metadata.cluster.with(|cluster| cluster.poll_request(now)) {
            drop(shared);
            refresh(&client, request).await;
            continue;
        }
        let due = shared.metadata.cluster.with(|cluster| cluster.poll_timeout());
        let due = due.map(|due| shared.net.on_tokio(due));
        drop(shared);
        match due {
            // Whether the time has come or somebody wants more, the cluster says what to do.
            Some(due) => drop(timeout_at(due, wanted.notified()).await),
            None => wanted.notified().await,
        }
    }
}

async fn refresh(client: &Weak<Shared>, request: MetadataRequest) {
    let Some(shared) = client.upgrade() else { return };
    let peer = shared.peers.any(&shared.snapshot(), shared.random());
    let line = shared.line(&peer);
    let deadline = shared.now().mono + shared.net.connect_timeout + shared.net.request_timeout;
    // Waiting holds the line and not the client, so that a client that is dropped meanwhile ends.
    drop(shared);
    let result = line.call(ApiKey::Metadata, encode(request), deadline).await;
    let Some(shared) = client.upgrade() else { return };
    shared.peers.judge(&peer, &result);
    if let Err(error) = handle_answer(&shared, result) {
        tracing::warn!(%error, %peer, "no metadata");
    }
}

/// The first metadata, from the first bootstrap address that gives it.
///
/// # Errors
/// That of the one address, or those of all; the first that no other address can cure ends the search.
pub(crate) async fn bootstrap(shared: &Arc<Shared>) -> Result<(), ConnectError> {
    let Some(request) = shared.metadata.cluster.with(|cluster| cluster.poll_request(shared.now())) else {
        return Ok(());
    };
    let mut tried = Vec::new();
    for address in shared.peers.bootstrap() {
        let peer = Peer::Bootstrap(address.clone());
        let deadline = shared.now().mono + shared.net.connect_timeout + shared.net.request_timeout;
        let line = shared.line(&peer);
        let result = line.call(ApiKey::Metadata, encode(request.clone()), deadline).await;
        drop(line);
        let Err(error) = handle_answer(shared, result) else { return Ok(()) };
        let error = match error {
            CallError::Unreachable(error) => error,
            source => Arc::new(ConnectError::Metadata { at: shared.net.endpoint(address), source }),
        };
        let is_final = error.is_final();
        tried.push(error);
        if is_final {
            break;
        }
    }
    Err(match <[Arc<ConnectError>; 1]>::try_from(tried) {
        Ok([only]) => Arc::unwrap_or_clone(only),
        Err(tried) => ConnectError::Unreachable { tried },
    })
}

/// Merges an answer, and tells everybody who wants to know.
fn handle_answer(shared: &Arc<Shared>, result: Result<Answer, CallError>) -> Result<(), CallError> {
    let (now, random) = (shared.now(), shared.random());
    let answer = result.and_then(|answer| Ok((answer.version, answer.decode::<MetadataRequest>()?)));
    let merged = shared.metadata.cluster.with(|cluster| match answer {
        Ok((version, response)) => Ok(cluster.handle_response(now, version, &response, random)?),
        Err(error) => {
            cluster.handle_failure(now, random);
            Err(error)
        }
    });
    shared.metadata.failure.with(|failure| failure.clone_from(&merged.as_ref().err().cloned()));
    let snapshot = merged?;
    shared.metadata.snapshots.send_replace(Arc::clone(&snapshot));
    shared.peers.keep_brokers_of(&snapshot);
    shared.tell(now, &snapshot);
    Ok(())
}

/// Waits until metadata says what `name` is.
///
/// # Errors
/// What the broker says of it, at once where that cannot change by itself; the last failure to ask, at `deadline`.
pub(crate) async fn topic(shared: &Arc<Shared>, name: &str, deadline: Instant) -> Result<Arc<Topic>, TopicError> {
    if name.len() > TOPIC_NAME_BYTES_MAX {
        return Err(TopicError::InvalidName { topic: name.to_owned(), message: None });
    }
    let started = shared.now().mono;
    let name: Arc<str> = name.into();
    let _sought = Sought { metadata: &shared.metadata, name: &name };
    let mut changes = shared.metadata.snapshots();
    let mut until = deadline;
    let mut refusal = None;
    if let Some(TopicState::Refused { .. }) = shared.snapshot().topics.get(&name) {
        shared.metadata.refresh(shared.now(), []);
    }
    loop {
        match changes.borrow_and_update().topics.get(&name) {
            Some(TopicState::Known(topic)) => return Ok(Arc::clone(topic)),
            Some(TopicState::Refused { code, at }) if *at >= started => {
                refusal = Some(*code);
                if *code == ErrorCode::UNKNOWN_TOPIC_OR_PARTITION {
                    until = deadline.min(started + shared.unknown_topic_timeout);
                } else if !code.is_retriable() {
                    break;
                }
            }
            _ => {}
        }
        shared.metadata.want(shared.now(), Arc::clone(&name));
        if timeout_at(shared.net.on_tokio(until), changes.changed()).await.is_err() {
            break;
        }
    }
    Err(match refusal {
        Some(code) => TopicError::of(&name, code, None),
        None => {
            let source = shared.metadata.failure.with(|failure| failure.clone());
            TopicError::NoAnswer { topic: name.as_ref().to_owned(), source }
        }
    })
}

/// A topic that is waited for. Where it is not known to be there when the waiting ends, in whichever way, it is asked for no longer: a topic that no broker has
/// keeps the picture incomplete, and the client asking, for as long as it is of interest.
struct Sought<'a> {
    metadata: &'a Metadata,
    name: &'a str,
}

impl Drop for Sought<'_> {
    fn drop(&mut self) {
        if self.metadata.snapshot().topic(self.name).is_none() {
            self.metadata.forget(self.name);
        }
    }
}

fn encode(request: MetadataRequest) -> Encode {
    Box::new(move |id: RequestId, versions: &Versions, timeout: Duration| {
        Outgoing::encode(id, &request, versions, timeout)
    })
}
