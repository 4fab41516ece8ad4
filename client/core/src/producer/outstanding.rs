//! Which batches have not ended.

use std::collections::BTreeSet;

/// Names a batch among those of one producer, in the order in which they were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(u64);

/// The batches of a producer that have not ended, so that a flush knows what to wait for.
#[derive(Debug, Default)]
pub struct Outstanding {
    opened: u64,
    open: BTreeSet<u64>,
}

impl Outstanding {
    /// A batch was opened.
    pub fn handle_opened(&mut self) -> BatchId {
        let id = self.opened;
        self.opened += 1;
        self.open.insert(id);
        BatchId(id)
    }

    /// A batch ended, and says whether the front moved: whether [`Outstanding::settled`] is another now.
    pub fn handle_ended(&mut self, id: BatchId) -> bool {
        let before = self.settled();
        self.open.remove(&id.0);
        self.settled() != before
    }

    /// Every batch before this one has ended.
    #[must_use]
    pub fn settled(&self) -> BatchId {
        BatchId(self.open.first().copied().unwrap_or(self.opened))
    }

    /// The batch that would be opened next; when [`Outstanding::settled`] has come here, all that were opened by now have ended.
    #[must_use]
    pub fn next(&self) -> BatchId {
        BatchId(self.opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_moves_past_a_batch_when_it_and_all_before_it_have_ended() {
        let mut outstanding = Outstanding::default();
        assert_eq!(outstanding.settled(), outstanding.next());
        let [first, second, third] = [(); 3].map(|()| outstanding.handle_opened());
        let target = outstanding.next();
        assert_eq!(outstanding.settled(), first);
        assert!(!outstanding.handle_ended(second));
        assert!(outstanding.handle_ended(first));
        assert_eq!(outstanding.settled(), third);
        let later = outstanding.handle_opened();
        assert!(outstanding.handle_ended(third));
        assert_eq!((outstanding.settled(), later), (target, target));
    }
}
