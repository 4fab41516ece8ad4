//! odradek-protocol: owned records; compressed ones stay as they came.

use anyhow::bail;
use bytes::Bytes;
use odradek_protocol::records::{Record, RecordBatch, RecordHeader, Records};

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::{BASE_TIMESTAMP, Workload};

pub(crate) struct Odradek;

impl Peer for Odradek {
    const NAME: &'static str = "odradek-protocol";
    const DEFAULTS: &'static str = "CRC checked (crc32c, feature hardware-crc); allocation bounded; has no codec";

    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder> {
        if codec != Codec::None {
            return None;
        }
        let batch = batch(workload);
        Some(Box::new(move |out| Ok(batch.encode_to(out.buffer())?)))
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        let batch = RecordBatch::decode(&mut batch.clone())?;
        let Records::Plain(records) = &batch.records else { bail!("the records are compressed") };
        for record in records {
            let offset = batch.base_offset + i64::from(record.offset_delta);
            let timestamp = batch.base_timestamp + record.timestamp_delta;
            visit.record(offset, timestamp, record.key.as_deref(), record.value.as_deref());
            for header in &record.headers {
                visit.header(header.key.as_bytes(), header.value.as_deref());
            }
        }
        Ok(())
    }

    fn decodes(codec: Codec) -> bool {
        codec == Codec::None
    }
}

fn batch(workload: &Workload) -> RecordBatch {
    let header = |(key, value): &(&str, Bytes)| RecordHeader { key: (*key).to_owned(), value: Some(value.clone()) };
    let record = |(index, record): (i32, &crate::workload::Record)| Record {
        attributes: 0,
        timestamp_delta: record.timestamp - BASE_TIMESTAMP,
        offset_delta: index,
        key: record.key.clone(),
        value: Some(record.value.clone()),
        headers: record.headers.iter().map(header).collect(),
    };
    RecordBatch {
        partition_leader_epoch: -1,
        last_offset_delta: workload.records.len() as i32 - 1,
        base_timestamp: BASE_TIMESTAMP,
        max_timestamp: workload.max_timestamp(),
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        records: Records::Plain((0..).zip(&workload.records).map(record).collect()),
        ..RecordBatch::default()
    }
}
