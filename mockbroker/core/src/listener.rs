//! Listeners: the ways into a broker, each with its name, its protocol, and what a client must show there.

use std::fmt;
use std::sync::Arc;

use crate::sasl::Mechanism;

/// The name of a listener, such as `PLAINTEXT` or `CLIENT_IAM`. Each broker has one address for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerName(Arc<str>);

impl ListenerName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ListenerName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl From<String> for ListenerName {
    fn from(name: String) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for ListenerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is spoken on a listener: Kafka's security protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Kafka's `PLAINTEXT`: neither encrypted nor authenticated.
    Plaintext,
    /// Kafka's `SSL`: encrypted, and authenticated by the client's certificate, if it shows one.
    Tls,
    /// Kafka's `SASL_PLAINTEXT`: not encrypted, and authenticated by a SASL mechanism.
    SaslPlaintext,
    /// Kafka's `SASL_SSL`: encrypted, and authenticated by a SASL mechanism.
    SaslTls,
}

impl Protocol {
    /// Kafka's name of the security protocol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Tls => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslTls => "SASL_SSL",
        }
    }

    /// Whether it is encrypted.
    #[must_use]
    pub const fn is_tls(self) -> bool {
        matches!(self, Self::Tls | Self::SaslTls)
    }

    /// Whether a SASL mechanism says who the client is.
    #[must_use]
    pub const fn is_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslTls)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// `ssl.client.auth`: whether a client must show a certificate of the cluster's authority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientAuth {
    /// It is not asked for one.
    #[default]
    None,
    /// It is asked for one, and may come without.
    Requested,
    /// It must show one.
    Required,
}

impl ClientAuth {
    /// Kafka's name of the setting.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Requested => "requested",
            Self::Required => "required",
        }
    }
}

/// A listener that a connection comes in on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Listener {
    /// Its name: Metadata answers with the addresses that brokers advertise under it.
    pub name: ListenerName,
    /// What is spoken on it.
    pub protocol: Protocol,
    /// `sasl.enabled.mechanisms`, in the order in which a client is told; none without SASL.
    pub mechanisms: Arc<[Mechanism]>,
    /// `ssl.client.auth`; without TLS it means nothing.
    pub client_auth: ClientAuth,
}

impl Listener {
    /// A listener that is neither encrypted nor authenticated.
    #[must_use]
    pub fn plaintext(name: impl Into<ListenerName>) -> Self {
        Self::new(name.into(), Protocol::Plaintext, [].into())
    }

    /// A listener that is encrypted.
    #[must_use]
    pub fn tls(name: impl Into<ListenerName>) -> Self {
        Self::new(name.into(), Protocol::Tls, [].into())
    }

    /// A listener that is not encrypted, where a client comes in with one of these mechanisms.
    #[must_use]
    pub fn sasl_plaintext(name: impl Into<ListenerName>, mechanisms: impl IntoIterator<Item = Mechanism>) -> Self {
        Self::new(name.into(), Protocol::SaslPlaintext, mechanisms.into_iter().collect())
    }

    /// A listener that is encrypted, where a client comes in with one of these mechanisms.
    #[must_use]
    pub fn sasl_tls(name: impl Into<ListenerName>, mechanisms: impl IntoIterator<Item = Mechanism>) -> Self {
        Self::new(name.into(), Protocol::SaslTls, mechanisms.into_iter().collect())
    }

    /// Whether a client must show a certificate; without TLS it means nothing. The default is that none is asked for.
    #[must_use]
    pub fn client_auth(mut self, client_auth: ClientAuth) -> Self {
        self.client_auth = client_auth;
        self
    }

    fn new(name: ListenerName, protocol: Protocol, mechanisms: Arc<[Mechanism]>) -> Self {
        Self { name, protocol, mechanisms, client_auth: ClientAuth::None }
    }
}
