//! DescribeAcls (29), versions 1 to 3.
//!
//! The rules that a filter finds, by the resource that they are about. A pattern of MATCH finds what is about a name in any way (KIP-290).
//! A number that stands for nothing finds nothing, but for 0, which closes the connection. Without an authorizer: `SECURITY_DISABLED`.
//!
//! Needs DESCRIBE on the cluster (`CLUSTER_AUTHORIZATION_FAILED`).

use std::collections::BTreeMap;

use ottla_wire::message::describe_acls_response::{AclDescription, DescribeAclsResource};
use ottla_wire::message::{DescribeAclsRequest, DescribeAclsResponse, StrBytes};
use ottla_wire::{ApiKey, ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::{Acl, AclFilter, Authorizer, NameFilter, Operation, PatternType, Permission, ResourceType};
use crate::connection::Closed;

/// What stands for no kind of thing; no request may say it.
pub(super) const UNKNOWN: i8 = 0;

/// What stands for any.
const ANY: i8 = 1;

/// The pattern that finds whatever is about a name.
const MATCH: i8 = 2;

impl Handle for DescribeAclsRequest {
    const KAFKA: VersionRange = VersionRange::new(1, 3);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Describe);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeAclsResponse> {
        let asked = Asked {
            kinds: [self.resource_type_filter, self.pattern_type_filter, self.operation, self.permission_type],
            name: self.resource_name_filter.as_ref(),
            principal: self.principal_filter.as_ref(),
            host: self.host_filter.as_ref(),
        };
        if asked.kinds.contains(&UNKNOWN) {
            return Reply::Close(Closed::UnknownKind(ApiKey::DescribeAcls));
        }
        let Authorizer::Standard(acls) = &call.state.authorizer else {
            return self.refuse(ErrorCode::SECURITY_DISABLED);
        };
        let filter = asked.filter();
        let found = filter.iter().flat_map(|filter| acls.find(filter));
        // Where nothing is wrong, Kafka's text is the empty one.
        let answer = DescribeAclsResponse::default().with_error_message(Some(text("")));
        Reply::Answer(answer.with_resources(by_resource(found)))
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeAclsResponse> {
        let answer = DescribeAclsResponse::default().with_error_code(code.0);
        Some(answer.with_error_message(Some(text(code.to_string()))))
    }
}

/// A filter as a request says it.
pub(super) struct Asked<'a> {
    /// The resource type, the pattern type, the operation and the permission.
    pub(super) kinds: [i8; 4],
    pub(super) name: Option<&'a StrBytes>,
    pub(super) principal: Option<&'a StrBytes>,
    pub(super) host: Option<&'a StrBytes>,
}

impl Asked<'_> {
    /// The filter, where each of its kinds is one that there is.
    pub(super) fn filter(&self) -> Option<AclFilter> {
        let owned = |text: &StrBytes| text.as_str().to_owned();
        let [resource_type, pattern_type, operation, permission] = self.kinds;
        let name = self.name.map(owned);
        Some(AclFilter {
            resource_type: any_or(resource_type, ResourceType::from_code)?,
            name: match pattern_type {
                ANY => NameFilter::Any(name),
                MATCH => NameFilter::Match(name),
                pattern => NameFilter::Of(PatternType::from_code(pattern)?, name),
            },
            principal: self.principal.map(owned),
            host: self.host.map(owned),
            operation: any_or(operation, Operation::from_code)?,
            permission: any_or(permission, Permission::from_code)?,
        })
    }
}

/// What a number stands for: anything, one kind, or nothing.
fn any_or<T>(code: i8, known: impl Fn(i8) -> Option<T>) -> Option<Option<T>> {
    if code == ANY { Some(None) } else { known(code).map(Some) }
}

fn by_resource<'a>(acls: impl Iterator<Item = &'a Acl>) -> Vec<DescribeAclsResource> {
    let mut resources: BTreeMap<_, Vec<AclDescription>> = BTreeMap::new();
    for acl in acls {
        let resource = (acl.resource_type, acl.pattern_type, acl.resource_name.as_str());
        resources.entry(resource).or_default().push(description(acl));
    }
    let resource = |((resource_type, pattern_type, name), acls): ((ResourceType, PatternType, &str), Vec<_>)| {
        DescribeAclsResource::default()
            .with_resource_type(resource_type.code())
            .with_resource_name(text(name))
            .with_pattern_type(pattern_type.code())
            .with_acls(acls)
    };
    resources.into_iter().map(resource).collect()
}

fn description(acl: &Acl) -> AclDescription {
    AclDescription::default()
        .with_principal(text(acl.principal.as_str()))
        .with_host(text(acl.host.as_str()))
        .with_operation(acl.operation.code())
        .with_permission_type(acl.permission.code())
}
