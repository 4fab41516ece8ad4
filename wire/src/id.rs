//! Identifiers of brokers, topics and leader epochs.

use std::fmt;

/// The id of a broker, unique in its cluster. MSK's are not contiguous.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerId(pub i32);

impl BrokerId {
    /// What Kafka writes where there is no broker, for example no leader.
    pub const NONE: Self = Self(-1);
}

impl fmt::Display for BrokerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How often the leadership of a partition has moved; grows with each election (KIP-101).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaderEpoch(pub i32);

impl LeaderEpoch {
    /// What Kafka writes where the epoch is not known.
    pub const UNKNOWN: Self = Self(-1);
}

impl Default for LeaderEpoch {
    fn default() -> Self {
        Self::UNKNOWN
    }
}

impl fmt::Display for LeaderEpoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The id that a topic is given when it is created; a topic created again under the same name has another (KIP-516).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicId(pub [u8; 16]);

impl TopicId {
    /// What Kafka writes where the id is not known.
    pub const ZERO: Self = Self([0; 16]);

    /// Whether this is [`TopicId::ZERO`], as brokers before 2.8 answer.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

/// As Kafka's tools print it: base64url of the sixteen bytes, without padding.
impl fmt::Display for TopicId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        const DIGITS: u32 = 22;
        let bits = u128::from_be_bytes(self.0);
        for digit in 0..DIGITS {
            // Twenty-one digits of six bits, then the last two bits padded with zeros on the right.
            let six = if digit == DIGITS - 1 { (bits << 4) & 0x3f } else { (bits >> (122 - 6 * digit)) & 0x3f };
            let letter = ALPHABET.get(usize::try_from(six).unwrap_or_default()).copied().unwrap_or(b'A');
            fmt::Write::write_char(f, char::from(letter))?;
        }
        Ok(())
    }
}

impl From<uuid::Uuid> for TopicId {
    fn from(uuid: uuid::Uuid) -> Self {
        Self(uuid.into_bytes())
    }
}

impl From<TopicId> for uuid::Uuid {
    fn from(id: TopicId) -> Self {
        Self::from_bytes(id.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_id_prints_as_kafkas_uuid_does() {
        assert_eq!(TopicId::ZERO.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(TopicId([0xff; 16]).to_string(), "_____________________w");
        let counting = TopicId([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(counting.to_string(), "AAECAwQFBgcICQoLDA0ODw");
    }
}
