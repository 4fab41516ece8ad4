//! Payloads for tests of the broker's side, signed with the broker's own arithmetic; that it is AWS's is what the vectors show.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::Mac as _;
use ottla_wire::sasl::iam::{ACTION, ALGORITHM, IamPayload, SIGNED_HEADERS, VERSION};

use super::canonical::{Scope, hex, mac, signing_key, string_to_sign};
use super::identity::Credentials;

/// The `x-amz-date` of every payload of [`payload`].
pub(crate) const DATE: &str = "20260102T030405Z";

/// The time of [`DATE`].
pub(crate) fn date() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_323_045)
}

/// A payload of these credentials that is not signed yet, good for 900 seconds.
pub(crate) fn payload(credentials: &Credentials, host: &str, region: &str) -> IamPayload {
    IamPayload {
        version: VERSION.to_owned(),
        host: host.to_owned(),
        user_agent: "test".to_owned(),
        action: ACTION.to_owned(),
        algorithm: ALGORITHM.to_owned(),
        credential: format!("{}/20260102/{region}/kafka-cluster/aws4_request", credentials.access_key_id()),
        date: DATE.to_owned(),
        security_token: credentials.session_token().map(str::to_owned),
        signed_headers: SIGNED_HEADERS.to_owned(),
        expires: "900".to_owned(),
        signature: String::new(),
    }
}

/// Signs a payload, whatever it says.
pub(crate) fn sign(mut payload: IamPayload, secret_access_key: &str) -> IamPayload {
    let signature = Scope::of_credential(&payload.credential).map(|(_, scope)| {
        let key = signing_key(secret_access_key, &scope);
        hex(&mac(&key, string_to_sign(&payload, &scope).as_bytes()).finalize().into_bytes())
    });
    payload.signature = signature.unwrap_or_default();
    payload
}
