//! The partitions of a session, in the order in which they are read.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use super::{FetchedPartition, PartitionKey, Told};

/// Partitions, each once, in an order that changes as records of them are sent.
#[derive(Debug, Default)]
pub(crate) struct Partitions {
    in_order: BTreeMap<u64, FetchedPartition>,
    places: BTreeMap<PartitionKey, u64>,
    next_place: u64,
}

impl Partitions {
    pub(crate) fn len(&self) -> usize {
        self.in_order.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &FetchedPartition> {
        self.in_order.values()
    }

    /// Adds a partition as the last one, or writes over what is asked of it where it is there.
    pub(crate) fn ask(&mut self, partition: FetchedPartition) {
        match self.places.get(&partition.key).and_then(|place| self.in_order.get_mut(place)) {
            Some(known) => {
                known.asked = partition.asked;
                known.name = known.name.take().or(partition.name);
            }
            None => self.append(partition),
        }
    }

    fn append(&mut self, partition: FetchedPartition) {
        let place = self.next_place;
        self.next_place = place.saturating_add(1);
        self.places.insert(partition.key.clone(), place);
        self.in_order.insert(place, partition);
    }

    pub(crate) fn remove(&mut self, key: &PartitionKey) -> Option<FetchedPartition> {
        let place = self.places.remove(key)?;
        self.in_order.remove(&place)
    }

    /// Remembers what the client is told. A partition of which it gets records is read last the next time, so that none waits for ever behind
    /// others.
    pub(crate) fn tell(&mut self, key: &PartitionKey, told: Told, has_records: bool) {
        let Some(partition) = self.places.get(key).and_then(|place| self.in_order.get_mut(place)) else { return };
        partition.told = told;
        if has_records && let Some(partition) = self.remove(key) {
            self.append(partition);
        }
    }
}

impl FromIterator<FetchedPartition> for Partitions {
    /// What stands twice is asked for as it is said last, at the place where it stands first.
    fn from_iter<I: IntoIterator<Item = FetchedPartition>>(partitions: I) -> Self {
        let mut all = Self::default();
        for partition in partitions {
            all.ask(partition);
        }
        all
    }
}
