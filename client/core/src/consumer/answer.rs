//! What a broker's answer says of each partition.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use ottla_wire::message::FetchRequest;
use ottla_wire::{ErrorCode, TopicId};

use super::TopicPartition;
use super::broker::Flight;
use super::request::TOPIC_ID_FROM;
use crate::request::{Answer, RequestError};

/// What an error code says of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same may succeed later, with new metadata.
    Again,
    /// The broker knows no such partition. It may not have heard of it yet.
    Unknown,
    /// The log does not have the offset.
    OutOfRange,
    /// The client may not read it.
    NotAuthorized,
    /// The same would be refused again.
    Refused(ErrorCode),
}

impl Verdict {
    /// What Kafka's own consumer makes of the errors of Fetch and ListOffsets (`FetchCollector`, `OffsetFetcherUtils`), with one difference: a partition that
    /// stays unknown is an error after a while.
    pub(super) const fn of(code: ErrorCode) -> Self {
        match code {
            ErrorCode::UNKNOWN_TOPIC_OR_PARTITION | ErrorCode::UNKNOWN_TOPIC_ID | ErrorCode::INCONSISTENT_TOPIC_ID => {
                Self::Unknown
            }
            ErrorCode::OFFSET_OUT_OF_RANGE => Self::OutOfRange,
            ErrorCode::TOPIC_AUTHORIZATION_FAILED => Self::NotAuthorized,
            // The broker's log itself is damaged: it reads no better a second time.
            ErrorCode::CORRUPT_MESSAGE => Self::Refused(code),
            ErrorCode::UNKNOWN_SERVER_ERROR => Self::Again,
            _ if code.is_retriable() => Self::Again,
            _ => Self::Refused(code),
        }
    }
}

/// An answer to Fetch.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The size of the answer in memory.
    pub(super) size_bytes: usize,
    /// What it says of each partition that it names.
    pub(super) partitions: Vec<(TopicPartition, Result<Bytes, ErrorCode>)>,
}

/// Reads the answer to what `flight` asked.
///
/// # Errors
/// When it says nothing of any partition.
pub(super) fn read(flight: &Flight, answer: Answer) -> Result<Fetched, Failure> {
    let (version, size_bytes) = (answer.version, answer.body.len());
    let response = answer.decode::<FetchRequest>().map_err(Failure::Request)?;
    ErrorCode(response.error_code).ok().map_err(Failure::Refused)?;
    let by_id: BTreeMap<TopicId, &Arc<str>> = flight.topics.iter().map(|(name, id)| (*id, name)).collect();
    let mut partitions = Vec::new();
    for topic in response.responses {
        let name = if version >= TOPIC_ID_FROM {
            by_id.get(&TopicId::from(topic.topic_id)).map(|name| Arc::clone(name))
        } else {
            flight.topics.get_key_value(topic.topic.as_str()).map(|(name, _)| Arc::clone(name))
        };
        let Some(name) = name else { continue };
        partitions.extend(topic.partitions.into_iter().map(|partition| {
            let at = TopicPartition { topic: Arc::clone(&name), partition: partition.partition_index };
            let records = ErrorCode(partition.error_code).ok();
            (at, records.map(|()| partition.records.unwrap_or_default()))
        }));
    }
    Ok(Fetched { size_bytes, partitions })
}

/// Why an answer says nothing of any partition.
#[derive(Debug)]
pub(super) enum Failure {
    /// There is none, or it cannot be read.
    Request(RequestError),
    /// The broker refused the request as a whole.
    Refused(ErrorCode),
}
