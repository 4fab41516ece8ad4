//! Kafka's own record batches: read field by field, written again, and cut.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[allow(dead_code, reason = "records have no API and no direction")]
mod golden;
#[path = "golden/written.rs"]
mod written;

use std::collections::BTreeSet;

use bytes::Bytes;
use ottla_wire::compression::Limits;
use ottla_wire::record::{
    self, Batch, BatchError, BatchWriter, Compression, Header, NewRecord, ProducerStamp, Record, TimestampType,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use written::Written;

/// Uncompressed batches of magic 2; each line is one.
const PLAIN: &str = "record-batches.jsonl";

/// Batches of every magic and codec; a line has any number of them.
const BY_CODEC: &str = "record-batches-by-codec.jsonl";

/// The hash of each of our batches that Kafka's reader has read as it was meant; of some there are two, by the codec in Rust and the one in C.
const OURS_READ: &str = "ours-read-by-kafka.jsonl";

/// What Kafka refuses to write.
const REFUSED: &str = "record-batches-refused.jsonl";

/// The kinds of batch that stand in each magic and codec, or are refused there.
const KINDS: [&str; 9] =
    ["empty", "one", "many", "headers", "nulls", "control", "log_append_time", "idempotent", "transactional"];

/// The lines that are read: our own, or those of the file that `OTTLA_GOLDEN_RECORDS` names.
fn lines() -> Vec<Value> {
    let lines: Vec<Value> = match std::env::var("OTTLA_GOLDEN_RECORDS") {
        Ok(file) => golden::lines_of(&file).collect(),
        Err(_) => golden::lines(PLAIN).chain(golden::lines(BY_CODEC)).collect(),
    };
    assert!(lines.iter().any(|line| !expected(line).is_empty()), "no batch in any line");
    lines
}

/// The batches of a line as Kafka reads them; a line that does not list them is one.
fn expected(line: &Value) -> &[Value] {
    line["batches"].as_array().map_or(std::slice::from_ref(line), Vec::as_slice)
}

/// The whole batches at the front of `bytes`, and what comes after them.
fn whole_batches(mut bytes: Bytes) -> (Vec<Batch>, Option<BatchError>) {
    let mut whole = Vec::new();
    loop {
        match record::next_batch(&mut bytes) {
            Ok(Some(batch)) => whole.push(batch),
            Ok(None) => return (whole, None),
            Err(error) => return (whole, Some(error)),
        }
    }
}

fn only_batch(line: &Value) -> Batch {
    let (mut batches, rest) = whole_batches(golden::bytes(line));
    assert!(batches.len() == 1 && rest.is_none(), "{line}");
    batches.remove(0)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The header as the golden file has it; what Kafka does not say of magic 0 and 1 is null.
fn fields(batch: &Batch) -> Value {
    let since_magic_2 = |field: i64| (batch.magic() >= 2).then_some(field);
    json!({
        "baseOffset": batch.base_offset(),
        "lastOffset": batch.last_offset(),
        "nextOffset": batch.next_offset(),
        "leaderEpoch": batch.leader_epoch().0,
        "magic": batch.magic(),
        "compression": batch.compression().name(),
        "timestampType": if batch.magic() == 0 { "NoTimestampType" } else { batch.timestamp_type().name() },
        "isTransactional": batch.is_transactional(),
        "isControl": batch.is_control(),
        "baseTimestamp": since_magic_2(batch.base_timestamp()),
        "maxTimestamp": batch.max_timestamp(),
        "deleteHorizon": batch.delete_horizon(),
        "producerId": batch.producer_id(),
        "producerEpoch": batch.producer_epoch(),
        "baseSequence": batch.base_sequence(),
        "lastSequence": batch.last_sequence(),
        "count": since_magic_2(batch.record_count().into()),
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

/// The records of a batch of the golden file, with the values in full that it tells by what repeats in them.
fn in_full(records: &Value) -> Value {
    let mut records = records.clone();
    for record in records.as_array_mut().unwrap() {
        if let Some(repeated) = record["value"]["repeated"].as_str() {
            let hex_digits = 2 * golden::int::<usize>(&record["value"], "bytes");
            record["value"] = repeated.chars().cycle().take(hex_digits).collect::<String>().into();
        }
    }
    records
}

/// Reads the batches in the bytes of a line, and holds every field and record of them to what the line says.
fn assert_read(line: &Value) {
    let name = &line["name"];
    let (batches, rest) = whole_batches(golden::bytes(line));
    assert_eq!(rest, None, "{name}");
    assert_eq!(batches.len(), expected(line).len(), "{name}");
    for (batch, expected) in batches.into_iter().zip(expected(line)) {
        let sent = batch.to_bytes();
        let batch = batch.decompress(&Limits::default()).unwrap();
        assert_eq!(batch.to_bytes(), sent, "{name}");
        assert_eq!(fields(&batch), expected["fields"], "{name}");
        let records: Vec<Value> = batch.records().unwrap().map(|read| record(read.unwrap())).collect();
        assert_eq!(Ok(records.len()), usize::try_from(batch.record_count()), "{name}");
        assert_eq!(Value::from(records), in_full(&expected["records"]), "{name}");
    }
}

#[test]
fn a_batch_of_kafka_is_read_field_by_field() {
    for line in lines() {
        assert_read(&line);
    }
}

#[test]
fn a_batch_of_ours_is_read_as_it_was_written() {
    for ours in written::batches() {
        assert_read(&ours.line);
    }
}

/// Where a codec comes to write other bytes, `golden/read-ours.sh` asks Kafka about them, and writes this file again.
///
/// The codecs look for what repeats by machine words, so that their bytes are those of machines whose words are like this.
#[test]
#[cfg_attr(
    not(all(target_pointer_width = "64", target_endian = "little")),
    ignore = "the codecs write other bytes here"
)]
fn what_we_write_is_byte_for_byte_what_kafkas_reader_has_read() {
    let name_and_hash = |line: Value| ["name", "sha256"].map(|field| line[field].as_str().unwrap().to_owned());
    let read: BTreeSet<_> = golden::lines(OURS_READ).map(name_and_hash).collect();
    let ours: BTreeSet<_> = written::batches()
        .into_iter()
        .map(|Written { name, bytes, .. }| [name, hex(&Sha256::digest(&bytes))])
        .collect();
    let unread: Vec<_> = ours.difference(&read).collect();
    assert!(unread.is_empty(), "Kafka has not read {unread:?}: run golden/read-ours.sh");
    let names = |of: &BTreeSet<[String; 2]>| of.iter().map(|[name, _]| name.clone()).collect::<BTreeSet<_>>();
    assert_eq!(names(&ours), names(&read), "run golden/read-ours.sh");
}

/// Each golden line, and the one after it in the same bytes: a log has batches of every magic side by side.
#[test]
fn a_cut_batch_of_kafka_is_cut_and_never_loses_those_before_it() {
    let lines: Vec<(Value, Bytes)> =
        lines().into_iter().map(|line| (line["name"].clone(), golden::bytes(&line))).collect();
    for (at, (name, first)) in lines.iter().enumerate() {
        let second = lines.get(at + 1).map_or(&[][..], |(_, second)| second);
        let bytes = Bytes::from([first, second].concat());
        let (whole, rest) = whole_batches(bytes.clone());
        assert_eq!(rest, None, "{name}");
        let ends: Vec<usize> = whole
            .iter()
            .scan(0, |end, batch| {
                *end += batch.size_bytes();
                Some(*end)
            })
            .collect();
        assert_eq!(ends.last().copied().unwrap_or_default(), bytes.len(), "{name}");
        for length in 0..bytes.len() {
            let (kept, rest) = whole_batches(bytes.slice(..length));
            let complete = ends.iter().filter(|end| **end <= length).count();
            assert_eq!(kept, whole[..complete], "{name} after {length} bytes");
            let at_an_end = length == 0 || ends.contains(&length);
            assert_eq!(rest.is_none(), at_an_end, "{name} after {length} bytes");
            assert!(rest.is_none_or(|error| error.is_cut()), "{name} after {length} bytes: {rest:?}");
        }
    }
}

#[test]
fn kafka_wrote_or_refused_every_kind_in_every_magic_and_codec() {
    let place = |line: &Value| (line["magic"].to_string(), line["codec"].to_string(), line["kind"].to_string());
    let written: BTreeSet<_> = golden::lines(BY_CODEC).map(|line| place(&line)).collect();
    let refused: BTreeSet<_> = golden::lines(REFUSED).map(|line| place(&line)).collect();
    for magic in 0..=2 {
        for (codec, kind) in Compression::ALL.iter().flat_map(|codec| KINDS.map(|kind| (codec.name(), kind))) {
            let place = place(&json!({ "magic": magic, "codec": codec, "kind": kind }));
            assert_ne!(written.contains(&place), refused.contains(&place), "{place:?}");
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
    let lines: Vec<Value> = golden::lines(PLAIN).collect();
    let as_produced: Vec<&Value> = lines.iter().filter(|line| is_as_produced(&only_batch(line))).collect();
    assert!(as_produced.len() > lines.len() / 2, "most golden batches are such that a producer writes");
    for line in as_produced {
        let kafkas = only_batch(line);
        let ours = record::next_batch(&mut written_again(&kafkas)).unwrap().unwrap();
        let ours = ours.restamped(kafkas.base_offset(), kafkas.leader_epoch(), None);
        assert_eq!(hex(&ours.to_bytes()), hex(&kafkas.to_bytes()), "{}", line["name"]);
    }
}

#[test]
fn the_append_time_is_stamped_as_kafka_stamps_it() {
    let line = golden::lines(PLAIN).find(|line| line["fields"]["timestampType"] == "LogAppendTime").unwrap();
    let kafkas = only_batch(&line);
    let produced = kafkas.clone().with_max_create_time(kafkas.base_timestamp());
    assert_ne!(produced.to_bytes(), kafkas.to_bytes());
    let stamped = produced.restamped(kafkas.base_offset(), kafkas.leader_epoch(), Some(kafkas.max_timestamp()));
    assert_eq!(hex(&stamped.to_bytes()), hex(&kafkas.to_bytes()));
}
