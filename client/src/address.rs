//! The address of a broker, and the endpoint that a connection goes to.

use std::fmt;
use std::str::FromStr;

use crate::security::Security;

/// The host and the port of a broker, as `host:port`; an IPv6 address stands in brackets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// The address of `port` on `host`, which is a name or an IP address without brackets.
    #[must_use]
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self { host: host.into(), port }
    }

    /// The host name or IP address, as it was given.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// There is no port.
    #[error("{text:?} has no port; an address is host:port, on Amazon MSK with IAM the port is 9098")]
    NoPort {
        /// What was given.
        text: String,
    },
    /// There is no host.
    #[error("{text:?} has no host; an address is host:port")]
    NoHost {
        /// What was given.
        text: String,
    },
    /// The port is no number from 1 to 65535.
    #[error("the port of {text:?} is no number from 1 to 65535")]
    BadPort {
        /// What was given.
        text: String,
    },
    /// It begins with a scheme, as a URL does.
    #[error("{text:?} is a URL; give host:port without a scheme")]
    Url {
        /// What was given.
        text: String,
    },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let named = || text.to_owned();
        if text.contains("://") {
            return Err(AddressError::Url { text: named() });
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| AddressError::NoPort { text: named() })?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = match bare {
            Some(host) => host,
            // The colons are those of an IPv6 address, so what stands behind the last one need not be a port.
            None if host.contains(':') => return Err(AddressError::NoPort { text: named() }),
            None => host,
        };
        if host.is_empty() {
            return Err(AddressError::NoHost { text: named() });
        }
        match port.parse() {
            Ok(port) if port > 0 => Ok(Self::new(host, port)),
            _ => Err(AddressError::BadPort { text: named() }),
        }
    }
}

/// Bootstrap addresses, in one text with commas between them or one by one.
pub trait IntoAddresses {
    /// The addresses as texts, each `host:port`.
    fn into_addresses(self) -> Vec<String>;
}

fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

impl IntoAddresses for &str {
    fn into_addresses(self) -> Vec<String> {
        split(self)
    }
}

impl IntoAddresses for String {
    fn into_addresses(self) -> Vec<String> {
        split(&self)
    }
}

impl IntoAddresses for &String {
    fn into_addresses(self) -> Vec<String> {
        split(self)
    }
}

impl<T: AsRef<str>> IntoAddresses for Vec<T> {
    fn into_addresses(self) -> Vec<String> {
        self.iter().flat_map(|text| split(text.as_ref())).collect()
    }
}

impl<T: AsRef<str>> IntoAddresses for &[T] {
    fn into_addresses(self) -> Vec<String> {
        self.iter().flat_map(|text| split(text.as_ref())).collect()
    }
}

impl<T: AsRef<str>, const N: usize> IntoAddresses for [T; N] {
    fn into_addresses(self) -> Vec<String> {
        self.iter().flat_map(|text| split(text.as_ref())).collect()
    }
}

impl IntoAddresses for Address {
    fn into_addresses(self) -> Vec<String> {
        vec![self.to_string()]
    }
}

/// Where a connection goes and how it is secured: what was tried, in every error about a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// The address.
    pub address: Address,
    /// How the client speaks there.
    pub security: Security,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} over {}", self.address, self.security)
    }
}

impl Endpoint {
    /// A clause for the end of an error, where the port is one that MSK gives to another protocol; otherwise empty.
    pub(crate) fn port_hint(&self) -> String {
        self.security.port_hint(self.address.port())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        assert_eq!("b-1.Demo:9098".parse(), Ok(Address::new("b-1.Demo", 9098)));
        assert_eq!(" [::1]:9092 ".parse(), Ok(Address::new("::1", 9092)));
        assert_eq!(Address::new("::1", 9092).to_string(), "[::1]:9092");
    }

    #[test]
    fn what_is_no_address_is_refused_by_what_is_wrong_with_it() {
        let parse = |text: &str| text.parse::<Address>().unwrap_err();
        assert!(matches!(parse("broker"), AddressError::NoPort { .. }));
        assert!(matches!(parse("::1"), AddressError::NoPort { .. }));
        assert!(matches!(parse(":9092"), AddressError::NoHost { .. }));
        assert!(matches!(parse("b:0"), AddressError::BadPort { .. }));
        assert!(matches!(parse("b:kafka"), AddressError::BadPort { .. }));
        assert!(matches!(parse("https://b:9092"), AddressError::Url { .. }));
    }

    #[test]
    fn a_list_may_be_one_text_or_many() {
        assert_eq!("a:1, b:2,".into_addresses(), ["a:1", "b:2"]);
        assert_eq!(["a:1", "b:2,c:3"].into_addresses(), ["a:1", "b:2", "c:3"]);
    }
}
