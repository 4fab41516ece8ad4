//! The test's handle on a fault that stands.

use std::fmt;
use std::sync::Arc;

use ottla_mockbroker_core::{FaultId, StandingFault};

use crate::io::Shared;
use crate::wait::Wait;

/// A fault of a cluster; made by [`crate::MockCluster::fault`]. Dropping it leaves the fault as it is.
pub struct FaultHandle {
    id: FaultId,
    shared: Arc<Shared>,
}

impl FaultHandle {
    pub(crate) fn new(id: FaultId, shared: Arc<Shared>) -> Self {
        Self { id, shared }
    }

    /// The fault's number.
    #[must_use]
    pub fn id(&self) -> FaultId {
        self.id
    }

    /// How often the fault struck so far; 0 where it was removed by its number.
    #[must_use]
    pub fn hits(&self) -> u64 {
        self.shared.look(|core| core.fault_hits(self.id)).unwrap_or_default()
    }

    /// Waits until the fault has struck, now or before.
    pub fn hit(&self) -> Wait<u64> {
        self.hit_times(1)
    }

    /// Waits until the fault has struck so often, now or before.
    pub fn hit_times(&self, hits: u64) -> Wait<u64> {
        Wait::for_hits(Arc::clone(&self.shared), self.id, hits)
    }

    /// Removes the fault, and returns how often it struck. A partition is healed: what was on its way arrives.
    pub fn remove(self) -> u64 {
        self.shared.drive(|core, now| core.remove_fault(now, self.id)).map_or(0, |StandingFault { hits, .. }| hits)
    }
}

impl fmt::Debug for FaultHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultHandle").field("id", &self.id).field("hits", &self.hits()).finish()
    }
}
