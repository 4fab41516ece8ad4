//! How far the replicas of a partition are: where the log of each ends, and up to where all that are in sync have it.
//!
//! A partition has the log of its leader. A follower that fetches has all of it at once; one that does not, because its broker is down or hangs,
//! because a test holds it, or because there is no leader to fetch from, has it up to where it stopped, and counts as caught up until there is a
//! record that it lacks. The high watermark is the least end of the logs that are in sync. It goes back only when a log is cut, and does not go on
//! while fewer replicas are in sync than `min.insync.replicas` says (from Kafka 3.7 on).
//!
//! Deviation: what a leader had and its successor lacks is lost when that is elected, where in Kafka the old leader has it until it follows.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use ottla_wire::BrokerId;

use super::{Electorate, Partition};
use crate::broker::Brokers;

/// Where the log of a replica ends, and up to where its broker lets consumers read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    pub(crate) end_offset: i64,
    pub(crate) high_watermark: i64,
}

/// Which followers do not fetch, and what that makes of the partition.
#[derive(Debug, Default)]
pub(crate) struct Replication {
    high_watermark: i64,
    /// Followers that a test keeps from fetching.
    held: BTreeSet<BrokerId>,
    /// The followers that do not fetch.
    stuck: BTreeMap<BrokerId, Stuck>,
}

/// A follower that does not fetch.
#[derive(Clone, Copy, Debug)]
struct Stuck {
    reach: Reach,
    /// Since when there has been a record that it lacks.
    lacks_since: Option<Instant>,
}

impl Partition {
    /// Up to where consumers may read: what all replicas have that are in sync.
    pub(crate) fn high_watermark(&self) -> i64 {
        self.replication.high_watermark
    }

    /// How far the replica on a broker is.
    pub(crate) fn reach(&self, broker: BrokerId) -> Reach {
        match self.replication.stuck.get(&broker) {
            Some(stuck) => stuck.reach,
            None => Reach { end_offset: self.log.end_offset(), high_watermark: self.high_watermark() },
        }
    }

    /// Lets the high watermark go on, where as many replicas are in sync as that needs.
    pub(crate) fn advance_high_watermark(&mut self, in_sync_min: usize) {
        if !self.has_leader() || self.in_sync.len() < in_sync_min.min(self.replicas.len()) {
            return;
        }
        let mut all_have = self.log.end_offset();
        for (id, stuck) in &self.replication.stuck {
            if self.in_sync.contains(id) {
                all_have = all_have.min(stuck.reach.end_offset);
            }
        }
        self.replication.high_watermark = self.replication.high_watermark.max(all_have);
    }

    /// Lets the followers that fetch catch up, and be in sync where the controller knows them, and leaves the others where they are; whether the
    /// controller has another partition to keep than before.
    pub(crate) fn replicate(&mut self, electorate: &Electorate<'_>) -> bool {
        self.follow(electorate.brokers);
        let mut changed = false;
        for follower in self.replicas.clone() {
            let may_join = !self.replication.stuck.contains_key(&follower) && electorate.brokers.is_active(follower);
            changed |= may_join && self.join_in_sync(follower, electorate);
        }
        self.advance_high_watermark(electorate.advance_min);
        changed
    }

    /// Takes note of which followers fetch.
    pub(super) fn follow(&mut self, brokers: &Brokers) {
        let reach = self.reach(BrokerId::NONE);
        let is_led = brokers.is_running(self.leader);
        let Self { replication: Replication { held, stuck, .. }, replicas, leader, .. } = self;
        held.retain(|id| replicas.contains(id));
        stuck.retain(|id, _| replicas.contains(id));
        for replica in replicas {
            let fetches = is_led && brokers.replicates(*replica) && !held.contains(replica);
            if fetches || replica == leader {
                stuck.remove(replica);
            } else {
                stuck.entry(*replica).or_insert(Stuck { reach, lacks_since: None });
            }
        }
    }

    /// Keeps a follower from fetching.
    pub(crate) fn hold(&mut self, follower: BrokerId) {
        self.replication.held.insert(follower);
    }

    /// Lets a follower fetch that was held.
    pub(crate) fn release(&mut self, follower: BrokerId) {
        self.replication.held.remove(&follower);
    }

    /// A broker has the partition that did not have it: it has none of the records yet.
    pub(super) fn is_new_on(&mut self, broker: BrokerId) {
        let start = self.log.start_offset();
        let reach = Reach { end_offset: start, high_watermark: start };
        self.replication.stuck.insert(broker, Stuck { reach, lacks_since: None });
    }

    /// A replica leads from now on: the log is what that one has.
    pub(super) fn takes_over(&mut self, broker: BrokerId) {
        if let Some(stuck) = self.replication.stuck.remove(&broker)
            && stuck.reach.end_offset < self.log.end_offset()
        {
            self.cut_end(stuck.reach.end_offset);
        }
    }

    /// The log ends where it does now, and with it what replicas had beyond.
    pub(super) fn is_cut(&mut self) {
        let end_offset = self.log.end_offset();
        let Replication { high_watermark, stuck, .. } = &mut self.replication;
        *high_watermark = end_offset.min(*high_watermark);
        for Stuck { reach, .. } in stuck.values_mut() {
            reach.end_offset = end_offset.min(reach.end_offset);
            reach.high_watermark = end_offset.min(reach.high_watermark);
        }
    }

    /// Whether every follower fetches.
    pub(crate) fn all_follow(&self) -> bool {
        self.replication.stuck.is_empty()
    }

    /// Takes note of who lacks a record that was appended; whether one that is in sync begins to lag.
    pub(crate) fn begins_to_lag(&mut self, now: Instant) -> bool {
        let (end_offset, in_sync) = (self.log.end_offset(), &self.in_sync);
        let mut begins = false;
        for (id, stuck) in &mut self.replication.stuck {
            if stuck.lacks_since.is_none() && stuck.reach.end_offset < end_offset {
                stuck.lacks_since = Some(now);
                begins |= in_sync.contains(id);
            }
        }
        begins
    }

    /// Takes those out of the replicas in sync that have lacked a record for longer than they may.
    pub(crate) fn drop_laggards(&mut self, now: Instant, lag_max: Duration, electorate: &Electorate<'_>) -> bool {
        let is_over = |since: Instant| now.saturating_duration_since(since) >= lag_max;
        let stuck = &self.replication.stuck;
        let lags = |id: &BrokerId| stuck.get(id).and_then(|stuck| stuck.lacks_since).is_some_and(is_over);
        let laggards: Vec<BrokerId> = self.in_sync.iter().copied().filter(lags).collect();
        !laggards.is_empty() && self.shrink_in_sync(&laggards, electorate)
    }
}
