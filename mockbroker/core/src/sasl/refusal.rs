//! Why a client does not come in.

use ottla_wire::sasl::oauthbearer::OAuthBearerError;
use ottla_wire::sasl::plain::PlainError;
use ottla_wire::sasl::scram::ScramError;

use super::TokenError;
use crate::iam;
use crate::principal::Principal;

/// Why a client does not come in. `Display` is the exact reason, for the journal; the client is mostly told less.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The payload of `AWS_MSK_IAM`, or a token of MSK, does not hold.
    #[error(transparent)]
    Iam(#[from] iam::Refusal),
    /// The bytes are no message of `PLAIN`.
    #[error(transparent)]
    Plain(#[from] PlainError),
    /// The bytes are no message of SCRAM.
    #[error(transparent)]
    Scram(#[from] ScramError),
    /// The bytes are no message of `OAUTHBEARER`.
    #[error(transparent)]
    OAuthBearer(#[from] OAuthBearerError),
    /// The token of `OAUTHBEARER` does not hold.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no such user of this mechanism.
    #[error("unknown user")]
    UnknownUser,
    /// The password is another, or the proof is not made of it.
    #[error("wrong password")]
    WrongPassword,
    /// The client wants to be somebody else than who it proved to be.
    #[error("authorization id {asked:?} is not {proved:?}")]
    AuthorizationId {
        /// Who it wants to be.
        asked: String,
        /// Who it is.
        proved: String,
    },
    /// The client comes with a delegation token (KIP-48), of which there are none.
    #[error("unknown delegation token")]
    DelegationToken,
    /// The nonce of the client's last message is not the one that it was given.
    #[error("nonce")]
    Nonce,
    /// On a connection that is authenticated, the client proved to be somebody else.
    #[error("the principal changed from {from} to {to}")]
    PrincipalChanged {
        /// Who it was.
        from: Principal,
        /// Who it would be.
        to: Principal,
    },
}
