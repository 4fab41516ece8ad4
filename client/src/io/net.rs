//! What every connection of a client is made with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::provider::SharedCredentialsProvider;
use ottla_core::Now;
use ottla_core::backoff::Backoff;
use ottla_core::connection::{self, MskIam, Sasl};
use ottla_core::region::{Region, RegionSource};
use ottla_wire::sasl::scram::ScramMechanism;
use rustls::ClientConfig;
use tokio::runtime::Handle;

use super::clock::{self, Clock};
use super::dial::Dial;
use super::entropy::Entropy;
use crate::address::{Address, Endpoint};
use crate::security::{SaslMechanism, Security, User};
use crate::token::SharedTokenProvider;

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
pub(crate) struct Speech {
    /// Nothing is plaintext.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    /// Nothing is no SASL.
    pub(crate) login: Option<Login>,
}

/// How a connection authenticates by SASL, with what that needs.
pub(crate) enum Login {
    MskIam { credentials: SharedCredentialsProvider, region: Region, region_source: RegionSource },
    MskIamToken { credentials: SharedCredentialsProvider, region: Region, region_source: RegionSource },
    OAuthBearer(SharedTokenProvider),
    Plain(User),
    Scram(ScramMechanism, User),
}

impl Speech {
    pub(crate) const fn security(&self) -> Security {
        let mechanism = match &self.login {
            None if self.tls.is_some() => return Security::Tls,
            None => return Security::Plaintext,
            Some(Login::MskIam { .. }) => return Security::MskIam,
            Some(Login::MskIamToken { .. } | Login::OAuthBearer(_)) => SaslMechanism::OAuthBearer,
            Some(Login::Plain(_)) => SaslMechanism::Plain,
            Some(Login::Scram(ScramMechanism::Sha256, _)) => SaslMechanism::ScramSha256,
            Some(Login::Scram(ScramMechanism::Sha512, _)) => SaslMechanism::ScramSha512,
        };
        if self.tls.is_some() { Security::SaslTls(mechanism) } else { Security::SaslPlaintext(mechanism) }
    }

    fn sasl(&self, host: &str, entropy: &Entropy) -> Option<Sasl> {
        let signing = |region: &Region, region_source: &RegionSource| MskIam {
            host: host.into(),
            region: region.clone(),
            region_source: region_source.clone(),
            user_agent: USER_AGENT.into(),
        };
        Some(match self.login.as_ref()? {
            Login::MskIam { region, region_source, .. } => Sasl::MskIam(signing(region, region_source)),
            Login::MskIamToken { region, region_source, .. } => Sasl::MskIamToken(signing(region, region_source)),
            Login::OAuthBearer(_) => Sasl::OAuthBearer,
            Login::Plain(User { name, password }) => Sasl::Plain { user: name.clone(), password: password.clone() },
            Login::Scram(mechanism, User { name, password }) => Sasl::Scram {
                mechanism: *mechanism,
                user: name.clone(),
                password: password.clone(),
                nonce: entropy.nonce(),
            },
        })
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
            sasl: self.speech.sasl(host, &self.entropy),
            handshake_timeout: left,
            renewal_draw: self.entropy.draw(),
            ..connection::Config::default()
        }
    }
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Net").field("security", &self.speech.security()).finish_non_exhaustive()
    }
}
