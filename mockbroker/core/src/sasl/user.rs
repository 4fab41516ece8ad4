//! The users of `PLAIN` and SCRAM.

use std::collections::BTreeMap;
use std::fmt;

use ottla_wire::sasl::scram::{ITERATIONS_MIN, ScramMechanism};
use sha2::{Digest as _, Sha256};

use super::Refusal;
use super::scram::Credential;

/// The most iterations that Kafka makes a SCRAM credential with.
pub const ITERATIONS_MAX: u32 = 16_384;

/// A name and a password with which a client comes in by one mechanism. Kafka keeps the users of each mechanism apart, and so does the cluster.
///
/// `Debug` does not show the password.
#[derive(Clone)]
pub struct User {
    name: String,
    password: String,
    mechanism: UserMechanism,
}

#[derive(Clone, Copy, Debug)]
enum UserMechanism {
    Plain,
    Scram { mechanism: ScramMechanism, iterations: u32 },
}

/// Why a user cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserError {
    /// There is a user of this name and mechanism.
    #[error("user {name:?} of {mechanism} stands twice")]
    Duplicate {
        /// The name.
        name: String,
        /// The mechanism's name.
        mechanism: &'static str,
    },
    /// Kafka makes no credential with so many or few iterations.
    #[error("{0} iterations, and there must be {ITERATIONS_MIN} to {ITERATIONS_MAX}")]
    Iterations(u32),
}

impl User {
    /// A user of `PLAIN`.
    #[must_use]
    pub fn plain(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self::new(name.into(), password.into(), UserMechanism::Plain)
    }

    /// A user of `SCRAM-SHA-256`, with 4096 iterations.
    #[must_use]
    pub fn scram_sha_256(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self::scram(name.into(), password.into(), ScramMechanism::Sha256)
    }

    /// A user of `SCRAM-SHA-512`, with 4096 iterations.
    #[must_use]
    pub fn scram_sha_512(name: impl Into<String>, password: impl Into<String>) -> Self {
        Self::scram(name.into(), password.into(), ScramMechanism::Sha512)
    }

    /// How often the hash function is applied to the password of a SCRAM user: 4096 to [`ITERATIONS_MAX`].
    #[must_use]
    pub fn iterations(mut self, count: u32) -> Self {
        if let UserMechanism::Scram { iterations, .. } = &mut self.mechanism {
            *iterations = count;
        }
        self
    }

    fn scram(name: String, password: String, mechanism: ScramMechanism) -> Self {
        Self::new(name, password, UserMechanism::Scram { mechanism, iterations: ITERATIONS_MIN })
    }

    fn new(name: String, password: String, mechanism: UserMechanism) -> Self {
        Self { name, password, mechanism }
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("name", &self.name).field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

/// The users of a cluster. `Debug` shows their names alone.
pub struct Users {
    seed: u64,
    passwords: BTreeMap<String, [u8; 32]>,
    credentials: BTreeMap<(ScramMechanism, String), Credential>,
}

impl Users {
    /// No users; salts are made from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, passwords: BTreeMap::new(), credentials: BTreeMap::new() }
    }

    /// Adds a user. A credential of SCRAM is made here, which takes some milliseconds.
    ///
    /// # Errors
    /// When the user is there already, or could not be in Kafka; it is not added then.
    pub fn add(&mut self, user: User) -> Result<(), UserError> {
        let User { name, password, mechanism } = user;
        match mechanism {
            UserMechanism::Plain if self.passwords.contains_key(&name) => {
                Err(UserError::Duplicate { name, mechanism: "PLAIN" })
            }
            UserMechanism::Plain => {
                self.passwords.insert(name, digest(&password));
                Ok(())
            }
            UserMechanism::Scram { iterations, .. } if !(ITERATIONS_MIN..=ITERATIONS_MAX).contains(&iterations) => {
                Err(UserError::Iterations(iterations))
            }
            UserMechanism::Scram { mechanism, iterations } => self.add_scram(name, &password, mechanism, iterations),
        }
    }

    fn add_scram(
        &mut self,
        name: String,
        password: &str,
        mechanism: ScramMechanism,
        iterations: u32,
    ) -> Result<(), UserError> {
        let salt = salt(self.seed, &name, mechanism);
        let key = (mechanism, name);
        if self.credentials.contains_key(&key) {
            return Err(UserError::Duplicate { name: key.1, mechanism: mechanism.name() });
        }
        self.credentials.insert(key, Credential::new(mechanism, password, salt, iterations));
        Ok(())
    }

    /// Sets the credential of a user of SCRAM by what is made of the password, which the client keeps to itself (KIP-554).
    pub(crate) fn set_salted(
        &mut self,
        name: &str,
        mechanism: ScramMechanism,
        iterations: u32,
        salt: Vec<u8>,
        salted_password: &[u8],
    ) {
        let credential = Credential::salted(mechanism, salted_password, salt, iterations);
        self.credentials.insert((mechanism, name.to_owned()), credential);
    }

    /// Takes the credential of a user of SCRAM away.
    /// Whether a credential would be a new one, where there are as many as there may be.
    pub(crate) fn has_no_room(&self, max: usize, mechanism: ScramMechanism, name: &str) -> bool {
        self.credentials.len() >= max && !self.credentials.contains_key(&(mechanism, name.to_owned()))
    }

    pub(crate) fn remove_scram(&mut self, mechanism: ScramMechanism, name: &str) {
        self.credentials.remove(&(mechanism, name.to_owned()));
    }

    /// The credentials of SCRAM: the user, the mechanism and the iterations.
    pub(crate) fn scram(&self) -> impl Iterator<Item = (&str, ScramMechanism, u32)> {
        self.credentials.iter().map(|((mechanism, name), of)| (name.as_str(), *mechanism, of.iterations()))
    }

    /// Whether this is the password of a user of `PLAIN`.
    pub(super) fn check_plain(&self, name: &str, password: &str) -> Result<(), Refusal> {
        let known = self.passwords.get(name).ok_or(Refusal::UnknownUser)?;
        // Digests, so that how long the comparison takes says nothing about the password.
        if *known == digest(password) { Ok(()) } else { Err(Refusal::WrongPassword) }
    }

    /// What is known of the password of a user of SCRAM.
    pub(super) fn credential(&self, mechanism: ScramMechanism, name: &str) -> Option<&Credential> {
        self.credentials.get(&(mechanism, name.to_owned()))
    }
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scram = self.credentials.keys().map(|(mechanism, name)| (mechanism.name(), name));
        let plain = self.passwords.keys().map(|name| ("PLAIN", name));
        f.debug_list().entries(plain.chain(scram)).finish()
    }
}

fn digest(password: &str) -> [u8; 32] {
    Sha256::digest(password).into()
}

/// Bytes that follow from the seed, the user and the mechanism.
fn salt(seed: u64, name: &str, mechanism: ScramMechanism) -> Vec<u8> {
    const SALT_BYTES: usize = 16;
    let hash = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(mechanism.name()).chain_update([0]);
    hash.chain_update(name).finalize().into_iter().take(SALT_BYTES).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_mechanism_has_users_of_its_own() {
        let mut users = Users::new(0);
        users.add(User::plain("alice", "p")).unwrap();
        users.add(User::scram_sha_256("alice", "s")).unwrap();
        assert_eq!(users.check_plain("alice", "p"), Ok(()));
        assert_eq!(users.check_plain("alice", "s"), Err(Refusal::WrongPassword));
        assert_eq!(users.check_plain("bob", "p"), Err(Refusal::UnknownUser));
        assert!(users.credential(ScramMechanism::Sha256, "alice").is_some());
        assert!(users.credential(ScramMechanism::Sha512, "alice").is_none());
    }

    #[test]
    fn a_user_that_is_there_or_could_not_be_in_kafka_is_not_added() {
        let mut users = Users::new(0);
        for (user, mechanism) in [
            (User::plain("alice", "p"), "PLAIN"),
            (User::scram_sha_256("alice", "p"), "SCRAM-SHA-256"),
            (User::scram_sha_512("alice", "p"), "SCRAM-SHA-512"),
        ] {
            users.add(user.clone()).unwrap();
            assert_eq!(users.add(user), Err(UserError::Duplicate { name: "alice".to_owned(), mechanism }));
        }
        for iterations in [0, ITERATIONS_MIN - 1, ITERATIONS_MAX + 1] {
            let user = User::scram_sha_256("bob", "p").iterations(iterations);
            assert_eq!(users.add(user), Err(UserError::Iterations(iterations)));
        }
    }

    #[test]
    fn debug_shows_no_password() {
        let mut users = Users::new(0);
        let all = [User::plain("alice", "hush"), User::scram_sha_512("bob", "hush")];
        let mut shown = format!("{all:?}");
        all.into_iter().for_each(|user| users.add(user).unwrap());
        shown.push_str(&format!("{users:?}"));
        assert!(!shown.contains("hush") && shown.matches("bob").count() == 2, "{shown}");
    }
}
