//! Which brokers get the replicas of a new topic.
//!
//! As Kafka's striped placer: the first replica of each partition goes one rack further, and the broker within its rack too, so that
//! leaders are spread over all brokers and the replicas of one partition over as many racks as there are. Brokers that are fenced are taken
//! last, and never for the first replica. Where the spread begins is left to chance. Deviation: Kafka also shuffles after each round over all
//! brokers; here every round is the same.

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

#[derive(Debug, Default)]
struct Rack {
    active: Ring,
    fenced: Ring,
}

/// Brokers that are taken in turn, from another one on in each round.
#[derive(Debug, Default)]
struct Ring {
    brokers: Vec<BrokerId>,
    start: usize,
    /// How many of them have this partition already.
    taken: usize,
}

impl Ring {
    fn next(&mut self, round: usize) -> Option<BrokerId> {
        if self.taken >= self.brokers.len() {
            return None;
        }
        let place = self.start.wrapping_add(round).wrapping_add(self.taken).checked_rem(self.brokers.len())?;
        self.taken = self.taken.saturating_add(1);
        self.brokers.get(place).copied()
    }
}

impl Rack {
    fn next(&mut self, round: usize, is_leader: bool) -> Option<BrokerId> {
        let active = self.active.next(round);
        if active.is_some() || is_leader { active } else { self.fenced.next(round) }
    }
}

impl Placer {
    pub(crate) fn new(brokers: &Brokers, random: &mut SplitMix64) -> Self {
        let mut by_rack: BTreeMap<Option<&str>, Rack> = BTreeMap::new();
        for (id, broker) in brokers.registered() {
            let rack = by_rack.entry(broker.rack.as_deref()).or_default();
            let ring = if broker.is_active() { &mut rack.active } else { &mut rack.fenced };
            ring.brokers.push(id);
        }
        let next_rack = random.below(by_rack.len());
        for Rack { active, fenced } in by_rack.values_mut() {
            active.start = random.below(active.brokers.len());
            fenced.start = if fenced.brokers.is_empty() { 0 } else { random.below(fenced.brokers.len()) };
        }
        Self { racks: by_rack.into_values().collect(), next_rack, round: 0 }
    }

    /// The brokers of the next partition, its leader first; fewer than `replicas` where there are not so many.
    pub(crate) fn place(&mut self, replicas: usize) -> Vec<BrokerId> {
        let mut placed = Vec::new();
        for rack in &mut self.racks {
            (rack.active.taken, rack.fenced.taken) = (0, 0);
        }
        let mut rack = self.next_rack;
        let mut empty = 0_usize;
        while placed.len() < replicas && empty < self.racks.len() {
            let racks = self.racks.len();
            let is_leader = placed.is_empty();
            match self.racks.get_mut(rack).and_then(|rack| rack.next(self.round, is_leader)) {
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
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::unwrap_used)]
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
    fn a_fenced_broker_is_taken_last_and_leads_nothing() {
        let mut some_fenced = brokers(&[None; 3]);
        some_fenced.broker_mut(BrokerId(1)).unwrap().fence();
        let mut placer = Placer::new(&some_fenced, &mut SplitMix64::new(1));
        for _ in 0..6 {
            assert!(!placer.place(2).contains(&BrokerId(1)));
            let all = placer.place(3);
            assert_eq!(all.len(), 3, "{all:?}");
            assert_ne!(all[0], BrokerId(1));
        }
    }

    #[test]
    fn no_more_replicas_are_placed_than_there_are_brokers() {
        let mut placer = Placer::new(&brokers(&[None, None]), &mut SplitMix64::new(1));
        assert_eq!(placer.place(5).len(), 2);
    }
}
