//! Valid bytes of any message at any version, made from the table alone and a seed.

use super::super::layout::{Field, Kind, Message, Struct};

/// A small generator of random numbers (splitmix64), so that each seed gives the same bytes on every machine.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Above every tag that Kafka has given out.
const UNKNOWN_TAGS_FROM: usize = 100;

/// The body of a `message` at `version`. It writes the shortest varints, and no tagged field that has its default, so that an encoder gives the same bytes.
pub(super) fn body(message: &Message, version: i16, seed: u64) -> Vec<u8> {
    let flexible = message.flexible.contains(version);
    let mut sample = Sample { out: Vec::new(), random: Random(seed), version, flexible, in_tag: false };
    sample.fields(&message.body);
    sample.out
}

struct Sample {
    out: Vec<u8>,
    random: Random,
    version: i16,
    flexible: bool,
    /// Inside a tagged field nothing may be empty, lest the field have its default.
    in_tag: bool,
}

impl Sample {
    fn fields(&mut self, layout: &Struct) {
        let version = self.version;
        for field in layout.fields.iter().filter(|field| field.in_place(version)) {
            self.field(field);
        }
        if self.flexible {
            self.tagged_fields(layout);
        }
    }

    fn field(&mut self, field: &Field) {
        let nullable = field.nullable.contains(self.version);
        let null = nullable && !self.in_tag && self.random.one_in(3);
        match field.kind {
            Kind::Struct(_) if null => return self.out.push(0xff),
            Kind::Struct(_) if nullable => self.out.push(1),
            kind if null => return self.length(kind, None),
            _ => {}
        }
        self.value(field.kind);
    }

    fn value(&mut self, kind: Kind) {
        match kind {
            Kind::Struct(layout) => self.fields(layout),
            Kind::Array(element) => {
                let count = self.size(3);
                self.length(kind, Some(count));
                (0..count).for_each(|_| self.value(*element));
            }
            Kind::String | Kind::ClassicString | Kind::Bytes | Kind::Records => {
                let longest = if self.random.one_in(8) { 300 } else { 8 };
                let size = self.size(longest);
                self.length(kind, Some(size));
                self.bytes(size);
            }
            Kind::Bool => {
                let value = self.in_tag || self.random.one_in(2);
                self.out.push(value.into());
            }
            fixed => self.bytes(fixed.fixed_bytes().unwrap()),
        }
    }

    fn size(&mut self, most: usize) -> usize {
        let least = usize::from(self.in_tag);
        least + self.random.below(most + 1 - least)
    }

    /// ASCII, so that it serves as text too, and no number made of it is 0, -1 or an end of its range.
    fn bytes(&mut self, count: usize) {
        for _ in 0..count {
            let byte = 1 + self.random.below(0x7e);
            self.out.push(u8::try_from(byte).unwrap());
        }
    }

    fn tagged_fields(&mut self, layout: &Struct) {
        let mut tagged = Vec::new();
        for field in layout.fields {
            if let Some(tag) = field.tag.filter(|tag| tag.versions.contains(self.version))
                && self.random.one_in(2)
            {
                tagged.push((tag.number, self.apart(true, |sample| sample.field(field))));
            }
        }
        tagged.sort_by_key(|(number, _)| *number);
        if self.random.one_in(6) {
            let number = u32::try_from(UNKNOWN_TAGS_FROM + self.random.below(1_000)).unwrap();
            for next in [number, number + 1] {
                tagged.push((
                    next,
                    self.apart(false, |sample| {
                        let size = sample.random.below(5);
                        sample.bytes(size);
                    }),
                ));
            }
        }
        self.varint(tagged.len());
        for (number, content) in tagged {
            self.varint(usize::try_from(number).unwrap());
            self.varint(content.len());
            self.out.extend(content);
        }
    }

    /// What `write` writes, as a value of its own.
    fn apart(&mut self, in_tag: bool, write: impl FnOnce(&mut Self)) -> Vec<u8> {
        let before = (std::mem::take(&mut self.out), self.in_tag);
        self.in_tag = in_tag;
        write(self);
        self.in_tag = before.1;
        std::mem::replace(&mut self.out, before.0)
    }

    fn length(&mut self, kind: Kind, length: Option<usize>) {
        if self.flexible && !matches!(kind, Kind::ClassicString) {
            return self.varint(length.map_or(0, |length| length + 1));
        }
        let length = length.map_or(-1, |length| i16::try_from(length).unwrap());
        match kind {
            Kind::String | Kind::ClassicString => self.out.extend(length.to_be_bytes()),
            _ => self.out.extend(i32::from(length).to_be_bytes()),
        }
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
            value >>= 7;
        }
        self.out.push(u8::try_from(value).unwrap());
    }
}
