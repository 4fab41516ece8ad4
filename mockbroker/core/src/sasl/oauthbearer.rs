//! `OAUTHBEARER` (RFC 7628), as `OAuthBearerSaslServer` has it: a token that does not hold is answered with JSON, and refused when the client has
//! said that it read it. MSK's tokens are refused at once, in MSK's words.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;
use ottla_wire::sasl::oauthbearer::{OAuthBearerMessage, OAuthBearerRefusal, REFUSAL_SEEN};

use super::jws::{self, TokenError};
use super::{Identified, Mechanism, Refusal, Step, Told};
use crate::iam;
use crate::principal::Principal;
use crate::state::State;
use crate::time::Now;

/// One exchange.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    takes_unsecured: bool,
    takes_msk: bool,
    /// What the client was told of the token before, and is refused with when it has seen it.
    refused: Option<String>,
}

impl Exchange {
    pub(super) fn new(mechanisms: &[Mechanism]) -> Self {
        let takes = |mechanism| mechanisms.contains(&mechanism);
        Self {
            takes_unsecured: takes(Mechanism::OAuthBearer),
            takes_msk: takes(Mechanism::MskOAuthBearer),
            refused: None,
        }
    }

    pub(super) fn step(&mut self, state: &mut State, now: Now, token: &[u8]) -> Step {
        if let Some(told) = self.refused.take().filter(|_| token == REFUSAL_SEEN) {
            return Step::Refused { told: Told::Text(told), reason: None, claimed: None };
        }
        let message = match OAuthBearerMessage::parse(token) {
            Ok(message) => message,
            Err(error) => return Step::refused(Told::Invalid, error, None),
        };
        // The three parts of an unsecured token have dots between them, and one of MSK is Base64, which has none.
        let is_msk = self.takes_msk && !(self.takes_unsecured && message.token.contains('.'));
        if is_msk { msk(state, now, &message) } else { self.unsecured(state, now, &message) }
    }

    fn unsecured(&mut self, state: &State, now: Now, message: &OAuthBearerMessage) -> Step {
        let token = match jws::verify(&message.token, now.wall, state.config.oauthbearer_clock_skew) {
            Ok(token) => token,
            Err(error @ TokenError::NoAlgorithm) => return Step::refused(Told::Nothing, error, None),
            Err(error) => {
                let told = OAuthBearerRefusal::new("invalid_token").to_json();
                self.refused = Some(told.clone());
                return Step::Challenge { answer: Bytes::from(told), refused: Some((error.into(), None)) };
            }
        };
        let identified = Identified { principal: Principal::user(&token.subject), expires: token.expires };
        check_authorization_id(message, &token.subject).unwrap_or(Step::Done { answer: Bytes::new(), identified })
    }
}

fn msk(state: &mut State, now: Now, message: &OAuthBearerMessage) -> Step {
    match iam::verify_token(&message.token, &state.config.arn.region, now.wall, &state.identities) {
        Ok(verified) => {
            let done = Step::Done { answer: Bytes::new(), identified: Identified::iam(&verified, now) };
            check_authorization_id(message, &verified.principal).unwrap_or(done)
        }
        Err(reason) => Step::refused_by_msk(state, reason, None),
    }
}

/// The refusal of a client that wants to be somebody else than the token's principal.
fn check_authorization_id(message: &OAuthBearerMessage, proved: &str) -> Option<Step> {
    let asked = message.authorization_id.clone().filter(|asked| asked != proved)?;
    let told = format!(
        "Authentication failed: Client requested an authorization id ({asked}) that is different from the token's principal name ({proved})"
    );
    let reason = Refusal::AuthorizationId { asked, proved: proved.to_owned() };
    Some(Step::refused(Told::Text(told), reason, Some(proved)))
}
