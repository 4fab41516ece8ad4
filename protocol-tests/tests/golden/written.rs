//! Batches as we write them, each with what went into it, in the form of the golden files: the half of them that Kafka reads.

use bytes::Bytes;
use ottla_wire::id::LeaderEpoch;
use ottla_wire::record::{self, BatchWriter, Compression, Header, NewRecord, ProducerStamp};
use serde_json::{Value, json};

/// The timestamp of the first record of each batch.
const NOW: i64 = 1_700_000_000_000;

const PRODUCER_ID: i64 = 4_000_000_001;

/// More than one block of each codec: 32 KiB of snappy, 64 KiB of lz4, 128 KiB of zstd.
const LARGE_BYTES: usize = 300_000;

/// Where the codecs begin another block, and one byte to each side.
const BLOCK_BORDERS: [usize; 9] = [32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073];

/// A batch that was written.
pub(crate) struct Written {
    /// Which one it is.
    pub(crate) name: String,
    /// All its bytes.
    pub(crate) bytes: Bytes,
    /// The line of a golden file, with what was put into the batch and not what a reader said about it.
    pub(crate) line: Value,
}

/// Each kind of batch in each codec, and one of them at each level where a codec changes what it does.
pub(crate) fn batches() -> Vec<Written> {
    let kinds = kinds();
    let by_codec =
        Compression::ALL.into_iter().flat_map(|codec| kinds.iter().map(move |kind| kind.written(codec, None)));
    let telling = kinds.iter().find(|kind| kind.name == "many").expect("the kind that tells levels apart");
    let levels = Compression::ALL.into_iter().flat_map(|codec| levels(codec).iter().map(move |level| (codec, *level)));
    by_codec.chain(levels.map(|(codec, level)| telling.written(codec, Some(level)))).collect()
}

/// The ends of Kafka's range (KIP-390), and some between them.
fn levels(codec: Compression) -> &'static [i32] {
    match codec {
        Compression::None | Compression::Snappy => &[],
        Compression::Gzip => &[-1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        Compression::Lz4 => &[1, 9, 17],
        Compression::Zstd => &[-131_072, -7, -1, 1, 2, 3, 4, 9, 22],
    }
}

/// A batch before it has a codec.
struct Kind {
    name: String,
    records: Vec<Appended>,
    producer: ProducerStamp,
    base_offset: i64,
    leader_epoch: LeaderEpoch,
    log_append_time: Option<i64>,
}

/// A record that is appended.
#[derive(Default)]
struct Appended {
    after_now: i64,
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Vec<(&'static str, Option<&'static [u8]>)>,
}

impl Kind {
    /// Nothing but records, as a producer sends them.
    fn of(name: impl Into<String>, records: Vec<Appended>) -> Self {
        Self {
            name: name.into(),
            records,
            producer: ProducerStamp::NONE,
            base_offset: 0,
            leader_epoch: LeaderEpoch::UNKNOWN,
            log_append_time: None,
        }
    }

    fn written(&self, codec: Compression, level: Option<i32>) -> Written {
        let mut writer = BatchWriter::new(0);
        for record in &self.records {
            record.append_to(&mut writer);
        }
        let mut sent = writer.finish_compressed(self.producer, codec, level).expect("a batch that can be compressed");
        let sent = record::next_batch(&mut sent).expect("a valid batch").expect("a batch");
        let bytes = sent.restamped(self.base_offset, self.leader_epoch, self.log_append_time).to_bytes();
        let level = level.map(|level| format!("_{level}")).unwrap_or_default();
        let name = format!("{codec}{level}_{}", self.name);
        let batch = json!({ "fields": self.fields(codec), "records": self.records() });
        let line = json!({ "name": name, "bytes_hex": hex(&bytes), "batches": [batch] });
        Written { name, bytes, line }
    }

    fn fields(&self, codec: Compression) -> Value {
        let count = i32::try_from(self.records.len()).expect("a count");
        let last_delta = count - 1;
        let timestamps = self.records.iter().map(Appended::timestamp);
        let ProducerStamp { producer_id, producer_epoch, base_sequence, is_transactional } = self.producer;
        json!({
            "baseOffset": self.base_offset,
            "lastOffset": self.base_offset + i64::from(last_delta),
            "nextOffset": self.base_offset + i64::from(count),
            "leaderEpoch": self.leader_epoch.0,
            "magic": 2,
            "compression": codec.name(),
            "timestampType": if self.log_append_time.is_some() { "LogAppendTime" } else { "CreateTime" },
            "isTransactional": is_transactional,
            "isControl": false,
            "baseTimestamp": timestamps.clone().next(),
            "maxTimestamp": self.log_append_time.or(timestamps.max()),
            "deleteHorizon": null,
            "producerId": producer_id,
            "producerEpoch": producer_epoch,
            "baseSequence": base_sequence,
            // After the largest sequence number comes 0.
            "lastSequence": if base_sequence < 0 { -1 } else { base_sequence.wrapping_add(last_delta) & i32::MAX },
            "count": count,
        })
    }

    fn records(&self) -> Vec<Value> {
        let header = |(key, value): &(&str, Option<&[u8]>)| json!([key, value.map(hex)]);
        let record = |(offset, record): (i64, &Appended)| {
            json!({
                "offset": offset,
                "timestamp": self.log_append_time.unwrap_or(record.timestamp()),
                "key": record.key.as_deref().map(hex),
                "value": record.value.as_deref().map(hex),
                "headers": record.headers.iter().map(header).collect::<Vec<_>>(),
            })
        };
        (self.base_offset..).zip(&self.records).map(record).collect()
    }
}

impl Appended {
    fn of(after_now: i64, key: Option<&[u8]>, value: Option<&[u8]>) -> Self {
        Self { after_now, key: key.map(<[u8]>::to_vec), value: value.map(<[u8]>::to_vec), headers: Vec::new() }
    }

    fn timestamp(&self) -> i64 {
        NOW + self.after_now
    }

    fn append_to(&self, writer: &mut BatchWriter) {
        let Self { key, value, headers, .. } = self;
        let headers = headers.iter().map(|(key, value)| Header { key: key.as_bytes(), value: *value });
        let record = NewRecord { timestamp: self.timestamp(), key: key.as_deref(), value: value.as_deref(), headers };
        writer.append(&record).expect("room for the record");
    }
}

fn kinds() -> Vec<Kind> {
    let idempotent =
        ProducerStamp { producer_id: PRODUCER_ID, producer_epoch: 3, base_sequence: 17, is_transactional: false };
    let two = || vec![Appended::of(0, Some(b"a"), Some(b"1")), Appended::of(7, Some(b"b"), Some(b"2"))];
    let mut kinds = vec![
        Kind::of("one", vec![Appended::of(0, Some(b"key"), Some(b"value"))]),
        Kind { base_offset: 1_000, leader_epoch: LeaderEpoch(42), ..Kind::of("many", many()) },
        Kind::of("headers", vec![Appended { headers: headers(), ..Appended::of(0, None, Some(b"value")) }]),
        Kind { base_offset: 5, ..Kind::of("nulls", nulls()) },
        Kind { base_offset: 8, ..Kind::of("large", vec![repetitive(), Appended::of(1, None, Some(b"after it"))]) },
        Kind::of("incompressible", vec![Appended::of(0, None, Some(&chance(LARGE_BYTES)))]),
        Kind { base_offset: 40, log_append_time: Some(NOW + 5_000), ..Kind::of("log_append_time", two()) },
        Kind { base_offset: 20, producer: idempotent, ..Kind::of("idempotent", two()) },
        Kind {
            producer: ProducerStamp { base_sequence: i32::MAX, ..idempotent },
            ..Kind::of("idempotent_sequence_wraps", two())
        },
        Kind { producer: ProducerStamp { is_transactional: true, ..idempotent }, ..Kind::of("transactional", two()) },
        Kind { base_offset: i64::MAX - 10, ..Kind::of("large_offset", two()) },
    ];
    kinds.extend(BLOCK_BORDERS.map(|bytes| Kind::of(format!("records_of_{bytes}_bytes"), vec![of_size(bytes)])));
    kinds
}

/// A thousand records that look like an application's; their timestamps go back and forth.
fn many() -> Vec<Appended> {
    let record = |(index, chance): (usize, &u8)| {
        let value = format!("{{\"id\":{index},\"celsius\":{chance},\"site\":\"greenhouse-{}\"}}", chance % 7);
        Appended::of(i64::from(*chance) - 100, Some(format!("key-{}", index % 50).as_bytes()), Some(value.as_bytes()))
    };
    chance(1_000).iter().enumerate().map(record).collect()
}

fn headers() -> Vec<(&'static str, Option<&'static [u8]>)> {
    vec![
        ("same", Some(b"1")),
        ("same", Some(b"2")),
        ("same", Some(b"1")),
        ("null", None),
        ("empty", Some(b"")),
        ("", Some(b"no name")),
        ("ключ", Some("не ASCII".as_bytes())),
    ]
}

fn nulls() -> Vec<Appended> {
    let fields: [[Option<&[u8]>; 2]; 4] =
        [[None, Some(b"value")], [Some(b"key"), None], [None, None], [Some(b""), Some(b"")]];
    fields.into_iter().map(|[key, value]| Appended::of(0, key, value)).collect()
}

fn repetitive() -> Appended {
    let line = b"{\"sensor\":\"greenhouse-7\",\"celsius\":21.5}\n";
    Appended::of(0, None, Some(&line.repeat(LARGE_BYTES / line.len())))
}

/// A record that takes so many bytes in a batch, half of them left to chance.
fn of_size(bytes: usize) -> Appended {
    let of_value = |value_bytes: usize| {
        let mut value = chance(value_bytes / 2);
        value.resize(value_bytes, b'-');
        Appended::of(0, None, Some(&value))
    };
    let size = |record: &Appended| {
        let mut writer = BatchWriter::new(0);
        let empty = writer.size_bytes();
        record.append_to(&mut writer);
        writer.size_bytes() - empty
    };
    let overhead = size(&of_value(bytes)) - bytes;
    let record = of_value(bytes - overhead);
    assert_eq!(size(&record), bytes);
    record
}

/// Bytes that no codec makes smaller, always the same (SplitMix64).
fn chance(length: usize) -> Vec<u8> {
    let mut state = 0_u64;
    let draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Some((mixed ^ (mixed >> 31)).to_le_bytes())
    };
    std::iter::from_fn(draw).flatten().take(length).collect()
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| char::from(DIGITS[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}
