//! Which partition a record goes to: by its key as Java's clients choose, or librdkafka's; in turn; or one that stays for a while ([`Balance`]).

mod balance;

use std::num::NonZeroU32;

pub use balance::{Balance, STAY_BYTES};

use crate::cluster::Topic;

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

/// The partition of a record with this key among `partitions`, equal to that of librdkafka's `consistent` and `consistent_random`: the CRC-32 of zlib.
#[must_use]
pub fn for_key_by_crc32(key: &[u8], partitions: NonZeroU32) -> i32 {
    // The upper half of what crc-fast returns is zero for a checksum of 32 bits.
    let hash = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, key) as u32;
    (hash % partitions).cast_signed()
}

/// The partition of the record that `before` others have preceded, in turn: equal to that of Java's `RoundRobinPartitioner`. `None` when the topic has no
/// partition.
#[must_use]
pub fn in_turn(topic: &Topic, before: u32) -> Option<i32> {
    let place = (before & (u32::MAX >> 1)) as usize;
    let led = || (0_i32..).zip(&topic.partitions).filter(|(_, partition)| partition.leader.is_some());
    match led().count() {
        0 => i32::try_from(place.checked_rem(topic.partitions.len())?).ok(),
        count => led().nth(place % count).map(|(index, _)| index),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ottla_wire::{BrokerId, LeaderEpoch, TopicId};
    use proptest::prelude::*;

    use super::*;
    use crate::cluster::Partition;

    pub(super) fn topic(leaders: &[bool]) -> Topic {
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
    fn a_key_goes_where_librdkafka_sends_it() {
        // tests/0048-partitioner.c of librdkafka
        let known: [(&[u8], u32); 4] = [
            (b"", 0),
            (b"23456", 0xb1b4_51d7),
            (b"this is another string with more length to it perhaps", 0xb015_0df7),
            (b"hejsan", 0xd077_037e),
        ];
        let partitions = NonZeroU32::new(17).unwrap();
        for (key, hash) in known {
            assert_eq!(for_key_by_crc32(key, partitions), (hash % 17).cast_signed(), "{key:?}");
        }
    }

    #[test]
    fn partitions_that_have_a_leader_take_turns() {
        let turns = |leaders: &[bool]| [0, 1, 2, 3].map(|before| in_turn(&topic(leaders), before));
        assert_eq!(turns(&[true, false, true]), [0, 2, 0, 2].map(Some));
        assert_eq!(turns(&[false, false]), [0, 1, 0, 1].map(Some));
        assert_eq!(turns(&[]), [None; 4]);
        assert_eq!(in_turn(&topic(&[true; 3]), 1 << 31), Some(0), "the sign of Java's counter is cleared");
    }

    proptest! {
        #[test]
        fn every_choice_is_a_partition_of_the_topic(partitions in 1_u32..2000, key: Vec<u8>) {
            let count = NonZeroU32::new(partitions).unwrap();
            for chosen in [for_key(&key, count), for_key_by_crc32(&key, count)] {
                prop_assert!(u32::try_from(chosen).unwrap() < partitions);
            }
        }
    }
}
