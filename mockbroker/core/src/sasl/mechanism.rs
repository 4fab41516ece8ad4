//! The mechanisms by name.

use std::fmt;
use std::str::FromStr;

use ottla_wire::sasl::iam::AWS_MSK_IAM;

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Mechanism {
    /// `PLAIN` (RFC 4616): name and password as they are.
    Plain,
    /// `SCRAM-SHA-256` (RFC 7677).
    ScramSha256,
    /// `SCRAM-SHA-512`.
    ScramSha512,
    /// `OAUTHBEARER` (RFC 7628) with unsecured JWS tokens, as a Kafka broker has it where nothing else is configured.
    OAuthBearer,
    /// `AWS_MSK_IAM`: a request signed with AWS Signature Version 4.
    AwsMskIam,
    /// `OAUTHBEARER` with the tokens of Amazon MSK: a presigned URL, verified as the payload of `AWS_MSK_IAM` is.
    MskOAuthBearer,
}

impl Mechanism {
    /// Every mechanism.
    pub const ALL: [Self; 6] =
        [Self::Plain, Self::ScramSha256, Self::ScramSha512, Self::OAuthBearer, Self::AwsMskIam, Self::MskOAuthBearer];

    /// The name on the wire, which both kinds of `OAUTHBEARER` share.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
            Self::OAuthBearer | Self::MskOAuthBearer => "OAUTHBEARER",
            Self::AwsMskIam => AWS_MSK_IAM,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name of no mechanism.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no mechanism; these are: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER, AWS_MSK_IAM, MSK_OAUTHBEARER"
)]
pub struct UnknownMechanism(pub String);

/// The names on the wire, and `MSK_OAUTHBEARER` to tell the two that share one apart.
impl FromStr for Mechanism {
    type Err = UnknownMechanism;

    fn from_str(name: &str) -> Result<Self, UnknownMechanism> {
        if name == "MSK_OAUTHBEARER" {
            return Ok(Self::MskOAuthBearer);
        }
        Self::ALL.into_iter().find(|it| it.name() == name).ok_or_else(|| UnknownMechanism(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mechanism_is_found_by_its_name() {
        for mechanism in Mechanism::ALL {
            let name = if mechanism == Mechanism::MskOAuthBearer { "MSK_OAUTHBEARER" } else { mechanism.name() };
            assert_eq!(name.parse(), Ok(mechanism));
        }
        assert_eq!("plain".parse::<Mechanism>(), Err(UnknownMechanism("plain".to_owned())));
    }
}
