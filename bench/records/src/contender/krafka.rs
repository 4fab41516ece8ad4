//! krafka: owned records; its codec is reached by the feature `internal`.

use bytes::Bytes;
use krafka::__private::protocol::{Compression, Record, RecordBatch};

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::{BASE_TIMESTAMP, Workload};

pub(crate) struct Krafka;

impl Peer for Krafka {
    const NAME: &'static str = "krafka";
    const DEFAULTS: &'static str = "CRC checked (crc32c); gzip 6, snappy 32 KiB blocks, lz4_flex 0.11, zstd C level 3 to encode and ruzstd to decode";

    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder> {
        let batch = batch(workload, codec);
        Some(Box::new(move |out| {
            drop(out.batch_before());
            out.made = batch.encode()?;
            Ok(())
        }))
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        let batch = RecordBatch::decode(&mut batch.clone())?;
        for record in &batch.records {
            let offset = batch.base_offset + i64::from(record.offset_delta);
            let timestamp = batch.base_timestamp + record.timestamp_delta;
            visit.record(offset, timestamp, record.key.as_deref(), record.value.as_deref());
            for header in &record.headers {
                visit.header(&header.key, header.value.as_deref());
            }
        }
        Ok(())
    }
}

const fn compression(codec: Codec) -> Compression {
    match codec {
        Codec::None => Compression::None,
        Codec::Gzip => Compression::Gzip,
        Codec::Snappy => Compression::Snappy,
        Codec::Lz4 => Compression::Lz4,
        Codec::Zstd => Compression::Zstd,
    }
}

fn batch(workload: &Workload, codec: Codec) -> RecordBatch {
    let mut batch = RecordBatch::new().with_compression(compression(codec));
    batch.partition_leader_epoch = -1;
    batch.last_offset_delta = workload.records.len() as i32 - 1;
    batch.base_timestamp = BASE_TIMESTAMP;
    batch.max_timestamp = workload.max_timestamp();
    for (index, record) in (0..).zip(&workload.records) {
        let plain = Record::new(record.key.clone(), Some(record.value.clone()))
            .with_offset_delta(index)
            .with_timestamp_delta(record.timestamp - BASE_TIMESTAMP);
        let with_headers = |to: Record, (key, value): &(&'static str, Bytes)| to.with_header(*key, value.clone());
        batch.add_record(record.headers.iter().fold(plain, with_headers));
    }
    batch
}
