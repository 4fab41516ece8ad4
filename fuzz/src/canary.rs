//! A target that must fail: it says that the fuzzing finds what it looks for.

use bytes::Bytes;
use ottla_wire::ApiKey;
use ottla_wire::header::RequestHeader;

/// What the canary dies with; `fuzz/run` looks for it.
const SONG: &str = "the canary is dead, as it must be";

/// A reader with a planted bug: it believes the length after a header, as long as the header is one of a later Metadata.
pub fn canary(data: &[u8]) {
    let mut body = Bytes::copy_from_slice(data);
    let Ok(header) = RequestHeader::decode(&mut body) else { return };
    if header.api_key == ApiKey::Metadata.key() && header.api_version >= 4 && header.client_id.is_some() {
        let Some((claimed, rest)) = body.split_first() else { return };
        assert!(rest.len() >= usize::from(*claimed), "{SONG}");
    }
}
