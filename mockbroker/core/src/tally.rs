//! What a cluster has done, in numbers that only grow.

use std::collections::BTreeMap;

use ottla_wire::{ApiKey, ErrorCode};
use serde_json::Value;

/// What was asked of a cluster since it began, for who draws a curve of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// How many requests came of each API.
    pub requests: BTreeMap<ApiKey, u64>,
    /// How many errors stood in the answers of each API, those of single topics and partitions each; counted where
    /// [`crate::ClusterConfig::counts_errors`] says so.
    pub errors: BTreeMap<(ApiKey, ErrorCode), u64>,
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

    /// Counts what an answer says, as JSON has it.
    pub(crate) fn answer(&mut self, api: ApiKey, said: Option<&Value>) {
        match said {
            Some(Value::Object(fields)) => {
                for (name, value) in fields {
                    match value.as_i64().and_then(|code| i16::try_from(code).ok()).map(ErrorCode) {
                        Some(code) if is_error_code(name) && !code.is_ok() => self.error(api, code),
                        _ => self.answer(api, Some(value)),
                    }
                }
            }
            Some(Value::Array(items)) => items.iter().for_each(|item| self.answer(api, Some(item))),
            _ => {}
        }
    }

    fn error(&mut self, api: ApiKey, code: ErrorCode) {
        let count = self.errors.entry((api, code)).or_default();
        *count = count.saturating_add(1);
    }

    pub(crate) fn received(&mut self, bytes: usize) {
        self.received_bytes = sum(self.received_bytes, bytes);
    }

    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent_bytes = sum(self.sent_bytes, bytes);
    }
}

/// Most are `errorCode`; SCRAM users and quorums have others beside it.
fn is_error_code(field: &str) -> bool {
    field == "errorCode" || field.ends_with("ErrorCode")
}

fn sum(total: u64, bytes: usize) -> u64 {
    total.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX))
}
