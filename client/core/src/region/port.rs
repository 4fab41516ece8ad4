//! What speaks on the ports of an MSK cluster.

use std::fmt;

/// A protocol that an MSK broker speaks, each on a port of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MskProtocol {
    /// No TLS and no authentication.
    Plaintext,
    /// TLS; clients have a certificate or none.
    Tls,
    /// TLS, and SASL with SCRAM-SHA-512.
    Scram,
    /// TLS, and SASL with AWS_MSK_IAM or OAUTHBEARER.
    Iam,
}

impl MskProtocol {
    /// What MSK speaks on this port; nothing for a port that is not MSK's, or that may be any (14001 to 14100 of multi-VPC connectivity).
    ///
    /// Says something only of a broker of MSK: any other Kafka may use the same numbers as it likes.
    #[must_use]
    pub fn of_port(port: u16) -> Option<Self> {
        // Inside the VPC, over the internet, and inside the VPC over IPv6.
        match port {
            9092 | 20092 => Some(Self::Plaintext),
            9094 | 9194 | 20094 => Some(Self::Tls),
            9096 | 9196 | 20096 => Some(Self::Scram),
            9098 | 9198 | 20098 => Some(Self::Iam),
            _ => None,
        }
    }

    /// Whether it begins with a TLS handshake.
    #[must_use]
    pub fn is_over_tls(self) -> bool {
        self != Self::Plaintext
    }
}

impl fmt::Display for MskProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plaintext => "plaintext without authentication",
            Self::Tls => "TLS without SASL",
            Self::Scram => "TLS with SASL/SCRAM-SHA-512",
            Self::Iam => "TLS with SASL/AWS_MSK_IAM",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_of_msk_speaks_one_protocol() {
        let table = [
            (MskProtocol::Plaintext, &[9092, 20092][..]),
            (MskProtocol::Tls, &[9094, 9194, 20094]),
            (MskProtocol::Scram, &[9096, 9196, 20096]),
            (MskProtocol::Iam, &[9098, 9198, 20098]),
        ];
        for (protocol, ports) in table {
            for port in ports {
                assert_eq!(MskProtocol::of_port(*port), Some(protocol), "port {port}");
            }
        }
    }

    #[test]
    fn other_ports_say_nothing() {
        for port in [0, 443, 2181, 9093, 9095, 9192, 14001, 14100, 19092, u16::MAX] {
            assert_eq!(MskProtocol::of_port(port), None, "port {port}");
        }
    }

    #[test]
    fn only_plaintext_goes_without_tls() {
        assert!(!MskProtocol::Plaintext.is_over_tls());
        assert!([MskProtocol::Tls, MskProtocol::Scram, MskProtocol::Iam].iter().all(|it| it.is_over_tls()));
    }
}
