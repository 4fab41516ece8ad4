//! `PLAIN` (RFC 4616), as `PlainSaslServer` has it. Every refusal is told in its own words, and that of an unknown user is the one of a wrong password.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Bytes;
use ottla_wire::sasl::plain::PlainMessage;

use super::{Identified, Refusal, Step, Told, Users};

pub(super) fn step(users: &Users, token: &[u8]) -> Step {
    let PlainMessage { authorization_id, user, password } = match PlainMessage::parse(token) {
        Ok(message) => message,
        Err(error) => return Step::refused(Told::Text(error.to_string()), error, None),
    };
    let refused =
        |told: &str, reason| Step::refused(Told::Text(format!("Authentication failed: {told}")), reason, Some(&user));
    if let Err(reason) = users.check_plain(&user, &password) {
        return refused("Invalid username or password", reason);
    }
    if !authorization_id.is_empty() && authorization_id != user {
        let reason = Refusal::AuthorizationId { asked: authorization_id, proved: user.clone() };
        return refused("Client requested an authorization id that is different from username", reason);
    }
    Step::Done { answer: Bytes::new(), identified: Identified::user(&user) }
}
