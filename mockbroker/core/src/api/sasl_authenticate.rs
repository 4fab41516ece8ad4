//! SaslAuthenticate (36), versions 0 to 2; and the bare tokens that follow SaslHandshake v0.
//!
//! One round trip of AWS_MSK_IAM: the client's payload, and the broker's reply. A payload that does not hold fails with
//! `SASL_AUTHENTICATION_FAILED` and what MSK says, `[<uuid>]: Access denied`, and the connection is closed; the exact reason stands in the
//! journal alone. The session lives as long as the credentials, and 12 hours at the most; version 1 and above are told so (KIP-368).
//!
//! Deviation: a session that has ended is not closed, for the client has no way yet to authenticate again.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use ottla_wire::message::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use ottla_wire::sasl::iam::{IamPayload, IamReply};
use ottla_wire::{ErrorCode, Segments, VersionRange};

use super::{Call, Handle, Reply, Served, text};
use crate::connection::{Closed, Connection, Session};
use crate::iam::{self, Refusal, Verified};
use crate::journal::EntryKind;
use crate::principal::Principal;
use crate::sasl::Mechanism;
use crate::state::State;
use crate::time::Now;

/// The longest that a session lives, as for credentials without an end.
const SESSION_MAX: Duration = Duration::from_secs(12 * 60 * 60);

/// The most characters of an access key id: AWS's own bound.
const ACCESS_KEY_ID_CHARS_MAX: usize = 128;

impl Handle for SaslAuthenticateRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);

    fn handle(self, call: &mut Call<'_>) -> Reply<SaslAuthenticateResponse> {
        if matches!(call.connection.session, Session::Open { .. }) {
            let answer = SaslAuthenticateResponse::default().with_error_code(ErrorCode::ILLEGAL_SASL_STATE.0);
            return Reply::Answer(answer.with_error_message(Some(text("the connection is authenticated already"))));
        }
        match authenticate(call, &self.auth_bytes) {
            Ok((reply, lifetime)) => {
                let lifetime_ms = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
                let answer = SaslAuthenticateResponse::default().with_auth_bytes(reply);
                Reply::Answer(if call.version >= 1 { answer.with_session_lifetime_ms(lifetime_ms) } else { answer })
            }
            Err(told) => {
                let answer = SaslAuthenticateResponse::default().with_error_message(Some(text(told)));
                let answer = answer.with_error_code(ErrorCode::SASL_AUTHENTICATION_FAILED.0);
                Reply::Last(answer, Closed::AuthenticationFailed)
            }
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<SaslAuthenticateResponse> {
        Some(SaslAuthenticateResponse::default().with_error_code(code.0))
    }
}

/// Serves a token that came without a request around it. A refusal has no place to be told.
pub(super) fn serve_bare(state: &mut State, connection: &mut Connection, now: Now, token: &Bytes) -> Served {
    let mut call = Call { now, version: 0, correlation_id: 0, client_id: None, connection, state };
    match authenticate(&mut call, token) {
        Ok((reply, _)) => Served::Answered(Segments::from(reply)),
        Err(_) => Served::Refused(Closed::AuthenticationFailed),
    }
}

/// Lets the client in and returns the reply and the life of the session; or returns what it is told.
fn authenticate(call: &mut Call<'_>, token: &[u8]) -> Result<(Bytes, Duration), String> {
    let request_id = call.state.request_id();
    let region = call.state.config.arn.region.as_str();
    match iam::verify(token, region, call.now.wall, &call.state.identities) {
        Ok(verified) => {
            let lifetime = lifetime(&verified, call.now.wall);
            let principal = Principal::iam(&verified.principal);
            let expires = call.now.mono.checked_add(lifetime);
            call.connection.session = Session::Open { principal: principal.clone(), expires };
            call.note(EntryKind::Authenticated { principal, mechanism: Some(Mechanism::AwsMskIam) });
            Ok((IamReply::new(request_id).to_json(), lifetime))
        }
        Err(reason) => {
            let told = format!("[{request_id}]: {}", reason.answer());
            refuse(call, token, reason);
            Err(told)
        }
    }
}

fn refuse(call: &mut Call<'_>, token: &[u8], reason: Refusal) {
    let payload = IamPayload::parse(token).ok();
    let named = payload.as_ref().and_then(|payload| payload.credential.split('/').next());
    let access_key_id = named.map(|id| id.chars().take(ACCESS_KEY_ID_CHARS_MAX).collect());
    call.note(EntryKind::AuthenticationRefused { reason, access_key_id });
}

fn lifetime(verified: &Verified, now: SystemTime) -> Duration {
    let left = |end: SystemTime| end.duration_since(now).unwrap_or_default();
    verified.expires.map_or(SESSION_MAX, left).min(SESSION_MAX)
}
