//! Batches on their way through the codec: which is compressed, or split, when, and what came of it.

use std::mem;
use std::time::Instant;

use bytes::Bytes;
use ottla_wire::compression::Compressor;
use ottla_wire::record::{BatchWriter, CompressBatchError, Compression, ProducerStamp};

use super::flight::{AttemptId, Fate};
use super::lane::{Ahead, Lane};
use super::split::{self, Parts};
use super::{Batches, DeliveryCause, Outcome, PartitionKey, Sender};

/// From this version on, a batch may be compressed with zstd (KIP-110).
const ZSTD_FROM: i16 = 7;

/// Another for each job, so that what comes of a batch that has ended meanwhile is known as such.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct JobId(u64);

impl JobId {
    /// This one, and from now on the next.
    const fn take(&mut self) -> Self {
        let Self(id) = *self;
        *self = Self(id + 1);
        Self(id)
    }
}

/// A batch to be compressed, or to be split.
#[derive(Debug)]
pub struct Job {
    pub(super) work: Work,
    /// The most that a batch may have that comes of it.
    pub(super) batch_bytes_max: usize,
}

#[derive(Debug)]
pub(super) enum Work {
    Compress(BatchWriter),
    Split(Bytes),
}

/// What became of a [`Job`].
#[derive(Debug)]
pub struct Done {
    /// What is sent.
    pub result: Result<Made, CompressionError>,
    /// What the records were in, for a batch to come.
    pub spare: Option<BatchWriter>,
}

/// What a [`Job`] makes.
#[derive(Debug)]
pub enum Made {
    /// The batch, compressed.
    Batch(Bytes),
    /// The batch, in parts.
    Parts(Parts),
}

/// What the result of a [`Job`] is handed back with, whatever became of it ([`Sender::handle_compressed`]).
#[derive(Debug)]
pub struct Ticket {
    key: PartitionKey,
    id: JobId,
}

/// Why a batch was not compressed, or not split. It is not in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompressionError {
    /// The codec did not take it.
    #[error(transparent)]
    Refused(#[from] CompressBatchError),
    /// A batch that is to be split cannot be read.
    #[error("the batch cannot be read back")]
    Unreadable,
    /// The job ended without a result: it panicked, or its runtime is shutting down.
    #[error("the job ended without a result")]
    Lost,
}

impl Job {
    /// How much it has to read, in bytes.
    #[must_use]
    pub const fn size_bytes(&self) -> usize {
        match &self.work {
            Work::Compress(records) => records.size_bytes(),
            Work::Split(batch) => batch.len(),
        }
    }

    /// Compresses the batch by [`super::Config::compressor`]; this takes milliseconds of a processor, and is for a thread on which nobody waits.
    ///
    /// A batch that would be above the bound of a batch when compressed goes out as it was; one that merely did not shrink goes out compressed, as
    /// Kafka's own producer sends it.
    #[must_use]
    pub fn run(self, compressor: &mut Compressor) -> Done {
        let batch_bytes_max = self.batch_bytes_max;
        match self.work {
            Work::Compress(records) => {
                let (result, spare) = compress(records, ProducerStamp::NONE, compressor, batch_bytes_max);
                Done { result: result.map(Made::Batch), spare }
            }
            Work::Split(batch) => {
                Done { result: split::split(batch, compressor, batch_bytes_max).map(Made::Parts), spare: None }
            }
        }
    }
}

/// The batch as it is sent, and what its records were in where that is of use again.
pub(super) fn compress(
    records: BatchWriter,
    producer: ProducerStamp,
    compressor: &mut Compressor,
    batch_bytes_max: usize,
) -> (Result<Bytes, CompressionError>, Option<BatchWriter>) {
    match records.compressed(producer, compressor) {
        Ok(compressed) if compressed.len() > batch_bytes_max => (Ok(records.finish(producer)), None),
        result => (result.map_err(CompressionError::from), Some(records)),
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

impl<D: Clone> Sender<D> {
    /// The next batch to be compressed or split; none while [`super::Config::compressions_max`] are.
    pub fn poll_compress(&mut self, now: Instant, batches: &mut impl Batches<D>) -> Option<(Ticket, Job)> {
        while self.jobs < self.config.compressions_max {
            if let Some((key, attempt)) = self.to_split.pop_front() {
                match self.begin_split(key, attempt) {
                    Some(job) => return Some(job),
                    None => continue,
                }
            }
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
        let id = self.next_job.take();
        self.jobs += 1;
        let (batch, records) = batch.with(());
        let job = Job { work: Work::Compress(records), batch_bytes_max: self.config.batch_bytes_max };
        lane.ahead = Ahead::Compressing { job: id, batch };
        Some((Ticket { key, id }, job))
    }

    fn begin_split(&mut self, key: PartitionKey, attempt: AttemptId) -> Option<(Ticket, Job)> {
        let batch_bytes_max = self.batch_bytes_max(key.topic);
        let id = self.next_job;
        let batch = self.lanes.get_mut(&key)?.flight.begin_split(attempt, id)?;
        self.next_job.take();
        self.jobs += 1;
        Some((Ticket { key, id }, Job { work: Work::Split(batch), batch_bytes_max }))
    }

    /// A job ended, with this as what is to be sent.
    pub fn handle_compressed(
        &mut self,
        now: Instant,
        ticket: Ticket,
        result: Result<Made, CompressionError>,
        batches: &mut impl Batches<D>,
    ) {
        self.jobs = self.jobs.saturating_sub(1);
        let Ticket { key, id } = ticket;
        match result {
            Ok(Made::Parts(parts)) => self.put_parts(now, key, id, parts),
            Ok(Made::Batch(records)) => {
                if let Some(lane) = self.lanes.get_mut(&key)
                    && let Some(batch) = lane.take_back(id)
                {
                    lane.ahead = Ahead::Ready(batch.with(records).0);
                }
            }
            Err(error) => self.give_up_job(key, id, error),
        }
        self.settle(now, key, batches);
    }

    /// Ends the batch that a job has failed on.
    fn give_up_job(&mut self, key: PartitionKey, id: JobId, error: CompressionError) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let batch = match lane.flight.split_by(id) {
            Some(attempt) => lane.flight.end(attempt, Fate::Refused).and_then(|over| Some(over.batch?.with(()).0)),
            None => lane.take_back(id),
        };
        let cause = Some(DeliveryCause::Compression(error));
        self.events.extend(batch.map(|batch| batch.ended(Outcome::NotSent { cause })));
    }
}

impl<D> Sender<D> {
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
