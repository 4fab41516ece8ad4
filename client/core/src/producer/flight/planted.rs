//! Bugs on purpose. The simulation of the producer has to find each of them, which shows that it would find one that is not.

use super::{AttemptId, Flight};

#[cfg(not(debug_assertions))]
compile_error!("no release build has the feature `planted-bugs`");

/// A bug that a producer can be told to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantedBug {
    /// The numbers of a batch that took too long are given out again, although it may be in the log.
    ReusedSequence,
    /// A batch that is behind another is forgotten instead of sent again.
    LostRetry,
    /// A batch whose answer was lost is sent again under other numbers.
    DoubledBatch,
}

impl PlantedBug {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::ReusedSequence, Self::LostRetry, Self::DoubledBatch];
}

impl<D> Flight<D> {
    /// What comes of a bug when a batch is to go out again.
    pub(in crate::producer) fn plant_in_retry(&mut self, bug: Option<PlantedBug>, id: AttemptId) {
        let Some(index) = self.position(id) else { return };
        let Some(attempt) = self.attempts.get_mut(index) else { return };
        match bug {
            Some(PlantedBug::ReusedSequence) if attempt.batch().is_none() => attempt.may_be_written = false,
            Some(PlantedBug::LostRetry) if index > 0 => drop(self.attempts.remove(index)),
            Some(PlantedBug::DoubledBatch) if attempt.may_be_written => self.misnumbered(id),
            _ => {}
        }
    }
}
