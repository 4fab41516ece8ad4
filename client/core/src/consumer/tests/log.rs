//! Batches as a broker's log has them.

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::record::{BATCH_HEADER_BYTES, BatchWriter, Compression, NewRecord, ProducerStamp};

/// What kind of batch stands in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// Its last offset lies this far behind its last record.
    Compacted(i32),
    /// No record is left.
    Emptied,
    Control,
    In(Compression),
    /// It says that it is lz4, and is not.
    NotLz4,
}

/// A batch of `records` records from `base_offset` on; the value of each record is its offset.
pub(super) fn batch(base_offset: i64, records: u32, kind: Kind) -> Bytes {
    let mut writer = BatchWriter::new(256);
    for index in 0..records {
        let value = (base_offset + i64::from(index)).to_string();
        writer.append(&NewRecord::new(1_000, None, Some(value.as_bytes()))).unwrap();
    }
    let codec = if let Kind::In(codec) = kind { codec } else { Compression::None };
    let finished = writer.finish_compressed(ProducerStamp::NONE, codec, None).unwrap();
    let mut bytes = BytesMut::from(&finished[..]);
    put(&mut bytes, 0, &base_offset.to_be_bytes());
    let last = i32::try_from(records).unwrap() - 1;
    match kind {
        Kind::Plain | Kind::In(_) => {}
        Kind::Compacted(gap) => put(&mut bytes, 23, &(last + gap).to_be_bytes()),
        Kind::Emptied => {
            bytes.truncate(BATCH_HEADER_BYTES);
            put(&mut bytes, 8, &(BATCH_HEADER_BYTES as i32 - 12).to_be_bytes());
            put(&mut bytes, 57, &0_i32.to_be_bytes());
        }
        Kind::Control => put(&mut bytes, 21, &0x20_i16.to_be_bytes()),
        Kind::NotLz4 => put(&mut bytes, 21, &3_i16.to_be_bytes()),
    }
    reseal(&mut bytes);
    bytes.freeze()
}

/// Gives a batch that was changed its checksum.
pub(super) fn reseal(bytes: &mut [u8]) {
    let checksum = crc32c(&bytes[21..]);
    put(bytes, 17, &checksum.to_be_bytes());
}

/// A message set of magic 1, as a broker may still have from before Kafka 0.11.
pub(super) fn old_message(offset: i64) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i64(offset);
    bytes.put_i32(22);
    bytes.put_u32(OLD_CRC);
    bytes.put_i8(1);
    bytes.put_i8(0);
    bytes.put_i64(1_000);
    bytes.put_i32(-1);
    bytes.put_i32(-1);
    bytes.freeze()
}

/// The CRC-32 of an old message from its magic on.
const OLD_CRC: u32 = 0xa6f6e129;

pub(super) fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
    bytes[at..at + field.len()].copy_from_slice(field);
}

fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
