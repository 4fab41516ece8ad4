//! What is done to an answer that is ready: it is taken apart by its schema, changed, and put together again.

use std::time::Duration;

use bytes::Bytes;
use ottla_wire::header::decode_response_header;
use ottla_wire::sasl::base64;
use ottla_wire::schema::json::{self, View};
use ottla_wire::schema::{self, Direction};
use ottla_wire::{ApiKey, ErrorCode, Segments};
use serde_json::Value;

use super::items::Items;
use super::{Corruption, Strike};
use crate::random::SplitMix64;

/// The bytes at the beginning of a batch that its checksum does not cover: base offset, length, leader epoch, magic and the checksum itself.
const UNCOVERED_BYTES: usize = 21;

/// The names of fields in JSON: for how long a client is throttled, the records of a partition, and any error code.
const THROTTLE_TIME: &str = "throttleTimeMs";
const RECORDS: &str = "records";
const ERROR_CODE: &str = "errorCode";

/// A frame that answers a request of this API and version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    pub(crate) frame: &'a Segments,
}

impl Written<'_> {
    /// The same with what `error`, an answer to the meant items alone, says of them; none where either is not written in its version.
    pub(crate) fn replaced(self, items: &Items, error: &Segments) -> Option<Segments> {
        let (_, error) = Written { frame: error, ..self }.read()?;
        self.changed(|answer| {
            items.replace(answer, &error);
            true
        })
    }

    /// Whether it says `code` anywhere.
    pub(crate) fn says(self, code: ErrorCode) -> bool {
        let mut says = false;
        if let Some((_, mut body)) = self.read() {
            each_code(&mut body, &mut |found| says |= found.as_i64() == Some(code.0.into()));
        }
        says
    }

    /// The same with `code` wherever an answer has one; none where it has none.
    pub(crate) fn failed(self, code: ErrorCode) -> Option<Segments> {
        self.changed(|answer| {
            let mut is_failed = false;
            each_code(answer, &mut |found| {
                *found = code.0.into();
                is_failed = true;
            });
            is_failed
        })
    }

    /// The same, saying for how long the client is throttled; none where it has no place for that.
    pub(crate) fn throttled(self, wait: Duration) -> Option<Segments> {
        let millis = i32::try_from(wait.as_millis()).unwrap_or(i32::MAX);
        self.changed(|answer| answer.get_mut(THROTTLE_TIME).map(|time| *time = millis.into()).is_some())
    }

    /// The same with the first records among the meant ones damaged; none where there are none.
    pub(crate) fn corrupted(self, strike: &mut Strike, corruption: Corruption) -> Option<Segments> {
        let mut is_done = false;
        self.changed(|answer| {
            strike.items.each_partition(answer, &mut |partition| {
                let Some(Value::String(records)) = partition.get_mut(RECORDS) else { return };
                let read = base64::decode(records).ok().filter(|read| !is_done && read.len() > UNCOVERED_BYTES);
                if let Some(read) = read {
                    *records = base64::encode(&damaged(corruption, read, &mut strike.random));
                    is_done = true;
                }
            });
            is_done
        })
    }

    /// The header, and the body.
    fn read(self) -> Option<(Bytes, Value)> {
        let frame = self.frame.to_bytes();
        let mut body = frame.clone();
        decode_response_header(self.api, self.version, &mut body).ok()?;
        let header = frame.slice(..frame.len().checked_sub(body.len())?);
        let layout = schema::layout(self.api, Direction::Response);
        let body = json::decode(layout, self.version, &body, &View::default()).ok()?;
        Some((header, body))
    }

    fn changed(self, change: impl FnOnce(&mut Value) -> bool) -> Option<Segments> {
        let (header, mut body) = self.read()?;
        if !change(&mut body) {
            return None;
        }
        let body = json::encode(schema::layout(self.api, Direction::Response), self.version, &body).ok()?;
        let mut frame = Segments::from(header);
        frame.push(body);
        Some(frame)
    }
}

/// Hands each error code of an answer to `visit`.
fn each_code(answer: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    match answer {
        Value::Object(fields) => {
            for (name, field) in fields {
                if name == ERROR_CODE { visit(field) } else { each_code(field, visit) }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(|element| each_code(element, visit)),
        _ => {}
    }
}

fn damaged(corruption: Corruption, mut records: Vec<u8>, random: &mut SplitMix64) -> Vec<u8> {
    match corruption {
        Corruption::FlippedBit => {
            let covered = records.len().saturating_sub(UNCOVERED_BYTES);
            let at = UNCOVERED_BYTES.saturating_add(random.below(covered));
            let bit = u32::try_from(random.below(8)).unwrap_or_default();
            if let Some(byte) = records.get_mut(at) {
                *byte ^= 1_u8.rotate_left(bit);
            }
        }
        Corruption::Cut { bytes } => records.truncate(records.len().saturating_sub(bytes).max(1)),
    }
    records
}
