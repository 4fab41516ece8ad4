//! Rules of the table and of the walk, held against the generated messages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod generated;
mod refusals;
mod sample;

use bytes::Bytes;

use self::generated::Generated;
use self::sample::Random;
use super::layout::{Kind, Message, Struct};
use super::*;
use crate::api::VersionRange;

/// How many seeds each message is made from at each version.
const SEEDS: u64 = 24;

/// Runs `rule` for every message of the table at each of its versions.
fn at_every_version(mut rule: impl FnMut(&Generated, &'static Message, i16)) {
    for generated in generated::all() {
        let message = layout(generated.api, generated.direction).expect("a row");
        for version in message.versions.min..=message.versions.max {
            rule(&generated, message, version);
        }
    }
}

#[test]
fn the_rows_are_those_of_the_generated_messages_at_the_versions_that_can_be_coded() {
    let rows: Vec<(ApiKey, Direction, VersionRange)> =
        rows::MESSAGES.iter().flatten().map(|row| (row.api, row.direction, row.versions)).collect();
    let generated: Vec<_> =
        generated::all().iter().map(|generated| (generated.api, generated.direction, generated.versions)).collect();
    assert_eq!(rows, generated);
    assert!(rows.is_sorted_by_key(|(api, ..)| api), "layouts are found by binary search");
}

#[test]
fn a_version_is_flexible_where_its_header_is() {
    at_every_version(|_, message, version| {
        let header = message.api.request_header_version(version);
        assert_eq!(message.flexible.contains(version), header >= 2, "{} v{version}", message.api);
    });
}

#[test]
fn every_element_of_an_array_takes_at_least_a_byte() {
    fn check(layout: &Struct, flexible: bool, version: i16) {
        for field in layout.fields.iter().filter(|field| field.versions.contains(version)) {
            if let Kind::Array(Kind::Struct(element)) = field.kind {
                let in_place = element.fields.iter().any(|field| field.in_place(version));
                assert!(flexible || in_place, "{} v{version}", field.name);
            }
            if let Kind::Struct(inner) | Kind::Array(&Kind::Struct(inner)) = field.kind {
                check(inner, flexible, version);
            }
        }
    }
    at_every_version(|_, message, version| check(&message.body, message.flexible.contains(version), version));
}

#[test]
fn every_default_message_passes() {
    at_every_version(|generated, message, version| {
        let body = (generated.default)(version);
        assert_eq!(
            preflight(message.api, message.direction, version, &body),
            Ok(()),
            "{} {:?} v{version}",
            message.api,
            message.direction
        );
    });
}

#[test]
fn what_the_table_writes_passes_and_the_generated_decoder_reads_the_same() {
    at_every_version(|generated, message, version| {
        for seed in 0..SEEDS {
            let at = format!("{} {:?} v{version} seed {seed}", message.api, message.direction);
            let body = Bytes::from(sample::body(message, version, seed));
            assert_eq!(preflight(message.api, message.direction, version, &body), Ok(()), "{at}");
            assert_eq!((generated.again)(body.clone(), version), Ok(body), "{at}");
        }
    });
}

#[test]
fn every_cut_of_a_message_is_cut() {
    at_every_version(|_, message, version| {
        for seed in 0..4 {
            let body = sample::body(message, version, seed);
            for end in 0..body.len() {
                assert_eq!(
                    preflight(message.api, message.direction, version, &body[..end]),
                    Err(DecodeError::Cut),
                    "{} {:?} v{version} seed {seed} after {end} bytes",
                    message.api,
                    message.direction
                );
            }
        }
    });
}

#[test]
fn bytes_after_the_message_are_reported() {
    at_every_version(|_, message, version| {
        let mut body = sample::body(message, version, 1);
        body.extend([0, 0, 0]);
        let verdict = preflight(message.api, message.direction, version, &body);
        assert_eq!(verdict, Err(DecodeError::Trailing(3)), "{} {:?} v{version}", message.api, message.direction);
    });
}

#[test]
fn whatever_passes_is_decoded_also_when_bytes_are_wrong() {
    let (mut passed, mut refused) = (0, 0);
    at_every_version(|generated, message, version| {
        for seed in 0..10 * SEEDS {
            let at = format!("{} {:?} v{version} seed {seed}", message.api, message.direction);
            let body = mutated(sample::body(message, version, seed), seed);
            if preflight(message.api, message.direction, version, &body).is_err() {
                refused += 1;
                continue;
            }
            passed += 1;
            // The decoder must survive and read to the end; a varint that was made longer may come back shorter.
            let again = (generated.again)(Bytes::from(body), version);
            assert!(again.is_ok(), "{at}: {again:?}");
        }
    });
    assert!(passed > 10_000 && refused > 10_000, "the mutations are worth little: {passed} passed, {refused} refused");
}

/// One to three bytes of `body` replaced, by those that lengths are made of more often than by others.
fn mutated(mut body: Vec<u8>, seed: u64) -> Vec<u8> {
    let mut random = Random(!seed);
    for _ in 0..=random.below(3) {
        let any = u8::try_from(random.below(256)).unwrap();
        let byte = [0, 1, 2, 0x7f, 0x80, 0xff, any, any][random.below(8)];
        let at = random.below(body.len().max(1));
        if let Some(place) = body.get_mut(at) {
            *place = byte;
        }
    }
    body
}
