//! What SCRAM computes of a password (RFC 5802, 3; RFC 7677).
//!
//! The password is salted as often as the broker says, which is work: 4,096 rounds take a millisecond or two, [`ITERATIONS_MAX`] up to two seconds. So it
//! is a job, [`Salting`], for a thread that may be held up by it. Nothing prepares names or passwords (SASLprep), as nothing does in Kafka: the bytes of the
//! UTF-8 text are salted.

use std::fmt;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use ottla_wire::sasl::scram::ScramMechanism;
use sha2::{Digest as _, Sha256, Sha512};

use crate::connection::Password;

/// The most iterations that a broker may ask for. Kafka's own tools stop at 16,384; without a bound, a broker that is none could keep a thread
/// of the client busy for hours.
pub const ITERATIONS_MAX: u32 = 1_000_000;

/// A password to be salted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salting {
    pub(crate) mechanism: ScramMechanism,
    pub(crate) password: Password,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u32,
}

/// A password that was salted; as good as the password for brokers with the same salt. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SaltedPassword {
    mechanism: ScramMechanism,
    bytes: Vec<u8>,
}

/// What the broker's signature is checked with. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct ServerKey {
    mechanism: ScramMechanism,
    bytes: Vec<u8>,
}

impl Salting {
    /// Does the work.
    #[must_use]
    pub fn run(&self) -> SaltedPassword {
        let Self { mechanism, password, salt, iterations } = self;
        let password = password.as_str().as_bytes();
        let mut bytes = vec![0; mechanism.hash_bytes()];
        match mechanism {
            ScramMechanism::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, *iterations, &mut bytes),
            ScramMechanism::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, *iterations, &mut bytes),
        }
        SaltedPassword { mechanism: *mechanism, bytes }
    }
}

impl SaltedPassword {
    /// That the client knows the password, for those messages.
    pub(crate) fn client_proof(&self, auth_message: &str) -> Vec<u8> {
        let client_key = signed(self.mechanism, &self.bytes, b"Client Key");
        let stored_key = match self.mechanism {
            ScramMechanism::Sha256 => Sha256::digest(&client_key).to_vec(),
            ScramMechanism::Sha512 => Sha512::digest(&client_key).to_vec(),
        };
        let signature = signed(self.mechanism, &stored_key, auth_message.as_bytes());
        client_key.iter().zip(&signature).map(|(key, signature)| key ^ signature).collect()
    }

    pub(crate) fn server_key(&self) -> ServerKey {
        ServerKey { mechanism: self.mechanism, bytes: signed(self.mechanism, &self.bytes, b"Server Key") }
    }
}

impl ServerKey {
    /// Whether this is the signature of those messages; takes the same time wherever it differs.
    pub(crate) fn has_signed(&self, auth_message: &str, signature: &[u8]) -> bool {
        let message = auth_message.as_bytes();
        match self.mechanism {
            ScramMechanism::Sha256 => mac::<Hmac<Sha256>>(&self.bytes, message).verify_slice(signature).is_ok(),
            ScramMechanism::Sha512 => mac::<Hmac<Sha512>>(&self.bytes, message).verify_slice(signature).is_ok(),
        }
    }
}

pub(crate) fn signed(mechanism: ScramMechanism, key: &[u8], message: &[u8]) -> Vec<u8> {
    match mechanism {
        ScramMechanism::Sha256 => mac::<Hmac<Sha256>>(key, message).finalize().into_bytes().to_vec(),
        ScramMechanism::Sha512 => mac::<Hmac<Sha512>>(key, message).finalize().into_bytes().to_vec(),
    }
}

/// `key` is a hash, and so never longer than a block of it.
fn mac<M: KeyInit + Mac>(key: &[u8], message: &[u8]) -> M {
    // RFC 2104: a key is filled up with zeros to the block of the hash.
    let mut block = Key::<M>::default();
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let mut mac = <M as KeyInit>::new(&block);
    mac.update(message);
    mac
}

impl fmt::Debug for SaltedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaltedPassword").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerKey").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ottla_wire::sasl::scram::{ClientFinal, ClientFirst, ServerFinal, ServerFirst, auth_message};

    use super::*;

    /// RFC 7677, 3; and the same exchange by SCRAM-SHA-512, computed with Python's `hashlib`.
    const EXCHANGES: [(ScramMechanism, [&str; 4]); 2] = [
        (
            ScramMechanism::Sha256,
            [
                "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            ],
        ),
        (
            ScramMechanism::Sha512,
            [
                "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
                "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
                "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==",
            ],
        ),
    ];

    #[test]
    fn the_exchange_of_rfc_7677_comes_out_with_both_hashes() {
        for (mechanism, messages) in EXCHANGES {
            let [first, salted, proven, verified] = messages.map(str::as_bytes);
            let (first, salted) = (ClientFirst::parse(first).unwrap(), ServerFirst::parse(salted).unwrap());
            let proven = ClientFinal::parse(proven).unwrap();
            let ServerFinal::Verified { mut signature } = ServerFinal::parse(verified).unwrap() else { unreachable!() };
            let message = auth_message(&first, &salted, &proven);
            let (salt, password) = (salted.salt, Password::new("pencil"));
            let salted = Salting { mechanism, password, salt, iterations: salted.iterations }.run();
            assert_eq!(salted.client_proof(&message), proven.proof);
            assert!(salted.server_key().has_signed(&message, &signature));
            assert!(!salted.server_key().has_signed(&message, &signature[1..]));
            signature[31] ^= 1;
            assert!(!salted.server_key().has_signed(&message, &signature));
        }
    }

    #[test]
    fn debug_shows_no_password_salted_or_not() {
        let job = Salting {
            mechanism: ScramMechanism::Sha256,
            password: Password::new("pencil"),
            salt: vec![1],
            iterations: 1,
        };
        let salted = job.run();
        let shown = format!("{job:?} {salted:?} {:?}", salted.server_key());
        assert!(!shown.contains("pencil") && !shown.contains("bytes"), "{shown}");
    }
}
