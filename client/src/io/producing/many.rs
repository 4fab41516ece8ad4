//! Many records in one call: the lock of a partition is taken once for those that follow each other into it.

use std::sync::Arc;

use super::super::accumulator::{Accumulators, Place};
use super::super::delivery::Deliveries;
use super::Producing;
use crate::producer::{Record, SendError};

/// How many records are gathered, at most, before they are appended.
const GATHERED_MAX: usize = 64;

/// Records of one topic that have taken their room. They are appended before anything is waited for.
struct Gathered<'a> {
    topic: Arc<Accumulators>,
    records: Vec<Measured<'a>>,
}

struct Measured<'a> {
    record: Record<'a>,
    size_bytes: usize,
    place: Place,
}

impl Producing {
    /// See [`crate::Producer::send_all`]. What is taken stands in `taken`, also where one of the records is not.
    pub(crate) async fn send_all<'a>(
        &self,
        records: impl Iterator<Item = Record<'a>>,
        taken: &mut Deliveries,
    ) -> Result<(), SendError> {
        let mut gathered: Option<Gathered<'a>> = None;
        let mut outcome = Ok(());
        for record in records {
            outcome = self.gather(record, &mut gathered, taken).await;
            if outcome.is_err() {
                break;
            }
        }
        outcome.and(self.append_gathered(gathered.as_mut(), taken))
    }

    /// Takes room for one record, and appends those that are gathered where it has to wait.
    async fn gather<'a>(
        &self,
        record: Record<'a>,
        gathered: &mut Option<Gathered<'a>>,
        taken: &mut Deliveries,
    ) -> Result<(), SendError> {
        let record = self.intercept(record)?;
        let size_bytes = self.checked_size(&record)?;
        let is_other = |gathered: &Gathered<'_>| gathered.topic.topic.name.as_ref() != record.topic();
        if gathered.as_ref().is_none_or(is_other) {
            self.append_gathered(gathered.as_mut(), taken)?;
            let topic = match self.topics.by_name(record.topic()) {
                Some(topic) => topic,
                None => self.learn(record.topic()).await?,
            };
            let records = gathered.take().map_or_else(Vec::new, |before| before.records);
            *gathered = Some(Gathered { topic, records });
        }
        let Some(of_topic) = gathered else { return Ok(()) };
        let place = self.choose(&of_topic.topic, &record)?;
        if !self.room.try_take(size_bytes) {
            self.append_gathered(Some(of_topic), taken)?;
            self.wait_for_room(size_bytes).await?;
        }
        of_topic.records.push(Measured { record, size_bytes, place });
        if of_topic.records.len() >= GATHERED_MAX {
            self.append_gathered(Some(of_topic), taken)?;
        }
        Ok(())
    }

    /// Appends what is gathered, run by run.
    fn append_gathered(&self, gathered: Option<&mut Gathered<'_>>, taken: &mut Deliveries) -> Result<(), SendError> {
        let Some(Gathered { topic, records }) = gathered else { return Ok(()) };
        let mut outcome = Ok(());
        for run in records.chunk_by(Measured::goes_with) {
            let [Measured { place, .. }, ..] = *run else { continue };
            let mut run = run.iter().map(|measured| (&measured.record, measured.size_bytes)).peekable();
            if outcome.is_ok() {
                self.append(topic, place, &mut run, |joined| taken.push(joined));
            }
            for (record, size_bytes) in run {
                self.room.give_back(size_bytes);
                outcome = outcome.and_then(|()| Err(self.too_large(record, size_bytes)));
            }
        }
        records.clear();
        outcome
    }
}

impl Measured<'_> {
    /// Whether the next one goes where this one does.
    fn goes_with(&self, next: &Self) -> bool {
        let (place, next) = (self.place, next.place);
        place.is_sticky == next.is_sticky && (place.is_sticky || place.partition == next.partition)
    }
}
