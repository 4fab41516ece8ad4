//! The bytes of a request or an answer, which are decoded when somebody looks.

use std::fmt;

use bytes::Bytes;
use ottla_wire::codec::DecodeError;
use ottla_wire::header::decode_response_header;
use ottla_wire::schema::json::{self, View};
use ottla_wire::schema::{self, Direction};
use ottla_wire::{ApiKey, Segments};
use serde_json::Value;

/// The version of an ApiVersions answer to who asked for one that the broker does not have (KIP-511).
const VERSION_OF_LAST_RESORT: i16 = 0;

/// What came or went out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// A request without its header.
    Request(Bytes),
    /// An answer with its header.
    Response(Segments),
}

impl Body {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Request(body) => body.len(),
            Self::Response(frame) => frame.len(),
        }
    }

    /// What it says, without its secrets; none where it is malformed.
    pub(super) fn json(&self, api: ApiKey, version: i16) -> Option<Value> {
        match self {
            Self::Request(body) => decode(api, Direction::Request, version, body),
            Self::Response(frame) => {
                let mut body = frame.to_bytes();
                decode_response_header(api, version, &mut body).ok()?;
                decode(api, Direction::Response, version, &body)
                    .or_else(|| decode(api, Direction::Response, VERSION_OF_LAST_RESORT, &body))
            }
        }
    }
}

/// Bytes after a message's end are passed over, as the brokers do.
fn decode(api: ApiKey, direction: Direction, version: i16, body: &[u8]) -> Option<Value> {
    let layout = schema::layout(api, direction);
    match json::decode(layout, version, body, &View::for_logs()) {
        Err(DecodeError::Trailing(bytes)) => {
            let body = body.get(..body.len().checked_sub(bytes)?)?;
            json::decode(layout, version, body, &View::for_logs()).ok()
        }
        decoded => decoded.ok(),
    }
}

/// How many bytes there are and none of them: they may be a password.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}
