//! UnregisterBroker (64), version 0.
//!
//! The controller forgets a broker, which leads and is told no more (KIP-500). One that runs goes on, as Kafka's does, until it is started again. One
//! that the controller does not know gets `BROKER_ID_NOT_REGISTERED`.
//!
//! Needs ALTER on the cluster.

use ottla_wire::message::{UnregisterBrokerRequest, UnregisterBrokerResponse};
use ottla_wire::{BrokerId, ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;

impl Handle for UnregisterBrokerRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::Alter);

    fn handle(self, call: &mut Call<'_>) -> Reply<UnregisterBrokerResponse> {
        let broker = BrokerId(self.broker_id.0);
        if !call.state.brokers.is_registered(broker) {
            return self.refuse(ErrorCode::BROKER_ID_NOT_REGISTERED);
        }
        call.state.unregister(broker);
        Reply::Answer(UnregisterBrokerResponse::default().with_error_message(None))
    }

    fn failed(&self, code: ErrorCode) -> Option<UnregisterBrokerResponse> {
        let answer = UnregisterBrokerResponse::default().with_error_code(code.0);
        Some(answer.with_error_message(Some(text(code.to_string()))))
    }
}
