//! `PLAIN` (RFC 4616): one message from the client, with the password as it is; the broker answers with no bytes.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fmt;

use bytes::Bytes;

use super::RECEIVE_BYTES_MAX;

/// The mechanism's name in SaslHandshake.
pub const PLAIN: &str = "PLAIN";

/// What the client sends: authorization id, user and password, with a NUL between them.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainMessage {
    /// On whose behalf the user acts; empty is the user. Kafka takes no other than the user.
    pub authorization_id: String,
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: String,
}

/// Why bytes are no message of this mechanism. The texts are Kafka's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlainError {
    /// There are more bytes than a SASL message may have.
    #[error("{bytes} bytes are above the bound of {max}")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// It has more or fewer than three parts.
    #[error("Invalid SASL/PLAIN response: expected 3 tokens, got {found}")]
    Tokens {
        /// How many it has; 4 where it has more.
        found: usize,
    },
    /// The name is empty.
    #[error("Authentication failed: username not specified")]
    NoUser,
    /// The password is empty.
    #[error("Authentication failed: password not specified")]
    NoPassword,
}

/// One more than a message has; what is behind them is not counted, as in Kafka.
const TOKENS_COUNTED_MAX: usize = 4;

impl PlainMessage {
    /// The message, for the `auth_bytes` of SaslAuthenticate. A NUL in any part makes it another message.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from([self.authorization_id.as_str(), &self.user, &self.password].join("\0"))
    }

    /// Reads a message. Bytes that are not UTF-8 stand as U+FFFD afterwards, as in Kafka.
    ///
    /// # Errors
    /// When it has not exactly three parts, or no user or no password.
    pub fn parse(bytes: &[u8]) -> Result<Self, PlainError> {
        if bytes.len() > RECEIVE_BYTES_MAX {
            return Err(PlainError::TooLong { bytes: bytes.len(), max: RECEIVE_BYTES_MAX });
        }
        let text = String::from_utf8_lossy(bytes);
        let tokens: Vec<&str> = text.split('\0').take(TOKENS_COUNTED_MAX).collect();
        let [authorization_id, user, password] = tokens.as_slice() else {
            return Err(PlainError::Tokens { found: tokens.len() });
        };
        if user.is_empty() {
            return Err(PlainError::NoUser);
        }
        if password.is_empty() {
            return Err(PlainError::NoPassword);
        }
        let owned = |text: &&str| (*text).to_owned();
        Ok(Self { authorization_id: owned(authorization_id), user: owned(user), password: owned(password) })
    }
}

impl fmt::Debug for PlainMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlainMessage")
            .field("authorization_id", &self.authorization_id)
            .field("user", &self.user)
            .field("password", &format_args!("<redacted>"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn message(authorization_id: &str, user: &str, password: &str) -> PlainMessage {
        PlainMessage { authorization_id: authorization_id.into(), user: user.into(), password: password.into() }
    }

    #[test]
    fn the_examples_of_rfc_4616_are_written_and_read() {
        let table = [
            (message("", "tim", "tanstaaftanstaaf"), "\0tim\0tanstaaftanstaaf"),
            (message("Ursel", "Kurt", "xipj3plmq"), "Ursel\0Kurt\0xipj3plmq"),
        ];
        for (message, bytes) in table {
            assert_eq!(message.to_bytes(), bytes.as_bytes());
            assert_eq!(PlainMessage::parse(bytes.as_bytes()), Ok(message));
        }
    }

    #[test]
    fn what_has_not_exactly_three_parts_is_refused() {
        for (bytes, found) in [("", 1), ("user", 1), ("\0user", 2), ("\0user\0secret\0", 4), ("\0\0\0\0\0\0", 4)] {
            assert_eq!(PlainMessage::parse(bytes.as_bytes()), Err(PlainError::Tokens { found }), "{bytes:?}");
        }
        assert_eq!(PlainMessage::parse(b"id\0\0secret"), Err(PlainError::NoUser));
        assert_eq!(PlainMessage::parse(b"id\0user\0"), Err(PlainError::NoPassword));
        let long = vec![b' '; RECEIVE_BYTES_MAX + 1];
        assert!(matches!(PlainMessage::parse(&long), Err(PlainError::TooLong { .. })));
    }

    #[test]
    fn bytes_that_are_no_text_are_read_as_kafka_reads_them() {
        assert_eq!(PlainMessage::parse(b"\0us\xffer\0secret"), Ok(message("", "us\u{fffd}er", "secret")));
    }

    #[test]
    fn debug_does_not_show_the_password() {
        let shown = format!("{:?}", message("", "alice", "alice-secret"));
        assert!(shown.contains("\"alice\"") && !shown.contains("alice-secret"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_message_comes_back(id in "[^\0]*", user in "[^\0]+", password in "[^\0]+") {
            let message = message(&id, &user, &password);
            prop_assert_eq!(PlainMessage::parse(&message.to_bytes()), Ok(message));
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = PlainMessage::parse(&bytes);
        }
    }
}
