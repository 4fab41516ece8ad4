//! The broker's decision about one `AWS_MSK_IAM` payload, or the token that stands for one.
//!
//! In this order: the format's version, the keys, the values that may be only one thing, the action, whose access key it is, the signature over the
//! scope that the payload claims, the cluster's region, the time, the session token, the end of the credentials. The access key comes before the
//! signature because its secret is what the signature is checked with. The client learns none of this: it is told "Access denied", as by MSK, and
//! the reason stands in the journal.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::time::{Duration, SystemTime};

use ottla_wire::sasl::iam::{ACTION, ALGORITHM, EXPIRES_MAX_SECONDS, IamError, IamPayload, SERVICE, SIGNED_HEADERS};

use super::canonical::{self, Scope, TERMINATOR};
use super::date;
use super::identity::{Caller, Identities};
use super::token;

/// How far the date of a payload may lie in the broker's future: AWS's allowance for clocks.
pub const CLOCK_SKEW_MAX: Duration = Duration::from_secs(5 * 60);

/// The shortest rest of the credentials' life that a session is opened for; MSK answers "Session too short" below about this.
pub const SESSION_MIN: Duration = Duration::from_secs(2);

/// The most bytes of a credential: an access key id has up to 128, and the rest is a day, a region and two fixed words.
pub const CREDENTIAL_BYTES_MAX: usize = 256;

/// Who authenticated, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The name of the identity in the cluster's account.
    pub identity: String,
    /// The ARN: the name of the Kafka principal, whose type is `IAM`.
    pub principal: String,
    /// The access key that signed.
    pub access_key_id: String,
    /// The host that was signed.
    pub host: String,
    /// When the credentials end; `None` for long-lived ones.
    pub expires: Option<SystemTime>,
}

/// Why a payload is refused. `Display` is the exact reason, for the journal; [`Refusal::answer`] is what the client is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are no payload.
    #[error(transparent)]
    Payload(#[from] IamError),
    /// The value of a key is none that it may have.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// The action is not `kafka-cluster:Connect`.
    #[error("action")]
    Action,
    /// The access key belongs to nobody in the account.
    #[error("unknown access key {0}")]
    UnknownAccessKey(String),
    /// The signature is not that of this payload under the identity's secret.
    #[error("signature")]
    Signature,
    /// It is signed for another service, for another day than its date, or the scope does not end as it must.
    #[error("scope {day}/{service}/{terminator}")]
    Scope {
        /// The day in the scope.
        day: String,
        /// The service in the scope.
        service: String,
        /// The last word of the scope.
        terminator: String,
    },
    /// It is signed for another region than the cluster's.
    #[error("region {signed}, and the cluster is in {cluster}")]
    Region {
        /// The region in the scope.
        signed: String,
        /// The cluster's region.
        cluster: String,
    },
    /// It asks to be good for longer than the longest that Java's signer asks for.
    #[error("expires {0} s after its date, and {EXPIRES_MAX_SECONDS} s is the most")]
    ExpiresTooLate(u32),
    /// Its date lies further in the broker's future than clocks may differ.
    #[error("date lies {} s in the future", .ahead.as_secs())]
    NotYet {
        /// How far.
        ahead: Duration,
    },
    /// It is no longer good.
    #[error("expired")]
    Expired,
    /// The session token is not the one that belongs to the access key.
    #[error("session token")]
    SessionToken,
    /// The credentials themselves have ended.
    #[error("credentials expired")]
    CredentialsExpired,
    /// The credentials end too soon to open a session for the rest.
    #[error("session too short: the credentials end in {} ms", .rest.as_millis())]
    SessionTooShort {
        /// How long they are still good.
        rest: Duration,
    },
}

impl Refusal {
    /// What MSK tells the client, after `[<uuid>]: `.
    #[must_use]
    pub fn answer(&self) -> &'static str {
        match self {
            Self::SessionTooShort { .. } => "Session too short",
            _ => "Access denied",
        }
    }
}

/// Decides about the `auth_bytes` of a SaslAuthenticate request to a cluster in `region`, when its wall clock says `now`.
///
/// # Errors
/// When the client is not let in; the first of the reasons in the order of the module's description.
pub fn verify(auth_bytes: &[u8], region: &str, now: SystemTime, identities: &Identities) -> Result<Verified, Refusal> {
    verify_payload(IamPayload::parse(auth_bytes)?, region, now, identities)
}

/// Decides about a token of MSK for `OAUTHBEARER`, as [`verify`] about a payload.
///
/// # Errors
/// As [`verify`].
pub fn verify_token(token: &str, region: &str, now: SystemTime, identities: &Identities) -> Result<Verified, Refusal> {
    verify_payload(token::payload(token)?, region, now, identities)
}

fn verify_payload(
    payload: IamPayload,
    region: &str,
    now: SystemTime,
    identities: &Identities,
) -> Result<Verified, Refusal> {
    let claim = Claim::of(&payload)?;
    if payload.action != ACTION {
        return Err(Refusal::Action);
    }
    let caller = identities
        .by_access_key(claim.access_key_id)
        .ok_or_else(|| Refusal::UnknownAccessKey(claim.access_key_id.to_owned()))?;
    claim.check_signature(caller)?;
    claim.check_scope(region)?;
    claim.check_time(now)?;
    check_credentials(&payload, caller, now)?;
    Ok(Verified {
        identity: caller.name().to_owned(),
        principal: caller.principal().to_owned(),
        access_key_id: claim.access_key_id.to_owned(),
        expires: caller.credentials().expires(),
        host: payload.host,
    })
}

/// A payload whose values are of the right form.
struct Claim<'a> {
    payload: &'a IamPayload,
    access_key_id: &'a str,
    scope: Scope<'a>,
    signed_at: SystemTime,
    expires_seconds: u32,
}

impl<'a> Claim<'a> {
    fn of(payload: &'a IamPayload) -> Result<Self, Refusal> {
        let malformed = Refusal::Malformed;
        if payload.host.is_empty() {
            return Err(malformed("host"));
        }
        if payload.algorithm != ALGORITHM {
            return Err(malformed("x-amz-algorithm"));
        }
        // The canonical request has the header `host` alone, so a payload that claims to sign others claims something that is not so.
        if payload.signed_headers != SIGNED_HEADERS {
            return Err(malformed("x-amz-signedheaders"));
        }
        let (access_key_id, scope) = Some(payload.credential.as_str())
            .filter(|credential| credential.len() <= CREDENTIAL_BYTES_MAX)
            .and_then(Scope::of_credential)
            .ok_or(malformed("x-amz-credential"))?;
        let signed_at = date::parse(&payload.date).ok_or(malformed("x-amz-date"))?;
        let expires_seconds = seconds(&payload.expires).ok_or(malformed("x-amz-expires"))?;
        Ok(Self { payload, access_key_id, scope, signed_at, expires_seconds })
    }

    fn check_signature(&self, caller: &Caller) -> Result<(), Refusal> {
        let key = canonical::signing_key(caller.credentials().secret_access_key(), &self.scope);
        let text = canonical::string_to_sign(self.payload, &self.scope);
        if canonical::is_signed(&key, &text, &self.payload.signature) { Ok(()) } else { Err(Refusal::Signature) }
    }

    fn check_scope(&self, cluster: &str) -> Result<(), Refusal> {
        let Scope { day, region, service, terminator } = self.scope;
        if service != SERVICE || terminator != TERMINATOR || date::day(&self.payload.date) != Some(day) {
            let (day, service, terminator) = (day.to_owned(), service.to_owned(), terminator.to_owned());
            return Err(Refusal::Scope { day, service, terminator });
        }
        if region == cluster {
            return Ok(());
        }
        Err(Refusal::Region { signed: region.to_owned(), cluster: cluster.to_owned() })
    }

    fn check_time(&self, now: SystemTime) -> Result<(), Refusal> {
        if self.expires_seconds > EXPIRES_MAX_SECONDS {
            return Err(Refusal::ExpiresTooLate(self.expires_seconds));
        }
        match now.duration_since(self.signed_at) {
            Ok(age) if age > Duration::from_secs(self.expires_seconds.into()) => Err(Refusal::Expired),
            Err(future) if future.duration() > CLOCK_SKEW_MAX => Err(Refusal::NotYet { ahead: future.duration() }),
            _ => Ok(()),
        }
    }
}

/// Who comes here has proved to know the secret, so plain comparison gives nothing away.
fn check_credentials(payload: &IamPayload, caller: &Caller, now: SystemTime) -> Result<(), Refusal> {
    let credentials = caller.credentials();
    if payload.security_token.as_deref() != credentials.session_token() {
        return Err(Refusal::SessionToken);
    }
    let Some(end) = credentials.expires() else { return Ok(()) };
    match end.duration_since(now) {
        Ok(rest) if rest.is_zero() => Err(Refusal::CredentialsExpired),
        Ok(rest) if rest < SESSION_MIN => Err(Refusal::SessionTooShort { rest }),
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::CredentialsExpired),
    }
}

/// A number of seconds of at least one, in decimal digits alone.
fn seconds(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|seconds| digits && *seconds > 0)
}

#[cfg(test)]
mod tests;
