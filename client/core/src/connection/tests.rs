//! What the tests of a connection share: a broker that answers what it is told to.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod handshake;
mod renewal;
mod requests;
mod sasl;
mod table;

use std::time::SystemTime;

use ottla_wire::codec;
use ottla_wire::header::{self, RequestHeader};
use ottla_wire::message::{
    ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, Request, SaslAuthenticateRequest,
    SaslAuthenticateResponse, SaslHandshakeRequest, SaslHandshakeResponse, StrBytes, api_versions_response::ApiVersion,
};
use ottla_wire::sasl::iam::IamReply;
use ottla_wire::{ApiKey, ErrorCode, VersionRange};

use super::*;
use crate::region::{Region, RegionSource};

const HOST: &str = "b-1.Demo.abc123.c2.kafka.us-east-1.amazonaws.com";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "FwoGsessiontoken";
const MECHANISMS: [&str; 2] = ["AWS_MSK_IAM", "OAUTHBEARER"];
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection, and the broker at its other end.
struct Pair {
    now: Now,
    connection: Connection,
}

/// A request as the broker reads it.
#[derive(Clone, Debug)]
struct Asked {
    header: RequestHeader,
    body: Bytes,
}

fn iam_config() -> Config {
    let (region, region_source) = Region::of_host(HOST).unwrap();
    let iam = MskIam { host: HOST.into(), region, region_source, user_agent: "ottla/test".into() };
    sasl_config(Sasl::MskIam(iam))
}

fn sasl_config(sasl: Sasl) -> Config {
    Config { sasl: Some(sasl), client_id: Some("tests".into()), ..Config::default() }
}

fn credentials() -> Credentials {
    Credentials::new("ASIAIOSFODNN7EXAMPLE", SECRET, Some(TOKEN.to_owned()), None, "test")
}

/// What an MSK broker of Kafka 3.6 offers of the APIs that a handshake needs.
fn offered() -> Vec<(ApiKey, i16, i16)> {
    vec![
        (ApiKey::Metadata, 0, 12),
        (ApiKey::SaslHandshake, 0, 1),
        (ApiKey::ApiVersions, 0, 3),
        (ApiKey::SaslAuthenticate, 0, 2),
    ]
}

fn api_versions(offered: &[(ApiKey, i16, i16)]) -> ApiVersionsResponse {
    let range = |&(api, min, max): &(ApiKey, i16, i16)| {
        ApiVersion::default().with_api_key(api.key()).with_min_version(min).with_max_version(max)
    };
    ApiVersionsResponse::default().with_api_keys(offered.iter().map(range).collect())
}

fn mechanisms(code: ErrorCode) -> SaslHandshakeResponse {
    let enabled = MECHANISMS.map(StrBytes::from_static_str).to_vec();
    SaslHandshakeResponse::default().with_error_code(code.0).with_mechanisms(enabled)
}

fn let_in(lifetime_millis: i64) -> SaslAuthenticateResponse {
    said(IamReply::new("request-1").to_json()).with_session_lifetime_ms(lifetime_millis)
}

/// What a broker says in an exchange.
fn said(bytes: impl Into<Bytes>) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse::default().with_auth_bytes(bytes.into())
}

/// What a broker says that lets nobody in.
fn refused(text: Option<&'static str>) -> SaslAuthenticateResponse {
    SaslAuthenticateResponse::default()
        .with_error_code(ErrorCode::SASL_AUTHENTICATION_FAILED.0)
        .with_error_message(text.map(StrBytes::from_static_str))
}

impl Pair {
    fn new(config: Config) -> Self {
        let now = Now { mono: Instant::now(), wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045) };
        Self { now, connection: Connection::new(now, config) }
    }

    /// Without SASL, and ready.
    fn ready() -> Self {
        let mut pair = Self::new(Config::default());
        let asked = pair.asked();
        pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
        assert!(matches!(pair.event(), Some(Event::Ready)));
        pair
    }

    /// With this mechanism, which the broker has.
    fn greeted(sasl: Sasl) -> Self {
        let mut pair = Self::new(sasl_config(sasl));
        let asked = pair.asked();
        pair.answer::<ApiVersionsRequest>(&asked, &api_versions(&offered()));
        let asked = pair.asked();
        pair.answer::<SaslHandshakeRequest>(&asked, &mechanisms(ErrorCode::NONE));
        pair
    }

    /// With AWS_MSK_IAM, at the point where it waits for credentials.
    fn awaiting_credentials() -> Self {
        let mut pair = Self::greeted(iam_config().sasl.unwrap());
        assert!(matches!(pair.event(), Some(Event::Wanted(Want::Credentials))));
        pair
    }

    /// With AWS_MSK_IAM, and ready for a session of this length.
    fn authenticated(lifetime_millis: i64) -> Self {
        let mut pair = Self::awaiting_credentials();
        pair.provide(Provided::Credentials(Ok(credentials())));
        let asked = pair.asked();
        pair.answer::<SaslAuthenticateRequest>(&asked, &let_in(lifetime_millis));
        assert!(matches!(pair.event(), Some(Event::Ready)));
        pair
    }

    fn provide(&mut self, provided: Provided) {
        self.connection.handle_provided(self.now, provided);
    }

    /// What the client says in the exchange of its mechanism, and the request that it says it in.
    fn token(&mut self) -> (Bytes, Asked) {
        let asked = self.asked();
        let version = asked.header.api_version;
        let request: SaslAuthenticateRequest = codec::decode_request(version, asked.body.clone()).unwrap();
        (request.auth_bytes, asked)
    }

    fn wait(&mut self, duration: Duration) {
        let now = self.now;
        self.now = Now { mono: now.mono + duration, wall: now.wall + duration };
    }

    /// The next request that goes out.
    fn try_asked(&mut self) -> Option<Asked> {
        let mut bytes = BytesMut::from(&self.connection.poll_transmit()?.to_bytes()[..]);
        let mut body = frame::split(&mut bytes, FRAME_BYTES_MAX).unwrap().expect("a whole frame");
        assert!(bytes.is_empty(), "one frame at a time");
        let header = RequestHeader::decode(&mut body).unwrap();
        Some(Asked { header, body })
    }

    fn asked(&mut self) -> Asked {
        self.try_asked().expect("a request")
    }

    fn answer<R: Request>(&mut self, asked: &Asked, response: &R::Response) {
        self.answer_in::<R>(asked.header.api_version, asked, response);
    }

    fn answer_in<R: Request>(&mut self, version: i16, asked: &Asked, response: &R::Response) {
        assert_eq!(asked.header.api_key, R::KEY);
        let body = codec::encode_response::<R>(version, response).unwrap();
        self.bytes(&frame_of(asked, &body));
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.connection.handle_bytes(self.now, &mut BytesMut::from(bytes));
    }

    fn send(&mut self, id: u64) {
        self.send_with(id, |_| {});
    }

    fn send_with(&mut self, id: u64, change: impl FnOnce(&mut Outgoing)) {
        let versions = Versions::from_iter([(ApiKey::Metadata, VersionRange::new(0, 12))]);
        let request = MetadataRequest::default();
        let mut outgoing = Outgoing::encode(RequestId(id), &request, &versions, REQUEST_TIMEOUT).unwrap();
        change(&mut outgoing);
        self.connection.send(self.now, outgoing);
    }

    fn event(&mut self) -> Option<Event> {
        self.connection.poll_event()
    }

    fn failure(&mut self) -> HandshakeError {
        match self.event() {
            Some(Event::Failed(error)) => error,
            other => panic!("{other:?}"),
        }
    }
}

/// The whole frame of an answer with this body.
fn frame_of(asked: &Asked, body: &[u8]) -> Vec<u8> {
    let api = ApiKey::try_from(asked.header.api_key).unwrap();
    let mut answer = BytesMut::new();
    header::encode_response_header(api, asked.header.api_version, asked.header.correlation_id, &mut answer);
    answer.extend_from_slice(body);
    [&frame::length_prefix(answer.len()).unwrap()[..], &answer].concat()
}
