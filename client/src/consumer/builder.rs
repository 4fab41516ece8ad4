//! How a consumer is configured.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_core::consumer::{Config, OnOffsetOutOfRange, Start, TopicPartition};

use super::{AssignError, BuildConsumerError, Consumer};
use crate::error::{ConfigError, ConfigProblem};
use crate::io::consuming::Consuming;
use crate::shared::Shared;

/// The largest answer that can be asked for, which is the largest frame.
const ANSWER_BYTES_LIMIT: usize = ottla_wire::frame::FRAME_BYTES_MAX;

/// Configures a [`Consumer`]; every setting has a default.
#[derive(Clone, Debug)]
#[must_use]
pub struct ConsumerBuilder {
    shared: Arc<Shared>,
    config: Config,
    wanted: Vec<Wanted>,
    start: Start,
}

/// What is to be assigned.
#[derive(Clone, Debug)]
enum Wanted {
    Topic(Arc<str>),
    /// Reading starts where the builder says, when nothing is said here.
    Partition(TopicPartition, Option<Start>),
}

impl ConsumerBuilder {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let config = Config {
            request_timeout: shared.net.request_timeout,
            retry_backoff: shared.net.retry,
            unknown_topic_timeout: Config::default().unknown_topic_timeout.max(shared.unknown_topic_timeout),
            ..Config::default()
        };
        Self { shared: Arc::clone(shared), config, wanted: Vec::new(), start: Start::Beginning }
    }

    /// Reads these partitions too, such as `("events", 0)`.
    pub fn assign<P: Into<TopicPartition>>(mut self, partitions: impl IntoIterator<Item = P>) -> Self {
        self.wanted.extend(partitions.into_iter().map(|at| Wanted::Partition(at.into(), None)));
        self
    }

    /// Reads all partitions too that this topic has when the consumer is made.
    pub fn assign_topic(mut self, topic: impl Into<Arc<str>>) -> Self {
        self.wanted.push(Wanted::Topic(topic.into()));
        self
    }

    /// Reads this partition too, from `offset` on.
    pub fn from_offset(mut self, partition: impl Into<TopicPartition>, offset: i64) -> Self {
        self.wanted.push(Wanted::Partition(partition.into(), Some(Start::Offset(offset))));
        self
    }

    /// Partitions of which no offset is given start at the first record that is kept. This is the default.
    pub const fn from_beginning(mut self) -> Self {
        self.start = Start::Beginning;
        self
    }

    /// Partitions of which no offset is given start after the last record that there is when their leader is asked.
    pub const fn from_end(mut self) -> Self {
        self.start = Start::End;
        self
    }

    /// What becomes of a partition whose log does not have the offset to be read. Default: it stops with an error that names the log's bounds.
    pub const fn on_offset_out_of_range(mut self, policy: OnOffsetOutOfRange) -> Self {
        self.config.on_offset_out_of_range = policy;
        self
    }

    /// The most bytes of answers that wait to be handed out, over all brokers; each has an equal share, which an answer may exceed by one batch. Default: 64 MiB.
    ///
    /// A larger value lets the brokers be further ahead of the application.
    pub const fn fetch_buffer_bytes_max(mut self, bytes: usize) -> Self {
        self.config.fetch_buffer_bytes_max = bytes;
        self
    }

    /// The most bytes of one answer; a batch that alone is larger comes all the same (KIP-74). Default: 50 MiB.
    pub const fn fetch_bytes_max(mut self, bytes: usize) -> Self {
        self.config.fetch_bytes_max = bytes;
        self
    }

    /// The most bytes of one partition in one answer; a batch that alone is larger comes all the same. A partition with as much waiting is not asked for.
    /// Default: 1 MiB.
    ///
    /// A larger value carries more of a partition in one round trip, and lets one keep the others waiting for longer.
    pub const fn partition_fetch_bytes_max(mut self, bytes: usize) -> Self {
        self.config.partition_fetch_bytes_max = bytes;
        self
    }

    /// The most bytes that the records of one batch may take when decompressed; a batch with more stops its partition with an error. Default: 100 MiB, the
    /// largest batch that is read uncompressed.
    ///
    /// A larger value reads larger batches, and as much memory is what a hostile one can cost for each call of [`Consumer::next`].
    pub const fn decompressed_batch_bytes_max(mut self, bytes: usize) -> Self {
        self.config.decompressed_batch_bytes_max = bytes;
        self
    }

    /// How many times as large as its compressed bytes a batch may become; a batch that becomes larger stops its partition with an error, unless it takes no
    /// more than 16 MiB then. Default: 1100, which only zstd can exceed.
    ///
    /// A larger value reads batches that repeat one thing very often, and lets fewer bytes cost more memory.
    pub const fn decompression_ratio_max(mut self, ratio: usize) -> Self {
        self.config.decompression_ratio_max = ratio;
        self
    }

    /// With how few bytes a broker answers before `fetch_max_wait` is over. Default: 1.
    ///
    /// A larger value makes fewer answers, and records wait longer for others.
    pub const fn fetch_min_bytes(mut self, bytes: usize) -> Self {
        self.config.fetch_min_bytes = bytes;
        self
    }

    /// How long a broker waits for `fetch_min_bytes`. Default: 500 ms. A larger value makes fewer requests to brokers that have nothing.
    pub const fn fetch_max_wait(mut self, wait: Duration) -> Self {
        self.config.fetch_max_wait = wait;
        self
    }

    /// How long brokers may deny that an assigned partition exists before that is an error. Default: 30 s.
    pub const fn unknown_topic_timeout(mut self, timeout: Duration) -> Self {
        self.config.unknown_topic_timeout = timeout;
        self
    }

    /// How long a broker may take to answer one request, beyond `fetch_max_wait`. Default: the client's.
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.config.request_timeout = timeout;
        self
    }

    /// Makes the consumer, which begins to read at once. Waits for the metadata of the topics, at most for the client's `admin_timeout`.
    ///
    /// # Errors
    /// When a value is out of its range (the error has all that are), or a topic or partition is not there.
    ///
    /// # Cancellation
    /// Dropping the future leaves nothing behind.
    pub async fn build(self) -> Result<Consumer, BuildConsumerError> {
        let problems = problems(&self.config);
        if !problems.is_empty() {
            return Err(ConfigError { problems }.into());
        }
        let deadline = self.shared.admin_deadline();
        let assignment = self.assignment(deadline).await?;
        let consuming = Consuming::start(&self.shared, self.config);
        consuming.assign(assignment, deadline).await?;
        Ok(Consumer::new(consuming))
    }

    /// Where each partition that is wanted starts; an offset of its own counts, wherever else it is named.
    async fn assignment(&self, deadline: Instant) -> Result<BTreeMap<TopicPartition, Start>, AssignError> {
        let mut assignment = BTreeMap::new();
        for wanted in &self.wanted {
            match wanted {
                Wanted::Partition(at, Some(start)) => drop(assignment.insert(at.clone(), *start)),
                Wanted::Partition(at, None) => drop(assignment.entry(at.clone()).or_insert(self.start)),
                Wanted::Topic(name) => {
                    let topic = self.shared.topic(name, deadline).await?;
                    for (partition, _) in (0_i32..).zip(&topic.partitions) {
                        assignment.entry((Arc::clone(&topic.name), partition).into()).or_insert(self.start);
                    }
                }
            }
        }
        Ok(assignment)
    }
}

fn problems(config: &Config) -> Vec<ConfigProblem> {
    let size = |setting, bytes, max| ConfigProblem::of_size(setting, bytes, 1, max);
    let count = |setting, count| ConfigProblem::of_count(setting, count, 1, usize::MAX);
    let checks = [
        ConfigProblem::of_time("fetch_max_wait", config.fetch_max_wait, Duration::ZERO),
        ConfigProblem::of_time("request_timeout", config.request_timeout, Duration::from_millis(1)),
        ConfigProblem::of_time("unknown_topic_timeout", config.unknown_topic_timeout, Duration::ZERO),
        size("fetch_buffer_bytes_max", config.fetch_buffer_bytes_max, usize::MAX),
        size("fetch_bytes_max", config.fetch_bytes_max, ANSWER_BYTES_LIMIT),
        size("partition_fetch_bytes_max", config.partition_fetch_bytes_max, ANSWER_BYTES_LIMIT),
        size("fetch_min_bytes", config.fetch_min_bytes, ANSWER_BYTES_LIMIT),
        size("decompressed_batch_bytes_max", config.decompressed_batch_bytes_max, usize::MAX),
        count("decompression_ratio_max", config.decompression_ratio_max),
    ];
    checks.into_iter().flatten().collect()
}
