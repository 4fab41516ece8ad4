//! Messages of magic 0 and 1: as they are, with their checksums repaired, as one whose length is repaired too, and with all after the first
//! wrapped in it.

use bytes::{BufMut, Bytes};
use ottla_wire::compression::compress;
use ottla_wire::record::{Batch, Compression, NO_TIMESTAMP, TimestampType, next_batch};

use super::records::{LIMITS, each_batch, read};
use super::repair;

/// Where the attributes stand, and the bits of them that name the codec.
const ATTRIBUTES: usize = 17;
const CODEC: u8 = 0x07;

/// Where the key begins in a message without a timestamp, and in one with it.
const KEY: usize = 18;
const KEY_AFTER_TIMESTAMP: usize = 26;

/// Messages are read without a panic and within the bounds; each message in a wrapper is the record that it is by itself.
pub fn old_records(data: &[u8]) {
    for form in repair::forms(data) {
        each_batch(form);
    }
    if let Some((wrapper, inner)) = wrapped(data) {
        each_batch(wrapper.clone());
        if let Ok(Some(wrapper)) = next_batch(&mut wrapper.into()) {
            each_message_is_a_record(wrapper, &inner.into());
        }
    }
}

/// The first message as a wrapper around all that follows it, and what it wraps.
fn wrapped(data: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (first, inner) = data.split_at(repair::claimed_bytes(data)?);
    let codec = Compression::ALL.get(usize::from(first.get(ATTRIBUTES)? & CODEC))?;
    let key = if first[repair::MAGIC] == 0 { KEY } else { KEY_AFTER_TIMESTAMP };
    let inner = repair::with_checksums(inner);
    let mut value = Vec::new();
    compress(*codec, None, &inner, &mut value).ok()?;
    let mut wrapper = first.get(..key)?.to_vec();
    wrapper.put_i32(-1);
    wrapper.put_i32(i32::try_from(value.len()).ok()?);
    wrapper.append(&mut value);
    Some((repair::as_one(wrapper)?, inner))
}

fn each_message_is_a_record(wrapper: Batch, inner: &Bytes) {
    if wrapper.compression() == Compression::None || wrapper.magic() > 1 {
        return;
    }
    let Ok(wrapper) = wrapper.decompress(&LIMITS) else { return };
    let mut rest = inner.clone();
    let messages: Vec<Batch> =
        std::iter::from_fn(|| next_batch(&mut rest).expect("the wrapper was read, and all in it")).collect();
    let records: Vec<_> = read(&wrapper).into_iter().map(|record| record.expect("a record")).collect();
    assert_eq!(records.len(), messages.len());
    let last = messages.last().expect("no wrapper is empty").last_offset();
    let shift = if wrapper.magic() == 0 { 0 } else { wrapper.last_offset() - last };
    for (message, record) in messages.iter().zip(records) {
        let [Ok((offset, timestamp, key, value, _))] = &read(message)[..] else { panic!("one record") };
        let timestamp = match wrapper.timestamp_type() {
            TimestampType::CreateTime => *timestamp,
            TimestampType::LogAppendTime => wrapper.max_timestamp(),
        };
        assert_eq!(record, (offset + shift, timestamp, *key, *value, Vec::new()));
        assert!(wrapper.magic() > 0 || timestamp == NO_TIMESTAMP);
    }
}
