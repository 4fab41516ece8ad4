//! kacrab, whose codec is the crate kacrab-protocol: owned records.

use bytes::Bytes;
use kacrab_protocol::record::{Record, RecordBatch, RecordHeader};

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::{BASE_TIMESTAMP, Workload};

pub(crate) struct Kacrab;

impl Peer for Kacrab {
    const NAME: &'static str = "kacrab";
    const DEFAULTS: &'static str = "CRC checked (crc32c); gzip 6, snappy xerial, lz4_flex 0.12 (safe), zstd C level 3";

    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder> {
        let batch = batch(workload, codec);
        Some(Box::new(move |out| Ok(batch.encode(out.buffer())?)))
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        let batch = RecordBatch::decode(&mut batch.clone())?;
        for record in &batch.records {
            let offset = batch.base_offset + i64::from(record.offset_delta);
            let timestamp = batch.first_timestamp + record.timestamp_delta;
            visit.record(offset, timestamp, record.key.as_deref(), record.value.as_deref());
            for header in &record.headers {
                visit.header(&header.key, header.value.as_deref());
            }
        }
        Ok(())
    }
}

fn batch(workload: &Workload, codec: Codec) -> RecordBatch {
    let header = |(key, value): &(&'static str, Bytes)| RecordHeader {
        key: Bytes::from_static(key.as_bytes()),
        value: Some(value.clone()),
    };
    let record = |(index, record): (i32, &crate::workload::Record)| Record {
        attributes: 0,
        timestamp_delta: record.timestamp - BASE_TIMESTAMP,
        offset_delta: index,
        key: record.key.clone(),
        value: Some(record.value.clone()),
        headers: record.headers.iter().map(header).collect(),
    };
    RecordBatch {
        base_offset: 0,
        partition_leader_epoch: -1,
        magic: 2,
        attributes: codec.bits(),
        last_offset_delta: workload.records.len() as i32 - 1,
        first_timestamp: BASE_TIMESTAMP,
        max_timestamp: workload.max_timestamp(),
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        records: (0..).zip(&workload.records).map(record).collect(),
    }
}
