//! `SCRAM-SHA-256` and `SCRAM-SHA-512` (RFC 5802, RFC 7677): two messages from the client and two from the broker.
//!
//! The signatures are made over the very text of the first three, so each of those is read in one form only: what was read is written again byte
//! for byte. There is no channel binding, as there is none in Kafka, and no other encoding of names than RFC 5802's: Kafka does not prepare them (SASLprep),
//! and takes ASCII alone.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod attributes;
#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;

use super::{Extensions, base64};
use attributes::{Attributes, text_of};
pub use attributes::{escaped, unescaped};

/// The header of a client that asks for no channel binding and is its own user; `c=` repeats it in Base64.
pub const GS2_HEADER: &str = "n,,";

/// The fewest iterations that either side of Kafka takes.
pub const ITERATIONS_MIN: u32 = 4096;

/// The extension of a user who logs in by a delegation token (KIP-48), with the value `true`.
pub const TOKEN_AUTH: &str = "tokenauth";

/// Which hash function it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScramMechanism {
    /// SCRAM-SHA-256.
    Sha256,
    /// SCRAM-SHA-512.
    Sha512,
}

/// The client's first message: who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFirst {
    /// On whose behalf the user acts; nothing is the user. Kafka takes no other than the user.
    pub authorization_id: Option<String>,
    /// The user's name, as it is without escapes.
    pub user: String,
    /// The client's nonce: visible ASCII without a comma.
    pub nonce: String,
    /// Names of letters, [`TOKEN_AUTH`] for one, and values without commas.
    pub extensions: Extensions,
}

/// The broker's first message: how the password was salted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFirst {
    /// The client's nonce with the broker's behind it.
    pub nonce: String,
    /// The salt.
    pub salt: Vec<u8>,
    /// How often the hash function was applied; above zero.
    pub iterations: u32,
    /// Names of letters, and values without commas.
    pub extensions: Extensions,
}

/// The client's second message: that it knows the password.
///
/// `Debug` does not show the proof: passwords can be tried on it.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientFinal {
    /// The header of the first message, [`GS2_HEADER`] mostly.
    pub channel_binding: Vec<u8>,
    /// The nonce of the broker's message.
    pub nonce: String,
    /// Names of letters, and values without commas.
    pub extensions: Extensions,
    /// The proof, as long as the hash.
    pub proof: Vec<u8>,
}

/// The broker's second message.
///
/// `Debug` does not show the signature: passwords can be tried on it.
#[derive(Clone, PartialEq, Eq)]
pub enum ServerFinal {
    /// The broker knows the password, too.
    Verified {
        /// Its signature, as long as the hash.
        signature: Vec<u8>,
    },
    /// The broker does not let the client in. Kafka does not use it, and answers with an error code.
    Refused {
        /// Why, for example `invalid-proof`.
        error: String,
    },
}

/// Why bytes are no message of these mechanisms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScramError {
    /// There are more bytes than a SASL message may have.
    #[error("{bytes} bytes are above the bound of {max}")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// The bytes are no UTF-8, or have a NUL.
    #[error("not a text")]
    NotText,
    /// The client asks for channel binding.
    #[error("channel binding is asked for, and there is none")]
    ChannelBinding,
    /// There is an extension that must be understood (`m=`), which none is.
    #[error("a mandatory extension")]
    MandatoryExtension,
    /// Where this attribute must stand, there is another or nothing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The attribute has a value that it cannot have.
    #[error("{0} is invalid")]
    Invalid(&'static str),
    /// There are more extensions than are read.
    #[error("there are more than {max} extensions")]
    TooManyExtensions {
        /// The bound.
        max: usize,
    },
}

impl ScramMechanism {
    /// The mechanism's name in SaslHandshake.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SCRAM-SHA-256",
            Self::Sha512 => "SCRAM-SHA-512",
        }
    }

    /// The mechanism of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha512].into_iter().find(|mechanism| mechanism.name() == name)
    }

    /// The bytes of a hash, and so of a proof and a signature.
    #[must_use]
    pub const fn hash_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// What both sides sign: the three messages before the proof, without the header of the first.
#[must_use]
pub fn auth_message(client_first: &ClientFirst, server_first: &ServerFirst, client_final: &ClientFinal) -> String {
    [client_first.bare(), server_first.to_text(), client_final.without_proof()].join(",")
}

impl ClientFirst {
    /// The message of a user without authorization id and extensions.
    #[must_use]
    pub fn new(user: impl Into<String>, nonce: impl Into<String>) -> Self {
        Self { authorization_id: None, user: user.into(), nonce: nonce.into(), extensions: Vec::new() }
    }

    /// The header that stands before [`ClientFirst::bare`].
    #[must_use]
    pub fn gs2_header(&self) -> String {
        match &self.authorization_id {
            None => GS2_HEADER.to_owned(),
            Some(id) => format!("n,a={},", escaped(id)),
        }
    }

    /// The message without its header, as it is signed.
    #[must_use]
    pub fn bare(&self) -> String {
        attributes::written(format!("n={},r={}", escaped(&self.user), self.nonce), &self.extensions)
    }

    /// The message, for the `auth_bytes` of SaslAuthenticate.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(self.gs2_header() + &self.bare())
    }

    /// Whether the client says that user and password are those of a delegation token.
    #[must_use]
    pub fn is_token_auth(&self) -> bool {
        self.extensions.iter().any(|(name, value)| name == TOKEN_AUTH && value.eq_ignore_ascii_case("true"))
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When it has another form, asks for channel binding, or has a name that is not ASCII, which Kafka refuses as well.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScramError> {
        let (flag, rest) = text_of(bytes)?.split_once(',').ok_or(ScramError::Missing("the header"))?;
        match flag {
            "n" => {}
            "y" => return Err(ScramError::ChannelBinding),
            _ if flag.starts_with("p=") => return Err(ScramError::ChannelBinding),
            _ => return Err(ScramError::Missing("the header")),
        }
        let (id, bare) = rest.split_once(',').ok_or(ScramError::Missing("the header"))?;
        let authorization_id = match id {
            "" => None,
            id => Some(id.strip_prefix("a=").and_then(unescaped).ok_or(ScramError::Invalid("a"))?),
        };
        let mut attributes = Attributes::of(bare);
        let user = unescaped(attributes.take("n")?).ok_or(ScramError::Invalid("n"))?;
        let nonce = attributes.nonce()?;
        Ok(Self { authorization_id, user, nonce, extensions: attributes.extensions()? })
    }
}

impl ServerFirst {
    /// The message's text, as it is signed.
    #[must_use]
    pub fn to_text(&self) -> String {
        let Self { nonce, salt, iterations, extensions } = self;
        attributes::written(format!("r={nonce},s={},i={iterations}", base64::encode(salt)), extensions)
    }

    /// The message, for the `auth_bytes` of the response to SaslAuthenticate.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(self.to_text())
    }

    /// Reads a message. Whether the nonce begins with the client's, and how many iterations are too few or too many, is the reader's to judge.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScramError> {
        let mut attributes = Attributes::of(text_of(bytes)?);
        let nonce = attributes.nonce()?;
        let salt = attributes.bytes("s")?;
        let iterations = attributes.take("i")?;
        // A sign and leading zeros are no part of the number, or it would not be written again as it came.
        let is_number = iterations.bytes().all(|byte| byte.is_ascii_digit()) && !iterations.starts_with('0');
        let iterations = iterations.parse().ok().filter(|_| is_number).ok_or(ScramError::Invalid("i"))?;
        Ok(Self { nonce, salt, iterations, extensions: attributes.extensions()? })
    }
}

impl ClientFinal {
    /// The message's text up to the proof, as it is signed.
    #[must_use]
    pub fn without_proof(&self) -> String {
        let Self { channel_binding, nonce, extensions, .. } = self;
        attributes::written(format!("c={},r={nonce}", base64::encode(channel_binding)), extensions)
    }

    /// The message, for the `auth_bytes` of SaslAuthenticate.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(format!("{},p={}", self.without_proof(), base64::encode(&self.proof)))
    }

    /// Reads a message. Whether the nonce is the one that was sent, and the proof one, is the reader's to judge.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScramError> {
        let (before, proof) = text_of(bytes)?.rsplit_once(",p=").ok_or(ScramError::Missing("p"))?;
        let mut attributes = Attributes::of(before);
        let channel_binding = attributes.bytes("c")?;
        let nonce = attributes.nonce()?;
        let extensions = attributes.extensions()?;
        let proof = base64::decode(proof).map_err(|_| ScramError::Invalid("p"))?;
        Ok(Self { channel_binding, nonce, extensions, proof })
    }
}

impl ServerFinal {
    /// The message, for the `auth_bytes` of the response to SaslAuthenticate.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        Bytes::from(match self {
            Self::Verified { signature } => format!("v={}", base64::encode(signature)),
            Self::Refused { error } => format!("e={error}"),
        })
    }

    /// Reads a message; its extensions are passed over.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScramError> {
        let mut attributes = Attributes::of(text_of(bytes)?);
        let verdict = match attributes.take("e") {
            Ok("") => return Err(ScramError::Invalid("e")),
            Ok(error) => Self::Refused { error: error.to_owned() },
            Err(_) => Self::Verified { signature: attributes.bytes("v")? },
        };
        attributes.extensions()?;
        Ok(verdict)
    }
}

impl fmt::Debug for ClientFinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientFinal")
            .field("channel_binding", &self.channel_binding)
            .field("nonce", &self.nonce)
            .field("extensions", &self.extensions)
            .field("proof", &format_args!("<redacted>"))
            .finish()
    }
}

impl fmt::Debug for ServerFinal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verified { .. } => {
                f.debug_struct("Verified").field("signature", &format_args!("<redacted>")).finish()
            }
            Self::Refused { error } => f.debug_struct("Refused").field("error", error).finish(),
        }
    }
}
