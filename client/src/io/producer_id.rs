//! The producer id of an idempotent producer.

use std::sync::Arc;
use std::time::Instant;

use ottla_core::producer::{ProducerId, ProducerIdRefused};

use crate::shared::{Shared, Target};

/// What a broker said to one request for a producer id.
pub(super) enum Asked {
    Settled(Result<ProducerId, ProducerIdRefused>),
    /// Another may say otherwise later.
    NotYet(ProducerIdRefused),
}

/// Asks any broker for a producer id, until it is `deadline`.
pub(super) async fn ask(shared: &Shared, deadline: Instant) -> Asked {
    match shared.call(Target::Any, ProducerId::request(), deadline).await {
        Ok((response, _)) => match ProducerId::of(&response) {
            Err(refused) if refused.is_retriable() => Asked::NotYet(refused),
            settled => Asked::Settled(settled),
        },
        Err(error) if error.is_transient() => Asked::NotYet(ProducerIdRefused::Failed(Arc::new(error))),
        Err(error) => Asked::Settled(Err(ProducerIdRefused::Failed(Arc::new(error)))),
    }
}
