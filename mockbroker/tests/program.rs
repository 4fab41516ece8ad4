//! The program: the line that says that it is ready, its end, and what it says of arguments that cannot be.

#![cfg(all(unix, feature = "program"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program as it runs. It is ended when the test is.
struct Running {
    child: Child,
    ready: Value,
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mockbroker"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        Self { child, ready }
    }

    /// Sends a signal; returns the exit code, and whatever the program still said.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        let mut said = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (code, said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _is_gone = self.child.kill();
        let _code = self.child.wait();
    }
}

/// Runs the program to its end, which is expected to come by itself.
fn ended(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = program(arguments).output().unwrap();
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no text {key} in {value}"))
}

/// A path of this test's own, at which there is nothing yet.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.is_dir() {
        fs::remove_dir_all(&path).unwrap();
    } else if path.exists() {
        fs::remove_file(&path).unwrap();
    }
    path
}

#[test]
fn the_line_says_all_that_a_script_needs() {
    let all = ["--listener", "PLAINTEXT:0", "--listener", "PLAINTEXT:0@kafka", "--listener", "IAM:0", "--listener"];
    let rest = ["SASL_SSL:0:SCRAM-SHA-512,PLAIN", "--user", "AWS_MSK_IAM:app", "--user", "AWS_MSK_IAM:own:AKIAOWN:s"];
    let more = ["--user", "PLAIN:bob:secret", "--brokers", "2", "--region", "eu-west-1"];
    let running = Running::start(&[&all[..], &rest, &more].concat());
    let ready = &running.ready;
    let listeners = ready["listeners"].as_array().unwrap();
    let names: Vec<&str> = listeners.iter().map(|listener| text(listener, "name")).collect();
    assert_eq!(names, ["PLAINTEXT", "PLAINTEXT_2", "IAM", "SASL_SSL"]);
    assert_eq!(text(ready, "bootstrap"), text(&listeners[0], "bootstrap"));
    assert!(text(&listeners[1], "bootstrap").starts_with("kafka:"));
    assert_eq!(text(&listeners[2], "protocol"), "SASL_SSL");
    assert_eq!(listeners[2]["mechanisms"], serde_json::json!(["AWS_MSK_IAM", "OAUTHBEARER"]));
    assert_eq!(listeners[3]["mechanisms"], serde_json::json!(["SCRAM-SHA-512", "PLAIN"]));
    assert!(text(ready, "ca").starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!((text(ready, "cluster_id").len(), text(ready, "region")), (22, "eu-west-1"));
    assert_eq!(text(&ready["credentials"]["own"], "access_key_id"), "AKIAOWN");
    assert_eq!(text(&ready["credentials"]["app"], "secret_access_key").len(), 40);
    assert_eq!(ready["tls_dir"], Value::Null);
    for address in text(ready, "bootstrap").split(',') {
        let address = address.to_socket_addrs().unwrap().find(|at| at.is_ipv4()).unwrap();
        assert!(TcpStream::connect(address).is_ok(), "{address}");
    }
}

#[test]
fn a_signal_ends_it_cleanly_and_frees_its_ports() {
    for signal in ["TERM", "INT"] {
        let running = Running::start(&["--listener", "PLAINTEXT:0"]);
        let port: u16 = text(&running.ready, "bootstrap").rsplit(':').next().unwrap().parse().unwrap();
        assert_eq!(running.end(signal), (Some(0), String::new()), "{signal}");
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
    }
}

#[test]
fn certificates_and_keys_are_written_for_their_owner_alone() {
    let folder = folder("program-tls").join("new");
    let running = Running::start(&["--listener", "SSL:0:client-auth=required", "--tls-dir", folder.to_str().unwrap()]);
    assert_eq!(text(&running.ready, "tls_dir"), folder.to_str().unwrap());
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(read("ca.pem"), text(&running.ready, "ca"));
    for name in ["broker", "client"] {
        assert!(
            read(&format!("{name}.pem")).ends_with(text(&running.ready, "ca")),
            "the chain ends with the authority"
        );
        let key = format!("{name}-key.pem");
        assert!(read(&key).starts_with("-----BEGIN PRIVATE KEY-----"));
        assert_eq!(fs::metadata(folder.join(&key)).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(read("client.properties"), read("SSL/client.properties"));
    for (name, pem) in [("librdkafka.conf", "client-key.pem"), ("kafka_python.py", "ca.pem")] {
        assert!(read(&format!("SSL/{name}")).contains(folder.join(pem).to_str().unwrap()), "{name}");
    }
    for keystore in ["ca.p12", "client.p12"] {
        assert!(fs::read(folder.join(keystore)).unwrap().starts_with(&[0x30, 0x82]), "a sequence in DER");
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = folder("program-file");
    fs::write(&folder, "a file").unwrap();
    let (code, told) = ended(&["--listener", "PLAINTEXT:0", "--tls-dir", folder.to_str().unwrap()]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with(&format!("mockbroker: cannot write {}: ", folder.display())), "{told}");
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let (code, told) = ended(&["--listener", &format!("PLAINTEXT:{port}")]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with(&format!("mockbroker: cannot listen on 127.0.0.1:{port}: Address")), "{told}");
}

#[test]
fn what_is_wrong_with_an_argument_is_said_with_its_name() {
    for (arguments, named) in [
        (&["--listener", "TLS:9094"][..], "--listener"),
        (&["--listener", "SASL_SSL:9096"], "SASL_SSL needs mechanisms"),
        (&["--user", "PLAIN:alice"], "--user"),
        (&["--brokers", "0"], "--brokers"),
        (&["--broker", "1"], "--broker"),
        (&["--bind", "localhost"], "--bind"),
        (&["topics"], "topics"),
        (&["-c", "log.retention.hours"], "--broker-config"),
        (&["--topic", "orders:none"], "--topic"),
    ] {
        let (code, told) = ended(arguments);
        assert_eq!(code, Some(2), "{told}");
        assert!(told.contains(named), "{arguments:?}: {told}");
    }
    for (arguments, named) in [
        (
            &["--listener", "PLAINTEXT:0", "--user", "PLAIN:a:b", "--user", "PLAIN:a:c"][..],
            "user \"a\" of PLAIN stands twice",
        ),
        (&["--listener", "SSL:0", "--ssl-principal-mapping-rules", "RULE"], "\"RULE\" is no rule"),
        (&["--port", "0", "--kafka-version", "1.0"], "4.4"),
        (&["--port", "0", "-c", "num.partitions=many"], "num.partitions"),
        (&["--port", "0", "--topic", "a b"], "topic \"a b\" cannot be created: "),
        (
            &["--brokers", "3", "--listener", "PLAINTEXT:0,0"],
            "2 ports are listed for the 3 brokers of listener PLAINTEXT",
        ),
        (&["--listener", "PLAINTEXT:0", "--advertised-host", "no host"], "\"no host\" is no host name"),
    ] {
        let (code, told) = ended(arguments);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains(named), "{arguments:?}: {told}");
    }
}

#[test]
fn the_end_of_the_standard_input_ends_it_where_that_is_asked_for() {
    let mut child = program(&["--port", "0", "--exit-with-stdin"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    stdin.write_all(b"what comes there is passed over\n").unwrap();
    assert_eq!(child.try_wait().unwrap(), None);
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_file_says_what_the_command_line_could_and_the_command_line_wins() {
    let file = folder("program.toml");
    let said = "brokers = 2\nregion = 'eu-west-1'\nlistener = ['PLAINTEXT:0', 'SSL:0']\ntopic = ['orders:3']\n";
    fs::write(&file, said).unwrap();
    let running = Running::start(&["--config", file.to_str().unwrap(), "--listener", "PLAINTEXT:0"]);
    assert_eq!(running.ready["listeners"].as_array().unwrap().len(), 1);
    assert_eq!(text(&running.ready, "region"), "eu-west-1");
    assert_eq!(text(&running.ready, "bootstrap").split(',').count(), 2);
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_name() {
    let file = folder("wrong.toml");
    let name = file.to_str().unwrap();
    let (code, told) = ended(&["--config", name]);
    assert_eq!((code, told.starts_with(&format!("mockbroker: {name}: cannot be read: "))), (Some(2), true), "{told}");
    fs::write(&file, "brokerz = 3").unwrap();
    let (code, told) = ended(&["--config", name]);
    let expected = format!("mockbroker: {name}: there is no \"brokerz\"; the nearest is \"brokers\"\n");
    assert_eq!((code, told), (Some(2), expected));
}

#[test]
fn the_help_names_every_argument_and_shows_examples() {
    let help = String::from_utf8(program(&["--help"]).output().unwrap().stdout).unwrap();
    for told in [
        "--brokers <N>",
        "--first-broker-id",
        "--racks",
        "--topic",
        "--exit-with-stdin",
        "--config <FILE>",
        "--listener",
        "--user",
        "--tls-dir",
        "Examples:",
        "PLAINTEXT:29092@kafka",
    ] {
        assert!(help.contains(told), "{told} is not in {help}");
    }
    let longest = help.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(longest.chars().count() <= 140, "{longest}");
}
