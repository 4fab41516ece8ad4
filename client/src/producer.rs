//! The producer.

mod builder;
mod error;
mod interceptor;
mod metrics;
mod partitioner;
mod record;
mod sink;

use std::sync::Arc;
use std::time::Duration;

pub use builder::ProducerBuilder;
pub use error::{CloseError, DeliveryError, NotTaken, SendAllError, SendError, TrySendError};
pub(crate) use interceptor::Interceptors;
pub use interceptor::{EndedRecords, ProducerInterceptor};
pub use metrics::{HISTOGRAM_BUCKETS, Histogram, ProducerMetrics};
pub use ottla_core::producer::{Acks, DeliveryCause};
pub use partitioner::{Partitioner, Partitioning, Unplaced};
pub use record::{Record, RecordBytes};
pub use sink::{ProducerSink, SinkError};

pub use crate::io::delivery::{Delivered, Deliveries, Delivery, DeliveryResults, LostRecords};
use crate::io::producing::Producing;

/// Sends records: gathers those of one partition in a batch, and many batches in a request to the broker that leads them.
///
/// Records of one partition are in the log in the order in which [`send`](Self::send) took them, each once, also when a request has to be sent again:
/// a producer is idempotent (KIP-98). Where that is [turned off](ProducerBuilder::idempotence), the order is kept all the same, and a request whose
/// answer was lost is sent again and may put its records into the log twice.
///
/// Cloning it gives another handle of the same producer. Dropping the last one never blocks: what was not delivered by then ends with an error, is
/// counted ([`LostRecords`]) and logged; [`close`](Self::close) waits for it.
#[derive(Clone, Debug)]
pub struct Producer {
    handle: Arc<Handle>,
}

/// The producer ends when this is dropped, although its connections may be at work.
struct Handle {
    producing: Arc<Producing>,
}

impl Producer {
    pub(crate) fn new(producing: Arc<Producing>) -> Self {
        Self { handle: Arc::new(Handle { producing }) }
    }

    /// Takes a record, and waits only for what it needs to do so: for metadata when a topic is used for the first time, and for room where the
    /// records that are not delivered take `buffer_bytes_max`; for each at most the producer's `send_timeout`.
    ///
    /// What becomes of the record is told by the [`Delivery`], which need not be awaited.
    ///
    /// # Errors
    /// When the record is too large, its topic or partition is not there, no room became free, an interceptor panicked, or the producer is closed; see
    /// [`SendError`]. Nothing of the record was sent then.
    ///
    /// # Cancellation
    /// Dropping the future before it is ready takes the record back: it is not sent.
    pub async fn send(&self, record: Record<'_>) -> Result<Delivery, SendError> {
        let record = self.handle.producing.intercept(record)?;
        self.handle.producing.send(&record).await
    }

    /// Takes a record if that needs no waiting, and otherwise gives it back with the reason.
    ///
    /// A topic that is used for the first time is asked for in the background, so that it is known a little later; where it cannot be used, the call after
    /// that says why.
    ///
    /// # Errors
    /// When there is no room now, the topic is not known yet, or [`send`](Self::send) would refuse the record; see [`NotTaken`]. Nothing of the record was
    /// sent then.
    #[expect(clippy::result_large_err, reason = "the record comes back as it was given, without an allocation")]
    pub fn try_send<'a>(&self, record: Record<'a>) -> Result<Delivery, TrySendError<'a>> {
        self.handle.producing.try_send(&record).map_err(|reason| TrySendError { record, reason })
    }

    /// Takes many records, in their order, and waits as [`send`](Self::send) does for each. It is cheaper than to send one by one: those that follow each
    /// other into one partition take its lock once, and share their delivery.
    ///
    /// # Errors
    /// When a record is not taken, for the reasons of [`send`](Self::send); the error has the deliveries of those before it, which go on. None behind it was
    /// taken from the iterator.
    ///
    /// # Cancellation
    /// Dropping the future before it is ready leaves the records that were taken to be sent, and takes no more; a [`flush`](Self::flush) waits for them.
    pub async fn send_all<'a>(
        &self,
        records: impl IntoIterator<Item = Record<'a>>,
    ) -> Result<Deliveries, SendAllError> {
        let mut taken = Deliveries::default();
        match self.handle.producing.send_all(records.into_iter(), &mut taken).await {
            Ok(()) => Ok(taken),
            Err(error) => Err(SendAllError { taken, error }),
        }
    }

    /// This handle as a [`Sink`](futures_sink::Sink) of records.
    pub fn into_sink(self) -> ProducerSink {
        ProducerSink::new(self)
    }

    /// Sends all that waits without lingering, and returns when every record that was taken before has ended, in whichever way; each does by its
    /// delivery timeout. Records that are taken meanwhile are not waited for.
    ///
    /// # Cancellation
    /// Dropping the future stops the waiting, not the sending.
    pub async fn flush(&self) {
        self.handle.producing.flush().await;
    }

    /// Takes no more records, flushes for at most `within`, and closes the connections. Records that have not ended then end with an error.
    ///
    /// # Errors
    /// When there were such records; the error counts them.
    ///
    /// # Cancellation
    /// Dropping the future leaves the producer closed to new records, while those that it has go on being sent; close it again to wait for them.
    pub async fn close(&self, within: Duration) -> Result<(), CloseError> {
        self.handle.producing.close(within).await
    }

    /// What the producer has counted up to now.
    #[must_use]
    pub fn metrics(&self) -> ProducerMetrics {
        self.handle.producing.metrics()
    }

    /// Counts the records that were lost because the producer was closed or dropped too early. The counter outlives the producer.
    #[must_use]
    pub fn lost_records(&self) -> LostRecords {
        self.handle.producing.lost_records()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Nobody is there to take the error; it was logged and counted.
        let _ = self.producing.abandon();
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producing").finish_non_exhaustive()
    }
}
