//! A request and the answer that belongs to it: headers, correlation ids and the length prefix.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use ottla_wire::frame::{self, LENGTH_BYTES};
use ottla_wire::header::{self, RequestHeader};
use ottla_wire::{ApiKey, EncodeError, Segments};

use crate::request::Disconnected;

/// Writes requests, each under a correlation id of its own.
#[derive(Debug)]
pub(super) struct Writer {
    client_id: Option<String>,
    next_correlation_id: i32,
}

/// A request that awaits its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) api: ApiKey,
    pub(super) version: i16,
    correlation_id: i32,
}

/// Room for the length, the header's fixed fields and its empty tagged fields.
const PREFIX_BYTES: usize = LENGTH_BYTES + 11;

impl Writer {
    pub(super) fn new(client_id: Option<Arc<str>>) -> Self {
        Self { client_id: client_id.map(|id| id.as_ref().to_owned()), next_correlation_id: 0 }
    }

    #[cfg(test)]
    pub(super) fn start_at(&mut self, correlation_id: i32) {
        self.next_correlation_id = correlation_id;
    }

    pub(super) fn write(
        &mut self,
        api: ApiKey,
        version: i16,
        body: Segments,
    ) -> Result<(Exchange, Segments), EncodeError> {
        let exchange = Exchange { api, version, correlation_id: self.next_correlation_id };
        let header = RequestHeader {
            api_key: api.key(),
            api_version: version,
            correlation_id: exchange.correlation_id,
            client_id: self.client_id.clone(),
        };
        let mut prefix = BytesMut::with_capacity(PREFIX_BYTES + self.client_id.as_ref().map_or(0, String::len));
        prefix.put_bytes(0, LENGTH_BYTES);
        header.encode(&mut prefix)?;
        let bytes = (prefix.len() - LENGTH_BYTES).saturating_add(body.len());
        let length = frame::length_prefix(bytes).ok_or(EncodeError::TooLong { bytes })?;
        prefix[..LENGTH_BYTES].copy_from_slice(&length);
        let mut message = Segments::from(prefix.freeze());
        message.append(body);
        // Never negative, as Java's client counts too; by the time one comes again its first use is long answered.
        self.next_correlation_id = self.next_correlation_id.checked_add(1).unwrap_or(0);
        Ok((exchange, message))
    }
}

impl Exchange {
    /// The body of the answer in `frame`.
    pub(super) fn answer(&self, mut frame: Bytes) -> Result<Bytes, Disconnected> {
        let correlation_id = header::decode_response_header(self.api, self.version, &mut frame)
            .map_err(|error| Disconnected::Protocol(format!("the header of the answer to {}: {error}", self.api)))?;
        if correlation_id == self.correlation_id {
            return Ok(frame);
        }
        let (api, awaited) = (self.api, self.correlation_id);
        Err(Disconnected::Protocol(format!("answer {correlation_id} where {awaited} to {api} was awaited")))
    }
}
