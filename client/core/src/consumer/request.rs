//! Fetch, written.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ottla_wire::TopicId;
use ottla_wire::codec;
use ottla_wire::message::fetch_request::{FetchPartition, FetchTopic};
use ottla_wire::message::{FetchRequest, StrBytes, TopicName};

use super::Config;
use super::partition::Partition;
use crate::request::{Outgoing, RequestError, RequestId};
use crate::versions::Versions;

/// From this version on, a topic is named by its id (KIP-516).
pub(super) const TOPIC_ID_FROM: i16 = 13;

/// Every record, those of open and of aborted transactions included.
pub(super) const READ_UNCOMMITTED: i8 = 0;

/// How much a request asks for, and how long it waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) bytes_max: usize,
    pub(super) wait: Duration,
}

/// A Fetch request that is being put together; topics and partitions stay in the order in which they are added, which is the order in which the broker fills
/// its answer.
#[derive(Debug, Default)]
pub(super) struct Draft {
    topics: Vec<FetchTopic>,
    places: BTreeMap<Arc<str>, usize>,
    pub(super) ids: BTreeMap<Arc<str>, TopicId>,
}

impl Draft {
    pub(super) fn add(&mut self, partition: &Partition, id: TopicId, offset: i64, config: &Config) {
        let name = &partition.at.topic;
        let topics = &mut self.topics;
        let place = *self.places.entry(Arc::clone(name)).or_insert_with(|| {
            let topic = TopicName(StrBytes::from_string(name.as_ref().to_owned()));
            topics.push(FetchTopic::default().with_topic(topic).with_topic_id(id.into()));
            topics.len() - 1
        });
        self.ids.insert(Arc::clone(name), id);
        if let Some(topic) = self.topics.get_mut(place) {
            topic.partitions.push(
                FetchPartition::default()
                    .with_partition(partition.at.partition)
                    .with_current_leader_epoch(partition.leader_epoch.0)
                    .with_fetch_offset(offset)
                    .with_partition_max_bytes(bytes(partition.fetch_bytes(config))),
            );
        }
    }

    /// Writes the request in the highest version that the broker has; one that names topics by their ids only where all ids are known.
    pub(super) fn write(
        self,
        id: RequestId,
        versions: &Versions,
        limits: Limits,
        config: &Config,
    ) -> Result<Outgoing, RequestError> {
        let knows_ids = self.ids.values().all(|id| !id.is_zero());
        let version_max = if knows_ids { i16::MAX } else { TOPIC_ID_FROM - 1 };
        let (api, version) = versions.pick_up_to::<FetchRequest>(version_max)?;
        let request = FetchRequest::default()
            .with_max_wait_ms(i32::try_from(limits.wait.as_millis()).unwrap_or(i32::MAX))
            .with_min_bytes(bytes(config.fetch_min_bytes))
            .with_max_bytes(bytes(limits.bytes_max))
            .with_isolation_level(READ_UNCOMMITTED)
            .with_topics(self.topics);
        let body = codec::encode_request(version, &request)?.into();
        let timeout = config.request_timeout.saturating_add(limits.wait);
        Ok(Outgoing { id, api, version, body, timeout, answered: true })
    }
}

fn bytes(size: usize) -> i32 {
    i32::try_from(size).unwrap_or(i32::MAX)
}
