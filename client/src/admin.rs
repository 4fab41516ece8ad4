//! The operations on topics.

use std::sync::Arc;

use crate::shared::Shared;

/// The operations on topics of a cluster.
#[derive(Clone, Debug)]
pub struct Admin {
    shared: Arc<Shared>,
}

impl Admin {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}
