//! Sending without waiting.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use super::super::accumulator::Accumulators;
use super::super::delivery::Delivery;
use super::Producing;
use crate::producer::{NotTaken, Record, SendError};

/// How many topics are asked for in the background at the same time, at most; those beyond are asked for when one of them is known.
const SOUGHT_MAX: usize = 100;

/// The topics that were asked for because a record for them came before they were known, each until it is, or until somebody was told why not.
#[derive(Debug, Default)]
pub(super) struct Sought(BTreeMap<Arc<str>, Search>);

#[derive(Debug)]
enum Search {
    UnderWay,
    Failed(SendError),
}

impl Producing {
    /// See [`crate::Producer::try_send`].
    pub(crate) fn try_send(&self, record: &Record<'_>) -> Result<Delivery, NotTaken> {
        if self.settings.interceptors.0.is_empty() {
            return self.try_send_as_it_is(record);
        }
        let changed = self.intercept(record.clone())?;
        self.try_send_as_it_is(&changed)
    }

    fn try_send_as_it_is(&self, record: &Record<'_>) -> Result<Delivery, NotTaken> {
        let size_bytes = self.checked_size(record)?;
        let topic = self.topic_at_once(record.topic())?;
        if !self.room.try_take(size_bytes) {
            // Batches that linger hold what is wanted.
            self.hurry();
            return Err(NotTaken::NoRoom { size_bytes, max_bytes: self.settings.buffer_bytes_max });
        }
        Ok(self.append_one(&topic, record, size_bytes)?)
    }

    /// A topic that is known; another is asked for in the background.
    fn topic_at_once(&self, name: &str) -> Result<Arc<Accumulators>, NotTaken> {
        if let Some(topic) = self.topics.by_name(name) {
            return Ok(topic);
        }
        if let Some(topic) = self.shared.snapshot().topic(name) {
            return Ok(self.take_in(topic));
        }
        let unknown = NotTaken::TopicUnknown { topic: name.to_owned() };
        let name: Arc<str> = name.into();
        if self.sought.with(|sought| sought.begin(&name))? {
            self.shared.net.runtime.spawn(seek(Weak::clone(&self.this), name));
        }
        Err(unknown)
    }
}

impl Sought {
    /// Whether a search is to begin; the failure of the one that has ended since.
    fn begin(&mut self, name: &Arc<str>) -> Result<bool, SendError> {
        match self.0.get(name) {
            Some(Search::UnderWay) => return Ok(false),
            Some(Search::Failed(error)) => {
                let error = error.clone();
                self.0.remove(name);
                return Err(error);
            }
            None => self.make_room(),
        }
        let begins = self.0.len() < SOUGHT_MAX;
        if begins {
            self.0.insert(Arc::clone(name), Search::UnderWay);
        }
        Ok(begins)
    }

    /// Forgets failures that nobody asked for, where there are as many searches as may be.
    fn make_room(&mut self) {
        if self.0.len() >= SOUGHT_MAX {
            self.0.retain(|_, search| matches!(search, Search::UnderWay));
        }
    }

    fn end(&mut self, name: &Arc<str>, failure: Option<SendError>) {
        match failure {
            Some(error) => drop(self.0.insert(Arc::clone(name), Search::Failed(error))),
            None => drop(self.0.remove(name)),
        }
    }
}

/// Learns what a topic is. Ends by itself, also after the producer.
async fn seek(weak: Weak<Producing>, name: Arc<str>) {
    let Some((shared, within)) = weak.upgrade().map(|it| (Arc::clone(&it.shared), it.settings.send_timeout)) else {
        return;
    };
    let deadline = shared.now().mono + within;
    let found = shared.topic(&name, deadline).await;
    let Some(producing) = weak.upgrade() else { return };
    let failure = found.map(|topic| drop(producing.take_in(&topic))).err();
    producing.sought.with(|sought| sought.end(&name, failure.map(SendError::Topic)));
}
