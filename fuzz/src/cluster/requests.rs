//! Requests that a good client sends, and ones that are off by a choice.

use std::time::SystemTime;

use bytes::Bytes;
use ottla_core::iam::sign;
use ottla_core::region::Region;
use ottla_mockbroker_core::Now;
use ottla_mockbroker_core::iam::Credentials;
use ottla_wire::message::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use ottla_wire::message::delete_topics_request::DeleteTopicState;
use ottla_wire::message::fetch_request::{FetchPartition, FetchTopic};
use ottla_wire::message::produce_request::{PartitionProduceData, TopicProduceData};
use ottla_wire::message::{
    CreateTopicsRequest, DeleteTopicsRequest, FetchRequest, ProduceRequest, SaslHandshakeRequest, StrBytes, TopicName,
};
use ottla_wire::record::{BatchWriter, Compression, NewRecord, ProducerStamp, compressed, next_batch};

use super::super::script::Script;
use super::TOPICS;

fn text(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn topic(script: &mut Script<'_>) -> TopicName {
    TopicName(text(script.choice(&TOPICS)))
}

fn partition(script: &mut Script<'_>) -> i32 {
    script.choice(&[0, 1, 2, -1])
}

pub fn produce(script: &mut Script<'_>, now: Now) -> ProduceRequest {
    let topic = topic(script);
    let data = PartitionProduceData::default().with_index(partition(script)).with_records(Some(batch(script, now)));
    let topic = TopicProduceData::default().with_name(topic).with_partition_data(vec![data]);
    ProduceRequest::default()
        .with_transactional_id(None)
        .with_acks(script.choice(&[-1, 0, 1, 2]))
        .with_topic_data(vec![topic])
}

/// A batch of some records, in some codec; perhaps one of its bytes is another.
fn batch(script: &mut Script<'_>, now: Now) -> Bytes {
    let mut writer = BatchWriter::new(0);
    for _ in 0..script.below(4) {
        let record = NewRecord::new(now.millis(), None, Some(script.bytes()));
        writer.append(&record).expect("records of no more bytes than an input has");
    }
    let stamp = match script.below(3) {
        0 => ProducerStamp::NONE,
        sequence => ProducerStamp {
            producer_id: 0,
            producer_epoch: 0,
            base_sequence: sequence as i32 - 1,
            ..ProducerStamp::NONE
        },
    };
    let plain = writer.finish(stamp);
    let codec = script.choice(&Compression::ALL);
    let whole = next_batch(&mut plain.clone()).ok().flatten();
    let batch = whole.and_then(|batch| compressed(batch, codec, None).ok()).map_or(plain, |batch| batch.to_bytes());
    let mut batch = Vec::from(batch);
    if script.flag() && !batch.is_empty() {
        let at = script.below(batch.len());
        batch[at] = script.byte();
    }
    batch.into()
}

pub fn fetch(script: &mut Script<'_>, _now: Now) -> FetchRequest {
    let topic = topic(script);
    let partition = FetchPartition::default()
        .with_partition(partition(script))
        .with_fetch_offset(script.choice(&[0, 1, -1, i64::MAX]))
        .with_current_leader_epoch(script.choice(&[-1, 0, 1]))
        .with_partition_max_bytes(script.choice(&[i32::MAX, 1, 0, -1]));
    FetchRequest::default()
        .with_max_wait_ms(script.choice(&[500, i32::MAX, 0, -1]))
        .with_min_bytes(script.choice(&[1, i32::MAX, 0]))
        .with_max_bytes(script.choice(&[i32::MAX, 1, 0, -1]))
        .with_topics(vec![FetchTopic::default().with_topic(topic).with_partitions(vec![partition])])
}

pub fn create_topics(script: &mut Script<'_>, _now: Now) -> CreateTopicsRequest {
    let (name, value) = script.choice(&[
        ("compression.type", "zstd"),
        ("message.timestamp.type", "LogAppendTime"),
        ("max.message.bytes", "70"),
        ("cleanup.policy", "none"),
    ]);
    let config = CreatableTopicConfig::default().with_name(text(name)).with_value(Some(text(value)));
    let topic = CreatableTopic::default()
        .with_name(topic(script))
        .with_num_partitions(script.choice(&[1, 2, 15, i32::MAX, -1]))
        .with_replication_factor(script.choice(&[1, 3, -1, 4]))
        .with_configs(if script.flag() { vec![config] } else { Vec::new() });
    CreateTopicsRequest::default().with_topics(vec![topic]).with_validate_only(script.below(8) == 1)
}

pub fn delete_topics(script: &mut Script<'_>, _now: Now) -> DeleteTopicsRequest {
    let topic = topic(script);
    if script.flag() {
        return DeleteTopicsRequest::default().with_topic_names(vec![topic]);
    }
    DeleteTopicsRequest::default().with_topics(vec![DeleteTopicState::default().with_name(Some(topic))])
}

pub fn sasl_handshake(script: &mut Script<'_>, _now: Now) -> SaslHandshakeRequest {
    let mechanism = ["AWS_MSK_IAM", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"];
    SaslHandshakeRequest::default().with_mechanism(text(script.choice(&mechanism)))
}

/// What clients say first with PLAIN, SCRAM and OAUTHBEARER, and what they say after a refusal of the last. The token of OAUTHBEARER holds until 2100.
const TOKENS: [&[u8]; 5] = [
    b"\0user\0password",
    b"n,,n=user,r=nonce",
    b"n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyIiwiZXhwIjo0MTAyNDQ0ODAwfQ.\x01\x01",
    b"n,,\x01auth=Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyIiwiZXhwIjowfQ.\x01\x01",
    b"\x01",
];

/// A token of some mechanism, perhaps with one byte that is another; or any bytes.
pub fn token(script: &mut Script<'_>, credentials: &Credentials, now: Now) -> Bytes {
    let mut token = match script.below(9) {
        0 => return Bytes::copy_from_slice(script.bytes()),
        1 => signed(credentials, SystemTime::UNIX_EPOCH, "us-east-1"),
        2 => signed(credentials, now.wall, "eu-west-1"),
        3 => signed(credentials, now.wall, "us-east-1"),
        other => TOKENS[other - 4].to_vec(),
    };
    if script.below(8) == 1 {
        let at = script.below(token.len());
        token[at] = script.byte();
    }
    token.into()
}

fn signed(credentials: &Credentials, wall: SystemTime, region: &str) -> Vec<u8> {
    let credentials = aws_credential_types::Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        credentials.session_token().map(str::to_owned),
        None,
        "fuzz",
    );
    let region = Region::new(region).expect("a region");
    let payload = sign(&credentials, "b-1.fuzz", &region, "fuzz", wall);
    payload.expect("a host, a region and a time that can be signed").to_json().into()
}
