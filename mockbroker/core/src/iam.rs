//! Who may come in with `AWS_MSK_IAM`: the identities of the cluster's account, and the broker's own check of a signature.
//!
//! The check is written from the description of AWS Signature Version 4 (query form, service `kafka-cluster`) and shares no code with any signer,
//! so that a mistake in a client's signer cannot hide in the same mistake here.

mod canonical;
mod date;
mod identity;
mod token;
mod verify;

#[cfg(test)]
pub(crate) mod testing;

pub use canonical::{Scope, canonical_request, signing_key, string_to_sign};
pub use identity::{ACCOUNT, Caller, Credentials, DuplicateIdentity, Identities, Identity};
pub use verify::{CLOCK_SKEW_MAX, CREDENTIAL_BYTES_MAX, Refusal, SESSION_MIN, Verified, verify, verify_token};
