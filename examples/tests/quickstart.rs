//! The README's main job, run as a new user runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Output};

/// The example, which cargo builds beside its tests.
fn quickstart(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let target = std::env::current_exe().unwrap();
    let program: PathBuf = target.ancestors().nth(2).unwrap().join("examples").join("quickstart");
    let mut command = Command::new(&program);
    let of_a_cluster = ["BOOTSTRAP", "SECURITY", "SASL_MECHANISM", "TLS_CA", "TLS_CERT", "TLS_KEY"];
    for name in of_a_cluster.into_iter().chain(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"]) {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

#[test]
fn without_a_cluster_it_brings_its_own_and_everything_comes_back() {
    let Output { status, stdout, stderr } = quickstart(&[], &[]);
    let stdout = String::from_utf8(stdout).unwrap();
    assert!(status.success(), "{stdout}{}", String::from_utf8_lossy(&stderr));
    let last = "quickstart: 2000 produced, 2000 consumed, 2000 distinct, in order per key";
    assert_eq!(stdout.lines().last(), Some(last));
    assert!(stdout.contains("retention.ms=604800000") && stdout.contains("Access denied"), "{stdout}");
}

#[test]
fn everything_comes_back_in_each_codec() {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let Output { status, stdout, stderr } = quickstart(&["--codec", codec], &[]);
        let stdout = String::from_utf8(stdout).unwrap();
        assert!(status.success(), "{stdout}{}", String::from_utf8_lossy(&stderr));
        let produced = stdout.lines().find(|line| line.starts_with("produced 2000 records")).unwrap();
        assert!(produced.ends_with(&format!("codec {codec}")), "{produced}");
    }
}

#[test]
fn help_fits_a_screen_and_a_wrong_argument_is_named() {
    let help = quickstart(&["--help"], &[]);
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(help.status.success() && text.contains("--codec") && text.lines().count() <= 24, "{text}");
    let wrong = quickstart(&["--codec=brotli"], &[]);
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said.contains("brotli") && said.contains("none, gzip, snappy, lz4, zstd"), "{said}");
}

#[test]
fn what_is_wrong_with_the_environment_is_said_and_the_exit_code_says_it_too() {
    let said = |variables: &[(&str, &str)]| {
        let output = quickstart(&[], variables);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let profile = said(&[("BOOTSTRAP", "b-1.x.kafka.us-east-1.amazonaws.com:9098"), ("AWS_PROFILE", "dev")]);
    assert!(
        profile.contains("AWS_PROFILE") && profile.contains("aws configure export-credentials --format env"),
        "{profile}"
    );
    let security = said(&[("BOOTSTRAP", "localhost:19092")]);
    assert!(security.contains("SECURITY"), "{security}");
}
