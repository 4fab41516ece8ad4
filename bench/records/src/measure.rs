//! Nanoseconds of this thread's CPU time, each contender in turn.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::workload::RECORDS;

/// How many times each contender is measured; the middle one counts.
pub(crate) const ROUNDS: usize = 5;

/// How many parts a round has for each; the fastest counts, for what a neighbour on the machine takes away it takes from some.
const PARTS: usize = 5;

/// How long a part is, at the least one batch.
const PART: Duration = Duration::from_millis(2);

/// One that is measured, a batch at each call.
pub(crate) struct Lane<'a> {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut() -> anyhow::Result<()> + 'a>,
}

/// What a contender needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    /// The median of the rounds.
    pub(crate) ns_per_record: f64,
    /// The slowest round less the fastest, as a part of the median.
    pub(crate) spread: f64,
}

/// Measures all lanes in turn, round by round, so that what disturbs one disturbs the others too.
pub(crate) fn interleaved(lanes: &mut [Lane<'_>]) -> anyhow::Result<Vec<Timing>> {
    let batches: Vec<u32> = lanes.iter_mut().map(warm_up).collect::<anyhow::Result<_>>()?;
    let mut rounds = vec![Vec::with_capacity(ROUNDS); lanes.len()];
    for round in 0..ROUNDS {
        for turn in 0..lanes.len() {
            // Nobody always follows the same one.
            let at = (turn + round) % lanes.len();
            rounds[at].push(sample(&mut lanes[at], batches[at])?);
        }
    }
    Ok(rounds.into_iter().map(timing).collect())
}

/// Runs the lane for a round's time, and says how many batches a part has.
fn warm_up(lane: &mut Lane<'_>) -> anyhow::Result<u32> {
    let start = thread_time();
    let mut batches = 0_u32;
    while thread_time() - start < PART * PARTS as u32 {
        (lane.run)()?;
        batches += 1;
    }
    Ok(batches.div_ceil(PARTS as u32))
}

fn sample(lane: &mut Lane<'_>, batches: u32) -> anyhow::Result<f64> {
    // What the lane before it left in the caches is not its own.
    (lane.run)()?;
    let mut fastest = f64::INFINITY;
    for _ in 0..PARTS {
        let start = thread_time();
        for _ in 0..batches {
            (lane.run)()?;
        }
        let spent = thread_time() - start;
        fastest = fastest.min(spent.as_nanos() as f64 / f64::from(batches) / RECORDS as f64);
    }
    Ok(fastest)
}

fn timing(mut rounds: Vec<f64>) -> Timing {
    rounds.sort_by(f64::total_cmp);
    let ns_per_record = rounds[ROUNDS / 2];
    Timing { ns_per_record, spread: (rounds[ROUNDS - 1] - rounds[0]) / ns_per_record }
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
