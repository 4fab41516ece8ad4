//! Whom to ask for what, and when to leave a broker alone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_wire::TopicId;

use super::TopicPartition;
use crate::request::RequestId;

/// How long a broker is left alone that had nothing new of some partitions while others of it are held back.
///
/// A request that waits at the broker keeps every other request waiting, so none does while a partition is held back that may be wanted again at any moment;
/// and what is not waited for must not be asked for without a pause. Nor must a broker that does not wait although it is asked to.
pub(super) const REST: Duration = Duration::from_millis(50);

/// One broker that leads assigned partitions. At most one request to it is in flight.
#[derive(Debug, Default)]
pub(super) struct Broker {
    /// The partitions to fetch: that which had nothing for the longest time first.
    pub(super) queue: BTreeMap<u64, TopicPartition>,
    /// How many of its partitions will be fetched soon, and must not find it waiting.
    pub(super) held_back: usize,
    /// How many of its partitions are read.
    pub(super) led: usize,
    pub(super) flight: Option<Flight>,
    pub(super) rests_until: Option<Instant>,
    /// Whether it was not asked for want of memory.
    pub(super) lacks_memory: bool,
}

/// A Fetch request that is not answered yet.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) id: RequestId,
    pub(super) asked_at: Instant,
    /// The offset that was asked for of each partition. An answer counts where that is still the one to fetch.
    pub(super) asked: BTreeMap<TopicPartition, i64>,
    /// The topics, with their ids.
    pub(super) topics: BTreeMap<Arc<str>, TopicId>,
}

impl Broker {
    /// Whether a request may go out, if there is memory for its answer.
    pub(super) fn is_free(&self) -> bool {
        self.flight.is_none() && self.rests_until.is_none() && !self.queue.is_empty()
    }
}
