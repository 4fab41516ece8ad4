//! Unsecured JSON web tokens (RFC 7515, appendix A.5), by the rules of `OAuthBearerUnsecuredJws` and the validator that is Kafka's default.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ottla_wire::sasl::base64;
use serde_json::{Map, Value};

/// The most characters of a peer's text that an error repeats.
const QUOTED_CHARS_MAX: usize = 64;

/// Why a token does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is not three parts with dots between them.
    #[error("the token has not three parts")]
    Parts,
    /// This part is not Base64 in the alphabet for URLs.
    #[error("the token's {0} is not Base64")]
    NotBase64(&'static str),
    /// This part is not JSON.
    #[error("the token's {0} is not JSON")]
    NotJson(&'static str),
    /// The header names no algorithm.
    #[error("the token's header has no alg")]
    NoAlgorithm,
    /// The header names another algorithm than `none`.
    #[error("the token's alg is {0:?}, and an unsecured one has \"none\"")]
    Algorithm(String),
    /// There is a signature.
    #[error("the token has a signature")]
    Signed,
    /// A claim that must be there is not.
    #[error("the token has no claim {0}")]
    NoClaim(&'static str),
    /// A claim has another type than it must have.
    #[error("the token's claim {0} has the wrong type")]
    ClaimType(&'static str),
    /// It was issued in the broker's future.
    #[error("the token was issued in the future (iat {iat_seconds} s)")]
    IssuedInFuture {
        /// When, in seconds since 1970, cut to whole ones.
        iat_seconds: i64,
    },
    /// It has ended.
    #[error("the token has expired (exp {exp_seconds} s)")]
    Expired {
        /// When, in seconds since 1970, cut to whole ones.
        exp_seconds: i64,
    },
    /// It ends no later than it was issued.
    #[error("the token expires before it was issued")]
    EndsBeforeBegin,
}

/// A token that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// The claim `sub`.
    pub(super) subject: String,
    /// The claim `exp`; nothing where it is later than a clock can say.
    pub(super) expires: Option<SystemTime>,
}

/// Decides about a token when the wall clock says `now`, and clocks may differ by `skew`.
pub(super) fn verify(token: &str, now: SystemTime, skew: Duration) -> Result<Token, TokenError> {
    let claims = Claims::read(token)?;
    let expires = claims.number("exp")?.ok_or(TokenError::NoClaim("exp"))?;
    let subject = claims.text("sub")?.filter(|it| !it.trim().is_empty()).ok_or(TokenError::NoClaim("sub"))?;
    let issued = claims.number("iat")?;
    claims.check_scope()?;
    let now_seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let skew_seconds = skew.as_secs_f64();
    if let Some(issued) = issued.filter(|issued| *issued > now_seconds + skew_seconds) {
        return Err(TokenError::IssuedInFuture { iat_seconds: issued as i64 });
    }
    if now_seconds - skew_seconds >= expires {
        return Err(TokenError::Expired { exp_seconds: expires as i64 });
    }
    if issued.is_some_and(|issued| expires <= issued) {
        return Err(TokenError::EndsBeforeBegin);
    }
    let since = Duration::try_from_secs_f64(expires).ok();
    Ok(Token { subject: subject.to_owned(), expires: since.and_then(|since| UNIX_EPOCH.checked_add(since)) })
}

/// A token's claims, each as Kafka reads it.
struct Claims(Map<String, Value>);

impl Claims {
    fn read(token: &str) -> Result<Self, TokenError> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Parts);
        };
        if token.contains("..") {
            return Err(TokenError::Parts);
        }
        let (header, claims) = (object(header, "header")?, object(claims, "claims")?);
        let algorithm = header.get("alg").map(as_text).ok_or(TokenError::NoAlgorithm)?;
        if algorithm != "none" {
            return Err(TokenError::Algorithm(algorithm.chars().take(QUOTED_CHARS_MAX).collect()));
        }
        if signature.is_empty() { Ok(Self(claims)) } else { Err(TokenError::Signed) }
    }

    fn number(&self, name: &'static str) -> Result<Option<f64>, TokenError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(TokenError::ClaimType(name)),
        }
    }

    /// A text; what is neither a number nor a list counts as one in Kafka.
    fn text(&self, name: &'static str) -> Result<Option<String>, TokenError> {
        match self.0.get(name) {
            Some(Value::Number(_) | Value::Array(_)) => Err(TokenError::ClaimType(name)),
            other => Ok(other.map(as_text)),
        }
    }

    /// No scope is required, but one that is there must be a text or a list.
    fn check_scope(&self) -> Result<(), TokenError> {
        match self.0.get("scope") {
            Some(Value::Number(_)) => Err(TokenError::ClaimType("scope")),
            _ => Ok(()),
        }
    }
}

/// The object in one part of a token. Kafka reads other JSON as an object without anything in it.
fn object(part: &str, name: &'static str) -> Result<Map<String, Value>, TokenError> {
    let json = base64::decode_url(part.trim_end_matches('=')).map_err(|_| TokenError::NotBase64(name))?;
    if json.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(&json) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Ok(Map::new()),
        Err(_) => Err(TokenError::NotJson(name)),
    }
}

/// A value as Jackson's `asText` has it.
fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn token(header: &str, claims: &str, signature: &str) -> String {
        format!("{}.{}.{signature}", base64::encode_url(header.as_bytes()), base64::encode_url(claims.as_bytes()))
    }

    fn verified(claims: &str) -> Result<Token, TokenError> {
        verify_at(claims, Duration::ZERO)
    }

    fn verify_at(claims: &str, skew: Duration) -> Result<Token, TokenError> {
        verify(&token(r#"{"alg":"none"}"#, claims, ""), UNIX_EPOCH + Duration::from_secs(NOW), skew)
    }

    #[test]
    fn a_token_is_good_for_its_subject_until_its_end() {
        let expires = Some(UNIX_EPOCH + Duration::from_millis(NOW * 1000 + 500));
        let good = verified(&format!(r#"{{"sub":"alice","iat":{NOW},"exp":{NOW}.5,"scope":["a"]}}"#)).unwrap();
        assert_eq!(good, Token { subject: "alice".to_owned(), expires });
        assert_eq!(verified(r#"{"sub":"alice","exp":1e300}"#).unwrap().expires, None);
        assert_eq!(verified(r#"{"sub":true,"exp":1e10}"#).unwrap().subject, "true");
    }

    #[test]
    fn each_claim_that_does_not_hold_has_an_error() {
        use TokenError::*;
        let soon = NOW + 1;
        for (claims, error) in [
            (r#"{"sub":"a"}"#.to_owned(), NoClaim("exp")),
            (r#"{"sub":"a","exp":"1900000000"}"#.to_owned(), ClaimType("exp")),
            (r#"{"exp":1900000000}"#.to_owned(), NoClaim("sub")),
            (r#"{"sub":" ","exp":1900000000}"#.to_owned(), NoClaim("sub")),
            (r#"{"sub":7,"exp":1900000000}"#.to_owned(), ClaimType("sub")),
            (r#"{"sub":["a"],"exp":1900000000}"#.to_owned(), ClaimType("sub")),
            (r#"{"sub":"a","exp":1900000000,"scope":1}"#.to_owned(), ClaimType("scope")),
            (r#"{"sub":"a","exp":1900000000,"iat":null}"#.to_owned(), ClaimType("iat")),
            (format!(r#"{{"sub":"a","exp":1900000000,"iat":{soon}}}"#), IssuedInFuture { iat_seconds: soon as i64 }),
            (format!(r#"{{"sub":"a","exp":{NOW}}}"#), Expired { exp_seconds: NOW as i64 }),
            ("[]".to_owned(), NoClaim("exp")),
        ] {
            assert_eq!(verified(&claims), Err(error), "{claims}");
        }
    }

    #[test]
    fn clocks_may_differ_by_the_skew_and_no_more() {
        let late = format!(r#"{{"sub":"a","exp":{}}}"#, NOW - 10);
        let early = format!(r#"{{"sub":"a","iat":{},"exp":{}}}"#, NOW + 10, NOW + 20);
        let backward = format!(r#"{{"sub":"a","iat":{},"exp":{}}}"#, NOW + 10, NOW + 10);
        for (claims, enough, too_little) in [(&late, 11, 10), (&early, 10, 9)] {
            assert!(verify_at(claims, Duration::from_secs(enough)).is_ok(), "{claims}");
            assert!(verify_at(claims, Duration::from_secs(too_little)).is_err(), "{claims}");
        }
        assert_eq!(verify_at(&backward, Duration::from_secs(60)), Err(TokenError::EndsBeforeBegin));
    }

    #[test]
    fn what_is_no_unsecured_token_is_refused() {
        use TokenError::*;
        let claims = r#"{"sub":"a","exp":1900000000}"#;
        for (token, error) in [
            (String::new(), Parts),
            ("a.b".to_owned(), Parts),
            ("a.b.c.d".to_owned(), Parts),
            ("..".to_owned(), Parts),
            ("e30..".to_owned(), Parts),
            ("+.e30.".to_owned(), NotBase64("header")),
            ("e30.+.".to_owned(), NotBase64("claims")),
            ("YQ.e30.".to_owned(), NotJson("header")),
            (token("{}", claims, ""), NoAlgorithm),
            (token(r#"{"alg":"HS256"}"#, claims, "c2ln"), Algorithm("HS256".to_owned())),
            (token(r#"{"alg":"none"}"#, claims, "c2ln"), Signed),
        ] {
            let refused = verify(&token, UNIX_EPOCH + Duration::from_secs(NOW), Duration::ZERO);
            assert_eq!(refused, Err(error), "{token}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String, header: String, claims: String) {
            let _either = verify(&text, UNIX_EPOCH, Duration::ZERO);
            let _either = verify(&token(&header, &claims, ""), UNIX_EPOCH, Duration::ZERO);
        }
    }
}
