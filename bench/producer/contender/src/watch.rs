//! How long it took, on the clock and on the processors.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

/// Runs from its start.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    begun: Instant,
    cpu: Duration,
}

/// What a contender says in the end, as one line of JSON.
#[derive(Debug)]
pub struct Report {
    elapsed: Duration,
    cpu: Duration,
    /// How many records it measured, without the first ones.
    records: usize,
    latencies: Vec<Duration>,
}

impl Watch {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self { begun: Instant::now(), cpu: process_cpu() }
    }

    /// The time since its start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Ends it: `records` were acknowledged since its start, in latency mode each after its time.
    #[must_use]
    pub fn report(self, records: usize, latencies: Vec<Duration>) -> Report {
        Report { elapsed: self.elapsed(), cpu: process_cpu().saturating_sub(self.cpu), records, latencies }
    }
}

impl Report {
    /// Prints it.
    pub fn print(mut self) {
        self.latencies.sort();
        let percentile = |of: usize| self.latencies.get(self.latencies.len() * of / 100).map(Duration::as_secs_f64);
        let line = json!({
            "seconds": self.elapsed.as_secs_f64(),
            "cpu_seconds": self.cpu.as_secs_f64(),
            "records": self.records,
            "p50_seconds": percentile(50),
            "p99_seconds": percentile(99),
        });
        println!("{line}");
    }
}

/// The processor time of all threads of this process, in user code and in the kernel.
fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}
