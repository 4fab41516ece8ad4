//! `OAUTHBEARER` (RFC 7628): a token from the client; the broker answers with no bytes, or with a JSON object that says why not.
//!
//! After such an object the client sends [`REFUSAL_SEEN`], and only then does the broker end the exchange with an error (RFC 7628, 3.2.3).

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fmt;

use bytes::Bytes;
use serde::Deserialize;

use super::scram::{escaped, unescaped};
use super::{EXTENSIONS_MAX, Extensions, RECEIVE_BYTES_MAX};

/// The mechanism's name in SaslHandshake.
pub const OAUTHBEARER: &str = "OAUTHBEARER";

/// What the client sends when it has read a refusal: the separator alone.
pub const REFUSAL_SEEN: &[u8] = b"\x01";

/// Stands before, between and after the pairs.
const SEPARATOR: char = '\x01';

/// The key under which the token stands; no extension may have it.
const AUTH: &str = "auth";

/// What the client sends.
///
/// `Debug` does not show the token, nor the values of extensions.
#[derive(Clone, PartialEq, Eq)]
pub struct OAuthBearerMessage {
    /// Whom the token is for, where the client says so. Kafka takes no other than the token's own principal.
    pub authorization_id: Option<String>,
    /// The bearer token.
    pub token: String,
    /// What stands beside the token (KIP-342): names of letters, and values of visible ASCII, blanks, tabs and line ends.
    pub extensions: Extensions,
}

/// What the broker says of a token that it does not take.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OAuthBearerRefusal {
    /// What is wrong, for example `invalid_token` or `insufficient_scope`.
    pub status: String,
    /// The scope that would do.
    #[serde(default)]
    pub scope: Option<String>,
    /// Where the issuer describes itself.
    #[serde(default, rename = "openid-configuration")]
    pub openid_configuration: Option<String>,
}

/// Why bytes are no message of this mechanism.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OAuthBearerError {
    /// There are more bytes than a SASL message may have.
    #[error("{bytes} bytes are above the bound of {max}")]
    TooLong {
        /// How many there are.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// It does not begin as it must, or a separator is missing.
    #[error("not of the form n,,^Aauth=Bearer <token>^A^A")]
    Form,
    /// The authorization id is empty, or has characters that must be escaped.
    #[error("the authorization id cannot be read")]
    AuthorizationId,
    /// There is no `auth`.
    #[error("'auth' not specified")]
    NoAuth,
    /// `auth` has another scheme than Bearer, or no token that can be one (RFC 6750, 2.1).
    #[error("invalid 'auth' format")]
    Auth,
    /// The name of an extension is not made of letters, stands twice, or is `auth` itself.
    #[error("an extension has a name that it cannot have")]
    ExtensionName,
    /// The value of an extension is empty, or has characters other than visible ASCII, space, tab and line ends.
    #[error("an extension has a value that it cannot have")]
    ExtensionValue,
    /// There are more extensions than are read.
    #[error("there are more than {max} extensions")]
    TooManyExtensions {
        /// The bound.
        max: usize,
    },
    /// The broker's refusal is no JSON object with a status.
    #[error("not a JSON object with a status, at line {line} column {column}")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

impl OAuthBearerMessage {
    /// The message with this token alone.
    #[must_use]
    pub fn new(token: impl Into<String>) -> Self {
        Self { authorization_id: None, token: token.into(), extensions: Vec::new() }
    }

    /// Whether the message can be said.
    ///
    /// # Errors
    /// When the token, the authorization id or an extension has what the form has no place for.
    pub fn check(&self) -> Result<(), OAuthBearerError> {
        let sayable = |id: &str| !id.is_empty() && id.is_ascii() && !id.contains(['\0', SEPARATOR]);
        if !self.authorization_id.as_deref().is_none_or(sayable) {
            return Err(OAuthBearerError::AuthorizationId);
        }
        if !is_token(&self.token) {
            return Err(OAuthBearerError::Auth);
        }
        check_extensions(&self.extensions)
    }

    /// The message, for the `auth_bytes` of SaslAuthenticate. It can be read again where [`OAuthBearerMessage::check`] has found nothing.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let authorization_id = self.authorization_id.as_ref().map(|id| format!("a={}", escaped(id)));
        let mut text = format!("n,{},{SEPARATOR}", authorization_id.unwrap_or_default());
        let auth = (AUTH, format!("Bearer {}", self.token));
        let extensions = self.extensions.iter().map(|(name, value)| (name.as_str(), value.clone()));
        for (name, value) in std::iter::once(auth).chain(extensions) {
            text.extend([name, "=", &value]);
            text.push(SEPARATOR);
        }
        text.push(SEPARATOR);
        Bytes::from(text)
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When it has another form, or a part cannot be what it stands for.
    pub fn parse(bytes: &[u8]) -> Result<Self, OAuthBearerError> {
        check_length(bytes)?;
        let text = std::str::from_utf8(bytes).map_err(|_| OAuthBearerError::Form)?;
        let (header, pairs) = text.split_once(SEPARATOR).ok_or(OAuthBearerError::Form)?;
        let id = header.strip_prefix("n,").and_then(|rest| rest.strip_suffix(',')).ok_or(OAuthBearerError::Form)?;
        let authorization_id = match id {
            "" => None,
            id => Some(id.strip_prefix("a=").and_then(unescaped).ok_or(OAuthBearerError::AuthorizationId)?),
        };
        let (auth, extensions) = read_pairs(pairs)?;
        let (scheme, token) = auth.split_once(' ').ok_or(OAuthBearerError::Auth)?;
        let message = Self { authorization_id, token: token.trim_start_matches(' ').to_owned(), extensions };
        if !scheme.eq_ignore_ascii_case("Bearer") {
            return Err(OAuthBearerError::Auth);
        }
        message.check()?;
        Ok(message)
    }
}

/// `<name>=<value>^A` any number of times, and `^A` at the end. The pair of the token may stand anywhere.
fn read_pairs(pairs: &str) -> Result<(&str, Extensions), OAuthBearerError> {
    let pairs = pairs.strip_suffix(SEPARATOR).ok_or(OAuthBearerError::Form)?;
    let pairs = pairs.strip_suffix(SEPARATOR).ok_or(if pairs.is_empty() {
        OAuthBearerError::NoAuth
    } else {
        OAuthBearerError::Form
    })?;
    let mut auth = None;
    let mut extensions = Vec::new();
    for pair in pairs.split(SEPARATOR) {
        let (name, value) = pair.split_once('=').ok_or(OAuthBearerError::Form)?;
        match auth {
            None if name == AUTH => auth = Some(value),
            _ if extensions.len() == EXTENSIONS_MAX => {
                return Err(OAuthBearerError::TooManyExtensions { max: EXTENSIONS_MAX });
            }
            _ => extensions.push((name.to_owned(), value.to_owned())),
        }
    }
    Ok((auth.ok_or(OAuthBearerError::NoAuth)?, extensions))
}

fn check_extensions(extensions: &[(String, String)]) -> Result<(), OAuthBearerError> {
    if extensions.len() > EXTENSIONS_MAX {
        return Err(OAuthBearerError::TooManyExtensions { max: EXTENSIONS_MAX });
    }
    let mut before = Vec::with_capacity(extensions.len());
    for (name, value) in extensions {
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !is_name || name == AUTH || before.contains(&name) {
            return Err(OAuthBearerError::ExtensionName);
        }
        let sayable = |byte| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~');
        if value.is_empty() || !value.bytes().all(sayable) {
            return Err(OAuthBearerError::ExtensionValue);
        }
        before.push(name);
    }
    Ok(())
}

/// `b64token` of RFC 6750.
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

fn check_length(bytes: &[u8]) -> Result<(), OAuthBearerError> {
    let (bytes, max) = (bytes.len(), RECEIVE_BYTES_MAX);
    if bytes <= max { Ok(()) } else { Err(OAuthBearerError::TooLong { bytes, max }) }
}

impl fmt::Debug for OAuthBearerMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.extensions.iter().map(|(name, _)| name).collect();
        f.debug_struct("OAuthBearerMessage")
            .field("authorization_id", &self.authorization_id)
            .field("token", &format_args!("<redacted>"))
            .field("extensions", &names)
            .finish()
    }
}

impl OAuthBearerRefusal {
    /// A refusal with this status alone.
    #[must_use]
    pub fn new(status: impl Into<String>) -> Self {
        Self { status: status.into(), scope: None, openid_configuration: None }
    }

    /// The refusal as JSON, to the blank as Kafka writes it. It is the text of the error that ends the exchange, too.
    #[must_use]
    pub fn to_json(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let more = [("scope", &self.scope), ("openid-configuration", &self.openid_configuration)];
        let more = more.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let more: String = more.map(|(name, value)| format!(", \"{name}\":{}", quoted(value))).collect();
        format!("{{\"status\":{}{more}}}", quoted(&self.status))
    }

    /// Reads a refusal; what it says beyond the three known keys is ignored.
    ///
    /// # Errors
    /// When it is no JSON object with a status. It is a refusal all the same: a broker that takes the token sends no bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, OAuthBearerError> {
        check_length(bytes)?;
        // A list of the values, in the order of the fields, would be read as well.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(OAuthBearerError::NotJson { line: 1, column: 1 });
        }
        serde_json::from_slice(bytes)
            .map_err(|error| OAuthBearerError::NotJson { line: error.line(), column: error.column() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn message(id: Option<&str>, token: &str, extensions: &[(&str, &str)]) -> OAuthBearerMessage {
        OAuthBearerMessage {
            authorization_id: id.map(str::to_owned),
            token: token.to_owned(),
            extensions: extensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    #[test]
    fn the_example_of_rfc_7628_is_read_wherever_its_token_stands() {
        let bytes =
            b"n,a=user@example.com,\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01host=server.example.com\x01port=143\x01\x01";
        let expected = message(
            Some("user@example.com"),
            "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
            &[("host", "server.example.com"), ("port", "143")],
        );
        assert_eq!(&expected.to_bytes()[..], bytes);
        assert_eq!(OAuthBearerMessage::parse(bytes), Ok(expected.clone()));
        let as_in_the_rfc =
            b"n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01";
        assert_eq!(OAuthBearerMessage::parse(as_in_the_rfc), Ok(expected));
    }

    #[test]
    fn the_scheme_has_no_case_and_any_number_of_blanks_behind_it() {
        for scheme in ["Bearer ", "bearer   ", "BEARER "] {
            let bytes = format!("n,,\x01auth={scheme}a.b.c\x01\x01");
            assert_eq!(OAuthBearerMessage::parse(bytes.as_bytes()), Ok(OAuthBearerMessage::new("a.b.c")));
        }
    }

    #[test]
    fn each_part_that_is_wrong_has_an_error() {
        use OAuthBearerError::{Auth, AuthorizationId, ExtensionName, ExtensionValue, Form, NoAuth};
        let table = [
            ("", Form),
            ("\x01", Form),
            ("n,,auth=Bearer x", Form),
            ("y,,\x01auth=Bearer x\x01\x01", Form),
            ("n,,\x01auth=Bearer x\x01", Form),
            ("n,,\x01auth\x01\x01", Form),
            ("n,,\x01\x01auth=Bearer x\x01\x01", Form),
            ("n,,\x01\x01", NoAuth),
            ("n,,\x01host=x\x01\x01", NoAuth),
            ("n,x,\x01auth=Bearer x\x01\x01", AuthorizationId),
            ("n,a=,\x01auth=Bearer x\x01\x01", AuthorizationId),
            ("n,a=x=y,\x01auth=Bearer x\x01\x01", AuthorizationId),
            ("n,,\x01auth=Bearer\x01\x01", Auth),
            ("n,,\x01auth=Basic x\x01\x01", Auth),
            ("n,,\x01auth=Bearer \x01\x01", Auth),
            ("n,,\x01auth=Bearer x y\x01\x01", Auth),
            ("n,,\x01auth=Bearer =\x01\x01", Auth),
            ("n,,\x01auth=Bearer x\x01auth=Bearer y\x01\x01", ExtensionName),
            ("n,,\x01auth=Bearer x\x01a1=x\x01\x01", ExtensionName),
            ("n,,\x01auth=Bearer x\x01a=x\x01a=y\x01\x01", ExtensionName),
            ("n,,\x01auth=Bearer x\x01a=\x01\x01", ExtensionValue),
            ("n,,\x01auth=Bearer x\x01a=\u{e4}\x01\x01", ExtensionValue),
        ];
        for (text, error) in table {
            assert_eq!(OAuthBearerMessage::parse(text.as_bytes()), Err(error), "{text:?}");
        }
    }

    #[test]
    fn more_extensions_or_bytes_than_the_bound_are_refused() {
        let many = format!("n,,\x01auth=Bearer x{}\x01\x01", "\x01a=b".repeat(EXTENSIONS_MAX + 1));
        let error = OAuthBearerError::TooManyExtensions { max: EXTENSIONS_MAX };
        assert_eq!(OAuthBearerMessage::parse(many.as_bytes()), Err(error));
        let long = vec![b' '; RECEIVE_BYTES_MAX + 1];
        assert!(matches!(OAuthBearerMessage::parse(&long), Err(OAuthBearerError::TooLong { .. })));
        assert!(matches!(OAuthBearerRefusal::parse(&long), Err(OAuthBearerError::TooLong { .. })));
    }

    #[test]
    fn a_refusal_is_written_as_kafka_writes_it_and_read_however_it_is_laid_out() {
        let mut refusal = OAuthBearerRefusal::new("invalid_token");
        assert_eq!(refusal.to_json(), r#"{"status":"invalid_token"}"#);
        refusal.scope = Some("produce".to_owned());
        refusal.openid_configuration = Some("https://issuer/".to_owned());
        let text = r#"{"status":"invalid_token", "scope":"produce", "openid-configuration":"https://issuer/"}"#;
        assert_eq!(refusal.to_json(), text);
        assert_eq!(OAuthBearerRefusal::parse(text.as_bytes()), Ok(refusal));
        let other = br#" { "more": [1], "status": "invalid_token" } "#;
        assert_eq!(OAuthBearerRefusal::parse(other), Ok(OAuthBearerRefusal::new("invalid_token")));
        for none in [&b""[..], b"{}", b"[]", br#"["a"]"#, br#"{"status":1}"#, br#"{"status":"a"}x"#] {
            assert!(matches!(OAuthBearerRefusal::parse(none), Err(OAuthBearerError::NotJson { .. })));
        }
    }

    #[test]
    fn debug_shows_neither_the_token_nor_what_extensions_say() {
        let shown = format!("{:?}", message(None, "t0ken", &[("logicalCluster", "s3cret")]));
        assert!(!shown.contains("t0ken") && !shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("logicalCluster"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_message_comes_back(
            id in prop::option::of("[\x02-\x7f]+"), token in "[A-Za-z0-9._~+/-]+={0,2}",
            extensions in prop::collection::btree_map("[b-zA-Z]{1,8}", "[!-~ \t\r\n]+", 0..5),
        ) {
            let message = OAuthBearerMessage { authorization_id: id, token, extensions: extensions.into_iter().collect() };
            prop_assert_eq!(message.check(), Ok(()));
            prop_assert_eq!(OAuthBearerMessage::parse(&message.to_bytes()), Ok(message));
        }

        #[test]
        fn any_refusal_comes_back(status in ".*", scope in prop::option::of(".*"), openid_configuration in prop::option::of(".*")) {
            let refusal = OAuthBearerRefusal { status, scope, openid_configuration };
            prop_assert_eq!(OAuthBearerRefusal::parse(refusal.to_json().as_bytes()), Ok(refusal));
        }

        #[test]
        fn hostile_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>()) {
            let _ = OAuthBearerMessage::parse(&bytes);
            let _ = OAuthBearerRefusal::parse(&bytes);
            let mut damaged = message(Some("id"), "token", &[("a", "b")]).to_bytes().to_vec();
            let index = at.index(damaged.len());
            damaged.splice(index..index, bytes);
            let _ = OAuthBearerMessage::parse(&damaged);
        }
    }
}
