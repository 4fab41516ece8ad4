//! Fetch sessions (KIP-227): what a client fetches from a broker, so that it need not say it again, and what it was told, so that neither need
//! the broker. They belong to no connection, and end when their client says so or another one takes their place.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod cache;
mod partitions;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, TopicId};

use cache::Cache;
pub(crate) use partitions::Partitions;

use crate::random::SplitMix64;

/// The id that stands for no session.
pub(crate) const NO_SESSION: i32 = 0;

/// The sessions of each broker.
#[derive(Debug, Default)]
pub(crate) struct FetchSessions(BTreeMap<BrokerId, Cache>);

/// A session.
#[derive(Debug)]
pub(crate) struct FetchSession {
    /// What the next request must say.
    pub(crate) epoch: i32,
    /// Whether its topics are named by their ids.
    pub(crate) is_by_id: bool,
    pub(crate) partitions: Partitions,
}

/// A partition as a session names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PartitionKey {
    pub(crate) topic: TopicKey,
    pub(crate) index: i32,
}

/// A topic as a session names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TopicKey {
    Name(Arc<str>),
    Id(TopicId),
}

/// What a client fetches of a partition.
#[derive(Clone, Debug)]
pub(crate) struct FetchedPartition {
    pub(crate) key: PartitionKey,
    /// The name of the topic, where it is known; it stays that of the time when it was asked for.
    pub(crate) name: Option<Arc<str>>,
    pub(crate) asked: Asked,
    pub(crate) told: Told,
}

/// From where on a client wants how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) believed: LeaderEpoch,
    /// The epoch of the last record that the client has, where it says one.
    pub(crate) last_fetched: LeaderEpoch,
    pub(crate) offset: i64,
    /// Below zero nothing can be read.
    pub(crate) bytes_max: i32,
}

/// What the client of a session was told of a partition last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) high_watermark: i64,
    pub(crate) log_start_offset: i64,
}

impl Told {
    pub(crate) const NOTHING: Self = Self { high_watermark: -1, log_start_offset: -1 };
}

/// A session that is to be opened.
#[derive(Debug)]
pub(crate) struct NewSession {
    pub(crate) is_by_id: bool,
    /// Whether its client is a broker, whose sessions consumers do not push out.
    pub(crate) is_of_follower: bool,
    pub(crate) partitions: Partitions,
}

impl FetchSessions {
    /// Opens a session, where one of the broker's `sessions_max` places is free or can be made so.
    pub(crate) fn open(
        &mut self,
        broker: BrokerId,
        now: Instant,
        sessions_max: usize,
        random: &mut SplitMix64,
        session: NewSession,
    ) -> Option<i32> {
        self.0.entry(broker).or_default().open(now, sessions_max, random, session)
    }

    pub(crate) fn close(&mut self, broker: BrokerId, id: i32) {
        if let Some(cache) = self.0.get_mut(&broker) {
            cache.close(id);
        }
    }

    /// Forgets the sessions of a broker, which are in its memory alone.
    pub(crate) fn forget(&mut self, broker: BrokerId) {
        self.0.remove(&broker);
    }

    /// The session with this id, where the broker still has it.
    pub(crate) fn session_mut(&mut self, broker: BrokerId, id: i32) -> Option<&mut FetchSession> {
        self.0.get_mut(&broker)?.session_mut(id)
    }

    /// Takes the next request of a session: what it changes of it. Returns all that the session has then, or nothing where it has nothing left
    /// and is closed.
    pub(crate) fn go_on(
        &mut self,
        broker: BrokerId,
        now: Instant,
        [id, epoch]: [i32; 2],
        changes: Changes,
    ) -> Result<Option<Vec<FetchedPartition>>, ErrorCode> {
        let not_found = ErrorCode::FETCH_SESSION_ID_NOT_FOUND;
        let cache = self.0.get_mut(&broker).ok_or(not_found)?;
        let session = cache.session_mut(id).ok_or(not_found)?;
        if session.epoch != epoch {
            return Err(ErrorCode::INVALID_FETCH_SESSION_EPOCH);
        }
        if session.is_by_id != changes.is_by_id {
            return Err(ErrorCode::FETCH_SESSION_TOPIC_ID_ERROR);
        }
        for partition in changes.asked {
            session.partitions.ask(partition);
        }
        for key in &changes.forgotten {
            session.partitions.remove(key);
        }
        if session.partitions.is_empty() {
            cache.close(id);
            return Ok(None);
        }
        session.epoch = next_epoch(epoch);
        let partitions = session.partitions.iter().cloned().collect();
        cache.touch(id, now);
        Ok(Some(partitions))
    }
}

/// What a request of a session changes.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) is_by_id: bool,
    pub(crate) asked: Vec<FetchedPartition>,
    pub(crate) forgotten: Vec<PartitionKey>,
}

/// The epoch after this one: 1 follows the largest, for 0 opens a session.
pub(crate) fn next_epoch(epoch: i32) -> i32 {
    match epoch {
        ..0 => epoch,
        _ => epoch.checked_add(1).unwrap_or(1),
    }
}
