//! What a record codec must do to be measured, and all that are.

mod barnabas;
mod kacrab;
mod kafka_protocol;
mod krafka;
mod odradek;
mod ottla;
mod partitionline;

use bytes::{Bytes, BytesMut};

use crate::codec::Codec;
use crate::visit::{Checksum, Tally, Visit};
use crate::workload::Workload;

/// A record codec, as its own users call it.
pub(crate) trait Peer {
    const NAME: &'static str;

    /// What it checks unasked, and what it compresses with.
    const DEFAULTS: &'static str;

    /// One batch of the records, which are made ready in the peer's own types beforehand; none where the peer cannot.
    fn encoder(workload: &Workload, codec: Codec) -> Option<Encoder>;

    /// Hands every record of the batch to `visit`, key, value and headers.
    fn decode<V: Visit>(batch: &Bytes, visit: &mut V) -> anyhow::Result<()>;

    /// Whether it can decode what is compressed so.
    fn decodes(codec: Codec) -> bool {
        let _ = codec;
        true
    }
}

/// Encodes one batch at each call.
pub(crate) type Encoder = Box<dyn FnMut(&mut Output) -> anyhow::Result<()>>;

/// Where a batch goes.
#[derive(Default)]
pub(crate) struct Output {
    buffer: BytesMut,
    pub(crate) made: Bytes,
}

impl Output {
    /// For a peer that appends: a buffer that is empty, and has room from the batch before.
    pub(crate) fn buffer(&mut self) -> &mut BytesMut {
        self.buffer.clear();
        &mut self.buffer
    }

    /// For a peer that makes its own bytes: those of the batch before, which nobody else holds. To be dropped, or made use of.
    pub(crate) fn batch_before(&mut self) -> Bytes {
        std::mem::take(&mut self.made)
    }

    /// The batch.
    pub(crate) fn batch(&self) -> &[u8] {
        if self.made.is_empty() { &self.buffer } else { &self.made }
    }
}

/// A peer, without its type.
#[derive(Clone, Copy)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    pub(crate) defaults: &'static str,
    pub(crate) encoder: fn(&Workload, Codec) -> Option<Encoder>,
    pub(crate) decodes: fn(Codec) -> bool,
    pub(crate) tally: fn(&Bytes) -> anyhow::Result<Tally>,
    pub(crate) checksum: fn(&Bytes) -> anyhow::Result<Checksum>,
}

impl Contender {
    const fn of<P: Peer>() -> Self {
        Self {
            name: P::NAME,
            defaults: P::DEFAULTS,
            encoder: P::encoder,
            decodes: P::decodes,
            tally: visited::<P, Tally>,
            checksum: visited::<P, Checksum>,
        }
    }

    /// Ours, which stands first.
    pub(crate) const OURS: Self = Self::of::<ottla::Ottla>();

    /// Ours and the peers.
    pub(crate) const ALL: [Self; 7] = [
        Self::OURS,
        Self::of::<kafka_protocol::KafkaProtocol>(),
        Self::of::<barnabas::Barnabas>(),
        Self::of::<odradek::Odradek>(),
        Self::of::<partitionline::Partitionline>(),
        Self::of::<krafka::Krafka>(),
        Self::of::<kacrab::Kacrab>(),
    ];
}

fn visited<P: Peer, V: Visit + Default>(batch: &Bytes) -> anyhow::Result<V> {
    let mut visit = V::default();
    P::decode(batch, &mut visit)?;
    Ok(visit)
}
