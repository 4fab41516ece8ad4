//! Which leader epoch wrote which offsets (KIP-101).

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use ottla_wire::LeaderEpoch;

/// Where each epoch begins; epochs and offsets ascend.
#[derive(Debug, Default)]
pub(crate) struct LeaderEpochs(Vec<EpochStart>);

/// An epoch, and the offset of the first record that its leader may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EpochStart {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) start_offset: i64,
}

/// The last epoch up to one that was asked for, and the offset at which it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EpochEnd {
    pub(crate) epoch: LeaderEpoch,
    pub(crate) end_offset: i64,
}

impl LeaderEpochs {
    /// Begins an epoch at this offset, unless it or a later one has begun. Epochs that begin there or later wrote nothing, and go.
    pub(super) fn begin(&mut self, epoch: LeaderEpoch, start_offset: i64) {
        if epoch < LeaderEpoch(0) || self.0.last().is_some_and(|last| last.epoch >= epoch) {
            return;
        }
        self.cut_end(start_offset);
        self.0.push(EpochStart { epoch, start_offset });
    }

    /// Forgets the epochs that begin at `end_offset` or later.
    pub(super) fn cut_end(&mut self, end_offset: i64) {
        while self.0.last().is_some_and(|last| last.start_offset >= end_offset) {
            self.0.pop();
        }
    }

    /// Forgets the epochs that end at `start_offset` or before; the one that has it begins there.
    pub(super) fn cut_start(&mut self, start_offset: i64) {
        let after = self.0.partition_point(|entry| entry.start_offset <= start_offset);
        let Some(has_it) = after.checked_sub(1) else { return };
        self.0.drain(..has_it);
        if let Some(first) = self.0.first_mut() {
            first.start_offset = start_offset;
        }
    }

    /// Where an epoch begins, if it is known.
    pub(crate) fn start_of(&self, epoch: LeaderEpoch) -> Option<i64> {
        self.0.iter().rev().find(|entry| entry.epoch == epoch).map(|entry| entry.start_offset)
    }

    /// The epoch that wrote what stands at this offset.
    pub(crate) fn at(&self, offset: i64) -> Option<LeaderEpoch> {
        let after = self.0.partition_point(|entry| entry.start_offset <= offset);
        self.0.get(after.checked_sub(1)?).map(|entry| entry.epoch)
    }

    /// Where an epoch ends, or the last one before it, in a log that ends at `end_offset`. Of an epoch before the first that is known, the
    /// offset at which that one begins; of one that has not begun, nothing.
    pub(crate) fn end_of(&self, epoch: LeaderEpoch, end_offset: i64) -> Option<EpochEnd> {
        let last = self.0.last()?;
        if epoch == last.epoch {
            return Some(EpochEnd { epoch, end_offset });
        }
        let after = self.0.partition_point(|entry| entry.epoch <= epoch);
        let next = self.0.get(after)?;
        let floor = after.checked_sub(1).and_then(|at| self.0.get(at));
        Some(EpochEnd { epoch: floor.map_or(epoch, |floor| floor.epoch), end_offset: next.start_offset })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Epoch 1 from 0, epoch 3 from 10, epoch 4 from 20, in a log that ends at 25.
    fn three() -> LeaderEpochs {
        let mut epochs = LeaderEpochs::default();
        for (epoch, start_offset) in [(1, 0), (3, 10), (4, 20)] {
            epochs.begin(LeaderEpoch(epoch), start_offset);
        }
        epochs
    }

    fn ends(epochs: &LeaderEpochs, epoch: i32) -> Option<(i32, i64)> {
        epochs.end_of(LeaderEpoch(epoch), 25).map(|end| (end.epoch.0, end.end_offset))
    }

    #[test]
    fn an_epoch_ends_where_the_next_begins_and_the_last_with_the_log() {
        let epochs = three();
        assert_eq!([0, 1, 2, 3].map(|epoch| ends(&epochs, epoch).unwrap()), [(0, 0), (1, 10), (1, 10), (3, 20)]);
        assert_eq!((ends(&epochs, 4), ends(&epochs, 5)), (Some((4, 25)), None));
        assert_eq!(ends(&LeaderEpochs::default(), 0), None);
    }

    #[test]
    fn an_epoch_that_wrote_nothing_leaves_nothing_and_none_begins_twice() {
        let mut epochs = three();
        epochs.begin(LeaderEpoch(6), 20);
        epochs.begin(LeaderEpoch(5), 22);
        assert_eq!((ends(&epochs, 4), ends(&epochs, 6)), (Some((3, 20)), Some((6, 25))));
    }

    #[test]
    fn a_log_that_is_cut_at_either_end_loses_the_epochs_there() {
        let mut epochs = three();
        epochs.cut_start(12);
        assert_eq!((epochs.at(11), epochs.at(12), epochs.at(20)), (None, Some(LeaderEpoch(3)), Some(LeaderEpoch(4))));
        assert_eq!(ends(&epochs, 1), Some((1, 12)));
        epochs.cut_end(20);
        assert_eq!(ends(&epochs, 3), Some((3, 25)));
    }
}
