//! More of something than a broker should have to bear.

use std::error::Error;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use ottla_wire::ApiKey;
use serde_json::json;

use super::Seen;
use super::logins::Login;
use crate::line::{Line, answer, request};
use crate::served::Served;

const PIPELINED: i32 = 10_000;
const CONNECTIONS: usize = 2_000;

/// How many connections are opened at once: less than Kafka's `socket.listen.backlog.size`.
const AT_ONCE: usize = 40;

/// The versions of ApiVersions and Metadata that are asked.
const API_VERSIONS: i16 = 0;
const METADATA: i16 = 12;

/// How long a broker that takes no more requests is given to take another.
const TAKES_WITHIN: Duration = Duration::from_secs(1);

/// Of how many topics he asks who stops reading, so that a few thousand answers fill all buffers on the way, and the length of their names.
const TOPICS: usize = 100;
const NAME_BYTES: usize = 50;

/// How many requests a broker would have taken that has no bound.
const TAKEN_MAX: i32 = 20_000;

/// How long the connections stay.
const STAY: Duration = Duration::from_secs(1);

pub(super) fn pipelined(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    let mut sender = line.socket().try_clone()?;
    let all = (1..=PIPELINED).map(api_versions).collect::<io::Result<Vec<Bytes>>>()?.concat();
    let sending = thread::spawn(move || sender.write_all(&all));
    let answered = answered_in_order(&mut line, ApiKey::ApiVersions, API_VERSIONS, PIPELINED)?;
    sending.join().map_err(|_| "the sender panicked")??;
    Ok(vec![format!("answers {answered} in order")])
}

pub(super) fn stops_reading(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    line.socket().set_write_timeout(Some(TAKES_WITHIN))?;
    let (taken, rest) = send_until_stuck(&line)?;
    let seen = if taken < TAKEN_MAX { "takes no more requests" } else { "takes requests without end" };
    let mut sender = line.socket().try_clone()?;
    sender.set_write_timeout(None)?;
    let sending = thread::spawn(move || sender.write_all(&rest));
    let answered = answered_in_order(&mut line, ApiKey::Metadata, METADATA, taken)?;
    sending.join().map_err(|_| "the sender panicked")??;
    let all = if answered == taken { "answers all when it is read" } else { "loses answers" };
    Ok(vec![seen.to_owned(), all.to_owned()])
}

/// How many requests were begun, and what of the last could not be sent.
fn send_until_stuck(line: &Line) -> io::Result<(i32, Bytes)> {
    let mut socket = line.socket();
    let names = (0..TOPICS).map(|number| json!({"name": format!("{number:0>NAME_BYTES$}")}));
    let body = json!({"topics": names.collect::<Vec<_>>(), "allowAutoTopicCreation": false});
    for id in 1..=TAKEN_MAX {
        let mut request = request(ApiKey::Metadata, METADATA, id, &body)?;
        while !request.is_empty() {
            match socket.write(&request) {
                Ok(count) => drop(request.split_to(count)),
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Ok((id, request));
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok((TAKEN_MAX, Bytes::new()))
}

fn api_versions(id: i32) -> io::Result<Bytes> {
    request(ApiKey::ApiVersions, API_VERSIONS, id, &json!({}))
}

fn answered_in_order(line: &mut Line, api: ApiKey, version: i16, count: i32) -> io::Result<i32> {
    for id in 1..=count {
        let frame = line.frame()?;
        // That it says something is looked at once; the others need only be of the right request.
        if id == count {
            answer(api, version, id, frame)?;
        } else if frame.first_chunk() != Some(&id.to_be_bytes()) {
            return Ok(id - 1);
        }
    }
    Ok(count)
}

pub(super) fn never_authenticate(served: &Served) -> Seen {
    let mut lines = opened(served, "SASL_PLAINTEXT")?;
    // Half of them begin.
    for line in lines.iter_mut().step_by(2) {
        line.ask(ApiKey::SaslHandshake, 1, &json!({"mechanism": "PLAIN"}))?;
    }
    stay(served, &lines)
}

pub(super) fn never_begin_tls(served: &Served) -> Seen {
    stay(served, &opened(served, "SASL_SSL")?)
}

fn opened(served: &Served, listener: &str) -> Result<Vec<Line>, Box<dyn Error>> {
    let at = served.at(listener)?;
    let mut other = Line::open(served.at("PLAINTEXT")?)?;
    let mut lines = Vec::new();
    while lines.len() < CONNECTIONS {
        for _ in 0..AT_ONCE {
            lines.push(Line::open(at)?);
        }
        // Until the broker has had time for those, the system would turn away more, and try again seconds later.
        other.ask(ApiKey::ApiVersions, API_VERSIONS, &json!({}))?;
    }
    Ok(lines)
}

fn stay(served: &Served, lines: &[Line]) -> Seen {
    thread::sleep(STAY);
    let open = lines.iter().map(|line| is_open(line.socket())).collect::<io::Result<Vec<bool>>>()?;
    let open = open.into_iter().filter(|open| *open).count();
    let another = another_logs_in(served)?;
    Ok(vec![format!("{open} stay open"), another.to_owned()])
}

fn is_open(mut socket: &TcpStream) -> io::Result<bool> {
    socket.set_nonblocking(true)?;
    Ok(matches!(socket.read(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock))
}

fn another_logs_in(served: &Served) -> Result<&'static str, Box<dyn Error>> {
    let mut line = Login::succeeded(served)?;
    line.ask(ApiKey::Metadata, 12, &json!({"topics": []}))?;
    Ok("another logs in")
}
