//! The consumer.

mod batch;
mod builder;
mod error;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use batch::{Batch, ConsumerRecord, OwnedRecord};
pub use builder::ConsumerBuilder;
pub use error::{AssignError, BuildConsumerError, ConsumeError, OffsetsError};
pub use ottla_core::consumer::{NotAssigned, OnOffsetOutOfRange, Start, StopReason, Stopped, TopicPartition};

use crate::io::consuming::{self, Consuming};

/// Reads the partitions that are assigned to it.
///
/// Every broker that leads one is fetched from over a connection of its own, ahead of the application and within a bound of bytes, so that a broker that has
/// nothing never delays what another has. What was fetched waits as it came and is decoded when it is handed out; the partitions take turns.
///
/// A partition's position, where it is read next, moves when its records are handed out, by a [`seek`](Self::seek), and by the reset that
/// [`ConsumerBuilder::on_offset_out_of_range`] asks for. It is kept nowhere else: who wants to go on there later keeps it himself.
///
/// Cloning it gives another handle of the same consumer. Dropping the last one never blocks, and closes the connections.
///
/// ```no_run
/// # async fn read(client: ottla::Client) -> Result<(), Box<dyn std::error::Error>> {
/// let consumer = client.consumer().assign_topic("events").from_beginning().build().await?;
/// while let Some(batch) = consumer.next().await? {
///     for record in batch.records() {
///         let record = record?;
///         println!("{}-{} @ {}: {:?}", record.topic(), record.partition(), record.offset(), record.value());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Consumer {
    consuming: Arc<Consuming>,
}

impl Consumer {
    pub(crate) const fn new(consuming: Arc<Consuming>) -> Self {
        Self { consuming }
    }

    /// The next records, as soon as there are any: some of one partition that follow one another. `None` when nothing will come: no partition is assigned, or each was
    /// stopped by an error; it is `Some` again after an assignment or a seek. It is `None` for good once the runtime has ended that the client was connected on.
    ///
    /// # Errors
    /// When a partition cannot be read on, or a broker lets the client in no more; see [`ConsumeError`]. Each error is returned once, after all that comes
    /// before it; the other partitions go on, and so does the next call.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing: what it would have returned is there for the next call.
    pub async fn next(&self) -> Result<Option<Batch>, ConsumeError> {
        self.consuming.next().await
    }

    /// Reads exactly these partitions from now on. One that was assigned before goes on where it is; another starts at `start`.
    ///
    /// Waits for metadata of topics that are new to the client, at most for its `admin_timeout`.
    ///
    /// # Errors
    /// When a topic or partition is not there; nothing was changed then.
    ///
    /// # Cancellation
    /// Dropping the future leaves everything as it was.
    pub async fn assign<P: Into<TopicPartition>>(
        &self,
        partitions: impl IntoIterator<Item = P>,
        start: Start,
    ) -> Result<(), AssignError> {
        let partitions = partitions.into_iter().map(|at| (at.into(), start)).collect();
        self.consuming.assign(partitions, self.consuming.shared().admin_deadline()).await
    }

    /// Reads a partition on from `start`. What waits of it to be handed out is dropped, and an error that stopped it is over.
    ///
    /// # Errors
    /// When it is not assigned.
    pub fn seek(&self, partition: impl Into<TopicPartition>, start: Start) -> Result<(), NotAssigned> {
        self.consuming.seek(&partition.into(), start)
    }

    /// The offset of the next record that is handed out of a partition; `None` while its beginning or end is looked up.
    ///
    /// # Errors
    /// When it is not assigned.
    pub fn position(&self, partition: impl Into<TopicPartition>) -> Result<Option<i64>, NotAssigned> {
        self.consuming.position(&partition.into())
    }

    /// The assigned partitions, those that were stopped by an error included.
    #[must_use]
    pub fn assignment(&self) -> Vec<TopicPartition> {
        self.consuming.assignment()
    }

    /// How many bytes of answers wait to be handed out; at most `fetch_buffer_bytes_max`, and one batch per broker.
    #[must_use]
    pub fn buffered_bytes(&self) -> usize {
        self.consuming.buffered_bytes()
    }

    /// The offset of the first record that is kept of each of these partitions, which need not be assigned.
    ///
    /// # Errors
    /// When one of them is not known at the end of the client's `admin_timeout`, or is refused.
    ///
    /// # Cancellation
    /// Dropping the future has no effect.
    pub async fn beginning_offsets<P: Into<TopicPartition>>(
        &self,
        partitions: impl IntoIterator<Item = P>,
    ) -> Result<BTreeMap<TopicPartition, i64>, OffsetsError> {
        let partitions = partitions.into_iter().map(Into::into).collect();
        consuming::offsets(self.consuming.shared(), consuming::Place::Beginning, partitions).await
    }

    /// The offset after the last record that all in-sync replicas have, of each of these partitions, which need not be assigned.
    ///
    /// # Errors
    /// As [`Consumer::beginning_offsets`].
    ///
    /// # Cancellation
    /// Dropping the future has no effect.
    pub async fn end_offsets<P: Into<TopicPartition>>(
        &self,
        partitions: impl IntoIterator<Item = P>,
    ) -> Result<BTreeMap<TopicPartition, i64>, OffsetsError> {
        let partitions = partitions.into_iter().map(Into::into).collect();
        consuming::offsets(self.consuming.shared(), consuming::Place::End, partitions).await
    }
}
