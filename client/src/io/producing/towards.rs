//! What the connection to one broker asks of the producer.

use std::sync::{Arc, Weak};

use ottla_core::{Answer, Now, Outgoing, RequestError, RequestId, Versions};
use ottla_wire::BrokerId;

use super::super::work::Work;
use super::Producing;
use crate::error::ConnectError;

/// What the connection to one broker asks of the producer.
pub(super) struct Towards {
    broker: BrokerId,
    producing: Weak<Producing>,
}

impl Towards {
    pub(super) const fn new(broker: BrokerId, producing: Weak<Producing>) -> Self {
        Self { broker, producing }
    }
}

impl Work for Towards {
    fn wants_connection(&self, _now: Now) -> bool {
        self.producing.upgrade().is_some_and(|producing| producing.sender.with(|sender| sender.has_work(self.broker)))
    }

    fn poll_request(&self, now: Now, versions: &Versions) -> Option<Outgoing> {
        let producing = self.producing.upgrade()?;
        let request =
            producing.turn(now, |sender, now, batches| sender.poll_request(now, self.broker, versions, batches)).0;
        if let Some(request) = &request {
            producing.meter.requested(now.mono, request.id);
        }
        request
    }

    fn handle_answer(&self, now: Now, id: RequestId, result: Result<Answer, RequestError>) {
        if let Some(producing) = self.producing.upgrade() {
            producing.meter.answered(now.mono, id, result.is_ok());
            producing.turn(now, |sender, now, batches| sender.handle_answer(now, id, result, batches));
        }
    }

    fn handle_unreachable(&self, now: Now, error: &Arc<ConnectError>) {
        if let Some(producing) = self.producing.upgrade() {
            let error: Arc<dyn std::error::Error + Send + Sync> = Arc::clone(error) as _;
            producing.turn(now, |sender, _, _| sender.handle_unreachable(self.broker, &error));
        }
    }
}
