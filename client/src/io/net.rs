//! What every connection of a client is made with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::provider::SharedCredentialsProvider;
use ottla_core::Now;
use ottla_core::backoff::Backoff;
use ottla_core::connection::{self, MskIam, Sasl};
use ottla_core::region::{Region, RegionSource};
use rustls::ClientConfig;
use tokio::runtime::Handle;

use super::clock::{self, Clock};
use super::dial::Dial;
use super::entropy::Entropy;
use crate::address::{Address, Endpoint};
use crate::security::Security;

/// What the connections of one client share; a connection holds this, and never the client.
pub(crate) struct Net {
    pub(crate) runtime: Handle,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) dial: Arc<dyn Dial>,
    pub(crate) entropy: Entropy,
    pub(crate) speech: Speech,
    pub(crate) client_id: Arc<str>,
    pub(crate) connect_timeout: Duration,
    pub(crate) request_timeout: Duration,
    pub(crate) reconnect: Backoff,
    pub(crate) retry: Backoff,
}

/// How a connection is secured, with what that needs.
pub(crate) enum Speech {
    Plaintext,
    Tls(Arc<ClientConfig>),
    MskIam {
        tls: Arc<ClientConfig>,
        credentials: SharedCredentialsProvider,
        region: Region,
        region_source: RegionSource,
    },
}

impl Speech {
    pub(crate) const fn security(&self) -> Security {
        match self {
            Self::Plaintext => Security::Plaintext,
            Self::Tls(_) => Security::Tls,
            Self::MskIam { .. } => Security::MskIam,
        }
    }

    pub(crate) const fn tls(&self) -> Option<&Arc<ClientConfig>> {
        match self {
            Self::Plaintext => None,
            Self::Tls(tls) | Self::MskIam { tls, .. } => Some(tls),
        }
    }

    pub(crate) const fn credentials(&self) -> Option<&SharedCredentialsProvider> {
        match self {
            Self::Plaintext | Self::Tls(_) => None,
            Self::MskIam { credentials, .. } => Some(credentials),
        }
    }

    fn sasl(&self, host: &str) -> Option<Sasl> {
        let Self::MskIam { region, region_source, .. } = self else { return None };
        Some(Sasl::MskIam(MskIam {
            host: host.into(),
            region: region.clone(),
            region_source: region_source.clone(),
            user_agent: USER_AGENT.into(),
        }))
    }
}

/// What IAM policies see as `aws:UserAgent`.
const USER_AGENT: &str = concat!("ottla/", env!("CARGO_PKG_VERSION"));

impl Net {
    pub(crate) fn now(&self) -> Now {
        clock::now(self.clock.as_ref())
    }

    /// When tokio's clock will show what this client's clock calls `deadline`.
    pub(crate) fn on_tokio(&self, deadline: Instant) -> tokio::time::Instant {
        clock::on_tokio(self.clock.as_ref(), deadline)
    }

    pub(crate) fn endpoint(&self, address: &Address) -> Endpoint {
        Endpoint { address: address.clone(), security: self.speech.security() }
    }

    /// What the connection to `host` is told, with `left` of the connect timeout for its handshake.
    pub(crate) fn connection(&self, host: &str, left: Duration) -> connection::Config {
        connection::Config {
            client_id: Some(Arc::clone(&self.client_id)),
            sasl: self.speech.sasl(host),
            handshake_timeout: left,
            ..connection::Config::default()
        }
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("security", &self.speech.security()).finish_non_exhaustive()
    }
}
