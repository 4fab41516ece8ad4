//! What a connection needs to authenticate, and may have to be waited for.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use ottla_core::connection::{CredentialsFailure, Provided, Want};
use ottla_core::scram::{SaltedPassword, Salting};
use ottla_core::token::{OAuthBearerToken, TokenFailure};

use super::caught::caught;
use super::net::Login;
use crate::token::SharedTokenProvider;

/// Waits for what a connection needs.
pub(super) type Providing = Pin<Box<dyn Future<Output = Provided> + Send>>;

/// Begins to get what is wanted; nothing where the login has no such thing.
pub(super) fn provide(want: Want, login: Option<&Login>) -> Option<Providing> {
    match (want, login?) {
        (Want::Credentials, Login::MskIam { credentials, .. } | Login::MskIamToken { credentials, .. }) => {
            let provider = credentials.clone();
            Some(Box::pin(async move { Provided::Credentials(credentials_of(provider).await) }))
        }
        (Want::Token, Login::OAuthBearer(provider)) => {
            let provider = provider.clone();
            Some(Box::pin(async move { Provided::Token(token_of(provider).await) }))
        }
        (Want::SaltedPassword(job), _) => Some(Box::pin(async move { Provided::SaltedPassword(salted(job).await) })),
        _ => None,
    }
}

async fn credentials_of(
    provider: SharedCredentialsProvider,
) -> Result<aws_credential_types::Credentials, CredentialsFailure> {
    let provided = caught(async { provider.provide_credentials().await }).await;
    let provided = provided.unwrap_or_else(|panicked| Err(CredentialsError::provider_error(panicked)));
    provided.map_err(|error| CredentialsFailure::Unavailable(Arc::new(error)))
}

async fn token_of(provider: SharedTokenProvider) -> Result<OAuthBearerToken, TokenFailure> {
    let provided = caught(async { provider.provide().await }).await;
    let provided = provided.unwrap_or_else(|panicked| Err(panicked.into()));
    provided.map_err(|error| TokenFailure::Unavailable(error.into()))
}

/// Salts on one of the runtime's threads for blocking work: the connections of this one would wait.
async fn salted(job: Salting) -> SaltedPassword {
    match tokio::task::spawn_blocking(move || job.run()).await {
        Ok(salted) => salted,
        // The runtime is ending, and this task with it.
        Err(_) => pending().await,
    }
}
