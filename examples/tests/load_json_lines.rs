//! The bulk loader, run as a person runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use ottla_mockbroker::{MockCluster, NewTopic, Protocol};

const EVENTS_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/events.jsonl");

/// Runs the example, which cargo builds beside its tests, on `cluster`, or on a mock cluster of its own.
fn load(cluster: Option<&MockCluster>, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let target = std::env::current_exe().unwrap();
    let program: PathBuf = target.ancestors().nth(2).unwrap().join("examples").join("load_json_lines");
    let mut command = Command::new(&program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["BOOTSTRAP", "SECURITY", "SASL_MECHANISM", "TLS_CA", "TLS_CERT", "TLS_KEY"] {
        command.env_remove(name);
    }
    if let Some(cluster) = cluster {
        command.env("BOOTSTRAP", cluster.bootstrap_of(Protocol::Plaintext)).env("SECURITY", "plaintext");
    }
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    // Where it does not read its input, the pipe may be closed already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn cluster() -> MockCluster {
    let cluster = MockCluster::builder().plaintext().start_blocking().unwrap();
    cluster.create_topic(&NewTopic::new("events").partitions(3)).unwrap();
    cluster
}

/// The values in the log of each partition, by their keys, in order.
fn log(cluster: &MockCluster) -> BTreeMap<(i32, String), Vec<String>> {
    let text = |bytes: Option<&[u8]>| String::from_utf8(bytes.unwrap_or_default().to_vec()).unwrap();
    let mut log: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for partition in 0..3 {
        for batch in cluster.records("events", partition).unwrap() {
            let batch = batch.decompress(&ottla_wire::compression::Limits::default()).unwrap();
            for record in batch.records().unwrap() {
                let record = record.unwrap();
                log.entry((partition, text(record.key))).or_default().push(text(record.value));
            }
        }
    }
    log
}

#[test]
fn every_line_of_a_file_is_loaded_by_its_key_and_in_order() {
    let cluster = cluster();
    let arguments = ["--topic", "events", "--key", "/user_id", "--codec", "lz4", EVENTS_FILE];
    let (code, stdout, stderr) = load(Some(&cluster), &arguments, "");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("load_json_lines: 2000 delivered, 0 failed, "), "{stdout}");
    let log = log(&cluster);
    let keys: Vec<&String> = log.keys().map(|(_, key)| key).collect();
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in ottla_examples::events().unwrap() {
        sent.entry(event.user_id.to_owned()).or_default().push(event.json.to_owned());
    }
    assert_eq!(keys.len(), sent.len(), "a key is in one partition");
    for ((_, key), values) in &log {
        assert_eq!(values, &sent[key]);
    }
}

#[test]
fn standard_input_is_loaded_up_to_the_line_that_is_none() {
    let cluster = cluster();
    let (code, stdout, stderr) = load(Some(&cluster), &["--topic", "events"], "{\"a\":1}\n\n[2]\nnone\n{\"a\":3}\n");
    assert_eq!(code, Some(1));
    assert!(stderr.contains("line 4 cannot be loaded: expected ident"), "{stderr}");
    assert!(stdout.starts_with("load_json_lines: 2 delivered, 0 failed, "), "{stdout}");
    let mut values: Vec<_> = log(&cluster).into_values().flatten().collect();
    values.sort();
    assert_eq!(values, ["[2]", "{\"a\":1}"]);
}

#[test]
fn without_a_cluster_it_brings_its_own() {
    let (code, stdout, stderr) = load(None, &["--topic", "loaded"], "1\n2\n3");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("load_json_lines: 3 delivered, 0 failed, ") && stderr.contains("a mock cluster"));
}

#[test]
fn a_record_that_is_refused_is_named_and_the_others_are_loaded() {
    let cluster = cluster();
    cluster.create_topic(&NewTopic::new("small").partitions(1).config("max.message.bytes", "500")).unwrap();
    let input = format!("1\n\"{}\"\n3\n", "x".repeat(1000));
    let (code, stdout, stderr) = load(Some(&cluster), &["--topic", "small"], &input);
    assert_eq!(code, Some(1), "{stderr}");
    assert!(stderr.contains("record 2 was not delivered: \"small\" partition 0"), "{stderr}");
    assert!(stdout.starts_with("load_json_lines: 2 delivered, 1 failed, "), "{stdout}");
}

#[test]
fn help_fits_a_screen_and_a_wrong_argument_is_named() {
    let (code, help, _) = load(None, &["--help"], "");
    assert_eq!(code, Some(0));
    assert!(help.lines().count() <= 24, "{help}");
    for (arguments, named) in [(&["--topics"][..], "--topics"), (&[][..], "which topic?")] {
        let (code, _, stderr) = load(None, arguments, "");
        assert_eq!(code, Some(2));
        assert!(stderr.contains(named), "{stderr}");
    }
    let (code, _, stderr) = load(None, &["--topic", "events", "no-such-file"], "");
    assert_eq!(code, Some(1));
    assert!(stderr.contains("\"no-such-file\" cannot be read"), "{stderr}");
}
