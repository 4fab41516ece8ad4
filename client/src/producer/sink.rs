//! A producer as a sink.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_sink::Sink;

use super::{Delivery, DeliveryError, NotTaken, Producer, Record, SendError};
use crate::io::delivery::Pending;

/// A producer as a [`Sink`] of records, with back pressure: it is ready when the record before has its room under `buffer_bytes_max`.
///
/// - `poll_ready` waits for that room, as [`Producer::send`] does, and for at most as long.
/// - `poll_flush` sends without lingering and waits until every record of this sink has ended.
/// - `poll_close` does the same, takes no more records, and lets go of the producer, which is closed with its last handle.
///
/// An error is that of a record that was not taken, or not delivered, since the last error; each of the three may tell of it, and the sink can be used on.
/// What becomes of each record by itself is told by [`Producer::send`] and [`Producer::send_all`].
///
/// Dropping it before it is flushed stops the waiting, and leaves the records to the producer; the one that waits for room is not sent.
#[must_use = "a sink does nothing by itself"]
pub struct ProducerSink {
    /// `None` when it is closed.
    producer: Option<Producer>,
    waiting: Option<Sending>,
    pending: Pending,
    /// Whether a record was taken since batches were last told not to linger.
    lingers: bool,
}

type Sending = Pin<Box<dyn Future<Output = Result<Delivery, SendError>> + Send>>;

/// Why a record that was given to a [`ProducerSink`] is not in the log, or not known to be.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// It was not taken.
    #[error(transparent)]
    Send(#[from] SendError),
    /// It was taken, and not delivered.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
}

impl ProducerSink {
    pub(super) fn new(producer: Producer) -> Self {
        Self { producer: Some(producer), waiting: None, pending: Pending::default(), lingers: false }
    }

    /// Waits until the record that waits for room has it, and tells of an error.
    fn poll_taken(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        if let Some(waiting) = &mut self.waiting {
            let sent = ready!(waiting.as_mut().poll(context));
            self.waiting = None;
            self.take(sent?);
        }
        Poll::Ready(self.pending.take_error().map_or(Ok(()), |error| Err(error.into())))
    }

    fn take(&mut self, delivery: Delivery) {
        self.pending.push(delivery);
        self.lingers = true;
    }
}

impl Sink<Record<'static>> for ProducerSink {
    type Error = SinkError;

    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        self.get_mut().poll_taken(context)
    }

    fn start_send(self: Pin<&mut Self>, record: Record<'static>) -> Result<(), SinkError> {
        let this = self.get_mut();
        let Some(producer) = &this.producer else { return Err(SendError::Closed.into()) };
        match producer.try_send(record) {
            Ok(delivery) => this.take(delivery),
            Err(error) => match error.reason {
                NotTaken::Refused(error) => return Err(error.into()),
                NotTaken::NoRoom { .. } | NotTaken::TopicUnknown { .. } => {
                    let producer = producer.clone();
                    this.waiting = Some(Box::pin(async move { producer.send(error.record).await }));
                }
            },
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        let this = self.get_mut();
        ready!(this.poll_taken(context))?;
        if let Some(producer) = this.producer.as_ref().filter(|_| this.lingers) {
            producer.handle.producing.hurry();
            this.lingers = false;
        }
        ready!(this.pending.poll_ended(context));
        Poll::Ready(this.pending.take_error().map_or(Ok(()), |error| Err(error.into())))
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        let flushed = ready!(self.as_mut().poll_flush(context));
        if flushed.is_ok() {
            self.producer = None;
        }
        Poll::Ready(flushed)
    }
}

impl fmt::Debug for ProducerSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProducerSink").field("is_closed", &self.producer.is_none()).finish_non_exhaustive()
    }
}
