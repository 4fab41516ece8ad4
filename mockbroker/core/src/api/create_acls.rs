//! CreateAcls (30), versions 1 to 3.
//!
//! Each rule is added or refused alone; one that is there is added once. `INVALID_REQUEST` gets what is no rule: a number that stands for
//! nothing, no name, a principal without a type, a cluster of another name than `kafka-cluster`. A number that stands for any, which
//! filters alone have, fails all of the request with `UNKNOWN_SERVER_ERROR`, as Kafka's does, and 0 closes the connection. Without an
//! authorizer: `SECURITY_DISABLED`.
//!
//! Needs ALTER on the cluster (`CLUSTER_AUTHORIZATION_FAILED`).
//!
//! Deviation: more than [`crate::Bounds::acls_max`] rules are refused with `POLICY_VIOLATION`.

use ottla_wire::message::create_acls_request::AclCreation;
use ottla_wire::message::create_acls_response::AclCreationResult;
use ottla_wire::message::{CreateAclsRequest, CreateAclsResponse};
use ottla_wire::{ApiKey, ErrorCode, VersionRange};

use super::describe_acls::UNKNOWN;
use super::{Call, Handle, Reply, text};
use crate::authorizer::{Acl, Authorizer, InvalidAcl, Operation, PatternType, Permission, ResourceType};
use crate::config::NAME_BYTES_MAX;
use crate::connection::Closed;

/// What stands for any type, operation or permission, and what for any pattern.
const ANY: i8 = 1;
const ANY_PATTERN: [i8; 2] = [1, 2];

impl Handle for CreateAclsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 3);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<CreateAclsResponse> {
        if self.creations.iter().any(is_unknown) {
            return Reply::Close(Closed::UnknownKind(ApiKey::CreateAcls));
        }
        let acls_max = call.state.config.bounds.acls_max;
        let Authorizer::Standard(acls) = &mut call.state.authorizer else {
            return self.refuse(ErrorCode::SECURITY_DISABLED);
        };
        if self.creations.iter().any(is_any) {
            let results = self.creations.iter().map(|_| {
                AclCreationResult::default().with_error_code(ErrorCode::UNKNOWN_SERVER_ERROR.0).with_error_message(None)
            });
            return Reply::Answer(CreateAclsResponse::default().with_results(results.collect()));
        }
        let created: Vec<_> = self.creations.iter().map(acl).collect();
        if acls.count().saturating_add(created.iter().flatten().count()) > acls_max {
            return self.refuse(ErrorCode::POLICY_VIOLATION);
        }
        let results = created.into_iter().map(|created| match created {
            Ok(acl) => {
                acls.insert(acl);
                // Where nothing is wrong, Kafka's text is the empty one.
                AclCreationResult::default().with_error_message(Some(text("")))
            }
            Err(reason) => refused(ErrorCode::INVALID_REQUEST, &reason),
        });
        Reply::Answer(CreateAclsResponse::default().with_results(results.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<CreateAclsResponse> {
        let results = self.creations.iter().map(|_| refused(code, &code));
        Some(CreateAclsResponse::default().with_results(results.collect()))
    }
}

fn refused(code: ErrorCode, reason: &dyn std::fmt::Display) -> AclCreationResult {
    AclCreationResult::default().with_error_code(code.0).with_error_message(Some(text(reason.to_string())))
}

fn is_unknown(asked: &AclCreation) -> bool {
    [asked.resource_type, asked.resource_pattern_type, asked.operation, asked.permission_type].contains(&UNKNOWN)
}

fn is_any(asked: &AclCreation) -> bool {
    [asked.resource_type, asked.operation, asked.permission_type].contains(&ANY)
        || ANY_PATTERN.contains(&asked.resource_pattern_type)
}

/// Why something is not added.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("{0} is the number of no resource type, pattern type, operation or permission")]
    Number(i8),
    #[error("the name of the resource, the principal or the host is longer than {NAME_BYTES_MAX}")]
    TooLong,
    #[error(transparent)]
    Invalid(#[from] InvalidAcl),
}

fn acl(asked: &AclCreation) -> Result<Acl, Refusal> {
    fn kind<T>(code: i8, known: impl Fn(i8) -> Option<T>) -> Result<T, Refusal> {
        known(code).ok_or(Refusal::Number(code))
    }
    if [&asked.resource_name, &asked.principal, &asked.host].iter().any(|name| name.len() > NAME_BYTES_MAX) {
        return Err(Refusal::TooLong);
    }
    let acl = Acl {
        resource_type: kind(asked.resource_type, ResourceType::from_code)?,
        resource_name: asked.resource_name.to_string(),
        pattern_type: kind(asked.resource_pattern_type, PatternType::from_code)?,
        principal: asked.principal.to_string(),
        host: asked.host.to_string(),
        operation: kind(asked.operation, Operation::from_code)?,
        permission: kind(asked.permission_type, Permission::from_code)?,
    };
    acl.validate()?;
    Ok(acl)
}
