//! What a topic may be called.

/// The longest name, in bytes: log directories are called after topics, and file names end at 255.
const NAME_BYTES_MAX: usize = 249;

/// Why no topic may have this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// There is no character.
    #[error("a topic name is empty")]
    Empty,
    /// It is a name that directories have for themselves and their parents.
    #[error("{0:?} is no topic name")]
    Dots(String),
    /// It is too long.
    #[error("topic name {0:?} is longer than {NAME_BYTES_MAX} characters")]
    TooLong(String),
    /// It has other characters than those that are allowed.
    #[error("topic name {0:?} has other characters than a-z, A-Z, 0-9, '.', '_' and '-'")]
    Characters(String),
}

/// Whether a topic may be called this.
pub(crate) fn validate(name: &str) -> Result<(), InvalidName> {
    match name {
        "" => Err(InvalidName::Empty),
        "." | ".." => Err(InvalidName::Dots(name.to_owned())),
        _ if name.len() > NAME_BYTES_MAX => Err(InvalidName::TooLong(name.to_owned())),
        _ if !name.bytes().all(is_allowed) => Err(InvalidName::Characters(name.to_owned())),
        _ => Ok(()),
    }
}

fn is_allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

/// Whether the topic is one that Kafka keeps its own state in.
pub(crate) fn is_internal(name: &str) -> bool {
    matches!(name, "__consumer_offsets" | "__transaction_state" | "__share_group_state")
}

/// Whether the name has a character that metrics cannot tell from another.
pub(super) fn has_collision_chars(name: &str) -> bool {
    name.contains(['.', '_'])
}

/// The name as metrics have it.
pub(super) fn unified(name: &str) -> String {
    name.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_letters_digits_dots_underscores_and_dashes_and_nothing_else() {
        for good in ["a", "A-b_c.9", "...", &"x".repeat(249)] {
            assert_eq!(validate(good), Ok(()), "{good}");
        }
        for bad in ["a b", "a/b", "ä", "a\0", "a:b"] {
            assert_eq!(validate(bad), Err(InvalidName::Characters(bad.to_owned())));
        }
        assert_eq!(validate(""), Err(InvalidName::Empty));
        assert_eq!(validate("."), Err(InvalidName::Dots(".".to_owned())));
        assert_eq!(validate(".."), Err(InvalidName::Dots("..".to_owned())));
        assert!(matches!(validate(&"x".repeat(250)), Err(InvalidName::TooLong(_))));
    }
}
