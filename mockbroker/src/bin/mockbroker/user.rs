//! `--user MECHANISM:NAME:SECRET`.

use std::fmt;

use ottla_mockbroker::{Identity, Mechanism, User};

use crate::InvalidValue;

/// Somebody who may come in.
#[derive(Clone, Debug)]
pub(crate) enum Account {
    /// By a password.
    User { mechanism: Mechanism, name: String, secret: Secret, user: User },
    /// By signing.
    Identity { name: String, identity: Identity },
}

/// A password, which `Debug` does not show.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What no error repeats is the secret, which may hold colons.
pub(crate) fn parse(text: &str) -> Result<Account, InvalidValue> {
    let (mechanism, rest) = text.split_once(':').ok_or("it is written as in SCRAM-SHA-512:alice:secret")?;
    let mechanism: Mechanism = mechanism.parse()?;
    if mechanism == Mechanism::AwsMskIam {
        return identity(rest);
    }
    let (name, secret) = rest.split_once(':').ok_or("there is no secret: it is written as in PLAIN:alice:secret")?;
    if name.is_empty() || secret.is_empty() {
        return Err("name and secret are not empty".into());
    }
    let user = match mechanism {
        Mechanism::Plain => User::plain(name, secret),
        Mechanism::ScramSha256 => User::scram_sha_256(name, secret),
        Mechanism::ScramSha512 => User::scram_sha_512(name, secret),
        Mechanism::MskOAuthBearer => return Err("who comes in by MSK_OAUTHBEARER is a user of AWS_MSK_IAM".into()),
        _ => return Err(format!("{mechanism} has no users: whoever brings a token comes in").into()),
    };
    Ok(Account::User { mechanism, name: name.to_owned(), secret: Secret(secret.to_owned()), user })
}

fn identity(text: &str) -> Result<Account, InvalidValue> {
    let parts: Vec<&str> = text.splitn(3, ':').collect();
    let (name, keys) = match parts.as_slice() {
        [name] => (*name, None),
        [name, access_key_id, secret] => (*name, Some((*access_key_id, *secret))),
        _ => return Err("there is no secret after the access key id".into()),
    };
    if name.is_empty() || keys.is_some_and(|(access_key_id, secret)| access_key_id.is_empty() || secret.is_empty()) {
        return Err("name, access key id and secret are not empty".into());
    }
    let identity = Identity::new(name);
    let identity = match keys {
        Some((access_key_id, secret)) => identity.keys(access_key_id, secret),
        None => identity,
    };
    Ok(Account::Identity { name: name.to_owned(), identity })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_user_of_each_mechanism_is_read_and_no_secret_is_shown() {
        for text in ["PLAIN:alice:hush:hush", "SCRAM-SHA-256:alice:hush", "SCRAM-SHA-512:alice:hush"] {
            let account = parse(text).unwrap();
            assert!(matches!(account, Account::User { .. }));
            assert!(!format!("{account:?}").contains("hush"));
        }
        for text in ["AWS_MSK_IAM:app", "AWS_MSK_IAM:app:AKIAIOSFODNN7EXAMPLE:hush/+:"] {
            let account = parse(text).unwrap();
            assert!(matches!(&account, Account::Identity { name, .. } if name == "app"));
            assert!(!format!("{account:?}").contains("hush"));
        }
    }

    #[test]
    fn what_is_wrong_with_a_user_is_said_without_its_secret() {
        for (text, told) in [
            ("alice", "it is written as in"),
            ("NONE:alice:hush", "\"NONE\" is no mechanism"),
            ("PLAIN:hush", "there is no secret"),
            ("PLAIN::hush", "name and secret are not empty"),
            ("PLAIN:alice:", "name and secret are not empty"),
            ("OAUTHBEARER:alice:hush", "OAUTHBEARER has no users"),
            ("MSK_OAUTHBEARER:alice:hush", "is a user of AWS_MSK_IAM"),
            ("AWS_MSK_IAM:", "not empty"),
            ("AWS_MSK_IAM:app:AKIA", "there is no secret after the access key id"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(told) && !error.contains("hush"), "{text}: {error}");
        }
    }
}
