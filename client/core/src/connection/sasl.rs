//! How a connection authenticates.

use std::fmt;
use std::sync::Arc;

use ottla_wire::sasl::base64;
use ottla_wire::sasl::iam::AWS_MSK_IAM;
use ottla_wire::sasl::oauthbearer::OAUTHBEARER;
use ottla_wire::sasl::plain::PLAIN;
use ottla_wire::sasl::scram::ScramMechanism;

use crate::region::{Region, RegionSource};
use crate::scram;

/// A SASL mechanism, and what it needs of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sasl {
    /// `AWS_MSK_IAM`.
    MskIam(MskIam),
    /// `OAUTHBEARER` with a token that is signed with AWS credentials, as MSK takes it.
    MskIamToken(MskIam),
    /// `OAUTHBEARER` with a token that is asked for.
    OAuthBearer,
    /// `PLAIN`: the password itself.
    Plain {
        /// The user.
        user: Arc<str>,
        /// The user's password.
        password: Password,
    },
    /// `SCRAM-SHA-256` or `SCRAM-SHA-512`.
    Scram {
        /// Which of them.
        mechanism: ScramMechanism,
        /// The user.
        user: Arc<str>,
        /// The user's password.
        password: Password,
        /// Random bits that no other connection has.
        nonce: Nonce,
    },
}

/// What AWS credentials sign besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MskIam {
    /// The broker's host name as it was dialled, without a port and with its upper-case letters.
    pub host: Arc<str>,
    /// The region of the cluster.
    pub region: Region,
    /// Where the region comes from; told when the broker refuses.
    pub region_source: RegionSource,
    /// What the client calls itself; IAM policies can ask for it as `aws:UserAgent`.
    pub user_agent: Arc<str>,
}

/// A password. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Arc<str>);

/// What keeps an exchange of SCRAM from being played again. Each exchange of a connection has another, and none of them tells the next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce {
    bits: [u8; 24],
    /// How many exchanges there were before.
    exchange: u64,
}

impl Sasl {
    /// The mechanism's name in SaslHandshake.
    #[must_use]
    pub const fn mechanism(&self) -> &'static str {
        match self {
            Self::MskIam(_) => AWS_MSK_IAM,
            Self::MskIamToken(_) | Self::OAuthBearer => OAUTHBEARER,
            Self::Plain { .. } => PLAIN,
            Self::Scram { mechanism, .. } => mechanism.name(),
        }
    }

    /// The same for the next exchange of the connection.
    pub(super) fn renewed(self) -> Self {
        match self {
            Self::Scram { mechanism, user, password, nonce } => {
                Self::Scram { mechanism, user, password, nonce: nonce.next() }
            }
            other => other,
        }
    }
}

impl Password {
    /// The password of this text.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Whether there is no character.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether there is a NUL, which no mechanism can say.
    #[must_use]
    pub fn has_nul(&self) -> bool {
        self.0.contains('\0')
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Nonce {
    /// A nonce of these 192 random bits, of which half would do.
    #[must_use]
    pub const fn new(bits: [u8; 24]) -> Self {
        Self { bits, exchange: 0 }
    }

    /// The nonce in a message: Base64 has no comma.
    pub(super) fn text(self) -> String {
        let text = scram::signed(ScramMechanism::Sha256, &self.bits, &self.exchange.to_be_bytes());
        base64::encode(text.first_chunk::<24>().map_or(&text[..], |chunk| &chunk[..]))
    }

    const fn next(self) -> Self {
        Self { exchange: self.exchange.wrapping_add(1), ..self }
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nonce").field("exchange", &self.exchange).finish_non_exhaustive()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(<redacted>)")
    }
}

impl fmt::Display for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.mechanism())?;
        match self {
            Self::MskIam(iam) | Self::MskIamToken(iam) => {
                write!(f, " in region {} ({})", iam.region, iam.region_source)
            }
            Self::OAuthBearer => Ok(()),
            Self::Plain { user, .. } | Self::Scram { user, .. } => write!(f, " as {user:?}"),
        }
    }
}
