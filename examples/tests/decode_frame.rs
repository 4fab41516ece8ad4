//! The example that prints frames, run as a person runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;
use std::process::{Command, Output};

/// ApiVersions v4 of a client "app", correlation id 7.
const REQUEST: &str = "00000019 0012 0004 00000007 0003 617070 00 06 6f74746c61 04 302e31 00";
/// The response to Metadata v9 with a broker and a topic, correlation id 8.
const RESPONSE: &str = "00000039 00000008 00 00000000 02 00000001 0a 6c6f63616c686f7374 00002384 00 00 00 00000001 \
                        02 0000 07 6576656e7473 00 01 80000000 00 80000000 00";

/// The example, which cargo builds beside its tests.
fn decode_frame(arguments: &[&str]) -> (Option<i32>, String, String) {
    let target = std::env::current_exe().unwrap();
    let program: PathBuf = target.ancestors().nth(2).unwrap().join("examples").join("decode_frame");
    let run = Command::new(&program).args(arguments).output();
    let Output { status, stdout, stderr } = run.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_request_says_what_it_is() {
    let (code, stdout, stderr) = decode_frame(&[REQUEST]);
    let expected = "ApiVersions request v4, correlation id 7, client id \"app\"\n\
                    {\n  \"clientSoftwareName\": \"ottla\",\n  \"clientSoftwareVersion\": \"0.1\"\n}\n";
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), expected, ""));
}

#[test]
fn a_response_is_read_as_what_was_asked_and_as_the_likeliest_without() {
    for arguments in [&[RESPONSE][..], &[RESPONSE, "--api", "metadata", "--version", "9"]] {
        let (code, stdout, stderr) = decode_frame(arguments);
        assert_eq!(code, Some(0), "{stderr}");
        assert!(stdout.starts_with("Metadata response v"), "{stdout}");
        assert!(stdout.contains("\"host\": \"localhost\",\n      \"port\": 9092,"), "{stdout}");
    }
    let (code, stdout, stderr) = decode_frame(&[RESPONSE, "--api", "Fetch", "--version", "12"]);
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.starts_with("decode_frame: Fetch response v12 cannot be read: "), "{stderr}");
}

#[test]
fn a_file_of_frames_is_printed_frame_by_frame() {
    let file = std::env::temp_dir().join(format!("ottla-decode-frame-{}.hex", std::process::id()));
    std::fs::write(&file, format!("{REQUEST}\n{REQUEST}\n")).unwrap();
    let (code, stdout, stderr) = decode_frame(&[file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout.matches("ApiVersions request v4").count(), 2);
}

#[test]
fn secrets_are_printed_only_when_they_are_asked_for() {
    // SaslAuthenticate v1 with PLAIN's "\0user\0hush".
    let frame = "0024 0001 00000001 ffff 0000000a 00 75736572 00 68757368";
    let (_, stdout, _) = decode_frame(&[frame]);
    assert!(stdout.contains("\"<redacted, 10 bytes>\""), "{stdout}");
    let (_, stdout, _) = decode_frame(&[frame, "--whole"]);
    assert!(stdout.contains("\"AHVzZXIAaHVzaA==\""), "{stdout}");
}

#[test]
fn help_fits_a_screen_and_a_wrong_argument_is_named() {
    let (code, help, _) = decode_frame(&["--help"]);
    assert_eq!(code, Some(0));
    assert!(help.lines().count() <= 24 && help.lines().all(|line| line.len() <= 120), "{help}");
    for (arguments, named) in
        [(&["--hex"][..], "--hex"), (&[][..], "which frame"), (&["no-such-file"][..], "no-such-file")]
    {
        let (code, _, stderr) = decode_frame(arguments);
        assert_eq!(code, Some(2), "{stderr}");
        assert!(stderr.contains(named), "{stderr}");
    }
}
