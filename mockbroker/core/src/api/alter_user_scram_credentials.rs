//! AlterUserScramCredentials (51), version 0 (KIP-554).
//!
//! Each user's credential is set, which lets that user in at once, or deleted, or fails alone: a user that stands in the request twice
//! (`DUPLICATE_RESOURCE`), a credential that is not there (`RESOURCE_NOT_FOUND`), a mechanism that is none (`UNSUPPORTED_SASL_MECHANISM`), no
//! name, or too many or few iterations (`UNACCEPTABLE_CREDENTIAL`). More than [`crate::Bounds::scram_credentials_max`] are refused with
//! `POLICY_VIOLATION`, and a name or salt longer than Kafka reads with `UNACCEPTABLE_CREDENTIAL`.

use std::collections::BTreeMap;

use ottla_wire::message::alter_user_scram_credentials_request::{ScramCredentialDeletion, ScramCredentialUpsertion};
use ottla_wire::message::alter_user_scram_credentials_response::AlterUserScramCredentialsResult;
use ottla_wire::message::{AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse};
use ottla_wire::sasl::scram::{ITERATIONS_MIN, ScramMechanism};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::config::NAME_BYTES_MAX;
use crate::sasl::{ITERATIONS_MAX, Users};

/// What becomes of a user's credential.
enum Change<'a> {
    Deleted(ScramMechanism),
    Set(ScramMechanism, u32, &'a ScramCredentialUpsertion),
}

type Refused = (ErrorCode, &'static str);

/// A second change of one user, or of one that failed.
const TWICE: Refused = (ErrorCode::DUPLICATE_RESOURCE, "a user's credential cannot be altered twice in one request");

/// One more than there may be.
const TOO_MANY: Refused = (ErrorCode::POLICY_VIOLATION, "the cluster has as many credentials as it may");

impl Handle for AlterUserScramCredentialsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<AlterUserScramCredentialsResponse> {
        let max = call.state.config.bounds.scram_credentials_max;
        let users = &mut call.state.users;
        let deletions = self.deletions.iter().map(|of| (of.name.as_str(), deletion(users, of)));
        let upsertions = self.upsertions.iter().map(|of| (of.name.as_str(), upsertion(of)));
        let mut changes: BTreeMap<&str, Result<Change<'_>, Refused>> = BTreeMap::new();
        for (name, change) in deletions.chain(upsertions) {
            // What failed once stays so, whatever comes after it.
            let before = changes.get(name).map(Result::is_ok);
            match before {
                None => drop(changes.insert(name, change)),
                Some(true) => drop(changes.insert(name, Err(TWICE))),
                Some(false) => {}
            }
        }
        let results = changes.into_iter().map(|(name, change)| {
            let result = AlterUserScramCredentialsResult::default().with_user(text(name)).with_error_message(None);
            match change {
                Ok(Change::Deleted(mechanism)) => users.remove_scram(mechanism, name),
                Ok(Change::Set(mechanism, ..)) if users.has_no_room(max, mechanism, name) => {
                    let (code, reason) = TOO_MANY;
                    return result.with_error_code(code.0).with_error_message(Some(text(reason)));
                }
                Ok(Change::Set(mechanism, iterations, of)) => {
                    users.set_salted(name, mechanism, iterations, of.salt.to_vec(), &of.salted_password);
                }
                Err((code, reason)) => {
                    return result.with_error_code(code.0).with_error_message(Some(text(reason)));
                }
            }
            result
        });
        Reply::Answer(AlterUserScramCredentialsResponse::default().with_results(results.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<AlterUserScramCredentialsResponse> {
        let names = self.deletions.iter().map(|of| &of.name).chain(self.upsertions.iter().map(|of| &of.name));
        let names: std::collections::BTreeSet<_> = names.map(|name| name.to_string()).collect();
        let refused = |name| {
            let result = AlterUserScramCredentialsResult::default().with_user(text(name));
            result.with_error_code(code.0).with_error_message(Some(text(code.to_string())))
        };
        Some(AlterUserScramCredentialsResponse::default().with_results(names.into_iter().map(refused).collect()))
    }
}

fn deletion<'a>(users: &Users, of: &ScramCredentialDeletion) -> Result<Change<'a>, Refused> {
    let mechanism = mechanism(&of.name, of.mechanism)?;
    let is_there = users.scram().any(|(name, known, _)| name == of.name.as_str() && known == mechanism);
    match is_there {
        true => Ok(Change::Deleted(mechanism)),
        false => Err((ErrorCode::RESOURCE_NOT_FOUND, "the user has no such credential")),
    }
}

fn upsertion(of: &ScramCredentialUpsertion) -> Result<Change<'_>, Refused> {
    let mechanism = mechanism(&of.name, of.mechanism)?;
    if of.name.len().max(of.salt.len()) > NAME_BYTES_MAX {
        return Err((ErrorCode::UNACCEPTABLE_CREDENTIAL, "the user's name or the salt is too long"));
    }
    match u32::try_from(of.iterations) {
        Ok(iterations) if iterations > ITERATIONS_MAX => {
            Err((ErrorCode::UNACCEPTABLE_CREDENTIAL, "there are too many iterations"))
        }
        Ok(iterations) if iterations >= ITERATIONS_MIN => Ok(Change::Set(mechanism, iterations, of)),
        _ => Err((ErrorCode::UNACCEPTABLE_CREDENTIAL, "there are too few iterations")),
    }
}

fn mechanism(name: &str, number: i8) -> Result<ScramMechanism, Refused> {
    if name.is_empty() {
        return Err((ErrorCode::UNACCEPTABLE_CREDENTIAL, "the user's name is empty"));
    }
    match number {
        1 => Ok(ScramMechanism::Sha256),
        2 => Ok(ScramMechanism::Sha512),
        _ => Err((ErrorCode::UNSUPPORTED_SASL_MECHANISM, "there is no such mechanism of SCRAM")),
    }
}

/// A mechanism by Kafka's number.
pub(super) const fn number(mechanism: ScramMechanism) -> i8 {
    match mechanism {
        ScramMechanism::Sha256 => 1,
        ScramMechanism::Sha512 => 2,
    }
}
