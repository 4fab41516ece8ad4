//! InitProducerId (22), versions 0 to 5.
//!
//! A producer id that nobody had, in epoch 0 (KIP-98). So too where the producer says the id and epoch that it has (KIP-360), for without a
//! transactional id Kafka gives a new one then; one of the two alone is `INVALID_REQUEST`.
//!
//! Needs IDEMPOTENT_WRITE on the cluster, or WRITE on any topic (`CLUSTER_AUTHORIZATION_FAILED`); with a transactional id WRITE on it
//! (`TRANSACTIONAL_ID_AUTHORIZATION_FAILED`).
//!
//! Deviation: there are no transactions. A transactional id is refused with `UNSUPPORTED_VERSION`, which no client tries again; the empty
//! one, as in Kafka, with `INVALID_REQUEST`.

use ottla_wire::message::{InitProducerIdRequest, InitProducerIdResponse};
use ottla_wire::record::NO_PRODUCER_ID;
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply};
use crate::authorizer::{Operation, Resource, ResourceType};

/// What a producer says that has no epoch.
const NO_EPOCH: i16 = -1;

impl Handle for InitProducerIdRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 5);

    fn handle(self, call: &mut Call<'_>) -> Reply<InitProducerIdResponse> {
        if let Err(code) = authorize(&self, call) {
            return Reply::Answer(failure(code));
        }
        let has_id = self.producer_id.0 != NO_PRODUCER_ID;
        if has_id != (self.producer_epoch != NO_EPOCH) {
            return Reply::Answer(failure(ErrorCode::INVALID_REQUEST));
        }
        match &self.transactional_id {
            Some(id) if id.is_empty() => Reply::Answer(failure(ErrorCode::INVALID_REQUEST)),
            Some(_) => Reply::Answer(failure(ErrorCode::UNSUPPORTED_VERSION)),
            None => {
                let id = call.state.new_producer_id();
                Reply::Answer(InitProducerIdResponse::default().with_producer_id(id.into()).with_producer_epoch(0))
            }
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<InitProducerIdResponse> {
        Some(failure(code))
    }
}

fn authorize(request: &InitProducerIdRequest, call: &Call<'_>) -> Result<(), ErrorCode> {
    let Some(id) = &request.transactional_id else {
        let may = call.could(Operation::IdempotentWrite, Resource::CLUSTER)
            || call.may_for_any(Operation::Write, ResourceType::Topic);
        return if may { Ok(()) } else { Err(ErrorCode::CLUSTER_AUTHORIZATION_FAILED) };
    };
    match call.may(Operation::Write, Resource::transactional_id(id)) {
        true => Ok(()),
        false => Err(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED),
    }
}

fn failure(code: ErrorCode) -> InitProducerIdResponse {
    InitProducerIdResponse::default()
        .with_error_code(code.0)
        .with_producer_id(NO_PRODUCER_ID.into())
        .with_producer_epoch(NO_EPOCH)
}
