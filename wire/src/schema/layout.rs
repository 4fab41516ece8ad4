//! What a row of the table says: plain constants, with the names that Kafka's message schemas give.

use bytes::Bytes;

use super::plan::Epoch;
use crate::api::{ApiKey, VersionRange};
use crate::message::{StrBytes, Uuid};

/// How many structs may stand inside each other, the message itself included. A layout that is deeper does not compile, so no walk recurses further.
pub const DEPTH_MAX: usize = 8;

/// The layout of a message at all its versions.
#[derive(Debug)]
pub struct Message {
    /// Its name in Kafka's schemas, such as `FetchRequest`.
    pub name: &'static str,
    /// Where it stands.
    pub role: Role,
    /// The versions that Kafka has.
    pub versions: VersionRange,
    /// Whether the last version is still being worked on, and brokers do not offer it unless told to.
    pub latest_unstable: bool,
    /// The versions with compact lengths and tagged fields (KIP-482).
    pub flexible: VersionRange,
    /// The message's own fields.
    pub body: Struct,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It asks.
    Request(ApiKey),
    /// It answers.
    Response(ApiKey),
    /// It stands before a request or a response.
    Header,
    /// It is the bytes in a field of another message, or in a control record; Kafka's schemas call it `data`.
    Blob,
}

/// A struct: fields one after the other, then the tagged ones where the version is flexible.
#[derive(Debug)]
pub struct Struct {
    /// A bound on what one takes in memory when it is decoded, in bytes, without what its arrays point to.
    pub memory_bytes: usize,
    /// The fields, in the order of Kafka's schema, which is that of the wire.
    pub fields: &'static [Field],
    pub(super) epochs: &'static [Epoch],
    depth: usize,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// Its name in Kafka's schema.
    pub name: &'static str,
    /// The versions that have it.
    pub versions: VersionRange,
    /// The versions at which it may be null: no number, bool or uuid can be.
    pub nullable: VersionRange,
    /// Where it is a tagged field.
    pub tag: Option<Tag>,
    /// What it holds when nobody says, in Kafka's spelling (`null`, `-1`, `0x7fffffff`, `true`); `None` where that is zero, false or empty.
    pub default: Option<&'static str>,
    /// Whether what it holds should not be shown: a SASL message, a token's HMAC, a salted password, a value of a configuration.
    pub secret: bool,
    /// What it holds.
    pub kind: Kind,
}

/// The number of a tagged field (KIP-482).
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    /// The number on the wire.
    pub number: u32,
    /// The versions at which the field is tagged.
    pub versions: VersionRange,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One byte; any other than 0 is true.
    Bool,
    /// A signed byte.
    Int8,
    /// Two bytes, signed.
    Int16,
    /// Two bytes, unsigned.
    Uint16,
    /// Four bytes, signed.
    Int32,
    /// Four bytes, unsigned.
    Uint32,
    /// Eight bytes, signed.
    Int64,
    /// Eight bytes of IEEE 754.
    Float64,
    /// Sixteen bytes.
    Uuid,
    /// UTF-8 behind its length.
    String,
    /// UTF-8 behind two bytes of length, also where the version is flexible: the client id in a request's header, so that it can be read before
    /// its version is understood (KIP-482).
    ClassicString,
    /// Bytes behind their length.
    Bytes,
    /// Record batches behind their length; they are not looked into.
    Records,
    /// A struct in place. Where it may be null, a byte goes before it: 1, or -1 for null.
    Struct(&'static Struct),
    /// Elements behind their count; none of them can be null.
    Array(&'static Kind),
}

/// No version, which Kafka's schemas write `none`.
pub(super) const NEVER: VersionRange = VersionRange::new(0, -1);

/// `version` and all after it, which Kafka's schemas write `n+`.
pub(super) const fn since(version: i16) -> VersionRange {
    VersionRange::new(version, i16::MAX)
}

/// `min` to `max`, both included, which Kafka's schemas write `n-m`.
pub(super) const fn between(min: i16, max: i16) -> VersionRange {
    VersionRange::new(min, max)
}

/// A [`Struct`] of an array of fields, with the steps of its walk laid out by the compiler.
macro_rules! structure {
    ($fields:expr) => {{
        use crate::schema::{layout, plan};
        static FIELDS: &[layout::Field] = &$fields;
        const STEPS: [plan::Step; plan::steps_count(FIELDS)] = plan::steps(FIELDS);
        const EPOCHS: [plan::Epoch; plan::epochs_count(FIELDS)] = plan::epochs(FIELDS, &STEPS);
        layout::Struct::new(FIELDS, &EPOCHS)
    }};
}
pub(super) use structure;

/// Finds the messages of an API in the module of its rows.
macro_rules! by_api {
    ($($name:ident => $module:ident,)+) => {
        /// The request and the response of `api`.
        pub(super) const fn by_api(api: crate::api::ApiKey) -> [&'static Message; 2] {
            match api {
                $(crate::api::ApiKey::$name => [&$module::REQUEST, &$module::RESPONSE],)+
            }
        }
    };
}
pub(super) use by_api;

impl Struct {
    pub(super) const fn new(fields: &'static [Field], epochs: &'static [Epoch]) -> Self {
        let depth = depth_of(fields).saturating_add(1);
        assert!(depth <= DEPTH_MAX, "the layout is nested too deep");
        Self { memory_bytes: memory_bytes_of(fields), fields, epochs, depth }
    }
}

impl Field {
    pub(super) const fn new(name: &'static str, versions: VersionRange, kind: Kind) -> Self {
        Self { name, versions, nullable: NEVER, tag: None, default: None, secret: false, kind }
    }

    pub(super) const fn nullable(self, versions: VersionRange) -> Self {
        Self { nullable: versions, ..self }
    }

    pub(super) const fn tagged(self, number: u32, versions: VersionRange) -> Self {
        Self { tag: Some(Tag { number, versions }), ..self }
    }

    pub(super) const fn default(self, spelling: &'static str) -> Self {
        Self { default: Some(spelling), ..self }
    }

    pub(super) const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    /// Whether the field stands in its place among the others at `version`, not among the tagged ones.
    #[must_use]
    pub const fn in_place(&self, version: i16) -> bool {
        self.versions.contains(version) && !matches!(self.tag, Some(tag) if tag.versions.contains(version))
    }
}

impl Kind {
    /// How many bytes it takes on the wire, where that is the same for each value.
    pub(super) const fn fixed_bytes(self) -> Option<usize> {
        match self {
            Self::Bool | Self::Int8 => Some(1),
            Self::Int16 | Self::Uint16 => Some(2),
            Self::Int32 | Self::Uint32 => Some(4),
            Self::Int64 | Self::Float64 => Some(8),
            Self::Uuid => Some(size_of::<Uuid>()),
            Self::String | Self::ClassicString | Self::Bytes | Self::Records | Self::Struct(_) | Self::Array(_) => None,
        }
    }

    /// What an array sets aside for one such element, in bytes.
    pub(super) const fn memory_bytes(self) -> usize {
        match self {
            Self::Struct(layout) => layout.memory_bytes,
            Self::Array(_) => size_of::<Vec<u8>>(),
            Self::String | Self::ClassicString => size_of::<StrBytes>(),
            Self::Bytes | Self::Records => size_of::<Bytes>(),
            Self::Bool | Self::Int8 => 1,
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Uint32 => 4,
            Self::Int64 | Self::Float64 => 8,
            Self::Uuid => size_of::<Uuid>(),
        }
    }

    const fn depth(self) -> usize {
        match self {
            Self::Struct(layout) => layout.depth,
            Self::Array(element) => element.depth(),
            _ => 0,
        }
    }
}

const fn depth_of(mut fields: &[Field]) -> usize {
    let mut deepest = 0;
    while let [field, rest @ ..] = fields {
        if field.kind.depth() > deepest {
            deepest = field.kind.depth();
        }
        fields = rest;
    }
    deepest
}

/// The generated structs have the fields of all versions and a map of unknown tagged fields, and the compiler pads them to a multiple of their
/// largest part.
const fn memory_bytes_of(mut fields: &[Field]) -> usize {
    let mut bytes = size_of::<std::collections::BTreeMap<i32, Bytes>>();
    while let [field, rest @ ..] = fields {
        bytes = bytes.saturating_add(field.kind.memory_bytes());
        fields = rest;
    }
    bytes.next_multiple_of(align_of::<u64>())
}
