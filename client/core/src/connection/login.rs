//! The client's side of each mechanism's exchange: what it says in SaslAuthenticate, what it needs before it can, and how it takes the answers.
//!
//! | mechanism | the client says | the broker answers |
//! | --- | --- | --- |
//! | AWS_MSK_IAM | a signed payload | who asked, as JSON |
//! | PLAIN (RFC 4616) | user and password | nothing |
//! | OAUTHBEARER (RFC 7628) | a token | nothing; or why not, which the client has to say that it saw, and then an error |
//! | SCRAM (RFC 5802) | the user; then a proof | salt and iterations; then a signature |
//!
//! No broker is believed: one that does not know the password cannot sign, and one that asks for few iterations, or for very many, is not answered.

use std::sync::Arc;

use bytes::Bytes;
use ottla_wire::ErrorCode;
use ottla_wire::message::SaslAuthenticateResponse;
use ottla_wire::sasl::iam::{AWS_MSK_IAM, IamReply};
use ottla_wire::sasl::oauthbearer::{OAUTHBEARER, REFUSAL_SEEN};
use ottla_wire::sasl::plain::{PLAIN, PlainMessage};
use ottla_wire::sasl::scram::{
    ClientFinal, ClientFirst, ITERATIONS_MIN, ScramMechanism, ServerFinal, ServerFirst, auth_message,
};

use super::error::{HandshakeError, ReplyError, Step};
use super::refusal::{Claim, refusal};
use super::sasl::{MskIam, Password, Sasl};
use super::{Provided, Want};
use crate::iam;
use crate::scram::{ITERATIONS_MAX, SaltedPassword, Salting, ServerKey};
use crate::time::Now;

/// What comes next in an exchange.
#[derive(Debug)]
pub(super) enum Turn {
    Say(Bytes, Said),
    Ask(Want, Wanting),
    /// What was provided was not asked for; what was, still is.
    Wait(Wanting),
    Done,
}

/// What is needed before the client can say anything.
#[derive(Debug)]
pub(super) enum Wanting {
    /// Credentials, for a payload.
    Payload(MskIam),
    /// Credentials, for a token.
    SignedToken(MskIam),
    Token,
    SaltedPassword(Salted),
}

/// How the broker salts.
#[derive(Debug)]
pub(super) struct Salted {
    mechanism: ScramMechanism,
    user: Arc<str>,
    client_first: ClientFirst,
    server_first: ServerFirst,
}

/// What the client said last; its answer is awaited.
#[derive(Debug)]
pub(super) enum Said {
    Payload(Claim),
    Password {
        user: Arc<str>,
    },
    Token(Claim),
    /// That it has seen the refusal.
    Seen {
        claim: Claim,
        refusal: String,
    },
    User {
        mechanism: ScramMechanism,
        user: Arc<str>,
        password: Password,
        message: ClientFirst,
    },
    Proof {
        mechanism: ScramMechanism,
        user: Arc<str>,
        server_key: ServerKey,
        auth_message: String,
    },
}

impl Sasl {
    /// What comes first.
    pub(super) fn begin(self) -> Turn {
        match self {
            Self::MskIam(iam) => Turn::Ask(Want::Credentials, Wanting::Payload(iam)),
            Self::MskIamToken(iam) => Turn::Ask(Want::Credentials, Wanting::SignedToken(iam)),
            Self::OAuthBearer => Turn::Ask(Want::Token, Wanting::Token),
            Self::Plain { user, password } => {
                let message = PlainMessage {
                    authorization_id: String::new(),
                    user: user.as_ref().to_owned(),
                    password: password.as_str().to_owned(),
                };
                Turn::Say(message.to_bytes(), Said::Password { user })
            }
            Self::Scram { mechanism, user, password, nonce } => {
                let message = ClientFirst::new(user.as_ref(), nonce.text());
                Turn::Say(message.to_bytes(), Said::User { mechanism, user, password, message })
            }
        }
    }
}

impl Wanting {
    pub(super) const fn step(&self) -> Step {
        match self {
            Self::Payload(_) | Self::SignedToken(_) => Step::Credentials,
            Self::Token => Step::Token,
            Self::SaltedPassword(_) => Step::Salting,
        }
    }

    /// What to say with `provided`.
    pub(super) fn handle_provided(self, now: Now, provided: Provided) -> Result<Turn, HandshakeError> {
        match (self, provided) {
            (Self::Payload(iam), Provided::Credentials(credentials)) => {
                let credentials = credentials?;
                let payload = iam::sign(&credentials, &iam.host, &iam.region, &iam.user_agent, now.wall)?;
                let claim = Claim::of_signed(&iam, &iam.host, &credentials, &payload.date, now.wall);
                Ok(Turn::Say(payload.to_json(), Said::Payload(claim)))
            }
            (Self::SignedToken(iam), Provided::Credentials(credentials)) => {
                let credentials = credentials?;
                let signed = iam::sign_token(&credentials, &iam.region, &iam.user_agent, now.wall)?;
                let claim = Claim::of_signed(&iam, &signed.host, &credentials, &signed.date, now.wall);
                Ok(Turn::Say(signed.token.message(now.wall)?, Said::Token(claim)))
            }
            (Self::Token, Provided::Token(token)) => {
                let token = token?;
                let claim = Claim::Token { expiry: token.expiry() };
                Ok(Turn::Say(token.message(now.wall)?, Said::Token(claim)))
            }
            (Self::SaltedPassword(salted), Provided::SaltedPassword(password)) => Ok(salted.prove(&password)),
            (wanting, _) => Ok(Turn::Wait(wanting)),
        }
    }
}

impl Salted {
    fn prove(self, password: &SaltedPassword) -> Turn {
        let Self { mechanism, user, client_first, server_first } = self;
        let mut proven = ClientFinal {
            channel_binding: client_first.gs2_header().into_bytes(),
            nonce: server_first.nonce.clone(),
            extensions: Vec::new(),
            proof: Vec::new(),
        };
        let auth_message = auth_message(&client_first, &server_first, &proven);
        proven.proof = password.client_proof(&auth_message);
        let server_key = password.server_key();
        Turn::Say(proven.to_bytes(), Said::Proof { mechanism, user, server_key, auth_message })
    }
}

impl Said {
    pub(super) fn handle_answer(self, response: &SaslAuthenticateResponse) -> Result<Turn, HandshakeError> {
        let bytes = &response.auth_bytes[..];
        if let Err(code) = ErrorCode(response.error_code).ok() {
            return Err(self.refused(code, response.error_message.as_deref()));
        }
        match self {
            Self::Payload(_) => {
                IamReply::parse(bytes).map_err(|source| reply(AWS_MSK_IAM, source))?;
                Ok(Turn::Done)
            }
            Self::Password { .. } if bytes.is_empty() => Ok(Turn::Done),
            Self::Password { .. } => Err(reply(PLAIN, ReplyError::NotEmpty { bytes: bytes.len() })),
            Self::Token(_) if bytes.is_empty() => Ok(Turn::Done),
            Self::Token(claim) => {
                let refusal = String::from_utf8_lossy(bytes).into_owned();
                Ok(Turn::Say(Bytes::from_static(REFUSAL_SEEN), Said::Seen { claim, refusal }))
            }
            // A refusal is not taken back.
            seen @ Self::Seen { .. } => Err(seen.refused(ErrorCode::NONE, None)),
            Self::User { mechanism, user, password, message } => {
                greeted(mechanism, user, password, message, bytes).map_err(|source| reply(mechanism.name(), source))
            }
            Self::Proof { mechanism, user, server_key, auth_message } => {
                match ServerFinal::parse(bytes).map_err(|source| reply(mechanism.name(), source))? {
                    ServerFinal::Verified { signature } if server_key.has_signed(&auth_message, &signature) => {
                        Ok(Turn::Done)
                    }
                    ServerFinal::Verified { .. } => Err(reply(mechanism.name(), ReplyError::Signature)),
                    ServerFinal::Refused { error } => {
                        Err(refusal(mechanism.name(), Claim::User(user), ErrorCode::NONE, Some(&error)))
                    }
                }
            }
        }
    }

    fn refused(self, code: ErrorCode, text: Option<&str>) -> HandshakeError {
        match self {
            Self::Payload(claim) => refusal(AWS_MSK_IAM, claim, code, text),
            Self::Password { user } => refusal(PLAIN, Claim::User(user), code, text),
            Self::Token(claim) => refusal(OAUTHBEARER, claim, code, text),
            Self::Seen { claim, refusal: seen } => refusal(OAUTHBEARER, claim, code, Some(text.unwrap_or(&seen))),
            Self::User { mechanism, user, .. } | Self::Proof { mechanism, user, .. } => {
                refusal(mechanism.name(), Claim::User(user), code, text)
            }
        }
    }
}

/// What comes of the broker's first message of SCRAM.
fn greeted(
    mechanism: ScramMechanism,
    user: Arc<str>,
    password: Password,
    client_first: ClientFirst,
    bytes: &[u8],
) -> Result<Turn, ReplyError> {
    let server_first = ServerFirst::parse(bytes)?;
    let added = server_first.nonce.strip_prefix(&client_first.nonce);
    if added.is_none_or(str::is_empty) {
        return Err(ReplyError::Nonce);
    }
    match server_first.iterations {
        iterations @ ..ITERATIONS_MIN => {
            return Err(ReplyError::TooFewIterations { iterations, min: ITERATIONS_MIN });
        }
        ITERATIONS_MIN..=ITERATIONS_MAX => {}
        iterations => return Err(ReplyError::TooManyIterations { iterations, max: ITERATIONS_MAX }),
    }
    let salting = Salting { mechanism, password, salt: server_first.salt.clone(), iterations: server_first.iterations };
    let salted = Salted { mechanism, user, client_first, server_first };
    Ok(Turn::Ask(Want::SaltedPassword(salting), Wanting::SaltedPassword(salted)))
}

fn reply(mechanism: &'static str, source: impl Into<ReplyError>) -> HandshakeError {
    HandshakeError::Reply { mechanism, source: source.into() }
}
