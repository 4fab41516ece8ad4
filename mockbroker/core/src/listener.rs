//! Listeners: the ways into a broker, each with its name and protocol.

use std::fmt;
use std::sync::Arc;

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

impl fmt::Display for ListenerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is spoken on a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// Kafka's `PLAINTEXT`: neither encrypted nor authenticated.
    Plaintext,
    /// Kafka's `SSL`: encrypted, not authenticated.
    Tls,
    /// Kafka's `SASL_SSL` with the mechanism `AWS_MSK_IAM`.
    Iam,
}

impl Protocol {
    /// Kafka's name of the security protocol.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Tls => "SSL",
            Self::Iam => "SASL_SSL",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A listener that a connection comes in on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listener {
    /// Its name: Metadata answers with the addresses that brokers advertise under it.
    pub name: ListenerName,
    /// What is spoken on it.
    pub protocol: Protocol,
}

impl Listener {
    /// A listener called `name`.
    #[must_use]
    pub fn new(name: impl Into<ListenerName>, protocol: Protocol) -> Self {
        Self { name: name.into(), protocol }
    }
}
