//! The counts that make the generated decoders abort, at every array of every message.

use super::super::*;

/// Bytes up to each array of `message` at `version`, where it claims as many elements as there can be.
fn overcounted(message: &Message, version: i16) -> Vec<(String, Vec<u8>)> {
    let flexible = message.flexible.contains(version);
    let mut writer = Writer { out: Vec::new(), version, flexible, path: vec![message.name], found: Vec::new() };
    writer.fields(&message.body);
    writer.found
}

/// Writes a message with one element in each array, and keeps what it has written when it comes to one.
struct Writer {
    out: Vec<u8>,
    version: i16,
    flexible: bool,
    path: Vec<&'static str>,
    found: Vec<(String, Vec<u8>)>,
}

impl Writer {
    fn fields(&mut self, layout: &Struct) {
        let version = self.version;
        for field in layout.fields.iter().filter(|field| field.in_place(version)) {
            self.field(field);
        }
        if self.flexible {
            self.tagged_fields(layout);
        }
    }

    fn tagged_fields(&mut self, layout: &Struct) {
        let mut tagged: Vec<_> = layout
            .fields
            .iter()
            .filter(|field| field.tag.is_some_and(|tag| tag.versions.contains(self.version)))
            .collect();
        tagged.sort_by_key(|field| field.tag.unwrap().number);
        self.out.push(u8::try_from(tagged.len()).unwrap());
        for field in tagged {
            self.out.push(u8::try_from(field.tag.unwrap().number).unwrap());
            // The content goes to the end: nothing is written after it where a count is too large.
            let before = std::mem::take(&mut self.out);
            let found_before = self.found.len();
            self.field(field);
            let content = std::mem::replace(&mut self.out, before);
            for (_, claim) in &mut self.found[found_before..] {
                let size = u8::try_from(claim.len()).unwrap();
                claim.splice(0..0, self.out.iter().copied().chain([size]));
            }
            self.out.push(u8::try_from(content.len()).unwrap());
            self.out.extend(content);
        }
    }

    fn field(&mut self, field: &Field) {
        self.path.push(field.name);
        if matches!(field.kind, Kind::Struct(_)) && field.nullable.contains(self.version) {
            self.out.push(1);
        }
        self.value(field.kind);
        self.path.pop();
    }

    fn value(&mut self, kind: Kind) {
        match kind {
            Kind::Struct(layout) => self.fields(layout),
            Kind::Array(element) => {
                let claim: &[u8] =
                    if self.flexible { &[0xff, 0xff, 0xff, 0xff, 0x0f] } else { &[0x7f, 0xff, 0xff, 0xff] };
                self.found.push((self.path.join("."), [&self.out, claim].concat()));
                self.count(1);
                self.value(*element);
            }
            Kind::ClassicString => self.out.extend([0, 0]),
            Kind::String if !self.flexible => self.out.extend([0, 0]),
            Kind::String | Kind::Bytes | Kind::Records => self.count(0),
            fixed => self.out.resize(self.out.len() + fixed.fixed_bytes().unwrap(), 0),
        }
    }

    fn count(&mut self, count: u8) {
        if self.flexible { self.out.push(count + 1) } else { self.out.extend([0, 0, 0, count]) }
    }
}

#[test]
fn a_count_of_two_billion_is_refused_at_every_array_of_every_message() {
    let (mut arrays, mut messages_with_arrays) = (0, std::collections::BTreeSet::new());
    super::at_every_version(|message, version| {
        for (path, body) in overcounted(message, version) {
            let verdict = preflight_message(message, version, &body);
            // The content of a tagged field ends where its size says, not where the frame does.
            let cut = matches!(verdict, Err(DecodeError::Cut | DecodeError::TagSize { .. }));
            assert!(cut, "{path} v{version}: {verdict:?}");
            arrays += 1;
            messages_with_arrays.insert(message.name);
        }
    });
    let generated = generated::ALL.iter().filter(|generated| messages_with_arrays.contains(generated.message.name));
    // kafka-protocol 0.18 aborts on each of them.
    let aborting = generated.filter(|generated| matches!(generated.message.role, Role::Request(_) | Role::Response(_)));
    assert_eq!(aborting.count(), 138);
    assert!(arrays > 1_000, "{arrays} arrays");
}
