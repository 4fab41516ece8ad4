//! Each fuzz target holds for its whole corpus, on stable: what the fuzzer once found stays found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

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
fn each_target_has_its_law_its_program_and_its_corpus() {
    let laws: BTreeSet<String> = fuzz::TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect();
    assert_eq!(laws, stems("corpus"));
    assert_eq!(laws, stems("fuzz_targets"));
    let manifest = fs::read_to_string(in_fuzz("Cargo.toml")).unwrap();
    let programs =
        manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    assert_eq!(laws, programs.map(str::to_owned).collect());
}
