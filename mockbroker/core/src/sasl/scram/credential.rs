//! What a broker keeps of a password (RFC 5802, 3): enough to check a proof, and not enough to make one.

use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use ottla_wire::sasl::scram::ScramMechanism;
use pbkdf2::pbkdf2_hmac;
use sha2::{Digest as _, Sha256, Sha512};

/// What is kept of one user's password for one mechanism.
pub(crate) struct Credential {
    mechanism: ScramMechanism,
    salt: Vec<u8>,
    iterations: u32,
    stored_key: Vec<u8>,
    server_key: Vec<u8>,
}

impl Credential {
    pub(crate) fn new(mechanism: ScramMechanism, password: &str, salt: Vec<u8>, iterations: u32) -> Self {
        let mut salted = vec![0; mechanism.hash_bytes()];
        match mechanism {
            ScramMechanism::Sha256 => pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, iterations, &mut salted),
            ScramMechanism::Sha512 => pbkdf2_hmac::<Sha512>(password.as_bytes(), &salt, iterations, &mut salted),
        }
        Self::salted(mechanism, &salted, salt, iterations)
    }

    /// What is kept where the client has salted the password itself.
    pub(crate) fn salted(mechanism: ScramMechanism, salted: &[u8], salt: Vec<u8>, iterations: u32) -> Self {
        let stored_key = hash(mechanism, &mac(mechanism, salted, b"Client Key"));
        let server_key = mac(mechanism, salted, b"Server Key");
        Self { mechanism, salt, iterations, stored_key, server_key }
    }

    pub(super) fn salt(&self) -> &[u8] {
        &self.salt
    }

    pub(crate) fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Whether who made this proof knows the password.
    pub(super) fn is_proved(&self, auth_message: &str, proof: &[u8]) -> bool {
        let signature = mac(self.mechanism, &self.stored_key, auth_message.as_bytes());
        if proof.len() != signature.len() {
            return false;
        }
        let client_key: Vec<u8> = signature.iter().zip(proof).map(|(signed, proved)| signed ^ proved).collect();
        // What is compared is a hash, so how long it takes says nothing about the key.
        hash(self.mechanism, &client_key) == self.stored_key
    }

    /// The proof that the broker knows the password, too.
    pub(super) fn signature(&self, auth_message: &str) -> Vec<u8> {
        mac(self.mechanism, &self.server_key, auth_message.as_bytes())
    }
}

fn hash(mechanism: ScramMechanism, bytes: &[u8]) -> Vec<u8> {
    match mechanism {
        ScramMechanism::Sha256 => Sha256::digest(bytes).to_vec(),
        ScramMechanism::Sha512 => Sha512::digest(bytes).to_vec(),
    }
}

/// HMAC under a key that is as long as the hash, and so never longer than its block (RFC 2104).
fn mac(mechanism: ScramMechanism, key: &[u8], text: &[u8]) -> Vec<u8> {
    match mechanism {
        ScramMechanism::Sha256 => {
            let mut block = Key::<Hmac<Sha256>>::default();
            block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
            Hmac::<Sha256>::new(&block).chain_update(text).finalize().into_bytes().to_vec()
        }
        ScramMechanism::Sha512 => {
            let mut block = Key::<Hmac<Sha512>>::default();
            block.iter_mut().zip(key).for_each(|(place, byte)| *place = *byte);
            Hmac::<Sha512>::new(&block).chain_update(text).finalize().into_bytes().to_vec()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use ottla_wire::sasl::base64;

    use super::*;

    /// The example of RFC 7677.
    const AUTH_MESSAGE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
        s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const SIGNATURE: &str = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    #[test]
    fn the_example_of_rfc_7677_is_proved_and_signed() {
        let salt = base64::decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let credential = Credential::new(ScramMechanism::Sha256, "pencil", salt.clone(), 4096);
        let proof = base64::decode(PROOF).unwrap();
        assert!(credential.is_proved(AUTH_MESSAGE, &proof));
        assert_eq!(base64::encode(&credential.signature(AUTH_MESSAGE)), SIGNATURE);
        assert!(!credential.is_proved(AUTH_MESSAGE, &proof[1..]));
        assert!(!credential.is_proved("n=user", &proof));
        let other = Credential::new(ScramMechanism::Sha256, "pencils", salt, 4096);
        assert!(!other.is_proved(AUTH_MESSAGE, &proof));
    }

    #[test]
    fn a_credential_of_sha_512_is_the_one_that_kafka_makes() {
        // kafka-clients 4.4.0: new ScramFormatter(SCRAM_SHA_512).generateCredential(salt, saltedPassword("alice-secret", salt, 8192), 8192)
        let credential = Credential::new(ScramMechanism::Sha512, "alice-secret", b"0123456789abcdef".to_vec(), 8192);
        assert_eq!(base64::encode(&credential.stored_key), STORED_KEY_512);
        assert_eq!(base64::encode(&credential.server_key), SERVER_KEY_512);
    }

    const STORED_KEY_512: &str =
        "bba+kDE5jwxvBxWM8DWROgkvjq0eHBGxIj9lsd5CQgte6/UCduSAGdyNndp/VzcQ2dZcuCtgwA9HimVQLGtDbA==";
    const SERVER_KEY_512: &str =
        "rqGWE9pVa9ofp0LBk4ROM9y1EZmTBnAARo+xszr7Yvu4OqDifzJqNcTlohY76l6CKhO+AXZASv69se0JctnO2g==";
}
