//! When followers that lag leave the replicas that are in sync: `replica.lag.time.max.ms` after the first record that they lack. Kafka's brokers look
//! every half of that time.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use ottla_wire::BrokerId;

use crate::state::State;
use crate::time::Now;
use crate::topic::TopicPartition;

/// The partitions of which a follower lags, by when it may not any longer. Some of them may have caught up since.
#[derive(Debug, Default)]
pub(crate) struct Lags(BTreeSet<(Instant, TopicPartition)>);

impl Lags {
    /// When the first of them has lagged for too long.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.first().map(|(end, _)| *end)
    }

    fn take_due(&mut self, now: Instant) -> Option<TopicPartition> {
        self.0.first().filter(|(end, _)| *end <= now)?;
        self.0.pop_first().map(|(_, at)| at)
    }
}

impl State {
    /// Takes note of followers that lack what was appended to a partition.
    pub(crate) fn note_lag(&mut self, now: Now, at: TopicPartition) {
        let Some(partition) = self.topics.partition_mut(at) else { return };
        let leader = partition.leader;
        if partition.begins_to_lag(now.mono) {
            self.lags.0.extend(now.mono.checked_add(self.lag_max(leader)).map(|end| (end, at)));
        }
    }

    /// Takes followers that have lagged for too long out of the replicas that are in sync.
    pub(crate) fn drop_laggards(&mut self, now: Now) {
        while let Some(at) = self.lags.take_due(now.mono) {
            let leader = self.topics.partition(at).map_or(BrokerId::NONE, |partition| partition.leader);
            let lag_max = self.lag_max(leader);
            self.change(at, &mut |partition, electorate| partition.drop_laggards(now.mono, lag_max, electorate));
        }
    }

    /// For how long a follower may lag, as the leader sees it.
    fn lag_max(&self, leader: BrokerId) -> Duration {
        let millis = self.configs.brokers.layers(Some(leader)).number("replica.lag.time.max.ms");
        Duration::from_millis(u64::try_from(millis).unwrap_or_default())
    }
}
