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
/// in the logs as slices of it. A frame that is larger doubles it as its bytes come.
const READ_BYTES: usize = 16 * 1024;
const READ_BYTES_MIN: usize = 1024;

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
    if incoming.capacity() - incoming.len() < READ_BYTES_MIN {
        incoming.reserve(READ_BYTES);
    }
    reader.read_buf(incoming).await
}
