//! What no codec can be faster than: the same loops without a check, a copy, a checksum, and C.
//!
//! The floors do what a codec of record batches cannot do without, and nothing else: both have the checksum of the batch, without which no broker
//! takes what was written, and no reader may trust what it reads. Both are verified to read and write the same records as ours.
//!
//! - **decode floor**: computes the checksum; walks every varint of every record, its headers included, with one branch for one byte, one for two, and
//!   a loop; believes every length, count and end; sums up what [`Tally`] sums up. No bound, no error.
//! - **encode floor**: copies keys, values and headers into a buffer that has room for all, with the length of each record worked out beforehand; writes
//!   the varints, and the checksum. No capacity to look at, no allocation.
//! - **memcpy**: the bytes of the whole batch, copied once. **crc**: their CRC-32C, computed once, as fast as it is known (crc-fast).
//! - **zstd C**: the records alone, by the C library at level 3, in one call; no batch is made or read.

#![allow(
    unsafe_code,
    reason = "a floor without checks is what it is for; it reads and writes what this program made itself"
)]

use std::hint::black_box;
use std::ops::Range;
use std::ptr;

use anyhow::ensure;
use bytes::Bytes;

use crate::codec::Codec;
use crate::measure::Lane;
use crate::race::Work;
use crate::visit::{Tally, Visit};
use crate::workload::{BASE_TIMESTAMP, RECORDS, Record, Workload};

/// The bytes of a batch before its records.
const HEADER_BYTES: usize = 61;

/// Where the checksum of a batch stands; it counts from there to the end.
const CRC: Range<usize> = 17..21;

/// Zstd's level where none is asked for, as in Kafka.
const ZSTD_LEVEL: i32 = 3;

/// The loop without a check.
pub(crate) const FLOOR: &str = "floor";

/// The C library.
pub(crate) const ZSTD_C: &str = "zstd C";

/// The bounds of a race whose records are those of `plain` and of `compressed`, both batches of ours.
pub(crate) fn lanes<'a>(
    work: Work,
    codec: Codec,
    workload: &'a Workload,
    plain: &'a Bytes,
    compressed: &'a Bytes,
) -> Vec<Lane<'a>> {
    match (codec, work) {
        (Codec::None, Work::Encode) => vec![encode_floor(workload, plain), copy(plain), crc(plain)],
        (Codec::None, Work::Decode) => vec![decode_floor(plain), copy(plain), crc(plain)],
        (Codec::Zstd, Work::Encode) => vec![zstd_encode(plain)],
        (Codec::Zstd, Work::Decode) => vec![zstd_decode(plain, compressed)],
        _ => Vec::new(),
    }
}

fn decode_floor(plain: &Bytes) -> Lane<'_> {
    let run = move || {
        let batch = black_box(plain);
        ensure!(batch[CRC] == checksum(batch), "the floor has another checksum than ours");
        // SAFETY: the batch is ours, and was read whole by the codec that checks.
        let tally = unsafe { decode(batch, RECORDS) };
        ensure!(tally.records == RECORDS as u64 && black_box(tally).sum != 0, "the floor read {tally:?}");
        Ok(())
    };
    Lane { name: FLOOR, run: Box::new(run) }
}

fn encode_floor<'a>(workload: &'a Workload, plain: &'a Bytes) -> Lane<'a> {
    // SAFETY: as above.
    let body_bytes = unsafe { body_bytes(plain, RECORDS) };
    let mut out = plain[..HEADER_BYTES].to_vec();
    out.resize(plain.len(), 0);
    let mut verified = false;
    let run = move || {
        // SAFETY: the lengths are those of these records, and `out` has what they took.
        unsafe { encode(black_box(&workload.records), &body_bytes, &mut out) };
        let checksum = checksum(&out);
        out[CRC].copy_from_slice(&checksum);
        black_box(&out);
        ensure!(verified || out == plain[..], "the floor writes other bytes than ours");
        verified = true;
        Ok(())
    };
    Lane { name: FLOOR, run: Box::new(run) }
}

fn copy(plain: &Bytes) -> Lane<'_> {
    let mut out = vec![0; plain.len()];
    let run = move || {
        out.copy_from_slice(black_box(plain));
        black_box(&out);
        Ok(())
    };
    Lane { name: "memcpy", run: Box::new(run) }
}

fn crc(plain: &Bytes) -> Lane<'_> {
    let run = move || {
        black_box(checksum(black_box(plain)));
        Ok(())
    };
    Lane { name: "crc", run: Box::new(run) }
}

/// The CRC-32C of all that follows it in the batch, as it stands there.
fn checksum(batch: &[u8]) -> [u8; 4] {
    (crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, &batch[CRC.end..]) as u32).to_be_bytes()
}

fn zstd_encode(plain: &Bytes) -> Lane<'_> {
    let run = || {
        black_box(zstd::bulk::compress(black_box(&plain[HEADER_BYTES..]), ZSTD_LEVEL)?);
        Ok(())
    };
    Lane { name: ZSTD_C, run: Box::new(run) }
}

fn zstd_decode<'a>(plain: &'a Bytes, compressed: &'a Bytes) -> Lane<'a> {
    let records_bytes = plain.len() - HEADER_BYTES;
    let run = move || {
        black_box(zstd::bulk::decompress(black_box(&compressed[HEADER_BYTES..]), records_bytes)?);
        Ok(())
    };
    Lane { name: ZSTD_C, run: Box::new(run) }
}

/// The decode floor.
///
/// # Safety
/// `batch` must be an uncompressed batch of exactly `records` valid records.
unsafe fn decode(batch: &[u8], records: usize) -> Tally {
    let mut tally = Tally::default();
    // SAFETY: a batch has its header, and what follows is as the caller says.
    let mut cursor = Cursor(unsafe { batch.as_ptr().add(HEADER_BYTES) });
    for _ in 0..records {
        // SAFETY: the caller says that a whole record stands here.
        unsafe {
            cursor.varint();
            cursor.0 = cursor.0.add(1);
            let timestamp = BASE_TIMESTAMP + cursor.varint();
            let offset = cursor.varint();
            let (key, value) = (cursor.field(), cursor.field());
            tally.record(offset, timestamp, key, value);
            for _ in 0..cursor.varint() {
                let key = cursor.field().unwrap_or_default();
                tally.header(key, cursor.field());
            }
        }
    }
    tally
}

struct Cursor(*const u8);

impl Cursor {
    /// # Safety
    /// A whole varint must stand here.
    #[inline(always)]
    unsafe fn varint(&mut self) -> i64 {
        // SAFETY: each byte is read only when the one before it says that it is there.
        unsafe {
            let first = u64::from(*self.0);
            if first < 0x80 {
                self.0 = self.0.add(1);
                return unzigzag(first);
            }
            let second = u64::from(*self.0.add(1));
            if second < 0x80 {
                self.0 = self.0.add(2);
                return unzigzag(first & 0x7f | second << 7);
            }
            self.long()
        }
    }

    /// # Safety
    /// A whole varint must stand here.
    #[inline(never)]
    unsafe fn long(&mut self) -> i64 {
        let (mut value, mut shift) = (0, 0);
        loop {
            // SAFETY: the byte before it said that it is there.
            let byte = u64::from(unsafe { *self.0 });
            // SAFETY: as above.
            self.0 = unsafe { self.0.add(1) };
            value |= (byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return unzigzag(value);
            }
        }
    }

    /// # Safety
    /// A length and as many bytes must stand here.
    #[inline(always)]
    unsafe fn field<'a>(&mut self) -> Option<&'a [u8]> {
        // SAFETY: as the caller says.
        unsafe {
            let length = self.varint();
            if length < 0 {
                return None;
            }
            let field = std::slice::from_raw_parts(self.0, length as usize);
            self.0 = self.0.add(length as usize);
            Some(field)
        }
    }
}

#[inline(always)]
const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ (value & 1).cast_signed().wrapping_neg()
}

/// The encode floor: `records` into `out`, after the room of the header, which stays as it is.
///
/// # Safety
/// `body_bytes` must have the length of each record, without the length itself, and `out` the bytes of the whole batch.
unsafe fn encode(records: &[Record], body_bytes: &[u32], out: &mut [u8]) {
    // SAFETY: the batch has its header, and room for all that is written, as the caller says.
    let mut pen = Pen(unsafe { out.as_mut_ptr().add(HEADER_BYTES) });
    for ((offset, record), body_bytes) in (0..).zip(records).zip(body_bytes) {
        // SAFETY: as above.
        unsafe {
            pen.varint(i64::from(*body_bytes));
            pen.byte(0);
            pen.varint(record.timestamp - BASE_TIMESTAMP);
            pen.varint(offset);
            match &record.key {
                Some(key) => pen.field(key),
                None => pen.varint(-1),
            }
            pen.field(&record.value);
            pen.varint(record.headers.len() as i64);
            for (key, value) in &record.headers {
                pen.field(key.as_bytes());
                pen.field(value);
            }
        }
    }
}

struct Pen(*mut u8);

impl Pen {
    /// # Safety
    /// There must be room.
    #[inline(always)]
    unsafe fn byte(&mut self, byte: u8) {
        // SAFETY: as the caller says.
        unsafe {
            *self.0 = byte;
            self.0 = self.0.add(1);
        }
    }

    /// # Safety
    /// There must be room.
    #[inline(always)]
    unsafe fn varint(&mut self, value: i64) {
        let mut value = (value << 1 ^ value >> 63).cast_unsigned();
        while value >= 0x80 {
            // SAFETY: as the caller says.
            unsafe { self.byte(value as u8 | 0x80) };
            value >>= 7;
        }
        // SAFETY: as the caller says.
        unsafe { self.byte(value as u8) };
    }

    /// # Safety
    /// There must be room.
    #[inline(always)]
    unsafe fn field(&mut self, bytes: &[u8]) {
        // SAFETY: as the caller says.
        unsafe {
            self.varint(bytes.len() as i64);
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.0, bytes.len());
            self.0 = self.0.add(bytes.len());
        }
    }
}

/// The length of each record of an uncompressed batch, without the length itself.
///
/// # Safety
/// As for [`decode`].
unsafe fn body_bytes(batch: &[u8], records: usize) -> Vec<u32> {
    // SAFETY: as the caller says.
    let mut cursor = Cursor(unsafe { batch.as_ptr().add(HEADER_BYTES) });
    let one = |_| {
        // SAFETY: as the caller says.
        unsafe {
            let length = cursor.varint();
            cursor.0 = cursor.0.add(length as usize);
            length as u32
        }
    };
    (0..records).map(one).collect()
}
