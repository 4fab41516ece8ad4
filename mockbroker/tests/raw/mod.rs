//! A client of the bytes alone: frames and messages by `ottla-wire`, one request at a time unless a test says otherwise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use ottla_mockbroker::{Certificate, MockCluster};
use ottla_wire::ApiKey;
use ottla_wire::codec::{decode_response, encode_request};
use ottla_wire::frame::{FRAME_BYTES_MAX, length_prefix, split};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::hot::{ProducePartition, ProduceRequest, ProduceTopic, encode_produce_request};
use ottla_wire::message::{
    ApiVersionsRequest, FetchRequest, FetchResponse, ProduceRequest as GeneratedProduce, Request, StrBytes, TopicName,
    fetch_request,
};
use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A connection that speaks Kafka.
pub(crate) struct Raw<S> {
    pub(crate) stream: S,
    incoming: BytesMut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    pub(crate) fn new(stream: S) -> Self {
        Self { stream, incoming: BytesMut::new() }
    }

    pub(crate) async fn send<R: Request>(&mut self, version: i16, correlation_id: i32, request: &R) {
        self.send_body::<R>(version, correlation_id, &encode_request(version, request).unwrap()).await;
    }

    pub(crate) async fn send_body<R: Request>(&mut self, version: i16, correlation_id: i32, body: &[u8]) {
        self.stream.write_all(&framed::<R>(version, correlation_id, body)).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The correlation id and body of the next response; `None` when the broker closed the connection.
    pub(crate) async fn receive<R: Request>(&mut self, version: i16) -> Option<(i32, R::Response)> {
        loop {
            if let Some(mut frame) = split(&mut self.incoming, FRAME_BYTES_MAX).unwrap() {
                let api = ApiKey::try_from(R::KEY).unwrap();
                let correlation_id = decode_response_header(api, version, &mut frame).unwrap();
                return Some((correlation_id, decode_response::<R>(version, frame).unwrap()));
            }
            if self.stream.read_buf(&mut self.incoming).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// Asks for the versions, and returns how many APIs the broker names.
    pub(crate) async fn api_versions(&mut self) -> Option<usize> {
        self.send(0, 7, &ApiVersionsRequest::default()).await;
        let (correlation_id, response) = self.receive::<ApiVersionsRequest>(0).await?;
        assert_eq!((correlation_id, response.error_code), (7, 0));
        Some(response.api_keys.len())
    }

    /// Appends one record to partition 0 of `topic`, and returns its offset.
    pub(crate) async fn produce(&mut self, topic: &str, value: &[u8]) -> i64 {
        const VERSION: i16 = 9;
        let mut batch = BatchWriter::new(1024);
        batch.append(&NewRecord::new(0, None, Some(value))).unwrap();
        let partitions = vec![ProducePartition { index: 0, records: batch.finish(ProducerStamp::NONE) }];
        let topics = vec![ProduceTopic { name: topic, partitions, ..ProduceTopic::default() }];
        let request = ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 1000, topics };
        let body = encode_produce_request(VERSION, &request).unwrap().to_bytes();
        self.send_body::<GeneratedProduce>(VERSION, 1, &body).await;
        let (_, response) = self.receive::<GeneratedProduce>(VERSION).await.unwrap();
        let partition = &response.responses[0].partition_responses[0];
        assert_eq!(partition.error_code, 0);
        partition.base_offset
    }

    /// Asks for partition 0 of `topic` from its beginning, waiting up to `wait_ms` for the first byte.
    pub(crate) async fn fetch(&mut self, topic: &str, wait_ms: i32) -> FetchResponse {
        const VERSION: i16 = 12;
        let name = TopicName(StrBytes::from_string(topic.to_owned()));
        let partition = fetch_request::FetchPartition::default().with_partition_max_bytes(1 << 20);
        let asked = fetch_request::FetchTopic::default().with_topic(name).with_partitions(vec![partition]);
        let request = FetchRequest::default()
            .with_max_wait_ms(wait_ms)
            .with_min_bytes(1)
            .with_max_bytes(1 << 20)
            .with_session_epoch(-1)
            .with_topics(vec![asked]);
        self.send(VERSION, 2, &request).await;
        self.receive::<FetchRequest>(VERSION).await.unwrap().1
    }
}

/// A request as it stands on the wire.
pub(crate) fn framed<R: Request>(version: i16, correlation_id: i32, body: &[u8]) -> Bytes {
    let header =
        RequestHeader { api_key: R::KEY, api_version: version, correlation_id, client_id: Some("raw".to_owned()) };
    let mut message = BytesMut::new();
    header.encode(&mut message).unwrap();
    message.extend_from_slice(body);
    [&length_prefix(message.len()).unwrap()[..], &message].concat().into()
}

/// Speaks TLS over `stream`, trusting the cluster's authority.
pub(crate) async fn over_tls<S>(cluster: &MockCluster, host: &str, stream: S) -> Raw<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    Raw::new(handshake(cluster, host, stream, None).await.unwrap())
}

/// Speaks TLS over `stream` with a certificate of its own, if any.
pub(crate) async fn handshake<S>(
    cluster: &MockCluster,
    host: &str,
    stream: S,
    own: Option<&Certificate>,
) -> std::io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(cluster.ca_pem().as_bytes()).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match own {
        None => config.with_no_client_auth(),
        Some(own) => {
            let chain = CertificateDer::pem_slice_iter(own.chain_pem().as_bytes()).map(Result::unwrap).collect();
            let key = PrivateKeyDer::from_pem_slice(own.key_pem().as_bytes()).unwrap();
            config.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}
