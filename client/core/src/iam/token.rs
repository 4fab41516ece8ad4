//! MSK's token of `OAUTHBEARER`, as AWS's own signers make it: the address of a presigned request, in Base64 for URLs.
//!
//! It is not bound to a broker: the host that is signed is the region's. So it is good for every broker of the region for as long as it lasts, for
//! whoever has it.

use std::fmt::Write as _;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use ottla_wire::sasl::base64;
use ottla_wire::sasl::iam::ACTION;

use super::{SignError, check_clock, check_not_empty, expires, presign, text_of};
use crate::region::Region;
use crate::token::OAuthBearerToken;

/// A token that was signed with AWS credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedToken {
    /// The token, with its end.
    pub token: OAuthBearerToken,
    /// The host name that was signed.
    pub host: String,
    /// The local clock as it was signed, `yyyymmddThhmmssZ` in UTC.
    pub date: String,
}

/// Signs the permission to connect to the clusters of `region`, with the local clock at `wall`.
///
/// The token is good for 900 s, or for the whole seconds that the credentials have left where that is less.
///
/// # Errors
/// When the credentials are empty or have expired, or the clock cannot be signed; see [`SignError`].
pub fn sign_token(
    credentials: &Credentials,
    region: &Region,
    user_agent: &str,
    wall: SystemTime,
) -> Result<SignedToken, SignError> {
    check_not_empty(credentials)?;
    check_clock(wall)?;
    // In every partition: the signers have no other suffix for China, and none for serverless clusters.
    let host = format!("kafka.{region}.amazonaws.com");
    let life = expires(credentials, wall)?;
    let signed = presign(credentials, &host, region, life, wall)?;
    let mut address = format!("https://{host}/?Action=");
    encode(ACTION, &mut address);
    for (name, value) in &signed {
        let _infallible = write!(address, "&{name}=");
        encode(value, &mut address);
    }
    // Not signed: who checks the signature takes it out first.
    address.push_str("&User-Agent=");
    encode(user_agent, &mut address);
    let date = text_of(&signed, "X-Amz-Date")?;
    // The date has no fractions of a second, so the token ends with the second that it was signed in.
    let since = wall.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| SignError::Clock)?;
    let signed_at = wall - std::time::Duration::from_nanos(since.subsec_nanos().into());
    let token = OAuthBearerToken::new(base64::encode_url(address.as_bytes())).expires_at(signed_at + life);
    Ok(SignedToken { token, host, date })
}

/// Appends `text` with every byte but the unreserved ones of RFC 3986 as `%XX`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::Duration;

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(1_767_323_045, 500_000_000)
    }

    fn signed(life: Option<Duration>) -> Result<SignedToken, SignError> {
        let token = Some("IQoJb3/+==".to_owned());
        let credentials =
            Credentials::new("ASIAIOSFODNN7EXAMPLE", SECRET, token, life.map(|life| now() + life), "test");
        sign_token(&credentials, &Region::new("cn-north-1").unwrap(), "ottla test", now())
    }

    #[test]
    fn a_token_is_the_address_of_a_signed_request_to_the_regions_host() {
        let signed = signed(None).unwrap();
        assert_eq!(signed.host, "kafka.cn-north-1.amazonaws.com");
        let address = String::from_utf8(base64::decode_url(signed.token.value()).unwrap()).unwrap();
        let (before, after) = address.split_once("&X-Amz-Signature=").unwrap();
        assert!(
            before.starts_with("https://kafka.cn-north-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-"),
            "{address}"
        );
        assert!(address.contains("&X-Amz-Security-Token=IQoJb3%2F%2B%3D%3D"), "{address}");
        assert_eq!(after.split_once('&').unwrap().0.len(), 64, "{address}");
        assert!(address.ends_with("&User-Agent=ottla%20test"), "{address}");
    }

    #[test]
    fn a_token_ends_with_its_signature_and_never_after_its_credentials() {
        let second = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
        let table = [(None, 900), (Some(3600.0), 900), (Some(100.5), 100)];
        for (life, seconds) in table {
            let signed = signed(life.map(Duration::from_secs_f64)).unwrap();
            assert_eq!(signed.token.expiry(), Some(second + Duration::from_secs(seconds)));
        }
        assert!(matches!(signed(Some(Duration::from_millis(500))), Err(SignError::ExpiredCredentials { .. })));
    }

    #[test]
    fn debug_shows_neither_token_nor_secret() {
        let signed = signed(None).unwrap();
        let shown = format!("{signed:?}");
        assert!(!shown.contains(signed.token.value()) && !shown.contains(SECRET), "{shown}");
    }
}
