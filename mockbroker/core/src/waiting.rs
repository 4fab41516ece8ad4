//! Requests that wait for something: a Fetch until enough bytes are there, a Produce until its followers have what it brought, a login that failed
//! until the client may hear so, and what a fault holds up.
//!
//! A parked request is found by its connection, by its deadline and by each partition that may end its wait, so that what happens in one
//! partition costs nothing to the requests that wait for others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use ottla_wire::Segments;

use crate::api::{ParkedFetch, ParkedProduce};
use crate::cluster::ConnId;
use crate::connection::Closed;
use crate::fault::Lull;
use crate::topic::TopicPartition;

/// A request that waits, with all that is needed to answer it.
#[derive(Debug)]
pub(crate) struct Parked {
    pub(crate) api_version: i16,
    pub(crate) correlation_id: i32,
    /// When it waits no longer; none where time alone does not end it.
    pub(crate) deadline: Option<Instant>,
    pub(crate) request: ParkedRequest,
}

/// What waits.
#[derive(Debug)]
pub(crate) enum ParkedRequest {
    Fetch(ParkedFetch),
    Produce(ParkedProduce),
    /// The connection is closed after `connection.failed.authentication.delay.ms`, and before that answered.
    Closing {
        answer: Option<Segments>,
        reason: Closed,
    },
    /// A fault lets nothing happen.
    Lull(Lull),
}

impl ParkedRequest {
    fn partitions(&self) -> impl Iterator<Item = TopicPartition> {
        let (fetch, produce) = match self {
            Self::Fetch(fetch) => (Some(fetch), None),
            Self::Produce(produce) => (None, Some(produce)),
            Self::Closing { .. } | Self::Lull(_) => (None, None),
        };
        let produced = produce.into_iter().flat_map(ParkedProduce::partitions);
        fetch.into_iter().flat_map(ParkedFetch::partitions).chain(produced)
    }
}

/// Where the parked requests are found.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    deadlines: BTreeSet<(Instant, ConnId)>,
    by_partition: BTreeMap<TopicPartition, BTreeSet<ConnId>>,
}

impl Waiting {
    pub(crate) fn insert(&mut self, conn: ConnId, parked: &Parked) {
        self.deadlines.extend(parked.deadline.map(|deadline| (deadline, conn)));
        for partition in parked.request.partitions() {
            self.by_partition.entry(partition).or_default().insert(conn);
        }
    }

    pub(crate) fn remove(&mut self, conn: ConnId, parked: &Parked) {
        if let Some(deadline) = parked.deadline {
            self.deadlines.remove(&(deadline, conn));
        }
        for partition in parked.request.partitions() {
            let Some(conns) = self.by_partition.get_mut(&partition) else { continue };
            conns.remove(&conn);
            if conns.is_empty() {
                self.by_partition.remove(&partition);
            }
        }
    }

    /// When the first of them gives up.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// The first whose deadline has come.
    pub(crate) fn overdue(&self, now: Instant) -> Option<ConnId> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|(_, conn)| *conn)
    }

    /// Those that wait for this partition.
    pub(crate) fn on(&self, partition: TopicPartition) -> Vec<ConnId> {
        self.by_partition.get(&partition).into_iter().flatten().copied().collect()
    }
}
