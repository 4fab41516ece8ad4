//! How a connection is secured, and which of Amazon MSK's ports speaks what.

use std::fmt;

use aws_credential_types::provider::SharedCredentialsProvider;
use ottla_core::region::MskProtocol;

use crate::address::Address;
use crate::error::ConfigProblem;

/// How a client speaks to a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Security {
    /// Neither encrypted nor authenticated.
    Plaintext,
    /// TLS; the broker is authenticated by its certificate.
    Tls,
    /// TLS, and the client authenticates by SASL with the mechanism `AWS_MSK_IAM`.
    MskIam,
}

impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plaintext => "plaintext",
            Self::Tls => "TLS",
            Self::MskIam => "TLS with AWS_MSK_IAM",
        })
    }
}

/// Whether `protocol` is what `security` speaks.
const fn speaks(security: Security, protocol: MskProtocol) -> bool {
    matches!(
        (security, protocol),
        (Security::Plaintext, MskProtocol::Plaintext)
            | (Security::Tls, MskProtocol::Tls)
            | (Security::MskIam, MskProtocol::Iam)
    )
}

/// What to do to speak `protocol`.
const fn advice(protocol: MskProtocol) -> &'static str {
    match protocol {
        MskProtocol::Plaintext => "choose `.plaintext()`, or the port of the protocol that you want",
        MskProtocol::Tls => "choose `.tls()`, or the port of the protocol that you want",
        MskProtocol::Scram => "this version of ottla has no SCRAM; use IAM on port 9098, or TLS on 9094",
        MskProtocol::Iam => "choose `.msk_iam(credentials)`, or the port of the protocol that you want",
    }
}

impl Security {
    /// Whether the connection is encrypted.
    #[must_use]
    pub const fn has_tls(self) -> bool {
        matches!(self, Self::Tls | Self::MskIam)
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

/// What the user asked for.
#[derive(Clone)]
pub(crate) enum Wanted {
    /// What MSK speaks on the ports of the bootstrap addresses.
    ByPort,
    Plaintext,
    Tls,
    MskIam(SharedCredentialsProvider),
}

impl Wanted {
    /// What is to be spoken with `bootstrap`: what was asked for, else what the ports say.
    pub(crate) fn settle<'a>(&self, bootstrap: impl Iterator<Item = &'a Address>) -> Result<Self, ConfigProblem> {
        let Self::ByPort = self else { return Ok(self.clone()) };
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
            Some((_, MskProtocol::Plaintext)) => Ok(Self::Plaintext),
            Some((_, MskProtocol::Tls)) => Ok(Self::Tls),
            Some((address, MskProtocol::Scram)) => Err(ConfigProblem::Scram { address: address.clone() }),
            Some((address, MskProtocol::Iam)) => Err(ConfigProblem::NoCredentials { address: address.clone() }),
            None => Err(ConfigProblem::NoBootstrap),
        }
    }
}

/// Shows no credentials.
impl fmt::Debug for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByPort => "by port",
            Self::Plaintext => "plaintext",
            Self::Tls => "TLS",
            Self::MskIam(_) => "TLS with AWS_MSK_IAM",
        })
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
        assert_eq!(Security::Tls.port_hint(9094), "");
        assert_eq!(Security::Plaintext.port_hint(19092), "");
    }
}
