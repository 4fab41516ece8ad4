//! A captured frame, whatever it is, as its header and the JSON of its body.
//!
//! ```
//! use ottla_wire::decode_any;
//! use ottla_wire::schema::json::View;
//!
//! // ApiVersions v4, correlation id 7, client id "app"; the first four bytes are the length of the rest.
//! let frame = *b"\0\0\0\x17\0\x12\0\x04\0\0\0\x07\0\x03app\0\x06ottla\x020\0";
//! let decoded = decode_any::decode_any(&frame, &View::default())?;
//! assert_eq!(decoded.body["clientSoftwareName"], "ottla");
//! println!("{decoded}");
//! # Ok::<(), decode_any::DecodeAnyError>(())
//! ```
//!
//! A request says its API and version. A response says nothing but its correlation id: whoever knows what was asked calls [`decode_response`], and
//! [`decode_any`] tries every API and version. Those that read the bytes to their end are ranked by how likely they make them.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod likelihood;
#[cfg(test)]
mod tests;

use std::fmt;

use bytes::Bytes;
use serde_json::Value;

use crate::api::ApiKey;
use crate::codec::DecodeError;
use crate::frame::LENGTH_BYTES;
use crate::header::{RequestHeader, decode_response_header};
use crate::schema::json::{self, View};
use crate::schema::{self, Direction};

/// How many other readings of a response [`Decoded::others`] has at the most.
pub const OTHER_READINGS_MAX: usize = 32;

/// A frame that was understood.
///
/// It prints itself: a line that says what it is, and the body in the order of its schema.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Decoded {
    /// What it was read as.
    pub reading: Reading,
    /// What stands before the body.
    pub header: Header,
    /// The body, as [`json`] shows it.
    pub body: Value,
    /// What else it could be, the most likely first; empty where it says itself what it is.
    pub others: Vec<Reading>,
}

/// One message that bytes can be read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reading {
    /// The API.
    pub api: ApiKey,
    /// Whether it is the API's request or its response.
    pub direction: Direction,
    /// The version.
    pub version: i16,
}

/// What stands before a body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Header {
    /// Before a request.
    Request(RequestHeader),
    /// Before a response.
    Response {
        /// The number of the request that it answers.
        correlation_id: i32,
    },
}

/// Why a frame was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeAnyError {
    /// The header cannot be read.
    #[error("the header cannot be read: {0}")]
    Header(DecodeError),
    /// The header names an API that is not known.
    #[error("API key {0} is not known")]
    UnknownApi(i16),
    /// The header was read, and the body cannot be.
    #[error("{reading} cannot be read: {error}")]
    Body {
        /// What the body was read as.
        reading: Reading,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// It is no request, and reads as no response of any API.
    #[error("no response of any API reads like this, nor is it a request: {as_request}")]
    Nothing {
        /// Why it is no request.
        as_request: Box<DecodeAnyError>,
    },
}

/// Reads `frame`, with or without the length before it, as a request or as the response that makes it most likely.
///
/// It tries some three hundred readings, and each of them takes no more memory than `view` allows.
///
/// # Errors
/// When no reading takes all of the bytes.
pub fn decode_any(frame: &[u8], view: &View) -> Result<Decoded, DecodeAnyError> {
    with_or_without_length(frame, |frame| {
        let frame = Bytes::copy_from_slice(frame);
        request(frame.clone(), view).or_else(|as_request| {
            let mut readings = likelihood::responses(&frame, view).into_iter();
            let Some(likeliest) = readings.next() else {
                return Err(DecodeAnyError::Nothing { as_request: Box::new(as_request) });
            };
            let decoded = response(likeliest.api, likeliest.version, frame.clone(), view)?;
            Ok(Decoded { others: readings.take(OTHER_READINGS_MAX).collect(), ..decoded })
        })
    })
}

/// Reads `frame`, with or without the length before it, as a request.
///
/// # Errors
/// When the header cannot be read, or the body is not what it says.
pub fn decode_request(frame: &[u8], view: &View) -> Result<Decoded, DecodeAnyError> {
    with_or_without_length(frame, |frame| request(Bytes::copy_from_slice(frame), view))
}

/// Reads `frame`, with or without the length before it, as the response to a request of `api` at `version`.
///
/// # Errors
/// When it is none.
pub fn decode_response(api: ApiKey, version: i16, frame: &[u8], view: &View) -> Result<Decoded, DecodeAnyError> {
    with_or_without_length(frame, |frame| response(api, version, Bytes::copy_from_slice(frame), view))
}

fn with_or_without_length(
    frame: &[u8],
    decode: impl Fn(&[u8]) -> Result<Decoded, DecodeAnyError>,
) -> Result<Decoded, DecodeAnyError> {
    let without_length = without_length(frame);
    match decode(without_length) {
        // What looks like a length may be the first bytes of a header.
        Err(error) if without_length.len() < frame.len() => decode(frame).map_err(|_| error),
        decoded => decoded,
    }
}

fn request(mut frame: Bytes, view: &View) -> Result<Decoded, DecodeAnyError> {
    let header = RequestHeader::decode(&mut frame).map_err(DecodeAnyError::Header)?;
    let api = ApiKey::try_from(header.api_key).map_err(|unknown| DecodeAnyError::UnknownApi(unknown.0))?;
    let reading = Reading { api, direction: Direction::Request, version: header.api_version };
    let body = reading.body(&frame, view)?;
    Ok(Decoded { reading, header: Header::Request(header), body, others: Vec::new() })
}

fn response(api: ApiKey, version: i16, mut frame: Bytes, view: &View) -> Result<Decoded, DecodeAnyError> {
    let correlation_id = decode_response_header(api, version, &mut frame).map_err(DecodeAnyError::Header)?;
    let reading = Reading { api, direction: Direction::Response, version };
    let body = reading.body(&frame, view)?;
    Ok(Decoded { reading, header: Header::Response { correlation_id }, body, others: Vec::new() })
}

impl Reading {
    fn body(self, body: &[u8], view: &View) -> Result<Value, DecodeAnyError> {
        let Self { api, direction, version } = self;
        let decoded = json::decode(schema::layout(api, direction), version, body, view);
        decoded.map_err(|error| DecodeAnyError::Body { reading: self, error })
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = match self.direction {
            Direction::Request => "request",
            Direction::Response => "response",
        };
        write!(f, "{} {direction} v{}", self.api, self.version)
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(RequestHeader { correlation_id, client_id: Some(client_id), .. }) => {
                write!(f, "correlation id {correlation_id}, client id {client_id:?}")
            }
            Self::Request(RequestHeader { correlation_id, .. }) | Self::Response { correlation_id } => {
                write!(f, "correlation id {correlation_id}")
            }
        }
    }
}

impl fmt::Display for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reading, header, body, .. } = self;
        let message = schema::layout(reading.api, reading.direction);
        write!(f, "{reading}, {header}\n{:#}", json::in_schema_order(message, body))
    }
}

/// `frame` without its length, where it begins with one.
fn without_length(frame: &[u8]) -> &[u8] {
    match frame.split_first_chunk::<LENGTH_BYTES>() {
        Some((length, rest)) if usize::try_from(i32::from_be_bytes(*length)) == Ok(rest.len()) => rest,
        _ => frame,
    }
}
