//! What a producer has counted.

use std::time::Duration;

/// What a producer has counted since it was built, and what it holds now: plain numbers, taken without stopping anybody, so that those of one moment may be
/// a batch apart.
///
/// With the feature `metrics`, the same is told to the recorder of the [`metrics`](https://docs.rs/metrics) facade that is installed when the producer is
/// built, with the label `client_id`. The names are those of Kafka's own producer:
///
/// | here | there | kind |
/// | --- | --- | --- |
/// | `record_send_total` | `kafka_producer_record_send_total` | counter |
/// | `record_retry_total` | `kafka_producer_record_retry_total` | counter |
/// | `record_acknowledged_total` | `kafka_producer_record_acknowledged_total` | counter |
/// | `record_error_total()` | `kafka_producer_record_error_total`, the kind in the label `error`: `refused`, `not_sent`, `outcome_unknown` | counter |
/// | `batch_send_total` | `kafka_producer_batch_send_total` | counter |
/// | `byte_total` | `kafka_producer_byte_total` | counter |
/// | `request_total` | `kafka_producer_request_total` | counter |
/// | `request_error_total` | `kafka_producer_request_error_total` | counter |
/// | `requests_in_flight` | `kafka_producer_requests_in_flight` | gauge |
/// | `buffer_total_bytes` | `kafka_producer_buffer_total_bytes` | gauge |
/// | `buffer_used_bytes` | `kafka_producer_buffer_used_bytes` | gauge, set whenever a batch ends |
/// | `record_queue_time` | `kafka_producer_record_queue_time_seconds` | histogram |
/// | `request_latency` | `kafka_producer_request_latency_seconds` | histogram |
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProducerMetrics {
    /// How many records were put in a request, each time that they were.
    pub record_send_total: u64,
    /// How many of those were in a request before.
    pub record_retry_total: u64,
    /// How many records were acknowledged.
    pub record_acknowledged_total: u64,
    /// How many records a broker refused.
    pub record_refused_total: u64,
    /// How many records were not sent, or taken by no broker.
    pub record_not_sent_total: u64,
    /// How many records were sent, and may be in the log.
    pub record_outcome_unknown_total: u64,
    /// How many batches were put in a request, each time that they were.
    pub batch_send_total: u64,
    /// How many bytes those batches had, compressed where they are.
    pub byte_total: u64,
    /// How many Produce requests were made.
    pub request_total: u64,
    /// How many of them ended without an answer.
    pub request_error_total: u64,
    /// How many of them have not ended.
    pub requests_in_flight: usize,
    /// The producer's `buffer_bytes_max`.
    pub buffer_total_bytes: usize,
    /// What the records that have not ended take of it.
    pub buffer_used_bytes: usize,
    /// How long batches waited from their first record until they were first put in a request.
    pub record_queue_time: Histogram,
    /// How long the answers to requests took, from when the request was made.
    pub request_latency: Histogram,
}

impl ProducerMetrics {
    /// How many records have ended with an error.
    #[must_use]
    pub const fn record_error_total(&self) -> u64 {
        self.record_refused_total + self.record_not_sent_total + self.record_outcome_unknown_total
    }
}

/// Times, counted in buckets of which each reaches twice as far as the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    pub(crate) counts: [u64; HISTOGRAM_BUCKETS],
    pub(crate) sum: Duration,
    pub(crate) max: Duration,
}

/// How many buckets a [`Histogram`] has.
pub const HISTOGRAM_BUCKETS: usize = 24;

/// Up to where the first bucket reaches, in microseconds; the last that ends reaches to 134 s, and the one behind it has the rest.
const FIRST_BUCKET_MICROS: u64 = 32;

impl Histogram {
    /// Up to where a bucket reaches; the last has no end.
    #[must_use]
    pub const fn bound(bucket: usize) -> Option<Duration> {
        if bucket < HISTOGRAM_BUCKETS - 1 { Some(Duration::from_micros(FIRST_BUCKET_MICROS << bucket)) } else { None }
    }

    /// The bucket that a time falls in: the first that reaches as far.
    #[must_use]
    pub fn bucket_of(time: Duration) -> usize {
        (0..HISTOGRAM_BUCKETS - 1)
            .find(|bucket| Self::bound(*bucket).is_some_and(|bound| time <= bound))
            .unwrap_or(HISTOGRAM_BUCKETS - 1)
    }

    /// How many times fell in each bucket.
    #[must_use]
    pub const fn counts(&self) -> &[u64; HISTOGRAM_BUCKETS] {
        &self.counts
    }

    /// How many times there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All times together.
    #[must_use]
    pub const fn sum(&self) -> Duration {
        self.sum
    }

    /// The longest.
    #[must_use]
    pub const fn max(&self) -> Duration {
        self.max
    }

    /// Their mean; zero where there was none.
    #[must_use]
    pub fn mean(&self) -> Duration {
        let nanos = self.sum.as_nanos().checked_div(u128::from(self.count())).unwrap_or_default();
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// The time that a share of them, from 0 to 1, did not exceed: the end of a bucket, so at most twice too long, and never longer than the longest.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = (self.count() as f64 * share).ceil().max(1.0) as u64;
        let mut below = 0;
        let reaches = |count: &u64| {
            below += count;
            below >= rank
        };
        let bucket = self.counts.iter().position(reaches);
        bucket.and_then(Self::bound).map_or(self.max, |bound| bound.min(self.max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[Duration]) -> Histogram {
        let mut counts = [0; HISTOGRAM_BUCKETS];
        times.iter().for_each(|time| counts[Histogram::bucket_of(*time)] += 1);
        Histogram { counts, sum: times.iter().sum(), max: times.iter().max().copied().unwrap_or_default() }
    }

    #[test]
    fn each_bucket_has_the_times_from_behind_the_one_before_up_to_its_bound() {
        for bucket in 0..HISTOGRAM_BUCKETS - 1 {
            let bound = Histogram::bound(bucket).unwrap_or_default();
            assert_eq!(Histogram::bucket_of(bound), bucket);
            assert_eq!(Histogram::bucket_of(bound + Duration::from_nanos(1)), bucket + 1);
        }
        assert_eq!((Histogram::bucket_of(Duration::ZERO), Histogram::bound(HISTOGRAM_BUCKETS - 1)), (0, None));
        assert_eq!(Histogram::bucket_of(Duration::MAX), HISTOGRAM_BUCKETS - 1);
        assert_eq!(Histogram::bound(HISTOGRAM_BUCKETS - 2), Some(Duration::from_micros(134_217_728)));
    }

    #[test]
    fn a_quantile_is_at_most_twice_too_long_and_never_beyond_the_longest() {
        let times: Vec<_> = (1..=1000).map(Duration::from_millis).collect();
        let histogram = of(&times);
        for (share, exact) in [(0.0, 1), (0.5, 500), (0.99, 990), (1.0, 1000)] {
            let (exact, told) = (Duration::from_millis(exact), histogram.quantile(share));
            assert!(exact <= told && told < exact * 2 + Duration::from_micros(32), "{share}: {told:?}");
        }
        assert_eq!((histogram.mean(), histogram.count()), (Duration::from_micros(500_500), 1000));
        let none = of(&[]);
        assert_eq!((none.quantile(0.5), none.mean(), none.max()), (Duration::ZERO, Duration::ZERO, Duration::ZERO));
        assert_eq!(of(&[Duration::from_secs(1000)]).quantile(0.5), Duration::from_secs(1000));
    }
}
