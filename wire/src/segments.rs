//! A message as a list of byte strings, for vectored writes.

use std::fmt;

use bytes::{Buf, Bytes, BytesMut};

/// The bytes of one message in the order they go out, in pieces that are shared and not copied.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Segments {
    pieces: Vec<Bytes>,
    len: usize,
}

/// Shows how many bytes there are and none of them: they may be a token, or what an application sends.
impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pieces, len } = self;
        f.debug_struct("Segments").field("pieces", &pieces.len()).field("len", len).finish()
    }
}

impl Segments {
    /// No bytes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a piece; an empty one is dropped.
    pub fn push(&mut self, piece: impl Into<Bytes>) {
        let piece = piece.into();
        if !piece.is_empty() {
            self.len = self.len.saturating_add(piece.len());
            self.pieces.push(piece);
        }
    }

    /// Appends all pieces of `other`.
    pub fn append(&mut self, other: Self) {
        self.len = self.len.saturating_add(other.len);
        self.pieces.extend(other.pieces);
    }

    /// How many bytes all pieces have together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Bytes] {
        &self.pieces
    }

    /// The pieces, in order, as their owner.
    #[must_use]
    pub fn into_pieces(self) -> Vec<Bytes> {
        self.pieces
    }

    /// All bytes in one string; copies when there is more than one piece.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if let [only] = self.pieces.as_slice() {
            return only.clone();
        }
        let mut whole = BytesMut::with_capacity(self.len);
        for piece in &self.pieces {
            whole.extend_from_slice(piece.chunk());
        }
        whole.freeze()
    }
}

impl From<Bytes> for Segments {
    fn from(piece: Bytes) -> Self {
        let mut segments = Self::new();
        segments.push(piece);
        segments
    }
}

impl Extend<Bytes> for Segments {
    fn extend<T: IntoIterator<Item = Bytes>>(&mut self, pieces: T) {
        for piece in pieces {
            self.push(piece);
        }
    }
}
