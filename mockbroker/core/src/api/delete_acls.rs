//! DeleteAcls (31), versions 1 to 3.
//!
//! Each filter answers with the rules that it finds, which are removed then; one that two filters find is told by both. A filter with a
//! number that stands for nothing fails alone with `INVALID_REQUEST`, and 0 closes the connection. Without an authorizer:
//! `SECURITY_DISABLED`.
//!
//! Needs ALTER on the cluster (`CLUSTER_AUTHORIZATION_FAILED`).

use ottla_wire::message::delete_acls_request::DeleteAclsFilter;
use ottla_wire::message::delete_acls_response::{DeleteAclsFilterResult, DeleteAclsMatchingAcl};
use ottla_wire::message::{DeleteAclsRequest, DeleteAclsResponse};
use ottla_wire::{ApiKey, ErrorCode, VersionRange};

use super::describe_acls::{Asked, UNKNOWN};
use super::{Call, Handle, Reply, text};
use crate::authorizer::{Acl, Authorizer, Operation};
use crate::connection::Closed;

impl Handle for DeleteAclsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 3);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<DeleteAclsResponse> {
        let filters: Vec<Asked<'_>> = self.filters.iter().map(asked).collect();
        if filters.iter().any(|filter| filter.kinds.contains(&UNKNOWN)) {
            return Reply::Close(Closed::UnknownKind(ApiKey::DeleteAcls));
        }
        let Authorizer::Standard(acls) = &mut call.state.authorizer else {
            return self.refuse(ErrorCode::SECURITY_DISABLED);
        };
        let found = filters.iter().map(|asked| Some(acls.find(&asked.filter()?).cloned().collect::<Vec<_>>()));
        let found: Vec<_> = found.collect();
        found.iter().flatten().flatten().for_each(|acl| acls.remove(acl));
        let results = found.iter().map(|found| match found {
            Some(found) => result(ErrorCode::NONE).with_matching_acls(found.iter().map(matching).collect()),
            None => result(ErrorCode::INVALID_REQUEST),
        });
        Reply::Answer(DeleteAclsResponse::default().with_filter_results(results.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<DeleteAclsResponse> {
        let results = self.filters.iter().map(|_| result(code));
        Some(DeleteAclsResponse::default().with_filter_results(results.collect()))
    }
}

fn asked(filter: &DeleteAclsFilter) -> Asked<'_> {
    Asked {
        kinds: [filter.resource_type_filter, filter.pattern_type_filter, filter.operation, filter.permission_type],
        name: filter.resource_name_filter.as_ref(),
        principal: filter.principal_filter.as_ref(),
        host: filter.host_filter.as_ref(),
    }
}

fn result(code: ErrorCode) -> DeleteAclsFilterResult {
    let message = (!code.is_ok()).then(|| text(code.to_string()));
    DeleteAclsFilterResult::default().with_error_code(code.0).with_error_message(message)
}

fn matching(acl: &Acl) -> DeleteAclsMatchingAcl {
    DeleteAclsMatchingAcl::default()
        .with_error_message(None)
        .with_resource_type(acl.resource_type.code())
        .with_resource_name(text(acl.resource_name.as_str()))
        .with_pattern_type(acl.pattern_type.code())
        .with_principal(text(acl.principal.as_str()))
        .with_host(text(acl.host.as_str()))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code())
}
