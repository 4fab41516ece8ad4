//! Keys go where Java's producer puts them: held to hashes and partitions that Kafka's own classes computed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::num::NonZeroU32;

use ottla_core::partitioner::{for_key, murmur2};
use serde_json::Value;

fn lines() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/murmur2.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn key(line: &Value) -> Vec<u8> {
    let hex = line["key_hex"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn keys_have_the_hashes_of_java() {
    let lines = lines();
    assert!(lines.len() >= 100, "{} keys", lines.len());
    for line in lines {
        assert_eq!(i64::from(murmur2(&key(&line)).cast_signed()), line["murmur2"].as_i64().unwrap(), "{line}");
    }
}

#[test]
fn keys_go_to_the_partitions_of_java() {
    for line in lines() {
        for (count, partition) in line["partitions"].as_object().unwrap() {
            let partitions: NonZeroU32 = count.parse().unwrap();
            assert_eq!(i64::from(for_key(&key(&line), partitions)), partition.as_i64().unwrap(), "{line}");
        }
    }
}
