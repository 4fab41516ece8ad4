//! Each fuzz target holds for its whole corpus, on stable: what the fuzzer once found stays found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ottla_wire::schema::{self, Role};

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

/// The longest input that `fuzz/run` lets libFuzzer make.
const INPUT_BYTES: usize = 8192;

/// The fewest inputs that a corpus must have, so that an empty folder does not pass for a replayed one.
const CORPUS_MIN: usize = 5;

fn in_fuzz(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(path)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn stems(folder: &str) -> BTreeSet<String> {
    files(&in_fuzz(folder)).iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn each_target_holds_for_its_corpus() {
    for (target, check) in fuzz::TARGETS {
        let inputs = files(&in_fuzz("corpus").join(target));
        assert!(inputs.len() >= CORPUS_MIN, "{} inputs in the corpus of {target}", inputs.len());
        for input in inputs {
            println!("{}", input.display());
            check(&fs::read(input).unwrap());
        }
    }
}

#[test]
fn the_seeds_of_messages_hold_and_reach_every_message_of_an_api_at_every_version() {
    let mut reached = BTreeSet::new();
    for seed in fuzz::seeds() {
        let (message, version, body) = fuzz::chosen(&seed).unwrap();
        assert_eq!(schema::preflight_message(message, version, body), Ok(()), "{} v{version}", message.name);
        fuzz::message(&seed);
        reached.insert((message.name, version));
    }
    let of_apis = schema::messages().filter(|message| matches!(message.role, Role::Request(_) | Role::Response(_)));
    let every = of_apis.flat_map(|message| {
        let versions = message.versions.min..=message.versions.max;
        versions.map(|version| (message.name, version))
    });
    assert_eq!(reached, every.collect());
}

#[test]
fn messages_begin_anew_at_each_of_the_seeds_in_turn() {
    assert!(fs::read_to_string(in_fuzz("run")).unwrap().contains(&format!("-max_len={INPUT_BYTES} ")));
    let mut input = vec![0; INPUT_BYTES];
    let mut begun = BTreeSet::new();
    let turns = 8 * u32::try_from(fuzz::seeds().count()).unwrap();
    for chance in 0..turns {
        if let Some(size) = fuzz::begin_anew(&mut input, chance) {
            begun.insert(input[..size].to_vec());
        }
    }
    assert_eq!(begun, fuzz::seeds().collect());
    assert_eq!(fuzz::begin_anew(&mut [], 0), None, "no seed has room in nothing");
}

#[test]
fn each_target_has_its_law_its_program_and_its_corpus() {
    let mut laws: BTreeSet<String> = fuzz::TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect();
    assert_eq!(laws, stems("corpus"));
    laws.insert("canary".to_owned());
    assert_eq!(laws, stems("fuzz_targets"));
    let manifest = fs::read_to_string(in_fuzz("Cargo.toml")).unwrap();
    let programs =
        manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    assert_eq!(laws, programs.map(str::to_owned).collect());
}

#[test]
#[should_panic(expected = "the canary is dead")]
fn the_canary_dies_of_a_length_that_lies() {
    fuzz::canary(&[0, 3, 0, 4, 0, 0, 0, 1, 0, 0, 9]);
}
