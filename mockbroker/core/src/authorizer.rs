//! The one place that decides what a client may do: every API asks it, whatever it decides by.
//!
//! It is asked with a principal, a host, an operation and a resource, and says why it denies. Without an authorizer,
//! as Kafka starts, everything is allowed, and nothing is looked up.

mod acl;
mod kinds;
mod standard;

use crate::config::ClusterConfig;
use crate::principal::Principal;

pub use acl::{Acl, InvalidAcl};
pub(crate) use acl::{AclFilter, NameFilter};
pub use kinds::{Operation, PatternType, Permission, ResourceType};
pub(crate) use standard::Acls;
pub use standard::StandardAuthorizer;

/// What decides.
#[derive(Debug)]
pub(crate) enum Authorizer {
    /// Nothing: `authorizer.class.name` is not set.
    Off,
    /// Kafka's `StandardAuthorizer`.
    Standard(Acls),
}

impl Authorizer {
    /// The one that is given, or that the file of the brokers names.
    pub(crate) fn new(config: &ClusterConfig) -> Result<Self, UnknownAuthorizer> {
        if let Some(standard) = &config.authorizer {
            return Ok(Self::Standard(Acls::new(standard)));
        }
        match config.properties.get(CLASS_NAME).map(|class| class.trim()) {
            None | Some("") => Ok(Self::Off),
            Some(StandardAuthorizer::CLASS) => {
                Ok(Self::Standard(Acls::new(&StandardAuthorizer::from_properties(&config.properties))))
            }
            Some(other) => Err(UnknownAuthorizer(other.to_owned())),
        }
    }

    /// Whether a client may do this.
    pub(crate) fn decide(&self, who: Subject<'_>, operation: Operation, on: Resource<'_>) -> Result<(), Denial> {
        match self {
            Self::Off => Ok(()),
            Self::Standard(acls) => acls.decide(who, operation, on),
        }
    }

    /// Whether a client may do this to any resource of the type, be it one that is not there.
    pub(crate) fn decide_for_any(
        &self,
        who: Subject<'_>,
        operation: Operation,
        on: ResourceType,
    ) -> Result<(), Denial> {
        match self {
            Self::Off => Ok(()),
            Self::Standard(acls) => acls.decide_for_any(who, operation, on),
        }
    }

    /// The operations on a resource that a client may do, by their bits (KIP-430).
    pub(crate) fn operations(&self, who: Subject<'_>, on: Resource<'_>) -> i32 {
        let allowed = on.kind.operations().iter().filter(|operation| self.decide(who, **operation, on).is_ok());
        allowed.fold(0, |bits, operation| bits | operation.bit())
    }
}

/// The config that names an authorizer.
pub(crate) const CLASS_NAME: &str = "authorizer.class.name";

/// There is no such authorizer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "authorizer.class.name is {0:?}, and only org.apache.kafka.metadata.authorizer.StandardAuthorizer is simulated"
)]
pub struct UnknownAuthorizer(pub String);

/// Who wants to do something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) principal: &'a Principal,
    /// The client's address as Java writes it, without its port.
    pub(crate) host: &'a str,
}

/// What something is to be done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resource<'a> {
    pub(crate) kind: ResourceType,
    pub(crate) name: &'a str,
}

impl<'a> Resource<'a> {
    /// The cluster, by the one name that it has.
    pub(crate) const CLUSTER: Resource<'static> = Resource { kind: ResourceType::Cluster, name: CLUSTER_NAME };

    pub(crate) const fn topic(name: &'a str) -> Self {
        Self { kind: ResourceType::Topic, name }
    }

    pub(crate) const fn group(name: &'a str) -> Self {
        Self { kind: ResourceType::Group, name }
    }

    pub(crate) const fn transactional_id(name: &'a str) -> Self {
        Self { kind: ResourceType::TransactionalId, name }
    }
}

/// The name of the cluster as a resource.
pub(crate) const CLUSTER_NAME: &str = "kafka-cluster";

/// Why something may not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Denial {
    /// A rule denies it, whatever others allow.
    #[error("by the ACL {0}")]
    Acl(Acl),
    /// No rule allows it.
    #[error("by no ACL that allows it")]
    NoMatch,
}
