//! The lines of `golden/messages.jsonl.gz`, or of the file that `OTTLA_GOLDEN` names.

use std::fmt;
use std::io::Read as _;
use std::sync::LazyLock;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use ottla_wire::schema::{self, Message, Role};
use serde_json::Value;

use crate::golden;

/// The committed file; `golden/make/README.md` has the command that makes it.
const COMMITTED_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/messages.jsonl.gz");

/// The first bytes of a file that is compressed by gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What stands for the API's key where there is no API.
const NO_API: i16 = -1;

/// A message as Kafka wrote it.
pub(crate) struct Vector {
    /// What Kafka's schema calls it.
    pub(crate) name: String,
    /// The type that the schema gives it: `request`, `response`, `header` or `data`.
    pub(crate) kind: String,
    /// The API that it belongs to, or [`NO_API`].
    pub(crate) api_key: i16,
    /// Its version.
    pub(crate) version: i16,
    /// What was put into it, in a word or two; a file from elsewhere may not say.
    pub(crate) shape: String,
    /// What Kafka's own converter says about it.
    pub(crate) json: Value,
    /// Its bytes.
    pub(crate) bytes: Bytes,
}

/// The vectors that every law is held against.
pub(crate) fn all() -> &'static [Vector] {
    static NAMED: LazyLock<Option<Vec<Vector>>> = LazyLock::new(|| named().as_deref().map(read));
    NAMED.as_deref().unwrap_or_else(committed)
}

/// Fails where fewer vectors than these were fit to be held to a law, but in a file from elsewhere, which may have but one message.
pub(crate) fn held(count: usize, at_least: usize) {
    assert!(named().is_some() || count >= at_least, "only {count} vectors, of at least {at_least}");
}

fn named() -> Option<String> {
    std::env::var("OTTLA_GOLDEN").ok()
}

/// The vectors of the committed file, whatever `OTTLA_GOLDEN` says.
pub(crate) fn committed() -> &'static [Vector] {
    static COMMITTED: LazyLock<Vec<Vector>> = LazyLock::new(|| read(COMMITTED_FILE));
    &COMMITTED
}

impl Vector {
    fn of(mut line: Value) -> Self {
        let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            kind: text("type"),
            api_key: golden::int(&line, "apiKey"),
            version: golden::int(&line, "v"),
            shape: text("shape"),
            bytes: golden::unhexed(&text("hex")).unwrap_or_else(|| panic!("no hex in {line}")),
            json: line["json"].take(),
        }
    }

    /// Its layout in the table.
    pub(crate) fn message(&self) -> &'static Message {
        let message = schema::message(&self.name).unwrap_or_else(|| panic!("{self} is not in the table"));
        let (kind, api) = match message.role {
            Role::Request(api) => ("request", api.key()),
            Role::Response(api) => ("response", api.key()),
            Role::Header => ("header", NO_API),
            Role::Blob => ("data", NO_API),
        };
        assert_eq!((kind, api), (self.kind.as_str(), self.api_key), "{self}");
        message
    }
}

/// What to call it where a law does not hold.
impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, version, shape, .. } = self;
        write!(f, "{name} v{version} ({shape})")
    }
}

fn read(path: &str) -> Vec<Vector> {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let text = if bytes.starts_with(&GZIP) { unzipped(&bytes) } else { bytes };
    let lines = std::str::from_utf8(&text).unwrap_or_else(|error| panic!("{path}: {error}")).lines();
    let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}: {line}"));
    let vectors: Vec<Vector> = lines.map(|text| Vector::of(line(text))).collect();
    assert!(!vectors.is_empty(), "{path} has no line");
    vectors
}

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes).read_to_end(&mut text).expect("a whole file of gzip");
    text
}
