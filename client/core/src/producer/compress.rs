//! Batches on their way through the codec: which is compressed when, and what came of it.

use std::mem;
use std::time::Instant;

use bytes::Bytes;
use ottla_wire::record::{self, BatchError, CompressBatchError, Compression};

use super::lane::{Ahead, Lane};
use super::{Batches, DeliveryCause, Outcome, PartitionKey, Sender};

/// From this version on, a batch may be compressed with zstd (KIP-110).
const ZSTD_FROM: i16 = 7;

/// Another for each job, so that what comes of a batch that has ended meanwhile is known as such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct JobId(u64);

/// A batch to be compressed.
#[derive(Debug)]
pub struct Job {
    records: Bytes,
    codec: Compression,
    level: Option<i32>,
}

/// What the result of a [`Job`] is handed back with, whatever became of it ([`Sender::handle_compressed`]).
#[derive(Debug)]
pub struct Ticket {
    key: PartitionKey,
    id: JobId,
}

/// Why a batch was not compressed. It is not in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressionError {
    /// The codec did not take it.
    #[error(transparent)]
    Refused(#[from] CompressBatchError),
    /// The batch is none.
    #[error(transparent)]
    Malformed(#[from] BatchError),
    /// The job ended without a result: it panicked, or its runtime is shutting down.
    #[error("the job ended without a result")]
    Lost,
}

impl Job {
    /// Compresses the batch; this takes milliseconds of a processor, and is for a thread on which nobody waits.
    ///
    /// # Errors
    /// When the codec does not take it.
    pub fn run(mut self) -> Result<Bytes, CompressionError> {
        match record::next_batch(&mut self.records)? {
            Some(batch) => Ok(record::compressed(batch, self.codec, self.level)?.into_bytes()),
            None => Ok(self.records),
        }
    }
}

impl<D> Sender<D> {
    /// The next batch to be compressed; none while [`super::Config::compressions_max`] are.
    pub fn poll_compress(&mut self, now: Instant, batches: &mut impl Batches<D>) -> Option<(Ticket, Job)> {
        while self.jobs < self.config.compressions_max {
            let key = self.to_compress.pop_front()?;
            self.expire(now, key, batches);
            let job = self.begin_job(now, key, batches);
            self.settle(now, key, batches);
            if job.is_some() {
                return job;
            }
        }
        None
    }

    fn begin_job(&mut self, now: Instant, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<(Ticket, Job)> {
        let lane = self.lanes.get_mut(&key).filter(|lane| lane.awaits_job)?;
        lane.awaits_job = false;
        lane.compress_at(&self.config, self.flushed).filter(|at| *at <= now)?;
        let batch = lane.take(key, batches)?;
        let id = self.next_job;
        self.next_job = JobId(id.0 + 1);
        self.jobs += 1;
        let (codec, level) = (self.config.compression, self.config.compression_level);
        let job = Job { records: batch.records.clone(), codec, level };
        lane.ahead = Ahead::Compressing { job: id, batch };
        Some((Ticket { key, id }, job))
    }

    /// A job ended. A batch that would be above the bound of a batch when compressed goes out as it was; one that merely did not shrink goes out
    /// compressed, as Kafka's own producer sends it.
    pub fn handle_compressed(
        &mut self,
        now: Instant,
        ticket: Ticket,
        result: Result<Bytes, CompressionError>,
        batches: &mut impl Batches<D>,
    ) {
        self.jobs = self.jobs.saturating_sub(1);
        let Ticket { key, id } = ticket;
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let Some(mut batch) = lane.take_back(id) else { return };
        match result {
            Ok(compressed) => {
                if compressed.len() <= self.config.batch_bytes_max {
                    batch.records = compressed;
                }
                lane.ahead = Ahead::Ready(batch);
            }
            Err(error) => {
                let cause = Some(DeliveryCause::Compression(error));
                self.events.push_back(batch.ended(Outcome::NotSent { cause }));
            }
        }
        self.settle(now, key, batches);
    }

    /// Puts a lane in the queue for the codec, where its oldest batch is due.
    pub(super) fn enqueue_job(&mut self, now: Instant, key: PartitionKey) {
        let Some(lane) = self.lanes.get_mut(&key).filter(|lane| !lane.awaits_job) else { return };
        if lane.compress_at(&self.config, self.flushed).is_some_and(|at| at <= now) {
            lane.awaits_job = true;
            self.to_compress.push_back(key);
        }
    }
}

impl<D> Lane<D> {
    /// The batch that this job has, where it has not ended.
    fn take_back(&mut self, id: JobId) -> Option<super::Batch<D>> {
        match mem::replace(&mut self.ahead, Ahead::None) {
            Ahead::Compressing { job, batch } if job == id => Some(batch),
            other => {
                self.ahead = other;
                None
            }
        }
    }
}

/// Whether a Produce request of this version may carry the codec.
pub(super) const fn supported(codec: Compression, version: i16) -> Result<(), DeliveryCause> {
    match codec {
        Compression::Zstd if version < ZSTD_FROM => {
            Err(DeliveryCause::CodecUnsupported { codec, version, needed: ZSTD_FROM })
        }
        _ => Ok(()),
    }
}
