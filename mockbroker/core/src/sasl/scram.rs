//! `SCRAM-SHA-256` and `SCRAM-SHA-512` (RFC 5802, RFC 7677), as `ScramSaslServer` has them.
//!
//! As in Kafka, an unknown user is refused at its first message and in the words of a wrong password; names and passwords are UTF-8 as it is,
//! without SASLprep; what the client says of channel binding is signed and not looked at; and of extensions `tokenauth` alone means something.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod credential;

pub(super) use credential::Credential;
pub(super) use ottla_wire::sasl::scram::ScramMechanism;
use ottla_wire::sasl::scram::{ClientFinal, ClientFirst, ServerFinal, ServerFirst, auth_message};

use super::{Identified, Refusal, Step, Told};
use crate::random::SplitMix64;
use crate::state::State;

/// The characters of the broker's part of the nonce: as Kafka's, 130 bits in digits and letters.
const NONCE_CHARS: usize = 26;

/// One exchange.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    mechanism: ScramMechanism,
    progress: Progress,
}

#[derive(Clone, Debug)]
enum Progress {
    /// Who the client is must come.
    First,
    /// The proof must come.
    Final { first: ClientFirst, challenge: ServerFirst },
}

impl Exchange {
    pub(super) fn new(mechanism: ScramMechanism) -> Self {
        Self { mechanism, progress: Progress::First }
    }

    pub(super) fn step(&mut self, state: &mut State, token: &[u8]) -> Step {
        match &self.progress {
            Progress::First => self.challenge(state, token),
            Progress::Final { first, challenge } => self.verify(state, first, challenge, token),
        }
    }

    fn challenge(&mut self, state: &mut State, token: &[u8]) -> Step {
        let first = match ClientFirst::parse(token) {
            Ok(first) => first,
            Err(error) => return Step::refused(Told::Invalid, error, None),
        };
        let refused = |told, reason| Step::refused(told, reason, Some(&first.user));
        if first.is_token_auth() {
            return refused(Told::Invalid, Refusal::DelegationToken);
        }
        let Some(credential) = state.users.credential(self.mechanism, &first.user) else {
            return refused(Told::Invalid, Refusal::UnknownUser);
        };
        if let Some(asked) = first.authorization_id.clone().filter(|asked| *asked != first.user) {
            const TOLD: &str =
                "Authentication failed: Client requested an authorization id that is different from username";
            return refused(
                Told::Text(TOLD.to_owned()),
                Refusal::AuthorizationId { asked, proved: first.user.clone() },
            );
        }
        let challenge = ServerFirst {
            nonce: format!("{}{}", first.nonce, nonce(&mut state.random)),
            salt: credential.salt().to_vec(),
            iterations: credential.iterations(),
            extensions: Vec::new(),
        };
        let answer = challenge.to_bytes();
        self.progress = Progress::Final { first, challenge };
        Step::Challenge { answer, refused: None }
    }

    fn verify(&self, state: &State, first: &ClientFirst, challenge: &ServerFirst, token: &[u8]) -> Step {
        let refused = |reason| Step::refused(Told::Invalid, reason, Some(&first.user));
        let last = match ClientFinal::parse(token) {
            Ok(last) => last,
            Err(error) => return refused(error.into()),
        };
        if last.nonce != challenge.nonce {
            return refused(Refusal::Nonce);
        }
        let Some(credential) = state.users.credential(self.mechanism, &first.user) else {
            return refused(Refusal::UnknownUser);
        };
        let signed = auth_message(first, challenge, &last);
        if !credential.is_proved(&signed, &last.proof) {
            return refused(Refusal::WrongPassword);
        }
        let signature = credential.signature(&signed);
        Step::Done { answer: ServerFinal::Verified { signature }.to_bytes(), identified: Identified::user(&first.user) }
    }
}

fn nonce(random: &mut SplitMix64) -> String {
    const ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut character = || ALPHABET.get(random.below(ALPHABET.len())).copied().map_or('0', char::from);
    std::iter::repeat_with(&mut character).take(NONCE_CHARS).collect()
}
