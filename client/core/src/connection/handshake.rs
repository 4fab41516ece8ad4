//! From the first byte to a connection that is ready: ApiVersions, and SASL where it is asked for.
//!
//! ApiVersions goes first in the highest version that is coded here. A broker that does not have it answers in version 0 with
//! UNSUPPORTED_VERSION and the range that it has (KIP-511), and is asked once more with the highest version in both; brokers before 2.4 leave
//! the range out, which means version 0. MSK Serverless has only 2 and 3.
//!
//! SaslHandshake is version 1 and no other: it says that tokens come in SaslAuthenticate, of which version 1 at least is needed to learn how
//! long the session lasts (KIP-368). What stands in the tokens is [`login`](super::login)'s.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use ottla_wire::codec::{decode_response, encode_request};
use ottla_wire::message::{
    ApiVersionsRequest, Request, SaslAuthenticateRequest, SaslHandshakeRequest, SaslHandshakeResponse, StrBytes,
};
use ottla_wire::{ApiKey, EncodeError, ErrorCode, Segments, VersionRange, api};

use super::error::{HandshakeError, Step};
use super::exchange::{Exchange, Writer};
use super::login::{Said, Turn, Wanting};
use super::phase::Granted;
use super::sasl::Sasl;
use super::{Config, Provided, Want};
use crate::request::Disconnected;
use crate::time::Now;
use crate::versions::Versions;

/// What the handshake waits for.
#[derive(Debug)]
pub(super) enum Handshake {
    Versions(AwaitVersions),
    Mechanism(AwaitMechanism),
    Provided(AwaitProvided),
    Authenticated(AwaitAuthenticated),
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Next {
    Ask(Handshake, Segments),
    Want(Want, AwaitProvided),
    /// What was provided was not asked for.
    Stay(AwaitProvided),
    /// The client is in: for so long, if that has an end.
    Done {
        versions: Versions,
        granted: Option<Granted>,
    },
}

#[derive(Debug)]
pub(super) struct AwaitVersions {
    exchange: Exchange,
    terms: Terms,
    attempt: Greeting,
}

/// What the whole handshake goes by.
#[derive(Clone, Debug)]
struct Terms {
    software_name: Arc<str>,
    software_version: Arc<str>,
    sasl: Option<Sasl>,
}

/// Which of the two requests for the versions it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Greeting {
    First,
    /// In a version that the broker named.
    Second,
}

#[derive(Debug)]
pub(super) struct AwaitMechanism {
    exchange: Exchange,
    versions: Versions,
    sasl: Sasl,
}

/// For something of the client's own side.
#[derive(Debug)]
pub(super) struct AwaitProvided {
    versions: Versions,
    wanting: Wanting,
}

#[derive(Debug)]
pub(super) struct AwaitAuthenticated {
    exchange: Exchange,
    versions: Versions,
    said: Said,
    asked_at: Instant,
}

impl Handshake {
    pub(super) fn start(config: &Config, writer: &mut Writer) -> Result<(Self, Segments), HandshakeError> {
        let terms = Terms {
            software_name: config.software_name.clone(),
            software_version: config.software_version.clone(),
            sasl: config.sasl.clone(),
        };
        AwaitVersions::ask(terms, Greeting::First, api::codable::<ApiVersionsRequest>().max, writer)
    }

    /// Begins another session on a connection that has one (KIP-368): as at first, without asking for the versions again.
    pub(super) fn renew(
        versions: Versions,
        sasl: Sasl,
        writer: &mut Writer,
    ) -> Result<(Self, Segments), HandshakeError> {
        AwaitMechanism::ask(versions, sasl, writer)
    }

    pub(super) fn step(&self) -> Step {
        match self {
            Self::Versions(_) => Step::ApiVersions,
            Self::Mechanism(_) => Step::SaslHandshake,
            Self::Provided(wait) => wait.wanting.step(),
            Self::Authenticated(_) => Step::SaslAuthenticate,
        }
    }

    pub(super) fn handle_answer(self, now: Now, frame: Bytes, writer: &mut Writer) -> Result<Next, HandshakeError> {
        let during = self.step();
        match self {
            Self::Versions(wait) => wait.handle_answer(frame, writer),
            Self::Mechanism(wait) => wait.handle_answer(now, frame, writer),
            Self::Provided(_) => {
                let reason = Disconnected::Protocol("an answer where none was awaited".to_owned());
                Err(HandshakeError::Disconnected { during, reason })
            }
            Self::Authenticated(wait) => wait.handle_answer(now, frame, writer),
        }
    }
}

impl AwaitVersions {
    fn ask(
        terms: Terms,
        attempt: Greeting,
        version: i16,
        writer: &mut Writer,
    ) -> Result<(Handshake, Segments), HandshakeError> {
        let text = |text: &Arc<str>| StrBytes::from_string(text.as_ref().to_owned());
        // Versions before 3 have no place for the software, and leave it out.
        let request = ApiVersionsRequest::default()
            .with_client_software_name(text(&terms.software_name))
            .with_client_software_version(text(&terms.software_version));
        let (exchange, message) = write(version, &request, writer)?;
        Ok((Handshake::Versions(Self { exchange, terms, attempt }), message))
    }

    fn handle_answer(self, frame: Bytes, writer: &mut Writer) -> Result<Next, HandshakeError> {
        let body = body(&self.exchange, Step::ApiVersions, frame)?;
        if error_code(&body) == Some(ErrorCode::UNSUPPORTED_VERSION) {
            return self.ask_again(body, writer);
        }
        let response = read::<ApiVersionsRequest>(self.exchange.version, body)?;
        accepted(ApiKey::ApiVersions, response.error_code)?;
        let versions = Versions::from_response(&response);
        match self.terms.sasl {
            None => Ok(Next::Done { versions, granted: None }),
            Some(sasl) => {
                let (handshake, message) = AwaitMechanism::ask(versions, sasl, writer)?;
                Ok(Next::Ask(handshake, message))
            }
        }
    }

    /// This answer alone is always in version 0, whatever was asked.
    fn ask_again(self, body: Bytes, writer: &mut Writer) -> Result<Next, HandshakeError> {
        let api = ApiKey::ApiVersions;
        let response = read::<ApiVersionsRequest>(0, body)?;
        let theirs = Versions::from_response(&response).offered(api);
        let lower = VersionRange::new(0, self.exchange.version - 1);
        let both = lower.intersect(theirs.unwrap_or(VersionRange::new(0, 0)));
        if self.attempt == Greeting::Second || both.is_empty() {
            let ours = api::codable::<ApiVersionsRequest>();
            return Err(HandshakeError::Unsupported { api, ours, theirs });
        }
        let (handshake, message) = Self::ask(self.terms, Greeting::Second, both.max, writer)?;
        Ok(Next::Ask(handshake, message))
    }
}

impl AwaitMechanism {
    fn ask(versions: Versions, sasl: Sasl, writer: &mut Writer) -> Result<(Handshake, Segments), HandshakeError> {
        let version = pick::<SaslHandshakeRequest>(&versions, 1)?;
        let mechanism = StrBytes::from_static_str(sasl.mechanism());
        let request = SaslHandshakeRequest::default().with_mechanism(mechanism);
        let (exchange, message) = write(version, &request, writer)?;
        Ok((Handshake::Mechanism(Self { exchange, versions, sasl }), message))
    }

    fn handle_answer(self, now: Now, frame: Bytes, writer: &mut Writer) -> Result<Next, HandshakeError> {
        let body = body(&self.exchange, Step::SaslHandshake, frame)?;
        let response = read::<SaslHandshakeRequest>(self.exchange.version, body)?;
        match ErrorCode(response.error_code) {
            ErrorCode::NONE => take(self.sasl.begin(), now, self.versions, writer),
            ErrorCode::UNSUPPORTED_SASL_MECHANISM => {
                Err(HandshakeError::MechanismNotEnabled { mechanism: self.sasl.mechanism(), enabled: named(&response) })
            }
            // A listener without SASL has the API and refuses it.
            ErrorCode::ILLEGAL_SASL_STATE => Err(HandshakeError::NoSasl),
            code => Err(HandshakeError::Refused { api: ApiKey::SaslHandshake, code }),
        }
    }
}

impl AwaitProvided {
    #[cfg(test)]
    pub(super) const fn wanting(&self) -> &Wanting {
        &self.wanting
    }

    pub(super) fn handle_provided(
        self,
        now: Now,
        provided: Provided,
        writer: &mut Writer,
    ) -> Result<Next, HandshakeError> {
        take(self.wanting.handle_provided(now, provided)?, now, self.versions, writer)
    }
}

impl AwaitAuthenticated {
    #[cfg(test)]
    pub(super) const fn said(&self) -> &Said {
        &self.said
    }

    fn handle_answer(self, now: Now, frame: Bytes, writer: &mut Writer) -> Result<Next, HandshakeError> {
        let body = body(&self.exchange, Step::SaslAuthenticate, frame)?;
        let response = read::<SaslAuthenticateRequest>(self.exchange.version, body)?;
        match self.said.handle_answer(&response)? {
            Turn::Done => {
                // Zero says that the session has no end.
                let lifetime = u64::try_from(response.session_lifetime_ms).ok().filter(|millis| *millis > 0);
                let granted =
                    lifetime.map(|millis| Granted { asked_at: self.asked_at, lifetime: Duration::from_millis(millis) });
                Ok(Next::Done { versions: self.versions, granted })
            }
            turn => take(turn, now, self.versions, writer),
        }
    }
}

/// Takes the mechanism's next turn.
fn take(turn: Turn, now: Now, versions: Versions, writer: &mut Writer) -> Result<Next, HandshakeError> {
    match turn {
        Turn::Say(token, said) => {
            let version = pick::<SaslAuthenticateRequest>(&versions, 1)?;
            let request = SaslAuthenticateRequest::default().with_auth_bytes(token);
            let (exchange, message) = write(version, &request, writer)?;
            let wait = AwaitAuthenticated { exchange, versions, said, asked_at: now.mono };
            Ok(Next::Ask(Handshake::Authenticated(wait), message))
        }
        Turn::Ask(want, wanting) => Ok(Next::Want(want, AwaitProvided { versions, wanting })),
        Turn::Wait(wanting) => Ok(Next::Stay(AwaitProvided { versions, wanting })),
        Turn::Done => Ok(Next::Done { versions, granted: None }),
    }
}

/// The most mechanisms of a broker that are repeated, and the most characters of each.
const MECHANISMS_MAX: usize = 16;
const MECHANISM_CHARS_MAX: usize = 64;

fn named(response: &SaslHandshakeResponse) -> Vec<String> {
    let short = |name: &StrBytes| name.chars().take(MECHANISM_CHARS_MAX).collect();
    response.mechanisms.iter().take(MECHANISMS_MAX).map(short).collect()
}

/// The highest version of `R` that both sides know and that is not below `min`.
fn pick<R: Request>(versions: &Versions, min: i16) -> Result<i16, HandshakeError> {
    let api = api::key_of::<R>().map_err(|unknown| EncodeError::UnknownApi(unknown.0))?;
    let ours = api::codable::<R>().intersect(VersionRange::new(min, i16::MAX));
    let theirs = versions.offered(api);
    let both = theirs.map(|theirs| ours.intersect(theirs)).filter(|both| !both.is_empty());
    both.map(|both| both.max).ok_or(HandshakeError::Unsupported { api, ours, theirs })
}

fn write<R: Request>(version: i16, request: &R, writer: &mut Writer) -> Result<(Exchange, Segments), HandshakeError> {
    let api = api::key_of::<R>().map_err(|unknown| EncodeError::UnknownApi(unknown.0))?;
    let body = encode_request(version, request)?;
    Ok(writer.write(api, version, body.into())?)
}

fn body(exchange: &Exchange, during: Step, frame: Bytes) -> Result<Bytes, HandshakeError> {
    exchange.answer(frame).map_err(|reason| HandshakeError::disconnected(during, reason))
}

fn read<R: Request>(version: i16, body: Bytes) -> Result<R::Response, HandshakeError> {
    let api = api::key_of::<R>().map_err(|unknown| EncodeError::UnknownApi(unknown.0))?;
    decode_response::<R>(version, body).map_err(|source| HandshakeError::Malformed { api, version, source })
}

fn accepted(api: ApiKey, code: i16) -> Result<(), HandshakeError> {
    ErrorCode(code).ok().map_err(|code| HandshakeError::Refused { api, code })
}

/// The error code, which stands first in every version of the answer to ApiVersions.
fn error_code(mut body: &[u8]) -> Option<ErrorCode> {
    body.try_get_i16().ok().map(ErrorCode)
}
