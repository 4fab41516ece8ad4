//! The bytes that go out on one connection, as the pieces that the core made, written without copying them together.

use std::collections::VecDeque;
use std::io::{self, IoSlice};

use bytes::{Buf, Bytes};
use ottla_wire::Segments;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// The most pieces of one write; Linux takes up to 1,024.
const PIECES_MAX: usize = 64;

/// What is still to be written.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    pieces: VecDeque<Bytes>,
    bytes: usize,
    unflushed: bool,
}

impl Outgoing {
    pub(super) fn push(&mut self, segments: Segments) {
        self.bytes += segments.len();
        self.pieces.extend(segments.into_pieces());
    }

    /// How many bytes are not written yet.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether there is anything to write, or written bytes that a TLS stream may still hold.
    pub(super) fn is_pending(&self) -> bool {
        self.bytes > 0 || self.unflushed
    }

    /// Writes as much as goes in one write, or flushes when all is written. Cancelling it loses no byte and writes none twice.
    pub(super) async fn write<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.bytes == 0 {
            writer.flush().await?;
            self.unflushed = false;
            return Ok(());
        }
        let mut slices = [IoSlice::new(&[]); PIECES_MAX];
        let count = self.pieces.len().min(PIECES_MAX);
        for (slice, piece) in slices.iter_mut().zip(&self.pieces) {
            *slice = IoSlice::new(piece);
        }
        let written = writer.write_vectored(slices.get(..count).unwrap_or_default()).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.unflushed = true;
        self.advance(written);
        Ok(())
    }

    /// Writes all there is, and says that no more will come.
    pub(super) async fn finish<W: AsyncWrite + Unpin>(&mut self, writer: &mut W) -> io::Result<()> {
        while self.is_pending() {
            self.write(writer).await?;
        }
        writer.shutdown().await
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while let Some(first) = self.pieces.front_mut() {
            if written < first.len() {
                first.advance(written);
                return;
            }
            written -= first.len();
            self.pieces.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn every_byte_goes_out_once_and_in_order_however_little_the_stream_takes() {
        let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        for capacity in [1, 7, 64, 20_000] {
            let mut outgoing = Outgoing::default();
            let mut segments = Segments::new();
            bytes.chunks(97).for_each(|piece| segments.push(Bytes::copy_from_slice(piece)));
            outgoing.push(segments);
            let (mut near, mut far) = tokio::io::duplex(capacity);
            let mut seen = Vec::new();
            let (finished, read) = tokio::join!(outgoing.finish(&mut near), far.read_to_end(&mut seen));
            finished.unwrap();
            assert_eq!(read.unwrap(), bytes.len());
            assert_eq!(seen, bytes, "a stream that takes {capacity} bytes");
            assert!(!outgoing.is_pending());
        }
    }

    #[tokio::test]
    async fn a_write_that_is_cancelled_is_as_if_it_had_not_begun() {
        let mut outgoing = Outgoing::default();
        outgoing.push(Segments::from(Bytes::from_static(b"abcdef")));
        let (mut near, mut far) = tokio::io::duplex(4);
        outgoing.write(&mut near).await.unwrap();
        assert_eq!(outgoing.bytes(), 2);
        let no_room = futures_now(outgoing.write(&mut near)).await;
        assert!(no_room.is_none());
        let mut seen = [0; 6];
        let (finished, read) = tokio::join!(outgoing.finish(&mut near), far.read_exact(&mut seen));
        finished.unwrap();
        read.unwrap();
        assert_eq!(&seen, b"abcdef");
    }

    /// What a future gives without waiting; it is cancelled where it gives nothing.
    async fn futures_now<F: Future>(future: F) -> Option<F::Output> {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|context| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
            std::task::Poll::Pending => std::task::Poll::Ready(None),
        })
        .await
    }
}
