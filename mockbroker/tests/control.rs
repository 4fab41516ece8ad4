//! The control port of the program: each example of its description works, and what it refuses it refuses with a sentence.

#![cfg(all(unix, feature = "program"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// The program, and where it is controlled. It is ended when the test is.
struct Running {
    child: Child,
    ready: Value,
}

/// What is answered.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mockbroker"))
            .args(["--port", "0", "--control-port", "0", "--exit-with-stdin"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap() }
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let address = self.ready["control"].as_str().unwrap().strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
        Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), body: body.to_owned() }
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        match body {
            Value::Null => self.send(method, path, "", ""),
            body => self.send(method, path, "Content-Type: application/json\r\n", &body.to_string()),
        }
    }

    fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _code = self.child.wait();
    }
}

/// The path of an operation with the examples of its parameters in it.
fn with_examples(path: &str, operations: &Value, operation: &Value) -> String {
    let of = |value: &Value| value["parameters"].as_array().cloned().unwrap_or_default();
    let mut path = path.to_owned();
    let mut query = Vec::new();
    for parameter in of(operations).into_iter().chain(of(operation)) {
        let name = parameter["name"].as_str().unwrap();
        let example = parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned);
        if parameter["in"] == "path" {
            path = path.replace(&format!("{{{name}}}"), &example);
        } else if !parameter["example"].is_null() {
            query.push(format!("{name}={example}"));
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

#[test]
fn each_example_of_the_description_works() {
    let running = Running::start(&["--topic", "orders", "--manual-clock"]);
    let description = running.get("/openapi.json");
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            assert_eq!(running.ask("POST", "/reset", &Value::Null).status, 204);
            let fault = running.ask("POST", "/faults", &json!({"action": "silence", "client_id": "nobody"}));
            let stands = format!("/faults/{}", fault.json()["id"]);
            let path = with_examples(path, operations, operation).replace("/faults/1", &stands);
            let body = &operation["requestBody"]["content"]["application/json"]["example"];
            let answer = running.ask(&method.to_uppercase(), &path, body);
            let expected = operation["responses"].as_object().unwrap().keys().next().unwrap();
            assert_eq!(answer.status.to_string(), *expected, "{method} {path}: {answer:?}");
        }
    }
}

#[test]
fn what_is_written_is_read_back_and_gone_after_a_reset() {
    let running = Running::start(&["--topic", "orders:2"]);
    let records = json!([
        {"key": "k", "value": "text", "headers": [{"key": "h", "value": {"base64": "AP8="}}], "timestamp_ms": 5},
        {"key": {"base64": "/w=="}, "value": null, "headers": [], "timestamp_ms": 6},
    ]);
    let written = running.ask("POST", "/topics/orders/records", &json!({"partition": 1, "records": records}));
    assert_eq!((written.status, written.json()), (200, json!({"partition": 1, "base_offset": 0})));
    let mut read = running.get("/topics/orders/partitions/1/records");
    for (offset, record) in read.as_array_mut().unwrap().iter_mut().enumerate() {
        assert_eq!(record.as_object_mut().unwrap().remove("offset"), Some(json!(offset)));
    }
    assert_eq!(read, records);
    assert_eq!(running.get("/topics/orders/partitions/1/records?offset=1&limit=5").as_array().unwrap().len(), 1);
    assert_eq!(running.get("/topics/orders")["partitions"][1]["end_offset"], 2);
    let metrics = running.ask("GET", "/metrics", &Value::Null).body;
    assert!(
        metrics.contains("\nmockbroker_partitions 2\n") && !metrics.contains("mockbroker_log_bytes 0"),
        "{metrics}"
    );
    assert_eq!(running.ask("POST", "/topics", &json!({"name": "more"})).status, 201);
    assert_eq!(running.ask("POST", "/reset", &Value::Null).status, 204);
    let topics = running.get("/topics");
    assert_eq!((topics.as_array().unwrap().len(), &topics[0]["partitions"][1]["end_offset"]), (1, &json!(0)));
    assert_eq!(running.get("/cluster"), running.ready);
}

#[test]
fn a_fault_strikes_is_counted_and_is_gone_after_a_reset() {
    let running = Running::start(&["--topic", "orders"]);
    let fault = json!({"api": "ApiVersions", "action": "close_before", "times": 1});
    let id = running.ask("POST", "/faults", &fault).json()["id"].clone();
    let address = running.ready["bootstrap"].as_str().unwrap();
    // ApiVersions v0, correlation id 7, no client id.
    let request = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    let mut closed = TcpStream::connect(address).unwrap();
    closed.write_all(&request).unwrap();
    assert_eq!(closed.read(&mut [0]).unwrap_or(0), 0);
    assert_eq!(running.get(&format!("/faults/{id}"))["hits"], 1);
    let struck = running.get("/journal");
    assert!(struck.as_array().unwrap().iter().any(|entry| entry["event"] == "struck"), "{struck}");
    let mut answered = TcpStream::connect(address).unwrap();
    answered.write_all(&request).unwrap();
    assert_eq!(answered.read(&mut [0]).unwrap(), 1);
    let asked = running.get("/journal?api=ApiVersions&limit=1");
    assert_eq!((&asked[0]["event"], &asked[0]["body"]["errorCode"]), (&json!("response"), &json!(0)));
    running.ask("POST", "/reset", &Value::Null);
    assert_eq!((running.get("/faults"), running.get("/journal")), (json!([]), json!([])));
}

#[test]
fn a_broker_is_stopped_and_started_and_a_reset_starts_it_too() {
    let running = Running::start(&["--brokers", "2", "--topic", "orders:1:2"]);
    let bootstrap = running.ready["bootstrap"].as_str().unwrap().to_owned();
    let first = bootstrap.split(',').next().unwrap();
    let status = |broker: usize| running.get("/brokers")[broker]["status"].clone();
    let command = |command: &str| running.ask("POST", &format!("/brokers/1/{command}"), &Value::Null);
    assert_eq!((status(0), status(1)), (json!("running"), json!("running")));
    assert_eq!(command("stop").json()["status"], "down");
    assert!(TcpStream::connect(first).is_err());
    assert_eq!(running.get("/topics/orders")["partitions"][0]["leader"], 2);
    let refused = command("pause");
    assert_eq!((refused.status, refused.body.contains("broker 1 is down")), (409, true), "{refused:?}");
    assert_eq!(command("start").status, 200);
    assert!(TcpStream::connect(first).is_ok());
    assert_eq!(command("kill").json()["status"], "down");
    assert_eq!(running.ask("POST", "/reset", &Value::Null).status, 204);
    assert_eq!(status(0), "running");
    assert!(TcpStream::connect(first).is_ok());
    assert_eq!((command("pause").json()["status"].clone(), status(1)), (json!("paused"), json!("running")));
    assert_eq!(command("explode").status, 400);
    assert_eq!(running.ask("PUT", "/controller", &json!({"broker": 2})).status, 204);
    assert_eq!(running.get("/brokers")[1]["is_controller"], true);
    assert_eq!(running.ask("POST", "/brokers/9/stop", &Value::Null).status, 404);
}

#[test]
fn a_clock_that_stands_still_is_moved_and_another_is_not() {
    let manual = Running::start(&["--manual-clock"]);
    let before = manual.get("/clock")["now_ms"].as_u64().unwrap();
    let advanced = manual.ask("POST", "/clock", &json!({"advance_ms": 60_000}));
    assert_eq!((advanced.status, advanced.json()), (200, json!({"now_ms": before + 60_000})));
    let refused = Running::start(&[]).ask("POST", "/clock", &json!({"advance_ms": 1}));
    assert_eq!((refused.status, refused.body.contains("--manual-clock")), (409, true), "{refused:?}");
}

#[test]
fn what_a_client_asks_is_waited_for_and_what_came_instead_is_told() {
    let running = Running::start(&[]);
    let mut client = TcpStream::connect(running.ready["bootstrap"].as_str().unwrap()).unwrap();
    // ApiVersions v0, correlation id 7, no client id.
    client.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]).unwrap();
    let came = running.get("/journal?api=ApiVersions&wait_ms=10000");
    assert_eq!(came[0]["event"], "request");
    let connections = running.get("/connections");
    assert_eq!(
        (connections[0]["connection"].clone(), connections[0]["is_waiting"].clone()),
        (came[0]["connection"].clone(), json!(false))
    );
    let missed = running.ask("GET", "/journal?api=Produce&wait_ms=1", &Value::Null);
    assert_eq!((missed.status, missed.body.contains("ApiVersions")), (504, true), "{missed:?}");
}

#[test]
fn what_is_refused_is_told_in_a_sentence() {
    let running = Running::start(&["--topic", "orders"]);
    let leader = "/topics/orders/partitions/0/leader";
    for (method, path, body, status, told) in [
        ("GET", "/topic", Value::Null, 404, "there is no GET /topic; there is GET /cluster, "),
        ("PUT", "/topics", Value::Null, 404, "there is no PUT /topics; there is "),
        ("GET", "/topics/other", Value::Null, 404, "there is no topic \"other\""),
        ("GET", "/topics/orders/partitions/7/records", Value::Null, 404, "there is no partition orders-7"),
        ("GET", "/topics/orders/partitions/x/records", Value::Null, 400, "x"),
        ("GET", "/journal?colour=red", Value::Null, 400, "colour"),
        ("POST", "/topics", json!({"name": "orders"}), 409, "already exists"),
        ("POST", "/topics", json!({"name": "a b"}), 422, "\"a b\""),
        ("POST", "/topics", json!({"name": "a", "partition": 1}), 422, "partition"),
        ("POST", "/topics/orders/records", json!({"records": []}), 422, ""),
        ("PUT", leader, json!({"broker": 9}), 422, "broker 9"),
        ("POST", "/faults", json!({"action": "vanish"}), 422, "vanish"),
        ("DELETE", "/faults/99", Value::Null, 404, "there is no fault 99"),
    ] {
        let answer = running.ask(method, path, &body);
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!((answer.status, error.contains(told)), (status, true), "{method} {path}: {error}");
    }
    let of_a_page = running.send("POST", "/reset", "Origin: http://example.com\r\n", "");
    assert_eq!(of_a_page.status, 403, "{of_a_page:?}");
    let no_json = running.send("POST", "/topics", "Content-Type: text/plain\r\n", "{\"name\": \"a\"}");
    assert_eq!(no_json.status, 415, "{no_json:?}");
    assert_eq!(running.get("/topics").as_array().unwrap().len(), 1);
}
