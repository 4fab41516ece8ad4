//! What is written is what is read.

use proptest::prelude::*;

use super::*;

/// A record that owns its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) timestamp: i64,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

impl Owned {
    fn of(record: &Record<'_>) -> Self {
        let header = |header: Header<'_>| (header.key.to_vec(), header.value.map(<[u8]>::to_vec));
        Self {
            timestamp: record.timestamp,
            key: record.key.map(<[u8]>::to_vec),
            value: record.value.map(<[u8]>::to_vec),
            headers: record.headers().map(header).collect(),
        }
    }

    pub(super) fn append(&self, writer: &mut BatchWriter) -> Result<u32, AppendError> {
        let headers = self.headers.iter().map(|(key, value)| Header { key, value: value.as_deref() });
        let [key, value] = [self.key.as_deref(), self.value.as_deref()];
        let record = NewRecord { timestamp: self.timestamp, key, value, headers };
        let [before, most] = [writer.size_bytes(), record.size_bytes_max()];
        let index = writer.append(&record)?;
        assert!(writer.size_bytes() - before <= most, "a record took more than it said it could");
        Ok(index)
    }
}

pub(super) fn owned() -> impl Strategy<Value = Owned> {
    let field = || prop::option::of(prop::collection::vec(any::<u8>(), 0..200));
    let headers = prop::collection::vec((prop::collection::vec(any::<u8>(), 0..4), field()), 0..5);
    (0..=i64::MAX, field(), field(), headers).prop_map(|(timestamp, key, value, headers)| Owned {
        timestamp,
        key,
        value,
        headers,
    })
}

pub(super) fn writer(records: &[Owned]) -> BatchWriter {
    let mut writer = BatchWriter::new(0);
    for (index, record) in (0..).zip(records) {
        assert_eq!(record.append(&mut writer), Ok(index));
    }
    writer
}

fn written(records: &[Owned], producer: ProducerStamp) -> Bytes {
    writer(records).finish(producer)
}

pub(super) fn read(batch: &Batch) -> Result<Vec<Owned>, RecordError> {
    batch.records()?.map(|record| record.map(|record| Owned::of(&record))).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_what_is_read(
        records in prop::collection::vec(owned(), 1..20),
        producer_id: i64, producer_epoch: i16, base_sequence: i32, is_transactional: bool,
    ) {
        let producer = ProducerStamp { producer_id, producer_epoch, base_sequence, is_transactional };
        let batch = next_batch(&mut written(&records, producer)).unwrap().unwrap();
        prop_assert_eq!(read(&batch), Ok(records.clone()));
        let offsets: Vec<i64> = batch.records().unwrap().map(|record| record.unwrap().offset).collect();
        prop_assert_eq!(offsets, (0..records.len() as i64).collect::<Vec<_>>());
        prop_assert_eq!((batch.base_offset(), batch.next_offset()), (0, records.len() as i64));
        prop_assert_eq!(batch.record_count() as usize, records.len());
        prop_assert_eq!(batch.base_timestamp(), records[0].timestamp);
        prop_assert_eq!(Some(batch.max_timestamp()), records.iter().map(|record| record.timestamp).max());
        prop_assert_eq!((batch.producer_id(), batch.producer_epoch()), (producer_id, producer_epoch));
        prop_assert_eq!((batch.base_sequence(), batch.is_transactional()), (base_sequence, is_transactional));
        prop_assert_eq!((batch.leader_epoch(), batch.is_control()), (crate::LeaderEpoch::UNKNOWN, false));
    }

    #[test]
    fn a_record_that_was_read_can_be_written_again_as_it_is(records in prop::collection::vec(owned(), 1..8)) {
        let bytes = written(&records, ProducerStamp::NONE);
        let batch = next_batch(&mut bytes.clone()).unwrap().unwrap();
        let mut writer = BatchWriter::new(batch.size_bytes());
        for record in batch.records().unwrap() {
            let Record { timestamp, key, value, .. } = record.unwrap();
            let headers = record.unwrap().headers();
            writer.append(&NewRecord { timestamp, key, value, headers }).unwrap();
        }
        prop_assert_eq!(writer.finish(ProducerStamp::NONE), bytes);
    }
}

#[test]
fn duplicate_header_keys_stay_in_order_and_null_is_not_empty() {
    let record = Owned {
        timestamp: 7,
        key: None,
        value: Some(Vec::new()),
        headers: vec![
            (b"a".to_vec(), Some(b"1".to_vec())),
            (b"b".to_vec(), None),
            (b"a".to_vec(), Some(Vec::new())),
            (b"a".to_vec(), Some(b"1".to_vec())),
        ],
    };
    let records = [record.clone(), Owned { key: Some(Vec::new()), value: None, ..record }];
    let batch = next_batch(&mut written(&records, ProducerStamp::NONE)).unwrap().unwrap();
    assert_eq!(read(&batch).unwrap(), records);
}

#[test]
fn a_header_key_is_text_where_it_is_utf_8() {
    let headers = vec![("clé".into(), None), (vec![0xff], None)];
    let record = Owned { timestamp: 0, key: None, value: None, headers };
    let batch = next_batch(&mut written(&[record], ProducerStamp::NONE)).unwrap().unwrap();
    let record = batch.records().unwrap().next().unwrap().unwrap();
    let keys: Vec<_> = record.headers().map(|header| header.key_str().ok()).collect();
    assert_eq!(keys, [Some("clé"), None]);
    assert_eq!(record.headers().len(), 2);
}

#[test]
fn the_edges_of_time_come_back_or_are_refused_and_a_refusal_changes_nothing() {
    let at = |timestamp| NewRecord::new(timestamp, None, Some(b"x"));
    for edge in [i64::MIN, -1, 0, i64::MAX] {
        let mut writer = BatchWriter::new(0);
        writer.append(&at(edge)).unwrap();
        let batch = next_batch(&mut writer.finish(ProducerStamp::NONE)).unwrap().unwrap();
        assert_eq!(batch.records().unwrap().next().unwrap().unwrap().timestamp, edge);
        assert_eq!(batch.max_timestamp(), edge);
    }
    let mut writer = BatchWriter::new(0);
    writer.append(&at(-1)).unwrap();
    let size_bytes = writer.size_bytes();
    assert_eq!(writer.append(&at(i64::MAX)), Err(AppendError::TimestampRange { timestamp: i64::MAX, base: -1 }));
    assert_eq!((writer.size_bytes(), writer.record_count(), writer.max_timestamp()), (size_bytes, 1, -1));
    assert_eq!(writer.append(&at(i64::MAX - 1)), Ok(1));
}

#[test]
fn a_batch_without_a_record_is_no_bytes() {
    let writer = BatchWriter::new(1024);
    assert!(writer.is_empty());
    assert_eq!(writer.size_bytes(), BATCH_HEADER_BYTES);
    assert_eq!(writer.finish(ProducerStamp::NONE), Bytes::new());
}

#[test]
fn a_record_that_no_batch_has_room_for_is_refused() {
    /// Headers that claim a length which is not in memory.
    #[derive(Clone)]
    struct Endless(usize);
    static VALUE: [u8; 1 << 20] = [0; 1 << 20];
    impl Iterator for Endless {
        type Item = Header<'static>;
        fn next(&mut self) -> Option<Header<'static>> {
            self.0 = self.0.checked_sub(1)?;
            Some(Header { key: b"k", value: Some(&VALUE) })
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (self.0, Some(self.0))
        }
    }
    impl ExactSizeIterator for Endless {}

    let mut writer = BatchWriter::new(0);
    let record = NewRecord { timestamp: 0, key: None, value: None, headers: Endless(2048) };
    let refused = writer.append(&record);
    assert!(matches!(refused, Err(AppendError::TooLong { size_bytes }) if size_bytes > i32::MAX as usize));
    assert_eq!((writer.is_empty(), writer.size_bytes()), (true, BATCH_HEADER_BYTES));
}
