//! MSK's tokens for `OAUTHBEARER`: the URL of the very request that `AWS_MSK_IAM` takes apart, presigned for the endpoint of Kafka in a region, as
//! Base64. What the signers append after signing, their `User-Agent`, is no part of the request that was signed.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;

use ottla_wire::sasl::base64;
use ottla_wire::sasl::iam::{IamPayload, VERSION};

use super::verify::Refusal;

/// The payload that a token stands for.
pub(super) fn payload(token: &str) -> Result<IamPayload, Refusal> {
    let malformed = Refusal::Malformed;
    let url = base64::decode_url(token.trim_end_matches('=')).ok().and_then(|url| String::from_utf8(url).ok());
    let url = url.ok_or(malformed("token"))?;
    let (host, query) = url.strip_prefix("https://").and_then(|rest| rest.split_once('?')).ok_or(malformed("url"))?;
    // The path that is signed is `/`, which the signer of Java leaves out of the URL.
    let host = host.strip_suffix('/').unwrap_or(host);
    if host.contains('/') {
        return Err(malformed("url"));
    }
    let mut parameters = Parameters::read(query).ok_or(malformed("query"))?;
    let payload = IamPayload {
        version: VERSION.to_owned(),
        host: host.to_owned(),
        user_agent: parameters.0.remove("User-Agent").unwrap_or_default(),
        action: parameters.take("Action")?,
        algorithm: parameters.take("X-Amz-Algorithm")?,
        credential: parameters.take("X-Amz-Credential")?,
        date: parameters.take("X-Amz-Date")?,
        security_token: parameters.0.remove("X-Amz-Security-Token"),
        signed_headers: parameters.take("X-Amz-SignedHeaders")?,
        expires: parameters.take("X-Amz-Expires")?,
        signature: parameters.take("X-Amz-Signature")?,
    };
    // Another parameter would be part of what is signed.
    if parameters.0.is_empty() { Ok(payload) } else { Err(malformed("query")) }
}

/// The parameters of a query, decoded.
struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// `None` where one is not `name=value`, cannot be decoded, or stands twice.
    fn read(query: &str) -> Option<Self> {
        let mut parameters = BTreeMap::new();
        for parameter in query.split('&') {
            let (name, value) = parameter.split_once('=')?;
            if parameters.insert(decoded(name)?, decoded(value)?).is_some() {
                return None;
            }
        }
        Some(Self(parameters))
    }

    fn take(&mut self, name: &'static str) -> Result<String, Refusal> {
        self.0.remove(name).ok_or(Refusal::Malformed(name))
    }
}

/// Text with each `%XX` as the byte that it stands for.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::iam::testing::{self, date};
    use crate::iam::{Identities, Identity, Verified, verify_token};

    const HOST: &str = "kafka.us-east-1.amazonaws.com";

    fn account() -> Identities {
        let mut account = Identities::new(1);
        account.add(Identity::new("app")).unwrap();
        account.add(Identity::new("job").role_session("run-1")).unwrap();
        account
    }

    /// The token of an identity, its parameters in an order and with a spelling of their own.
    fn token(account: &Identities, name: &str, more: &str) -> String {
        let credentials = account.named(name).unwrap().credentials();
        let payload = testing::sign(testing::payload(credentials, HOST, "us-east-1"), credentials.secret_access_key());
        let security_token = payload.security_token.iter().map(|it| format!("&X-Amz-Security-Token={}", spelt(it)));
        let url = format!(
            "https://{HOST}/?X-Amz-Signature={}{}&Action={}&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Date={}&X-Amz-Credential={}&X-Amz-Algorithm={}{more}",
            payload.signature,
            security_token.collect::<String>(),
            spelt(&payload.action),
            payload.date,
            spelt(&payload.credential),
            payload.algorithm,
        );
        base64::encode_url(url.as_bytes())
    }

    /// Every byte in hexadecimal, in lower case.
    fn spelt(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02x}")).collect()
    }

    fn verified(token: &str) -> Result<Verified, Refusal> {
        verify_token(token, "us-east-1", date(), &account())
    }

    #[test]
    fn a_presigned_url_lets_its_identity_in_whatever_the_signer_appends() {
        for more in ["", "&User-Agent=aws-msk-iam-sasl-signer-js%2F1.0.3"] {
            let user = verified(&token(&account(), "app", more)).unwrap();
            assert_eq!((user.principal.as_str(), user.host.as_str()), ("arn:aws:iam::123456789012:user/app", HOST));
            assert!(verified(&token(&account(), "job", more)).is_ok(), "with a session token");
        }
    }

    #[test]
    fn the_slash_of_the_path_may_be_missing_as_from_javas_signer() {
        let url = String::from_utf8(base64::decode_url(&token(&account(), "app", "")).unwrap()).unwrap();
        let of = |path: &str| verified(&base64::encode_url(url.replacen("/?", path, 1).as_bytes()));
        assert_eq!(of("?"), of("/?"));
        assert!(of("?").is_ok());
        assert_eq!(of("//?"), Err(Refusal::Malformed("url")));
        assert_eq!(of("/path?"), Err(Refusal::Malformed("url")));
    }

    #[test]
    fn another_parameter_or_one_twice_is_refused() {
        for more in ["&X=y", "&Action=a", "&x", "&User-Agent=%zz", "&User-Agent=%+1", "&"] {
            assert_eq!(verified(&token(&account(), "app", more)), Err(Refusal::Malformed("query")), "{more}");
        }
    }

    #[test]
    fn what_is_no_presigned_url_is_refused() {
        let of = |url: &str| verified(&base64::encode_url(url.as_bytes())).unwrap_err();
        assert_eq!(verified("a.b.c"), Err(Refusal::Malformed("token")));
        assert_eq!(of("http://x/?a=b"), Refusal::Malformed("url"));
        assert_eq!(of("https://x"), Refusal::Malformed("url"));
        assert_eq!(of("https://x/?a=b"), Refusal::Malformed("Action"));
    }

    #[test]
    fn a_token_is_held_to_the_rules_of_a_payload() {
        let token = token(&account(), "app", "");
        let at = |seconds| verify_token(&token, "us-east-1", date() + Duration::from_secs(seconds), &account());
        assert!(at(900).is_ok());
        assert_eq!(at(901), Err(Refusal::Expired));
        let region = verify_token(&token, "eu-west-1", date(), &account());
        assert!(matches!(region, Err(Refusal::Region { .. })));
        let nobody = verify_token(&token, "us-east-1", date(), &Identities::new(1));
        assert!(matches!(nobody, Err(Refusal::UnknownAccessKey(_))));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(token: String, url: String) {
            let _either = payload(&token);
            let _either = payload(&base64::encode_url(url.as_bytes()));
            let _either = decoded(&url);
        }
    }
}
