//! Which brokers get the replicas of a new topic.
//!
//! As Kafka's striped placer: the first replica of each partition goes one rack further, and the broker within its rack too, so that
//! leaders are spread over all brokers and the replicas of one partition over as many racks as there are. Where the spread begins is left
//! to chance. Deviation: Kafka also shuffles after each round over all brokers; here every round is the same.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use ottla_wire::BrokerId;

use crate::broker::Brokers;
use crate::random::SplitMix64;

/// Gives the partitions of one topic to brokers, one after the other.
#[derive(Debug)]
pub(crate) struct Placer {
    racks: Vec<Rack>,
    next_rack: usize,
    round: usize,
}

#[derive(Debug)]
struct Rack {
    brokers: Vec<BrokerId>,
    start: usize,
    /// How many of its brokers have this partition already.
    taken: usize,
}

impl Rack {
    fn next(&mut self, round: usize) -> Option<BrokerId> {
        if self.taken >= self.brokers.len() {
            return None;
        }
        let place = self.start.wrapping_add(round).wrapping_add(self.taken).checked_rem(self.brokers.len())?;
        self.taken = self.taken.saturating_add(1);
        self.brokers.get(place).copied()
    }
}

impl Placer {
    pub(crate) fn new(brokers: &Brokers, random: &mut SplitMix64) -> Self {
        let mut by_rack: BTreeMap<Option<&str>, Vec<BrokerId>> = BTreeMap::new();
        for (id, broker) in brokers.iter() {
            by_rack.entry(broker.rack.as_deref()).or_default().push(id);
        }
        let next_rack = random.below(by_rack.len());
        let rack = |brokers: Vec<BrokerId>| Rack { start: random.below(brokers.len()), brokers, taken: 0 };
        Self { racks: by_rack.into_values().map(rack).collect(), next_rack, round: 0 }
    }

    /// The brokers of the next partition, its leader first; fewer than `replicas` where there are not so many.
    pub(crate) fn place(&mut self, replicas: usize) -> Vec<BrokerId> {
        let mut placed = Vec::new();
        for rack in &mut self.racks {
            rack.taken = 0;
        }
        let mut rack = self.next_rack;
        let mut empty = 0_usize;
        while placed.len() < replicas && empty < self.racks.len() {
            let racks = self.racks.len();
            match self.racks.get_mut(rack).and_then(|rack| rack.next(self.round)) {
                Some(broker) => {
                    placed.push(broker);
                    empty = 0;
                }
                None => empty = empty.saturating_add(1),
            }
            rack = rack.wrapping_add(1).checked_rem(racks).unwrap_or_default();
        }
        self.next_rack = self.next_rack.wrapping_add(1).checked_rem(self.racks.len()).unwrap_or_default();
        // A rack's brokers move on when all racks had their turn, or the leaders would stay on the same broker of each.
        self.round = if self.next_rack == 0 || self.racks.len() == 1 { self.round.wrapping_add(1) } else { self.round };
        placed
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::BrokerConfig;

    fn brokers(racks: &[Option<&str>]) -> Brokers {
        let broker = |(id, rack): (i32, &Option<&str>)| match rack {
            Some(rack) => BrokerConfig::new(BrokerId(id)).in_rack(*rack),
            None => BrokerConfig::new(BrokerId(id)),
        };
        Brokers::new(&(1..).zip(racks).map(broker).collect::<Vec<_>>())
    }

    fn leaders(placed: &[Vec<BrokerId>]) -> BTreeMap<BrokerId, usize> {
        let mut count = BTreeMap::new();
        for replicas in placed {
            *count.entry(replicas[0]).or_default() += 1;
        }
        count
    }

    #[test]
    fn leaders_are_spread_evenly_and_no_broker_has_a_partition_twice() {
        for seed in 0..20 {
            for racks in
                [vec![None; 3], vec![Some("a"), Some("a"), Some("b"), Some("b")], vec![Some("a"), Some("b"), Some("c")]]
            {
                let mut placer = Placer::new(&brokers(&racks), &mut SplitMix64::new(seed));
                let placed: Vec<_> = (0..racks.len() * 4).map(|_| placer.place(3)).collect();
                assert!(placed.iter().all(|replicas| replicas.iter().collect::<BTreeSet<_>>().len() == 3));
                assert!(leaders(&placed).values().all(|count| *count == 4), "seed {seed}: {placed:?}");
            }
        }
    }

    #[test]
    fn replicas_stand_in_as_many_racks_as_there_are() {
        let racks = [Some("a"), Some("a"), Some("a"), Some("b"), Some("c")];
        let mut placer = Placer::new(&brokers(&racks), &mut SplitMix64::new(1));
        for _ in 0..20 {
            let in_racks: BTreeSet<_> = placer.place(3).iter().map(|id| racks[id.0 as usize - 1]).collect();
            assert_eq!(in_racks.len(), 3);
        }
    }

    #[test]
    fn no_more_replicas_are_placed_than_there_are_brokers() {
        let mut placer = Placer::new(&brokers(&[None, None]), &mut SplitMix64::new(1));
        assert_eq!(placer.place(5).len(), 2);
    }
}
