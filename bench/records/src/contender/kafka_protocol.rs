//! kafka-protocol 0.18: owned records, a map of headers each.

use bytes::Bytes;
use kafka_protocol::protocol::StrBytes;
use kafka_protocol::records::{
    Compression, NO_PARTITION_LEADER_EPOCH, NO_PRODUCER_EPOCH, NO_PRODUCER_ID, Record, RecordBatchDecoder,
    RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::Workload;

pub(crate) struct KafkaProtocol;

impl Peer for KafkaProtocol {
    const NAME: &'static str = "kafka-protocol";
    const DEFAULTS: &'static str =
        "CRC checked (crc32c); gzip 6, snappy 32 KiB blocks, lz4 C level 4 (HC), zstd C level 3";

    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder> {
        let records = records(workload);
        let options = RecordEncodeOptions { version: 2, compression: compression(codec) };
        Some(Box::new(move |out| RecordBatchEncoder::encode(out.buffer(), &records, &options)))
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        let mut bytes = batch.clone();
        for record in RecordBatchDecoder::decode(&mut bytes)?.records {
            visit.record(record.offset, record.timestamp, record.key.as_deref(), record.value.as_deref());
            for (key, value) in &record.headers {
                visit.header(key.as_bytes(), value.as_deref());
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

fn records(workload: &Workload) -> Vec<Record> {
    let record = |(index, record): (i32, &crate::workload::Record)| Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: NO_PARTITION_LEADER_EPOCH,
        producer_id: NO_PRODUCER_ID,
        producer_epoch: NO_PRODUCER_EPOCH,
        timestamp_type: TimestampType::Creation,
        offset: i64::from(index),
        // It cuts a batch where the distance of offset and sequence changes.
        sequence: index,
        timestamp: record.timestamp,
        key: record.key.clone(),
        value: Some(record.value.clone()),
        headers: record
            .headers
            .iter()
            .map(|(key, value)| (StrBytes::from_static_str(key), Some(value.clone())))
            .collect(),
    };
    (0..).zip(&workload.records).map(record).collect()
}
