//! Records go where the producers go that others have: held to hashes and partitions that Kafka's own classes and zlib computed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::num::NonZeroU32;

use ottla_core::cluster::{Partition, Topic};
use ottla_core::partitioner::{Balance, for_key, for_key_by_crc32, in_turn, murmur2};
use ottla_wire::{BrokerId, LeaderEpoch, TopicId};
use serde_json::Value;

fn lines(file: &str) -> Vec<Value> {
    let path = format!("{}/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<_> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() >= 60, "{} lines in {file}", lines.len());
    lines
}

fn key(line: &Value) -> Vec<u8> {
    let hex = line["key_hex"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Holds a way from a key to its partition to each line of a file.
fn check_keys(file: &str, chosen: fn(&[u8], NonZeroU32) -> i32) {
    for line in lines(file) {
        for (count, partition) in line["partitions"].as_object().unwrap() {
            let partitions: NonZeroU32 = count.parse().unwrap();
            assert_eq!(i64::from(chosen(&key(&line), partitions)), partition.as_i64().unwrap(), "{line}");
        }
    }
}

/// Pairs of numbers.
fn pairs(values: &Value) -> Vec<(i32, u32)> {
    let number = |value: &Value| value.as_i64().unwrap();
    let pair = |value: &Value| (number(&value[0]).try_into().unwrap(), number(&value[1]).try_into().unwrap());
    values.as_array().unwrap().iter().map(pair).collect()
}

/// The topic that a line tells of.
fn topic(line: &Value) -> Topic {
    let led = line["led"].as_array().unwrap();
    let partition = |index: i64| {
        let leader = led.contains(&index.into()).then_some(BrokerId(1));
        Partition { leader, leader_epoch: LeaderEpoch(0) }
    };
    let partitions = (0..line["partitions"].as_i64().unwrap()).map(partition).collect();
    Topic { name: "events".into(), id: TopicId::ZERO, partitions }
}

#[test]
fn keys_have_the_hashes_of_java() {
    for line in lines("murmur2.jsonl") {
        assert_eq!(i64::from(murmur2(&key(&line)).cast_signed()), line["murmur2"].as_i64().unwrap(), "{line}");
    }
}

#[test]
fn keys_go_to_the_partitions_of_java() {
    check_keys("murmur2.jsonl", for_key);
}

#[test]
fn keys_go_to_the_partitions_of_librdkafka() {
    check_keys("crc32.jsonl", for_key_by_crc32);
}

#[test]
fn records_without_a_key_go_where_java_sends_them_by_the_queues_and_the_same_random_number() {
    let mut weighted = 0;
    for line in lines("partitioners.jsonl") {
        let (topic, queues) = (topic(&line), pairs(&line["queues"]));
        let balance = Balance::by_queues(&topic, &queues);
        for (random, partition) in pairs(&line["draws"]) {
            let (random, partition) = (random.unsigned_abs().into(), partition.cast_signed());
            assert_eq!(balance.next(None, random), Some(partition), "{random} of {line}");
        }
        weighted += usize::from(!queues.iter().all(|(_, length)| *length == queues[0].1));
    }
    assert!(weighted >= 10, "{weighted} of different queues");
}

#[test]
fn partitions_take_turns_as_javas_do() {
    for line in lines("partitioners.jsonl") {
        let turns = line["in_turn"].as_array().unwrap();
        for (before, partition) in (0..).zip(turns) {
            assert_eq!(in_turn(&topic(&line), before).map(i64::from), partition.as_i64(), "{before} of {line}");
        }
    }
}
