//! What the user's interceptors are told, and what becomes of their panics.

use ottla_core::producer::{Outcome, Part};

use super::super::accumulator::Deliveries;
use super::super::caught::{Panicked, caught_call};
use super::Producing;
use crate::producer::{EndedRecords, Record, SendError};

impl Producing {
    /// The record that is sent in the place of this one.
    pub(crate) fn intercept<'a>(&self, record: Record<'a>) -> Result<Record<'a>, SendError> {
        let mut interceptors = self.settings.interceptors.0.iter();
        let changed = interceptors.try_fold(record, |record, each| caught_call(|| each.on_send(record)));
        changed.map_err(|Panicked| SendError::Interceptor)
    }

    /// Says that these records have ended.
    pub(super) fn tell_ended(&self, batch: &Deliveries, part: &Part, outcome: &Outcome) {
        let interceptors = &self.settings.interceptors.0;
        if interceptors.is_empty() {
            return;
        }
        let result = batch.result(outcome, 0, 0).map(|first| first.offset);
        let ended = EndedRecords {
            topic: &batch.topic,
            partition: batch.partition,
            record_count: part.record_count(),
            result: result.as_ref().copied(),
        };
        for each in interceptors {
            if let Err(error) = caught_call(|| each.on_end(&ended)) {
                tracing::warn!(%error, "an interceptor was told how records ended");
            }
        }
    }
}
