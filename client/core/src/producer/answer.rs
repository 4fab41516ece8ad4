//! What the end of a Produce request says of each of its batches.

use std::sync::Arc;

use ottla_wire::message::produce_response::PartitionProduceResponse;
use ottla_wire::message::{ProduceRequest, ProduceResponse};
use ottla_wire::{ErrorCode, TopicId};

use super::flight::AttemptId;
use super::{Acks, DeliveryCause, PartitionKey};
use crate::request::{Answer, RequestError};

/// From this version on, a topic is named by its id (KIP-516).
pub(super) const TOPIC_ID_FROM: i16 = 13;

/// What the end of a request says of one batch.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    Delivered {
        base_offset: i64,
        log_append_time: Option<i64>,
    },
    /// To be sent again, after new metadata where that may help.
    Again {
        cause: DeliveryCause,
        may_be_written: bool,
        refresh: bool,
    },
    /// The leader expects another number; the batch is not in the log.
    Misnumbered {
        cause: DeliveryCause,
    },
    /// The broker would refuse it again.
    Refused {
        code: ErrorCode,
        message: Option<Arc<str>>,
    },
    /// It cannot be tried again.
    Over {
        cause: DeliveryCause,
        may_be_written: bool,
    },
}

/// A batch of a request, as the request named it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) key: PartitionKey,
    pub(super) attempt: AttemptId,
    pub(super) topic: Arc<str>,
    pub(super) topic_id: TopicId,
}

/// The answers of one request, in the order of what was `asked`.
pub(super) fn read(acks: Acks, asked: &[Asked], result: Result<Answer, RequestError>) -> Vec<Verdict> {
    if acks == Acks::None && result.is_ok() {
        return asked.iter().map(|_| Verdict::Delivered { base_offset: -1, log_append_time: None }).collect();
    }
    let decoded = result.and_then(|answer| {
        let version = answer.version;
        Ok((version, answer.decode::<ProduceRequest>()?))
    });
    match decoded {
        Err(error) => {
            let verdict = of_failed_request(error);
            asked.iter().map(|_| verdict.clone()).collect()
        }
        Ok((version, response)) => asked.iter().map(|asked| of_partition(find(version, &response, asked))).collect(),
    }
}

fn of_failed_request(error: RequestError) -> Verdict {
    let (again, may_be_written) = match &error {
        RequestError::NotSent { .. } => (true, false),
        RequestError::OutcomeUnknown { .. } => (true, true),
        RequestError::Unsupported { .. } | RequestError::Unwritable(_) => (false, false),
        // The same request would get the same answer, and append the records once more.
        RequestError::Malformed { .. } => (false, true),
    };
    let cause = DeliveryCause::Request(error);
    // A broker that went away may lead no longer.
    if again {
        Verdict::Again { cause, may_be_written, refresh: true }
    } else {
        Verdict::Over { cause, may_be_written }
    }
}

fn find<'a>(version: i16, response: &'a ProduceResponse, asked: &Asked) -> Option<&'a PartitionProduceResponse> {
    let mut topics = response.responses.iter();
    let topic = topics.find(|topic| {
        if version >= TOPIC_ID_FROM {
            TopicId::from(topic.topic_id) == asked.topic_id
        } else {
            topic.name.as_str() == &*asked.topic
        }
    })?;
    topic.partition_responses.iter().find(|partition| partition.index == asked.key.partition)
}

fn of_partition(answer: Option<&PartitionProduceResponse>) -> Verdict {
    let Some(answer) = answer else {
        return Verdict::Over { cause: DeliveryCause::Unanswered, may_be_written: true };
    };
    let code = ErrorCode(answer.error_code);
    if code.is_ok() {
        let log_append_time = Some(answer.log_append_time_ms).filter(|time| *time >= 0);
        return Verdict::Delivered { base_offset: answer.base_offset, log_append_time };
    }
    let cause = DeliveryCause::Code(code);
    if is_misnumbered(code) {
        return Verdict::Misnumbered { cause };
    }
    match (code.is_retriable(), appended_perhaps(code)) {
        (true, may_be_written) => Verdict::Again { cause, may_be_written, refresh: code.refreshes_metadata() },
        (false, true) => Verdict::Over { cause, may_be_written: true },
        (false, false) => {
            let message = answer.error_message.as_ref().map(|message| Arc::from(message.as_str()));
            Verdict::Refused { code, message }
        }
    }
}

/// Whether a leader says with this that the numbers of a batch are not those that it expects. One that has no state of the producer says so in its own
/// ways: before Kafka 2.5 by `UNKNOWN_PRODUCER_ID`, and by the epoch where it knows of a later one.
const fn is_misnumbered(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::OUT_OF_ORDER_SEQUENCE_NUMBER | ErrorCode::UNKNOWN_PRODUCER_ID | ErrorCode::INVALID_PRODUCER_EPOCH
    )
}

/// Whether a broker may say this after it has appended the records: while it waits for the replicas, leadership may move, the disk may fail,
/// replicas may fall behind, or time may pass (Kafka's `DelayedProduce`, and `Partition.checkEnoughReplicasReachOffset`).
const fn appended_perhaps(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NOT_LEADER_OR_FOLLOWER
            | ErrorCode::KAFKA_STORAGE_ERROR
            | ErrorCode::REQUEST_TIMED_OUT
            | ErrorCode::NOT_ENOUGH_REPLICAS_AFTER_APPEND
            | ErrorCode::UNKNOWN_SERVER_ERROR
            // It has the batch, and has forgotten where.
            | ErrorCode::DUPLICATE_SEQUENCE_NUMBER
    )
}
