//! What a broker says when it does not let the client in, and what it may mean.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use ottla_wire::ErrorCode;
use ottla_wire::sasl::iam::{ACTION, AWS_MSK_IAM, IamPayload, SERVICE};

use super::sasl::MskIam;
use crate::iam;
use crate::region::{Region, RegionSource};

/// The broker refused AWS_MSK_IAM. MSK tells hardly why, so this tells what was signed. Contains no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticationError {
    /// What kind of refusal the broker's text is.
    pub refusal: Refusal,
    /// The broker's error code.
    pub code: ErrorCode,
    /// The broker's text, at most its first [`TEXT_CHARS_MAX`] characters.
    pub text: Option<String>,
    /// The id of the request in the broker's text, for AWS support.
    pub request_id: Option<String>,
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

/// The kinds of refusal that are known of MSK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// Credentials, region, permission or clock; MSK does not say which.
    AccessDenied,
    /// More new connections than the broker lets in per second, or more connections than it holds.
    TooManyConnects,
    /// The credentials end too soon for a session.
    SessionTooShort,
    /// Anything else.
    Other,
}

/// The most characters of the broker's text that are kept.
pub const TEXT_CHARS_MAX: usize = 1024;

/// What an attempt was made with.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    iam: MskIam,
    access_key_id: String,
    has_session_token: bool,
    credential_life_left: Option<Duration>,
    clock: SystemTime,
    date: String,
}

impl Attempt {
    pub(super) fn new(iam: MskIam, credentials: &Credentials, payload: &IamPayload, clock: SystemTime) -> Self {
        Self {
            iam,
            access_key_id: credentials.access_key_id().to_owned(),
            has_session_token: credentials.session_token().is_some(),
            credential_life_left: iam::life_left(credentials, clock),
            clock,
            date: payload.date.clone(),
        }
    }

    pub(super) fn refused(self, code: ErrorCode, text: Option<&str>) -> AuthenticationError {
        let text: Option<String> = text.map(|text| text.chars().take(TEXT_CHARS_MAX).collect());
        let (request_id, reason) = text.as_deref().map_or((None, ""), split_request_id);
        AuthenticationError {
            refusal: Refusal::from_reason(reason),
            code,
            request_id: request_id.map(str::to_owned),
            host: self.iam.host.as_ref().to_owned(),
            region: self.iam.region,
            region_source: self.iam.region_source,
            access_key_id: self.access_key_id,
            has_session_token: self.has_session_token,
            credential_life_left: self.credential_life_left,
            clock: self.clock,
            date: self.date,
            text,
        }
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
        ];
        let matching = known.into_iter().find(|(text, _)| reason.trim().eq_ignore_ascii_case(text));
        matching.map_or(Self::Other, |(_, refusal)| refusal)
    }
}

impl AuthenticationError {
    /// Whether the same may succeed later: the broker was too busy. Java's clients take this one for final, and should not.
    #[must_use]
    pub fn is_retriable(&self) -> bool {
        self.refusal == Refusal::TooManyConnects
    }

    /// What may be wrong, the most likely first.
    #[must_use]
    pub fn likely_causes(&self) -> Vec<String> {
        match self.refusal {
            Refusal::AccessDenied => self.causes_of_access_denied(),
            Refusal::TooManyConnects => vec![
                "the broker lets in 100 new IAM connections per second (4 on t3.small) and 3000 at once: try again later"
                    .to_owned(),
            ],
            Refusal::SessionTooShort => {
                vec!["the credentials are about to expire: the provider must renew them sooner".to_owned()]
            }
            Refusal::Other => Vec::new(),
        }
    }

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
        write!(f, "{} was refused by {}: {} ({})", AWS_MSK_IAM, self.host, text.escape_debug(), self.code)?;
        write!(f, "; signed for region {} ({}), service {SERVICE}", self.region, self.region_source)?;
        write!(f, ", with access key {} at {} by the local clock", self.access_key_id, self.date)?;
        match self.credential_life_left {
            Some(left) => write!(f, ", the credentials being good for {} s more", left.as_secs())?,
            None => f.write_str(", the credentials having no end")?,
        }
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

impl Error for AuthenticationError {}
