//! The producer under every fault: random faults over random traffic, in memory and in virtual time, all of it drawn from a seed.
//!
//! ```sh
//! OTTLA_SEED=123 cargo test -p protocol-tests --test producer_simulation whatever -- --nocapture   # one story again, told as it goes
//! OTTLA_SEEDS=100000 cargo test -p protocol-tests --test producer_simulation whatever              # more of them than by default
//! cargo test -p protocol-tests --features planted-bugs --test producer_simulation                  # each planted bug is caught, too
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod dice;
mod faults;
mod laws;
mod plan;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ottla::DeliveryError;
#[cfg(feature = "planted-bugs")]
use ottla::PlantedBug;

use plan::{Plan, Step};
use world::{End, Make, Story, tell};

/// How many stories are told by default.
const SEEDS: u64 = 1000;

/// A producer without bugs that we know of.
const AS_IT_IS: Make = |builder| builder;

/// What became of some stories.
#[derive(Default)]
struct Tally {
    struck: BTreeMap<String, u64>,
    ends: BTreeMap<&'static str, u64>,
    broken: BTreeMap<u64, String>,
}

impl Tally {
    fn count(&mut self, plan: &Plan, story: &Story) {
        for (fault, strikes) in &story.struck {
            *self.struck.entry(fault.clone()).or_default() += strikes;
        }
        for sent in &story.records {
            *self.ends.entry(name_of(&sent.end)).or_default() += 1;
        }
        self.broken.extend(laws::broken(plan, story).map(|law| (plan.seed, law)));
    }

    fn add(mut self, other: Self) -> Self {
        for (fault, strikes) in other.struck {
            *self.struck.entry(fault).or_default() += strikes;
        }
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
        self.broken.extend(other.broken);
        self
    }
}

const fn name_of(end: &End) -> &'static str {
    match end {
        End::NotTaken { .. } => "not taken",
        End::Never => "never",
        End::Ended { result: Ok(_), .. } => "delivered",
        End::Ended { result: Err(DeliveryError::NotSent { .. }), .. } => "not sent",
        End::Ended { result: Err(DeliveryError::OutcomeUnknown { .. }), .. } => "outcome unknown",
        End::Ended { result: Err(_), .. } => "refused",
    }
}

/// Tells the stories of some seeds with all processors there are, with producers that are made so.
fn tell_all(seeds: Range<u64>, make: Make) -> Tally {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return tally;
            }
            let plan = Plan::of(seed);
            match catch_unwind(AssertUnwindSafe(|| tell(&plan, make))) {
                Ok(story) => tally.count(&plan, &story),
                Err(_) => drop(tally.broken.insert(seed, "it panics".to_owned())),
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(Tally::default(), Tally::add)
    })
}

/// A number that the environment gives.
fn asked(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text:?}")))
}

fn replay(seed: u64) -> String {
    format!("OTTLA_SEED={seed} cargo test -p protocol-tests --test producer_simulation whatever -- --nocapture")
}

/// Tells one story aloud.
fn tell_aloud(seed: u64) {
    let plan = Plan::of(seed);
    println!("{:#?}", plan.settings);
    let story = tell(&plan, AS_IT_IS);
    story.told.iter().for_each(|line| println!("{line}"));
    for (number, sent) in story.records.iter().enumerate() {
        println!("record {number}: {:?}", sent.end);
    }
    story.journal.iter().for_each(|entry| println!("{entry}"));
    println!("{:#?}", story.logs);
    assert_eq!(laws::broken(&plan, &story), None, "seed {seed}");
}

#[test]
fn whatever_fails_each_record_ends_in_time_in_order_and_as_it_is_said_to() {
    if let Some(seed) = asked("OTTLA_SEED") {
        return tell_aloud(seed);
    }
    let tally = tell_all(0..asked("OTTLA_SEEDS").unwrap_or(SEEDS), AS_IT_IS);
    println!("{:?}\n{:?}", tally.ends, tally.struck);
    if let Some((seed, law)) = tally.broken.first_key_value() {
        panic!("seed {seed}: {law}\n{} seeds fail: {:?}\n{}", tally.broken.len(), tally.broken.keys(), replay(*seed));
    }
    // Stories in which nothing goes wrong would hold nothing to anything.
    for end in ["delivered", "not sent", "outcome unknown", "refused", "not taken"] {
        assert!(tally.ends.contains_key(end), "no record ended as {end}: {:?}", tally.ends);
    }
    let unstruck: Vec<_> = tally.struck.iter().filter(|(_, strikes)| **strikes == 0).collect();
    assert!(tally.struck.len() >= 15 && unstruck.is_empty(), "{:?}", tally.struck);
}

#[test]
fn a_seed_tells_the_same_story_each_time() {
    for seed in 0..40 {
        let plan = Plan::of(seed);
        let [first, second] = [(); 2].map(|()| tell(&plan, AS_IT_IS));
        assert_eq!(first.told, second.told, "seed {seed}");
        for (one, other) in first.journal.iter().zip(&second.journal) {
            assert_eq!(one, other, "seed {seed}");
        }
        assert_eq!(first.journal.len(), second.journal.len(), "seed {seed}");
        let closes = plan.steps.iter().any(|step| matches!(step, Step::Close(_)));
        assert_eq!(first.closed.is_some(), closes);
    }
}

#[cfg(feature = "planted-bugs")]
#[test]
fn each_planted_bug_is_found() {
    const BUGGY: [Make; 3] = [
        |builder| builder.planted_bug(PlantedBug::ReusedSequence),
        |builder| builder.planted_bug(PlantedBug::LostRetry),
        |builder| builder.planted_bug(PlantedBug::DoubledBatch),
    ];
    for (bug, make) in PlantedBug::ALL.into_iter().zip(BUGGY) {
        let broken = (0..SEEDS).find_map(|seed| tell_all(seed..seed + 1, make).broken.pop_first());
        let (seed, law) = broken.unwrap_or_else(|| panic!("{SEEDS} seeds do not find {bug:?}"));
        println!("{bug:?} is found by seed {seed}: {law}");
    }
}
