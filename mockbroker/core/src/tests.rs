//! The rules of a cluster, asked over its connections as a client would.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod acls;
mod administration;
mod authorization;
mod bounds;
mod brokers;
mod compression;
mod configs;
mod connections;
mod contents;
mod faults;
mod fetch;
mod fetch_sessions;
mod hostile;
mod idle;
mod leaders;
mod logs;
mod offsets;
mod produce;
mod quotas;
mod releases;
mod replication;
mod sasl;
mod scram_users;
mod telemetry;
mod topics;

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use ottla_wire::codec::{decode_response, encode_request};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::message::Request;
use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp};
use ottla_wire::{ApiKey, BrokerId, TopicId, message};

use crate::iam::testing;
use crate::sasl::Mechanism;
use crate::*;

/// A cluster, its clock, and clients that have a connection each.
pub(crate) struct Bench {
    pub(crate) cluster: Cluster,
    pub(crate) now: Now,
    next_correlation_id: i32,
}

/// The host of every broker; its port is 9000 and its id.
const HOST: &str = "broker.test";

impl Bench {
    /// Three brokers with the ids 1 to 3, on every kind of listener.
    pub(crate) fn new() -> Self {
        Self::of(ClusterConfig::default())
    }

    pub(crate) fn of(config: ClusterConfig) -> Self {
        let ids: Vec<BrokerId> = config.brokers.iter().map(|broker| broker.id).collect();
        let mut cluster = Cluster::new(config).unwrap();
        for id in ids {
            for listener in [plaintext(), iam()] {
                cluster.advertise(id, &listener.name, HOST, u16::try_from(9000 + id.0).unwrap()).unwrap();
            }
        }
        let now = Now { mono: Instant::now(), wall: testing::date() };
        Self { cluster, now, next_correlation_id: 0 }
    }

    /// A topic with one replica on each broker.
    pub(crate) fn topic(&mut self, name: &str, partitions: i32) -> TopicId {
        self.cluster.create_topic(&NewTopic::new(name).partitions(partitions)).unwrap()
    }

    pub(crate) fn connect(&mut self, broker: i32) -> ConnId {
        self.cluster.open(self.now, BrokerId(broker), plaintext(), "test").unwrap()
    }

    pub(crate) fn connect_iam(&mut self, broker: i32) -> ConnId {
        self.connect_to(broker, iam())
    }

    pub(crate) fn connect_to(&mut self, broker: i32, listener: Listener) -> ConnId {
        self.cluster.open(self.now, BrokerId(broker), listener, "test").unwrap()
    }

    /// A connection to the leader of a partition.
    pub(crate) fn connect_to_leader(&mut self, topic: &str, partition: i32) -> ConnId {
        let leader = self.cluster.leader(topic, partition).unwrap();
        self.connect(leader.0)
    }

    /// Another broker than the leader of a partition.
    pub(crate) fn follower(&self, topic: &str, partition: i32) -> BrokerId {
        let leader = self.cluster.leader(topic, partition).unwrap();
        (1..=3).map(BrokerId).find(|id| *id != leader).unwrap()
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.now = Now { mono: self.now.mono + by, wall: self.now.wall + by };
        self.cluster.handle_timeout(self.now);
    }

    /// Sends a request, and returns its correlation id.
    pub(crate) fn send<R: Request>(&mut self, conn: ConnId, version: i16, request: &R) -> i32 {
        self.next_correlation_id += 1;
        let frame = frame::<R>(version, self.next_correlation_id, &encode_request(version, request).unwrap());
        self.cluster.handle_frame(conn, self.now, frame);
        self.next_correlation_id
    }

    /// Sends a request, and returns the answer that came at once and alone.
    pub(crate) fn ask<R: Request>(&mut self, conn: ConnId, version: i16, request: &R) -> R::Response {
        let correlation_id = self.send(conn, version, request);
        let answer = self.answer::<R>(conn, version, correlation_id);
        assert_eq!(self.cluster.poll_output(), None, "one answer, and nothing else");
        answer
    }

    /// Sends what does not let the client in: nothing is said until the delay of failed authentications is over.
    pub(crate) fn send_to_be_refused<R: Request>(&mut self, conn: ConnId, version: i16, request: &R) -> i32 {
        let correlation_id = self.send(conn, version, request);
        self.wait_for_refusal();
        correlation_id
    }

    /// Waits for the end of the delay of failed authentications, before which nothing is said.
    pub(crate) fn wait_for_refusal(&mut self) {
        const STEP: Duration = Duration::from_millis(1);
        let delay = self.cluster.config().failed_authentication_delay;
        assert_eq!(self.cluster.poll_timeout(), Some(self.now.mono + delay));
        self.advance(delay - STEP);
        self.is_silent();
        self.advance(STEP);
    }

    /// The next output, which must be the answer to this request.
    pub(crate) fn answer<R: Request>(&mut self, conn: ConnId, version: i16, correlation_id: i32) -> R::Response {
        let output = self.cluster.poll_output().expect("an answer");
        let Action::Send(frame) = output.action else { panic!("closed: {}", self.cluster.journal()) };
        let mut frame = frame.to_bytes();
        let api = ApiKey::try_from(R::KEY).unwrap();
        let answered = decode_response_header(api, version, &mut frame).unwrap();
        assert_eq!((output.conn, answered), (conn, correlation_id));
        decode_response::<R>(version, frame).unwrap()
    }

    /// Asserts that the cluster says nothing.
    pub(crate) fn is_silent(&mut self) {
        assert_eq!(self.cluster.poll_output(), None);
    }

    /// Asserts that the next and only output closes the connection, and returns why.
    pub(crate) fn closed(&mut self, conn: ConnId) -> Closed {
        assert_eq!(self.cluster.poll_output(), Some(Output { conn, action: Action::Close }));
        self.is_silent();
        let entries = self.cluster.journal().entries();
        let reason = entries.filter(|entry| entry.conn == conn).find_map(|entry| match &entry.kind {
            EntryKind::Closed { reason } => Some(reason.clone()),
            _ => None,
        });
        reason.expect("a reason in the journal")
    }

    /// Appends these values, one record each, as one batch.
    pub(crate) fn append(&mut self, topic: &str, partition: i32, values: &[&str]) {
        let conn = self.connect_to_leader(topic, partition);
        let answer = self.ask(conn, 9, &produce::request(topic, partition, batch(self.now, values)));
        assert_eq!(answer.responses[0].partition_responses[0].error_code, 0);
        self.cluster.close(conn, self.now);
    }
}

/// A cluster whose connections may be idle for ever, where time goes by in a test of something else.
fn never_idle() -> ClusterConfig {
    ClusterConfig { connections_max_idle: None, ..Default::default() }
}

fn plaintext() -> Listener {
    Listener::plaintext("PLAINTEXT")
}

fn iam() -> Listener {
    Listener::sasl_tls("CLIENT_IAM", [Mechanism::AwsMskIam])
}

/// A frame of a request.
fn frame<R: Request>(version: i16, correlation_id: i32, body: &[u8]) -> Bytes {
    raw_frame(R::KEY, version, correlation_id, body)
}

fn raw_frame(api_key: i16, api_version: i16, correlation_id: i32, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    let client_id = Some("bench".to_owned());
    RequestHeader { api_key, api_version, correlation_id, client_id }.encode(&mut frame).unwrap();
    frame.extend_from_slice(body);
    frame.freeze()
}

/// A batch of these values, with the time as their timestamp.
fn batch(now: Now, values: &[&str]) -> Bytes {
    batch_at(now.millis(), values, ProducerStamp::default())
}

fn batch_at(timestamp: i64, values: &[&str], producer: ProducerStamp) -> Bytes {
    let mut batch = BatchWriter::new(0);
    for value in values {
        batch.append(&NewRecord::new(timestamp, Some(b"key"), Some(value.as_bytes()))).unwrap();
    }
    batch.finish(producer)
}

fn name(name: &str) -> message::TopicName {
    message::TopicName(message::StrBytes::from_string(name.to_owned()))
}
