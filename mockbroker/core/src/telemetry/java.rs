//! What Java makes of hashes, by which Kafka orders metrics and counts the ids of subscriptions.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

/// How many places a `java.util.HashSet` has at first.
const PLACES: usize = 16;

/// The texts without those that stand twice, in the order in which a `java.util.HashSet` has them that they were added to one after the other.
pub(super) fn in_hash_order(texts: Vec<String>) -> Vec<String> {
    let mut set: Vec<String> = Vec::new();
    for text in texts {
        if !set.contains(&text) {
            set.push(text);
        }
    }
    let mut places = PLACES;
    // It grows when three of four places would be taken.
    while set.len() > places.saturating_sub(places / 4) {
        places = places.saturating_mul(2);
    }
    let last = u32::try_from(places).unwrap_or(u32::MAX).saturating_sub(1);
    set.sort_by_key(|text| {
        let hash = hash_of(text).cast_unsigned();
        (hash ^ (hash >> 16)) & last
    });
    set
}

/// `String.hashCode`.
fn hash_of(text: &str) -> i32 {
    text.encode_utf16().fold(0_i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// `Uuid.hashCode` of Kafka.
pub(super) fn hash_of_uuid(id: [u8; 16]) -> i32 {
    let bits = u128::from_be_bytes(id);
    let mixed = bits ^ (bits >> 64);
    let word = |shift: u32| u32::try_from((mixed >> shift) & u128::from(u32::MAX)).unwrap_or_default();
    (word(32) ^ word(0)).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_java() {
        assert_eq!((hash_of(""), hash_of("hello"), hash_of("polygenelubricants")), (0, 99_162_322, i32::MIN));
        assert_eq!(hash_of_uuid([0; 16]), 0);
        assert_eq!(hash_of_uuid([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 8]), 15);
    }

    #[test]
    fn a_set_has_each_text_once_by_its_place() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(in_hash_order(texts(&["b", "c", "a", "b"])), texts(&["a", "b", "c"]));
        assert_eq!(in_hash_order(texts(&["q", "a"])), texts(&["q", "a"]), "both have the first place");
        let many: Vec<String> = (0..13).map(|at| char::from(b'a' + at).to_string()).chain(["q".to_owned()]).collect();
        assert_eq!(in_hash_order(many.clone()).first(), many.first(), "a and q have places of their own by now");
    }
}
