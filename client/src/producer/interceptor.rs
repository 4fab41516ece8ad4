//! Code of the user's that sees what is sent.

use std::fmt;
use std::sync::Arc;

use super::{DeliveryError, Record};

/// Sees, and may change, each record before it is sent, and hears how records have ended; for tracing headers, auditing, masking and the like.
///
/// Several are called in the order in which they were [added](crate::ProducerBuilder::interceptor). They are called by whoever sends and by the tasks of the
/// connections, so they must not block. What an interceptor sends by the same producer is intercepted too.
///
/// A panic does not end the producer: one in `on_send` refuses that record alone with [`SendError::Interceptor`](crate::SendError::Interceptor), for what was to
/// be added or masked is not; one in `on_end` is logged.
///
/// ```
/// use ottla::{ProducerInterceptor, Record};
///
/// struct Source(&'static str);
///
/// impl ProducerInterceptor for Source {
///     fn on_send<'a>(&self, record: Record<'a>) -> Record<'a> {
///         record.header("source", self.0)
///     }
/// }
/// ```
pub trait ProducerInterceptor: Send + Sync + 'static {
    /// The record that is sent in the place of this one, before its partition is chosen. A record that is tried again, because
    /// [`try_send`](crate::Producer::try_send) gave it back, comes here again as it first was.
    fn on_send<'a>(&self, record: Record<'a>) -> Record<'a> {
        record
    }

    /// Records that follow each other in a partition have ended, all in the same way. It is not told of records that were not taken.
    fn on_end(&self, _ended: &EndedRecords<'_>) {}
}

/// Records of one batch that have ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct EndedRecords<'a> {
    /// Their topic.
    pub topic: &'a str,
    /// Their partition.
    pub partition: i32,
    /// How many they are.
    pub record_count: u32,
    /// The offset of the first where they are in the log, or else why they are not, or not known to be.
    pub result: Result<i64, &'a DeliveryError>,
}

/// Those of one producer, in their order.
#[derive(Clone, Default)]
pub(crate) struct Interceptors(pub(crate) Vec<Arc<dyn ProducerInterceptor>>);

impl fmt::Debug for Interceptors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Interceptors").field(&self.0.len()).finish()
    }
}
