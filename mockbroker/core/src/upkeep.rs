//! When the brokers look after their logs: retention, compaction, and the producers that were silent for long. Each waits for its next time
//! only while there is something to look after, so that an idle cluster has no timers.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::time::{Duration, Instant};

use crate::configs::Configs;
use crate::log::Due;
use crate::partition::Appended;
use crate::state::State;
use crate::time::Now;
use crate::topic::TopicPartition;

/// What brokers do from time to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Task {
    Delete,
    Compact,
    Expire,
}

impl Task {
    const ALL: [Self; 3] = [Self::Delete, Self::Compact, Self::Expire];

    /// The config that says how long it is from one time to the next.
    const fn interval(self) -> &'static str {
        match self {
            Self::Delete => "log.retention.check.interval.ms",
            Self::Compact => "log.cleaner.backoff.ms",
            Self::Expire => "producer.id.expiration.check.interval.ms",
        }
    }
}

/// When each task comes next, if it does, in the order of [`Task::ALL`].
#[derive(Debug, Default)]
pub(crate) struct Upkeep([Option<Instant>; 3]);

impl Upkeep {
    /// When the first of them comes.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }

    /// Says that there are records to look after, those of a compacted topic and of a producer too where that is so.
    pub(crate) fn begin(&mut self, now: Now, configs: &Configs, is_compacted: bool, has_producer: bool) {
        for ((due, task), is_wanted) in self.0.iter_mut().zip(Task::ALL).zip([true, is_compacted, has_producer]) {
            if is_wanted && due.is_none() {
                *due = next_time(now, configs, task);
            }
        }
    }

    /// The tasks whose time has come, which they have not any more.
    fn take_due(&mut self, now: Now) -> Vec<Task> {
        let due = self.0.iter_mut().zip(Task::ALL);
        due.filter_map(|(due, task)| due.take_if(|due| *due <= now.mono).map(|_| task)).collect()
    }
}

fn next_time(now: Now, configs: &Configs, task: Task) -> Option<Instant> {
    let millis = configs.brokers.layers(None).number(task.interval());
    now.mono.checked_add(Duration::from_millis(u64::try_from(millis).unwrap_or_default().max(1)))
}

impl State {
    /// Takes account of a batch that was appended.
    pub(crate) fn has_appended(&mut self, now: Now, topic: &str, partition: i32, appended: &Appended) {
        self.log_bytes = self.log_bytes.saturating_add(appended.bytes);
        let Some(topic) = self.topics.named(topic) else { return };
        let at = TopicPartition { topic: topic.id, partition };
        self.changed.insert(at);
        let Some(partition) = topic.partition(partition) else { return };
        let (has_producer, all_follow) = (!partition.producers.is_empty(), partition.all_follow());
        self.upkeep.begin(now, &self.configs, topic.configs.is_compacted, has_producer);
        if !all_follow {
            self.note_lag(now, at);
        }
    }

    /// Does what has come to its time.
    pub(crate) fn look_after(&mut self, now: Now) {
        for task in self.upkeep.take_due(now) {
            self.carry_out(task, now);
        }
    }

    /// Does all of it now.
    pub(crate) fn look_after_all(&mut self, now: Now) {
        for task in Task::ALL {
            self.carry_out(task, now);
        }
    }

    fn carry_out(&mut self, task: Task, now: Now) {
        let expiration_ms = self.configs.brokers.layers(None).number("producer.id.expiration.ms");
        let mut has_more = [false; 3];
        for topic in self.topics.iter_mut() {
            let (id, configs) = (topic.id, topic.configs.clone());
            for (index, partition) in topic.partitions_mut() {
                let (start, bytes) = (partition.log.start_offset(), partition.log.size_bytes());
                let high_watermark = partition.high_watermark();
                match task {
                    Task::Delete => partition.log.delete_old(configs.retention, high_watermark, now.millis()),
                    Task::Compact if configs.is_compacted => {
                        partition.compact(&configs.compaction, Due::WhenDirty, now.millis());
                    }
                    Task::Compact => {}
                    Task::Expire => partition.producers.expire(now.millis().saturating_sub(expiration_ms)),
                }
                let bytes_left = partition.log.size_bytes();
                self.log_bytes = self.log_bytes.saturating_sub(bytes).saturating_add(bytes_left);
                if partition.log.start_offset() != start {
                    self.changed.insert(TopicPartition { topic: id, partition: index });
                }
                let has_records = bytes_left > 0;
                let has_producers = !partition.producers.is_empty();
                let [records, compacted, producers] = &mut has_more;
                *records |= has_records;
                *compacted |= has_records && configs.is_compacted;
                *producers |= has_producers;
            }
        }
        let [records, compacted, producers] = has_more;
        if records || producers {
            self.upkeep.begin(now, &self.configs, compacted, producers);
        }
    }
}
