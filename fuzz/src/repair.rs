//! Batches whose lengths and checksums are made those of their bytes, so that what a fuzzer changes is read past them.

use std::collections::BTreeSet;

use ottla_wire::record::{BATCH_HEADER_BYTES, stamp};

/// Where the fields stand that every magic has in the same place.
pub const LENGTH: std::ops::Range<usize> = 8..12;
pub const MAGIC: usize = 16;

/// Where a message of magic 0 or 1 has its checksum.
const MESSAGE_CRC: std::ops::Range<usize> = 12..16;

/// The bytes as they are, with their checksums repaired, and as one batch whose length is repaired too; each different form once.
pub fn forms(data: &[u8]) -> BTreeSet<Vec<u8>> {
    let repaired = [data.to_vec(), with_checksums(data)].into_iter();
    repaired.chain(as_one(data.to_vec())).collect()
}

/// The batches at the front with the checksums of their bytes, as far as their lengths lead.
pub fn with_checksums(data: &[u8]) -> Vec<u8> {
    let mut bytes = data.to_vec();
    let mut rest = &mut bytes[..];
    while let Some(size_bytes) = claimed_bytes(rest) {
        let (batch, after) = rest.split_at_mut(size_bytes);
        set_checksum(batch);
        rest = after;
    }
    bytes
}

/// All bytes as one batch, with their length and their checksum; none where they do not reach to a magic.
pub fn as_one(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let length = i32::try_from(bytes.len().checked_sub(LENGTH.end)?).ok()?;
    bytes.get_mut(LENGTH)?.copy_from_slice(&length.to_be_bytes());
    set_checksum(&mut bytes);
    Some(bytes)
}

/// How many bytes the batch at the front says it has, where they are there.
pub fn claimed_bytes(batch: &[u8]) -> Option<usize> {
    let length = i32::from_be_bytes(*batch.get(LENGTH)?.first_chunk()?);
    let size_bytes = usize::try_from(length).ok()?.checked_add(LENGTH.end)?;
    (size_bytes <= batch.len()).then_some(size_bytes)
}

fn set_checksum(batch: &mut [u8]) {
    match batch.get(MAGIC) {
        Some(0 | 1) => {
            let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &batch[MAGIC..]) as u32;
            batch[MESSAGE_CRC].copy_from_slice(&crc.to_be_bytes());
        }
        Some(2) if batch.len() >= BATCH_HEADER_BYTES => stamp::set_checksum(batch),
        _ => {}
    }
}
