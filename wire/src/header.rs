//! Request and response headers.
//!
//! Coded here by hand, for a request header must be readable even where its API or version is not known: the broker answers such an ApiVersions
//! request, and names the API in the reason for closing the connection after any other.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::api::ApiKey;
use crate::codec::{DecodeError, EncodeError};

/// What stands before each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHeader {
    /// The key of the API, known or not.
    pub api_key: i16,
    /// The version of the API that the request is written in.
    pub api_version: i16,
    /// The number that the response repeats.
    pub correlation_id: i32,
    /// The name that the client gives itself.
    pub client_id: Option<String>,
}

/// The longest client id that is read; Kafka's own strings of two length bytes end there too.
const CLIENT_ID_BYTES_MAX: usize = i16::MAX as usize;

/// The most tagged fields that a header may have; today's Kafka sends none.
const HEADER_TAGS_MAX: u32 = 64;

impl RequestHeader {
    /// Reads a header and leaves the request's body in `frame`.
    ///
    /// # Errors
    /// When the bytes end inside the header, or are none.
    pub fn decode(frame: &mut Bytes) -> Result<Self, DecodeError> {
        let api_key = frame.try_get_i16().map_err(|_| DecodeError::Cut)?;
        let api_version = frame.try_get_i16().map_err(|_| DecodeError::Cut)?;
        let correlation_id = frame.try_get_i32().map_err(|_| DecodeError::Cut)?;
        let client_id = nullable_string(frame)?;
        let header = Self { api_key, api_version, correlation_id, client_id };
        if header.version() >= 2 {
            skip_tagged_fields(frame)?;
        }
        Ok(header)
    }

    /// Appends the header to `out`.
    ///
    /// # Errors
    /// When the client id is longer than its two length bytes can say.
    pub fn encode(&self, out: &mut BytesMut) -> Result<(), EncodeError> {
        out.put_i16(self.api_key);
        out.put_i16(self.api_version);
        out.put_i32(self.correlation_id);
        match &self.client_id {
            None => out.put_i16(-1),
            Some(id) => {
                out.put_i16(i16::try_from(id.len()).map_err(|_| EncodeError::TooLong { bytes: id.len() })?);
                out.put_slice(id.as_bytes());
            }
        }
        if self.version() >= 2 {
            out.put_u8(0);
        }
        Ok(())
    }

    /// The version of this header. That of an API that is not known is 1, for its version of a flexible header is not known either.
    #[must_use]
    pub fn version(&self) -> i16 {
        ApiKey::try_from(self.api_key).map_or(1, |api| api.request_header_version(self.api_version))
    }
}

/// Reads the header of a response to `api` at `version` off `frame` and returns its correlation id; the body stays in `frame`.
///
/// # Errors
/// When the bytes end inside the header, or are none.
pub fn decode_response_header(api: ApiKey, version: i16, frame: &mut Bytes) -> Result<i32, DecodeError> {
    let correlation_id = frame.try_get_i32().map_err(|_| DecodeError::Cut)?;
    if api.response_header_version(version) >= 1 {
        skip_tagged_fields(frame)?;
    }
    Ok(correlation_id)
}

/// Appends the header of a response to `api` at `version`.
pub fn encode_response_header(api: ApiKey, version: i16, correlation_id: i32, out: &mut BytesMut) {
    out.put_i32(correlation_id);
    if api.response_header_version(version) >= 1 {
        out.put_u8(0);
    }
}

fn nullable_string(frame: &mut Bytes) -> Result<Option<String>, DecodeError> {
    let length = frame.try_get_i16().map_err(|_| DecodeError::Cut)?;
    if length == -1 {
        return Ok(None);
    }
    let length = usize::try_from(length).map_err(|_| DecodeError::NegativeLength(length.into()))?;
    debug_assert!(length <= CLIENT_ID_BYTES_MAX);
    if frame.remaining() < length {
        return Err(DecodeError::Cut);
    }
    let bytes = frame.split_to(length);
    let text = std::str::from_utf8(&bytes).map_err(|_| DecodeError::NotUtf8)?;
    Ok(Some(text.to_owned()))
}

fn skip_tagged_fields(frame: &mut Bytes) -> Result<(), DecodeError> {
    let count = unsigned_varint(frame)?;
    if count > HEADER_TAGS_MAX {
        return Err(DecodeError::TooMany { count: count.into(), max: HEADER_TAGS_MAX.into() });
    }
    for _ in 0..count {
        let _tag = unsigned_varint(frame)?;
        let size = usize::try_from(unsigned_varint(frame)?).map_err(|_| DecodeError::Cut)?;
        if frame.remaining() < size {
            return Err(DecodeError::Cut);
        }
        frame.advance(size);
    }
    Ok(())
}

fn unsigned_varint(frame: &mut Bytes) -> Result<u32, DecodeError> {
    let mut value = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let byte = frame.try_get_u8().map_err(|_| DecodeError::Cut)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).map_err(|_| DecodeError::VarintTooLong);
        }
    }
    Err(DecodeError::VarintTooLong)
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;
    use crate::message::{Encodable, RequestHeader as Generated, StrBytes};

    fn header(api: ApiKey, version: i16, client_id: Option<&str>) -> RequestHeader {
        RequestHeader {
            api_key: api.key(),
            api_version: version,
            correlation_id: 7,
            client_id: client_id.map(str::to_owned),
        }
    }

    fn encoded(header: &RequestHeader) -> Bytes {
        let mut bytes = BytesMut::new();
        header.encode(&mut bytes).expect("a header that can be written");
        bytes.freeze()
    }

    #[test]
    fn a_request_header_is_the_same_bytes_as_the_generated_one() {
        for (api, version) in [(ApiKey::Metadata, 8), (ApiKey::Metadata, 9), (ApiKey::ApiVersions, 3)] {
            for client_id in [None, Some(""), Some("quick")] {
                let ours = header(api, version, client_id);
                let mut theirs = BytesMut::new();
                Generated::default()
                    .with_request_api_key(ours.api_key)
                    .with_request_api_version(version)
                    .with_correlation_id(7)
                    .with_client_id(client_id.map(StrBytes::from_static_str))
                    .encode(&mut theirs, ours.version())
                    .expect("a header that can be written");
                assert_eq!(encoded(&ours), theirs.freeze());
            }
        }
    }

    #[test]
    fn a_request_header_comes_back_and_leaves_the_body() {
        for ours in [header(ApiKey::Fetch, 12, Some("ä")), header(ApiKey::Fetch, 4, None)] {
            let mut frame = BytesMut::from(&encoded(&ours)[..]);
            frame.extend_from_slice(b"body");
            let mut frame = frame.freeze();
            assert_eq!(RequestHeader::decode(&mut frame), Ok(ours));
            assert_eq!(&frame[..], b"body");
        }
    }

    #[test]
    fn the_header_of_an_unknown_api_is_readable() {
        let mut frame = Bytes::from_static(&[0x7f, 0xff, 0, 1, 0, 0, 0, 9, 0xff, 0xff]);
        let header = RequestHeader::decode(&mut frame).expect("a header");
        assert_eq!((header.api_key, header.api_version, header.correlation_id), (0x7fff, 1, 9));
    }

    #[test]
    fn every_cut_of_a_header_is_cut_and_never_a_panic() {
        let whole = encoded(&header(ApiKey::Metadata, 12, Some("client")));
        for end in 0..whole.len() {
            assert_eq!(RequestHeader::decode(&mut whole.slice(..end)), Err(DecodeError::Cut), "after {end} bytes");
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        let with = |tail: &[u8]| Bytes::from([&[0, 3, 0, 9, 0, 0, 0, 1], tail].concat());
        assert_eq!(RequestHeader::decode(&mut with(&[0xff, 0xfe])), Err(DecodeError::NegativeLength(-2)));
        assert_eq!(RequestHeader::decode(&mut with(&[0x7f, 0xff, b'a'])), Err(DecodeError::Cut));
        assert_eq!(RequestHeader::decode(&mut with(&[0, 1, 0xff, 0])), Err(DecodeError::NotUtf8));
        assert_eq!(
            RequestHeader::decode(&mut with(&[0xff, 0xff, 0x80, 0x80, 0x80, 0x80, 0x80])),
            Err(DecodeError::VarintTooLong)
        );
        assert_eq!(
            RequestHeader::decode(&mut with(&[0xff, 0xff, 0xff, 0x7f])),
            Err(DecodeError::TooMany { count: 16383, max: 64 })
        );
    }

    #[test]
    fn a_response_header_skips_tagged_fields_only_where_it_has_them() {
        let mut flexible = Bytes::from_static(&[0, 0, 0, 5, 1, 9, 2, b'x', b'y', b'z']);
        assert_eq!(decode_response_header(ApiKey::Metadata, 9, &mut flexible), Ok(5));
        assert_eq!(&flexible[..], b"z");
        let mut api_versions = Bytes::from_static(&[0, 0, 0, 5, 1]);
        assert_eq!(decode_response_header(ApiKey::ApiVersions, 4, &mut api_versions), Ok(5));
        assert_eq!(&api_versions[..], [1]);
    }
}
