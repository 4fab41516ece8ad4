//! The producer id of an idempotent producer.

use std::sync::{Arc, Weak};
use std::time::Instant;

use ottla_core::producer::{DeliveryCause, ProducerId, ProducerIdRefused};

use super::super::retry;
use super::Producing;
use crate::shared::{Shared, Target};

/// Gets the producer its id, or the reason why it has none, for as long as any record waits for it. Ends by itself, also after the producer.
pub(super) async fn identify(weak: Weak<Producing>) {
    let mut failures = 0;
    loop {
        let Some(producing) = weak.upgrade() else { return };
        let (shared, within) = (Arc::clone(&producing.shared), producing.settings.core.request_timeout);
        drop(producing);
        let asked = ask(&shared, shared.now().mono + within).await;
        let Some(producing) = weak.upgrade() else { return };
        let now = shared.now();
        let goes_on = match asked {
            Asked::Settled(result) => {
                if let Err(error) = &result {
                    tracing::warn!(%error, "the producer cannot be idempotent");
                }
                let result = result.map_err(DeliveryCause::ProducerId);
                producing.turn(now, |sender, now, batches| sender.handle_producer_id(now, result, batches));
                false
            }
            Asked::NotYet(refused) => {
                tracing::warn!(error = %refused, "no producer id yet");
                let cause = DeliveryCause::ProducerId(refused);
                producing.turn(now, |sender, _, _| sender.handle_producer_id_delayed(cause)).0
            }
        };
        drop(producing);
        if !goes_on {
            return;
        }
        failures += 1;
        retry::rest(&shared.net, failures).await;
    }
}

/// What a broker said to one request for a producer id.
enum Asked {
    Settled(Result<ProducerId, ProducerIdRefused>),
    /// Another may say otherwise later.
    NotYet(ProducerIdRefused),
}

/// Asks any broker for a producer id, until it is `deadline`.
async fn ask(shared: &Shared, deadline: Instant) -> Asked {
    match shared.call(Target::Any, ProducerId::request(), deadline).await {
        Ok((response, _)) => match ProducerId::of(&response) {
            Err(refused) if refused.is_retriable() => Asked::NotYet(refused),
            settled => Asked::Settled(settled),
        },
        Err(error) if error.is_transient() => Asked::NotYet(ProducerIdRefused::Failed(Arc::new(error))),
        Err(error) => Asked::Settled(Err(ProducerIdRefused::Failed(Arc::new(error)))),
    }
}
