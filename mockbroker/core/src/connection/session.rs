//! How far a connection is authenticated: the states of Kafka's `SaslServerAuthenticator`, and those of a connection without SASL.

use std::time::{Duration, Instant};

use crate::principal::Principal;
use crate::sasl::{Exchange, Mechanism};

/// A client may authenticate again no sooner than this after the last time that it began to.
pub(crate) const REAUTHENTICATION_MIN: Duration = Duration::from_secs(1);

/// How far a connection is authenticated.
#[derive(Clone, Debug)]
pub(crate) enum Session {
    /// Nothing came yet, or an ApiVersions that was refused: ApiVersions or SaslHandshake may come.
    Fresh,
    /// ApiVersions was answered: only SaslHandshake may come.
    VersionsKnown,
    /// The mechanism is agreed: a token must come, inside SaslAuthenticate or, after a SaslHandshake v0, bare.
    Authenticating(Box<Authenticating>),
    /// The client is authenticated, and was told that it may go on with another mechanism; it may not, and hears so from what it sends next.
    MechanismChanged { login: Login, asked: String, before: Mechanism },
    /// Requests are answered.
    Open(Login),
}

/// An exchange of tokens.
#[derive(Clone, Debug)]
pub(crate) struct Authenticating {
    pub(crate) mechanism: Mechanism,
    pub(crate) exchange: Exchange,
    pub(crate) tokens: Tokens,
    /// Who the client was before, where it authenticates again, and when it began to.
    pub(crate) renewing: Option<(Login, Instant)>,
}

/// How the tokens of the mechanism travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tokens {
    /// As frames without a header, after SaslHandshake v0.
    Bare,
    /// In SaslAuthenticate requests, after SaslHandshake v1 (KIP-152).
    InRequests,
}

/// Who a client is, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) principal: Principal,
    /// How it came in; none without SASL.
    pub(crate) mechanism: Option<Mechanism>,
    /// When the session ends (KIP-368).
    pub(crate) expires: Option<Instant>,
    /// When the client began to authenticate again the last time.
    pub(crate) renewed: Option<Instant>,
}

impl Session {
    /// A session without an end, of a client that no SASL mechanism was asked for.
    pub(crate) fn identified(principal: Principal) -> Self {
        Self::Open(Login { principal, mechanism: None, expires: None, renewed: None })
    }

    /// Who the client is, or was before it began to authenticate again.
    pub(crate) fn login(&self) -> Option<&Login> {
        match self {
            Self::Fresh | Self::VersionsKnown => None,
            Self::Authenticating(authenticating) => authenticating.renewing.as_ref().map(|(login, _)| login),
            Self::MechanismChanged { login, .. } | Self::Open(login) => Some(login),
        }
    }
}

impl Login {
    pub(crate) fn has_ended(&self, now: Instant) -> bool {
        self.expires.is_some_and(|expires| expires < now)
    }

    /// Whether a SaslHandshake begins a new authentication: where sessions end, and not within a second of the last time.
    pub(crate) fn may_renew(&self, now: Instant) -> bool {
        let is_soon = |renewed| now.saturating_duration_since(renewed) < REAUTHENTICATION_MIN;
        self.expires.is_some() && !self.renewed.is_some_and(is_soon)
    }
}
