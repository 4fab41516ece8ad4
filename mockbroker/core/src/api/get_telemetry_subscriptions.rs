//! GetTelemetrySubscriptions (71), version 0.
//!
//! Tells a client which metrics it should push, how often, and under which id (KIP-714): what the subscriptions that fit it want together. A client
//! without an id gets one. Who asks again before it is time to push gets `THROTTLING_QUOTA_EXCEEDED`, but for one whose last push failed with
//! `UNKNOWN_SUBSCRIPTION_ID` or `UNSUPPORTED_COMPRESSION_TYPE`.
//!
//! As in Kafka it is answered in any case, and told by ApiVersions only where there is a receiver of the metrics
//! ([`crate::ClusterConfig::telemetry_receiver`]).

use ottla_wire::message::{GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse, Uuid};
use ottla_wire::{ErrorCode, VersionRange};

use super::push_telemetry::{client, payload_bytes_max};
use super::{Call, Handle, Reply, text};

/// The codecs that a client may push in, the best first: zstd, lz4, gzip, snappy.
const CODECS: [i8; 4] = [4, 3, 1, 2];

impl Handle for GetTelemetrySubscriptionsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);

    fn handle(self, call: &mut Call<'_>) -> Reply<GetTelemetrySubscriptionsResponse> {
        let id = match self.client_instance_id.is_nil() {
            true => new_id(call),
            false => self.client_instance_id.into_bytes(),
        };
        let now_ms = call.now.millis();
        let telemetry_max_bytes = i32::try_from(payload_bytes_max(call)).unwrap_or(i32::MAX);
        match client(call, id).asks(now_ms) {
            Err(code) => self.refuse(code),
            Ok(wanted) => Reply::Answer(
                GetTelemetrySubscriptionsResponse::default()
                    .with_client_instance_id(Uuid::from_bytes(id))
                    .with_subscription_id(wanted.id)
                    .with_accepted_compression_types(CODECS.to_vec())
                    .with_push_interval_ms(wanted.interval_ms)
                    .with_telemetry_max_bytes(telemetry_max_bytes)
                    .with_delta_temporality(true)
                    .with_requested_metrics(wanted.metrics.iter().map(|metric| text(metric.as_str())).collect()),
            ),
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<GetTelemetrySubscriptionsResponse> {
        Some(GetTelemetrySubscriptionsResponse::default().with_error_code(code.0))
    }
}

/// An id that no client of the broker has.
fn new_id(call: &mut Call<'_>) -> [u8; 16] {
    loop {
        let id = call.state.random.uuid();
        if !call.state.telemetry.knows(call.connection.broker, id) {
            return id;
        }
    }
}
