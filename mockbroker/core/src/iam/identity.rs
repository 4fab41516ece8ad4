//! The identities of the cluster's AWS account, and the keys that they sign with.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

/// The AWS account that the cluster and its identities belong to: the one of AWS's own examples.
pub const ACCOUNT: &str = "123456789012";

/// Somebody who may authenticate: an IAM user, unless it is made a session of a role.
///
/// Keys that are not given are made from the cluster's seed and the name, so that they are the same in each run.
#[derive(Clone, Debug)]
pub struct Identity {
    name: String,
    principal: Option<String>,
    role_session: Option<String>,
    keys: Option<(String, Secret)>,
    session_token: Option<Secret>,
    expires: Option<SystemTime>,
}

impl Identity {
    /// The IAM user `arn:aws:iam::123456789012:user/<name>` with a long-lived key.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, principal: None, role_session: None, keys: None, session_token: None, expires: None }
    }

    /// Makes it `arn:aws:sts::123456789012:assumed-role/<name>/<session>`, with a temporary key and a session token.
    #[must_use]
    pub fn role_session(mut self, session: impl Into<String>) -> Self {
        self.role_session = Some(session.into());
        self
    }

    /// The ARN that the cluster knows it by, in place of the one made from the name.
    #[must_use]
    pub fn principal(mut self, arn: impl Into<String>) -> Self {
        self.principal = Some(arn.into());
        self
    }

    /// Its key, in place of one made from the seed.
    #[must_use]
    pub fn keys(mut self, access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        self.keys = Some((access_key_id.into(), Secret(secret_access_key.into())));
        self
    }

    /// The session token that belongs to its key.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(Secret(token.into()));
        self
    }

    /// When its credentials end, by the cluster's wall clock; they never do where this is not said.
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }

    fn into_caller(self, seed: u64) -> Caller {
        let make = |purpose: &str| Keystream::new(seed, &self.name, purpose);
        let is_temporary = self.role_session.is_some() || self.session_token.is_some();
        let principal = self.principal.unwrap_or_else(|| match &self.role_session {
            Some(session) => format!("arn:aws:sts::{ACCOUNT}:assumed-role/{}/{session}", self.name),
            None => format!("arn:aws:iam::{ACCOUNT}:user/{}", self.name),
        });
        let (access_key_id, secret) = self.keys.unwrap_or_else(|| {
            let kind = if is_temporary { "ASIA" } else { "AKIA" };
            let id = make("access key id").take_from(BASE32, 16);
            (format!("{kind}{id}"), Secret(make("secret access key").take_from(BASE64, 40)))
        });
        let made_token = || Secret(format!("{}==", make("session token").take_from(BASE64, TOKEN_CHARS)));
        let session_token = self.session_token.or_else(|| is_temporary.then(made_token));
        let credentials = Credentials { access_key_id, secret, session_token, expires: self.expires };
        Caller { name: self.name, principal, credentials }
    }
}

/// An identity whose principal and keys are settled.
#[derive(Clone, Debug)]
pub struct Caller {
    name: String,
    principal: String,
    credentials: Credentials,
}

impl Caller {
    /// The name that the test gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its ARN: the name of its Kafka principal, whose type is `IAM`.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// What it signs with.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }
}

/// What an identity signs with. `Debug` shows neither the secret nor the token.
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key_id: String,
    secret: Secret,
    session_token: Option<Secret>,
    expires: Option<SystemTime>,
}

impl Credentials {
    /// The public half of the key, of 20 characters where it was made here.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret half of the key.
    #[must_use]
    pub fn secret_access_key(&self) -> &str {
        &self.secret.0
    }

    /// The token that temporary credentials come with.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_ref().map(|token| token.0.as_str())
    }

    /// When they end; `None` for long-lived ones.
    #[must_use]
    pub fn expires(&self) -> Option<SystemTime> {
        self.expires
    }
}

/// An identity cannot be told from another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DuplicateIdentity {
    /// The name is taken.
    #[error("there is an identity {0:?} already")]
    Name(String),
    /// The access key id is taken.
    #[error("there is an identity with the access key {0:?} already")]
    AccessKey(String),
}

/// The identities of an account, found by name or by access key.
#[derive(Clone, Debug)]
pub struct Identities {
    seed: u64,
    callers: BTreeMap<String, Caller>,
    names: BTreeMap<String, String>,
}

impl Identities {
    /// None; keys that identities come without are made from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, callers: BTreeMap::new(), names: BTreeMap::new() }
    }

    /// Adds an identity, and makes the keys that it comes without.
    ///
    /// # Errors
    /// When its name or its access key is taken; it is not added then.
    pub fn add(&mut self, identity: Identity) -> Result<(), DuplicateIdentity> {
        let caller = identity.into_caller(self.seed);
        let access_key_id = caller.credentials.access_key_id.clone();
        if self.names.contains_key(&caller.name) {
            return Err(DuplicateIdentity::Name(caller.name));
        }
        if self.callers.contains_key(&access_key_id) {
            return Err(DuplicateIdentity::AccessKey(access_key_id));
        }
        self.names.insert(caller.name.clone(), access_key_id.clone());
        self.callers.insert(access_key_id, caller);
        Ok(())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.callers.is_empty()
    }

    /// The identity that a test calls `name`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Caller> {
        self.by_access_key(self.names.get(name)?)
    }

    /// The identity that this access key belongs to.
    #[must_use]
    pub fn by_access_key(&self, access_key_id: &str) -> Option<&Caller> {
        self.callers.get(access_key_id)
    }
}

#[derive(Clone)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// Long enough to be no round number of hash blocks, and padded, as real tokens are: a signer that forgets to encode `+`, `/` or `=` fails on it.
const TOKEN_CHARS: usize = 170;
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes that follow from a seed, a name and a purpose: block n is the hash of them and n.
struct Keystream {
    start: Sha256,
}

impl Keystream {
    fn new(seed: u64, name: &str, purpose: &str) -> Self {
        let start = Sha256::new().chain_update(seed.to_be_bytes()).chain_update(purpose).chain_update([0]);
        Self { start: start.chain_update(name).chain_update([0]) }
    }

    /// `count` letters of an alphabet whose size is a power of two.
    fn take_from(&self, alphabet: &[u8], count: usize) -> String {
        let block = |n: u32| self.start.clone().chain_update(n.to_be_bytes()).finalize();
        let letter = |byte: u8| alphabet.iter().copied().cycle().nth(byte.into()).map_or('A', char::from);
        (0..).flat_map(block).map(letter).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    fn account(seed: u64, identities: impl IntoIterator<Item = Identity>) -> Identities {
        let mut account = Identities::new(seed);
        identities.into_iter().for_each(|identity| account.add(identity).unwrap());
        account
    }

    #[test]
    fn a_user_has_a_long_lived_key_and_a_role_session_a_temporary_one_with_a_token() {
        let account = account(7, [Identity::new("app"), Identity::new("job").role_session("run-1")]);
        let user = account.named("app").unwrap();
        assert_eq!(user.principal(), "arn:aws:iam::123456789012:user/app");
        assert!(user.credentials().access_key_id().starts_with("AKIA"));
        assert_eq!(user.credentials().session_token(), None);
        let role = account.named("job").unwrap();
        assert_eq!(role.principal(), "arn:aws:sts::123456789012:assumed-role/job/run-1");
        assert!(role.credentials().access_key_id().starts_with("ASIA"));
        assert!(role.credentials().session_token().unwrap().ends_with("=="));
        for caller in [user, role] {
            assert_eq!(caller.credentials().access_key_id().len(), 20);
            assert_eq!(caller.credentials().secret_access_key().len(), 40);
        }
    }

    #[test]
    fn keys_follow_from_the_seed_and_the_name() {
        let key = |seed, name: &str| {
            let account = account(seed, [Identity::new(name)]);
            let credentials = account.named(name).unwrap().credentials().clone();
            (credentials.access_key_id().to_owned(), credentials.secret_access_key().to_owned())
        };
        assert_eq!(key(1, "app"), key(1, "app"));
        assert_ne!(key(1, "app"), key(2, "app"));
        assert_ne!(key(1, "app"), key(1, "other"));
    }

    #[test]
    fn given_keys_are_kept_and_found() {
        let given = Identity::new("app").keys("AKIAIOSFODNN7EXAMPLE", "secret").principal("arn:aws:iam::1:user/x");
        let account = account(0, [given]);
        let caller = account.by_access_key("AKIAIOSFODNN7EXAMPLE").unwrap();
        assert_eq!((caller.name(), caller.principal()), ("app", "arn:aws:iam::1:user/x"));
        assert_eq!(caller.credentials().secret_access_key(), "secret");
    }

    #[test]
    fn a_name_or_a_key_that_is_taken_is_refused() {
        let mut account = account(0, [Identity::new("app").keys("AKIA1", "s")]);
        assert_eq!(account.add(Identity::new("app")), Err(DuplicateIdentity::Name("app".to_owned())));
        let same_key = Identity::new("other").keys("AKIA1", "t");
        assert_eq!(account.add(same_key), Err(DuplicateIdentity::AccessKey("AKIA1".to_owned())));
        assert!(account.named("other").is_none());
    }

    #[test]
    fn debug_shows_no_secret() {
        let identity = Identity::new("app").keys("AKIA1", "hush-secret").session_token("hush-token");
        let shown = format!("{identity:?} {:?}", account(0, [identity.clone()]));
        assert!(!shown.contains("hush") && shown.contains("AKIA1"), "{shown}");
    }
}
