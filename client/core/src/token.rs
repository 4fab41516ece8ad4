//! The token of OAUTHBEARER, as a provider gives it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ottla_wire::sasl::Extensions;
use ottla_wire::sasl::oauthbearer::{OAuthBearerError, OAuthBearerMessage};

/// A bearer token: whoever has it is let in. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct OAuthBearerToken {
    value: String,
    expiry: Option<SystemTime>,
    extensions: Extensions,
}

/// Why there is no token that could be sent. None of it shows one.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFailure {
    /// The provider has none.
    #[error("no token: {0}")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// The provider gave one that is good no longer.
    #[error("the token expired {expired_for:?} ago by the local clock: the provider must renew it sooner")]
    Expired {
        /// For how long it has been expired.
        expired_for: Duration,
    },
    /// The provider gave one that the protocol cannot say.
    #[error("the token cannot be sent: {0}")]
    Unsayable(#[source] OAuthBearerError),
}

impl OAuthBearerToken {
    /// The token of this value, which is `b64token` of RFC 6750 (a JWT is), without an end.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), expiry: None, extensions: Vec::new() }
    }

    /// When the token ends. One that has ended is not sent, and the error says so; the broker's own would not.
    #[must_use]
    pub const fn expires_at(mut self, expiry: SystemTime) -> Self {
        self.expiry = Some(expiry);
        self
    }

    /// Sends `value` as the extension `name` beside the token (KIP-342). The name is made of letters, and is not `auth`.
    #[must_use]
    pub fn extension(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extensions.push((name.into(), value.into()));
        self
    }

    /// The token itself: a secret.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// When it ends; nothing where that is not known.
    #[must_use]
    pub const fn expiry(&self) -> Option<SystemTime> {
        self.expiry
    }

    /// The first message of the mechanism.
    pub(crate) fn message(self, wall: SystemTime) -> Result<Bytes, TokenFailure> {
        if let Some(expired_for) = self.expiry.and_then(|expiry| wall.duration_since(expiry).ok()) {
            return Err(TokenFailure::Expired { expired_for });
        }
        let message = OAuthBearerMessage { authorization_id: None, token: self.value, extensions: self.extensions };
        message.check().map_err(TokenFailure::Unsayable)?;
        Ok(message.to_bytes())
    }
}

impl fmt::Debug for OAuthBearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthBearerToken").field("expiry", &self.expiry).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    #[test]
    fn a_token_is_sent_until_it_ends_and_not_in_that_moment() {
        let token = OAuthBearerToken::new("a.b.c").expires_at(NOW + Duration::from_secs(60));
        assert!(token.clone().message(NOW + Duration::from_secs(59)).is_ok());
        let late = token.message(NOW + Duration::from_secs(61));
        assert!(matches!(late, Err(TokenFailure::Expired { expired_for }) if expired_for == Duration::from_secs(1)));
        let last = OAuthBearerToken::new("a.b.c").expires_at(NOW).message(NOW);
        assert!(matches!(last, Err(TokenFailure::Expired { expired_for: Duration::ZERO })));
    }

    #[test]
    fn what_no_token_can_be_is_not_sent() {
        for token in ["", "a b", "a\u{1}auth=Bearer b"] {
            let refused = OAuthBearerToken::new(token).message(NOW);
            assert!(matches!(refused, Err(TokenFailure::Unsayable(OAuthBearerError::Auth))), "{token:?}");
        }
        let refused = OAuthBearerToken::new("a").extension("auth", "b").message(NOW);
        assert!(matches!(refused, Err(TokenFailure::Unsayable(OAuthBearerError::ExtensionName))));
    }

    #[test]
    fn debug_does_not_show_the_token() {
        let shown = format!("{:?}", OAuthBearerToken::new("t0ken").extension("cluster", "s3cret"));
        assert!(!shown.contains("t0ken") && !shown.contains("s3cret"), "{shown}");
    }
}
