//! Batches on their way through the codec: which is compressed when, and what came of it.

use std::mem;
use std::time::Instant;

use bytes::Bytes;
use ottla_wire::compression::Compressor;
use ottla_wire::record::{BatchWriter, CompressBatchError, Compression, ProducerStamp};

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
    records: BatchWriter,
    /// The most that the batch may have when it is compressed.
    batch_bytes_max: usize,
}

/// What became of a [`Job`].
#[derive(Debug)]
pub struct Done {
    /// The batch as it is sent.
    pub records: Result<Bytes, CompressionError>,
    /// What its records were in, for a batch to come.
    pub spare: Option<BatchWriter>,
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
    /// The job ended without a result: it panicked, or its runtime is shutting down.
    #[error("the job ended without a result")]
    Lost,
}

impl Job {
    /// How much it has to read, in bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        self.records.size_bytes()
    }

    /// Compresses the batch by [`super::Config::compressor`]; this takes milliseconds of a processor, and is for a thread on which nobody waits.
    ///
    /// A batch that would be above the bound of a batch when compressed goes out as it was; one that merely did not shrink goes out compressed, as
    /// Kafka's own producer sends it.
    #[must_use]
    pub fn run(self, compressor: &mut Compressor) -> Done {
        match self.records.compressed(ProducerStamp::NONE, compressor) {
            Ok(records) if records.len() > self.batch_bytes_max => {
                Done { records: Ok(self.records.finish(ProducerStamp::NONE)), spare: None }
            }
            result => Done { records: result.map_err(CompressionError::from), spare: Some(self.records) },
        }
    }
}

impl super::Config {
    /// What the producer's batches are compressed by, one after the other.
    ///
    /// # Errors
    /// When the codec does not have the level.
    pub fn compressor(&self) -> Result<Compressor, CompressionError> {
        Ok(Compressor::new(self.compression, self.compression_level).map_err(CompressBatchError::from)?)
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
        let slots = self.slots(now, key);
        let lane = self.lanes.get_mut(&key).filter(|lane| lane.awaits_job)?;
        lane.awaits_job = false;
        lane.compress_at(&self.config, slots, self.flushed).filter(|at| *at <= now)?;
        let batch = lane.take(key, batches)?;
        let id = self.next_job;
        self.next_job = JobId(id.0 + 1);
        self.jobs += 1;
        let (batch, records) = batch.with(());
        let job = Job { records, batch_bytes_max: self.config.batch_bytes_max };
        lane.ahead = Ahead::Compressing { job: id, batch };
        Some((Ticket { key, id }, job))
    }

    /// A job ended, with this as the batch to be sent.
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
        let Some(batch) = lane.take_back(id) else { return };
        match result {
            Ok(records) => lane.ahead = Ahead::Ready(batch.with(records).0),
            Err(error) => {
                let cause = Some(DeliveryCause::Compression(error));
                self.events.push_back(batch.ended(Outcome::NotSent { cause }));
            }
        }
        self.settle(now, key, batches);
    }

    /// Puts a lane in the queue for the codec, where its oldest batch is due.
    pub(super) fn enqueue_job(&mut self, now: Instant, key: PartitionKey) {
        let slots = self.slots(now, key);
        let Some(lane) = self.lanes.get_mut(&key).filter(|lane| !lane.awaits_job) else { return };
        if lane.compress_at(&self.config, slots, self.flushed).is_some_and(|at| at <= now) {
            lane.awaits_job = true;
            self.to_compress.push_back(key);
        }
    }
}

impl<D> Lane<D> {
    /// The batch that this job has, where it has not ended.
    fn take_back(&mut self, id: JobId) -> Option<super::Batch<D, ()>> {
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
