//! ListOffsets, written and read: where a log starts and ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_wire::message::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::message::{ListOffsetsRequest, ListOffsetsResponse, StrBytes, TopicName};
use ottla_wire::{BrokerId, ErrorCode, LeaderEpoch};

use super::answer::Verdict;
use super::request::READ_UNCOMMITTED;
use super::{Place, StopReason, TopicPartition};
use crate::cluster::Snapshot;
use crate::request::RequestError;

/// Names a lookup of one consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LookupId(pub u64);

/// A request for offsets. It does not wait at the broker, and goes over the connection for single calls.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// Comes back with the answer.
    pub id: LookupId,
    /// The leader of all its partitions.
    pub broker: BrokerId,
    /// The request.
    pub request: ListOffsetsRequest,
}

/// Why a lookup has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// None came; it may on another try.
    NoAnswer,
    /// None would on another try.
    Never(RequestError),
}

/// What is asked of one partition.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) at: TopicPartition,
    pub(super) leader_epoch: LeaderEpoch,
    pub(super) place: Place,
}

/// The request for all of `wanted`, in which a partition stands once.
pub(super) fn request(wanted: impl IntoIterator<Item = Wanted>) -> ListOffsetsRequest {
    let mut topics: BTreeMap<Arc<str>, Vec<ListOffsetsPartition>> = BTreeMap::new();
    for Wanted { at, leader_epoch, place } in wanted {
        let partition = ListOffsetsPartition::default()
            .with_partition_index(at.partition)
            .with_current_leader_epoch(leader_epoch.0)
            .with_timestamp(timestamp(place));
        topics.entry(at.topic).or_default().push(partition);
    }
    let topic = |(name, partitions): (Arc<str>, _)| {
        let name = TopicName(StrBytes::from_string(name.as_ref().to_owned()));
        ListOffsetsTopic::default().with_name(name).with_partitions(partitions)
    };
    let topics = topics.into_iter().map(topic).collect();
    ListOffsetsRequest::default()
        .with_replica_id(NO_REPLICA.into())
        .with_isolation_level(READ_UNCOMMITTED)
        .with_topics(topics)
}

/// A client is no replica.
const NO_REPLICA: i32 = -1;

/// The number that Kafka gives to an end of the log in the place of a timestamp.
const fn timestamp(place: Place) -> i64 {
    match place {
        Place::Beginning => -2,
        Place::End => -1,
    }
}

/// What the answer says of each partition. An offset below zero is none.
pub(super) fn read(response: &ListOffsetsResponse) -> BTreeMap<TopicPartition, Result<Option<i64>, Verdict>> {
    let mut said = BTreeMap::new();
    for topic in &response.topics {
        let name: Arc<str> = topic.name.as_str().into();
        for partition in &topic.partitions {
            let at = TopicPartition { topic: Arc::clone(&name), partition: partition.partition_index };
            let offset = ErrorCode(partition.error_code).ok().map_err(Verdict::of);
            said.insert(at, offset.map(|()| Some(partition.offset).filter(|offset| *offset >= 0)));
        }
    }
    said
}

/// Asks for one end of many logs, until each is known or refused for good.
#[derive(Debug)]
pub struct OffsetQuery {
    place: Place,
    open: BTreeMap<TopicPartition, State>,
    found: BTreeMap<TopicPartition, i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    ToAsk,
    Asked(BrokerId),
}

impl OffsetQuery {
    /// Asks for `place` of each of these.
    #[must_use]
    pub fn new(place: Place, partitions: impl IntoIterator<Item = TopicPartition>) -> Self {
        let open = partitions.into_iter().map(|at| (at, State::ToAsk)).collect();
        Self { place, open, found: BTreeMap::new() }
    }

    /// The partitions whose offset is not known yet.
    pub fn left(&self) -> impl Iterator<Item = &TopicPartition> {
        self.open.keys()
    }

    /// The next request, and its broker; none when all that have a leader were asked for.
    pub fn poll_request(&mut self, snapshot: &Snapshot) -> Option<(BrokerId, ListOffsetsRequest)> {
        let leader = |at: &TopicPartition| snapshot.partition(&at.topic, at.partition).and_then(|known| known.leader);
        let to_ask = self.open.iter().filter(|(_, state)| **state == State::ToAsk);
        let broker = to_ask.filter_map(|(at, _)| leader(at)).min()?;
        let mut wanted = Vec::new();
        for (at, state) in &mut self.open {
            let Some(known) = snapshot.partition(&at.topic, at.partition) else { continue };
            if *state == State::ToAsk && known.leader == Some(broker) {
                *state = State::Asked(broker);
                wanted.push(Wanted { at: at.clone(), leader_epoch: known.leader_epoch, place: self.place });
            }
        }
        Some((broker, request(wanted)))
    }

    /// Takes what came of the request to `broker`.
    ///
    /// # Errors
    /// When a partition was refused for good.
    pub fn handle_answer(
        &mut self,
        broker: BrokerId,
        answer: Result<ListOffsetsResponse, LookupError>,
    ) -> Result<(), (TopicPartition, StopReason)> {
        let asked = self.open.iter().filter(|(_, state)| **state == State::Asked(broker));
        let asked: Vec<_> = asked.map(|(at, _)| at.clone()).collect();
        let said = match answer {
            Ok(response) => read(&response),
            Err(LookupError::NoAnswer) => BTreeMap::new(),
            Err(LookupError::Never(error)) => {
                let first = asked.into_iter().next();
                return first.map_or(Ok(()), |at| Err((at, StopReason::Request(error))));
            }
        };
        for at in asked {
            match said.get(&at) {
                Some(Ok(Some(offset))) => {
                    self.open.remove(&at);
                    self.found.insert(at, *offset);
                }
                Some(Err(Verdict::NotAuthorized)) => return Err((at, StopReason::NotAuthorized)),
                Some(Err(Verdict::Refused(code))) => {
                    return Err((at, StopReason::Refused { code: *code, offset: None }));
                }
                // Asked again, of whoever leads it then.
                None | Some(Ok(None) | Err(_)) => drop(self.open.insert(at, State::ToAsk)),
            }
        }
        Ok(())
    }

    /// What was found.
    #[must_use]
    pub fn into_offsets(self) -> BTreeMap<TopicPartition, i64> {
        self.found
    }
}
