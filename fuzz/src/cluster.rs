//! Hostile clients at the mock's cluster: they open connections, sign in or not, send good requests, spoilt ones and bytes that are none, and go
//! away, while time passes and leaders move.
//!
//! Whatever they do, each request is answered once and in order, or its connection is closed; each answer is one that the schema allows; nothing
//! is said to a connection that is closed; and the cluster stays within its bounds.

mod client;
mod requests;

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use arbitrary::{Arbitrary as _, Unstructured};
use bytes::{Bytes, BytesMut};
use ottla_mockbroker_core::iam::Identity;
use ottla_mockbroker_core::sasl::{Mechanism, User};
use ottla_mockbroker_core::{Action, Bounds, Cluster, ClusterConfig, Listener, NewTopic, Now, OpenError};
use ottla_wire::arbitrary::Message;
use ottla_wire::frame::FrameError;
use ottla_wire::header::RequestHeader;
use ottla_wire::message::{Request, SaslAuthenticateRequest};
use ottla_wire::record::Batch;
use ottla_wire::{ApiKey, BrokerId, api, codec};

use super::script::Script;
use client::Client;

/// The most steps of a story: what a fuzzer can find in more is found in fewer.
const STEPS_MAX: usize = 48;

/// The topics that good requests are about; the first is there from the start.
const TOPICS: [&str; 3] = ["a", "b", "c"];
const PARTITIONS: i32 = 2;

/// The identity that may sign in.
const IDENTITY: &str = "app";

/// The longest that a session lives before its client must authenticate again.
const SESSION_MAX: Duration = Duration::from_secs(60);

/// Longer than any request may wait.
const WAIT_MAX: Duration = Duration::from_millis(i32::MAX as u64 + 1);

/// What time goes on by in one step.
const STRIDES: [Duration; 4] =
    [Duration::from_millis(1), Duration::from_millis(500), Duration::from_secs(60), Duration::from_secs(1_000_000)];

/// Requests are answered once and in order or their connection is closed, whatever the clients do.
pub fn cluster(data: &[u8]) {
    let mut script = Script::new(data);
    let mut story = Story::new();
    for _ in 0..STEPS_MAX {
        if script.is_over() {
            break;
        }
        story.step(&mut script);
        story.hear();
    }
    story.end();
}

/// A cluster, and those who talk to it.
struct Story {
    cluster: Cluster,
    now: Now,
    clients: Vec<Client>,
    correlation_id: i32,
}

/// Small, so that a story reaches them.
fn bounds() -> Bounds {
    let mut bounds = Bounds::default();
    bounds.connections_max = 4;
    bounds.queued_requests_max = 4;
    bounds.queued_bytes_max = 4 * 1024;
    bounds.log_bytes_max = 1024;
    bounds.partitions_max = 16;
    bounds.fetch_bytes_max = 1024;
    bounds.journal_entries_max = 16;
    bounds.decompressed_bytes_max = 64 * 1024;
    bounds.producers_max = 2;
    bounds
}

/// The same for each story of a process; only what passes after it is told.
fn start() -> Now {
    static MONO: OnceLock<Instant> = OnceLock::new();
    let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    Now { mono: *MONO.get_or_init(Instant::now), wall }
}

fn listener(script: &mut Script<'_>) -> Listener {
    match script.below(3) {
        0 => Listener::plaintext("PLAINTEXT"),
        1 => Listener::tls("TLS"),
        _ => Listener::sasl_tls("SASL", Mechanism::ALL),
    }
}

impl Story {
    fn new() -> Self {
        let mut config = ClusterConfig::default();
        config.bounds = bounds();
        config.auto_create_topics = true;
        config.connections_max_reauth = Some(SESSION_MAX);
        let mut cluster = Cluster::new(config).expect("a good configuration");
        cluster.identities_mut().add(Identity::new(IDENTITY)).expect("the first identity");
        cluster.users_mut().add(User::plain("user", "password")).expect("the first user");
        cluster.create_topic(&NewTopic::new(TOPICS[0]).partitions(PARTITIONS)).expect("the first topic");
        let mut story = Self { cluster, now: start(), clients: Vec::new(), correlation_id: 0 };
        story.open(BrokerId(1), Listener::plaintext("PLAINTEXT"));
        story
    }

    fn step(&mut self, script: &mut Script<'_>) {
        match script.byte() % 14 {
            0 => {
                let broker = BrokerId(script.choice(&[1, 2, 3, 9]));
                self.open(broker, listener(script));
            }
            1 => self.wait(script.choice(&STRIDES)),
            2 => {
                let (topic, partition) = (script.choice(&TOPICS), script.below(3) as i32);
                let _ = self.cluster.move_leader(self.now, topic, partition, BrokerId(script.choice(&[1, 2, 3])));
            }
            of_a_client => {
                let client = script.below(self.clients.len());
                self.act(of_a_client, client, script);
            }
        }
    }

    fn act(&mut self, what: u8, client: usize, script: &mut Script<'_>) {
        let conn = self.clients[client].conn;
        match what {
            3 => {
                self.cluster.close(conn, self.now);
                self.clients[client].is_open = false;
            }
            4 => self.cluster.handle_bad_frame(conn, self.now, FrameError::Negative(-1)),
            5 => self.send(client, Bytes::copy_from_slice(script.bytes())),
            6 => self.send_any(client, script),
            7 => self.ask(client, script, requests::produce),
            8 => self.ask(client, script, requests::fetch),
            9 => self.ask(client, script, requests::create_topics),
            10 => self.ask(client, script, requests::delete_topics),
            11 => self.ask(client, script, requests::sasl_handshake),
            12 => self.send_sampled(client, script),
            _ => self.send_token(client, script),
        }
    }

    fn open(&mut self, broker: BrokerId, listener: Listener) {
        let open = self.clients.iter().filter(|client| client.is_open).count();
        match self.cluster.open(self.now, broker, listener, "fuzz") {
            Ok(conn) => self.clients.push(Client::new(conn)),
            Err(OpenError::TooManyConnections { max }) => assert_eq!(open, max),
            Err(_) => assert!(broker.0 > 3),
        }
    }

    fn wait(&mut self, duration: Duration) {
        self.now = Now { mono: self.now.mono + duration, wall: self.now.wall + duration };
        self.cluster.handle_timeout(self.now);
    }

    fn send(&mut self, client: usize, frame: Bytes) {
        let client = &mut self.clients[client];
        if client.is_open {
            client.sent(&frame);
        }
        self.cluster.handle_frame(client.conn, self.now, frame);
    }

    /// A header that leads to some API, and a body that is anything.
    fn send_any(&mut self, client: usize, script: &mut Script<'_>) {
        let api_key = script.choice(ApiKey::ALL).key();
        let api_version = i16::from(script.byte() % 20);
        let body = script.bytes();
        self.send_body(client, api_key, api_version, body);
    }

    /// A request of any API that is valid by its schema; or a response, which nobody should send here.
    fn send_sampled(&mut self, client: usize, script: &mut Script<'_>) {
        if let Ok(message) = Message::arbitrary(&mut Unstructured::new(script.bytes())) {
            self.send_body(client, message.api.key(), message.version, &message.body);
        }
    }

    fn send_body(&mut self, client: usize, api_key: i16, api_version: i16, body: &[u8]) {
        self.correlation_id += 1;
        let header = RequestHeader { api_key, api_version, correlation_id: self.correlation_id, client_id: None };
        let mut frame = BytesMut::new();
        header.encode(&mut frame).expect("a header without a client id");
        frame.extend_from_slice(body);
        self.send(client, frame.freeze());
    }

    fn ask<R: Request>(&mut self, client: usize, script: &mut Script<'_>, make: fn(&mut Script<'_>, Now) -> R) {
        let versions = api::codable::<R>();
        let version = versions.min + i16::from(script.byte()) % (versions.max - versions.min + 1);
        let request = make(script, self.now);
        self.send_request(client, version, &request);
    }

    /// Sends a request in this version; not at all where that cannot say it.
    fn send_request<R: Request>(&mut self, client: usize, version: i16, request: &R) {
        if let Ok(body) = codec::encode_request(version, request) {
            self.send_body(client, R::KEY, version, &body);
        }
    }

    fn send_token(&mut self, client: usize, script: &mut Script<'_>) {
        let caller = self.cluster.identities().named(IDENTITY).expect("the identity");
        let token = requests::token(script, caller.credentials(), self.now);
        if self.clients[client].sends_token {
            self.send(client, token);
        } else {
            let version = script.below(3) as i16;
            self.send_request(client, version, &SaslAuthenticateRequest::default().with_auth_bytes(token));
        }
    }

    /// Takes what the cluster says, after which it waits for nothing that has come.
    fn hear(&mut self) {
        assert!(self.cluster.poll_timeout().is_none_or(|next| next > self.now.mono));
        while let Some(output) = self.cluster.poll_output() {
            let client = self.clients.iter_mut().find(|client| client.conn == output.conn).expect("a connection");
            match output.action {
                Action::Send(answer) => client.answered(answer.to_bytes()),
                Action::Close | Action::Abort => client.closed(),
                Action::Read | Action::SendPart(_) => {}
            }
        }
        for client in self.clients.iter().filter(|client| !client.is_open) {
            assert!(!self.cluster.accepts_frames(client.conn) && self.cluster.principal(client.conn).is_none());
        }
        assert!(self.cluster.journal().entries().len() <= self.cluster.config().bounds.journal_entries_max);
    }

    /// Waits for all that is parked, first to the instant at which the cluster asks to be told, then for longer than anything may take; then nothing is
    /// owed to anybody.
    fn end(&mut self) {
        // Behind a request that is parked others may be that will be.
        for _ in 0..=STEPS_MAX {
            // Logs may have to be looked after for ever.
            let Some(next) = self.cluster.poll_timeout() else { break };
            for wait in [next.saturating_duration_since(self.now.mono), WAIT_MAX] {
                self.wait(wait);
                self.hear();
            }
        }
        self.clients.iter().filter(|client| client.is_open).for_each(Client::is_owed_nothing);
        self.logs_are_whole();
    }

    /// The logs are within their bounds, and each batch begins where the one before it ends: of the first ones some may be deleted, and nothing is compacted.
    fn logs_are_whole(&self) {
        let (mut partitions, mut log_bytes) = (0, 0);
        for topic in TOPICS {
            for partition in 0.. {
                let Ok(batches) = self.cluster.records(topic, partition) else { break };
                partitions += 1;
                for (before, next) in batches.iter().zip(batches.iter().skip(1)) {
                    assert_eq!(next.base_offset(), before.next_offset());
                }
                log_bytes += batches.iter().map(Batch::size_bytes).sum::<usize>();
            }
        }
        let bounds = &self.cluster.config().bounds;
        assert!(partitions <= bounds.partitions_max && log_bytes <= bounds.log_bytes_max);
    }
}
