//! The service that embeds the producer, run as an orchestrator runs it and called over plain HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use ottla_mockbroker::{MockCluster, NewTopic, Protocol};

/// The example, which cargo builds beside its tests, while it runs.
struct Service {
    child: Child,
    stdout: BufReader<ChildStdout>,
    address: String,
}

impl Service {
    fn start(cluster: &MockCluster) -> Self {
        let target = std::env::current_exe().unwrap();
        let program: PathBuf = target.ancestors().nth(2).unwrap().join("examples").join("axum_service");
        let mut child = Command::new(&program)
            .env("BOOTSTRAP", cluster.bootstrap_of(Protocol::Plaintext))
            .envs([("SECURITY", "plaintext"), ("TOPIC", "events"), ("LISTEN", "127.0.0.1:0")])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect(&line).to_owned();
        Self { child, stdout, address }
    }

    /// Sends a request and gives back what is to read the answer from.
    fn ask(&self, method: &str, path: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(stream, "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n")
            .unwrap();
        stream.write_all(body).unwrap();
        stream
    }

    fn post(&self, key: &str, body: &[u8]) -> String {
        answer(self.ask("POST", &format!("/events/{key}"), body))
    }

    fn buffer_used_bytes(&self) -> usize {
        let metrics = answer(self.ask("GET", "/metrics", b""));
        let (_, after) = metrics.split_once("\"buffer_used_bytes\":").unwrap();
        after.split(',').next().unwrap().parse().unwrap()
    }

    /// Asks it to end as an orchestrator does; says what it said since, and whether it ended well.
    fn terminate(mut self) -> (String, bool) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        let mut said = String::new();
        self.stdout.read_to_string(&mut said).unwrap();
        (said, self.child.wait().unwrap().success())
    }
}

/// It does not outlive a test that fails.
impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The whole answer, as text.
fn answer(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn cluster() -> MockCluster {
    let cluster = MockCluster::builder().brokers(1).plaintext().start_blocking().unwrap();
    cluster.create_topic(&NewTopic::new("events").partitions(1)).unwrap();
    cluster
}

fn records(cluster: &MockCluster) -> i64 {
    cluster.records("events", 0).unwrap().iter().map(|batch| i64::from(batch.record_count())).sum()
}

#[test]
fn a_request_is_answered_with_where_its_record_is() {
    let cluster = cluster();
    let service = Service::start(&cluster);
    for offset in 0..3 {
        let answer = service.post("user1", b"{\"clicked\":true}");
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(answer.ends_with(&format!("{{\"offset\":{offset},\"partition\":0}}")), "{answer}");
    }
    let large = service.post("user1", &vec![b'x'; 1000 * 1024 + 1]);
    assert!(large.starts_with("HTTP/1.1 413 "), "{large}");
    let metrics = answer(service.ask("GET", "/metrics", b""));
    assert!(
        metrics.contains("\"record_acknowledged_total\":3") && metrics.contains("\"buffer_used_bytes\":0"),
        "{metrics}"
    );
    assert_eq!(service.terminate(), ("ended: 3 delivered, 0 failed\n".to_owned(), true));
    assert_eq!(records(&cluster), 3);
}

#[test]
fn callers_beyond_the_buffer_are_sent_away_and_those_within_are_answered_when_the_broker_is_back() {
    let cluster = cluster();
    let service = Service::start(&cluster);
    assert!(service.post("first", b"v").starts_with("HTTP/1.1 201 "));
    let broker = cluster.leader("events", 0).unwrap();
    cluster.pause_broker(broker).unwrap();
    // The buffer of 8 MiB has room for eight of them.
    let body = vec![b'x'; 1000 * 1024];
    let asked: Vec<_> = (0..8).map(|caller| service.ask("POST", &format!("/events/{caller}"), &body)).collect();
    while service.buffer_used_bytes() < 8 * body.len() {}
    let late = service.post("late", &body);
    assert!(late.starts_with("HTTP/1.1 503 "), "{late}");
    assert!(late.contains("retry-after: 1\r\n") && late.contains("buffer_bytes_max"), "{late}");
    cluster.resume_broker(broker).unwrap();
    for delivered in asked.into_iter().map(answer) {
        assert!(delivered.starts_with("HTTP/1.1 201 "), "{delivered}");
    }
    assert!(service.post("late", &body).starts_with("HTTP/1.1 201 "));
    assert_eq!(service.terminate(), ("ended: 10 delivered, 0 failed\n".to_owned(), true));
    assert_eq!(records(&cluster), 10);
}

#[test]
fn a_service_that_is_asked_to_end_answers_the_requests_that_it_has() {
    let cluster = cluster();
    let service = Service::start(&cluster);
    assert!(service.post("first", b"v").starts_with("HTTP/1.1 201 "));
    let broker = cluster.leader("events", 0).unwrap();
    cluster.pause_broker(broker).unwrap();
    let waiting = service.ask("POST", "/events/second", b"v");
    while service.buffer_used_bytes() == 0 {}
    let ended = thread::spawn(move || service.terminate());
    cluster.resume_broker(broker).unwrap();
    let answer = answer(waiting);
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(ended.join().unwrap(), ("ended: 2 delivered, 0 failed\n".to_owned(), true));
}
