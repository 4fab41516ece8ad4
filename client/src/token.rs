//! Tokens for OAUTHBEARER, and who provides them.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub use ottla_core::token::OAuthBearerToken;

/// Why a provider has no token: any error of its own.
pub type ProvideTokenError = Box<dyn Error + Send + Sync>;

/// Provides the token of each connection that authenticates by OAUTHBEARER.
///
/// Every `Fn() -> impl Future<Output = Result<OAuthBearerToken, E>>` is one, where `E` is any error. It is asked on the client's runtime each time a connection
/// is opened, so one that fetches tokens should cache them. The client drops the future at its connect timeout.
pub trait ProvideToken: Send + Sync + 'static {
    /// A token that is good now.
    ///
    /// # Errors
    /// When there is none; the connection is not opened, and tried again later.
    fn provide_token(&self) -> impl Future<Output = Result<OAuthBearerToken, ProvideTokenError>> + Send;
}

impl<F, Providing, E> ProvideToken for F
where
    F: Fn() -> Providing + Send + Sync + 'static,
    Providing: Future<Output = Result<OAuthBearerToken, E>> + Send,
    E: Into<ProvideTokenError>,
{
    async fn provide_token(&self) -> Result<OAuthBearerToken, ProvideTokenError> {
        self().await.map_err(Into::into)
    }
}

type Provided<'a> = Pin<Box<dyn Future<Output = Result<OAuthBearerToken, ProvideTokenError>> + Send + 'a>>;

/// Any provider.
trait AnyProvider: Send + Sync {
    fn provide(&self) -> Provided<'_>;
}

impl<P: ProvideToken> AnyProvider for P {
    fn provide(&self) -> Provided<'_> {
        Box::pin(self.provide_token())
    }
}

/// A provider that the connections of a client share.
#[derive(Clone)]
pub(crate) struct SharedTokenProvider(Arc<dyn AnyProvider>);

impl SharedTokenProvider {
    pub(crate) fn new(provider: impl ProvideToken) -> Self {
        Self(Arc::new(provider))
    }

    pub(crate) async fn provide(&self) -> Result<OAuthBearerToken, ProvideTokenError> {
        self.0.provide().await
    }
}

/// Shows nothing of the provider, which may keep a token.
impl fmt::Debug for SharedTokenProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedTokenProvider").finish_non_exhaustive()
    }
}
