//! Signs in to MSK: the payload of `AWS_MSK_IAM`, a presigned request in the query form of AWS Signature Version 4, or the same as a token of
//! `OAUTHBEARER`.
//!
//! The host is signed as it is written, upper-case letters included, and without a port; the broker signs again what the payload says.

mod token;

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SignatureLocation, SigningSettings};
use aws_sigv4::sign::v4;
use ottla_wire::sasl::iam::{ACTION, EXPIRES_MAX_SECONDS, IamPayload, SERVICE, VERSION};
use tracing::dispatcher::{self, Dispatch};

use crate::region::Region;
pub use token::{SignedToken, sign_token};

/// Why nothing can be signed. None of it shows a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The access key id or the secret access key is empty.
    #[error("the AWS credentials are empty: {0} has no characters")]
    EmptyCredentials(&'static str),
    /// The credentials are good no longer, or for less than a second more.
    #[error("the AWS credentials of access key {access_key_id} expired {expired_for:?} ago by the local clock")]
    ExpiredCredentials {
        /// Which credentials.
        access_key_id: String,
        /// For how long they have been expired; zero in their last second.
        expired_for: Duration,
    },
    /// The host name is empty, too long, or has characters that no host name has.
    #[error("{0:?} is no host name that can be signed")]
    Host(String),
    /// The local clock is before 1970 or after 9999.
    #[error("the local clock is outside of 1970 to 9999")]
    Clock,
    /// The signer refused; nothing here is known to make it.
    #[error("the request cannot be signed: {0}")]
    Signer(String),
}

/// Signs the permission to connect to `host`, with the local clock at `wall`.
///
/// The payload is good for 900 s, or for the whole seconds that the credentials have left where that is less.
///
/// # Errors
/// When the credentials are empty or have expired, or host or clock cannot be signed; see [`SignError`].
pub fn sign(
    credentials: &Credentials,
    host: &str,
    region: &Region,
    user_agent: &str,
    wall: SystemTime,
) -> Result<IamPayload, SignError> {
    check_not_empty(credentials)?;
    check_host(host)?;
    check_clock(wall)?;
    let expires = expires(credentials, wall)?;
    let signed = presign(credentials, host, region, expires, wall)?;
    let text = |name| text_of(&signed, name);
    Ok(IamPayload {
        version: VERSION.to_owned(),
        host: host.to_owned(),
        user_agent: user_agent.to_owned(),
        action: ACTION.to_owned(),
        algorithm: text("X-Amz-Algorithm")?,
        credential: text("X-Amz-Credential")?,
        date: text("X-Amz-Date")?,
        security_token: credentials.session_token().map(str::to_owned),
        signed_headers: text("X-Amz-SignedHeaders")?,
        expires: text("X-Amz-Expires")?,
        signature: text("X-Amz-Signature")?,
    })
}

/// How long the credentials are good after `wall`; nothing where they say no end.
#[must_use]
pub fn life_left(credentials: &Credentials, wall: SystemTime) -> Option<Duration> {
    credentials.expiry().map(|expiry| expiry.duration_since(wall).unwrap_or(Duration::ZERO))
}

/// The longest DNS name (RFC 1035).
const HOST_BYTES_MAX: usize = 255;

/// The first second of the year 10000, which four digits cannot say.
const UNIX_SECONDS_END: u64 = 253_402_300_800;

fn check_not_empty(credentials: &Credentials) -> Result<(), SignError> {
    if credentials.access_key_id().trim().is_empty() {
        return Err(SignError::EmptyCredentials("the access key id"));
    }
    if credentials.secret_access_key().trim().is_empty() {
        return Err(SignError::EmptyCredentials("the secret access key"));
    }
    Ok(())
}

fn check_host(host: &str) -> Result<(), SignError> {
    // Colons and a zone are those of an IPv6 address.
    let sayable = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:%".contains(&byte);
    let good = !host.is_empty() && host.len() <= HOST_BYTES_MAX && host.bytes().all(sayable);
    if good { Ok(()) } else { Err(SignError::Host(host.chars().take(HOST_BYTES_MAX).collect())) }
}

fn check_clock(wall: SystemTime) -> Result<(), SignError> {
    let since = wall.duration_since(SystemTime::UNIX_EPOCH).map_err(|_| SignError::Clock)?;
    if since.as_secs() < UNIX_SECONDS_END { Ok(()) } else { Err(SignError::Clock) }
}

/// Whole seconds, rounded down: a payload that outlives its credentials is refused.
fn expires(credentials: &Credentials, wall: SystemTime) -> Result<Duration, SignError> {
    let max = Duration::from_secs(EXPIRES_MAX_SECONDS.into());
    let whole = life_left(credentials, wall).map_or(max, |left| Duration::from_secs(left.as_secs()));
    if whole.is_zero() {
        let expired_for = credentials.expiry().and_then(|expiry| wall.duration_since(expiry).ok());
        return Err(SignError::ExpiredCredentials {
            access_key_id: credentials.access_key_id().to_owned(),
            expired_for: expired_for.unwrap_or_default(),
        });
    }
    Ok(whole.min(max))
}

type Parameters = Vec<(&'static str, Cow<'static, str>)>;

fn text_of(signed: &Parameters, name: &str) -> Result<String, SignError> {
    let value = signed.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone().into_owned());
    value.ok_or_else(|| SignError::Signer(format!("{name} is missing")))
}

fn presign(
    credentials: &Credentials,
    host: &str,
    region: &Region,
    expires: Duration,
    wall: SystemTime,
) -> Result<Parameters, SignError> {
    let refused = |reason: &dyn std::fmt::Display| SignError::Signer(reason.to_string());
    let identity = credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(expires);
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name(SERVICE)
        .time(wall)
        .settings(settings)
        .build()
        .map_err(|reason| refused(&reason))?;
    // The host stands in a header of its own, which goes before that of the address: an address would be parsed, and an IPv6 host is none.
    let headers = std::iter::once(("host", host));
    let request = SignableRequest::new("GET", ADDRESS, headers, SignableBody::empty());
    let request = request.map_err(|reason| refused(&reason))?;
    // The signer traces what it signs, and the session token is in that.
    let signed = dispatcher::with_default(&Dispatch::none(), || http_request::sign(request, &parameters.into()));
    let signed = signed.map_err(|reason| refused(&reason))?;
    let (_, parameters) = signed.into_parts().0.into_parts();
    Ok(parameters)
}

/// What is asked for. The host in it is not the one that is signed.
const ADDRESS: &str = "https://kafka-cluster/?Action=kafka-cluster%3AConnect";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const HOST: &str = "b-1.demo.abc123.c2.kafka.us-east-1.amazonaws.com";
    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn region() -> Region {
        Region::new("us-east-1").unwrap()
    }

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045)
    }

    fn credentials(life: Option<Duration>) -> Credentials {
        let token = Some("IQoJb3/+==".to_owned());
        Credentials::new("ASIAIOSFODNN7EXAMPLE", SECRET, token, life.map(|life| now() + life), "test")
    }

    fn expires_of(life: Option<Duration>) -> Result<String, SignError> {
        sign(&credentials(life), HOST, &region(), "ottla/test", now()).map(|payload| payload.expires)
    }

    #[test]
    fn a_payload_never_outlives_its_credentials_nor_fifteen_minutes() {
        let table = [
            (None, "900"),
            (Some(3600.0), "900"),
            (Some(900.0), "900"),
            (Some(899.999), "899"),
            (Some(100.5), "100"),
            (Some(1.0), "1"),
        ];
        for (life, expires) in table {
            let life = life.map(Duration::from_secs_f64);
            assert_eq!(expires_of(life).as_deref(), Ok(expires), "{life:?}");
        }
    }

    #[test]
    fn credentials_without_a_whole_second_left_are_expired() {
        let expired = |ago| {
            let access_key_id = "ASIAIOSFODNN7EXAMPLE".to_owned();
            Err(SignError::ExpiredCredentials { access_key_id, expired_for: Duration::from_secs(ago) })
        };
        assert_eq!(expires_of(Some(Duration::from_millis(999))), expired(0));
        assert_eq!(expires_of(Some(Duration::ZERO)), expired(0));
        let mut late = credentials(None);
        late.expiry_mut().replace(now() - Duration::from_secs(60));
        assert_eq!(sign(&late, HOST, &region(), "", now()).map(|payload| payload.expires), expired(60));
    }

    #[test]
    fn empty_credentials_are_refused_by_name() {
        for (id, secret, what) in [("", SECRET, "the access key id"), ("AKIA", " ", "the secret access key")] {
            let credentials = Credentials::new(id, secret, None, None, "test");
            let refused = sign(&credentials, HOST, &region(), "", now());
            assert_eq!(refused, Err(SignError::EmptyCredentials(what)));
        }
    }

    #[test]
    fn the_host_is_signed_as_it_is_written() {
        for host in ["b-1.MyCluster.kafka.us-west-1.amazonaws.com", "localhost", "::1", "127.0.0.1"] {
            let payload = sign(&credentials(None), host, &region(), "", now()).unwrap();
            assert_eq!(payload.host, host);
        }
        let signature = |host| sign(&credentials(None), host, &region(), "", now()).unwrap().signature;
        assert_ne!(signature("b-1.Demo"), signature("b-1.demo"));
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        for host in ["", "b 1", "b-1\n", "ä.example", "b-1/x", "user@host", &"h".repeat(256)] {
            let refused = sign(&credentials(None), host, &region(), "", now());
            assert!(matches!(refused, Err(SignError::Host(_))), "{host:?}");
        }
    }

    #[test]
    fn a_clock_that_four_digits_of_a_year_cannot_say_is_refused() {
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(UNIX_SECONDS_END - 1);
        let date = sign(&credentials(None), HOST, &region(), "", last).map(|payload| payload.date);
        assert_eq!(date.as_deref(), Ok("99991231T235959Z"));
        for wall in [last + Duration::from_secs(1), SystemTime::UNIX_EPOCH - Duration::from_secs(1)] {
            assert_eq!(sign(&credentials(None), HOST, &region(), "", wall), Err(SignError::Clock));
        }
    }

    #[test]
    fn no_error_shows_a_secret() {
        let mut late = credentials(None);
        late.expiry_mut().replace(now() - Duration::from_secs(60));
        let shown = format!("{0} {0:?}", sign(&late, HOST, &region(), "", now()).unwrap_err());
        assert!(!shown.contains(SECRET) && !shown.contains("IQoJb3"), "{shown}");
    }

    proptest! {
        #[test]
        fn nothing_that_is_signed_makes_it_panic(
            id in ".*", secret in ".*", token in prop::option::of(".*"), host in ".{0,40}", user_agent in ".*",
            life in prop::option::of(0_u64..2_000), seconds in 0_u64..UNIX_SECONDS_END * 2,
        ) {
            let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            let expiry = life.map(|life| wall + Duration::from_secs(life));
            let credentials = Credentials::new(id, secret, token, expiry, "test");
            let _ = sign(&credentials, &host, &region(), &user_agent, wall);
            let _ = sign(&credentials, HOST, &region(), &user_agent, wall);
        }
    }
}
