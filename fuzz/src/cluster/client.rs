//! What one client has sent, and what it is still owed.

use std::collections::VecDeque;

use bytes::Bytes;
use ottla_mockbroker_core::ConnId;
use ottla_wire::codec::{DecodeError, decode_request};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::message::ProduceRequest;
use ottla_wire::sasl::iam::IamReply;
use ottla_wire::schema::{Direction, preflight};
use ottla_wire::{ApiKey, ErrorCode};

/// A connection, as its client sees it.
pub struct Client {
    pub conn: ConnId,
    pub is_open: bool,
    /// Whether the next frame is a token without a header, after SaslHandshake v0.
    pub sends_token: bool,
    awaited: VecDeque<Awaited>,
}

/// What was sent, and how it may end other than by a close.
enum Awaited {
    Answer {
        api: ApiKey,
        version: i16,
        correlation_id: i32,
    },
    /// By nothing: Produce with acks=0.
    Nothing,
    /// By the reply to a token without a header.
    Reply,
    /// It can only be closed upon: it has no header, or an API that is not known.
    Close,
}

impl Client {
    pub fn new(conn: ConnId) -> Self {
        Self { conn, is_open: true, sends_token: false, awaited: VecDeque::new() }
    }

    pub fn sent(&mut self, frame: &Bytes) {
        let awaited = if self.sends_token { Awaited::Reply } else { Awaited::of(frame.clone()) };
        self.sends_token = false;
        self.awaited.push_back(awaited);
    }

    /// An answer belongs to the oldest request that may have one, and its body is one that the schema allows.
    pub fn answered(&mut self, mut frame: Bytes) {
        assert!(self.is_open, "an answer after the end");
        while let Some(Awaited::Nothing) = self.awaited.front() {
            self.awaited.pop_front();
        }
        match self.awaited.pop_front().expect("a request that awaits an answer") {
            Awaited::Answer { api, version, correlation_id } => {
                let told = decode_response_header(api, version, &mut frame).expect("a header");
                assert_eq!(told, correlation_id);
                let (version, code) = (answered_version(api, version, &frame), error_code(&frame));
                preflight(api, Direction::Response, version, &frame).expect("an answer that the schema allows");
                if (api, version, code) == (ApiKey::SaslHandshake, 0, ErrorCode::NONE) {
                    self.goes_on_with_token();
                }
            }
            Awaited::Reply if ends_exchange(&frame) => {}
            Awaited::Reply => self.goes_on_with_token(),
            Awaited::Nothing | Awaited::Close => panic!("an answer to what has none"),
        }
    }

    /// The next frame is a token without a header, whatever its client took it for.
    fn goes_on_with_token(&mut self) {
        match self.awaited.front_mut() {
            Some(next) => *next = Awaited::Reply,
            None => self.sends_token = true,
        }
    }

    pub fn closed(&mut self) {
        assert!(self.is_open, "closed twice");
        self.is_open = false;
    }

    pub fn is_owed_nothing(&self) {
        assert!(self.awaited.iter().all(|awaited| matches!(awaited, Awaited::Nothing)));
    }
}

impl Awaited {
    fn of(mut frame: Bytes) -> Self {
        let Ok(header) = RequestHeader::decode(&mut frame) else { return Self::Close };
        let RequestHeader { api_key, api_version: version, correlation_id, .. } = header;
        match ApiKey::try_from(api_key) {
            Err(_) => Self::Close,
            Ok(ApiKey::Produce) if acks(version, frame) == Some(0) => Self::Nothing,
            Ok(api) => Self::Answer { api, version, correlation_id },
        }
    }
}

fn acks(version: i16, mut body: Bytes) -> Option<i16> {
    // A broker passes over what comes after a request.
    if let Err(DecodeError::Trailing(bytes)) = decode_request::<ProduceRequest>(version, body.clone()) {
        body.truncate(body.len() - bytes);
    }
    Some(decode_request::<ProduceRequest>(version, body).ok()?.acks)
}

/// Whether a reply lets the client in: that of AWS_MSK_IAM, an empty one of PLAIN or OAUTHBEARER, and the server's signature of SCRAM.
fn ends_exchange(reply: &[u8]) -> bool {
    reply.is_empty() || reply.starts_with(b"v=") || IamReply::parse(reply).is_ok()
}

/// An ApiVersions of a version that the broker does not have is answered in version 0 (KIP-511).
fn answered_version(api: ApiKey, version: i16, body: &[u8]) -> i16 {
    let is_refused = api == ApiKey::ApiVersions && error_code(body) == ErrorCode::UNSUPPORTED_VERSION;
    if is_refused { 0 } else { version }
}

fn error_code(body: &[u8]) -> ErrorCode {
    ErrorCode(body.first_chunk().map_or(0, |code| i16::from_be_bytes(*code)))
}
