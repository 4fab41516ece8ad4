//! Valid bytes of any message at any version, made from the table and from choices alone.

use super::layout::{Field, Kind, Message, Struct};

/// Who decides what is in a message: a seed, or the bytes of a fuzzer.
pub(crate) trait Choices {
    /// A number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize;

    /// Whether to do what is done once in `n` times.
    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A small generator of random numbers (splitmix64), so that each seed gives the same bytes on every machine.
pub(crate) struct Random(pub(crate) u64);

impl Choices for Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        (mixed % end as u64) as usize
    }
}

/// Above every tag that Kafka has given out.
const UNKNOWN_TAGS_FROM: usize = 100;
/// The most elements of an array, and bytes of a short or of a long text.
const ELEMENTS_MAX: usize = 3;
const SHORT_MAX: usize = 8;
const LONG_MAX: usize = 300;

/// The body of a `message` at `version`. It writes the shortest varints, and no tagged field that has its default, so that an encoder gives the same bytes.
pub(crate) fn body(message: &Message, version: i16, choices: &mut dyn Choices) -> Vec<u8> {
    let flexible = message.flexible.contains(version);
    let mut sample = Sample { out: Vec::new(), choices, version, flexible, in_tag: false };
    sample.fields(&message.body);
    sample.out
}

/// Changes one to three bytes of `body`, mostly to what lengths are made of, or cuts it, or adds to it.
pub(crate) fn spoil(body: &mut Vec<u8>, choices: &mut dyn Choices) {
    for _ in 0..=choices.below(3) {
        let any = choices.below(256) as u8;
        let byte = [0, 1, 2, 0x7f, 0x80, 0xff, any, any][choices.below(8)];
        let at = choices.below(body.len().max(1));
        match choices.below(16) {
            0 => body.truncate(at),
            1 => body.insert(at, byte),
            _ => body.iter_mut().skip(at).take(1).for_each(|place| *place = byte),
        }
    }
}

struct Sample<'a> {
    out: Vec<u8>,
    choices: &'a mut dyn Choices,
    version: i16,
    flexible: bool,
    /// Inside a tagged field nothing may be empty or zero, lest the field have its default.
    in_tag: bool,
}

impl Sample<'_> {
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
        let null = nullable && !self.in_tag && self.choices.one_in(3);
        match field.kind {
            Kind::Struct(_) if null => self.out.push(0xff),
            kind if null => self.length(kind, None),
            Kind::Struct(layout) if nullable => {
                self.out.push(1);
                self.fields(layout);
            }
            kind => self.value(kind),
        }
    }

    fn value(&mut self, kind: Kind) {
        match kind {
            Kind::Struct(layout) => self.fields(layout),
            Kind::Array(element) => {
                let count = self.size(ELEMENTS_MAX);
                self.length(kind, Some(count));
                (0..count).for_each(|_| self.value(*element));
            }
            Kind::String | Kind::ClassicString | Kind::Bytes | Kind::Records => {
                let longest = if self.choices.one_in(8) { LONG_MAX } else { SHORT_MAX };
                let size = self.size(longest);
                self.length(kind, Some(size));
                match (kind, size) {
                    // Two letters of two and of three bytes.
                    (Kind::String | Kind::ClassicString, 5..) if self.choices.one_in(4) => {
                        self.out.extend("é漢".as_bytes());
                        self.ascii(size - 5);
                    }
                    _ => self.ascii(size),
                }
            }
            Kind::Bool => {
                let value = self.in_tag || self.choices.one_in(2);
                self.out.push(value.into());
            }
            fixed => self.number(fixed.fixed_bytes().unwrap_or_default()),
        }
    }

    fn size(&mut self, most: usize) -> usize {
        let least = usize::from(self.in_tag);
        least + self.choices.below(most + 1 - least)
    }

    /// Now and then 0, -1 or an end of the range, but not where that may be the default of a tagged field.
    fn number(&mut self, bytes: usize) {
        if self.in_tag || !self.choices.one_in(4) {
            return self.ascii(bytes);
        }
        let [first, rest] = [[0, 0], [0xff, 0xff], [0x7f, 0xff], [0x80, 0]][self.choices.below(4)];
        self.out.push(first);
        self.out.extend(std::iter::repeat_n(rest, bytes - 1));
    }

    /// Bytes that serve as text too.
    fn ascii(&mut self, count: usize) {
        for _ in 0..count {
            let byte = 1 + self.choices.below(0x7e);
            self.out.push(byte as u8);
        }
    }

    fn tagged_fields(&mut self, layout: &Struct) {
        let mut tagged = Vec::new();
        for field in layout.fields {
            if let Some(tag) = field.tag.filter(|tag| tag.versions.contains(self.version))
                && self.choices.one_in(2)
            {
                tagged.push((tag.number as usize, self.apart(true, |sample| sample.field(field))));
            }
        }
        tagged.sort_by_key(|(number, _)| *number);
        // Not with the first choice of all, or a fuzzer's last byte would make one in each struct.
        if self.choices.below(6) == 5 {
            let number = UNKNOWN_TAGS_FROM + self.choices.below(1_000);
            for next in [number, number + 1] {
                let size = self.choices.below(5);
                tagged.push((next, self.apart(false, |sample| sample.ascii(size))));
            }
        }
        self.varint(tagged.len());
        for (number, content) in tagged {
            self.varint(number);
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
        match (kind, length) {
            (Kind::String, _) | (Kind::Bytes | Kind::Records | Kind::Array(_), _) if self.flexible => {
                self.varint(length.map_or(0, |length| length + 1));
            }
            (Kind::String | Kind::ClassicString, length) => {
                self.out.extend(length.map_or(-1, |length| length as i16).to_be_bytes());
            }
            (_, length) => self.out.extend(length.map_or(-1, |length| length as i32).to_be_bytes()),
        }
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.out.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.out.push(value as u8);
    }
}
