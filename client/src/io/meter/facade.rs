//! The same by the facade of the crate `metrics`, to whichever recorder the process has installed.
//!
//! The names stand in the documentation of [`ProducerMetrics`](crate::ProducerMetrics).

use metrics::{Counter, Gauge, Histogram, Unit};

use super::{Counted, Ending};
use crate::io::room::Room;

/// The handles of one producer; each is looked up once.
pub(super) struct Facade {
    record_send: Counter,
    record_retry: Counter,
    record_acknowledged: Counter,
    record_error: [Counter; 3],
    batch_send: Counter,
    byte: Counter,
    request: Counter,
    request_error: Counter,
    requests_in_flight: Gauge,
    buffer_used: Gauge,
    queue_time: Histogram,
    latency: Histogram,
}

impl Facade {
    pub(super) fn new(client_id: &str, room: &Room) -> Self {
        describe();
        let counter = |name: &'static str| metrics::counter!(name, "client_id" => client_id.to_owned());
        let gauge = |name: &'static str| metrics::gauge!(name, "client_id" => client_id.to_owned());
        let histogram = |name: &'static str| metrics::histogram!(name, "client_id" => client_id.to_owned());
        let error = |kind: &'static str| metrics::counter!("kafka_producer_record_error_total", "client_id" => client_id.to_owned(), "error" => kind);
        gauge("kafka_producer_buffer_total_bytes").set(room.total_bytes() as f64);
        Self {
            record_send: counter("kafka_producer_record_send_total"),
            record_retry: counter("kafka_producer_record_retry_total"),
            record_acknowledged: counter("kafka_producer_record_acknowledged_total"),
            record_error: ["refused", "not_sent", "outcome_unknown"].map(error),
            batch_send: counter("kafka_producer_batch_send_total"),
            byte: counter("kafka_producer_byte_total"),
            request: counter("kafka_producer_request_total"),
            request_error: counter("kafka_producer_request_error_total"),
            requests_in_flight: gauge("kafka_producer_requests_in_flight"),
            buffer_used: gauge("kafka_producer_buffer_used_bytes"),
            queue_time: histogram("kafka_producer_record_queue_time_seconds"),
            latency: histogram("kafka_producer_request_latency_seconds"),
        }
    }

    pub(super) fn count(&self, counted: Counted) {
        match counted {
            Counted::Sent { records, bytes, queued } => {
                self.record_send.increment(records);
                self.batch_send.increment(1);
                self.byte.increment(bytes);
                match queued {
                    Some(queued) => self.queue_time.record(queued),
                    None => self.record_retry.increment(records),
                }
            }
            Counted::Ended { records, how } => self.of_ending(how).increment(records),
            Counted::Freed { used_bytes } => self.buffer_used.set(used_bytes as f64),
            Counted::Requested { in_flight } => {
                self.request.increment(1);
                self.requests_in_flight.set(in_flight as f64);
            }
            Counted::Answered { in_flight, latency } => {
                self.requests_in_flight.set(in_flight as f64);
                match latency {
                    Some(latency) => self.latency.record(latency),
                    None => self.request_error.increment(1),
                }
            }
        }
    }

    const fn of_ending(&self, how: Ending) -> &Counter {
        let [refused, not_sent, outcome_unknown] = &self.record_error;
        match how {
            Ending::Acknowledged => &self.record_acknowledged,
            Ending::Refused => refused,
            Ending::NotSent => not_sent,
            Ending::OutcomeUnknown => outcome_unknown,
        }
    }
}

impl std::fmt::Debug for Facade {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facade").finish_non_exhaustive()
    }
}

fn describe() {
    let counters = [
        ("kafka_producer_record_send_total", "Records put in requests, tries included."),
        ("kafka_producer_record_retry_total", "Records put in a request again."),
        ("kafka_producer_record_acknowledged_total", "Records acknowledged."),
        ("kafka_producer_record_error_total", "Records that ended with an error."),
        ("kafka_producer_batch_send_total", "Batches put in requests, tries included."),
        ("kafka_producer_request_total", "Produce requests made."),
        ("kafka_producer_request_error_total", "Produce requests that ended without an answer."),
    ];
    for (name, what) in counters {
        metrics::describe_counter!(name, Unit::Count, what);
    }
    metrics::describe_counter!("kafka_producer_byte_total", Unit::Bytes, "Bytes of batches put in requests.");
    metrics::describe_gauge!("kafka_producer_requests_in_flight", Unit::Count, "Produce requests that have not ended.");
    metrics::describe_gauge!("kafka_producer_buffer_total_bytes", Unit::Bytes, "The memory that records may take.");
    metrics::describe_gauge!("kafka_producer_buffer_used_bytes", Unit::Bytes, "What records take of it.");
    let queue_time = "From a batch's first record until it is first put in a request.";
    metrics::describe_histogram!("kafka_producer_record_queue_time_seconds", Unit::Seconds, queue_time);
    let latency = "From a Produce request until its answer.";
    metrics::describe_histogram!("kafka_producer_request_latency_seconds", Unit::Seconds, latency);
}
