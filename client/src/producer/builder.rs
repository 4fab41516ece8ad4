//! How a producer is configured.

use std::sync::Arc;
use std::time::Duration;

use ottla_core::producer::{Acks, Config, IN_FLIGHT_PER_PARTITION_MAX};
use ottla_wire::compression;
use ottla_wire::record::Compression;

use super::{Interceptors, Partitioning, Producer, ProducerInterceptor};
use crate::error::{ConfigError, ConfigProblem};
use crate::io::producing::{BUFFER_BYTES_LIMIT, Producing, Settings};
use crate::shared::Shared;

/// The smallest batch that can be configured: one with a record of about a hundred bytes.
const BATCH_BYTES_MIN: usize = 256;

/// The largest batch that can be configured, which is the largest frame.
const BATCH_BYTES_LIMIT: usize = ottla_wire::frame::FRAME_BYTES_MAX;

/// The most batches that can be configured to be compressed at the same time: tokio has 512 threads for such work, and others need some too.
const COMPRESSIONS_LIMIT: usize = 256;

/// Configures a [`Producer`]; every setting has a default.
#[derive(Clone, Debug)]
#[must_use]
pub struct ProducerBuilder {
    shared: Arc<Shared>,
    settings: Settings,
    /// What was asked for; else it follows from the acks.
    idempotence: Option<bool>,
}

impl ProducerBuilder {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let core = Config {
            request_timeout: shared.net.request_timeout,
            retry_backoff: shared.net.retry,
            ..Config::default()
        };
        let settings = Settings {
            core,
            buffer_bytes_max: 32 * 1024 * 1024,
            send_timeout: Duration::from_secs(60),
            interceptors: Interceptors::default(),
            partitioning: Partitioning::default(),
            is_adaptive: true,
            availability_timeout: None,
        };
        Self { shared: Arc::clone(shared), settings, idempotence: None }
    }

    /// How long a batch waits for more records before it is sent. Default: 5 ms, as Kafka's own producer since 4.0 (KIP-1030).
    ///
    /// A larger value makes fewer and larger requests, and records wait longer. A batch that is full does not wait, and one whose partition has as many
    /// in flight as may be grows in any case.
    pub const fn linger(mut self, linger: Duration) -> Self {
        self.settings.core.linger = linger;
        self
    }

    /// Whether each record is in the log once, however often its batch is sent, and the records of a partition in the order of `send` (KIP-98).
    /// Default: they are, with up to five batches of a partition in flight, unless [`acks`](Self::acks) are fewer than all, which is not enough for it.
    ///
    /// The principal needs the permission to write idempotently: on Amazon MSK `kafka-cluster:WriteDataIdempotently` on the cluster. Without it, records
    /// end with a [`DeliveryCause::ProducerId`](crate::DeliveryCause::ProducerId) that says so. Turned off, a partition has one batch in flight, and a batch
    /// whose answer is lost may be in the log twice.
    pub const fn idempotence(mut self, on: bool) -> Self {
        self.idempotence = Some(on);
        self
    }

    /// Who must have a record before it counts as delivered. Default: [`Acks::All`].
    ///
    /// With fewer, records wait for less, and some that were delivered may be lost. They also are no longer
    /// [idempotent](Self::idempotence), as in Java's producer; to ask for both is a [`ConfigProblem::IdempotenceNeedsAllAcks`].
    pub const fn acks(mut self, acks: Acks) -> Self {
        self.settings.core.acks = acks;
        self
    }

    /// How the partition of a record is chosen that names none. Default: [`Partitioning::KeyHash`], as Java's producer chooses.
    pub fn partitioning(mut self, partitioning: Partitioning) -> Self {
        self.settings.partitioning = partitioning;
        self
    }

    /// Whether records that may go anywhere stay with a partition for 16 KiB, and for as long as its batch gathers, and then go on by load: the more
    /// waits in a partition, the less likely it is next (KIP-794). Default: they do.
    ///
    /// Otherwise each batch of them goes to a partition, one as likely as another (KIP-480); who is slow to take it gets more of them meanwhile.
    pub const fn adaptive_partitioning(mut self, on: bool) -> Self {
        self.settings.is_adaptive = on;
        self
    }

    /// How long the oldest batch of a partition may lie over before records that may go anywhere go elsewhere, as long as any partition takes them; what
    /// Java calls `partitioner.availability.timeout.ms`, here of each partition by itself. Default: without such a bound. Only where
    /// [`adaptive_partitioning`](Self::adaptive_partitioning) is on.
    pub const fn partition_availability_timeout(mut self, timeout: Duration) -> Self {
        self.settings.availability_timeout = Some(timeout);
        self
    }

    /// How many batches of one partition may be in flight, 1 to 5. Default: 5, as many as a broker remembers; without [`idempotence`](Self::idempotence) it
    /// is 1 in any case.
    pub const fn in_flight_per_partition(mut self, batches: usize) -> Self {
        self.settings.core.in_flight_per_partition = batches;
        self
    }

    /// The codec of the batches. Default: [`Compression::None`].
    ///
    /// A batch is compressed on a thread of the runtime for blocking work, while the one before it is on its way; it takes more processor time, and
    /// less of the network and of the brokers' disks. One that does not shrink goes out compressed all the same, as long as it stays within
    /// [`batch_bytes_max`](Self::batch_bytes_max). Zstandard needs brokers from Kafka 2.1 on (KIP-110).
    pub const fn compression(mut self, codec: Compression) -> Self {
        self.settings.core.compression = codec;
        self
    }

    /// The level of the codec: of gzip 1 to 9, of lz4 1 to 17, of zstd -131072 to 22; the others have none. Default: the one of the codec.
    ///
    /// A higher one makes smaller batches and takes more time. All levels of lz4 are written by the fast compressor, and those of zstd beyond 4 as
    /// 4, unless the feature `zstd-c` is on.
    pub const fn compression_level(mut self, level: i32) -> Self {
        self.settings.core.compression_level = Some(level);
        self
    }

    /// How many batches are compressed at the same time, each of another partition. Default: 4.
    ///
    /// A larger value keeps more processors busy.
    pub const fn compressions_max(mut self, batches: usize) -> Self {
        self.settings.core.compressions_max = batches;
        self
    }

    /// The most bytes of one batch before it is compressed, and so of one record. Default: 1 MiB, which brokers accept unless told otherwise
    /// (`max.message.bytes`, which counts compressed bytes).
    ///
    /// A partition carries at most five times as much in one round trip to its broker. A batch takes only the memory that its records need.
    ///
    /// A batch that the broker calls too large is sent again in parts, and for the next ten minutes those of its topic close at half its bytes, though at
    /// 1 KiB at the earliest.
    pub const fn batch_bytes_max(mut self, bytes: usize) -> Self {
        self.settings.core.batch_bytes_max = bytes;
        self
    }

    /// The most bytes of the batches in one request. Default: 4 MiB.
    ///
    /// A larger value makes fewer requests where many partitions of a broker are busy, and each of them keeps the ones behind it waiting longer.
    pub const fn request_bytes_max(mut self, bytes: usize) -> Self {
        self.settings.core.request_bytes_max = bytes;
        self
    }

    /// The most bytes of the records that are not delivered yet; [`Producer::send`] waits for room under it. Default: 32 MiB.
    pub const fn buffer_bytes_max(mut self, bytes: usize) -> Self {
        self.settings.buffer_bytes_max = bytes;
        self
    }

    /// How long a record may take from being taken to its end, tries included. Default: 120 s.
    pub const fn delivery_timeout(mut self, timeout: Duration) -> Self {
        self.settings.core.delivery_timeout = timeout;
        self
    }

    /// How long a broker may take to answer one request. Default: the client's.
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.core.request_timeout = timeout;
        self
    }

    /// How long [`Producer::send`] may wait for the metadata of a topic that it uses for the first time, and for room. Default: 60 s each.
    pub const fn send_timeout(mut self, timeout: Duration) -> Self {
        self.settings.send_timeout = timeout;
        self
    }

    /// The bug that the producer is to have.
    #[cfg(feature = "planted-bugs")]
    #[doc(hidden)]
    pub const fn planted_bug(mut self, bug: ottla_core::producer::PlantedBug) -> Self {
        self.settings.core.planted_bug = Some(bug);
        self
    }

    /// Adds code that sees each record before it is sent, and hears how it ended; may be called again for more.
    pub fn interceptor(mut self, interceptor: impl ProducerInterceptor) -> Self {
        self.settings.interceptors.0.push(Arc::new(interceptor));
        self
    }

    /// Makes the producer. Nothing is opened before the first record.
    ///
    /// # Errors
    /// When a value is out of its range; the error has all that are.
    pub fn build(mut self) -> Result<Producer, ConfigError> {
        let has_all_acks = self.settings.core.acks == Acks::All;
        self.settings.core.idempotence = self.idempotence.unwrap_or(has_all_acks);
        let is_unmet = self.settings.core.idempotence && !has_all_acks;
        let Settings { core, buffer_bytes_max, send_timeout, availability_timeout, .. } = &self.settings;
        let batch_bytes_max = core.batch_bytes_max;
        let problems: Vec<_> = [
            is_unmet.then_some(ConfigProblem::IdempotenceNeedsAllAcks),
            ConfigProblem::of_time("linger", core.linger, Duration::ZERO),
            ConfigProblem::of_time("delivery_timeout", core.delivery_timeout, Duration::from_millis(1)),
            ConfigProblem::of_time("request_timeout", core.request_timeout, Duration::from_millis(1)),
            ConfigProblem::of_time("send_timeout", *send_timeout, Duration::ZERO),
            availability_timeout.and_then(|timeout| {
                ConfigProblem::of_time("partition_availability_timeout", timeout, Duration::from_millis(1))
            }),
            ConfigProblem::of_size("batch_bytes_max", batch_bytes_max, BATCH_BYTES_MIN, BATCH_BYTES_LIMIT),
            ConfigProblem::of_size("request_bytes_max", core.request_bytes_max, batch_bytes_max, BATCH_BYTES_LIMIT),
            ConfigProblem::of_size("buffer_bytes_max", *buffer_bytes_max, batch_bytes_max, BUFFER_BYTES_LIMIT),
            ConfigProblem::of_count(
                "in_flight_per_partition",
                core.in_flight_per_partition,
                1,
                IN_FLIGHT_PER_PARTITION_MAX,
            ),
            ConfigProblem::of_count("compressions_max", core.compressions_max, 1, COMPRESSIONS_LIMIT),
            compression::check_level(core.compression, core.compression_level).err().map(ConfigProblem::from),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() {
            Ok(Producer::new(Producing::start(&self.shared, self.settings)))
        } else {
            Err(ConfigError { problems })
        }
    }
}
