//! Where the records go that may go anywhere (KIP-480), and how that follows the load of the brokers (KIP-794).

use crate::cluster::Topic;

/// How many bytes go to one partition, at least, before the next is chosen by load, and what a queue is counted in; Kafka's default `batch.size`.
///
/// A partition is left only where a batch ends, or lies over: as many bytes go to each, whoever is slow to take them.
pub const STAY_BYTES: usize = 16 * 1024;

/// The partitions of a topic that records may go to next, and how likely each is.
#[derive(Debug, Default)]
pub struct Balance {
    partitions: Vec<i32>,
    /// The sum of the weights up to each partition; none where all are as likely.
    sums: Vec<u64>,
}

impl Balance {
    /// Any partition that has a leader is as likely as another; where none has, any at all.
    #[must_use]
    pub fn even(topic: &Topic) -> Self {
        Self { partitions: available(topic), sums: Vec::new() }
    }

    /// The longer the queue of a partition, the less likely it is, as in Java's `BuiltInPartitioner`. `queues` has the length of each partition's that
    /// has a leader and takes records; where they are all alike and no partition is left out, all are as likely.
    #[must_use]
    pub fn by_queues(topic: &Topic, queues: &[(i32, u32)]) -> Self {
        let lengths = || queues.iter().map(|(_, length)| *length);
        let (Some(longest), Some(shortest)) = (lengths().max(), lengths().min()) else { return Self::even(topic) };
        let is_alike = longest == shortest && queues.len() == topic.partitions.len();
        if is_alike || topic.partitions.len() < 2 {
            return Self::even(topic);
        }
        let mut sum = 0;
        let add = |(_, length): &(i32, u32)| {
            sum += u64::from(longest - length) + 1;
            sum
        };
        Self {
            partitions: queues.iter().map(|(partition, _)| *partition).collect(),
            sums: queues.iter().map(add).collect(),
        }
    }

    /// The next partition. Where all are as likely it is not the `previous` one if there is another, so that the next batch is filled while the last one is
    /// on its way. `None` when the topic has no partition.
    #[must_use]
    pub fn next(&self, previous: Option<i32>, random: u64) -> Option<i32> {
        let place = match self.sums.last() {
            Some(sum) => {
                let drawn = random.checked_rem(*sum)?;
                self.sums.partition_point(|sum| *sum <= drawn)
            }
            None => {
                let previous = previous.and_then(|previous| self.partitions.binary_search(&previous).ok());
                let previous = previous.filter(|_| self.partitions.len() > 1);
                let choices = self.partitions.len() - usize::from(previous.is_some());
                let drawn = usize::try_from(random.checked_rem(choices as u64)?).ok()?;
                drawn + usize::from(previous.is_some_and(|previous| previous <= drawn))
            }
        };
        self.partitions.get(place).copied()
    }
}

/// The partitions that have a leader; where none has, all.
fn available(topic: &Topic) -> Vec<i32> {
    let partitions = || (0_i32..).zip(&topic.partitions);
    let led: Vec<_> =
        partitions().filter(|(_, partition)| partition.leader.is_some()).map(|(index, _)| index).collect();
    if led.is_empty() { partitions().map(|(index, _)| index).collect() } else { led }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::super::tests::topic;
    use super::*;

    #[test]
    fn a_sticky_partition_has_a_leader_and_changes_where_it_can() {
        let three = Balance::even(&topic(&[true, false, true]));
        assert_eq!(three.next(None, 0), Some(0));
        assert_eq!(three.next(None, 1), Some(2));
        assert_eq!(three.next(Some(0), 7), Some(2));
        assert_eq!(three.next(Some(2), 7), Some(0));
        assert_eq!(three.next(Some(1), 1), Some(2), "the previous one has lost its leader");
        assert_eq!(Balance::even(&topic(&[false, true])).next(Some(1), 3), Some(1));
        assert_eq!(Balance::even(&topic(&[false, false])).next(Some(1), 3), Some(0));
        assert_eq!(Balance::even(&topic(&[false])).next(Some(0), 3), Some(0));
        assert_eq!(Balance::even(&topic(&[])).next(Some(0), 3), None);
    }

    #[test]
    fn a_partition_with_a_long_queue_is_chosen_less_often_and_one_that_is_left_out_never() {
        let three = topic(&[true; 3]);
        let chosen = |queues: &[(i32, u32)], draws: u64| -> Vec<i32> {
            let balance = Balance::by_queues(&three, queues);
            (0..draws).map(|random| balance.next(Some(0), random).unwrap()).collect()
        };
        // The example of KIP-794.
        assert_eq!(chosen(&[(0, 0), (1, 3), (2, 1)], 8), [0, 0, 0, 0, 1, 2, 2, 2]);
        assert_eq!(chosen(&[(0, 4), (2, 4)], 4), [0, 2, 0, 2]);
        assert_eq!(chosen(&[(0, 4), (1, 4), (2, 4)], 4), [1, 2, 1, 2], "all are as likely, but for the one before");
        assert_eq!(chosen(&[], 2), [1, 2], "where all are left out, none is");
    }

    proptest! {
        #[test]
        fn every_choice_is_a_partition_of_the_topic(leaders in prop::collection::vec(any::<bool>(), 1..9), previous in prop::option::of(0..12), random: u64, lengths in prop::collection::vec(0_u32..9, 9)) {
            let topic = topic(&leaders);
            let queues: Vec<_> = (0..).zip(lengths).zip(&leaders).filter(|(_, led)| **led).map(|(queue, _)| queue).collect();
            for balance in [Balance::even(&topic), Balance::by_queues(&topic, &queues)] {
                let chosen = usize::try_from(balance.next(previous, random).unwrap()).unwrap();
                prop_assert!(chosen < leaders.len());
                prop_assert!(leaders[chosen] || !leaders.contains(&true));
            }
        }
    }
}
