//! Produce requests and Fetch responses, encoded without copying a record.
//!
//! Both are [`Segments`](crate::Segments): the fields in front of a record batch, the batch's bytes as they are, the fields after them, and so on.
//! All together are the bytes that Kafka's own serializer writes.

mod fetch;
mod produce;
mod writer;

pub use fetch::{
    AbortedTransaction, CurrentLeader, EpochEndOffset, FetchPartition, FetchResponse, FetchTopic, NodeEndpoint,
    SnapshotId, encode_fetch_response,
};
pub use produce::{ProducePartition, ProduceRequest, ProduceTopic, encode_produce_request};
