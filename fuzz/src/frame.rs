//! Frames and the headers in them.

use bytes::{Bytes, BytesMut};
use ottla_wire::ApiKey;
use ottla_wire::decode_any::{Reading, decode_any};
use ottla_wire::frame::{FrameError, split};
use ottla_wire::header::{RequestHeader, decode_response_header};
use ottla_wire::schema::json::{self, View};
use ottla_wire::schema::{self, preflight};

/// Small, so that a fuzzer finds both sides of it.
const FRAME_BYTES_MAX: usize = 1024;

/// Frames that are taken from bytes as they drip in are those that are taken from all bytes at once; the headers of each, and of bytes without a
/// length, are read without a panic, and what is read can be written. A captured frame is shown to a person.
pub fn frame(data: &[u8]) {
    let at_once = frames(std::iter::once(data));
    assert_eq!(at_once, frames(data.chunks(1)));
    for frame in at_once.0 {
        headers(&frame);
    }
    headers(&Bytes::copy_from_slice(data));
    captured(data);
}

/// A captured frame is read for a person, with its length or without, as some message that takes all of its bytes.
fn captured(data: &[u8]) {
    if let Ok(decoded) = decode_any(data, &View::default()) {
        assert!(!decoded.to_string().is_empty());
        let Reading { api, direction, version } = decoded.reading;
        let body = json::encode(schema::layout(api, direction), version, &decoded.body);
        preflight(api, direction, version, &body.expect("what was read can be written")).expect("a message");
    }
}

/// The frames that are there when these pieces have come, and what was found in place of the next.
fn frames<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Bytes>, Option<FrameError>) {
    let (mut buffer, mut taken) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        buffer.extend_from_slice(piece);
        loop {
            match split(&mut buffer, FRAME_BYTES_MAX) {
                Ok(Some(frame)) => taken.push(frame),
                Ok(None) => break,
                Err(error) => return (taken, Some(error)),
            }
        }
    }
    (taken, None)
}

fn headers(frame: &Bytes) {
    if let Ok(header) = RequestHeader::decode(&mut frame.clone()) {
        let mut again = BytesMut::new();
        header.encode(&mut again).expect("what was read can be written");
        let mut again = again.freeze();
        assert_eq!(RequestHeader::decode(&mut again).as_ref(), Ok(&header));
        assert!(again.is_empty());
    }
    // Any API at the two versions of a response header.
    for version in [0, i16::MAX] {
        let _ = decode_response_header(ApiKey::Metadata, version, &mut frame.clone());
    }
}
