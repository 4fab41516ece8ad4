//! Why a connection could not be opened: which endpoint, how far it came, and what to do.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ottla_core::RequestError;
use ottla_core::connection::{AuthenticationError, HandshakeError, OtherProtocol, Step};
use ottla_core::request::Disconnected;
use ottla_wire::BrokerId;

use super::call::CallError;
use super::config::ConfigError;
use crate::address::Endpoint;
use crate::io::dial::DialError;
use crate::security::Security;

/// Why a connection could not be opened. No request of the application was sent over it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The configuration is refused; nothing was tried.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The client was used outside of a tokio runtime; nothing was tried.
    #[error("there is no tokio runtime here: call this from within one")]
    NoRuntime,
    /// None of several bootstrap addresses would do.
    #[error("no bootstrap address could be used: {}", each(tried))]
    Unreachable {
        /// The error of each, in the order they were tried.
        tried: Vec<Arc<Self>>,
    },
    /// The host name has no address.
    #[error("{at}: the host name cannot be resolved ({source}): check it, and that this network's DNS knows it")]
    Unresolved {
        /// What was tried.
        at: Endpoint,
        /// What the resolver said.
        source: Arc<io::Error>,
    },
    /// No address of the host took the connection.
    #[error("{at}: {source}: check host and port, and that a broker listens there{}", at.port_hint())]
    Dial {
        /// What was tried.
        at: Endpoint,
        /// Each address with its error.
        source: Arc<DialError>,
    },
    /// It took too long.
    #[error("{at}: not connected within {after:?}, still in {stage}{}{}", slow(*stage), at.port_hint())]
    Timeout {
        /// What was tried.
        at: Endpoint,
        /// How far it came.
        stage: Stage,
        /// How long it was given.
        after: Duration,
    },
    /// The client speaks TLS, and the port does not.
    #[error(
        "{at}: the broker does not answer in TLS ({source}): the port speaks plaintext, or the broker takes no more connections{}",
        at.port_hint()
    )]
    NotTls {
        /// What was tried.
        at: Endpoint,
        /// What came instead.
        source: Arc<io::Error>,
    },
    /// The client speaks plaintext, and the port does not.
    #[error("{at}: the broker does not answer in plaintext ({source}): choose `.tls()` in place of `.plaintext()`, or `.msk_iam(credentials)`{}", at.port_hint())]
    NotPlaintext {
        /// What was tried.
        at: Endpoint,
        /// What came instead.
        source: HandshakeError,
    },
    /// The broker's certificate was issued by nobody whom the client trusts.
    #[error(
        "{at}: the broker's certificate is not issued by a trusted authority ({source}): \
         give the authority's certificate by `.tls_root(pem)`"
    )]
    UntrustedCertificate {
        /// What was tried.
        at: Endpoint,
        /// What was found.
        source: rustls::Error,
    },
    /// The broker's certificate is for another host.
    #[error("{at}: the broker's certificate is for another name ({source}): connect by a name that stands in it")]
    WrongName {
        /// What was tried.
        at: Endpoint,
        /// What was found.
        source: rustls::Error,
    },
    /// The broker's certificate is not valid at this time.
    #[error(
        "{at}: the broker's certificate is expired or not yet valid ({source}): check the local clock, then the certificate"
    )]
    ExpiredCertificate {
        /// What was tried.
        at: Endpoint,
        /// What was found.
        source: rustls::Error,
    },
    /// The broker wants a certificate of the client, or does not take the one that it was shown.
    #[error(
        "{at}: the broker wants a certificate of the client, or does not take the one that it was shown ({alert}): \
         give one that it trusts by `.tls_client_certificate(chain, key)`"
    )]
    ClientCertificate {
        /// What was tried.
        at: Endpoint,
        /// The alert of TLS with which the broker broke off.
        alert: String,
    },
    /// TLS could not be agreed on for another reason.
    #[error("{at}: the TLS handshake failed: {source}{}", at.port_hint())]
    Tls {
        /// What was tried.
        at: Endpoint,
        /// What happened.
        source: Arc<io::Error>,
    },
    /// The broker did not let the client in.
    #[error("{at}: {source}{}", at.port_hint())]
    Authentication {
        /// What was tried.
        at: Endpoint,
        /// Whom the client claimed to be, and what may be wrong with that.
        source: Box<AuthenticationError>,
    },
    /// There are no credentials that can be signed with, or no token that can be sent; the broker was not asked.
    #[error("{at}: {source}")]
    Credentials {
        /// What was tried.
        at: Endpoint,
        /// What is wrong with them.
        source: HandshakeError,
    },
    /// The stream was opened, and Kafka's own handshake failed.
    #[error("{at}: {source}{}", at.port_hint())]
    Handshake {
        /// What was tried.
        at: Endpoint,
        /// What happened.
        source: HandshakeError,
    },
    /// The connection was opened, and the broker did not say what the cluster is made of.
    #[error("{at}: connected, and the first request failed: {source}{}{}", unauthenticated(at, source), at.port_hint())]
    Metadata {
        /// What was tried.
        at: Endpoint,
        /// Why there is no answer.
        source: CallError,
    },
    /// The cluster's metadata does not have the broker any more.
    #[error("the cluster's metadata has no broker {broker}")]
    UnknownBroker {
        /// The broker.
        broker: BrokerId,
    },
}

/// How far the opening of a connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// The stream: name, address, TCP.
    Dial,
    /// The TLS handshake.
    Tls,
    /// Kafka's handshake.
    Kafka(Step),
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dial => f.write_str("the TCP connection"),
            Self::Tls => f.write_str("the TLS handshake"),
            Self::Kafka(step) => step.fmt(f),
        }
    }
}

/// What a wait in `stage` often comes from.
const fn slow(stage: Stage) -> &'static str {
    match stage {
        Stage::Dial => {
            ": a firewall or security group drops the packets, or the name belongs to a network that cannot be reached from here"
        }
        Stage::Tls | Stage::Kafka(Step::ApiVersions) => {
            ": the broker is overloaded, or the port speaks another protocol"
        }
        Stage::Kafka(Step::Credentials) => ": the credentials provider is slow",
        Stage::Kafka(Step::Token) => ": the token provider is slow",
        Stage::Kafka(_) => "",
    }
}

/// What a broker that closes at the first request means to a client that did not authenticate.
fn unauthenticated(at: &Endpoint, source: &CallError) -> &'static str {
    let closed = matches!(
        source,
        CallError::Request(
            RequestError::OutcomeUnknown { reason: Disconnected::ByPeer, .. } | RequestError::NotSent { .. }
        )
    );
    match at.security {
        Security::Plaintext | Security::Tls if closed => {
            ": a listener that wants its clients to authenticate does this; choose `.msk_iam(credentials)` or one of those that begin with `.sasl_`"
        }
        _ => "",
    }
}

fn each(tried: &[Arc<ConnectError>]) -> String {
    tried.iter().map(|error| format!("\n  {error}")).collect()
}

impl ConnectError {
    /// The endpoint that was tried, where it was one.
    #[must_use]
    pub fn endpoint(&self) -> Option<&Endpoint> {
        match self {
            Self::Unresolved { at, .. }
            | Self::Dial { at, .. }
            | Self::Timeout { at, .. }
            | Self::NotTls { at, .. }
            | Self::NotPlaintext { at, .. }
            | Self::UntrustedCertificate { at, .. }
            | Self::WrongName { at, .. }
            | Self::ExpiredCertificate { at, .. }
            | Self::ClientCertificate { at, .. }
            | Self::Tls { at, .. }
            | Self::Authentication { at, .. }
            | Self::Credentials { at, .. }
            | Self::Handshake { at, .. }
            | Self::Metadata { at, .. } => Some(at),
            Self::Config(_) | Self::NoRuntime | Self::Unreachable { .. } | Self::UnknownBroker { .. } => None,
        }
    }

    /// Whether another try, or another broker, gives the same until somebody changes something.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Config(_) | Self::NoRuntime | Self::UntrustedCertificate { .. } | Self::ClientCertificate { .. } => {
                true
            }
            Self::Authentication { source, .. } => !source.is_retriable(),
            Self::Credentials { source, .. } | Self::Handshake { source, .. } => !source.is_retriable(),
            _ => false,
        }
    }

    pub(crate) fn of_dial(at: Endpoint, error: DialError) -> Self {
        match error {
            DialError::Unresolved(source) => Self::Unresolved { at, source: Arc::new(source) },
            source => Self::Dial { at, source: Arc::new(source) },
        }
    }

    pub(crate) fn of_handshake(at: Endpoint, error: HandshakeError) -> Self {
        let plaintext = !at.security.has_tls();
        match error {
            HandshakeError::Authentication(source) => Self::Authentication { at, source },
            HandshakeError::Timeout { during, after } => Self::Timeout { at, stage: Stage::Kafka(during), after },
            source @ (HandshakeError::ClosedAtOnce { .. } | HandshakeError::OtherProtocol(OtherProtocol::Tls))
                if plaintext =>
            {
                Self::NotPlaintext { at, source }
            }
            // What it says of TLS is said to a client that speaks plaintext.
            HandshakeError::ClosedAtOnce { reason } => {
                Self::Handshake { at, source: HandshakeError::Disconnected { during: Step::ApiVersions, reason } }
            }
            // In TLS 1.3 the client is ready before the broker has looked at its certificate.
            HandshakeError::Disconnected { reason: Disconnected::TlsAlert(alert), .. } if is_of_certificate(&alert) => {
                Self::ClientCertificate { at, alert }
            }
            source @ (HandshakeError::Credentials(_) | HandshakeError::Token(_) | HandshakeError::Unsigned(_)) => {
                Self::Credentials { at, source }
            }
            source => Self::Handshake { at, source },
        }
    }

    /// What a failed TLS handshake says.
    pub(crate) fn of_tls(at: Endpoint, error: io::Error) -> Self {
        use rustls::{CertificateError as Bad, Error};
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
        match tls {
            Some(source @ Error::InvalidCertificate(Bad::UnknownIssuer | Bad::BadSignature)) => {
                Self::UntrustedCertificate { at, source }
            }
            Some(source @ Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. })) => {
                Self::WrongName { at, source }
            }
            Some(
                source @ Error::InvalidCertificate(
                    Bad::Expired | Bad::ExpiredContext { .. } | Bad::NotValidYet | Bad::NotValidYetContext { .. },
                ),
            ) => Self::ExpiredCertificate { at, source },
            Some(Error::AlertReceived(alert)) if is_of_certificate(&format!("{alert:?}")) => {
                Self::ClientCertificate { at, alert: format!("{alert:?}") }
            }
            Some(Error::InvalidMessage(_)) => Self::NotTls { at, source: Arc::new(error) },
            Some(_) => Self::Tls { at, source: Arc::new(error) },
            // A plaintext listener reads the first bytes of TLS as a length far above its bound, and closes.
            None => Self::NotTls { at, source: Arc::new(error) },
        }
    }
}

/// Whether an alert of TLS is about the certificate of the client (RFC 8446, 6.2). Java's brokers have `BadCertificate` for none, and a signature that does
/// not hold is a `DecryptError`.
fn is_of_certificate(alert: &str) -> bool {
    let alerts = [
        "BadCertificate",
        "UnsupportedCertificate",
        "CertificateRevoked",
        "CertificateExpired",
        "CertificateUnknown",
        "UnknownCA",
        "CertificateRequired",
        "DecryptError",
        "AccessDenied",
    ];
    alerts.contains(&alert)
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;
    use crate::address::Address;

    fn at(port: u16, security: Security) -> Endpoint {
        Endpoint { address: Address::new("b-1.example", port), security }
    }

    #[test]
    fn each_thing_that_can_be_wrong_with_a_certificate_has_a_variant() {
        let of = |error: CertificateError| {
            let error = io::Error::other(rustls::Error::InvalidCertificate(error));
            ConnectError::of_tls(at(9094, Security::Tls), error)
        };
        assert!(matches!(of(CertificateError::UnknownIssuer), ConnectError::UntrustedCertificate { .. }));
        assert!(matches!(of(CertificateError::NotValidForName), ConnectError::WrongName { .. }));
        assert!(matches!(of(CertificateError::Expired), ConnectError::ExpiredCertificate { .. }));
        assert!(matches!(of(CertificateError::NotValidYet), ConnectError::ExpiredCertificate { .. }));
        assert!(matches!(of(CertificateError::Revoked), ConnectError::Tls { .. }));
    }

    #[test]
    fn an_alert_about_the_clients_certificate_is_told_wherever_it_comes() {
        use rustls::AlertDescription::{CertificateRequired, HandshakeFailure};
        let in_tls = |alert| {
            let error = io::Error::other(rustls::Error::AlertReceived(alert));
            ConnectError::of_tls(at(9094, Security::Tls), error)
        };
        assert!(matches!(in_tls(CertificateRequired), ConnectError::ClientCertificate { .. }));
        assert!(matches!(in_tls(HandshakeFailure), ConnectError::Tls { .. }));
        let behind_it = |alert| {
            let reason = Disconnected::TlsAlert(format!("{alert:?}"));
            let error = HandshakeError::Disconnected { during: Step::ApiVersions, reason };
            ConnectError::of_handshake(at(9094, Security::Tls), error)
        };
        assert!(matches!(behind_it(CertificateRequired), ConnectError::ClientCertificate { .. }));
        assert!(matches!(behind_it(HandshakeFailure), ConnectError::Handshake { .. }));
    }

    #[test]
    fn an_iam_client_of_the_scram_port_is_told_so() {
        let enabled = vec!["SCRAM-SHA-512".to_owned()];
        let refusal = HandshakeError::MechanismNotEnabled { mechanism: "AWS_MSK_IAM", enabled };
        let error = ConnectError::of_handshake(at(9096, Security::MskIam), refusal);
        let text = error.to_string();
        assert!(matches!(error, ConnectError::Handshake { .. }) && error.is_final(), "{text}");
        assert!(text.contains("b-1.example:9096") && text.contains("port 9096 speaks TLS with SASL/SCRAM"), "{text}");
    }

    #[test]
    fn a_tls_client_whose_broker_closes_is_not_told_that_the_port_speaks_tls() {
        let closed = HandshakeError::ClosedAtOnce { reason: Disconnected::ByPeer };
        let plaintext = ConnectError::of_handshake(at(19092, Security::Plaintext), closed.clone());
        assert!(matches!(plaintext, ConnectError::NotPlaintext { .. }));
        let tls = ConnectError::of_handshake(at(19092, Security::Tls), closed).to_string();
        assert!(!tls.contains("speaks TLS"), "{tls}");
    }
}
