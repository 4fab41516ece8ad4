//! One exchange of tokens, whatever the mechanism.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ottla_wire::sasl::iam::{IamPayload, IamReply};

use super::{Mechanism, Refusal, oauthbearer, plain, scram};
use crate::iam::{self, Verified};
use crate::listener::Listener;
use crate::principal::Principal;
use crate::state::State;
use crate::time::Now;

/// The longest that a session of MSK lives, as for credentials without an end.
const MSK_SESSION_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// The most characters of a name that a client gives itself and the journal keeps: AWS's own bound of an access key id.
const CLAIMED_CHARS_MAX: usize = 128;

/// An exchange that is not at its end.
#[derive(Clone, Debug)]
pub(crate) enum Exchange {
    Plain,
    Scram(scram::Exchange),
    OAuthBearer(oauthbearer::Exchange),
    AwsMskIam,
}

/// What a token leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Another token must come after this answer; what is refused already is told by it.
    Challenge { answer: Bytes, refused: Option<(Refusal, Option<String>)> },
    /// The client is who it says.
    Done { answer: Bytes, identified: Identified },
    /// The client does not come in.
    Refused { told: Told, reason: Option<Refusal>, claimed: Option<String> },
}

/// Who came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identified {
    pub(crate) principal: Principal,
    /// The end of what it showed, by the wall clock.
    pub(crate) expires: Option<SystemTime>,
}

/// What a client hears of a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// This text, as of Kafka's `SaslAuthenticationException`.
    Text(String),
    /// That its credentials are invalid and nothing more, as of a `SaslException`.
    Invalid,
    /// Nothing: the connection is closed, as after any other exception.
    Nothing,
}

impl Exchange {
    /// The exchange of a mechanism; the tokens of `OAUTHBEARER` are of the kinds that the listener takes.
    pub(crate) fn begin(mechanism: Mechanism, listener: &Listener) -> Self {
        match mechanism {
            Mechanism::Plain => Self::Plain,
            Mechanism::ScramSha256 => Self::Scram(scram::Exchange::new(scram::ScramMechanism::Sha256)),
            Mechanism::ScramSha512 => Self::Scram(scram::Exchange::new(scram::ScramMechanism::Sha512)),
            Mechanism::OAuthBearer | Mechanism::MskOAuthBearer => {
                Self::OAuthBearer(oauthbearer::Exchange::new(&listener.mechanisms))
            }
            Mechanism::AwsMskIam => Self::AwsMskIam,
        }
    }

    /// Takes the client's next token.
    pub(crate) fn step(&mut self, state: &mut State, now: Now, token: &[u8]) -> Step {
        match self {
            Self::Plain => plain::step(&state.users, token),
            Self::Scram(exchange) => exchange.step(state, token),
            Self::OAuthBearer(exchange) => exchange.step(state, now, token),
            Self::AwsMskIam => iam_step(state, now, token),
        }
    }
}

impl Identified {
    pub(crate) fn user(name: &str) -> Self {
        Self { principal: Principal::user(name), expires: None }
    }

    /// A session of MSK ends with the credentials, and after 12 hours at the latest.
    pub(super) fn iam(verified: &Verified, now: Now) -> Self {
        let latest = now.wall.checked_add(MSK_SESSION_MAX);
        let expires = verified.expires.into_iter().chain(latest).min();
        Self { principal: Principal::iam(&verified.principal), expires }
    }
}

impl Step {
    /// A refusal of somebody who called itself so.
    pub(super) fn refused(told: Told, reason: impl Into<Refusal>, claimed: Option<&str>) -> Self {
        Self::Refused { told, reason: Some(reason.into()), claimed: claimed.map(shortened) }
    }

    /// A refusal in MSK's words.
    pub(super) fn refused_by_msk(state: &mut State, reason: iam::Refusal, access_key_id: Option<&str>) -> Self {
        let told = format!("[{}]: {}", state.request_id(), reason.answer());
        Self::refused(Told::Text(told), reason, access_key_id)
    }
}

pub(super) fn shortened(name: &str) -> String {
    name.chars().take(CLAIMED_CHARS_MAX).collect()
}

/// `AWS_MSK_IAM`: one round trip of the client's payload and the broker's reply.
fn iam_step(state: &mut State, now: Now, token: &[u8]) -> Step {
    match iam::verify(token, &state.config.arn.region, now.wall, &state.identities) {
        Ok(verified) => {
            let answer = IamReply::new(state.request_id()).to_json();
            Step::Done { answer, identified: Identified::iam(&verified, now) }
        }
        Err(reason) => {
            let payload = IamPayload::parse(token).ok();
            let access_key_id = payload.as_ref().and_then(|payload| payload.credential.split('/').next());
            Step::refused_by_msk(state, reason, access_key_id)
        }
    }
}
