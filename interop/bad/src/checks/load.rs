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

/// The version of ApiVersions that is asked.
const VERSION: i16 = 3;

/// How long a broker that takes no more requests is given to take another.
const TAKES_WITHIN: Duration = Duration::from_secs(2);

/// How long the name is that a client gives itself who stops reading: a few thousand such requests fill all buffers on the way.
const LONG_NAME: usize = 1000;

/// How many requests a broker would have taken that has no bound.
const TAKEN_MAX: i32 = 200_000;

/// How long the connections stay.
const STAY: Duration = Duration::from_secs(1);

pub(super) fn pipelined(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    let mut sender = line.socket().try_clone()?;
    let all = (1..=PIPELINED).map(|id| api_versions(id, 1)).collect::<io::Result<Vec<Bytes>>>()?.concat();
    let sending = thread::spawn(move || sender.write_all(&all));
    let answered = answered_in_order(&mut line, PIPELINED)?;
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
    let answered = answered_in_order(&mut line, taken)?;
    sending.join().map_err(|_| "the sender panicked")??;
    let all = if answered == taken { "answers all when it is read" } else { "loses answers" };
    Ok(vec![seen.to_owned(), all.to_owned()])
}

/// How many requests were begun, and what of the last could not be sent.
fn send_until_stuck(line: &Line) -> io::Result<(i32, Bytes)> {
    let mut socket = line.socket();
    for id in 1..=TAKEN_MAX {
        let mut request = api_versions(id, LONG_NAME)?;
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

fn api_versions(id: i32, name_bytes: usize) -> io::Result<Bytes> {
    let body = json!({"clientSoftwareName": "b".repeat(name_bytes), "clientSoftwareVersion": "1"});
    request(ApiKey::ApiVersions, VERSION, id, &body)
}

fn answered_in_order(line: &mut Line, count: i32) -> io::Result<i32> {
    for id in 1..=count {
        let frame = line.frame()?;
        // That it says something is looked at once; the others need only be of the right request.
        if id == count {
            answer(ApiKey::ApiVersions, VERSION, id, frame)?;
        } else if frame.first_chunk() != Some(&id.to_be_bytes()) {
            return Ok(id - 1);
        }
    }
    Ok(count)
}

pub(super) fn never_authenticate(served: &Served) -> Seen {
    let at = served.at("SASL_PLAINTEXT")?;
    let mut lines = Vec::new();
    for number in 0..CONNECTIONS {
        let mut line = Line::open(at)?;
        // Half of them begin.
        if number % 2 == 0 {
            line.ask(ApiKey::SaslHandshake, 1, &json!({"mechanism": "PLAIN"}))?;
        }
        lines.push(line);
    }
    stay(served, &lines)
}

pub(super) fn never_begin_tls(served: &Served) -> Seen {
    let at = served.at("SASL_SSL")?;
    let lines = (0..CONNECTIONS).map(|_| Line::open(at)).collect::<io::Result<Vec<Line>>>()?;
    stay(served, &lines)
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
