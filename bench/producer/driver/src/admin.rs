//! Topics that are made for a run, and what is in them after it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use bytes::{Bytes, BytesMut};
use ottla_wire::api::key_of;
use ottla_wire::codec;
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::message::create_topics_request::CreatableTopic;
use ottla_wire::message::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ottla_wire::message::{
    BrokerId, CreateTopicsRequest, DeleteTopicsRequest, ListOffsetsRequest, Request, StrBytes, TopicName,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::broker::{Broker, Kind};

const CREATE_TOPICS: i16 = 5;
const DELETE_TOPICS: i16 = 5;
const LIST_OFFSETS: i16 = 5;

/// The end of the log.
const LATEST: i64 = -1;

/// How long a topic may take until it has its leaders.
const READY_TIMEOUT: Duration = Duration::from_secs(10);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(20);

trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A connection to the broker, past the proxy.
pub(crate) struct Admin {
    stream: Box<dyn Stream>,
    has_topics: bool,
}

impl Admin {
    pub(crate) fn connect(broker: &Broker<'_>) -> anyhow::Result<Self> {
        let (address, tls) = &broker.direct;
        let stream = TcpStream::connect(address).with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Stream> = if *tls {
            let mut roots = RootCertStore::empty();
            roots.add(CertificateDer::from_pem_file(broker.files.tls("ca.pem"))?)?;
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
            Box::new(StreamOwned::new(ClientConnection::new(config, ServerName::try_from("localhost")?)?, stream))
        } else {
            Box::new(stream)
        };
        // To the null broker, every topic is there.
        Ok(Self { stream, has_topics: broker.kind == Kind::Null })
    }

    /// Makes a topic, and waits until it can be written to.
    pub(crate) fn create(&mut self, topic: &str, partitions: i32) -> anyhow::Result<()> {
        if self.has_topics {
            return Ok(());
        }
        let new = CreatableTopic::default().with_name(name(topic)).with_num_partitions(partitions);
        let new = new.with_replication_factor(1);
        let request = CreateTopicsRequest::default().with_topics(vec![new]).with_timeout_ms(10_000);
        let answer = self.ask(CREATE_TOPICS, &request)?;
        ensure!(answer.topics.iter().all(|topic| topic.error_code == 0), "{answer:?}");
        let begun = Instant::now();
        while self.high_watermarks(topic, partitions).is_err() {
            if begun.elapsed() > READY_TIMEOUT {
                bail!("topic {topic} has no leader");
            }
            thread::sleep(ASK_AGAIN_AFTER);
        }
        Ok(())
    }

    pub(crate) fn delete(&mut self, topic: &str) -> anyhow::Result<()> {
        if self.has_topics {
            return Ok(());
        }
        let request = DeleteTopicsRequest::default().with_topic_names(vec![name(topic)]).with_timeout_ms(10_000);
        let answer = self.ask(DELETE_TOPICS, &request)?;
        ensure!(answer.responses.iter().all(|topic| topic.error_code == 0), "{answer:?}");
        Ok(())
    }

    /// The sum over all partitions.
    pub(crate) fn high_watermarks(&mut self, topic: &str, partitions: i32) -> anyhow::Result<i64> {
        let latest = |index| {
            ListOffsetsPartition::default()
                .with_partition_index(index)
                .with_current_leader_epoch(-1)
                .with_timestamp(LATEST)
        };
        let asked = ListOffsetsTopic::default().with_name(name(topic));
        let asked = asked.with_partitions((0..partitions).map(latest).collect());
        let request = ListOffsetsRequest::default().with_replica_id(BrokerId(-1)).with_topics(vec![asked]);
        let answer = self.ask(LIST_OFFSETS, &request)?;
        let told: Vec<_> = answer.topics.iter().flat_map(|topic| &topic.partitions).collect();
        ensure!(told.len() == usize::try_from(partitions)?, "{answer:?}");
        ensure!(told.iter().all(|partition| partition.error_code == 0), "{answer:?}");
        Ok(told.iter().map(|partition| partition.offset).sum())
    }

    fn ask<R: Request>(&mut self, version: i16, request: &R) -> anyhow::Result<R::Response> {
        let api = key_of::<R>()?;
        let mut frame = BytesMut::from(&[0; 4][..]);
        RequestHeader { api_key: api as i16, api_version: version, correlation_id: 1, client_id: None }
            .encode(&mut frame)?;
        frame.extend_from_slice(&codec::encode_request(version, request)?);
        let length = u32::try_from(frame.len() - 4)?.to_be_bytes();
        frame[..4].copy_from_slice(&length);
        self.stream.write_all(&frame)?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut answer)?;
        let mut answer = Bytes::from(answer);
        decode_response_header(api, version, &mut answer)?;
        Ok(codec::decode_response::<R>(version, answer)?)
    }
}

fn name(topic: &str) -> TopicName {
    StrBytes::from_string(topic.to_owned()).into()
}
