//! A span for each batch of a producer, as OpenTelemetry's conventions for messaging, version 1.44, have it.
//!
//! No code of a subscriber runs under a lock of the producer's: one that sends what it hears by the same producer must not wait for itself.

use std::sync::Arc;

use ottla_core::producer::{Outcome, Part};
use tracing::field::Empty;
use tracing::{Level, Span};

use super::cell::Guarded;
use super::delivery::{BatchOutcome, Delivery};

/// By which target the spans are filtered.
const TARGET: &str = "ottla::send";

/// The span of a batch; `None` when the batch has ended.
#[derive(Debug)]
pub(super) struct BatchSpan(Guarded<Option<Span>>);

/// The batches that records have joined, where somebody listens.
#[derive(Debug)]
pub(super) struct Traced {
    is_wanted: bool,
    joined: Vec<Joined>,
}

#[derive(Debug)]
struct Joined {
    batch: Arc<BatchOutcome>,
    opened: bool,
}

impl Default for BatchSpan {
    fn default() -> Self {
        Self(Guarded::new(Some(Span::none())))
    }
}

impl BatchSpan {
    /// What has become of the batch, or of a part of it.
    pub(super) fn record(&self, part: &Part, outcome: &Outcome) {
        let span = self.current();
        if span.is_disabled() {
            return;
        }
        span.record("messaging.batch.message_count", part.of);
        match outcome {
            Outcome::Delivered { base_offset, .. } if part.records.start == 0 => {
                span.record("messaging.kafka.offset", base_offset);
            }
            Outcome::Delivered { .. } => {}
            Outcome::Refused { code, .. } => {
                record_error(&span, &code.name().map_or_else(|| code.0.to_string(), str::to_owned));
            }
            Outcome::NotSent { .. } => record_error(&span, "not_sent"),
            Outcome::OutcomeUnknown { .. } => record_error(&span, "outcome_unknown"),
        }
    }

    /// The batch has ended.
    pub(super) fn close(&self) {
        drop(self.0.with(Option::take));
    }

    fn current(&self) -> Span {
        self.0.with(|span| span.clone()).unwrap_or_else(Span::none)
    }

    /// Takes the span of a batch that was just opened, which may have ended since.
    fn begin(&self, new: Span) {
        let unused = self.0.with(|span| match span {
            Some(span) => std::mem::replace(span, new),
            None => new,
        });
        drop(unused);
    }
}

fn record_error(span: &Span, kind: &str) {
    span.record("error.type", kind);
    span.record("otel.status_code", "ERROR");
}

impl Default for Traced {
    fn default() -> Self {
        Self { is_wanted: tracing::span_enabled!(target: TARGET, Level::DEBUG), joined: Vec::new() }
    }
}

impl Traced {
    /// A record has joined a batch.
    pub(super) fn join(&mut self, delivery: &Delivery) {
        if !self.is_wanted {
            return;
        }
        let (batch, opened) = delivery.batch();
        if self.joined.last().is_none_or(|last| !Arc::ptr_eq(&last.batch, batch)) {
            self.joined.push(Joined { batch: Arc::clone(batch), opened });
        }
    }

    /// Begins the spans of the batches that were opened, and tells those of the others what they follow from.
    pub(super) fn begin(self, client_id: &str) {
        for Joined { batch, opened } in self.joined {
            if opened {
                batch.span.begin(of_batch(&batch, client_id));
            } else {
                batch.span.current().follows_from(Span::current());
            }
        }
    }
}

fn of_batch(batch: &BatchOutcome, client_id: &str) -> Span {
    let topic = batch.topic.as_ref();
    tracing::debug_span!(
        target: TARGET,
        "send",
        otel.name = %format_args!("send {topic}"),
        otel.kind = "client",
        otel.status_code = Empty,
        messaging.system = "kafka",
        messaging.operation.name = "send",
        "messaging.operation.type" = "send",
        messaging.client.id = client_id,
        messaging.destination.name = topic,
        messaging.destination.partition.id = %batch.partition,
        messaging.batch.message_count = Empty,
        messaging.kafka.offset = Empty,
        "error.type" = Empty,
    )
}
