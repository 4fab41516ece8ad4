//! partitionline: borrowed records into a buffer, owned records out of the batch.

use bytes::Bytes;
use partitionline::protocol::records::{
    BatchHeader, Compression, EncodeRecord, Header, Record, decode_record_batch, write_record_batch,
};

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::{BASE_TIMESTAMP, Workload};

pub(crate) struct Partitionline;

impl Peer for Partitionline {
    const NAME: &'static str = "partitionline";
    const DEFAULTS: &'static str =
        "CRC checked (crc32c); gzip 6, snappy one block, lz4_flex 0.11; has no zstd; no bound on what is decompressed";

    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder> {
        let header = BatchHeader {
            attributes: compression(codec)? as i16,
            base_timestamp: BASE_TIMESTAMP,
            max_timestamp: workload.max_timestamp(),
            count: workload.records.len() as i32,
            ..BatchHeader::default()
        };
        let records: Vec<Record> = workload.records.iter().map(record).collect();
        Some(Box::new(move |out| {
            Ok(write_record_batch(out.buffer(), &header, records.iter().map(EncodeRecord::from_record))?)
        }))
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        for record in decode_record_batch(&mut batch.clone())?.records {
            visit.record(record.offset, record.timestamp, record.key.as_deref(), record.value.as_deref());
            for header in &record.headers {
                visit.header(header.key.as_bytes(), header.value.as_deref());
            }
        }
        Ok(())
    }

    fn decodes(codec: Codec) -> bool {
        compression(codec).is_some()
    }
}

const fn compression(codec: Codec) -> Option<Compression> {
    match codec {
        Codec::None => Some(Compression::None),
        Codec::Gzip => Some(Compression::Gzip),
        Codec::Snappy => Some(Compression::Snappy),
        Codec::Lz4 => Some(Compression::Lz4),
        Codec::Zstd => None,
    }
}

fn record(record: &crate::workload::Record) -> Record {
    Record {
        offset: 0,
        timestamp: record.timestamp,
        key: record.key.clone(),
        value: Some(record.value.clone()),
        headers: record.headers.iter().map(|(key, value)| Header::new(*key, value.clone())).collect(),
    }
}
