//! One client that is busy among many that are idle, and one partition that is used among many that are not.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context, ensure};
use bytes::{Bytes, BytesMut};
use ottla_wire::api::key_of;
use ottla_wire::codec;
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::message::fetch_request::{FetchPartition, FetchTopic};
use ottla_wire::message::metadata_request::MetadataRequestTopic;
use ottla_wire::message::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::message::{FetchRequest, MetadataRequest, ProduceRequest, Request, StrBytes};
use ottla_wire::record::{BatchWriter, NewRecord, ProducerStamp};

use crate::broker::{Broker, program};
use crate::row::Row;

const FEW: usize = 10;
const MANY: usize = 10_000;

/// How often both are asked, in turn, and how many requests of each kind that takes.
const ROUNDS: usize = 9;
const REQUESTS: usize = 500;

/// Versions that have a topic's name.
const METADATA: i16 = 9;
const PRODUCE: i16 = 9;
const FETCH: i16 = 12;

/// The partition that is used.
const TOPIC: &str = "used";

pub(crate) fn rows() -> anyhow::Result<Vec<Row>> {
    let (mut few, mut many) = (Crowd::new(FEW)?, Crowd::new(MANY)?);
    let mut rows = Vec::new();
    for (name, ask) in [("Metadata", Crowd::metadata as Ask), ("Produce", Crowd::produce), ("Fetch", Crowd::fetch)] {
        let turn = |_| Ok((many.microseconds(ask)?, few.microseconds(ask)?));
        let turns = (0..ROUNDS).map(turn).collect::<anyhow::Result<Vec<_>>>()?;
        rows.push(Row::at_most(format!("CPU of a {name}, 10,000 idle"), "us; beside 10 idle", &turns, 1.2));
    }
    Ok(rows)
}

type Ask = fn(&mut Crowd) -> anyhow::Result<()>;

/// A broker with idle connections and partitions, and one connection that is busy.
struct Crowd {
    broker: Broker,
    busy: TcpStream,
    /// Open, and nothing else.
    _idle: Vec<TcpStream>,
}

impl Crowd {
    fn new(idle: usize) -> anyhow::Result<Self> {
        let unused = format!("unused:{idle}");
        let mock = program("MOCKBROKER")?;
        // Both brokers on one processor: what it costs to wake up depends on the processor, and what else runs there.
        let pinned = ["--cpu-list", &first_processor()?, &mock];
        let arguments = ["--port", "0", "--exit-with-stdin", "--topic", TOPIC, "--topic", &unused];
        let broker = Broker::run("taskset", &[&pinned[..], &arguments].concat())?;
        let connect = || TcpStream::connect(&broker.bootstrap);
        let idle = (0..idle).map(|_| connect()).collect::<Result<_, _>>().context("idle connections")?;
        let busy = connect()?;
        busy.set_nodelay(true)?;
        let mut crowd = Self { broker, busy, _idle: idle };
        // What is done once is done.
        for ask in [Self::metadata as Ask, Self::produce, Self::fetch] {
            ask(&mut crowd)?;
        }
        Ok(crowd)
    }

    /// The broker's processor time for one request.
    fn microseconds(&mut self, ask: Ask) -> anyhow::Result<f64> {
        let before = self.broker.cpu()?;
        for _ in 0..REQUESTS {
            ask(self)?;
        }
        let spent = self.broker.cpu()?.saturating_sub(before);
        Ok(spent.as_secs_f64() * 1e6 / REQUESTS as f64)
    }

    fn metadata(&mut self) -> anyhow::Result<()> {
        let topic = MetadataRequestTopic::default().with_name(Some(topic()));
        let answer = self.ask(METADATA, &MetadataRequest::default().with_topics(Some(vec![topic])))?;
        ensure!(answer.topics.iter().all(|topic| topic.error_code == 0 && topic.partitions.len() == 1), "{answer:?}");
        Ok(())
    }

    fn produce(&mut self) -> anyhow::Result<()> {
        let mut batch = BatchWriter::new(0);
        batch.append(&NewRecord::new(0, None, Some(&[0; 100])))?;
        let partition = PartitionProduceData::default().with_records(Some(batch.finish(ProducerStamp::NONE)));
        let topic = TopicProduceData::default().with_name(topic()).with_partition_data(vec![partition]);
        let request = ProduceRequest::default().with_acks(-1).with_timeout_ms(1000).with_topic_data(vec![topic]);
        let answer = self.ask(PRODUCE, &request)?;
        let codes = answer.responses.iter().flat_map(|topic| &topic.partition_responses).map(|it| it.error_code);
        ensure!(codes.eq([0]), "{answer:?}");
        Ok(())
    }

    fn fetch(&mut self) -> anyhow::Result<()> {
        let partition = FetchPartition::default().with_partition_max_bytes(1);
        let topic = FetchTopic::default().with_topic(topic()).with_partitions(vec![partition]);
        let request = FetchRequest::default().with_max_bytes(1).with_session_epoch(-1).with_topics(vec![topic]);
        let answer = self.ask(FETCH, &request)?;
        let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
        let records = partitions.map(|it| it.records.as_ref().map_or(0, Bytes::len)).sum::<usize>();
        ensure!(answer.error_code == 0 && records > 0, "{answer:?}");
        Ok(())
    }

    fn ask<R: Request>(&mut self, version: i16, request: &R) -> anyhow::Result<R::Response> {
        let api = key_of::<R>()?;
        let mut frame = BytesMut::from(&[0; 4][..]);
        RequestHeader { api_key: api as i16, api_version: version, correlation_id: 1, client_id: None }
            .encode(&mut frame)?;
        frame.extend_from_slice(&codec::encode_request(version, request)?);
        let length = u32::try_from(frame.len() - 4)?.to_be_bytes();
        frame[..4].copy_from_slice(&length);
        self.busy.write_all(&frame)?;
        let mut length = [0; 4];
        self.busy.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.busy.read_exact(&mut answer)?;
        let mut answer = Bytes::from(answer);
        decode_response_header(api, version, &mut answer)?;
        Ok(codec::decode_response::<R>(version, answer)?)
    }
}

fn topic() -> ottla_wire::message::TopicName {
    StrBytes::from_static_str(TOPIC).into()
}

/// The first processor that this process may run on.
fn first_processor() -> anyhow::Result<String> {
    let status = fs::read_to_string("/proc/self/status")?;
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).context("no processors")?;
    Ok(allowed.trim().chars().take_while(char::is_ascii_digit).collect())
}
