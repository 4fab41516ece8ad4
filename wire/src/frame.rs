//! Frames: each message on a connection is a big-endian length of four bytes and that many bytes.

use bytes::{Buf, Bytes, BytesMut};

/// The largest frame that is accepted where nothing else is said: 100 MiB, Kafka's default of `socket.request.max.bytes`.
pub const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;

/// The bytes of the length that stands before each frame.
pub const LENGTH_BYTES: usize = 4;

/// Why the bytes on a connection are no frame. The connection can only be closed, for where the next frame begins is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The length is below zero.
    #[error("frame length {0} is negative")]
    Negative(i32),
    /// The length is above the bound; bytes of another protocol, for example TLS, look like this.
    #[error("frame length {length} is above the bound of {max} bytes")]
    TooLong {
        /// The length that the peer claims.
        length: usize,
        /// The bound that it was held against.
        max: usize,
    },
}

/// Takes the next whole frame off the front of `buffer`, without its length; `None` while bytes are missing.
///
/// Memory follows the bytes that came, never the length that the peer claims.
///
/// # Errors
/// As soon as the four bytes of a negative length, or of one above `max`, are there.
pub fn split(buffer: &mut BytesMut, max: usize) -> Result<Option<Bytes>, FrameError> {
    let Some(length) = claimed_length(buffer, max)? else { return Ok(None) };
    if buffer.len().saturating_sub(LENGTH_BYTES) < length {
        return Ok(None);
    }
    buffer.advance(LENGTH_BYTES);
    Ok(Some(buffer.split_to(length).freeze()))
}

/// How many bytes the frame at the front of `buffer` takes with its length, as the peer claims; `None` while the length is not there, or where it is
/// negative.
#[must_use]
pub fn claimed_bytes(buffer: &[u8]) -> Option<usize> {
    let claimed = i32::from_be_bytes(*buffer.first_chunk::<LENGTH_BYTES>()?);
    usize::try_from(claimed).ok()?.checked_add(LENGTH_BYTES)
}

/// The length that stands before a message of `length` bytes; `None` where that does not fit the four bytes.
#[must_use]
pub fn length_prefix(length: usize) -> Option<[u8; LENGTH_BYTES]> {
    i32::try_from(length).ok().map(i32::to_be_bytes)
}

fn claimed_length(buffer: &[u8], max: usize) -> Result<Option<usize>, FrameError> {
    let Some(prefix) = buffer.first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
    let claimed = i32::from_be_bytes(*prefix);
    let length = usize::try_from(claimed).map_err(|_| FrameError::Negative(claimed))?;
    if length > max {
        return Err(FrameError::TooLong { length, max });
    }
    Ok(Some(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buffer(bytes: &[u8]) -> BytesMut {
        BytesMut::from(bytes)
    }

    #[test]
    fn a_frame_is_taken_when_its_last_byte_is_there_and_not_before() {
        let whole = [0, 0, 0, 3, b'a', b'b', b'c'];
        for cut in 0..whole.len() {
            assert_eq!(split(&mut buffer(&whole[..cut]), 10), Ok(None), "after {cut} bytes");
        }
        let mut bytes = buffer(&[&whole[..], b"next"].concat());
        assert_eq!(split(&mut bytes, 10), Ok(Some(Bytes::from_static(b"abc"))));
        assert_eq!(&bytes[..], b"next");
    }

    #[test]
    fn negative_and_huge_lengths_are_refused_from_their_four_bytes() {
        assert_eq!(split(&mut buffer(&[0xff, 0xff, 0xff, 0xff]), 10), Err(FrameError::Negative(-1)));
        assert_eq!(split(&mut buffer(&[0, 0, 0, 11]), 10), Err(FrameError::TooLong { length: 11, max: 10 }));
        assert_eq!(
            split(&mut buffer(&[0x7f, 0xff, 0xff, 0xff]), FRAME_BYTES_MAX),
            Err(FrameError::TooLong { length: 0x7fff_ffff, max: FRAME_BYTES_MAX })
        );
    }

    #[test]
    fn an_empty_frame_is_a_frame() {
        assert_eq!(split(&mut buffer(&[0, 0, 0, 0]), 10), Ok(Some(Bytes::new())));
    }

    #[test]
    fn a_length_that_does_not_fit_has_no_prefix() {
        assert_eq!(length_prefix(258), Some([0, 0, 1, 2]));
        assert_eq!(length_prefix(usize::MAX), None);
    }
}
