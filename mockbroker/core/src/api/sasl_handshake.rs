//! SaslHandshake (17), versions 0 and 1.
//!
//! Agrees on the mechanism of an IAM listener: after version 1 the tokens come in SaslAuthenticate, after version 0 bare (KIP-152). Another
//! mechanism fails with `UNSUPPORTED_SASL_MECHANISM` and the list of those there are, and the connection is closed. Where nothing is to be
//! authenticated, or the client is, it fails with `ILLEGAL_SASL_STATE`.
//!
//! Deviations: a client that is authenticated cannot authenticate again (KIP-368); MSK also takes `OAUTHBEARER`.

use ottla_wire::message::{SaslHandshakeRequest, SaslHandshakeResponse};
use ottla_wire::sasl::iam::AWS_MSK_IAM;
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::connection::{Closed, Session, Tokens};

/// The mechanisms of an IAM listener.
const MECHANISMS: &[&str] = &[AWS_MSK_IAM];

impl Handle for SaslHandshakeRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);

    fn handle(self, call: &mut Call<'_>) -> Reply<SaslHandshakeResponse> {
        if matches!(call.connection.session, Session::Open { .. }) {
            return Reply::Answer(failure(ErrorCode::ILLEGAL_SASL_STATE));
        }
        let mechanisms = MECHANISMS.iter().map(|mechanism| text(*mechanism)).collect();
        if !MECHANISMS.contains(&self.mechanism.as_str()) {
            let answer = failure(ErrorCode::UNSUPPORTED_SASL_MECHANISM).with_mechanisms(mechanisms);
            return Reply::Last(answer, Closed::UnsupportedMechanism(self.mechanism.to_string()));
        }
        let tokens = if call.version == 0 { Tokens::Bare } else { Tokens::InRequests };
        call.connection.session = Session::Authenticating { tokens };
        Reply::Answer(SaslHandshakeResponse::default().with_mechanisms(mechanisms))
    }

    fn failed(&self, code: ErrorCode) -> Option<SaslHandshakeResponse> {
        Some(failure(code))
    }
}

fn failure(code: ErrorCode) -> SaslHandshakeResponse {
    SaslHandshakeResponse::default().with_error_code(code.0)
}
