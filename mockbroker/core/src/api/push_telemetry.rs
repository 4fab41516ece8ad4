//! PushTelemetry (72), version 0.
//!
//! Takes the metrics that a client pushes (KIP-714), and keeps them where there is a receiver ([`crate::ClusterConfig::telemetry_receiver`]). Refused
//! are, in this order, who has no id or has said that it ends (`INVALID_REQUEST`), who comes before it is time and does not end
//! (`THROTTLING_QUOTA_EXCEEDED`), a subscription that is not the client's (`UNKNOWN_SUBSCRIPTION_ID`), a codec that there is not
//! (`UNSUPPORTED_COMPRESSION_TYPE`), more than `telemetry.max.bytes` (`TELEMETRY_TOO_LARGE`), and what cannot be decompressed or is more than that
//! by then (`INVALID_RECORD`).

use bytes::Bytes;
use ottla_wire::compression::{Limits, decompress};
use ottla_wire::message::{PushTelemetryRequest, PushTelemetryResponse};
use ottla_wire::record::Compression;
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply};
use crate::telemetry::{Client, ClientInstanceId, PushedMetrics, Subscriptions};

/// The ids up to this one are Kafka's own.
const RESERVED_MAX: u128 = 1;

impl Handle for PushTelemetryRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 0);

    fn handle(self, call: &mut Call<'_>) -> Reply<PushTelemetryResponse> {
        if self.client_instance_id.as_u128() <= RESERVED_MAX {
            return self.refuse(ErrorCode::INVALID_REQUEST);
        }
        let (bytes_max, now_ms) = (payload_bytes_max(call), call.now.millis());
        let client = client(call, self.client_instance_id.into_bytes());
        let taken = client.pushes(now_ms, self.subscription_id, self.terminating);
        let taken = taken.and_then(|()| metrics(&self, bytes_max));
        let outcome = taken.as_ref().err().copied().unwrap_or(ErrorCode::NONE);
        client.pushed(outcome, self.terminating);
        match taken {
            Err(code) => self.refuse(code),
            Ok(metrics) => {
                if !metrics.is_empty() && call.state.config.telemetry_receiver {
                    keep(call, &self, metrics);
                }
                Reply::Answer(PushTelemetryResponse::default())
            }
        }
    }

    fn failed(&self, code: ErrorCode) -> Option<PushTelemetryResponse> {
        Some(PushTelemetryResponse::default().with_error_code(code.0))
    }
}

/// What the broker that is asked knows of a client.
pub(super) fn client<'a>(call: &'a mut Call<'_>, id: ClientInstanceId) -> &'a mut Client {
    let state = &mut *call.state;
    let (by_name, version) = (state.configs.client_metrics(), state.configs.client_metrics_version());
    state.telemetry.client(call.now, call.connection, id, Subscriptions { by_name, version })
}

/// `telemetry.max.bytes`.
pub(super) fn payload_bytes_max(call: &Call<'_>) -> usize {
    let max = call.state.configs.brokers.layers(Some(call.connection.broker)).number("telemetry.max.bytes");
    usize::try_from(max).unwrap_or_default()
}

/// The metrics, out of their codec.
fn metrics(request: &PushTelemetryRequest, bytes_max: usize) -> Result<Bytes, ErrorCode> {
    let bits = i16::from(request.compression_type);
    let codec = Compression::ALL.into_iter().find(|codec| codec.bits() == bits);
    let codec = codec.ok_or(ErrorCode::UNSUPPORTED_COMPRESSION_TYPE)?;
    if request.metrics.len() > bytes_max {
        return Err(ErrorCode::TELEMETRY_TOO_LARGE);
    }
    if codec == Compression::None || request.metrics.is_empty() {
        return Ok(request.metrics.clone());
    }
    let limits = Limits { bytes_max, ratio_max: usize::MAX };
    decompress(codec, &request.metrics, &limits).map(Bytes::from).map_err(|_| ErrorCode::INVALID_RECORD)
}

fn keep(call: &mut Call<'_>, request: &PushTelemetryRequest, metrics: Bytes) {
    let pushed = PushedMetrics {
        at: call.now.wall,
        conn: call.connection.id,
        broker: call.connection.broker,
        client_instance_id: request.client_instance_id.into_bytes(),
        is_terminating: request.terminating,
        metrics,
    };
    call.state.telemetry.keep(pushed, call.state.config.bounds.telemetry_bytes_max);
}
