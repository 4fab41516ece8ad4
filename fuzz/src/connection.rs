//! A hostile broker at the client's connection machine: it answers well, badly, out of turn, in pieces or with bytes that are no answer, while
//! the application sends requests, time passes and the stream breaks.
//!
//! Whatever it does, each request ends exactly once, with what is true of it; answers go to requests in their order; and the connection says
//! once that it is ready and once that it is over.

mod broker;
mod owner;

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use bytes::BytesMut;
use ottla_core::connection::{Config, Connection, CredentialsFailure, MskIam, Provided, Sasl};
use ottla_core::region::{Region, RegionSource};
use ottla_core::request::Disconnected;
use ottla_core::{Now, Outgoing, RequestId, Versions};
use ottla_wire::message::MetadataRequest;
use ottla_wire::{ApiKey, VersionRange};

use super::script::Script;
use broker::Broker;
use owner::Owner;

/// The most steps of a story.
const STEPS_MAX: usize = 64;

/// The largest answer that the client takes.
const FRAME_BYTES_MAX: usize = 1024;

/// What time goes on by in one step.
const STRIDES: [Duration; 4] =
    [Duration::from_millis(1), Duration::from_secs(1), Duration::from_secs(29), Duration::from_secs(3_600)];

/// How long a request may wait for its answer.
const TIMEOUTS: [Duration; 4] = [Duration::from_secs(30), Duration::from_millis(1), Duration::ZERO, Duration::MAX];

/// Each request ends exactly once, whatever the broker does.
pub fn connection(data: &[u8]) {
    let mut script = Script::new(data);
    let mut story = Story::new(&mut script);
    for _ in 0..STEPS_MAX {
        if script.is_over() {
            break;
        }
        story.step(&mut script);
        story.owner.hear(&mut story.connection);
    }
    story.connection.handle_closed(story.now, Disconnected::Closed);
    story.owner.hear(&mut story.connection);
    story.owner.is_told_all(&mut story.connection);
}

/// A connection, between the client that owns it and the broker.
struct Story {
    connection: Connection,
    now: Now,
    /// What came from the broker and was not taken yet.
    incoming: BytesMut,
    owner: Owner,
    broker: Broker,
}

fn start() -> Now {
    static MONO: OnceLock<Instant> = OnceLock::new();
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    Now { mono: *MONO.get_or_init(Instant::now), wall }
}

fn config(script: &mut Script<'_>) -> Config {
    let region = Region::new("us-east-1").expect("a region");
    let iam = MskIam { host: "b-1.fuzz".into(), region, region_source: RegionSource::Given, user_agent: "fuzz".into() };
    Config {
        sasl: script.flag().then_some(Sasl::MskIam(iam)),
        client_id: script.choice(&[None, Some("fuzz"), Some("")]).map(Into::into),
        in_flight_max: script.choice(&[4, 1, 2, 0]),
        frame_bytes_max: FRAME_BYTES_MAX,
        ..Config::default()
    }
}

impl Story {
    fn new(script: &mut Script<'_>) -> Self {
        let now = start();
        let connection = Connection::new(now, config(script));
        Self { connection, now, incoming: BytesMut::new(), owner: Owner::default(), broker: Broker::default() }
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() % 8 {
            0 => {
                if let Some(message) = self.connection.poll_transmit() {
                    self.owner.transmitted(&mut self.connection);
                    self.broker.take(&message.to_bytes());
                }
            }
            1 => {
                let answer = self.broker.answer_well(script);
                self.receive(&answer);
            }
            2 => {
                let answer = self.broker.answer_anyhow(script);
                self.receive(&answer);
            }
            3 => self.receive(script.bytes()),
            4 => self.send(script),
            5 => self.wait(script.choice(&STRIDES)),
            6 => self.connection.handle_provided(self.now, Provided::Credentials(credentials(script))),
            _ => self.break_off(script),
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
        self.connection.handle_bytes(self.now, &mut self.incoming);
        assert!(self.incoming.len() < FRAME_BYTES_MAX + size_of::<u32>(), "a whole frame is left");
    }

    fn send(&mut self, script: &mut Script<'_>) {
        let any = Versions::from_iter([(ApiKey::Metadata, VersionRange::new(0, 13))]);
        let versions = self.connection.versions().unwrap_or(&any);
        let (id, timeout) = (RequestId(self.owner.next_id()), script.choice(&TIMEOUTS));
        let request = MetadataRequest::default();
        let Ok(mut outgoing) = Outgoing::encode(id, &request, versions, timeout) else { return };
        outgoing.answered = script.below(4) != 1;
        self.owner.sends(&outgoing, &self.connection);
        self.connection.send(self.now, outgoing);
    }

    fn wait(&mut self, duration: Duration) {
        self.now = Now { mono: self.now.mono + duration, wall: self.now.wall + duration };
        self.connection.handle_timeout(self.now);
        assert!(self.connection.poll_timeout().is_none_or(|next| next > self.now.mono));
    }

    fn break_off(&mut self, script: &mut Script<'_>) {
        let how = match script.below(16) {
            0 => Disconnected::ByPeer,
            1 => Disconnected::Io("reset".to_owned()),
            _ => return,
        };
        self.connection.handle_closed(self.now, how);
    }
}

fn credentials(script: &mut Script<'_>) -> Result<aws_credential_types::Credentials, CredentialsFailure> {
    let expired = Some(SystemTime::UNIX_EPOCH);
    let (secret, token, expires) = match script.below(4) {
        0 => ("secret", None, None),
        1 => ("secret", Some("token".to_owned()), None),
        2 => ("secret", None, expired),
        _ => return Err(CredentialsFailure::Timeout { after: STRIDES[1] }),
    };
    Ok(aws_credential_types::Credentials::new("AKIAFUZZ", secret, token, expires, "fuzz"))
}
