//! The bytes that are written are those of the format, whichever way they are written.

use super::*;

/// A varint, zigzag-coded, byte by byte.
fn varint(out: &mut Vec<u8>, value: i64) {
    let mut value = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn field(out: &mut Vec<u8>, field: Option<&[u8]>) {
    varint(out, field.map_or(-1, |bytes| bytes.len() as i64));
    out.extend_from_slice(field.unwrap_or_default());
}

/// A record of the format, without the writer under test.
fn spelled_out(timestamp_delta: i64, offset_delta: i64, record: &NewRecord<'_>, headers: &[Header<'_>]) -> Vec<u8> {
    let mut body = vec![0];
    varint(&mut body, timestamp_delta);
    varint(&mut body, offset_delta);
    field(&mut body, record.key);
    field(&mut body, record.value);
    varint(&mut body, headers.len() as i64);
    for header in headers {
        field(&mut body, Some(header.key));
        field(&mut body, header.value);
    }
    let mut out = Vec::new();
    varint(&mut out, body.len() as i64);
    [out, body].concat()
}

/// What the writer appends for a record after one at time 0.
fn appended(record: &NewRecord<'_>, headers: &[Header<'_>]) -> Vec<u8> {
    let mut writer = BatchWriter::new(0);
    writer.append(&NewRecord::new(0, None, None)).unwrap();
    let NewRecord { timestamp, key, value, .. } = *record;
    writer.append(&NewRecord { timestamp, key, value, headers: headers.iter().copied() }).unwrap();
    let bytes = writer.finish(ProducerStamp::NONE);
    let batch = next_batch(&mut bytes.clone()).unwrap().unwrap();
    hostile::both_ways_are_one(&batch.records().unwrap());
    assert_eq!(batch.records().unwrap().filter(Result::is_ok).count(), 2);
    bytes[BATCH_HEADER_BYTES + 7..].to_vec()
}

#[test]
fn a_field_of_every_length_around_which_its_varint_or_the_record_s_grows_is_written_as_spelled_out() {
    let edges = [1 << 13, 1 << 20].into_iter().flat_map(|edge: usize| edge - 30..edge + 3);
    for length in (0..80).chain(edges) {
        let bytes = vec![b'x'; length];
        let headers = [Header { key: b"key", value: Some(b"value") }, Header { key: b"", value: None }];
        for headers in [&headers[..0], &headers[..]] {
            for (key, value) in
                [(None, Some(&bytes[..])), (Some(&bytes[..]), None), (Some(&b"k"[..]), Some(&bytes[..]))]
            {
                let record = NewRecord::new(3, key, value);
                assert!(appended(&record, headers) == spelled_out(3, 1, &record, headers), "length {length}");
            }
        }
        let header = [Header { key: &bytes, value: Some(&bytes) }];
        let record = NewRecord::new(3, None, None);
        assert!(appended(&record, &header) == spelled_out(3, 1, &record, &header), "a header of length {length}");
    }
}

#[test]
fn a_time_of_every_varint_is_written_as_spelled_out() {
    for bits in 0..62 {
        for timestamp in [(1_i64 << bits) - 1, 1 << bits, -(1 << bits)] {
            let record = NewRecord::new(timestamp, Some(b"key"), Some(b"value"));
            assert_eq!(appended(&record, &[]), spelled_out(timestamp, 1, &record, &[]), "time {timestamp}");
        }
    }
}

#[test]
fn memory_that_was_used_before_is_used_again_and_nothing_of_it_shows() {
    let write = |mut writer: BatchWriter, records: usize| {
        for index in 0..records {
            writer.append(&NewRecord::new(index as i64, Some(b"key"), Some(&[b'v'; 100]))).unwrap();
        }
        writer.finish(ProducerStamp::NONE)
    };
    let fresh = |records| write(BatchWriter::new(0), records);
    for (first, second) in [(100, 40), (40, 100), (1, 1), (70, 70)] {
        let used = fresh(first);
        let place = used.as_ptr();
        let again = write(BatchWriter::in_place_of(used), second);
        assert_eq!(again, fresh(second));
        assert!(second > first || again.as_ptr() == place, "no memory moves where there was enough");
        let other = write(BatchWriter::in_place_of(again.clone()), first);
        assert_eq!((other, again), (fresh(first), fresh(second)), "what somebody holds stays as it is");
    }
    let noise = BatchWriter::in_place_of(vec![0xff; 300].into());
    assert_eq!((noise.size_bytes(), noise.is_empty()), (BATCH_HEADER_BYTES, true));
    assert_eq!(write(noise, 3), fresh(3));
}

#[test]
fn headers_that_are_not_the_same_when_they_are_walked_again_are_refused_and_the_batch_stays() {
    /// Longer each time.
    struct Grows<'a>(&'a std::cell::Cell<usize>, bool);
    impl Clone for Grows<'_> {
        fn clone(&self) -> Self {
            self.0.set(self.0.get() + 1);
            Self(self.0, self.1)
        }
    }
    impl Iterator for Grows<'_> {
        type Item = Header<'static>;
        fn next(&mut self) -> Option<Header<'static>> {
            static KEY: [u8; 1 << 16] = [b'k'; 1 << 16];
            std::mem::take(&mut self.1).then(|| Header { key: &KEY[..self.0.get() << 8], value: None })
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (1, Some(1))
        }
    }
    impl ExactSizeIterator for Grows<'_> {}

    let mut writer = BatchWriter::new(0);
    writer.append(&NewRecord::new(0, None, Some(b"good"))).unwrap();
    let walks = std::cell::Cell::new(0);
    let grows = NewRecord { timestamp: 0, key: None, value: None, headers: Grows(&walks, true) };
    assert_eq!(writer.append(&grows), Err(AppendError::Headers));
    assert_eq!(writer.record_count(), 1);
    let batch = next_batch(&mut writer.finish(ProducerStamp::NONE)).unwrap().unwrap();
    assert_eq!(batch.records().unwrap().next().unwrap().unwrap().value, Some(&b"good"[..]));
}
