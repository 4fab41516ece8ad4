//! ottla: borrowed records into one buffer, and borrowed records out of the batch.

use std::cell::RefCell;

use bytes::Bytes;
use ottla_wire::compression::{Compressor, Decompressor, Limits};
use ottla_wire::record::{BatchWriter, Compression, Header, NewRecord, ProducerStamp, next_batch};

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::{Record, Workload};

pub(crate) struct Ottla;

thread_local! {
    /// A consumer has one.
    static DECOMPRESSOR: RefCell<Decompressor> = RefCell::default();
}

impl Peer for Ottla {
    const NAME: &'static str = "ottla";
    const DEFAULTS: &'static str = "CRC checked (crc-fast), each record checked whole before it is handed out; gzip 6 (zlib-rs), snappy 32 KiB blocks, lz4_flex 0.14 (safe), zstd level 3; all bounded";

    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder> {
        let records = workload.records.clone();
        Some(match compression(codec) {
            Compression::None => Box::new(move |out| {
                let mut writer = BatchWriter::in_place_of(out.batch_before());
                for record in &records {
                    let headers =
                        record.headers.iter().map(|(key, value)| Header { key: key.as_bytes(), value: Some(value) });
                    writer.append(&NewRecord {
                        timestamp: record.timestamp,
                        key: record.key.as_deref(),
                        value: Some(&record.value),
                        headers,
                    })?;
                }
                out.made = writer.finish(ProducerStamp::NONE);
                Ok(())
            }),
            codec => {
                let mut compressor = Compressor::new(codec, None).ok()?;
                let mut writer = BatchWriter::new(0);
                Box::new(move |out| {
                    drop(out.batch_before());
                    writer.clear();
                    append(&records, &mut writer)?;
                    out.made = writer.compressed(ProducerStamp::NONE, &mut compressor)?;
                    Ok(())
                })
            }
        })
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        let (mut bytes, limits) = (batch.clone(), Limits::default());
        while let Some(batch) = next_batch(&mut bytes)? {
            let batch = DECOMPRESSOR.with_borrow_mut(|decompressor| batch.decompress_with(decompressor, &limits))?;
            for record in batch.records()? {
                let record = record?;
                visit.record(record.offset, record.timestamp, record.key, record.value);
                for header in record.headers() {
                    visit.header(header.key, header.value);
                }
            }
        }
        Ok(())
    }
}

fn append(records: &[Record], writer: &mut BatchWriter) -> anyhow::Result<()> {
    for record in records {
        let headers = record.headers.iter().map(|(key, value)| Header { key: key.as_bytes(), value: Some(value) });
        writer.append(&NewRecord {
            timestamp: record.timestamp,
            key: record.key.as_deref(),
            value: Some(&record.value),
            headers,
        })?;
    }
    Ok(())
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
