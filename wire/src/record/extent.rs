//! How far the batches of a partition go, without reading one.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use bytes::Buf;

use super::batch::{BatchError, Whole, whole_batch};
use super::{MAGIC, position};

/// The whole batches at the front of some bytes, told from their headers alone: no checksum is looked at.
///
/// It is what a consumer needs to ask for what comes next, before it decodes what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// How many bytes the whole batches have together.
    pub size_bytes: usize,
    /// The offset at which to read on after the last of them; none where there is no whole batch.
    pub next_offset: Option<i64>,
    /// Why no whole batch follows; none where no byte does.
    pub end: Option<BatchError>,
}

/// Walks the headers of the batches at the front of `bytes`.
#[must_use]
pub fn extent(bytes: &[u8]) -> Extent {
    let mut extent = Extent { size_bytes: 0, next_offset: None, end: None };
    let mut rest = bytes;
    while !rest.is_empty() {
        match step(rest) {
            Ok((size, next_offset)) => {
                extent.size_bytes = extent.size_bytes.saturating_add(size);
                extent.next_offset = Some(next_offset);
                rest = rest.get(size..).unwrap_or_default();
            }
            Err(end) => {
                extent.end = Some(end);
                break;
            }
        }
    }
    extent
}

/// The size of the batch at the front, and the offset after it.
fn step(bytes: &[u8]) -> Result<(usize, i64), BatchError> {
    let Whole { size_bytes, magic } = whole_batch(bytes)?;
    let field = |at: std::ops::Range<usize>| bytes.get(at).unwrap_or_default();
    let base_offset = field(position::BASE_OFFSET).get_i64();
    // A message of magic 0 or 1 says its last offset.
    let last_offset_delta = if magic < MAGIC { 0 } else { field(position::LAST_OFFSET_DELTA).get_i32() };
    if last_offset_delta < 0 {
        return Err(BatchError::NegativeLastOffsetDelta(last_offset_delta));
    }
    let next = base_offset.checked_add(i64::from(last_offset_delta)).and_then(|last| last.checked_add(1));
    Ok((size_bytes, next.ok_or(BatchError::OffsetOverflow { base_offset, last_offset_delta })?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

    use bytes::{Bytes, BytesMut};
    use proptest::prelude::*;

    use super::super::{BatchWriter, Header, NewRecord, ProducerStamp, next_batch};
    use super::*;

    fn batch(base_offset: i64, records: u32) -> Bytes {
        let mut writer = BatchWriter::new(128);
        for _ in 0..records {
            let headers = std::iter::empty::<Header<'_>>();
            writer.append(&NewRecord { timestamp: 1, key: None, value: Some(b"value"), headers }).unwrap();
        }
        let mut bytes = BytesMut::from(&writer.finish(ProducerStamp::NONE)[..]);
        bytes[position::BASE_OFFSET].copy_from_slice(&base_offset.to_be_bytes());
        bytes.freeze()
    }

    #[test]
    fn no_byte_is_an_end_without_an_error() {
        assert_eq!(extent(&[]), Extent { size_bytes: 0, next_offset: None, end: None });
    }

    proptest! {
        #[test]
        fn the_extent_is_what_reading_the_batches_comes_to(counts in prop::collection::vec(1_u32..5, 1..5), cut in any::<prop::sample::Index>()) {
            let mut whole = Vec::new();
            let mut offset = 100;
            for count in counts {
                whole.extend_from_slice(&batch(offset, count));
                offset += i64::from(count);
            }
            whole.truncate(cut.index(whole.len() + 1));

            let (mut rest, mut read, mut next) = (Bytes::from(whole.clone()), 0, None);
            let end = loop {
                match next_batch(&mut rest) {
                    Ok(Some(batch)) => (read, next) = (read + batch.size_bytes(), Some(batch.next_offset())),
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            prop_assert_eq!(extent(&whole), Extent { size_bytes: read, next_offset: next, end });
        }

        #[test]
        fn no_bytes_make_it_panic_or_go_past_them(bytes: Vec<u8>) {
            prop_assert!(extent(&bytes).size_bytes <= bytes.len());
        }
    }
}
