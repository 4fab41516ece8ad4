//! Lengths that are none, and bytes that do not come.

use std::io;
use std::time::Instant;

use ottla_wire::ApiKey;
use ottla_wire::frame::FRAME_BYTES_MAX;
use ottla_wire::sasl::RECEIVE_BYTES_MAX;
use serde_json::json;

use super::Seen;
use super::logins::{Login, soonest};
use crate::line::{Line, answer, framed, request};
use crate::served::Served;

pub(super) fn oversized(served: &Served) -> Seen {
    of_length(Line::open(served.at("PLAINTEXT")?)?, FRAME_BYTES_MAX + 1, Line::next)
}

pub(super) fn largest(served: &Served) -> Seen {
    of_length(Line::open(served.at("PLAINTEXT")?)?, FRAME_BYTES_MAX, Line::silence)
}

pub(super) fn oversized_before_login(served: &Served) -> Seen {
    of_length(Line::open(served.at("SASL_PLAINTEXT")?)?, RECEIVE_BYTES_MAX + 1, Line::next)
}

pub(super) fn largest_before_login(served: &Served) -> Seen {
    of_length(Line::open(served.at("SASL_PLAINTEXT")?)?, RECEIVE_BYTES_MAX, Line::silence)
}

pub(super) fn oversized_after_login(served: &Served) -> Seen {
    of_length(Login::succeeded(served)?, FRAME_BYTES_MAX + 1, Line::next)
}

pub(super) fn how_soon_closed(served: &Served) -> Seen {
    let at = served.at("SASL_PLAINTEXT")?;
    soonest(|| {
        let since = Instant::now();
        of_length(Line::open(at)?, RECEIVE_BYTES_MAX + 1, Line::next)?;
        Ok(since.elapsed())
    })
}

/// What comes of the length of a frame, and nothing after it.
fn of_length(mut line: Line, claimed: usize, then: fn(&mut Line) -> io::Result<String>) -> Seen {
    line.send(&u32::try_from(claimed)?.to_be_bytes())?;
    Ok(vec![then(&mut line)?])
}

pub(super) fn negative(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    line.send(&(-1_i32).to_be_bytes())?;
    Ok(vec![line.next()?])
}

pub(super) fn empty(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    line.send(&framed(&[])?)?;
    Ok(vec![line.next()?])
}

pub(super) fn two_halves(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    let request = request(ApiKey::ApiVersions, 0, 1, &json!({}))?;
    let (first, second) = request.split_at(request.len() / 2);
    line.send(first)?;
    let seen = line.silence()?;
    line.send(second)?;
    let answer = answer(ApiKey::ApiVersions, 0, 1, line.frame()?)?;
    Ok(vec![seen, format!("answers {}", answer["errorCode"])])
}

pub(super) fn byte_by_byte(served: &Served) -> Seen {
    let mut line = Line::open(served.at("PLAINTEXT")?)?;
    for byte in &request(ApiKey::ApiVersions, 0, 1, &json!({}))?[..] {
        line.send(&[*byte])?;
    }
    let answer = answer(ApiKey::ApiVersions, 0, 1, line.frame()?)?;
    Ok(vec![format!("answers {}", answer["errorCode"])])
}
