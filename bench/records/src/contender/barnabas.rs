//! barnabas-core: a reader of its own; it has no writer, and encodes with kafka-protocol 0.17.

use anyhow::Context;
use barnabas_core::records::decode_lean;
use bytes::Bytes;

use super::{Encoder, Peer};
use crate::codec::Codec;
use crate::visit::Visit;
use crate::workload::Workload;

pub(crate) struct Barnabas;

impl Peer for Barnabas {
    const NAME: &'static str = "barnabas-core";
    const DEFAULTS: &'static str =
        "CRC checked (crc32c); headers read when asked for, as here; no bound on what is decompressed";

    fn encoder(_: &Workload, _: Codec) -> Option<Encoder> {
        None
    }

    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()> {
        for batch in decode_lean(batch)?.context("not a batch that it reads")? {
            for record in &batch.records {
                let (key, value) = (batch.key(record), batch.value(record));
                visit.record(record.offset, record.timestamp, key.as_deref(), value.as_deref());
                for (key, value) in batch.headers(record)? {
                    visit.header(&key, value.as_deref());
                }
            }
        }
        Ok(())
    }
}
