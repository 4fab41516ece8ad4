//! Every message that Kafka has a schema for: the first three bytes choose it, the others are its body.

use bytes::Bytes;
use ottla_wire::ApiKey;
use ottla_wire::schema::generated::{self, Generated};
use ottla_wire::schema::{self, Direction, Message, Role};

/// What the walk lets pass, the generated decoder reads to its end, where it has the version; and what it read can be written, and read again.
pub fn message(data: &[u8]) {
    let Some((message, version, body)) = chosen(data) else { return };
    if schema::preflight_message(message, version, body).is_err() {
        return;
    }
    let Some(generated) = generated(message, version) else { return };
    let again = (generated.again)(Bytes::copy_from_slice(body), version).expect("the walk let it pass");
    assert_eq!(again.left, 0);
    schema::preflight_message(message, version, &again.bytes).expect("what is written can be walked");
    let once_more = (generated.again)(again.bytes.clone(), version).expect("what is written can be read");
    assert_eq!(once_more, again);
}

/// The message that an input is about, its version, and its bytes: a request (0) or a response (1) and the key of its API, or another message (2) by
/// its place in the table; then the version. A number that is none stands for one that is.
pub fn chosen(data: &[u8]) -> Option<(&'static Message, i16, &[u8])> {
    let [what, which, version, body @ ..] = data else { return None };
    let message = match what % 3 {
        0 => schema::layout(api(*which), Direction::Request),
        1 => schema::layout(api(*which), Direction::Response),
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
