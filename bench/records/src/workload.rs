//! The records that every contender encodes and decodes: the same bytes in every run.

use bytes::Bytes;

/// The records of a batch.
pub(crate) const RECORDS: usize = 1000;

/// The timestamp of the first record.
pub(crate) const BASE_TIMESTAMP: i64 = 1_700_000_000_000;

/// How many records share a millisecond.
const RECORDS_PER_MILLISECOND: i64 = 4;

/// The values are as text is: some of the bytes repeat, some do not. A seed of its own for each shape would change nothing.
const SEED: u64 = 0x006f_7474_6c61;

/// One record, owned by nobody in particular: `Bytes` are shared by the contenders that want them so.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Bytes>,
    pub(crate) value: Bytes,
    pub(crate) headers: Vec<(&'static str, Bytes)>,
}

/// A batch of records of one shape.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) records: Vec<Record>,
}

/// What a record is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A value of 100 bytes.
    Small,
    /// A value of 1 KiB.
    Large,
    /// A value of 100 bytes, a key of 16 and two headers.
    Dressed,
}

impl Workload {
    pub(crate) fn all() -> [Self; 3] {
        [Self::new(Shape::Small), Self::new(Shape::Large), Self::new(Shape::Dressed)]
    }

    fn new(shape: Shape) -> Self {
        let (name, value_bytes) = match shape {
            Shape::Small => ("100 B", 100),
            Shape::Large => ("1 KiB", 1024),
            Shape::Dressed => ("key, 2 headers, 100 B", 100),
        };
        let mut random = SplitMix(SEED);
        let records = (0..RECORDS).map(|index| record(shape, value_bytes, index, &mut random)).collect();
        Self { name, shape, records }
    }

    pub(crate) fn max_timestamp(&self) -> i64 {
        self.records.iter().map(|record| record.timestamp).max().unwrap_or(BASE_TIMESTAMP)
    }
}

fn record(shape: Shape, value_bytes: usize, index: usize, random: &mut SplitMix) -> Record {
    let dressed = shape == Shape::Dressed;
    let key = dressed.then(|| Bytes::from(format!("{:016x}", random.next())));
    let trace = format!("{:016x}", random.next());
    let headers =
        if dressed { vec![("trace-id", trace.into()), ("source", Bytes::from_static(b"eu-1"))] } else { Vec::new() };
    Record {
        timestamp: BASE_TIMESTAMP + index as i64 / RECORDS_PER_MILLISECOND,
        key,
        value: value(value_bytes, index, random),
        headers,
    }
}

/// Objects of JSON, one after the other, cut at the length.
fn value(value_bytes: usize, index: usize, random: &mut SplitMix) -> Bytes {
    let mut text = String::with_capacity(value_bytes + 100);
    while text.len() < value_bytes {
        let (user, amount, kind) = (random.next() % 100_000, random.next() % 10_000, random.next() % 4);
        let kind = ["order", "refund", "payment", "visit"][kind as usize];
        text.push_str(&format!(r#"{{"id":{index},"user":"u{user:05}","amount":{amount},"kind":"{kind}","currency":"EUR","token":"{:08x}"}}"#, random.next() as u32));
    }
    text.truncate(value_bytes);
    Bytes::from(text)
}

/// Numbers that look random and are the same in every run (Steele, Lea, Flood: SplitMix64).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
