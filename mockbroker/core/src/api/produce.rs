//! Produce (0), versions 3 to 13; advertised from 0.
//!
//! Each partition's batch is appended or refused alone: an unknown topic (`UNKNOWN_TOPIC_OR_PARTITION`, from version 13 on by id
//! `UNKNOWN_TOPIC_ID`), a broker that does not lead the partition (`NOT_LEADER_OR_FOLLOWER`, from version 10 on with the leader and its
//! address, KIP-951), no batch, two, or one that Kafka would not take (`INVALID_RECORD`), bytes that their checksum does not hold
//! (`CORRUPT_MESSAGE`), too many of them (`MESSAGE_TOO_LARGE`), a topic of Kafka's own (`INVALID_TOPIC_EXCEPTION`), acks that are none of
//! -1, 0 and 1 (`INVALID_REQUIRED_ACKS`). A batch of an idempotent producer that comes again is answered as when it first came (KIP-98).
//! With acks=0 nothing is answered, and a failure closes the connection.
//!
//! With acks=all the answer waits until all replicas that are in sync have each batch, which is at once unless one of them does not fetch; of those for
//! which that takes longer than `timeout_ms` it says `REQUEST_TIMED_OUT`, of those whose leader moves `NOT_LEADER_OR_FOLLOWER`, and where fewer
//! replicas are in sync by then than `min.insync.replicas` says `NOT_ENOUGH_REPLICAS_AFTER_APPEND`, which is so only before Kafka 3.7.
//!
//! Needs WRITE on each topic (`TOPIC_AUTHORIZATION_FAILED`), and for batches of a transaction WRITE on the transactional id, which must be
//! said (`TRANSACTIONAL_ID_AUTHORIZATION_FAILED`, for the whole request).
//!
//! A compressed batch is decompressed, and each of its records checked as in any other; zstd needs version 7 (`UNSUPPORTED_COMPRESSION_TYPE`,
//! KIP-110). A topic with a `compression.type` of its own has batches in that codec alone: others are written anew, and `max.message.bytes`
//! is held against both the bytes that came and those that are kept.
//!
//! Deviations: other batches of transactions are refused with `INVALID_TXN_STATE`, for there are none; a batch
//! for which the cluster has no room gets `KAFKA_STORAGE_ERROR`; those of the partition about records.

mod waiting;

use std::collections::BTreeSet;

use ottla_wire::message::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::message::produce_response::{
    BatchIndexAndErrorMessage, LeaderIdAndEpoch, NodeEndpoint, PartitionProduceResponse, TopicProduceResponse,
};
use ottla_wire::message::{ProduceRequest, ProduceResponse, TransactionalId};
use ottla_wire::record::{Batch, NO_TIMESTAMP};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::{Operation, Resource};
use crate::broker::Endpoint;
use crate::connection::{Closed, Connection};
use crate::journal::EntryKind;
use crate::partition::{AppendContext, Appended, Refused, only_batch};
use crate::state::State;
use crate::topic;

pub(crate) use waiting::ParkedProduce;
use waiting::Unacknowledged;

/// From this version on, topics are named by their id (KIP-516).
const TOPIC_ID_FROM: i16 = 13;

/// From this version on, an answer says which records are refused and why (KIP-467).
const RECORD_ERRORS_FROM: i16 = 8;

/// From this version on, an answer names the new leader (KIP-951).
const CURRENT_LEADER_FROM: i16 = 10;

/// From this version on, an answer has the offset at which the log begins.
const LOG_START_FROM: i16 = 5;

/// What stands for no offset.
const NO_OFFSET: i64 = -1;

/// The client id of Kafka's own tools, which may write the topics that Kafka keeps its state in.
const ADMIN_CLIENT: &str = "__admin_client";

/// How many replicas must have a batch before it is acknowledged.
mod acks {
    pub(super) const ALL: i16 = -1;
    pub(super) const NONE: i16 = 0;
    pub(super) const LEADER: i16 = 1;
}

impl Handle for ProduceRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 13);

    fn handle(mut self, call: &mut Call<'_>) -> Reply<ProduceResponse> {
        keep_last_of_each(&mut self.topic_data);
        let batches: Vec<Vec<_>> = self.topic_data.iter_mut().map(|topic| batches(topic, call.version)).collect();
        let is_transactional = batches.iter().flatten().flatten().any(Batch::is_transactional);
        let may_write = |id: &TransactionalId| call.may(Operation::Write, Resource::transactional_id(id.as_str()));
        if is_transactional && !self.transactional_id.as_ref().is_some_and(may_write) {
            let code = ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
            return self.failed(code).map_or(Reply::Close(Closed::UnacknowledgedProduce(code)), Reply::Answer);
        }
        let acks = self.acks;
        let mut outcome = Outcome::default();
        for (topic, batches) in self.topic_data.into_iter().zip(batches) {
            outcome.append_topic(call, acks, topic, batches);
        }
        match outcome.first_error {
            Some(code) if acks == acks::NONE => Reply::Close(Closed::UnacknowledgedProduce(code)),
            None if acks == acks::NONE => Reply::Nothing,
            _ if !outcome.unacknowledged.is_empty() => outcome.park(call, self.timeout_ms),
            _ => Reply::Answer(outcome.into_response(call.state, call.connection)),
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<ProduceResponse> {
        let partition = |of: &PartitionProduceData| failed_partition(of.index).with_error_code(code.0);
        let topics = self.topic_data.iter().map(|topic| {
            let partitions = topic.partition_data.iter().map(partition).collect();
            TopicProduceResponse::default()
                .with_name(topic.name.clone())
                .with_topic_id(topic.topic_id)
                .with_partition_responses(partitions)
        });
        (self.acks != acks::NONE).then(|| ProduceResponse::default().with_responses(topics.collect()))
    }
}

/// Of what stands more than once for a partition the last counts alone, as in Kafka, which keeps one for each.
fn keep_last_of_each(topics: &mut Vec<TopicProduceData>) {
    if topics.iter().map(|topic| topic.partition_data.len()).sum::<usize>() < 2 {
        return;
    }
    let mut seen = BTreeSet::new();
    for topic in topics.iter_mut().rev() {
        let (name, id) = (&topic.name, topic.topic_id);
        topic.partition_data.reverse();
        topic.partition_data.retain(|of| seen.insert((name.clone(), id, of.index)));
        topic.partition_data.reverse();
    }
    topics.retain(|topic| !topic.partition_data.is_empty());
}

/// The batch of each partition of a topic, taken out of the request.
fn batches(topic: &mut TopicProduceData, version: i16) -> Vec<Result<Batch, Refused>> {
    let records = topic.partition_data.iter_mut().map(|of| of.records.take().unwrap_or_default());
    records.map(|records| only_batch(records, version)).collect()
}

/// What became of the partitions so far.
#[derive(Debug, Default)]
struct Outcome {
    topics: Vec<TopicProduceResponse>,
    first_error: Option<ErrorCode>,
    /// The brokers that lead partitions which were sent to this one.
    leaders: BTreeSet<BrokerId>,
    /// The batches that not all replicas have that are in sync, and whose producer waits for that.
    unacknowledged: Vec<Unacknowledged>,
}

impl Outcome {
    fn append_topic(
        &mut self,
        call: &mut Call<'_>,
        acks: i16,
        topic: TopicProduceData,
        batches: Vec<Result<Batch, Refused>>,
    ) {
        let name = match call.version >= TOPIC_ID_FROM {
            true => call.state.topics.name_of(topic.topic_id.into()).map(|name| name.to_string()),
            false => Some(topic.name.to_string()),
        };
        let may_write = name.as_ref().is_some_and(|name| call.may(Operation::Write, Resource::topic(name)));
        let partitions = topic.partition_data.iter().zip(batches).enumerate().map(|(place, (of, batch))| {
            let place = [self.topics.len(), place];
            let appended = match &name {
                None => Err(Refused::from(ErrorCode::UNKNOWN_TOPIC_ID)),
                Some(_) if !may_write => Err(Refused::from(ErrorCode::TOPIC_AUTHORIZATION_FAILED)),
                Some(name) => append(call, acks, name, of.index, batch),
            };
            let reason = appended.as_ref().err().and_then(|refused| refused.message.clone());
            if let (Some(topic), Some(reason)) = (name.clone(), reason) {
                call.note(EntryKind::BatchRefused { topic, partition: of.index, reason });
            }
            if let (Ok(appended), Some(name), acks::ALL) = (&appended, &name, acks)
                && !appended.is_committed
            {
                self.unacknowledged.extend(Unacknowledged::of(appended, call.state, name, of.index, place));
            }
            self.answer(call, name.as_deref().unwrap_or_default(), of.index, appended)
        });
        let partitions = partitions.collect();
        let answer = TopicProduceResponse::default().with_name(topic.name).with_topic_id(topic.topic_id);
        self.topics.push(answer.with_partition_responses(partitions));
    }

    fn answer(
        &mut self,
        call: &Call<'_>,
        topic: &str,
        index: i32,
        appended: Result<Appended, Refused>,
    ) -> PartitionProduceResponse {
        let partition = call.state.topics.named(topic).and_then(|topic| topic.partition(index));
        let log_start = |is_known: bool| match partition {
            Some(partition) if is_known && call.version >= LOG_START_FROM => partition.log.start_offset(),
            _ => NO_OFFSET,
        };
        let answer = failed_partition(index);
        match appended {
            Ok(Appended { base_offset, log_append_time, .. }) => answer
                .with_base_offset(base_offset)
                .with_log_append_time_ms(log_append_time)
                .with_log_start_offset(log_start(true)),
            Err(refused) => {
                self.first_error.get_or_insert(refused.code);
                let answer = answer.with_log_start_offset(log_start(refused.is_of_log));
                let moved = partition.filter(|_| refused.code == ErrorCode::NOT_LEADER_OR_FOLLOWER);
                let answer = explained(answer, call.version, refused);
                match moved.filter(|_| call.version >= CURRENT_LEADER_FROM) {
                    None => answer,
                    Some(partition) => {
                        self.leaders.insert(partition.leader);
                        answer.with_current_leader(leader(partition.leader, partition.leader_epoch))
                    }
                }
            }
        }
    }

    fn into_response(self, state: &State, connection: &Connection) -> ProduceResponse {
        let listener = &connection.listener.name;
        let endpoints = self.leaders.iter().filter_map(|id| state.brokers.active_endpoint(*id, listener));
        ProduceResponse::default().with_responses(self.topics).with_node_endpoints(endpoints.map(node).collect())
    }
}

/// Appends what a request has for one partition.
fn append(
    call: &mut Call<'_>,
    acks: i16,
    topic: &str,
    index: i32,
    batch: Result<Batch, Refused>,
) -> Result<Appended, Refused> {
    let bounds = call.state.config.bounds;
    let room_bytes = bounds.log_bytes_max.saturating_sub(call.state.log_bytes);
    let broker = call.connection.broker;
    let unknown = ErrorCode::UNKNOWN_TOPIC_OR_PARTITION;
    let found = call.state.topics.named_mut(topic).ok_or(unknown)?;
    let (partition, configs) = found.partition_to_append(index).ok_or(unknown)?;
    let batch = batch?;
    if !matches!(acks, acks::ALL | acks::NONE | acks::LEADER) {
        return Err(ErrorCode::INVALID_REQUIRED_ACKS.into());
    }
    if topic::is_internal(topic) && call.client_id != Some(ADMIN_CLIENT) {
        return Err(ErrorCode::INVALID_TOPIC_EXCEPTION.into());
    }
    partition.check_leader(broker, LeaderEpoch::UNKNOWN)?;
    let context = AppendContext {
        configs,
        now: call.now.millis(),
        waits_for_all: acks == acks::ALL,
        advance_min: call.state.release.advance_min(configs.in_sync_replicas_min),
        room_bytes,
        producers_max: bounds.producers_max,
        decompressed_bytes_max: bounds.decompressed_bytes_max,
    };
    let appended = partition.append(batch, &context)?;
    call.state.has_appended(call.now, topic, index, &appended);
    Ok(appended)
}

fn failed_partition(index: i32) -> PartitionProduceResponse {
    PartitionProduceResponse::default()
        .with_index(index)
        .with_base_offset(NO_OFFSET)
        .with_log_append_time_ms(NO_TIMESTAMP)
}

fn explained(answer: PartitionProduceResponse, version: i16, refused: Refused) -> PartitionProduceResponse {
    let answer = answer.with_error_code(refused.code.0);
    // Of a batch that is refused as a whole, Kafka tells its own log alone why; the journal does.
    if version < RECORD_ERRORS_FROM || refused.records.is_empty() {
        return answer;
    }
    let record = |(index, reason)| {
        let error = BatchIndexAndErrorMessage::default().with_batch_index(index);
        error.with_batch_index_error_message(Some(text(reason)))
    };
    let records = refused.records.into_iter().map(record).collect();
    answer.with_record_errors(records).with_error_message(refused.message.map(text))
}

fn leader(id: BrokerId, epoch: LeaderEpoch) -> LeaderIdAndEpoch {
    LeaderIdAndEpoch::default().with_leader_id(id.0.into()).with_leader_epoch(epoch.0)
}

fn node(endpoint: Endpoint<'_>) -> NodeEndpoint {
    NodeEndpoint::default()
        .with_node_id(endpoint.id.0.into())
        .with_host(text(endpoint.address.host.as_str()))
        .with_port(endpoint.address.port.into())
        .with_rack(endpoint.rack.map(text))
}
