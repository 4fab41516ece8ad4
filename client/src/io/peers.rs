//! The connections for single calls, one to each broker that has been asked something.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use ottla_core::cluster::Snapshot;
use ottla_core::request::Disconnected;
use ottla_core::{Answer, RequestError};
use ottla_wire::ApiKey;
use tokio::sync::watch;

use super::call::{Calls, Encode};
use super::cell::Guarded;
use super::driver;
use super::link::{Link, Peer, Purpose};
use super::net::Net;
use crate::address::Address;
use crate::error::CallError;

/// The connections for single calls.
pub(crate) struct Peers {
    bootstrap: Bootstrap,
    state: Guarded<State>,
}

/// The addresses that the user gave: at least one.
pub(crate) struct Bootstrap {
    pub(crate) first: Address,
    pub(crate) others: Vec<Address>,
}

impl Bootstrap {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Address> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

#[derive(Default)]
struct State {
    lines: BTreeMap<Peer, Arc<Line>>,
    /// Whom the last call did not reach, or who did not answer it.
    suspects: BTreeSet<Peer>,
}

/// The connection for single calls to one broker.
pub(crate) struct Line {
    calls: Arc<Calls>,
    link: Link,
}

impl Line {
    /// See [`Calls::call`].
    pub(crate) async fn call(&self, api: ApiKey, encode: Encode, deadline: Instant) -> Result<Answer, CallError> {
        self.calls.call(api, encode, deadline, || self.link.wake()).await
    }

    fn close(&self) {
        self.link.close();
        let reason = Disconnected::Closed;
        self.calls.refuse(|api| CallError::Request(RequestError::NotSent { api, reason: reason.clone() }));
    }
}

impl Peers {
    pub(crate) fn new(bootstrap: Bootstrap) -> Self {
        Self { bootstrap, state: Guarded::default() }
    }

    pub(crate) fn bootstrap(&self) -> impl Iterator<Item = &Address> {
        self.bootstrap.all()
    }

    /// The line to `peer`; its connection is opened when there is a call.
    pub(crate) fn line(&self, net: &Arc<Net>, snapshots: watch::Receiver<Arc<Snapshot>>, peer: &Peer) -> Arc<Line> {
        self.state.with(|state| {
            let line = state.lines.entry(peer.clone()).or_insert_with(|| {
                let calls = Arc::new(Calls::new(Arc::clone(net)));
                let link = driver::start(net, snapshots, peer.clone(), Purpose::Call, Arc::clone(&calls) as _);
                Arc::new(Line { calls, link })
            });
            Arc::clone(line)
        })
    }

    /// Whom to ask what every broker knows: a broker of the metadata that the last call reached; where there is none, a bootstrap address; where
    /// those were not reached either, all over again.
    pub(crate) fn any(&self, snapshot: &Snapshot, random: u64) -> Peer {
        let brokers: Vec<Peer> = snapshot.brokers.keys().map(|id| Peer::Broker(*id)).collect();
        let bootstrap: Vec<Peer> = self.bootstrap.all().cloned().map(Peer::Bootstrap).collect();
        self.state.with(|state| {
            let unsuspected = |peers: &[Peer]| one_of(peers, &state.suspects, random);
            if let Some(peer) = unsuspected(&brokers).or_else(|| unsuspected(&bootstrap)) {
                return peer;
            }
            state.suspects.clear();
            one_of(&brokers, &state.suspects, random).unwrap_or_else(|| Peer::Bootstrap(self.bootstrap.first.clone()))
        })
    }

    /// Keeps in mind whether a call reached `peer`, and was answered: another broker may do better.
    pub(crate) fn judge<T>(&self, peer: &Peer, result: &Result<T, CallError>) {
        self.state.with(|state| match result {
            Ok(_) => drop(state.suspects.remove(peer)),
            Err(
                CallError::Unreachable(_)
                | CallError::Late { .. }
                | CallError::Request(RequestError::OutcomeUnknown { .. }),
            ) => drop(state.suspects.insert(peer.clone())),
            Err(_) => {}
        });
    }

    /// Lets go of the lines to whoever is not in the cluster, the bootstrap addresses among them. A call that is under way ends first.
    pub(crate) fn keep_brokers_of(&self, snapshot: &Snapshot) {
        let is_there = |peer: &Peer| matches!(peer, Peer::Broker(id) if snapshot.brokers.contains_key(id));
        self.state.with(|state| {
            state.lines.retain(|peer, _| is_there(peer));
            state.suspects.retain(is_there);
        });
    }
}

/// The calls that are under way end with the client, although their callers hold the lines.
impl Drop for Peers {
    fn drop(&mut self) {
        let lines = self.state.with(|state| std::mem::take(&mut state.lines));
        for line in lines.values() {
            line.close();
        }
    }
}

fn one_of(peers: &[Peer], suspects: &BTreeSet<Peer>, random: u64) -> Option<Peer> {
    let good: Vec<&Peer> = peers.iter().filter(|peer| !suspects.contains(*peer)).collect();
    let count = u64::try_from(good.len()).ok().filter(|count| *count > 0)?;
    usize::try_from(random % count).ok().and_then(|index| good.get(index)).map(|peer| (*peer).clone())
}

#[cfg(test)]
mod tests {
    use ottla_core::cluster::Broker;
    use ottla_wire::BrokerId;

    use super::*;

    fn cluster(ids: &[i32]) -> Snapshot {
        let broker = |id: &i32| (BrokerId(*id), Broker { host: "b".into(), port: 9092, rack: None });
        Snapshot { brokers: ids.iter().map(broker).collect(), ..Snapshot::default() }
    }

    fn unreached() -> Result<(), CallError> {
        Err(CallError::Late { api: ApiKey::Metadata, sent: false, waited: std::time::Duration::ZERO })
    }

    #[test]
    fn a_broker_that_closes_instead_of_answering_is_passed_over_until_it_answers() {
        let peers = Peers::new(Bootstrap { first: Address::new("boot", 9092), others: Vec::new() });
        let (one, two) = (Peer::Broker(BrokerId(1)), Peer::Broker(BrokerId(2)));
        let closed = RequestError::OutcomeUnknown { api: ApiKey::Metadata, reason: Disconnected::ByPeer };
        peers.judge::<()>(&one, &Err(closed.into()));
        assert_eq!(peers.any(&cluster(&[1, 2]), 0), two);
        peers.judge(&one, &Ok(()));
        assert_eq!(peers.any(&cluster(&[1, 2]), 0), one);
    }

    #[test]
    fn brokers_are_asked_before_bootstrap_addresses_and_all_again_when_none_was_reached() {
        let address = Address::new("boot", 9092);
        let peers = Peers::new(Bootstrap { first: address.clone(), others: Vec::new() });
        let (one, two) = (Peer::Broker(BrokerId(1)), Peer::Broker(BrokerId(2)));
        assert_eq!(peers.any(&cluster(&[1, 2]), 0), one.clone());
        assert_eq!(peers.any(&cluster(&[1, 2]), 1), two.clone());
        peers.judge(&one, &unreached());
        assert_eq!(peers.any(&cluster(&[1, 2]), 0), two.clone());
        peers.judge(&two, &unreached());
        assert_eq!(peers.any(&cluster(&[1, 2]), 0), Peer::Bootstrap(address.clone()));
        peers.judge(&Peer::Bootstrap(address), &unreached());
        assert_eq!(peers.any(&cluster(&[1, 2]), 0), one);
    }
}
