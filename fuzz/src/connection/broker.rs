//! The broker at the other end, which has read what it is asked.

use std::collections::VecDeque;

use bytes::BytesMut;
use ottla_wire::codec::encode_response;
use ottla_wire::frame;
use ottla_wire::header::{RequestHeader, encode_response_header};
use ottla_wire::message::api_versions_response::ApiVersion;
use ottla_wire::message::{
    ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, MetadataResponse, SaslAuthenticateRequest,
    SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse,
};
use ottla_wire::sasl::iam::IamReply;
use ottla_wire::schema::{Direction, preflight};
use ottla_wire::{ApiKey, ErrorCode};

use super::super::script::Script;

/// The requests that are not answered, oldest first.
#[derive(Default)]
pub struct Broker {
    asked: VecDeque<Asked>,
}

struct Asked {
    api: ApiKey,
    version: i16,
    correlation_id: i32,
}

/// What is offered of the APIs that a handshake needs, and of the one that is asked after it.
const OFFERED: [(ApiKey, i16); 4] =
    [(ApiKey::ApiVersions, 3), (ApiKey::SaslHandshake, 1), (ApiKey::SaslAuthenticate, 2), (ApiKey::Metadata, 12)];

/// In milliseconds.
const SESSION_LIFETIMES: [i64; 6] = [0, 3_600_000, 1, 60_000, i64::MAX, -1];

impl Broker {
    /// Reads a message, which is one whole frame of a request that the schema allows.
    pub fn take(&mut self, message: &[u8]) {
        let mut bytes = BytesMut::from(message);
        let mut frame = frame::split(&mut bytes, message.len()).expect("a length").expect("a whole frame");
        assert!(bytes.is_empty(), "one frame at a time");
        let header = RequestHeader::decode(&mut frame).expect("a header");
        let (api, version) = (ApiKey::try_from(header.api_key).expect("a known API"), header.api_version);
        preflight(api, Direction::Request, version, &frame).expect("a request that the schema allows");
        self.asked.push_back(Asked { api, version, correlation_id: header.correlation_id });
    }

    /// What a good broker says to the oldest request; one of the things that it may say.
    pub fn answer_well(&mut self, script: &mut Script<'_>) -> Vec<u8> {
        let Some(asked) = self.asked.pop_front() else { return Vec::new() };
        let body = match asked.api {
            ApiKey::ApiVersions => return asked.versions(script),
            ApiKey::SaslHandshake => {
                let code = script.choice(&[
                    ErrorCode::NONE,
                    ErrorCode::UNSUPPORTED_SASL_MECHANISM,
                    ErrorCode::ILLEGAL_SASL_STATE,
                ]);
                let answer = SaslHandshakeResponse::default().with_error_code(code.0);
                encode_response::<SaslHandshakeRequest>(asked.version, &answer)
            }
            ApiKey::SaslAuthenticate => {
                let answer = SaslAuthenticateResponse::default()
                    .with_auth_bytes(IamReply::new("fuzz").to_json())
                    .with_error_code(script.choice(&[ErrorCode::NONE, ErrorCode::SASL_AUTHENTICATION_FAILED]).0)
                    .with_session_lifetime_ms(script.choice(&SESSION_LIFETIMES));
                encode_response::<SaslAuthenticateRequest>(asked.version, &answer)
            }
            _ => encode_response::<MetadataRequest>(asked.version, &MetadataResponse::default()),
        };
        asked.frame(&body.expect("an answer that can be written"))
    }

    /// To the oldest request, whose correlation id may be missed, with any body; perhaps not all of it yet.
    pub fn answer_anyhow(&mut self, script: &mut Script<'_>) -> Vec<u8> {
        let Some(mut asked) = self.asked.pop_front() else { return Vec::new() };
        asked.correlation_id = asked.correlation_id.wrapping_add(script.choice(&[0, 0, 0, 1, -1, i32::MIN]));
        let mut frame = asked.frame(script.bytes());
        frame.truncate(frame.len() - script.below(8));
        frame
    }
}

impl Asked {
    fn versions(&self, script: &mut Script<'_>) -> Vec<u8> {
        let lower = script.choice(&[0, 0, 0, 1, 9]);
        let offered = OFFERED.map(|(api, max)| {
            ApiVersion::default().with_api_key(api.key()).with_min_version(lower).with_max_version(max)
        });
        let code = script.choice(&[ErrorCode::NONE, ErrorCode::NONE, ErrorCode::UNSUPPORTED_VERSION]);
        let answer = ApiVersionsResponse::default().with_error_code(code.0).with_api_keys(offered.to_vec());
        // A broker that does not have the version says so in version 0 (KIP-511).
        let version = if code == ErrorCode::NONE { self.version } else { 0 };
        self.frame(&encode_response::<ApiVersionsRequest>(version, &answer).expect("an answer that can be written"))
    }

    fn frame(&self, body: &[u8]) -> Vec<u8> {
        let mut answer = BytesMut::new();
        encode_response_header(self.api, self.version, self.correlation_id, &mut answer);
        answer.extend_from_slice(body);
        let length = frame::length_prefix(answer.len()).expect("no more bytes than an input has");
        [&length[..], &answer].concat()
    }
}
