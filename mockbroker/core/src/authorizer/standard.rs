//! Kafka's `StandardAuthorizer`: access control lists.
//!
//! A rule that denies comes before all that allow. Where no rule matches, it is denied if there is a rule about the resource at all, and
//! else as `allow.everyone.if.no.acl.found` says. Super users may do everything. To allow reading, writing, deleting or altering is to
//! allow describing, and to allow altering configs is to allow describing them; what is denied implies nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::acl::{ANY, Acl, AclFilter};
use super::kinds::{Operation, PatternType, Permission, ResourceType};
use super::{Denial, Resource, Subject};

/// `authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer`, with what is configured for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StandardAuthorizer {
    /// `super.users`: who may do everything, such as `User:admin`. Nobody by default.
    pub super_users: BTreeSet<String>,
    /// `allow.everyone.if.no.acl.found`: whether everybody may do everything to a resource that no rule is about. Off by default.
    pub allow_everyone_if_no_acl_found: bool,
    /// The rules that there are at the start. None by default.
    pub acls: Vec<Acl>,
}

impl StandardAuthorizer {
    /// Its name as `authorizer.class.name` has it.
    pub(crate) const CLASS: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

    /// What the file of a broker says of it.
    pub(super) fn from_properties(properties: &BTreeMap<String, String>) -> Self {
        let value = |name: &str| properties.get(name).map(|value| value.trim()).unwrap_or_default();
        let super_users = value("super.users").split(';').map(str::trim).filter(|user| !user.is_empty());
        Self {
            super_users: super_users.map(str::to_owned).collect(),
            allow_everyone_if_no_acl_found: value("allow.everyone.if.no.acl.found").eq_ignore_ascii_case("true"),
            acls: Vec::new(),
        }
    }

    /// Adds one of `super.users`, such as `User:admin`.
    #[must_use]
    pub fn super_user(mut self, principal: impl Into<String>) -> Self {
        self.super_users.insert(principal.into());
        self
    }

    /// Adds a rule that there is from the start.
    #[must_use]
    pub fn acl(mut self, acl: Acl) -> Self {
        self.acls.push(acl);
        self
    }

    /// `allow.everyone.if.no.acl.found`: lets everybody do everything to a resource that no rule is about.
    #[must_use]
    pub fn allow_everyone_if_no_acl_found(mut self) -> Self {
        self.allow_everyone_if_no_acl_found = true;
        self
    }
}

/// The principal of rules that are about everybody.
const EVERYBODY: &str = "User:*";

/// A name that no resource is expected to have, by which it is found out what holds for all.
const SOME_NAME: &str = "hardcode";

/// The rules that are in force.
#[derive(Debug)]
pub(crate) struct Acls {
    super_users: BTreeSet<String>,
    allow_everyone_if_no_acl_found: bool,
    literal: BTreeMap<ResourceType, BTreeMap<String, BTreeSet<Acl>>>,
    prefixed: BTreeMap<ResourceType, BTreeMap<String, BTreeSet<Acl>>>,
    count: usize,
}

impl Acls {
    pub(super) fn new(config: &StandardAuthorizer) -> Self {
        let mut acls = Self {
            super_users: config.super_users.clone(),
            allow_everyone_if_no_acl_found: config.allow_everyone_if_no_acl_found,
            literal: BTreeMap::new(),
            prefixed: BTreeMap::new(),
            count: 0,
        };
        config.acls.iter().for_each(|acl| acls.insert(acl.clone()));
        acls
    }

    /// How many rules there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// All rules.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Acl> {
        let all = self.literal.values().chain(self.prefixed.values());
        all.flat_map(BTreeMap::values).flatten()
    }

    /// Adds a rule, unless it is there.
    pub(crate) fn insert(&mut self, acl: Acl) {
        let names = self.of_pattern(acl.pattern_type).entry(acl.resource_type).or_default();
        if names.entry(acl.resource_name.clone()).or_default().insert(acl) {
            self.count = self.count.saturating_add(1);
        }
    }

    /// The rules that a filter finds.
    pub(crate) fn find(&self, filter: &AclFilter) -> impl Iterator<Item = &Acl> {
        self.iter().filter(|acl| filter.finds(acl))
    }

    /// Removes a rule, if it is there.
    pub(crate) fn remove(&mut self, acl: &Acl) {
        let Some(names) = self.of_pattern(acl.pattern_type).get_mut(&acl.resource_type) else { return };
        let Some(rules) = names.get_mut(&acl.resource_name) else { return };
        let was_there = rules.remove(acl);
        if rules.is_empty() {
            names.remove(&acl.resource_name);
        }
        self.count = self.count.saturating_sub(usize::from(was_there));
    }

    fn of_pattern(&mut self, pattern: PatternType) -> &mut BTreeMap<ResourceType, BTreeMap<String, BTreeSet<Acl>>> {
        match pattern {
            PatternType::Literal => &mut self.literal,
            PatternType::Prefixed => &mut self.prefixed,
        }
    }

    /// The rules that are about a resource, whoever they are for.
    fn about(&self, on: Resource<'_>) -> impl Iterator<Item = &Acl> {
        let literal = self.literal.get(&on.kind).into_iter();
        let literal = literal.flat_map(move |names| [on.name, ANY].map(|name| names.get(name)));
        let prefixes = self.prefixed.get(&on.kind).filter(|names| !names.is_empty()).into_iter();
        let prefixed = prefixes.flat_map(move |names| prefixes_of(on.name).map(|prefix| names.get(prefix)));
        literal.chain(prefixed).flatten().flatten()
    }

    pub(super) fn decide(&self, who: Subject<'_>, operation: Operation, on: Resource<'_>) -> Result<(), Denial> {
        if self.super_users.contains(who.principal.as_str()) {
            return Ok(());
        }
        let (mut is_allowed, mut is_any) = (false, false);
        for acl in self.about(on) {
            is_any = true;
            if !acl.is_for(who) || !acl.says(operation) {
                continue;
            }
            match acl.permission {
                Permission::Deny => return Err(Denial::Acl(acl.clone())),
                Permission::Allow => is_allowed = true,
            }
        }
        let is_default = !is_any && self.allow_everyone_if_no_acl_found;
        if is_allowed || is_default { Ok(()) } else { Err(Denial::NoMatch) }
    }

    /// Whether there is a name, be it of nothing, that the client may do this to.
    pub(super) fn decide_for_any(
        &self,
        who: Subject<'_>,
        operation: Operation,
        on: ResourceType,
    ) -> Result<(), Denial> {
        if self.decide(who, operation, Resource { kind: on, name: SOME_NAME }).is_ok() {
            return Ok(());
        }
        // Kafka takes no operation for another here: one rule is about this operation, or about all.
        let is_about = |acl: &&Acl| {
            acl.resource_type == on
                && acl.is_for(who)
                && matches!(acl.operation, it if it == operation || it == Operation::All)
        };
        let (denies, allows): (Vec<&Acl>, Vec<&Acl>) =
            self.iter().filter(is_about).partition(|acl| acl.permission == Permission::Deny);
        if let Some(acl) = denies.iter().find(|acl| acl.is_of_any_name()) {
            return Err(Denial::Acl((*acl).clone()));
        }
        let is_open =
            |allowed: &&&Acl| allowed.is_of_any_name() || !denies.iter().any(|denied| denied.dominates(allowed));
        allows.iter().find(is_open).map(|_| ()).ok_or(Denial::NoMatch)
    }
}

/// All that a name begins with, itself included.
fn prefixes_of(name: &str) -> impl Iterator<Item = &str> {
    name.char_indices().filter_map(move |(at, letter)| name.get(..at.saturating_add(letter.len_utf8())))
}

impl Acl {
    fn is_for(&self, who: Subject<'_>) -> bool {
        (self.principal == EVERYBODY || self.principal == who.principal.as_str())
            && (self.host == ANY || self.host == who.host)
    }

    /// Whether it says something of an operation.
    fn says(&self, operation: Operation) -> bool {
        match self.permission {
            _ if self.operation == Operation::All => true,
            Permission::Allow => self.operation.implies(operation),
            Permission::Deny => self.operation == operation,
        }
    }

    fn is_of_any_name(&self) -> bool {
        self.pattern_type == PatternType::Literal && self.resource_name == ANY
    }

    /// Whether this rule, which denies, leaves nothing of one that allows.
    fn dominates(&self, allowed: &Self) -> bool {
        match self.pattern_type {
            PatternType::Prefixed => allowed.resource_name.starts_with(&self.resource_name),
            PatternType::Literal => {
                allowed.pattern_type == PatternType::Literal && allowed.resource_name == self.resource_name
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::principal::Principal;

    use super::*;

    /// Whether alice, at this address, may do it to the topic `orders-eu`.
    fn may(acls: &[Acl], operation: Operation) -> bool {
        let acls = Acls::new(&StandardAuthorizer { acls: acls.to_vec(), ..StandardAuthorizer::default() });
        let who = Subject { principal: &Principal::user("alice"), host: "10.0.0.1" };
        acls.decide(who, operation, Resource::topic("orders-eu")).is_ok()
    }

    fn allow(operation: Operation, name: &str) -> Acl {
        Acl::allow("User:alice", operation, ResourceType::Topic, name)
    }

    fn deny(operation: Operation, name: &str) -> Acl {
        Acl::deny("User:alice", operation, ResourceType::Topic, name)
    }

    #[test]
    fn a_rule_is_about_its_name_its_prefix_or_any_name() {
        for (rule, allows) in [
            (allow(Operation::Read, "orders-eu"), true),
            (allow(Operation::Read, "orders"), false),
            (allow(Operation::Read, "orders").prefixed(), true),
            (allow(Operation::Read, "orders-eu").prefixed(), true),
            (allow(Operation::Read, "orders-eu-2").prefixed(), false),
            (allow(Operation::Read, "*"), true),
            (allow(Operation::Read, "*").prefixed(), false),
            (Acl::allow("User:alice", Operation::Read, ResourceType::Group, "orders-eu"), false),
            (Acl::allow("User:bob", Operation::Read, ResourceType::Topic, "orders-eu"), false),
            (Acl::allow("User:*", Operation::Read, ResourceType::Topic, "orders-eu"), true),
            (allow(Operation::Read, "orders-eu").from_host("10.0.0.1"), true),
            (allow(Operation::Read, "orders-eu").from_host("10.0.0.2"), false),
        ] {
            assert_eq!(may(std::slice::from_ref(&rule), Operation::Read), allows, "{rule}");
        }
    }

    #[test]
    fn to_deny_comes_before_to_allow_whichever_is_closer() {
        let allowed = allow(Operation::All, "orders-eu");
        for denied in [
            deny(Operation::Write, "*"),
            deny(Operation::Write, "o").prefixed(),
            deny(Operation::All, "orders-eu"),
            Acl::deny("User:*", Operation::Write, ResourceType::Topic, "orders-eu"),
        ] {
            assert!(!may(&[allowed.clone(), denied.clone()], Operation::Write), "{denied}");
        }
        assert!(may(&[allowed, deny(Operation::Write, "*").from_host("10.0.0.9")], Operation::Write));
    }

    #[test]
    fn what_is_allowed_implies_that_it_may_be_described_and_what_is_denied_nothing() {
        for (operation, describes, describes_configs) in [
            (Operation::Read, true, false),
            (Operation::Write, true, false),
            (Operation::Delete, true, false),
            (Operation::Alter, true, false),
            (Operation::Create, false, false),
            (Operation::AlterConfigs, false, true),
            (Operation::All, true, true),
        ] {
            let rule = allow(operation, "orders-eu");
            assert_eq!(may(std::slice::from_ref(&rule), Operation::Describe), describes, "{operation}");
            assert_eq!(may(&[rule], Operation::DescribeConfigs), describes_configs, "{operation}");
        }
        assert!(may(&[deny(Operation::Read, "*"), allow(Operation::Describe, "*")], Operation::Describe));
    }

    #[test]
    fn where_no_rule_is_about_a_resource_the_default_decides_and_super_users_are_never_asked() {
        let config = StandardAuthorizer {
            super_users: ["User:root".to_owned()].into(),
            allow_everyone_if_no_acl_found: true,
            acls: vec![Acl::allow("User:bob", Operation::Read, ResourceType::Topic, "a"), deny(Operation::All, "*")],
        };
        let acls = Acls::new(&config);
        let ask =
            |name: &str, on| acls.decide(Subject { principal: &Principal::user(name), host: "h" }, Operation::Read, on);
        assert_eq!(ask("root", Resource::topic("a")), Ok(()));
        assert_eq!(ask("carol", Resource::topic("a")), Err(Denial::NoMatch));
        assert_eq!(ask("carol", Resource::group("a")), Ok(()));
    }

    #[test]
    fn any_resource_of_a_type_may_be_written_where_a_rule_leaves_one() {
        for (rules, allows) in [
            (vec![], false),
            (vec![allow(Operation::Write, "a")], true),
            (vec![allow(Operation::Read, "a")], false),
            (vec![allow(Operation::Write, "a"), deny(Operation::Write, "a")], false),
            (vec![allow(Operation::Write, "ab"), deny(Operation::Write, "a").prefixed()], false),
            (vec![allow(Operation::Write, "a").prefixed(), deny(Operation::Write, "a")], true),
            (vec![allow(Operation::Write, "*"), deny(Operation::Write, "a").prefixed()], true),
            (vec![allow(Operation::Write, "a"), deny(Operation::All, "*")], false),
        ] {
            let acls = Acls::new(&StandardAuthorizer { acls: rules.clone(), ..StandardAuthorizer::default() });
            let who = Subject { principal: &Principal::user("alice"), host: "h" };
            let told = acls.decide_for_any(who, Operation::Write, ResourceType::Topic);
            assert_eq!(told.is_ok(), allows, "{rules:?}");
        }
    }

    #[test]
    fn what_a_brokers_file_says_is_what_is_configured() {
        let properties = [("super.users", "User:a; User:CN=b,O=c ;"), ("allow.everyone.if.no.acl.found", "TRUE")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let expected = StandardAuthorizer::default().super_user("User:a").super_user("User:CN=b,O=c");
        assert_eq!(StandardAuthorizer::from_properties(&properties), expected.allow_everyone_if_no_acl_found());
    }

    #[test]
    fn a_rule_that_is_removed_is_gone_and_is_counted_once() {
        let mut acls = Acls::new(&StandardAuthorizer::default());
        for rule in [allow(Operation::Read, "a"), allow(Operation::Read, "a"), allow(Operation::Read, "a").prefixed()] {
            acls.insert(rule);
        }
        assert_eq!((acls.count(), acls.iter().count()), (2, 2));
        acls.remove(&allow(Operation::Read, "a"));
        acls.remove(&allow(Operation::Write, "a"));
        assert_eq!((acls.count(), acls.iter().count()), (1, 1));
    }
}
