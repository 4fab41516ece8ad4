//! A broker in memory that speaks Kafka as far as it is told to.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use ottla::{Client, ClientBuilder};
use ottla_wire::ApiKey;
use ottla_wire::codec::{decode_request, encode_response};
use ottla_wire::frame::{FRAME_BYTES_MAX, LENGTH_BYTES, split};
use ottla_wire::header::{RequestHeader, encode_response_header};
use ottla_wire::message::api_versions_response::ApiVersion;
use ottla_wire::message::fetch_response::{FetchableTopicResponse, PartitionData};
use ottla_wire::message::list_offsets_response::{ListOffsetsPartitionResponse, ListOffsetsTopicResponse};
use ottla_wire::message::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use ottla_wire::message::produce_response::{PartitionProduceResponse, TopicProduceResponse};
use ottla_wire::message::{
    ApiVersionsRequest, ApiVersionsResponse, FetchRequest, FetchResponse, InitProducerIdRequest,
    InitProducerIdResponse, ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse, ProduceRequest,
    ProduceResponse, Request, StrBytes,
};
use protocol_tests::config;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::sleep;

/// A request as the broker sees it.
pub(crate) struct Asked {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    pub(crate) body: Bytes,
}

/// What an odd broker does.
pub(crate) enum Does {
    Answers(Bytes),
    AnswersAfter(Duration, Bytes),
    AnswersAndCloses(Bytes),
    /// Under another correlation id than the one asked.
    Mistakes(Bytes),
    /// Exactly these bytes, and nothing after them.
    Says(Vec<u8>),
    Closes,
    Nothing,
}

impl Asked {
    pub(crate) fn read<R: Request>(&self) -> R {
        decode_request(self.version, self.body.clone()).unwrap()
    }

    pub(crate) fn with<R: Request>(&self, response: &R::Response) -> Bytes {
        encode_response::<R>(self.version, response).unwrap()
    }

    /// What a good broker with one partition of every topic would say.
    pub(crate) fn good(&self) -> Does {
        match self.api {
            ApiKey::ApiVersions => Does::Answers(self.with::<ApiVersionsRequest>(&offers(&OFFERED))),
            ApiKey::Metadata => Does::Answers(self.with::<MetadataRequest>(&self.metadata())),
            ApiKey::ListOffsets => Does::Answers(self.with::<ListOffsetsRequest>(&self.offsets())),
            ApiKey::Produce => Does::Answers(self.with::<ProduceRequest>(&self.produced())),
            ApiKey::Fetch => {
                let wait = Duration::from_millis(self.read::<FetchRequest>().max_wait_ms.try_into().unwrap());
                Does::AnswersAfter(wait, self.with::<FetchRequest>(&self.fetched()))
            }
            ApiKey::InitProducerId => {
                Does::Answers(self.with::<InitProducerIdRequest>(&InitProducerIdResponse::default()))
            }
            other => panic!("{other} is not offered"),
        }
    }

    pub(crate) fn metadata(&self) -> MetadataResponse {
        let partition = || MetadataResponsePartition::default().with_leader_id(BROKER.into());
        let topics = self.read::<MetadataRequest>().topics.unwrap_or_default().into_iter();
        let topics = topics
            .map(|topic| MetadataResponseTopic::default().with_name(topic.name).with_partitions(vec![partition()]));
        let host = StrBytes::from_static_str("odd.example");
        let broker = MetadataResponseBroker::default().with_node_id(BROKER.into()).with_host(host).with_port(9092);
        MetadataResponse::default()
            .with_brokers(vec![broker])
            .with_controller_id(BROKER.into())
            .with_topics(topics.collect())
    }

    pub(crate) fn offsets(&self) -> ListOffsetsResponse {
        let topics = self.read::<ListOffsetsRequest>().topics.into_iter().map(|topic| {
            let partitions = topic.partitions.iter().map(|asked| {
                ListOffsetsPartitionResponse::default().with_partition_index(asked.partition_index).with_offset(0)
            });
            ListOffsetsTopicResponse::default().with_name(topic.name.clone()).with_partitions(partitions.collect())
        });
        ListOffsetsResponse::default().with_topics(topics.collect())
    }

    pub(crate) fn produced(&self) -> ProduceResponse {
        let topics = self.read::<ProduceRequest>().topic_data.into_iter().map(|topic| {
            let partitions =
                topic.partition_data.iter().map(|asked| PartitionProduceResponse::default().with_index(asked.index));
            TopicProduceResponse::default().with_name(topic.name.clone()).with_partition_responses(partitions.collect())
        });
        ProduceResponse::default().with_responses(topics.collect())
    }

    pub(crate) fn fetched(&self) -> FetchResponse {
        let topics = self.read::<FetchRequest>().topics.into_iter().map(|topic| {
            let partitions =
                topic.partitions.iter().map(|asked| PartitionData::default().with_partition_index(asked.partition));
            FetchableTopicResponse::default().with_topic(topic.topic.clone()).with_partitions(partitions.collect())
        });
        FetchResponse::default().with_responses(topics.collect())
    }
}

/// The only broker there is.
pub(crate) const BROKER: i32 = 1;

/// Versions before topics had ids.
pub(crate) const OFFERED: [(ApiKey, i16, i16); 6] = [
    (ApiKey::ApiVersions, 0, 4),
    (ApiKey::Metadata, 4, 9),
    (ApiKey::Produce, 3, 9),
    (ApiKey::Fetch, 4, 11),
    (ApiKey::ListOffsets, 1, 5),
    (ApiKey::InitProducerId, 0, 1),
];

pub(crate) fn offers(ranges: &[(ApiKey, i16, i16)]) -> ApiVersionsResponse {
    let range = |(api, min, max): &(ApiKey, i16, i16)| {
        ApiVersion::default().with_api_key(api.key()).with_min_version(*min).with_max_version(*max)
    };
    ApiVersionsResponse::default().with_api_keys(ranges.iter().map(range).collect())
}

/// How often the broker was dialled and asked. It falls silent when that is absurdly often, so that a client that spins fails its test and does not hang it.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) dials: AtomicUsize,
    pub(crate) requests: AtomicUsize,
}

const ABSURD: usize = 10_000;

impl Counts {
    fn is_absurd(&self) -> bool {
        self.dials.load(Ordering::Relaxed).max(self.requests.load(Ordering::Relaxed)) >= ABSURD
    }
}

/// A client of a broker that does what `does` says, and as a good broker where it says nothing.
pub(crate) fn odd(does: impl Fn(&Asked) -> Option<Does> + Send + Sync + 'static) -> (ClientBuilder, Arc<Counts>) {
    let (counts, does) = (Arc::new(Counts::default()), Arc::new(does));
    let counted = Arc::clone(&counts);
    let dial = move |_: String, _: u16| {
        let (near, far) = tokio::io::duplex(64 * 1024);
        counted.dials.fetch_add(1, Ordering::Relaxed);
        let (does, counted) = (Arc::clone(&does), Arc::clone(&counted));
        tokio::spawn(async move { serve(far, &counted, does.as_ref()).await });
        std::future::ready(Ok::<_, io::Error>(near))
    };
    (Client::builder("odd.example:9092").plaintext().config(config()).dial(dial), counts)
}

pub(crate) async fn serve(
    mut stream: DuplexStream,
    counts: &Counts,
    does: &(impl Fn(&Asked) -> Option<Does> + ?Sized),
) {
    let mut inbox = BytesMut::new();
    loop {
        let Some(mut frame) = split(&mut inbox, FRAME_BYTES_MAX).unwrap() else {
            match stream.read_buf(&mut inbox).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        counts.requests.fetch_add(1, Ordering::Relaxed);
        let header = RequestHeader::decode(&mut frame).unwrap();
        let asked = Asked { api: header.api_key.try_into().unwrap(), version: header.api_version, body: frame };
        let mut answer = if counts.is_absurd() { Does::Nothing } else { does(&asked).unwrap_or_else(|| asked.good()) };
        if let Does::AnswersAfter(wait, body) = answer {
            sleep(wait).await;
            answer = Does::Answers(body);
        }
        let (bytes, closes) = match answer {
            Does::Answers(body) | Does::AnswersAfter(_, body) => (message(&asked, header.correlation_id, &body), false),
            Does::AnswersAndCloses(body) => (message(&asked, header.correlation_id, &body), true),
            Does::Mistakes(body) => (message(&asked, header.correlation_id + 1, &body), false),
            Does::Says(bytes) => (bytes, false),
            Does::Closes => return,
            Does::Nothing => continue,
        };
        if stream.write_all(&bytes).await.is_err() || closes {
            return;
        }
    }
}

pub(crate) fn message(asked: &Asked, correlation_id: i32, body: &Bytes) -> Vec<u8> {
    let mut out = BytesMut::new();
    out.put_bytes(0, LENGTH_BYTES);
    encode_response_header(asked.api, asked.version, correlation_id, &mut out);
    out.put_slice(body);
    let length = u32::try_from(out.len() - LENGTH_BYTES).unwrap();
    out[..LENGTH_BYTES].copy_from_slice(&length.to_be_bytes());
    out.to_vec()
}

/// What `does`, where `api` is asked for.
pub(crate) fn to(api: ApiKey, does: impl Fn(&Asked) -> Does) -> impl Fn(&Asked) -> Option<Does> {
    move |asked| (asked.api == api).then(|| does(asked))
}
