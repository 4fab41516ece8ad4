//! Kafka's own record batches: read field by field, written again, and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code, reason = "records have no API and no direction")]
mod golden;

use bytes::Bytes;
use ottla_wire::record::{self, Batch, BatchWriter, Header, NewRecord, ProducerStamp, Record, TimestampType};
use serde_json::{Value, json};

fn lines() -> Vec<Value> {
    let lines: Vec<Value> = golden::lines("record-batches.jsonl").collect();
    assert!(!lines.is_empty());
    lines
}

fn only_batch(line: &Value) -> Batch {
    let mut bytes = golden::bytes(line);
    let batch = record::next_batch(&mut bytes).unwrap().unwrap();
    assert_eq!(record::next_batch(&mut bytes), Ok(None), "{line}");
    batch
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The header as the golden file has it.
fn fields(batch: &Batch) -> Value {
    json!({
        "baseOffset": batch.base_offset(),
        "lastOffset": batch.last_offset(),
        "nextOffset": batch.next_offset(),
        "leaderEpoch": batch.leader_epoch().0,
        "magic": 2,
        "compression": batch.compression().name(),
        "timestampType": batch.timestamp_type().name(),
        "isTransactional": batch.is_transactional(),
        "isControl": batch.is_control(),
        "baseTimestamp": batch.base_timestamp(),
        "maxTimestamp": batch.max_timestamp(),
        "deleteHorizon": batch.delete_horizon(),
        "producerId": batch.producer_id(),
        "producerEpoch": batch.producer_epoch(),
        "baseSequence": batch.base_sequence(),
        "lastSequence": batch.last_sequence(),
        "count": batch.record_count(),
    })
}

/// A record as the golden file has it.
fn record(record: Record<'_>) -> Value {
    let header = |header: Header<'_>| json!([header.key_str().unwrap(), header.value.map(hex)]);
    json!({
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": record.key.map(hex),
        "value": record.value.map(hex),
        "headers": record.headers().map(header).collect::<Vec<_>>(),
    })
}

#[test]
fn a_batch_of_kafka_is_read_field_by_field() {
    for line in lines() {
        let batch = only_batch(&line);
        assert_eq!(fields(&batch), line["fields"], "{}", line["name"]);
        let records: Vec<Value> = batch.records().unwrap().map(|read| record(read.unwrap())).collect();
        assert_eq!(Value::from(records), line["records"], "{}", line["name"]);
    }
}

#[test]
fn every_cut_of_a_batch_of_kafka_is_cut() {
    for line in lines() {
        let whole = golden::bytes(&line);
        for end in 1..whole.len() {
            let cut = record::next_batch(&mut whole.slice(..end)).unwrap_err();
            assert!(cut.is_cut(), "{} after {end} bytes: {cut}", line["name"]);
        }
    }
}

/// Whether a producer writes such a batch, and its bytes still say all that it wrote.
fn is_as_produced(batch: &Batch) -> bool {
    let is_whole = batch.record_count().checked_sub(1) == Some(batch.last_offset_delta());
    let keeps_times = batch.timestamp_type() == TimestampType::CreateTime && batch.delete_horizon().is_none();
    is_whole && keeps_times && !batch.is_control()
}

fn written_again(batch: &Batch) -> Bytes {
    let mut writer = BatchWriter::new(batch.size_bytes());
    for record in batch.records().unwrap() {
        let record = record.unwrap();
        let Record { timestamp, key, value, .. } = record;
        writer.append(&NewRecord { timestamp, key, value, headers: record.headers() }).unwrap();
    }
    writer.finish(ProducerStamp {
        producer_id: batch.producer_id(),
        producer_epoch: batch.producer_epoch(),
        base_sequence: batch.base_sequence(),
        is_transactional: batch.is_transactional(),
    })
}

#[test]
fn a_batch_is_written_as_kafka_writes_it() {
    let as_produced: Vec<Value> = lines().into_iter().filter(|line| is_as_produced(&only_batch(line))).collect();
    assert!(as_produced.len() > lines().len() / 2, "most golden batches are such that a producer writes");
    for line in as_produced {
        let kafkas = only_batch(&line);
        let ours = record::next_batch(&mut written_again(&kafkas)).unwrap().unwrap();
        let ours = ours.restamped(kafkas.base_offset(), kafkas.leader_epoch(), None);
        assert_eq!(hex(ours.bytes()), hex(kafkas.bytes()), "{}", line["name"]);
    }
}

#[test]
fn the_append_time_is_stamped_as_kafka_stamps_it() {
    let line = lines().into_iter().find(|line| line["fields"]["timestampType"] == "LogAppendTime").unwrap();
    let kafkas = only_batch(&line);
    let produced = kafkas.clone().with_max_create_time(kafkas.base_timestamp());
    assert_ne!(produced.bytes(), kafkas.bytes());
    let stamped = produced.restamped(kafkas.base_offset(), kafkas.leader_epoch(), Some(kafkas.max_timestamp()));
    assert_eq!(hex(stamped.bytes()), hex(kafkas.bytes()));
}
