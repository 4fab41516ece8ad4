//! Which partition a record goes to: by its key as Java's clients choose, or one that stays for a batch.

use std::num::NonZeroU32;

use crate::cluster::{Partition, Topic};

/// The seed that Kafka's clients share, without which equal keys would part.
const MURMUR2_SEED: u32 = 0x9747_b28c;
const MURMUR2_MULTIPLIER: u32 = 0x5bd1_e995;
const MURMUR2_SHIFT: u32 = 24;

/// The 32-bit MurmurHash2 of `key`, as `org.apache.kafka.common.utils.Utils.murmur2` computes it.
#[must_use]
pub fn murmur2(key: &[u8]) -> u32 {
    let mix = |word: u32| {
        let word = word.wrapping_mul(MURMUR2_MULTIPLIER);
        (word ^ (word >> MURMUR2_SHIFT)).wrapping_mul(MURMUR2_MULTIPLIER)
    };
    // Java's arrays are no longer than 31 bits can say; the hash of a longer key is nobody's.
    let length = key.len() as u32;
    let (words, tail) = key.as_chunks::<4>();
    let mut hash = words.iter().fold(MURMUR2_SEED ^ length, |hash, word| {
        hash.wrapping_mul(MURMUR2_MULTIPLIER) ^ mix(u32::from_le_bytes(*word))
    });
    if !tail.is_empty() {
        hash ^= tail.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
        hash = hash.wrapping_mul(MURMUR2_MULTIPLIER);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(MURMUR2_MULTIPLIER);
    hash ^ (hash >> 15)
}

/// The partition of a record with this key among `partitions`, equal to that of Java's producer; an empty key is a key.
#[must_use]
pub fn for_key(key: &[u8], partitions: NonZeroU32) -> i32 {
    // Java's `toPositive` clears the sign instead of negating.
    let positive = murmur2(key) & (u32::MAX >> 1);
    (positive % partitions).cast_signed()
}

/// The partition that records without a key go to until its batch closes (KIP-480): any of those that have a leader, or of all where none has.
///
/// It is not the `previous` one where there is a choice, so that the next batch is filled while the last one is on its way. `None` when the
/// topic has no partition.
#[must_use]
pub fn next_sticky(topic: &Topic, previous: Option<i32>, random: u64) -> Option<i32> {
    let others = |wanted: fn(&Partition) -> bool| {
        let indexed = (0_i32..).zip(&topic.partitions);
        indexed.filter(move |(index, partition)| wanted(partition) && Some(*index) != previous).map(|(index, _)| index)
    };
    let stay = previous.and_then(|index| Some((index, topic.partitions.get(usize::try_from(index).ok()?)?)));
    pick(others(|partition| partition.leader.is_some()), random)
        .or_else(|| stay.filter(|(_, partition)| partition.leader.is_some()).map(|(index, _)| index))
        .or_else(|| pick(others(|_| true), random))
        .or_else(|| stay.map(|(index, _)| index))
}

fn pick(mut choices: impl Iterator<Item = i32> + Clone, random: u64) -> Option<i32> {
    let place = random.checked_rem(choices.clone().count() as u64)?;
    choices.nth(usize::try_from(place).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ottla_wire::{BrokerId, LeaderEpoch, TopicId};
    use proptest::prelude::*;

    use super::*;

    fn topic(leaders: &[bool]) -> Topic {
        let partition = |led: &bool| Partition { leader: led.then_some(BrokerId(1)), leader_epoch: LeaderEpoch(0) };
        Topic { name: "events".into(), id: TopicId::ZERO, partitions: leaders.iter().map(partition).collect() }
    }

    #[test]
    fn the_hashes_are_those_of_kafkas_own_test() {
        // org.apache.kafka.common.utils.UtilsTest.testMurmur2
        let known: [(&[u8], i32); 7] = [
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            (b"abc", 479_470_107),
            (b"", 275_646_681),
        ];
        for (key, hash) in known {
            assert_eq!(murmur2(key).cast_signed(), hash, "{key:?}");
        }
    }

    #[test]
    fn a_negative_hash_loses_its_sign_and_is_not_negated() {
        let partitions = NonZeroU32::new(10).unwrap();
        assert_eq!(for_key(b"21", partitions), (-973_932_308_i32 & i32::MAX) % 10);
    }

    #[test]
    fn a_sticky_partition_has_a_leader_and_changes_where_it_can() {
        let three = topic(&[true, false, true]);
        assert_eq!(next_sticky(&three, None, 0), Some(0));
        assert_eq!(next_sticky(&three, None, 1), Some(2));
        assert_eq!(next_sticky(&three, Some(0), 7), Some(2));
        assert_eq!(next_sticky(&three, Some(2), 7), Some(0));
        assert_eq!(next_sticky(&topic(&[false, true]), Some(1), 3), Some(1));
        assert_eq!(next_sticky(&topic(&[false, false]), Some(1), 3), Some(0));
        assert_eq!(next_sticky(&topic(&[false]), Some(0), 3), Some(0));
        assert_eq!(next_sticky(&topic(&[]), Some(0), 3), None);
    }

    proptest! {
        #[test]
        fn every_choice_is_a_partition_of_the_topic(leaders in prop::collection::vec(any::<bool>(), 1..9), previous in prop::option::of(0..12), random: u64, key: Vec<u8>) {
            let topic = topic(&leaders);
            let chosen = next_sticky(&topic, previous, random).unwrap();
            prop_assert!(usize::try_from(chosen).unwrap() < leaders.len());
            prop_assert!(leaders[usize::try_from(chosen).unwrap()] || !leaders.contains(&true));
            let keyed = for_key(&key, NonZeroU32::new(leaders.len() as u32).unwrap());
            prop_assert!(usize::try_from(keyed).unwrap() < leaders.len());
        }
    }
}
