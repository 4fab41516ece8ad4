//! SaslHandshake (17), versions 0 and 1.
//!
//! Agrees on a mechanism of the listener: after version 1 the tokens come in SaslAuthenticate, after version 0 bare (KIP-152). Another mechanism
//! fails with `UNSUPPORTED_SASL_MECHANISM` and the list of those there are, and the connection is closed. A client that is authenticated begins to
//! authenticate again with it, where its session has an end and a second has passed since it last did (KIP-368); a mechanism that the listener does
//! not have closes then at once, and one that is not the first login's is agreed to and refused with the next frame. Otherwise, and where nothing
//! is to be authenticated, it fails with `ILLEGAL_SASL_STATE`.

use ottla_wire::message::{SaslHandshakeRequest, SaslHandshakeResponse, StrBytes};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::connection::{Authenticating, Closed, Session, Tokens};
use crate::listener::Listener;
use crate::sasl::Exchange;

impl Handle for SaslHandshakeRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);

    fn handle(self, call: &mut Call<'_>) -> Reply<SaslHandshakeResponse> {
        let now = call.now.mono;
        let renewing = match &call.connection.session {
            Session::Open(login) if login.may_renew(now) => Some((login.clone(), now)),
            Session::Open(_) => return Reply::Answer(failure(ErrorCode::ILLEGAL_SASL_STATE)),
            _ => None,
        };
        let listener = &call.connection.listener;
        let asked = listener.mechanisms.iter().copied().find(|mechanism| mechanism.name() == self.mechanism.as_str());
        let Some(mechanism) = asked else {
            let reason = Closed::UnsupportedMechanism(self.mechanism.to_string());
            if renewing.is_some() {
                return Reply::Close(reason);
            }
            let answer = failure(ErrorCode::UNSUPPORTED_SASL_MECHANISM).with_mechanisms(mechanisms(listener));
            return Reply::AuthenticationFailed(answer, reason);
        };
        let answer = SaslHandshakeResponse::default().with_mechanisms(mechanisms(listener));
        let before = renewing.as_ref().and_then(|(login, _)| Some((login, login.mechanism?)));
        call.connection.session = match before.filter(|(_, before)| before.name() != mechanism.name()) {
            Some((login, before)) => {
                Session::MechanismChanged { login: login.clone(), asked: self.mechanism.to_string(), before }
            }
            None => {
                let tokens = if call.version == 0 { Tokens::Bare } else { Tokens::InRequests };
                let exchange = Exchange::begin(mechanism, listener);
                Session::Authenticating(Box::new(Authenticating { mechanism, exchange, tokens, renewing }))
            }
        };
        Reply::Answer(answer)
    }

    fn failed(&self, code: ErrorCode) -> Option<SaslHandshakeResponse> {
        Some(failure(code))
    }
}

/// What a listener has, each name once.
fn mechanisms(listener: &Listener) -> Vec<StrBytes> {
    let mut names: Vec<&str> = Vec::new();
    for mechanism in listener.mechanisms.iter() {
        if !names.contains(&mechanism.name()) {
            names.push(mechanism.name());
        }
    }
    names.into_iter().map(text).collect()
}

fn failure(code: ErrorCode) -> SaslHandshakeResponse {
    SaslHandshakeResponse::default().with_error_code(code.0)
}
