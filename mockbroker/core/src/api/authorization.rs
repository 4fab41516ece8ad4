//! What a call asks the authorizer, and what of it the journal learns.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{Call, Handle};
use crate::authorizer::{Denial, Operation, Resource, ResourceType, Subject};
use crate::journal::EntryKind;

/// What a client may not do of what its request asks for, and why.
///
/// It is gathered while the request is handled, so that a handler that only reads may ask too, and written into the journal after.
#[derive(Debug, Default)]
pub(crate) struct DeniedSoFar(RefCell<BTreeMap<Asked, Denial>>);

/// What the authorizer was asked: the operation, the type and the name of the resource, where it has one.
type Asked = (Operation, ResourceType, Option<String>);

impl Call<'_> {
    /// Whether the client may do this. The journal learns where it may not, and why.
    pub(super) fn may(&self, operation: Operation, on: Resource<'_>) -> bool {
        let decision = self.decide(operation, on);
        decision.map_err(|denial| self.deny(operation, on.kind, Some(on.name), denial)).is_ok()
    }

    /// Whether the client may do this, of which the journal learns nothing: it has not asked for it.
    pub(super) fn could(&self, operation: Operation, on: Resource<'_>) -> bool {
        self.decide(operation, on).is_ok()
    }

    /// Whether there may be a resource of the type, or could be, that the client may do this to.
    pub(super) fn may_for_any(&self, operation: Operation, on: ResourceType) -> bool {
        let Some(who) = self.subject() else { return false };
        let decision = self.state.authorizer.decide_for_any(who, operation, on);
        decision.map_err(|denial| self.deny(operation, on, None, denial)).is_ok()
    }

    /// The operations on a resource that the client may do, by their bits (KIP-430).
    pub(super) fn operations(&self, on: Resource<'_>) -> i32 {
        self.subject().map_or(0, |who| self.state.authorizer.operations(who, on))
    }

    /// The operations on the cluster that the client may do; none where it may not even look at it.
    pub(super) fn operations_on_cluster(&self) -> i32 {
        if self.may(Operation::Describe, Resource::CLUSTER) { self.operations(Resource::CLUSTER) } else { 0 }
    }

    /// Whether the client may do to the cluster what a request of this API needs in any case.
    pub(super) fn may_on_cluster<R: Handle>(&self) -> bool {
        R::NEEDS_ON_CLUSTER.is_none_or(|operation| self.may(operation, Resource::CLUSTER))
    }

    /// Writes into the journal what the client was denied.
    pub(super) fn note_denied(&mut self) {
        for ((operation, resource_type, resource_name), reason) in self.denied.0.take() {
            self.note(EntryKind::Denied { operation, resource_type, resource_name, reason });
        }
    }

    fn decide(&self, operation: Operation, on: Resource<'_>) -> Result<(), Denial> {
        let Some(who) = self.subject() else { return Err(Denial::NoMatch) };
        self.state.authorizer.decide(who, operation, on)
    }

    /// Who the client is: on a connection that answers requests, somebody.
    fn subject(&self) -> Option<Subject<'_>> {
        Some(Subject { principal: self.connection.principal()?, host: &self.connection.host })
    }

    fn deny(&self, operation: Operation, on: ResourceType, name: Option<&str>, reason: Denial) {
        self.denied.0.borrow_mut().insert((operation, on, name.map(str::to_owned)), reason);
    }
}
