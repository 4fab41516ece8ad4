//! `/topics/{topic}/records`, and those of a partition.
//!
//! Bytes are text where they are UTF-8, and `{"base64": "..."}` where they are not; both are taken too.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ottla_mockbroker::NewRecord;
use ottla_wire::compression::Limits;
use ottla_wire::record::{Batch, Record};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::Shared;
use super::problem::{Asking, At, Body, Outcome, Problem};

/// How many records are told at once, where the request does not say it.
const RECORDS_DEFAULT: usize = 1000;

/// Records to write into a partition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    partition: i32,
    records: Vec<AskedRecord>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedRecord {
    key: Option<Content>,
    value: Option<Content>,
    #[serde(default)]
    headers: Vec<AskedHeader>,
    timestamp_ms: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedHeader {
    key: String,
    value: Option<Content>,
}

/// Bytes, as text or in base64.
#[derive(Debug)]
struct Content(Vec<u8>);

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Base64 { base64: String },
        }
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self(text.into_bytes())),
            Written::Base64 { base64 } => STANDARD.decode(base64).map(Self).map_err(D::Error::custom),
        }
    }
}

impl From<AskedRecord> for NewRecord {
    fn from(asked: AskedRecord) -> Self {
        let mut record = asked.value.map_or_else(Self::default, |Content(value)| Self::new(value));
        if let Some(Content(key)) = asked.key {
            record = record.key(key);
        }
        if let Some(timestamp_ms) = asked.timestamp_ms {
            record = record.timestamp_ms(timestamp_ms);
        }
        asked.headers.into_iter().fold(record, |record, it| record.header(it.key, it.value.map(|Content(value)| value)))
    }
}

pub(super) async fn produce(
    State(controlled): Shared,
    At(topic): At<String>,
    Body(asked): Body<Asked>,
) -> Outcome<Json<Value>> {
    let records: Vec<NewRecord> = asked.records.into_iter().map(NewRecord::from).collect();
    let base_offset = controlled.cluster.produce(&topic, asked.partition, &records)?;
    Ok(Json(json!({"partition": asked.partition, "base_offset": base_offset})))
}

/// Which records are told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Range {
    #[serde(default)]
    offset: i64,
    limit: Option<usize>,
}

pub(super) async fn read(
    State(controlled): Shared,
    At((topic, partition)): At<(String, i32)>,
    Asking(range): Asking<Range>,
) -> Outcome<Json<Value>> {
    let batches = controlled.cluster.records(&topic, partition)?;
    let left = range.limit.unwrap_or(RECORDS_DEFAULT);
    let mut told = Vec::new();
    for batch in batches.into_iter().filter(|batch| batch.last_offset() >= range.offset && !batch.is_control()) {
        if told.len() >= left {
            break;
        }
        tell(batch, range.offset, left, &mut told)?;
    }
    Ok(Json(told.into()))
}

/// Tells the records of a batch from an offset on, until there are as many as are wanted.
fn tell(batch: Batch, offset: i64, limit: usize, told: &mut Vec<Value>) -> Outcome<()> {
    let batch = batch.decompress(&Limits::default()).map_err(Problem::refused)?;
    for record in batch.records().map_err(Problem::refused)? {
        let record = record.map_err(Problem::refused)?;
        if record.offset >= offset && told.len() < limit {
            told.push(as_json(&record));
        }
    }
    Ok(())
}

fn as_json(record: &Record<'_>) -> Value {
    let header = |header: ottla_wire::record::Header<'_>| json!({"key": content(header.key), "value": header.value.map(content)});
    json!({
        "offset": record.offset,
        "timestamp_ms": record.timestamp,
        "key": record.key.map(content),
        "value": record.value.map(content),
        "headers": record.headers().map(header).collect::<Vec<_>>(),
    })
}

fn content(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => json!({"base64": STANDARD.encode(bytes)}),
    }
}
