//! An open stream and the connection that is spoken over it.

use std::collections::{BTreeMap, VecDeque};
use std::future::pending;
use std::io::{self, IoSlice};
use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use ottla_core::connection::Connection;
use ottla_core::request::Disconnected;
use ottla_core::{Answer, Now, Outgoing, RequestError, RequestId};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tracing::Span;

use super::dial::Stream;
use super::provide::Providing;

/// The room for the next bytes that is made before each read: it grows with what has come of a frame, not with what the frame claims.
const READ_BYTES_MIN: usize = 16 * 1024;

/// The most pieces of one vectored write; what is more goes out in the next.
const PIECES_MAX: usize = 64;

/// An open stream, its connection, and the bytes on their way.
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) providing: Option<Providing>,
    pub(super) reading: Reading,
    pub(super) writing: Writing,
    requests: BTreeMap<RequestId, (Span, Instant)>,
}

/// What comes from the broker.
pub(super) struct Reading {
    half: ReadHalf<Box<dyn Stream>>,
    inbox: BytesMut,
}

/// What goes to the broker.
pub(super) struct Writing {
    half: WriteHalf<Box<dyn Stream>>,
    pieces: VecDeque<Bytes>,
    /// Whether bytes may still stand in the buffers of TLS.
    unflushed: bool,
}

impl Session {
    pub(super) fn new(stream: Box<dyn Stream>, connection: Connection) -> Self {
        let (read, write) = tokio::io::split(stream);
        Self {
            connection,
            providing: None,
            reading: Reading { half: read, inbox: BytesMut::new() },
            writing: Writing { half: write, pieces: VecDeque::new(), unflushed: false },
            requests: BTreeMap::new(),
        }
    }

    /// Hands a request to the connection, under a span of its own.
    pub(super) fn send(&mut self, now: Now, request: Outgoing) {
        let span = tracing::debug_span!(
            "request",
            api = request.api.name(),
            version = request.version,
            duration_us = tracing::field::Empty,
            error = tracing::field::Empty,
        );
        if !span.is_disabled() {
            self.requests.insert(request.id, (span, now.mono));
        }
        self.connection.send(now, request);
    }

    /// Closes the span of a request that has ended.
    pub(super) fn ended(&mut self, now: Now, id: RequestId, result: &Result<Answer, RequestError>) {
        let Some((span, sent)) = self.requests.remove(&id) else { return };
        let took = now.mono.saturating_duration_since(sent);
        span.record("duration_us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        if let Err(error) = result {
            span.record("error", tracing::field::display(error));
        }
    }

    /// Moves what the connection wants to send to where it is written from, as much as one write takes: what stays behind when the connection ends
    /// was certainly not sent. Says whether there was anything.
    pub(super) fn collect(&mut self) -> bool {
        let mut any = false;
        while self.writing.pieces.len() < PIECES_MAX {
            let Some(segments) = self.connection.poll_transmit() else { break };
            self.writing.pieces.extend(segments.into_pieces());
            any = true;
        }
        any
    }

    /// What a read has brought; an end where it has brought nothing.
    pub(super) fn handle_read(&mut self, now: Now, read: io::Result<usize>) {
        match read {
            Ok(0) => self.connection.handle_closed(now, Disconnected::ByPeer),
            Ok(_) => self.connection.handle_bytes(now, &mut self.reading.inbox),
            Err(error) => self.connection.handle_closed(now, how(&error)),
        }
    }

    pub(super) fn handle_written(&mut self, now: Now, written: io::Result<()>) {
        if let Err(error) = written {
            self.connection.handle_closed(now, how(&error));
        }
    }
}

/// TLS peers that close without saying so, and connections that are reset, end like any other.
fn how(error: &io::Error) -> Disconnected {
    if let Some(rustls::Error::AlertReceived(alert)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return Disconnected::TlsAlert(format!("{alert:?}"));
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => Disconnected::ByPeer,
        _ => Disconnected::Io(error.to_string()),
    }
}

impl Reading {
    /// Waits for bytes. Dropping the future loses none.
    pub(super) async fn fill(&mut self) -> io::Result<usize> {
        self.inbox.reserve(READ_BYTES_MIN.max(self.inbox.len()));
        self.half.read_buf(&mut self.inbox).await
    }
}

impl Writing {
    fn is_idle(&self) -> bool {
        self.pieces.is_empty() && !self.unflushed
    }

    /// Writes some of what there is, or waits for ever where there is nothing. Dropping the future loses nothing and writes nothing twice.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        if self.is_idle() {
            return pending().await;
        }
        if self.pieces.is_empty() {
            self.half.flush().await?;
            self.unflushed = false;
            return Ok(());
        }
        let slices: Vec<IoSlice<'_>> = self.pieces.iter().take(PIECES_MAX).map(|piece| IoSlice::new(piece)).collect();
        let written = self.half.write_vectored(&slices).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.unflushed = true;
        self.drop_front(written);
        Ok(())
    }

    fn drop_front(&mut self, mut written: usize) {
        while let Some(piece) = self.pieces.front_mut() {
            if written < piece.len() {
                piece.advance(written);
                return;
            }
            written -= piece.len();
            self.pieces.pop_front();
        }
    }
}
