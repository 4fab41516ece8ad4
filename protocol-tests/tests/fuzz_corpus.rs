//! Each fuzz target holds for its whole corpus, on stable: what the fuzzer once found stays found.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

use std::fs;
use std::path::Path;

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// The fewest inputs that a corpus must have, so that an empty folder does not pass for a replayed one.
const CORPUS_MIN: usize = 5;

fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let inputs: Vec<_> = fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(inputs.len() >= CORPUS_MIN, "{} inputs in {}", inputs.len(), corpus.display());
    for input in inputs {
        check(&fs::read(input).unwrap());
    }
}

#[test]
fn the_corpus_of_frames_holds() {
    replay("frame", targets::frame);
}

#[test]
fn the_corpus_of_request_headers_holds() {
    replay("request_header", targets::request_header);
}

#[test]
fn the_corpus_of_messages_holds() {
    replay("message", targets::message);
}

#[test]
fn the_corpus_of_record_batches_holds() {
    replay("record_batch", targets::record_batch);
}

#[test]
fn the_corpus_of_iam_payloads_holds() {
    replay("iam_payload", targets::iam_payload);
}

#[test]
fn the_corpus_of_gzip_holds() {
    replay("gzip", targets::gzip);
}

#[test]
fn the_corpus_of_snappy_holds() {
    replay("snappy", targets::snappy);
}

#[test]
fn the_corpus_of_lz4_holds() {
    replay("lz4", targets::lz4);
}

#[test]
fn the_corpus_of_zstd_holds() {
    replay("zstd", targets::zstd);
}
