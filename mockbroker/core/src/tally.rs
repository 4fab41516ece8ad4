//! What a cluster has done, in numbers that only grow.

use std::collections::BTreeMap;

use ottla_wire::ApiKey;

/// What was asked of a cluster since it began, for who draws a curve of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// How many requests came of each API.
    pub requests: BTreeMap<ApiKey, u64>,
    /// The bytes of all requests, without their lengths.
    pub received_bytes: u64,
    /// The bytes of all answers, without their lengths.
    pub sent_bytes: u64,
    /// How many connections were opened.
    pub connections: u64,
}

impl Tally {
    pub(crate) fn request(&mut self, api: ApiKey) {
        let count = self.requests.entry(api).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn connection(&mut self) {
        self.connections = self.connections.saturating_add(1);
    }

    pub(crate) fn received(&mut self, bytes: usize) {
        self.received_bytes = sum(self.received_bytes, bytes);
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent_bytes = sum(self.sent_bytes, bytes);
    }
}

fn sum(total: u64, bytes: usize) -> u64 {
    total.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX))
}
