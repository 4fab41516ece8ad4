//! A rule of access control, and a filter that finds rules.

use std::fmt;

use super::kinds::{Operation, PatternType, Permission, ResourceType};

/// What stands for any name, host or user.
pub(super) const ANY: &str = "*";

/// One rule: it allows a principal to do something to the resources of a name, or denies it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Acl {
    /// The kind of the resources.
    pub resource_type: ResourceType,
    /// Their name, or what it begins with; `*` as a literal stands for any.
    pub resource_name: String,
    /// Which of the two the name is.
    pub pattern_type: PatternType,
    /// Who: `User:alice`, or `User:*` for everybody.
    pub principal: String,
    /// From which address, without a port; `*` for any.
    pub host: String,
    /// What is done; [`Operation::All`] for anything.
    pub operation: Operation,
    /// Whether it may be done.
    pub permission: Permission,
}

impl Acl {
    /// Allows `principal`, such as `User:alice`, to do `operation`, from any host, to the resource of this name; `*` stands for any.
    #[must_use]
    pub fn allow(
        principal: impl Into<String>,
        operation: Operation,
        resource_type: ResourceType,
        name: impl Into<String>,
    ) -> Self {
        Self {
            resource_type,
            resource_name: name.into(),
            pattern_type: PatternType::Literal,
            principal: principal.into(),
            host: ANY.to_owned(),
            operation,
            permission: Permission::Allow,
        }
    }

    /// Denies what [`Acl::allow`] allows, whatever other rules say.
    #[must_use]
    pub fn deny(
        principal: impl Into<String>,
        operation: Operation,
        resource_type: ResourceType,
        name: impl Into<String>,
    ) -> Self {
        Self { permission: Permission::Deny, ..Self::allow(principal, operation, resource_type, name) }
    }

    /// The same rule for all names that begin with this one (KIP-290).
    #[must_use]
    pub fn prefixed(mut self) -> Self {
        self.pattern_type = PatternType::Prefixed;
        self
    }

    /// The same rule for connections from one address.
    #[must_use]
    pub fn from_host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Whether this may be a rule.
    pub(crate) fn validate(&self) -> Result<(), InvalidAcl> {
        if self.resource_type == ResourceType::Cluster && self.resource_name != super::CLUSTER_NAME {
            return Err(InvalidAcl::ClusterName(self.resource_name.clone()));
        }
        if self.resource_name.is_empty() {
            return Err(InvalidAcl::NoName);
        }
        if !self.principal.contains(':') {
            return Err(InvalidAcl::Principal(self.principal.clone()));
        }
        Ok(())
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource_type, resource_name, pattern_type, principal, host, operation, permission } = self;
        write!(
            f,
            "{permission} {principal} {operation} on {resource_type} {pattern_type} {resource_name:?} from {host}"
        )
    }
}

/// Why something is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAcl {
    /// The cluster has one name.
    #[error("the cluster is called \"kafka-cluster\", and not {0:?}")]
    ClusterName(String),
    /// It names no resource.
    #[error("an ACL needs the name of a resource")]
    NoName,
    /// The principal has no type.
    #[error("the principal {0:?} has no colon between its type and its name")]
    Principal(String),
}

/// What finds rules: those that are alike in all that it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AclFilter {
    pub(crate) resource_type: Option<ResourceType>,
    pub(crate) name: NameFilter,
    pub(crate) principal: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) operation: Option<Operation>,
    pub(crate) permission: Option<Permission>,
}

/// Which names a filter finds; none stands for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NameFilter {
    /// Rules of this name, of whatever pattern.
    Any(Option<String>),
    /// Rules that are about a resource of this name.
    Match(Option<String>),
    /// Rules of this name and pattern.
    Of(PatternType, Option<String>),
}

impl AclFilter {
    pub(crate) fn finds(&self, acl: &Acl) -> bool {
        fn is<T: PartialEq>(wanted: Option<T>, has: T) -> bool {
            wanted.is_none_or(|wanted| wanted == has)
        }
        is(self.resource_type, acl.resource_type)
            && self.name.finds(acl)
            && is(self.principal.as_deref(), acl.principal.as_str())
            && is(self.host.as_deref(), acl.host.as_str())
            && is(self.operation, acl.operation)
            && is(self.permission, acl.permission)
    }
}

impl NameFilter {
    fn finds(&self, acl: &Acl) -> bool {
        let of = &acl.resource_name;
        match self {
            Self::Any(name) => name.as_ref().is_none_or(|name| name == of),
            Self::Of(pattern_type, name) => {
                acl.pattern_type == *pattern_type && name.as_ref().is_none_or(|name| name == of)
            }
            Self::Match(name) => name.as_ref().is_none_or(|name| match acl.pattern_type {
                PatternType::Literal => name == of || of == ANY,
                PatternType::Prefixed => name.starts_with(of),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: NameFilter) -> Vec<usize> {
        let rule = |name| Acl::allow("User:a", Operation::Read, ResourceType::Topic, name);
        let rules = [rule("orders"), rule("orders").prefixed(), rule("ord").prefixed(), rule("*"), rule("other")];
        let filter =
            AclFilter { resource_type: None, name, principal: None, host: None, operation: None, permission: None };
        rules.iter().enumerate().filter(|(_, rule)| filter.finds(rule)).map(|(at, _)| at).collect()
    }

    #[test]
    fn a_filter_finds_names_as_its_pattern_says() {
        let name = Some("orders".to_owned());
        assert_eq!(found(NameFilter::Any(None)), [0, 1, 2, 3, 4]);
        assert_eq!(found(NameFilter::Any(name.clone())), [0, 1]);
        assert_eq!(found(NameFilter::Match(name.clone())), [0, 1, 2, 3]);
        assert_eq!(found(NameFilter::Of(PatternType::Literal, name.clone())), [0]);
        assert_eq!(found(NameFilter::Of(PatternType::Prefixed, name)), [1]);
        assert_eq!(found(NameFilter::Of(PatternType::Prefixed, None)), [1, 2]);
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        let rule = |principal: &str, of, name: &str| Acl::allow(principal, Operation::All, of, name).validate();
        assert_eq!(rule("User:a", ResourceType::Topic, "t"), Ok(()));
        assert_eq!(rule("User:a", ResourceType::Cluster, "kafka-cluster"), Ok(()));
        assert_eq!(rule("a", ResourceType::Topic, "t"), Err(InvalidAcl::Principal("a".to_owned())));
        assert_eq!(rule("User:a", ResourceType::Topic, ""), Err(InvalidAcl::NoName));
        assert_eq!(rule("User:a", ResourceType::Cluster, "c"), Err(InvalidAcl::ClusterName("c".to_owned())));
    }
}
