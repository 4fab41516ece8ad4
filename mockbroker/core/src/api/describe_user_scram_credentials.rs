//! DescribeUserScramCredentials (50), version 0 (KIP-554).
//!
//! Tells the mechanisms and iterations of each user's credentials; of all users where none is named. A user that is named twice gets
//! `DUPLICATE_RESOURCE`, one that is not there `RESOURCE_NOT_FOUND`.

use std::collections::BTreeMap;

use ottla_wire::message::describe_user_scram_credentials_response::{
    CredentialInfo, DescribeUserScramCredentialsResult,
};
use ottla_wire::message::{DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::alter_user_scram_credentials::number;
use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;

impl Handle for DescribeUserScramCredentialsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Describe);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeUserScramCredentialsResponse> {
        let mut asked: BTreeMap<String, usize> = BTreeMap::new();
        for user in self.users.iter().flatten() {
            let count = asked.entry(user.name.to_string()).or_default();
            *count = count.saturating_add(1);
        }
        let mut credentials: BTreeMap<String, Vec<CredentialInfo>> = BTreeMap::new();
        for (name, mechanism, iterations) in call.state.users.scram() {
            let iterations = i32::try_from(iterations).unwrap_or(i32::MAX);
            let credential = CredentialInfo::default().with_mechanism(number(mechanism)).with_iterations(iterations);
            credentials.entry(name.to_owned()).or_default().push(credential);
        }
        if asked.is_empty() {
            asked = credentials.keys().map(|name| (name.clone(), 1)).collect();
        }
        let results = asked.into_iter().map(|(name, count)| match (count, credentials.remove(&name)) {
            (1, Some(credentials)) => result(name).with_credential_infos(credentials),
            (1, None) => {
                let reason = format!("user {name:?} has no credential");
                refused(result(name), ErrorCode::RESOURCE_NOT_FOUND, reason)
            }
            _ => {
                let reason = format!("user {name:?} is asked about twice");
                refused(result(name), ErrorCode::DUPLICATE_RESOURCE, reason)
            }
        });
        let answer = DescribeUserScramCredentialsResponse::default().with_error_message(Some(text("")));
        Reply::Answer(answer.with_results(results.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeUserScramCredentialsResponse> {
        let answer = DescribeUserScramCredentialsResponse::default().with_error_code(code.0);
        Some(answer.with_error_message(Some(text(code.to_string()))))
    }
}

fn result(name: String) -> DescribeUserScramCredentialsResult {
    DescribeUserScramCredentialsResult::default().with_user(text(name)).with_error_message(Some(text("")))
}

fn refused(
    result: DescribeUserScramCredentialsResult,
    code: ErrorCode,
    reason: String,
) -> DescribeUserScramCredentialsResult {
    result.with_error_code(code.0).with_error_message(Some(text(reason)))
}
