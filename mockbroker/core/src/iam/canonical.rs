//! The request that a payload stands for, in the one form that is signed (AWS Signature Version 4, presigned query form).

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use ottla_wire::sasl::iam::IamPayload;
use sha2::{Digest as _, Sha256};

/// The last word of each scope.
pub(super) const TERMINATOR: &str = "aws4_request";

/// What a signature is good for: the part of the credential after the access key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// `yyyymmdd`.
    pub day: &'a str,
    /// The region.
    pub region: &'a str,
    /// The service, `kafka-cluster`.
    pub service: &'a str,
    /// The last word, `aws4_request`.
    pub terminator: &'a str,
}

impl<'a> Scope<'a> {
    /// Takes `<access key id>/<yyyymmdd>/<region>/<service>/aws4_request` apart; `None` where there are not five parts, or an empty one.
    #[must_use]
    pub fn of_credential(credential: &'a str) -> Option<(&'a str, Self)> {
        let mut parts = credential.split('/');
        let mut part = || parts.next().filter(|part| !part.is_empty());
        let access_key_id = part()?;
        let scope = Self { day: part()?, region: part()?, service: part()?, terminator: part()? };
        parts.next().is_none().then_some((access_key_id, scope))
    }
}

/// The canonical request: what the client's presigned `GET /` looks like with everything that has two spellings spelt one way.
#[must_use]
pub fn canonical_request(payload: &IamPayload) -> String {
    // The order of the encoded names, which is that of the signature. Neither `user-agent` nor `version` is in it.
    let query = [
        ("Action", Some(&payload.action)),
        ("X-Amz-Algorithm", Some(&payload.algorithm)),
        ("X-Amz-Credential", Some(&payload.credential)),
        ("X-Amz-Date", Some(&payload.date)),
        ("X-Amz-Expires", Some(&payload.expires)),
        ("X-Amz-Security-Token", payload.security_token.as_ref()),
        ("X-Amz-SignedHeaders", Some(&payload.signed_headers)),
    ];
    let mut request = String::from("GET\n/\n");
    let mut separator = "";
    for (name, value) in query.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        request.push_str(separator);
        request.push_str(name);
        request.push('=');
        encode(value, &mut request);
        separator = "&";
    }
    let (host, headers, no_body) = (&payload.host, &payload.signed_headers, hex(&Sha256::digest([])));
    let _infallible = write!(request, "\nhost:{host}\n\n{headers}\n{no_body}");
    request
}

/// What is signed: the algorithm, the whole date, the scope, and the hash of the canonical request.
#[must_use]
pub fn string_to_sign(payload: &IamPayload, scope: &Scope<'_>) -> String {
    let Scope { day, region, service, terminator } = scope;
    let hash = hex(&Sha256::digest(canonical_request(payload)));
    format!("{}\n{}\n{day}/{region}/{service}/{terminator}\n{hash}", payload.algorithm, payload.date)
}

/// The key that a secret becomes for one scope.
#[must_use]
pub fn signing_key(secret: &str, scope: &Scope<'_>) -> [u8; 32] {
    let secret = format!("AWS4{secret}");
    let mut key = mac(secret.as_bytes(), scope.day.as_bytes());
    for step in [scope.region, scope.service, scope.terminator] {
        key = mac(&key.finalize().into_bytes(), step.as_bytes());
    }
    key.finalize().into_bytes().into()
}

/// Whether `signature` (64 lower-case hexadecimal digits) is that of `text` under `key`; compared in constant time.
pub(super) fn is_signed(key: &[u8], text: &str, signature: &str) -> bool {
    unhex(signature).is_some_and(|signature| mac(key, text.as_bytes()).verify_slice(&signature).is_ok())
}

pub(super) fn mac(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    // RFC 2104: a key is filled up with zeros to the block of the hash, and hashed first when it is longer.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    let hashed = Sha256::digest(key);
    let key = if key.len() > block.len() { hashed.as_slice() } else { key };
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let mut mac = Hmac::new(&block);
    mac.update(text);
    mac
}

/// Appends `text` with every byte but the unreserved ones of RFC 3986 as `%XX`.
fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_unreserved_bytes_of_rfc_3986_stay_as_they_are() {
        let mut out = String::new();
        encode("AZaz09-._~ +/=!'()*:é", &mut out);
        assert_eq!(out, "AZaz09-._~%20%2B%2F%3D%21%27%28%29%2A%3A%C3%A9");
    }

    #[test]
    fn a_credential_has_five_parts() {
        let (access_key_id, scope) = Scope::of_credential("AKIA/20260102/us-east-1/kafka-cluster/aws4_request")
            .unwrap_or_else(|| unreachable!());
        assert_eq!(access_key_id, "AKIA");
        let region = "us-east-1";
        assert_eq!(scope, Scope { day: "20260102", region, service: "kafka-cluster", terminator: "aws4_request" });
        for bad in ["", "/", "////", "a/b/c/d", "a/b/c/d/e/f", "a/b/c/d/e/", "a//c/d/e"] {
            assert_eq!(Scope::of_credential(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_signature_is_64_lower_case_digits() {
        assert_eq!(unhex(&"0f".repeat(32)), Some([0x0f; 32]));
        for bad in [&"0F".repeat(32), &"0f".repeat(31), &"+f".repeat(32), &"é".repeat(32)] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
