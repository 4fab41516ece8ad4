//! What is true of every story, whatever went wrong in it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ottla::{Delivered, DeliveryError};

use crate::plan::Plan;
use crate::world::{End, Story};

/// To what tokio's clock is true.
const TICK: Duration = Duration::from_millis(1);

/// The first law that the story breaks, in a sentence.
pub(crate) fn broken(plan: &Plan, story: &Story) -> Option<String> {
    let laws = [ends, says_what_is_in_the_logs, keeps_the_order, flushes, closes, recovers, gives_room_back];
    laws.iter().find_map(|law| law(plan, story).err())
}

type Kept = Result<(), String>;

fn holds(holds: bool, otherwise: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// Each record ends by its delivery timeout.
fn ends(plan: &Plan, story: &Story) -> Kept {
    holds(!story.records.is_empty(), || "the story does not end".to_owned())?;
    for (number, sent) in story.records.iter().enumerate() {
        match &sent.end {
            End::NotTaken { .. } => {}
            End::Never => return Err(format!("record {number} never ends")),
            End::Ended { at, result } => {
                let after = *at - sent.at;
                let is_in_time = after <= plan.settings.delivery_timeout + TICK;
                holds(is_in_time, || format!("record {number} ends after {after:?} with {result:?}"))?;
            }
        }
    }
    Ok(())
}

/// What is acknowledged is where it is said to be and nowhere else; what is not sent or refused is nowhere; what is not known is there once at the most.
/// Without idempotence, what is acknowledged or not known may be there more often.
fn says_what_is_in_the_logs(plan: &Plan, story: &Story) -> Kept {
    let mut places: BTreeMap<usize, Vec<(i32, i64)>> = BTreeMap::new();
    for (partition, log) in &story.logs {
        for logged in log {
            places.entry(logged.number).or_default().push((*partition, logged.offset));
        }
    }
    for (number, sent) in story.records.iter().enumerate() {
        let places = places.remove(&number).unwrap_or_default();
        let is_true = match &sent.end {
            End::Ended { result: Ok(Delivered { partition, offset, .. }), .. } => {
                places.contains(&(*partition, *offset)) && (places.len() == 1 || !plan.settings.idempotence)
            }
            End::Ended { result: Err(DeliveryError::OutcomeUnknown { .. }), .. } => {
                places.len() <= 1 || !plan.settings.idempotence
            }
            End::Ended { result: Err(_), .. } | End::NotTaken { .. } | End::Never => places.is_empty(),
        };
        holds(is_true, || format!("record {number} is in the logs at {places:?}, and ended with {:?}", sent.end))?;
    }
    holds(places.is_empty(), || format!("nobody sent what is at {places:?}"))
}

/// The records of a partition stand in its log in the order of `send`; without idempotence, those that are acknowledged where they are said to be.
fn keeps_the_order(plan: &Plan, story: &Story) -> Kept {
    let mut acknowledged = BTreeSet::new();
    for (number, sent) in story.records.iter().enumerate() {
        if let End::Ended { result: Ok(delivered), .. } = &sent.end {
            acknowledged.insert((delivered.partition, delivered.offset, number));
        }
    }
    for (partition, log) in &story.logs {
        let counts = |offset, number| plan.settings.idempotence || acknowledged.contains(&(*partition, offset, number));
        let kept = log.iter().filter(|logged| counts(logged.offset, logged.number));
        let numbers: Vec<usize> = kept.map(|logged| logged.number).collect();
        holds(numbers.is_sorted(), || {
            format!("partition {partition} has {numbers:?}, which is not the order of send")
        })?;
    }
    Ok(())
}

/// A flush ends when all that was sent before it has, and not earlier.
fn flushes(_: &Plan, story: &Story) -> Kept {
    for flushed in &story.flushes {
        let Some(at) = flushed.at else {
            return Err(format!("the flush after {} records never ends", flushed.records));
        };
        for (number, sent) in story.records.iter().enumerate().take(flushed.records) {
            if let End::Ended { at: ended_at, .. } = &sent.end {
                holds(*ended_at <= at, || format!("a flush ends before record {number}, which was sent before it"))?;
            }
        }
    }
    Ok(())
}

/// A close ends in time, everything with it, and it counts what it ended.
fn closes(_: &Plan, story: &Story) -> Kept {
    let Some(closed) = &story.closed else { return Ok(()) };
    let took = closed.at - closed.asked_at;
    holds(took <= closed.within + TICK, || format!("a close within {:?} takes {took:?}", closed.within))?;
    let counted = closed.result.err().map_or(0, |error| error.not_sent + error.outcome_unknown);
    holds(counted == closed.lost, || format!("a close counts {counted} records, and the producer {}", closed.lost))?;
    for (number, sent) in story.records.iter().enumerate().filter(|(_, sent)| !sent.in_calm) {
        if let End::Ended { at, .. } = &sent.end {
            holds(*at <= closed.at, || format!("record {number} ends after the producer is closed"))?;
        }
    }
    Ok(())
}

/// What is sent when all is well again is delivered.
fn recovers(_: &Plan, story: &Story) -> Kept {
    for (number, sent) in story.records.iter().enumerate().filter(|(_, sent)| sent.in_calm) {
        let is_delivered = matches!(&sent.end, End::Ended { result: Ok(_), .. });
        holds(is_delivered, || format!("all is well, and record {number} ends with {:?}", sent.end))?;
    }
    holds(story.records.iter().any(|sent| sent.in_calm), || "nothing is sent when all is well".to_owned())
}

/// In the end a producer has as much room as a new one.
fn gives_room_back(_: &Plan, story: &Story) -> Kept {
    story.room.map_or(Ok(()), |(room, new)| {
        holds(room == new && room > 0, || format!("a producer has room for {room} records, and a new one for {new}"))
    })
}
