//! What goes into a request.

use std::collections::{BTreeMap, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::Instant;

use ottla_wire::hot::{ProducePartition, ProduceRequest, ProduceTopic, encode_produce_request};
use ottla_wire::record::{BatchWriter, ProducerStamp};
use ottla_wire::{BrokerId, message};

use super::accumulator::Batch;
use super::answer::{Asked, TOPIC_ID_FROM};
use super::compress;
use super::flight::{AttemptId, Turn, stamped};
use super::lane::{Ahead, Lane};
use super::sender::{Batches, Event, Sender};
use super::sequence::Sequence;
use super::{Acks, DeliveryCause, PartitionKey};
use crate::request::{Outgoing, RequestId};
use crate::versions::Versions;

/// The partitions of a request, each with the batch that it has there.
pub(super) type Picked = BTreeMap<PartitionKey, AttemptId>;

impl<D> Sender<D> {
    /// Takes lanes off the broker's queue into flight, until a request is full. A request has one batch of a partition.
    pub(super) fn pick(&mut self, now: Instant, broker: BrokerId, batches: &mut impl Batches<D>) -> Picked {
        let mut picked = Picked::new();
        let mut size_bytes = 0_usize;
        while let Some(key) = self.queues.get(&broker).and_then(VecDeque::front).copied() {
            let lane = self.lanes.get(&key).filter(|lane| lane.queued_at == Some(broker));
            let next_bytes = lane.map_or(0, |lane| lane.next_bytes_max(&self.config));
            let is_full = !picked.is_empty() && size_bytes + next_bytes > self.config.request_bytes_max;
            if is_full || picked.contains_key(&key) {
                break;
            }
            let is_current = lane.is_some();
            self.queues.get_mut(&broker).and_then(VecDeque::pop_front);
            if !is_current {
                continue;
            }
            self.expire(now, key, batches);
            if let Some(lane) = self.lanes.get_mut(&key) {
                lane.queued_at = None;
            }
            if let Some((attempt, bytes)) = self.send(now, key, broker, batches) {
                size_bytes += bytes;
                picked.insert(key, attempt);
            }
            self.settle(now, key, batches);
        }
        if self.queues.get(&broker).is_some_and(VecDeque::is_empty) {
            self.queues.remove(&broker);
        }
        picked
    }

    /// Writes the request for what was picked.
    pub(super) fn request(&mut self, versions: &Versions, picked: &Picked) -> Result<Outgoing, DeliveryCause> {
        let asked: Vec<Asked> = picked.iter().filter_map(|(key, attempt)| self.asked(*key, *attempt)).collect();
        let has_ids = asked.iter().all(|asked| !asked.topic_id.is_zero());
        let version_max = if has_ids { i16::MAX } else { TOPIC_ID_FROM - 1 };
        let (api, version) =
            versions.pick_up_to::<message::ProduceRequest>(version_max).map_err(DeliveryCause::Request)?;
        compress::supported(self.config.compression, version)?;
        let topics = asked.chunk_by(|one, next| one.key.topic == next.key.topic);
        let topics = topics.filter_map(|asked| {
            let first = asked.first()?;
            let partitions = asked.iter().filter_map(|asked| self.in_flight(asked)).collect();
            Some(ProduceTopic { name: &first.topic, id: first.topic_id, partitions })
        });
        let timeout = self.config.request_timeout;
        let timeout_ms = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        let acks = self.config.acks;
        let topics = topics.collect();
        let request = ProduceRequest { transactional_id: None, acks: acks.code(), timeout_ms, topics };
        let body = encode_produce_request(version, &request).map_err(|error| DeliveryCause::Request(error.into()))?;
        let id = RequestId(self.next_request);
        self.next_request += 1;
        self.requests.insert(id, asked);
        Ok(Outgoing { id, api, version, body, timeout, answered: acks != Acks::None })
    }

    /// Brings the next batch of a lane in flight and says its size; none where there is nothing to send now.
    fn send(
        &mut self,
        now: Instant,
        key: PartitionKey,
        broker: BrokerId,
        batches: &mut impl Batches<D>,
    ) -> Option<(AttemptId, usize)> {
        let turn = self.lanes.get(&key)?.flight.turn(self.slots(now, key));
        let id = self.next_attempt;
        let is_first = match turn {
            Turn::Again(at) if at <= now => {
                self.lanes.get_mut(&key)?.flight.begin_again(id, broker)?;
                false
            }
            Turn::New => {
                let unsent = self.lanes.get_mut(&key)?.take_unsent(key, batches)?;
                let stamp = self.number(key, unsent.record_count());
                let batch = unsent.stamped(stamp);
                self.lanes.get_mut(&key)?.flight.begin(id, batch, stamp.base_sequence, broker);
                true
            }
            Turn::Again(_) | Turn::Nothing => return None,
        };
        self.next_attempt.take();
        let batch = self.lanes.get(&key)?.flight.batch(id)?;
        let (batch_bytes, record_count) = (batch.records.len(), batch.record_count());
        let queued = is_first.then(|| now.saturating_duration_since(batch.opened_at));
        self.events.push_back(Event::Sent { record_count, batch_bytes, queued });
        Some((id, batch_bytes))
    }

    /// The next numbers of a partition, where batches have some.
    fn number(&mut self, key: PartitionKey, records: u32) -> ProducerStamp {
        let Some(producer) = self.identity.known() else { return ProducerStamp::NONE };
        let is_alone = self.lanes.get(&key).is_none_or(|lane| lane.flight.is_empty());
        let sequence = self.sequences.entry(key).or_insert_with(|| Sequence::new(producer));
        if is_alone && !sequence.is_of(producer) {
            *sequence = Sequence::new(producer);
        }
        sequence.take(records)
    }

    fn asked(&self, key: PartitionKey, attempt: AttemptId) -> Option<Asked> {
        let topic = self.topics.get(key.topic.0 as usize)?;
        let topic_id = self.snapshot.topic(topic).map(|topic| topic.id).unwrap_or_default();
        Some(Asked { key, attempt, topic: Arc::clone(topic), topic_id })
    }

    fn in_flight(&self, asked: &Asked) -> Option<ProducePartition> {
        let records = self.lanes.get(&asked.key)?.flight.batch(asked.attempt)?.records.clone();
        Some(ProducePartition { index: asked.key.partition, records })
    }
}

impl<D> Lane<D> {
    /// Takes the oldest batch out of the accumulator.
    pub(super) fn take(&mut self, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<Batch<D, BatchWriter>> {
        let batch = batches.take(key);
        self.waiting = batches.waiting(key);
        batch
    }

    /// Takes the next batch to be sent; none where there is none, or it is not compressed yet.
    fn take_unsent(&mut self, key: PartitionKey, batches: &mut impl Batches<D>) -> Option<Unsent<D>> {
        match mem::replace(&mut self.ahead, Ahead::None) {
            Ahead::Ready(batch) => Some(Unsent::Compressed(batch)),
            Ahead::None => self.take(key, batches).map(Unsent::Plain),
            compressing @ Ahead::Compressing { .. } => {
                self.ahead = compressing;
                None
            }
        }
    }
}

/// A batch that was not sent yet.
enum Unsent<D> {
    Plain(Batch<D, BatchWriter>),
    Compressed(Batch<D>),
}

impl<D> Unsent<D> {
    const fn record_count(&self) -> u32 {
        match self {
            Self::Plain(batch) => batch.record_count(),
            Self::Compressed(batch) => batch.record_count(),
        }
    }

    /// As it is sent by this producer.
    fn stamped(self, producer: ProducerStamp) -> Batch<D> {
        match self {
            Self::Plain(batch) => batch.finish(producer),
            Self::Compressed(batch) if producer == ProducerStamp::NONE => batch,
            Self::Compressed(batch) => Batch { records: stamped(batch.records, producer), ..batch },
        }
    }
}
