//! How much is kept of what each broker sent.

use std::collections::BTreeMap;

use ottla_wire::BrokerId;

/// Names an answer that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AnswerId(u64);

/// The answers of which something waits to be handed out. The chunks of an answer share its memory, so all of it counts until the last is gone.
#[derive(Debug, Default)]
pub(super) struct Memory {
    kept: BTreeMap<AnswerId, Kept>,
    by_broker: BTreeMap<BrokerId, usize>,
    next: u64,
}

#[derive(Debug)]
struct Kept {
    broker: BrokerId,
    size_bytes: usize,
    chunks: usize,
}

impl Memory {
    /// The name of the next answer that is kept.
    pub(super) const fn next_answer(&mut self) -> AnswerId {
        self.next = self.next.wrapping_add(1);
        AnswerId(self.next)
    }

    /// Keeps a chunk of an answer that has `size_bytes` in all.
    pub(super) fn keep(&mut self, id: AnswerId, broker: BrokerId, size_bytes: usize) {
        let kept = self.kept.entry(id).or_insert_with(|| {
            *self.by_broker.entry(broker).or_default() += size_bytes;
            Kept { broker, size_bytes, chunks: 0 }
        });
        kept.chunks += 1;
    }

    /// A chunk of an answer is gone.
    pub(super) fn release(&mut self, id: AnswerId) {
        let Some(kept) = self.kept.get_mut(&id) else { return };
        kept.chunks -= 1;
        if kept.chunks > 0 {
            return;
        }
        if let Some(kept) = self.kept.remove(&id)
            && let Some(size_bytes) = self.by_broker.get_mut(&kept.broker)
        {
            *size_bytes -= kept.size_bytes;
            if *size_bytes == 0 {
                self.by_broker.remove(&kept.broker);
            }
        }
    }

    /// How many bytes are kept of what `broker` sent.
    pub(super) fn size_of(&self, broker: BrokerId) -> usize {
        self.by_broker.get(&broker).copied().unwrap_or_default()
    }

    /// How many bytes are kept in all.
    pub(super) fn size_bytes(&self) -> usize {
        self.by_broker.values().sum()
    }
}
