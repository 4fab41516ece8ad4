//! How a connection is secured, and which of Amazon MSK's ports speaks what.

use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::SharedCredentialsProvider;
use ottla_core::connection::Password;
use ottla_core::region::MskProtocol;
use ottla_wire::sasl::scram::ScramMechanism;

use crate::address::Address;
use crate::error::ConfigProblem;
use crate::token::SharedTokenProvider;

/// How a client speaks to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// Neither encrypted nor authenticated.
    Plaintext,
    /// TLS; the broker is authenticated by its certificate, and the client by one of its own where it has one.
    Tls,
    /// TLS, and the client authenticates by SASL with the mechanism `AWS_MSK_IAM`.
    MskIam,
    /// TLS, and the client authenticates by SASL with another mechanism. Kafka's name for it is `SASL_SSL`.
    SaslTls(SaslMechanism),
    /// Not encrypted, and the client authenticates by SASL. Kafka's name for it is `SASL_PLAINTEXT`.
    SaslPlaintext(SaslMechanism),
}

/// A SASL mechanism other than MSK's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaslMechanism {
    /// `PLAIN`: user and password.
    Plain,
    /// `SCRAM-SHA-256`: user and password, which is not sent.
    ScramSha256,
    /// `SCRAM-SHA-512`: user and password, which is not sent.
    ScramSha512,
    /// `OAUTHBEARER`: a token.
    OAuthBearer,
}

impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plaintext => f.write_str("plaintext"),
            Self::Tls => f.write_str("TLS"),
            Self::MskIam => f.write_str("TLS with AWS_MSK_IAM"),
            Self::SaslTls(mechanism) => write!(f, "TLS with {mechanism}"),
            Self::SaslPlaintext(mechanism) => write!(f, "plaintext with {mechanism}"),
        }
    }
}

impl fmt::Display for SaslMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
            Self::OAuthBearer => "OAUTHBEARER",
        })
    }
}

/// Whether `protocol` is what `security` speaks.
const fn speaks(security: Security, protocol: MskProtocol) -> bool {
    matches!(
        (security, protocol),
        (Security::Plaintext, MskProtocol::Plaintext)
            | (Security::Tls, MskProtocol::Tls)
            | (Security::SaslTls(SaslMechanism::ScramSha512), MskProtocol::Scram)
            | (Security::MskIam | Security::SaslTls(SaslMechanism::OAuthBearer), MskProtocol::Iam)
    )
}

/// What to do to speak `protocol`.
const fn advice(protocol: MskProtocol) -> &'static str {
    match protocol {
        MskProtocol::Plaintext => "choose `.plaintext()`, or the port of the protocol that you want",
        MskProtocol::Tls => "choose `.tls()`, or the port of the protocol that you want",
        MskProtocol::Scram => "choose `.sasl_scram_sha_512(user, password)`, or the port of the protocol that you want",
        MskProtocol::Iam => "choose `.msk_iam(credentials)`, or the port of the protocol that you want",
    }
}

impl Security {
    /// Whether the connection is encrypted.
    #[must_use]
    pub const fn has_tls(self) -> bool {
        !matches!(self, Self::Plaintext | Self::SaslPlaintext(_))
    }

    /// A clause for the end of an error, where `port` is one that MSK gives to another protocol; otherwise empty.
    pub(crate) fn port_hint(self, port: u16) -> String {
        match MskProtocol::of_port(port) {
            Some(protocol) if !speaks(self, protocol) => {
                format!("; on Amazon MSK port {port} speaks {protocol}: {}", advice(protocol))
            }
            _ => String::new(),
        }
    }
}

/// Whether to speak TLS, as the user asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// TLS for a client that logs in; for another, what MSK speaks on the ports of the bootstrap addresses.
    Default,
    Plaintext,
    Tls,
}

/// How to log in by SASL, as the user asked for it.
#[derive(Clone)]
pub(crate) enum LoginBy {
    MskIam(SharedCredentialsProvider),
    MskIamToken(SharedCredentialsProvider),
    OAuthBearer(SharedTokenProvider),
    Plain(User),
    Scram(ScramMechanism, User),
}

/// A user with a password.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: Arc<str>,
    pub(crate) password: Password,
}

impl Transport {
    /// Whether TLS is to be spoken with `bootstrap`: as it was asked for, else what a login needs, else what the ports say.
    pub(crate) fn has_tls<'a>(
        self,
        login: Option<&LoginBy>,
        bootstrap: impl Iterator<Item = &'a Address>,
    ) -> Result<bool, ConfigProblem> {
        match (self, login) {
            (Self::Plaintext, Some(LoginBy::MskIam(_) | LoginBy::MskIamToken(_))) => Err(ConfigProblem::PlaintextIam),
            (Self::Plaintext, _) => Ok(false),
            (Self::Tls, _) | (Self::Default, Some(_)) => Ok(true),
            (Self::Default, None) => by_port(bootstrap),
        }
    }
}

/// Whether the ports of `bootstrap` are MSK's for TLS, or for plaintext.
fn by_port<'a>(bootstrap: impl Iterator<Item = &'a Address>) -> Result<bool, ConfigProblem> {
    let mut settled: Option<(&Address, MskProtocol)> = None;
    for address in bootstrap {
        let protocol = MskProtocol::of_port(address.port());
        let protocol = protocol.ok_or_else(|| ConfigProblem::NoSecurity { address: address.clone() })?;
        match settled {
            Some((first, other)) if other != protocol => {
                return Err(ConfigProblem::MixedPorts { first: first.clone(), second: address.clone() });
            }
            _ => settled = Some((address, protocol)),
        }
    }
    match settled {
        Some((_, MskProtocol::Plaintext)) => Ok(false),
        Some((_, MskProtocol::Tls)) => Ok(true),
        Some((address, MskProtocol::Scram)) => Err(ConfigProblem::NoUser { address: address.clone() }),
        Some((address, MskProtocol::Iam)) => Err(ConfigProblem::NoCredentials { address: address.clone() }),
        None => Err(ConfigProblem::NoBootstrap),
    }
}

impl User {
    pub(crate) fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self { name: name.into().into(), password: Password::new(password.into()) }
    }

    /// What no broker could be told.
    fn problems(&self) -> impl Iterator<Item = ConfigProblem> {
        let parts = [
            ("user", self.name.is_empty(), self.name.contains('\0')),
            ("password", self.password.is_empty(), self.password.has_nul()),
        ];
        parts.into_iter().flat_map(|(part, is_empty, has_nul)| {
            let empty = is_empty.then_some(ConfigProblem::EmptyLogin { part });
            empty.into_iter().chain(has_nul.then_some(ConfigProblem::NulInLogin { part }))
        })
    }
}

impl LoginBy {
    /// What no broker could be told.
    pub(crate) fn problems(&self) -> Vec<ConfigProblem> {
        match self {
            Self::MskIam(_) | Self::MskIamToken(_) | Self::OAuthBearer(_) => Vec::new(),
            Self::Plain(user) | Self::Scram(_, user) => user.problems().collect(),
        }
    }
}

/// Shows no credentials.
impl fmt::Debug for LoginBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MskIam(_) => f.write_str("AWS_MSK_IAM"),
            Self::MskIamToken(_) | Self::OAuthBearer(_) => f.write_str("OAUTHBEARER"),
            Self::Plain(user) => write!(f, "PLAIN as {:?}", user.name),
            Self::Scram(mechanism, user) => write!(f, "{} as {:?}", mechanism.name(), user.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hint_is_given_only_where_the_port_speaks_something_else() {
        assert!(Security::Tls.port_hint(9092).contains("port 9092 speaks plaintext"));
        assert!(Security::Plaintext.port_hint(9098).contains("AWS_MSK_IAM"));
        assert!(Security::MskIam.port_hint(9096).contains("SCRAM"));
        assert!(Security::SaslTls(SaslMechanism::ScramSha256).port_hint(9096).contains("SCRAM-SHA-512"));
        assert_eq!(Security::SaslTls(SaslMechanism::ScramSha512).port_hint(9096), "");
        assert_eq!(Security::SaslTls(SaslMechanism::OAuthBearer).port_hint(9098), "");
        assert_eq!(Security::Tls.port_hint(9094), "");
        assert_eq!(Security::Plaintext.port_hint(19092), "");
    }
}
