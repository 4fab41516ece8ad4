//! The one loop that waits: it moves bytes between a stream and the core.

use std::time::Duration;

use bytes::BytesMut;
use ottla_wire::frame;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, split};
use tokio::time::timeout;
use tracing::debug;

use super::outgoing::Outgoing;
use super::shared::{Opened, Shared};

/// While this many bytes wait for a slow reader, no further request of its connection is read. An answer that is begun is always whole, so one
/// connection holds at most this and the largest answer.
pub const OUTGOING_BYTES_MAX: usize = 1024 * 1024;

/// How long a peer may take to read the last answer of a connection that is being closed.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The room for each read, which every idle connection holds. New room is made when less than [`READ_BYTES_MIN`] is left, and not before: frames stay
/// in the journal as slices of it.
const READ_BYTES: usize = 16 * 1024;
const READ_BYTES_MIN: usize = 1024;

/// How much more room a frame is given than it has filled, when it is larger than its room; and never more than it claims to need, for its batches
/// stay in the logs as slices of that.
const GROWTH: usize = 4;

/// Serves a connection until either side ends it.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(shared: &Shared, opened: &Opened, stream: S) {
    let (mut reader, mut writer) = split(stream);
    let (mut incoming, mut outgoing) = (BytesMut::new(), Outgoing::default());
    let mut is_slow = false;
    loop {
        let next = exchange(shared, opened, &mut incoming, &mut outgoing);
        if matches!(next, Next::Close) {
            break;
        }
        tokio::select! {
            // In one order, so that the same test sees the same again. Whatever is first holds nothing up: what is written and read is bounded.
            biased;
            read = read(&mut reader, &mut incoming), if matches!(next, Next::Read) => match read {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    debug!(%error, "reading failed");
                    break;
                }
            },
            written = outgoing.write(&mut writer), if outgoing.is_pending() => {
                if let Err(error) = written {
                    debug!(%error, "writing failed");
                    return;
                }
                let was_slow = std::mem::replace(&mut is_slow, outgoing.bytes() > 0);
                if was_slow || is_slow {
                    shared.moves(opened.id);
                }
            }
            () = opened.ready.notified() => {}
        }
    }
    let finished = timeout(CLOSE_TIMEOUT, outgoing.finish(&mut writer)).await;
    debug!(?finished, "closed");
}

/// What a connection may do next, beside writing.
enum Next {
    Read,
    Wait,
    Close,
}

/// Hands whole frames to the core and takes its answers, until bytes are missing or the bounds are reached.
fn exchange(shared: &Shared, opened: &Opened, incoming: &mut BytesMut, outgoing: &mut Outgoing) -> Next {
    loop {
        let wanted = shared.wanted(opened.id);
        outgoing.push(wanted.outgoing);
        if wanted.is_closing {
            return Next::Close;
        }
        if !wanted.accepts_frames || outgoing.bytes() >= OUTGOING_BYTES_MAX {
            return Next::Wait;
        }
        match frame::split(incoming, wanted.frame_bytes_max) {
            Ok(Some(frame)) => shared.handle_frame(opened.id, frame),
            Ok(None) => {
                if !incoming.is_empty() {
                    shared.moves(opened.id);
                }
                return Next::Read;
            }
            // No other is accepted after it.
            Err(error) => shared.drive(|core, now| core.handle_bad_frame(opened.id, now, error)),
        }
    }
}

async fn read<R: AsyncRead + Unpin>(reader: &mut R, incoming: &mut BytesMut) -> std::io::Result<usize> {
    make_room(incoming);
    reader.read_buf(incoming).await
}

/// Makes room for what comes next. Memory follows the bytes that came, never the length alone that a frame claims.
fn make_room(incoming: &mut BytesMut) {
    let (came, room) = (incoming.len(), incoming.capacity() - incoming.len());
    let missing = frame::claimed_bytes(incoming).map(|whole| whole.saturating_sub(came));
    if room >= missing.unwrap_or(READ_BYTES_MIN).min(READ_BYTES_MIN) {
        return;
    }
    let more = missing.map_or(READ_BYTES, |missing| missing.min(came * GROWTH).max(READ_BYTES));
    let mut roomier = BytesMut::with_capacity(came + more);
    roomier.extend_from_slice(incoming);
    *incoming = roomier;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    /// Fills all the room there is, up to the end of a frame of this length, and returns how many bytes that were.
    fn fill(incoming: &mut BytesMut, frame_bytes: usize) -> usize {
        make_room(incoming);
        let came = (incoming.capacity() - incoming.len()).min(frame_bytes - incoming.len());
        incoming.resize(incoming.len() + came, 0);
        came
    }

    #[test]
    fn a_large_frame_ends_with_its_memory_after_few_reads() {
        let frame_bytes = 1_000_000;
        let mut incoming = BytesMut::from(&u32::try_from(frame_bytes - 4).unwrap().to_be_bytes()[..]);
        let mut reads = 0;
        while incoming.len() < frame_bytes {
            assert!(fill(&mut incoming, frame_bytes) > 0);
            reads += 1;
        }
        assert_eq!((incoming.capacity(), reads), (frame_bytes, 4));
    }

    #[test]
    fn a_length_without_bytes_takes_no_more_memory_than_any_read() {
        let mut incoming = BytesMut::from(&[0x06, 0, 0, 0, 1][..]);
        make_room(&mut incoming);
        assert!(incoming.capacity() <= READ_BYTES + 5, "{}", incoming.capacity());
    }

    #[test]
    fn small_frames_share_their_memory_until_it_is_used_up() {
        let mut incoming = BytesMut::new();
        make_room(&mut incoming);
        let first = incoming.capacity();
        incoming.resize(first - READ_BYTES_MIN, 0);
        let _frame = incoming.split();
        make_room(&mut incoming);
        assert_eq!(incoming.capacity(), READ_BYTES_MIN);
        incoming.resize(1, 0);
        make_room(&mut incoming);
        assert_eq!(incoming.capacity(), READ_BYTES + 1);
    }
}
