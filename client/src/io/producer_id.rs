//! The producer id of an idempotent producer.

use std::sync::Arc;
use std::time::Instant;

use ottla_core::producer::{ProducerId, ProducerIdRefused};

use super::retry;
use crate::shared::{Shared, Target};

/// Asks brokers for a producer id until one gives it, one refuses for good, or it is `deadline`.
pub(super) async fn ask(shared: &Shared, deadline: Instant) -> Result<ProducerId, ProducerIdRefused> {
    let mut failures = 0;
    loop {
        let refused = match shared.call(Target::Any, ProducerId::request(), deadline).await {
            Ok((response, _)) => match ProducerId::of(&response) {
                Err(refused) if refused.is_retriable() => refused,
                given => return given,
            },
            Err(error) if error.is_transient() => ProducerIdRefused::Failed(Arc::new(error)),
            Err(error) => return Err(ProducerIdRefused::Failed(Arc::new(error))),
        };
        failures += 1;
        if !retry::pause(&shared.net, failures, deadline).await {
            return Err(refused);
        }
    }
}
