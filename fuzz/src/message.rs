//! Every message that Kafka has a schema for: the first three bytes choose it, the others are its body.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use ottla_wire::ApiKey;
use ottla_wire::schema::generated::{self, Generated};
use ottla_wire::schema::json::{self, View};
use ottla_wire::schema::{self, Direction, Message, Role};

/// What the walk lets pass is read by the table and, where it has the version, by the generated decoder, to its end; and what is read can be written,
/// and read again.
pub fn message(data: &[u8]) {
    let Some((message, version, body)) = chosen(data) else { return };
    if schema::preflight_message(message, version, body).is_err() {
        return;
    }
    let canonical = as_json(message, version, body);
    if let Some(generated) = generated(message, version) {
        let again = as_struct(generated, version, body);
        assert_eq!(as_json(message, version, &again), again, "the generated encoder and the table write the same");
        assert_eq!(as_struct(generated, version, &canonical), again);
    }
}

/// The bytes that the table writes of the JSON that it reads; written and read again, both are the same.
fn as_json(message: &'static Message, version: i16, body: &[u8]) -> Bytes {
    let decode = |body: &[u8]| json::decode(message, version, body, &View::default()).expect("the walk let it pass");
    let value = decode(body);
    let written = json::encode(message, version, &value).expect("what was read can be written");
    assert_eq!(decode(&written), value);
    json::decode(message, version, body, &View::for_logs()).expect("a log takes no more");
    written
}

/// The bytes that the generated encoder writes of the struct that it reads.
fn as_struct(generated: &Generated, version: i16, body: &[u8]) -> Bytes {
    let again = (generated.again)(Bytes::copy_from_slice(body), version).expect("the walk let it pass");
    assert_eq!(again.left, 0);
    again.bytes
}

/// A valid input of each API, in each direction, at each version.
pub fn seeds() -> impl Iterator<Item = Vec<u8>> {
    ottla_wire::arbitrary::seeds().map(|seed| {
        let what = if seed.direction == Direction::Request { REQUEST } else { RESPONSE };
        let chosen = [what, seed.api.key() as u8, seed.version as u8];
        [&chosen[..], &seed.body].concat()
    })
}

/// Puts the next of the [`seeds`] into `input`, one time in so many by `chance`, and returns its length; after the last comes the first.
pub fn begin_anew(input: &mut [u8], chance: u32) -> Option<usize> {
    static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| seeds().collect());
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    if !chance.is_multiple_of(BEGIN_ANEW_ONCE_IN) {
        return None;
    }
    let seed = &SEEDS[NEXT.fetch_add(1, Ordering::Relaxed) % SEEDS.len()];
    input.get_mut(..seed.len())?.copy_from_slice(seed);
    Some(seed.len())
}

const BEGIN_ANEW_ONCE_IN: u32 = 8;

const REQUEST: u8 = 0;
const RESPONSE: u8 = 1;

/// The message that an input is about, its version, and its bytes: a request (0) or a response (1) and the key of its API, or another message (2) by
/// its place in the table; then the version. A number that is none stands for one that is.
pub fn chosen(data: &[u8]) -> Option<(&'static Message, i16, &[u8])> {
    let [what, which, version, body @ ..] = data else { return None };
    let message = match what % 3 {
        REQUEST => schema::layout(api(*which), Direction::Request),
        RESPONSE => schema::layout(api(*which), Direction::Response),
        _ => {
            let others: Vec<_> =
                schema::messages().filter(|other| matches!(other.role, Role::Header | Role::Blob)).collect();
            others[usize::from(*which) % others.len()]
        }
    };
    let (version, known) = (i16::from(*version), message.versions);
    let version = if known.contains(version) { version } else { known.min + version % (known.max - known.min + 1) };
    Some((message, version, body))
}

fn api(key: u8) -> ApiKey {
    ApiKey::try_from(i16::from(key)).unwrap_or(ApiKey::ALL[usize::from(key) % ApiKey::ALL.len()])
}

fn generated(message: &Message, version: i16) -> Option<&'static Generated> {
    let same = |of: &&Generated| std::ptr::eq(of.message, message) && of.versions.contains(version);
    generated::ALL.iter().find(same)
}
