//! SaslAuthenticate (36), versions 0 to 2; and the bare tokens that follow SaslHandshake v0.
//!
//! Carries the tokens of the mechanism that was agreed on. What does not hold fails with `SASL_AUTHENTICATION_FAILED` and as much of the reason as
//! Kafka tells, or in MSK's words (`[<uuid>]: Access denied`), and the connection is closed; the exact reason stands in the journal. Bare tokens
//! are refused without a word. A session lives as long as what the client showed, and `connections.max.reauth.ms` at the most; version 1 and above
//! are told so (KIP-368). Who authenticates again must come as the same principal.

use std::time::Duration;

use bytes::Bytes;
use ottla_wire::message::{SaslAuthenticateRequest, SaslAuthenticateResponse};
use ottla_wire::{ErrorCode, Segments, VersionRange};

use super::{Call, DeniedSoFar, Handle, Reply, Served, text};
use crate::connection::{Authenticating, Closed, Connection, Login, Session};
use crate::journal::EntryKind;
use crate::principal::Principal;
use crate::sasl::{Identified, Mechanism, Refusal, Step, Told};
use crate::state::State;
use crate::time::Now;

/// From this version on, a client is told how long its session lives.
const LIFETIME_FROM: i16 = 1;

impl Handle for SaslAuthenticateRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);

    fn handle(self, call: &mut Call<'_>) -> Reply<SaslAuthenticateResponse> {
        let answer = SaslAuthenticateResponse::default();
        let failed = |code: ErrorCode, told: String| {
            SaslAuthenticateResponse::default().with_error_code(code.0).with_error_message(Some(text(told)))
        };
        match exchange(call, &self.auth_bytes) {
            None => {
                let told = "SaslAuthenticate request received after successful authentication";
                Reply::Answer(failed(ErrorCode::ILLEGAL_SASL_STATE, told.to_owned()))
            }
            Some(Exchanged::Answer { token, lifetime }) => {
                let lifetime = lifetime.filter(|_| call.version >= LIFETIME_FROM).unwrap_or_default();
                let lifetime_ms = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
                Reply::Answer(answer.with_auth_bytes(token).with_session_lifetime_ms(lifetime_ms))
            }
            Some(Exchanged::Refused { told: Told::Nothing, .. }) => Reply::Close(Closed::AuthenticationFailed),
            Some(Exchanged::Refused { told: Told::Text(told), .. }) => {
                let answer = failed(ErrorCode::SASL_AUTHENTICATION_FAILED, told);
                Reply::AuthenticationFailed(answer, Closed::AuthenticationFailed)
            }
            Some(Exchanged::Refused { told: Told::Invalid, mechanism, is_renewal }) => {
                let during = if is_renewal { "re-authentication" } else { "authentication" };
                let told = format!(
                    "Authentication failed during {during} due to invalid credentials with SASL mechanism {mechanism}"
                );
                let answer = failed(ErrorCode::SASL_AUTHENTICATION_FAILED, told);
                Reply::AuthenticationFailed(answer, Closed::AuthenticationFailed)
            }
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<SaslAuthenticateResponse> {
        Some(SaslAuthenticateResponse::default().with_error_code(code.0))
    }
}

/// Serves a token that came without a request around it. A refusal has no place to be told; Kafka closes at once after those that it would not put
/// into words of its own.
pub(super) fn serve_bare(state: &mut State, connection: &mut Connection, now: Now, token: &Bytes) -> Served {
    let denied = DeniedSoFar::default();
    let mut call = Call { now, version: 0, correlation_id: 0, client_id: None, connection, state, denied };
    match exchange(&mut call, token) {
        Some(Exchanged::Answer { token, .. }) => Served::Answered(Segments::from(token)),
        Some(Exchanged::Refused { told: Told::Text(_), .. }) => {
            Served::AuthenticationFailed(None, Closed::AuthenticationFailed)
        }
        Some(Exchanged::Refused { .. }) | None => Served::Refused(Closed::AuthenticationFailed),
    }
}

/// What became of a token.
enum Exchanged {
    /// It is answered with a token; the client is in where a session begins, whose life is told.
    Answer { token: Bytes, lifetime: Option<Duration> },
    /// The client does not come in.
    Refused { told: Told, mechanism: Mechanism, is_renewal: bool },
}

/// Hands a token to the exchange that is under way, if there is one.
fn exchange(call: &mut Call<'_>, token: &[u8]) -> Option<Exchanged> {
    let Session::Authenticating(authenticating) = &mut call.connection.session else { return None };
    let (mechanism, is_renewal) = (authenticating.mechanism, authenticating.renewing.is_some());
    Some(match authenticating.exchange.step(call.state, call.now, token) {
        Step::Challenge { answer, refused } => {
            if let Some((reason, claimed)) = refused {
                call.note(EntryKind::AuthenticationRefused { mechanism, reason, claimed });
            }
            Exchanged::Answer { token: answer, lifetime: None }
        }
        Step::Done { answer, identified } => match unchanged(authenticating, &identified.principal) {
            Ok(()) => Exchanged::Answer { token: answer, lifetime: Some(admit(call, identified)) },
            Err((told, reason)) => {
                call.note(EntryKind::AuthenticationRefused { mechanism, reason, claimed: None });
                Exchanged::Refused { told, mechanism, is_renewal }
            }
        },
        Step::Refused { told, reason, claimed } => {
            if let Some(reason) = reason {
                call.note(EntryKind::AuthenticationRefused { mechanism, reason, claimed });
            }
            Exchanged::Refused { told, mechanism, is_renewal }
        }
    })
}

/// Whether a client that authenticates again is who it was.
fn unchanged(authenticating: &Authenticating, proved: &Principal) -> Result<(), (Told, Refusal)> {
    let Some((before, _)) = &authenticating.renewing else { return Ok(()) };
    if before.principal == *proved {
        return Ok(());
    }
    let dotted = |principal: &Principal| principal.as_str().replacen(':', ".", 1);
    let told = format!(
        "Cannot change principals during re-authentication from {}: {}",
        dotted(&before.principal),
        dotted(proved)
    );
    Err((Told::Text(told), Refusal::PrincipalChanged { from: before.principal.clone(), to: proved.clone() }))
}

/// Lets the client in, and returns how long its session lives; zero where it does not end.
fn admit(call: &mut Call<'_>, identified: Identified) -> Duration {
    let Identified { principal, expires } = identified;
    let left = expires.map(|end| end.duration_since(call.now.wall).unwrap_or_default());
    let lifetime = left.into_iter().chain(call.state.config.connections_max_reauth).min();
    let (mechanism, renewed) = match &call.connection.session {
        Session::Authenticating(it) => (Some(it.mechanism), it.renewing.as_ref().map(|(_, began)| *began)),
        _ => (None, None),
    };
    let expires = lifetime.and_then(|lifetime| call.now.mono.checked_add(lifetime));
    call.connection.session = Session::Open(Login { principal: principal.clone(), mechanism, expires, renewed });
    call.note(EntryKind::Authenticated { principal, mechanism });
    lifetime.unwrap_or_default()
}
