//! Records are written and read without an allocation: what a batch costs the allocator does not grow with its records.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use ottla_wire::record::{BatchWriter, Header, NewRecord, ProducerStamp, next_batch};

#[global_allocator]
static ALLOC: dhat::Alloc = dhat::Alloc;

const RECORDS: i64 = 1000;

/// What the records below take, with room to spare.
const BATCH_BYTES: usize = 2 * 1024 * 1024;

const KEY: &[u8] = b"a key of 16 byte";

/// A key that stands twice, a value that is empty, and one that is null.
const HEADERS: [Header<'_>; 3] = [
    Header { key: b"trace", value: Some(b"0123456789abcdef") },
    Header { key: b"trace", value: Some(b"") },
    Header { key: b"null", value: None },
];

/// How often memory was allocated while `work` ran.
fn allocations<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let profiler = dhat::Profiler::builder().testing().build();
    let done = work();
    let allocations = dhat::HeapStats::get().total_blocks;
    drop(profiler);
    (done, allocations)
}

/// Records of every kind: without a key, without a value, with headers, short ones, and long ones whose lengths take more bytes.
fn append_all(writer: &mut BatchWriter, value: &[u8]) {
    for index in 0..RECORDS {
        let key = (index % 2 == 0).then_some(KEY);
        let value = (index % 7 != 0).then_some(if index % 5 == 0 { value } else { &value[..100] });
        let headers = if index % 3 == 0 { &HEADERS[..] } else { &[] };
        let record = NewRecord { timestamp: 1_700_000_000_000 + index, key, value, headers: headers.iter().copied() };
        writer.append(&record).unwrap();
    }
}

/// How many records and headers there are, and the bytes of all their fields.
fn read_all(mut bytes: Bytes) -> (i64, usize, usize) {
    let (mut records, mut headers, mut field_bytes) = (0, 0, 0);
    while let Some(batch) = next_batch(&mut bytes).unwrap() {
        for record in batch.records().unwrap() {
            let record = record.unwrap();
            records += 1;
            field_bytes += [record.key, record.value].into_iter().flatten().map(<[u8]>::len).sum::<usize>();
            for header in record.headers() {
                headers += 1;
                field_bytes += header.key.len() + header.value.map_or(0, <[u8]>::len);
            }
        }
    }
    (records, headers, field_bytes)
}

/// One rule after the other: the allocator counts for the whole process.
#[test]
fn no_record_costs_an_allocation() {
    assert_eq!(allocations(|| drop(Vec::<u8>::with_capacity(1))).1, 1, "allocations are counted");
    let bytes = records_are_written_into_a_batch_that_has_room_without_an_allocation();
    records_and_headers_are_read_without_an_allocation(bytes);
}

fn records_are_written_into_a_batch_that_has_room_without_an_allocation() -> Bytes {
    let value = vec![b'v'; 5000];
    let mut writer = BatchWriter::new(BATCH_BYTES);
    let ((), written) = allocations(|| append_all(&mut writer, &value));
    assert_eq!((written, i64::from(writer.record_count())), (0, RECORDS));
    let (bytes, finished) = allocations(|| writer.finish(ProducerStamp::NONE));
    assert!(finished <= 1, "{finished} allocations to share the bytes");
    bytes
}

fn records_and_headers_are_read_without_an_allocation(bytes: Bytes) {
    let (read, allocated) = allocations(|| read_all(bytes));
    // Each third record has all three headers.
    let with_headers = (RECORDS as usize).div_ceil(3);
    assert_eq!((read.0, read.1, allocated), (RECORDS, with_headers * HEADERS.len(), 0));
    assert!(read.2 > 100 * RECORDS as usize / 2, "{} bytes of fields", read.2);
}
