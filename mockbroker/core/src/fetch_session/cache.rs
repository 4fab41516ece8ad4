//! The sessions of one broker, in a number of places that is bounded: which of them give way to others.
//!
//! A session that was not used for long gives way first. Otherwise one that has been open for long gives way to another that is larger,
//! and those of consumers to those of brokers at any time. Kafka cuts its places into eight shards that are used in turn, each by these rules;
//! here they are one.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::{FetchSession, NewSession, next_epoch};
use crate::random::SplitMix64;

/// How long a session keeps its place at least: Kafka's, which no config changes.
const EVICTION_AFTER: Duration = Duration::from_secs(120);

/// The sessions of a broker, by their id.
#[derive(Debug, Default)]
pub(super) struct Cache {
    sessions: BTreeMap<i32, Entry>,
    by_last_use: BTreeSet<(Instant, i32)>,
    /// Those that give way to anybody.
    evictable_by_all: BTreeSet<Value>,
    /// Those that give way to brokers.
    evictable_by_followers: BTreeSet<Value>,
}

#[derive(Debug)]
struct Entry {
    session: FetchSession,
    opened_at: Instant,
    used_at: Instant,
    value: Value,
}

/// What a session is worth, the smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Value {
    is_of_follower: bool,
    partitions: usize,
    id: i32,
}

impl Cache {
    pub(super) fn session_mut(&mut self, id: i32) -> Option<&mut FetchSession> {
        self.sessions.get_mut(&id).map(|entry| &mut entry.session)
    }

    pub(super) fn open(
        &mut self,
        now: Instant,
        sessions_max: usize,
        random: &mut SplitMix64,
        new: NewSession,
    ) -> Option<i32> {
        let NewSession { is_by_id, is_of_follower, partitions } = new;
        let value = Value { is_of_follower, partitions: partitions.len(), id: 0 };
        if self.sessions.len() >= sessions_max && !self.evict_for(value, now) {
            return None;
        }
        let id = self.new_id(random);
        let session = FetchSession { epoch: next_epoch(0), is_by_id, partitions };
        self.sessions.insert(id, Entry { session, opened_at: now, used_at: now, value: Value { id, ..value } });
        self.touch(id, now);
        Some(id)
    }

    /// A positive id that no session has.
    fn new_id(&self, random: &mut SplitMix64) -> i32 {
        loop {
            let id = i32::try_from(random.next_u64() >> 33).unwrap_or_default();
            if id > 0 && !self.sessions.contains_key(&id) {
                return id;
            }
        }
    }

    /// Makes a place for a session of this value; whether there is one.
    fn evict_for(&mut self, value: Value, now: Instant) -> bool {
        let Some((used_at, stale)) = self.by_last_use.first().copied() else { return false };
        if now.saturating_duration_since(used_at) > EVICTION_AFTER {
            self.close(stale);
            return true;
        }
        let evictable = if value.is_of_follower { &self.evictable_by_followers } else { &self.evictable_by_all };
        let Some(least) = evictable.first().copied().filter(|least| *least <= value) else { return false };
        self.close(least.id);
        true
    }

    pub(super) fn close(&mut self, id: i32) {
        let Some(entry) = self.sessions.remove(&id) else { return };
        self.by_last_use.remove(&(entry.used_at, id));
        self.evictable_by_all.remove(&entry.value);
        self.evictable_by_followers.remove(&entry.value);
    }

    /// Says that a session was used.
    pub(super) fn touch(&mut self, id: i32, now: Instant) {
        let Some(entry) = self.sessions.get_mut(&id) else { return };
        self.by_last_use.remove(&(entry.used_at, id));
        self.evictable_by_all.remove(&entry.value);
        self.evictable_by_followers.remove(&entry.value);
        entry.used_at = now;
        entry.value.partitions = entry.session.partitions.len();
        self.by_last_use.insert((now, id));
        let is_old = now.saturating_duration_since(entry.opened_at) > EVICTION_AFTER;
        if is_old {
            self.evictable_by_all.insert(entry.value);
        }
        if is_old || !entry.value.is_of_follower {
            self.evictable_by_followers.insert(entry.value);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use ottla_wire::{LeaderEpoch, TopicId};

    use super::*;
    use crate::fetch_session::{Asked, FetchedPartition, PartitionKey, Told, TopicKey};

    struct Places {
        cache: Cache,
        now: Instant,
        random: SplitMix64,
    }

    impl Places {
        fn new() -> Self {
            Self { cache: Cache::default(), now: Instant::now(), random: SplitMix64::new(1) }
        }

        /// Opens a session where there are two places.
        fn open(&mut self, partitions: i32, is_of_follower: bool) -> Option<i32> {
            let asked = Asked { believed: LeaderEpoch(0), last_fetched: LeaderEpoch(0), offset: 0, bytes_max: 1 };
            let partition = |index| FetchedPartition {
                key: PartitionKey { topic: TopicKey::Id(TopicId::default()), index },
                name: None,
                asked,
                told: Told::NOTHING,
            };
            let partitions = (0..partitions).map(partition).collect();
            let session = NewSession { is_by_id: true, is_of_follower, partitions };
            self.cache.open(self.now, 2, &mut self.random, session)
        }

        fn use_all(&mut self) {
            for id in self.ids() {
                self.cache.touch(id, self.now);
            }
        }

        fn ids(&self) -> Vec<i32> {
            self.cache.sessions.keys().copied().collect()
        }

        fn wait(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
        }
    }

    #[test]
    fn a_young_session_that_is_used_keeps_its_place() {
        let mut places = Places::new();
        let [first, second] = [places.open(1, false).unwrap(), places.open(2, false).unwrap()];
        assert_eq!(places.open(9, false), None);
        places.wait(120);
        assert_eq!(places.open(9, false), None);
        assert!(places.ids().contains(&first) && places.ids().contains(&second));
    }

    #[test]
    fn one_that_was_not_used_for_long_gives_way_to_anybody() {
        let mut places = Places::new();
        let [first, second] = [places.open(5, true).unwrap(), places.open(5, false).unwrap()];
        places.wait(1);
        places.cache.touch(first, places.now);
        places.wait(120);
        assert!(places.open(1, false).is_some());
        assert!(places.ids().contains(&first) && !places.ids().contains(&second));
    }

    #[test]
    fn an_old_one_gives_way_to_one_that_is_larger() {
        let mut places = Places::new();
        let [small, large] = [places.open(2, false).unwrap(), places.open(4, false).unwrap()];
        places.wait(121);
        places.use_all();
        assert_eq!(places.open(2, false), None);
        let third = places.open(3, false).unwrap();
        assert!(!places.ids().contains(&small) && places.ids().contains(&large) && places.ids().contains(&third));
    }

    #[test]
    fn those_of_consumers_give_way_to_followers_at_any_time_and_never_the_other_way() {
        let mut places = Places::new();
        let [_, consumer] = [places.open(1, true).unwrap(), places.open(9, false).unwrap()];
        let follower = places.open(1, true).unwrap();
        assert!(!places.ids().contains(&consumer) && places.ids().contains(&follower));
        assert_eq!(places.open(9, true), None);
        places.wait(121);
        places.use_all();
        assert_eq!(places.open(99, false), None);
        assert!(places.open(2, true).is_some());
    }
}
