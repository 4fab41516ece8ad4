//! What a broker says when it does not let the client in, and what it may mean.

use std::error::Error;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use ottla_wire::ErrorCode;
use ottla_wire::sasl::iam::{ACTION, SERVICE};
use ottla_wire::sasl::oauthbearer::OAuthBearerRefusal;

use super::error::HandshakeError;
use super::sasl::MskIam;
use crate::iam;
use crate::region::{Region, RegionSource};

/// The broker did not let the client in. It tells hardly why, so this tells what the client claimed. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticationError {
    /// The SASL mechanism.
    pub mechanism: &'static str,
    /// What kind of refusal the broker's text is.
    pub refusal: Refusal,
    /// The broker's error code; NONE where the refusal stands in the mechanism's own message.
    pub code: ErrorCode,
    /// The broker's text, at most its first [`TEXT_CHARS_MAX`] characters.
    pub text: Option<String>,
    /// The id of the request in the text of an MSK broker, for AWS support.
    pub request_id: Option<String>,
    /// Whom the client claimed to be.
    pub claim: Claim,
}

/// Whom a client claimed to be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// The holder of AWS credentials.
    Signed(Box<SignedClaim>),
    /// A user with a password.
    User(Arc<str>),
    /// Whomever the token is for.
    Token {
        /// When the token ends, where its provider says so.
        expiry: Option<SystemTime>,
    },
}

/// What was signed with AWS credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedClaim {
    /// The host name that was signed.
    pub host: String,
    /// The region that was signed.
    pub region: Region,
    /// Where the region comes from.
    pub region_source: RegionSource,
    /// The id of the access key, which is no secret.
    pub access_key_id: String,
    /// Whether the credentials came with a session token, as temporary ones do.
    pub has_session_token: bool,
    /// How long the credentials were good still, where they say it.
    pub credential_life_left: Option<Duration>,
    /// The local clock when it was signed.
    pub clock: SystemTime,
    /// The local clock as it was signed, `yyyymmddThhmmssZ` in UTC.
    pub date: String,
}

/// The kinds of refusal that are known of MSK and of Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Credentials, region, permission or clock; MSK does not say which.
    AccessDenied,
    /// More new connections than the broker lets in per second, or more connections than it holds.
    TooManyConnects,
    /// The credentials end too soon for a session.
    SessionTooShort,
    /// The user or the password; Kafka does not say which.
    InvalidCredentials,
    /// The token.
    InvalidToken,
    /// Anything else.
    Other,
}

/// The most characters of the broker's text that are kept.
pub const TEXT_CHARS_MAX: usize = 1024;

/// What a refusal of `claim` is.
pub(super) fn refusal(mechanism: &'static str, claim: Claim, code: ErrorCode, text: Option<&str>) -> HandshakeError {
    let text: Option<String> = text.map(|text| text.chars().take(TEXT_CHARS_MAX).collect());
    let (request_id, reason) = text.as_deref().map_or((None, ""), split_request_id);
    let (refusal, request_id) = (Refusal::from_reason(reason), request_id.map(str::to_owned));
    HandshakeError::Authentication(Box::new(AuthenticationError { mechanism, refusal, code, text, request_id, claim }))
}

impl Claim {
    pub(super) fn of_signed(
        iam: &MskIam,
        host: &str,
        credentials: &Credentials,
        date: &str,
        clock: SystemTime,
    ) -> Self {
        Self::Signed(Box::new(SignedClaim {
            host: host.to_owned(),
            region: iam.region.clone(),
            region_source: iam.region_source.clone(),
            access_key_id: credentials.access_key_id().to_owned(),
            has_session_token: credentials.session_token().is_some(),
            credential_life_left: iam::life_left(credentials, clock),
            clock,
            date: date.to_owned(),
        }))
    }
}

/// MSK writes `[<request id>]: <reason>`; Kafka's own texts have no id.
fn split_request_id(text: &str) -> (Option<&str>, &str) {
    let parts = text.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    parts.map_or((None, text), |(id, reason)| (Some(id), reason))
}

impl Refusal {
    fn from_reason(reason: &str) -> Self {
        let known = [
            ("Access denied", Self::AccessDenied),
            ("Too many connects", Self::TooManyConnects),
            ("Session too short", Self::SessionTooShort),
            ("Authentication failed: Invalid username or password", Self::InvalidCredentials),
        ];
        let matching = known.into_iter().find(|(text, _)| reason.trim().eq_ignore_ascii_case(text));
        match matching {
            Some((_, refusal)) => refusal,
            None if reason.starts_with(INVALID_CREDENTIALS) => Self::InvalidCredentials,
            None if OAuthBearerRefusal::parse(reason.as_bytes()).is_ok() => Self::InvalidToken,
            None => Self::Other,
        }
    }
}

/// What Kafka says in place of a reason that it keeps to itself, before the name of the mechanism.
const INVALID_CREDENTIALS: &str = "Authentication failed during authentication due to invalid credentials";

impl AuthenticationError {
    /// Whether the same may succeed later: the broker was too busy. Java's clients take this one for final, and should not.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        self.refusal == Refusal::TooManyConnects
    }

    /// What may be wrong, the most likely first.
    #[must_use]
    pub fn likely_causes(&self) -> Vec<String> {
        match (self.refusal, &self.claim) {
            (Refusal::AccessDenied, Claim::Signed(signed)) => signed.causes_of_access_denied(),
            (Refusal::TooManyConnects, _) => vec![
                "the broker lets in 100 new IAM connections per second (4 on t3.small) and 3000 at once: try again later"
                    .to_owned(),
            ],
            (Refusal::SessionTooShort, _) => {
                vec!["the credentials are about to expire: the provider must renew them sooner".to_owned()]
            }
            (Refusal::InvalidCredentials, Claim::User(user)) => self.causes_of_invalid_credentials(user),
            (Refusal::InvalidToken, _) => {
                vec!["the token: it has expired, or its issuer, audience or signature is none that the broker takes".to_owned()]
            }
            _ => Vec::new(),
        }
    }

    fn causes_of_invalid_credentials(&self, user: &str) -> Vec<String> {
        let password = format!("the password: it is not that of {user:?}");
        let known = format!(
            "the user: the broker does not know {user:?}, or not with {}; each mechanism has credentials of its own",
            self.mechanism
        );
        if user.is_ascii() {
            vec![password, known]
        } else {
            vec![format!("the user: Kafka takes only ASCII for a name in SCRAM, and {user:?} is not"), password, known]
        }
    }

    fn fmt_claim(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.claim {
            Claim::Signed(signed) => write!(f, "; {signed}"),
            Claim::User(_) | Claim::Token { expiry: None } => Ok(()),
            Claim::Token { expiry: Some(expiry) } => {
                let seconds = expiry.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
                write!(f, "; the token ends at {seconds} s since 1970")
            }
        }
    }
}

impl SignedClaim {
    fn causes_of_access_denied(&self) -> Vec<String> {
        let mut causes = Vec::new();
        if self.access_key_id.starts_with(TEMPORARY_KEY_PREFIX) && !self.has_session_token {
            causes.push("the access key is a temporary one and came without its session token".to_owned());
        }
        causes.push(format!(
            "the credentials: the secret is not that of access key {}, or the key is not active{}",
            self.access_key_id,
            if self.has_session_token { ", or the session token is not its own" } else { "" }
        ));
        causes.push(match &self.region_source {
            RegionSource::Given => format!("the region: {} was given, and the cluster is in another", self.region),
            RegionSource::HostName { host } => {
                format!("the region: {} was read from {host}, and the cluster is in another", self.region)
            }
        });
        causes.push(format!("the policy: it does not allow {ACTION} on the cluster to this identity"));
        causes.push("the cluster's policy: it does not name this identity's account, where that is another".to_owned());
        causes.push(format!("the clock: it says {}, and the broker's is too far from that", self.date));
        causes
    }
}

/// What the ids of temporary access keys begin with.
const TEMPORARY_KEY_PREFIX: &str = "ASIA";

impl fmt::Display for AuthenticationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text.as_deref().unwrap_or("no reason was given");
        match &self.claim {
            Claim::Signed(signed) => write!(f, "{} was refused by {}", self.mechanism, signed.host)?,
            Claim::User(user) => write!(f, "{} was refused for the user {user:?}", self.mechanism)?,
            Claim::Token { .. } => write!(f, "{} was refused", self.mechanism)?,
        }
        f.write_str(": ")?;
        for character in text.chars() {
            // What moves the cursor or hides what is behind it stays out of terminals.
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        write!(f, " ({})", self.code)?;
        self.fmt_claim(f)?;
        let causes = self.likely_causes();
        if !causes.is_empty() {
            write!(f, "; likely causes, the first being the most likely: ")?;
        }
        for (index, cause) in causes.iter().enumerate() {
            write!(f, "{}({}) {cause}", if index == 0 { "" } else { "; " }, index + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for SignedClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signed for region {} ({}), service {SERVICE}", self.region, self.region_source)?;
        write!(f, ", with access key {} at {} by the local clock", self.access_key_id, self.date)?;
        match self.credential_life_left {
            Some(left) => write!(f, ", the credentials being good for {} s more", left.as_secs()),
            None => f.write_str(", the credentials having no end"),
        }
    }
}

impl Error for AuthenticationError {}
