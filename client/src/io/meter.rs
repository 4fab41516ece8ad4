//! What a producer counts: for each batch and each request, and nothing for a record alone.

#[cfg(feature = "metrics")]
mod facade;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ottla_core::RequestId;
use ottla_core::producer::Outcome;

use super::cell::Guarded;
use super::room::Room;
use crate::producer::{HISTOGRAM_BUCKETS, Histogram, ProducerMetrics};

/// What a producer has counted.
#[derive(Debug)]
pub(super) struct Meter {
    record_send: AtomicU64,
    record_retry: AtomicU64,
    /// By [`Ending`].
    record_end: [AtomicU64; 4],
    batch_send: AtomicU64,
    byte: AtomicU64,
    request: AtomicU64,
    request_error: AtomicU64,
    queue_time: Times,
    latency: Times,
    /// When the requests were made that have not ended.
    in_flight: Guarded<HashMap<RequestId, Instant>>,
    #[cfg(feature = "metrics")]
    facade: facade::Facade,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "metrics"), expect(dead_code, reason = "only the facade reads all of it"))]
enum Counted {
    /// A batch was put in a request; for the first time, where it is known how long it has waited for that.
    Sent { records: u64, bytes: u64, queued: Option<Duration> },
    /// Records have ended.
    Ended { records: u64, how: Ending },
    /// So much of the buffer is taken now.
    Freed { used_bytes: usize },
    /// A request was made, and so many have not ended.
    Requested { in_flight: usize },
    /// A request has ended, with an answer where it is known how long that took.
    Answered { in_flight: usize, latency: Option<Duration> },
}

/// How a record ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Acknowledged,
    Refused,
    NotSent,
    OutcomeUnknown,
}

impl Meter {
    /// Of a producer with so much room, of the client that calls itself `client_id`.
    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "only the facade tells them"))]
    pub(super) fn new(client_id: &str, room: &Room) -> Self {
        Self {
            record_send: AtomicU64::default(),
            record_retry: AtomicU64::default(),
            record_end: Default::default(),
            batch_send: AtomicU64::default(),
            byte: AtomicU64::default(),
            request: AtomicU64::default(),
            request_error: AtomicU64::default(),
            queue_time: Times::default(),
            latency: Times::default(),
            in_flight: Guarded::default(),
            #[cfg(feature = "metrics")]
            facade: facade::Facade::new(client_id, room),
        }
    }

    /// A batch was put in a request; for the first time, where it is known how long it has waited for that.
    pub(super) fn sent(&self, records: u32, bytes: usize, queued: Option<Duration>) {
        self.count(Counted::Sent { records: records.into(), bytes: bytes as u64, queued });
    }

    /// Records have ended.
    pub(super) fn ended(&self, records: u32, outcome: &Outcome) {
        let how = match outcome {
            Outcome::Delivered { .. } => Ending::Acknowledged,
            Outcome::Refused { .. } => Ending::Refused,
            Outcome::NotSent { .. } => Ending::NotSent,
            Outcome::OutcomeUnknown { .. } => Ending::OutcomeUnknown,
        };
        self.count(Counted::Ended { records: records.into(), how });
    }

    /// A batch has given back its room.
    pub(super) fn freed(&self, room: &Room) {
        self.count(Counted::Freed { used_bytes: room.used_bytes() });
    }

    /// A request was made.
    pub(super) fn requested(&self, now: Instant, id: RequestId) {
        let in_flight = self.in_flight.with(|in_flight| {
            in_flight.insert(id, now);
            in_flight.len()
        });
        self.count(Counted::Requested { in_flight });
    }

    /// A request has ended.
    pub(super) fn answered(&self, now: Instant, id: RequestId, is_answered: bool) {
        let (since, in_flight) = self.in_flight.with(|in_flight| (in_flight.remove(&id), in_flight.len()));
        let latency = since.filter(|_| is_answered).map(|since| now.saturating_duration_since(since));
        self.count(Counted::Answered { in_flight, latency });
    }

    fn count(&self, counted: Counted) {
        match counted {
            Counted::Sent { records, bytes, queued } => {
                add(&self.record_send, records);
                add(&self.batch_send, 1);
                add(&self.byte, bytes);
                match queued {
                    Some(queued) => self.queue_time.add(queued),
                    None => add(&self.record_retry, records),
                }
            }
            Counted::Freed { .. } => {}
            Counted::Ended { records, how } => self.record_end.get(how as usize).map_or((), |it| add(it, records)),
            Counted::Requested { .. } => add(&self.request, 1),
            Counted::Answered { latency: Some(latency), .. } => self.latency.add(latency),
            Counted::Answered { latency: None, .. } => add(&self.request_error, 1),
        }
        #[cfg(feature = "metrics")]
        self.facade.count(counted);
    }

    /// What was counted up to now.
    pub(super) fn metrics(&self, room: &Room) -> ProducerMetrics {
        let [acknowledged, refused, not_sent, outcome_unknown] = self.record_end.each_ref().map(read);
        ProducerMetrics {
            record_send_total: read(&self.record_send),
            record_retry_total: read(&self.record_retry),
            record_acknowledged_total: acknowledged,
            record_refused_total: refused,
            record_not_sent_total: not_sent,
            record_outcome_unknown_total: outcome_unknown,
            batch_send_total: read(&self.batch_send),
            byte_total: read(&self.byte),
            request_total: read(&self.request),
            request_error_total: read(&self.request_error),
            requests_in_flight: self.in_flight.with(|in_flight| in_flight.len()),
            buffer_total_bytes: room.total_bytes(),
            buffer_used_bytes: room.used_bytes(),
            record_queue_time: self.queue_time.histogram(),
            request_latency: self.latency.histogram(),
        }
    }
}

/// A [`Histogram`] that grows.
#[derive(Debug, Default)]
struct Times {
    counts: [AtomicU64; HISTOGRAM_BUCKETS],
    sum_nanos: AtomicU64,
    max_nanos: AtomicU64,
}

impl Times {
    fn add(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get(Histogram::bucket_of(time)) {
            add(count, 1);
        }
        add(&self.sum_nanos, nanos);
        self.max_nanos.fetch_max(nanos, Ordering::Relaxed);
    }

    fn histogram(&self) -> Histogram {
        let [sum, max] = [&self.sum_nanos, &self.max_nanos].map(|nanos| Duration::from_nanos(read(nanos)));
        Histogram { counts: self.counts.each_ref().map(read), sum, max }
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
