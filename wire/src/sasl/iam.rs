//! `AWS_MSK_IAM`: one JSON object from the client, one from the broker.
//!
//! The client's object is a presigned `GET` in the query form of AWS Signature Version 4, taken apart; the broker puts the request together again
//! and signs it with the secret that belongs to the access key. All keys are lower-case and all values are strings. A key that is not known is
//! ignored, for `version` alone names the format, but no value may be anything but a string and no key may stand twice: which of the two was signed
//! could not be told.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::RECEIVE_BYTES_MAX;

/// The mechanism's name in SaslHandshake.
pub const AWS_MSK_IAM: &str = "AWS_MSK_IAM";
/// The only version of both messages.
pub const VERSION: &str = "2020_10_22";
/// The only action that is signed.
pub const ACTION: &str = "kafka-cluster:Connect";
/// The only algorithm of the signature.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The service in the scope of the credential.
pub const SERVICE: &str = "kafka-cluster";
/// The only header that is signed.
pub const SIGNED_HEADERS: &str = "host";
/// The longest that a payload may say it is good for, in seconds: what Java's signer asks for.
pub const EXPIRES_MAX_SECONDS: u32 = 900;

/// The most characters of a peer's text that an error repeats.
const QUOTED_CHARS_MAX: usize = 64;

/// What the client sends. Every field is the text that stands in the JSON; all of them but `user_agent` are signed.
///
/// `Debug` shows neither the signature nor the session token.
#[derive(Clone, PartialEq, Eq)]
pub struct IamPayload {
    /// The version of the format, [`VERSION`].
    pub version: String,
    /// The broker's host name as the client dialled it, without a port.
    pub host: String,
    /// What the client calls itself; not signed.
    pub user_agent: String,
    /// What the client wants to do, [`ACTION`].
    pub action: String,
    /// The algorithm of the signature, [`ALGORITHM`].
    pub algorithm: String,
    /// `<access key id>/<yyyymmdd>/<region>/kafka-cluster/aws4_request`.
    pub credential: String,
    /// When it was signed, `yyyymmddThhmmssZ` in UTC.
    pub date: String,
    /// The session token of temporary credentials.
    pub security_token: Option<String>,
    /// The headers that are signed, [`SIGNED_HEADERS`].
    pub signed_headers: String,
    /// How many seconds after `date` the payload is good, in decimal.
    pub expires: String,
    /// The signature: 64 lower-case hexadecimal digits.
    pub signature: String,
}

/// What the broker answers when it lets the client in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamReply {
    /// The version of the format, [`VERSION`].
    pub version: String,
    /// The id under which the broker's owner finds this authentication.
    pub request_id: String,
}

/// Why bytes are no message of this mechanism.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IamError {
    /// There is no byte.
    #[error("empty")]
    Empty,
    /// There are more bytes than a SASL message may have.
    #[error("{bytes} bytes are above the bound of {max}")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// The bytes are no JSON object.
    #[error("not a JSON object, at line {line} column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// A key stands twice.
    #[error("duplicate {0}")]
    Duplicate(String),
    /// The version is another than [`VERSION`].
    #[error("version")]
    Version(String),
    /// The value of a key is not a string.
    #[error("{0} is not a string")]
    NotString(String),
    /// A key that must be there is not.
    #[error("missing {0}")]
    Missing(&'static str),
}

mod key {
    pub(super) const VERSION: &str = "version";
    pub(super) const HOST: &str = "host";
    pub(super) const USER_AGENT: &str = "user-agent";
    pub(super) const ACTION: &str = "action";
    pub(super) const ALGORITHM: &str = "x-amz-algorithm";
    pub(super) const CREDENTIAL: &str = "x-amz-credential";
    pub(super) const DATE: &str = "x-amz-date";
    pub(super) const SECURITY_TOKEN: &str = "x-amz-security-token";
    pub(super) const SIGNED_HEADERS: &str = "x-amz-signedheaders";
    pub(super) const EXPIRES: &str = "x-amz-expires";
    pub(super) const SIGNATURE: &str = "x-amz-signature";
    pub(super) const REQUEST_ID: &str = "request-id";
}

impl IamPayload {
    /// The payload as JSON, for the `auth_bytes` of SaslAuthenticate. Contains the session token and a signature: never log it.
    #[must_use]
    pub fn to_json(&self) -> Bytes {
        let signed = [
            (key::VERSION, &self.version),
            (key::HOST, &self.host),
            (key::USER_AGENT, &self.user_agent),
            (key::ACTION, &self.action),
            (key::ALGORITHM, &self.algorithm),
            (key::CREDENTIAL, &self.credential),
            (key::DATE, &self.date),
            (key::SIGNED_HEADERS, &self.signed_headers),
            (key::EXPIRES, &self.expires),
            (key::SIGNATURE, &self.signature),
        ];
        let token = self.security_token.iter().map(|token| (key::SECURITY_TOKEN, token));
        json(signed.into_iter().chain(token))
    }

    /// Reads a payload. Says nothing about the signature, nor about any value but the version's.
    ///
    /// # Errors
    /// When the bytes are no such object. The version is looked at before any other key.
    pub fn parse(bytes: &[u8]) -> Result<Self, IamError> {
        let mut object = Object::parse(bytes)?;
        let version = object.version()?;
        object.only_strings()?;
        Ok(Self {
            version,
            host: object.take(key::HOST)?,
            user_agent: object.take(key::USER_AGENT)?,
            action: object.take(key::ACTION)?,
            algorithm: object.take(key::ALGORITHM)?,
            credential: object.take(key::CREDENTIAL)?,
            date: object.take(key::DATE)?,
            security_token: object.take_if_there(key::SECURITY_TOKEN)?,
            signed_headers: object.take(key::SIGNED_HEADERS)?,
            expires: object.take(key::EXPIRES)?,
            signature: object.take(key::SIGNATURE)?,
        })
    }
}

impl fmt::Debug for IamPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IamPayload")
            .field("version", &self.version)
            .field("host", &self.host)
            .field("user_agent", &self.user_agent)
            .field("action", &self.action)
            .field("algorithm", &self.algorithm)
            .field("credential", &self.credential)
            .field("date", &self.date)
            .field("security_token", &self.security_token.as_ref().map(|_| format_args!("<redacted>")))
            .field("signed_headers", &self.signed_headers)
            .field("expires", &self.expires)
            .field("signature", &format_args!("<redacted>"))
            .finish()
    }
}

impl IamReply {
    /// The reply to an authentication with this id.
    #[must_use]
    pub fn new(request_id: impl Into<String>) -> Self {
        Self { version: VERSION.to_owned(), request_id: request_id.into() }
    }

    /// The reply as JSON, for the `auth_bytes` of the response to SaslAuthenticate.
    #[must_use]
    pub fn to_json(&self) -> Bytes {
        json([(key::VERSION, &self.version), (key::REQUEST_ID, &self.request_id)].into_iter())
    }

    /// Reads a reply. What it says beyond the two known keys is ignored.
    ///
    /// # Errors
    /// When the bytes are no such object; a broker that sends no bytes at all did not authenticate the client.
    pub fn parse(bytes: &[u8]) -> Result<Self, IamError> {
        let mut object = Object::parse(bytes)?;
        Ok(Self { version: object.version()?, request_id: object.take(key::REQUEST_ID)? })
    }
}

fn json<'a>(entries: impl Iterator<Item = (&'a str, &'a String)>) -> Bytes {
    let object: serde_json::Map<String, Value> =
        entries.map(|(key, value)| (key.to_owned(), Value::String(value.clone()))).collect();
    Bytes::from(Value::Object(object).to_string())
}

/// A JSON object as it came; `serde_json` alone would let the last of two equal keys win.
struct Object {
    values: BTreeMap<String, Value>,
    duplicate: Option<String>,
}

impl Object {
    fn parse(bytes: &[u8]) -> Result<Self, IamError> {
        if bytes.is_empty() {
            return Err(IamError::Empty);
        }
        if bytes.len() > RECEIVE_BYTES_MAX {
            return Err(IamError::TooLong { bytes: bytes.len(), max: RECEIVE_BYTES_MAX });
        }
        // The position alone is kept: the parser's own text may quote the peer's, and that may be a token.
        let mut object: Self = serde_json::from_slice(bytes)
            .map_err(|error| IamError::NotJson { line: error.line(), column: error.column() })?;
        match object.duplicate.take() {
            Some(key) => Err(IamError::Duplicate(quoted(&key))),
            None => Ok(object),
        }
    }

    fn version(&mut self) -> Result<String, IamError> {
        let version = self.take(key::VERSION)?;
        if version == VERSION { Ok(version) } else { Err(IamError::Version(quoted(&version))) }
    }

    fn only_strings(&self) -> Result<(), IamError> {
        match self.values.iter().find(|(_, value)| !value.is_string()) {
            Some((key, _)) => Err(IamError::NotString(quoted(key))),
            None => Ok(()),
        }
    }

    fn take(&mut self, key: &'static str) -> Result<String, IamError> {
        self.take_if_there(key)?.ok_or(IamError::Missing(key))
    }

    fn take_if_there(&mut self, key: &'static str) -> Result<Option<String>, IamError> {
        match self.values.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(IamError::NotString(key.to_owned())),
        }
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Object, A::Error> {
        let mut object = Object { values: BTreeMap::new(), duplicate: None };
        while let Some((key, value)) = entries.next_entry::<String, Value>()? {
            match object.values.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(taken) => {
                    object.duplicate.get_or_insert_with(|| taken.key().clone());
                }
            }
        }
        Ok(object)
    }
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    fn payload(security_token: Option<&str>) -> IamPayload {
        IamPayload {
            version: VERSION.to_owned(),
            host: "b-1.demo.abc123.c2.kafka.us-east-1.amazonaws.com".to_owned(),
            user_agent: "ottla/0.1".to_owned(),
            action: ACTION.to_owned(),
            algorithm: ALGORITHM.to_owned(),
            credential: "AKIAIOSFODNN7EXAMPLE/20260102/us-east-1/kafka-cluster/aws4_request".to_owned(),
            date: "20260102T030405Z".to_owned(),
            security_token: security_token.map(str::to_owned),
            signed_headers: SIGNED_HEADERS.to_owned(),
            expires: "900".to_owned(),
            signature: "df1dc858".to_owned(),
        }
    }

    fn with(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Vec<u8> {
        let mut object = serde_json::from_slice(&payload(None).to_json()).unwrap();
        change(&mut object);
        serde_json::to_vec(&object).unwrap()
    }

    #[test]
    fn a_payload_has_ten_keys_and_eleven_with_a_session_token() {
        for (token, keys) in [(None, 10), (Some("FwoG/+="), 11)] {
            let object: serde_json::Map<String, Value> = serde_json::from_slice(&payload(token).to_json()).unwrap();
            assert_eq!(object.len(), keys);
            assert!(object.values().all(Value::is_string));
            assert_eq!(object.get("x-amz-security-token").and_then(Value::as_str), token);
        }
    }

    #[test]
    fn each_key_that_must_be_there_is_named_when_it_is_not() {
        let object: serde_json::Map<String, Value> = serde_json::from_slice(&payload(None).to_json()).unwrap();
        for key in object.keys() {
            let refused = IamPayload::parse(&with(|object| drop(object.remove(key)))).unwrap_err();
            assert_eq!(refused.to_string(), format!("missing {key}"));
        }
    }

    #[test]
    fn the_version_is_looked_at_before_any_other_key() {
        let other = with(|object| {
            object.insert("version".to_owned(), "2020_10_23".into());
            object.remove("host");
        });
        assert_eq!(IamPayload::parse(&other), Err(IamError::Version("2020_10_23".to_owned())));
    }

    #[test]
    fn a_value_that_is_not_a_string_is_refused_and_an_unknown_key_is_not() {
        let number = with(|object| drop(object.insert("x-amz-expires".to_owned(), 900.into())));
        assert_eq!(IamPayload::parse(&number), Err(IamError::NotString("x-amz-expires".to_owned())));
        let unknown = with(|object| drop(object.insert("x-amz-more".to_owned(), "text".into())));
        assert_eq!(IamPayload::parse(&unknown), Ok(payload(None)));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_even_with_the_same_value() {
        let once = String::from_utf8(payload(None).to_json().to_vec()).unwrap();
        let twice = once.replacen('{', r#"{"host":"b-1.demo.abc123.c2.kafka.us-east-1.amazonaws.com","#, 1);
        assert_eq!(IamPayload::parse(twice.as_bytes()), Err(IamError::Duplicate("host".to_owned())));
    }

    #[test]
    fn what_is_no_json_object_or_too_long_is_refused() {
        assert_eq!(IamPayload::parse(b""), Err(IamError::Empty));
        for bytes in [&b"[]"[..], b"{", b"\"text\"", b"{}{}", b"\xff", &[b'['; 4096]] {
            assert!(matches!(IamPayload::parse(bytes), Err(IamError::NotJson { .. })), "{bytes:?}");
        }
        let long = vec![b' '; RECEIVE_BYTES_MAX + 1];
        assert_eq!(
            IamPayload::parse(&long),
            Err(IamError::TooLong { bytes: RECEIVE_BYTES_MAX + 1, max: RECEIVE_BYTES_MAX })
        );
    }

    #[test]
    fn debug_shows_neither_signature_nor_token() {
        let shown = format!("{:?}", payload(Some("FwoGsecret")));
        assert!(!shown.contains("df1dc858") && !shown.contains("FwoGsecret"), "{shown}");
        assert!(shown.contains("AKIAIOSFODNN7EXAMPLE"), "{shown}");
    }

    #[test]
    fn an_error_repeats_only_the_beginning_of_a_peers_text() {
        let long = "v".repeat(4096);
        let refused = IamPayload::parse(&with(|object| drop(object.insert("version".to_owned(), long.into()))));
        assert_eq!(refused, Err(IamError::Version("v".repeat(QUOTED_CHARS_MAX))));
    }

    #[test]
    fn a_reply_comes_back_and_ignores_what_it_does_not_know() {
        let reply = IamReply::new("3d7c2a1e");
        assert_eq!(&reply.to_json()[..], br#"{"request-id":"3d7c2a1e","version":"2020_10_22"}"#);
        assert_eq!(IamReply::parse(&reply.to_json()), Ok(reply.clone()));
        let more = br#"{"version":"2020_10_22","request-id":"3d7c2a1e","more":{"deep":[1]}}"#;
        assert_eq!(IamReply::parse(more), Ok(reply));
    }

    #[test]
    fn a_reply_without_bytes_or_of_another_version_is_refused() {
        assert_eq!(IamReply::parse(b""), Err(IamError::Empty));
        let other = br#"{"version":"2030_01_01","request-id":"1"}"#;
        assert_eq!(IamReply::parse(other), Err(IamError::Version("2030_01_01".to_owned())));
        assert_eq!(IamReply::parse(br#"{"version":"2020_10_22"}"#), Err(IamError::Missing("request-id")));
    }

    proptest! {
        #[test]
        fn any_payload_comes_back_from_its_json(
            [host, user_agent, action, algorithm, credential] in prop::array::uniform5(".*"),
            [date, signed_headers, expires, signature] in prop::array::uniform4(".*"),
            security_token in prop::option::of(".*"),
        ) {
            let version = VERSION.to_owned();
            let payload = IamPayload {
                version, host, user_agent, action, algorithm, credential, date, security_token, signed_headers, expires, signature,
            };
            prop_assert_eq!(IamPayload::parse(&payload.to_json()), Ok(payload));
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..256), at in any::<prop::sample::Index>()) {
            let _ = IamPayload::parse(&bytes);
            let _ = IamReply::parse(&bytes);
            let mut damaged = payload(Some("token")).to_json().to_vec();
            let index = at.index(damaged.len());
            damaged.splice(index..index, bytes);
            let _ = IamPayload::parse(&damaged);
        }
    }
}
