//! Signs in to MSK: the payload of `AWS_MSK_IAM`, a presigned request in the query form of AWS Signature Version 4.
//!
//! The host is signed as it is written, upper-case letters included, and without a port; the broker signs again what the payload says.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SignatureLocation, SigningSettings};
use aws_sigv4::sign::v4;
use ottla_wire::sasl::iam::{ACTION, EXPIRES_MAX_SECONDS, IamPayload, SERVICE, VERSION};

use crate::region::Region;

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
    let text = |name: &str| {
        let value = signed.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone().into_owned());
        value.ok_or_else(|| SignError::Signer(format!("{name} is missing")))
    };
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
    let signed = http_request::sign(request, &parameters.into()).map_err(|reason| refused(&reason))?;
    let (_, parameters) = signed.into_parts().0.into_parts();
    Ok(parameters)
}

/// What is asked for. The host in it is not the one that is signed.
const ADDRESS: &str = "https://kafka-cluster/?Action=kafka-cluster%3AConnect";
