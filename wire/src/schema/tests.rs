//! Rules of the table and of the walk, held against the generated messages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod codable;
mod counts;
mod memory;
mod refusals;

use std::collections::BTreeSet;

use bytes::Bytes;

use self::generated::{Again, Generated};
use super::sample::Random;
use super::*;

/// How many seeds each message is made from at each version.
const SEEDS: u64 = 24;

/// Runs `rule` for every message of the table at each of its versions.
fn at_every_version(mut rule: impl FnMut(&'static Message, i16)) {
    for message in messages() {
        for version in message.versions.min..=message.versions.max {
            rule(message, version);
        }
    }
}

/// Runs `rule` for every generated message at each version that it codes.
fn at_every_generated_version(mut rule: impl FnMut(&'static Generated, i16)) {
    for generated in generated::ALL {
        for version in generated.versions.min..=generated.versions.max {
            rule(generated, version);
        }
    }
}

#[test]
fn the_table_has_every_message_of_kafka_at_every_version() {
    let names: BTreeSet<&str> = messages().map(|message| message.name).collect();
    assert_eq!(names.len(), 195, "each has a name of its own");
    let mut pairs = 0;
    at_every_version(|_, _| pairs += 1);
    assert_eq!(pairs, 640);
    assert_eq!(ApiKey::ALL.len(), 91);
}

#[test]
fn a_message_is_found_by_its_api_and_by_its_name() {
    for api in ApiKey::ALL {
        for (direction, role, ending) in [
            (Direction::Request, Role::Request(*api), "Request"),
            (Direction::Response, Role::Response(*api), "Response"),
        ] {
            let message = layout(*api, direction);
            assert_eq!((message.role, message.name), (role, format!("{api}{ending}").as_str()));
            assert!(std::ptr::eq(message, super::message(message.name).unwrap()));
        }
    }
    assert!(super::message("LeaderAndIsrRequest").is_none(), "it has no version that lives");
}

#[test]
fn the_generated_messages_are_in_the_order_of_the_table_and_have_a_version_each() {
    let mut rest = messages();
    for generated in generated::ALL {
        assert!(!generated.versions.is_empty(), "{}", generated.message.name);
        assert!(rest.any(|message| std::ptr::eq(message, generated.message)), "{}", generated.message.name);
    }
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
    at_every_version(|message, version| check(&message.body, message.flexible.contains(version), version));
}

#[test]
fn every_default_message_passes() {
    at_every_generated_version(|generated, version| {
        let body = (generated.default)(version).unwrap();
        assert_eq!(
            preflight_message(generated.message, version, &body),
            Ok(()),
            "{} v{version}",
            generated.message.name
        );
    });
}

#[test]
fn what_the_table_writes_passes() {
    at_every_version(|message, version| {
        for seed in 0..SEEDS {
            let body = sampled(message, version, seed);
            assert_eq!(preflight_message(message, version, &body), Ok(()), "{} v{version} seed {seed}", message.name);
        }
    });
}

#[test]
fn what_the_table_writes_the_generated_decoder_reads_and_its_encoder_writes_again() {
    at_every_generated_version(|generated, version| {
        for seed in 0..SEEDS {
            let body = Bytes::from(sampled(generated.message, version, seed));
            let again = (generated.again)(body.clone(), version);
            let same = Ok(Again { left: 0, bytes: body });
            assert_eq!(again, same, "{} v{version} seed {seed}", generated.message.name);
        }
    });
}

#[test]
fn every_cut_of_a_message_is_cut() {
    at_every_version(|message, version| {
        for seed in 0..4 {
            let body = sampled(message, version, seed);
            for end in 0..body.len() {
                let verdict = preflight_message(message, version, &body[..end]);
                let at = format!("{} v{version} seed {seed} after {end} bytes", message.name);
                assert_eq!(verdict, Err(DecodeError::Cut), "{at}");
            }
        }
    });
}

#[test]
fn bytes_after_the_message_are_reported() {
    at_every_version(|message, version| {
        let mut body = sampled(message, version, 1);
        body.extend([0, 0, 0]);
        let verdict = preflight_message(message, version, &body);
        assert_eq!(verdict, Err(DecodeError::Trailing(3)), "{} v{version}", message.name);
    });
}

#[test]
fn whatever_passes_is_decoded_also_when_bytes_are_wrong() {
    let (mut passed, mut refused) = (0, 0);
    at_every_generated_version(|generated, version| {
        for seed in 0..4 * SEEDS {
            let at = format!("{} v{version} seed {seed}", generated.message.name);
            let body = spoilt(generated.message, version, seed);
            if preflight_message(generated.message, version, &body).is_err() {
                refused += 1;
                continue;
            }
            passed += 1;
            // The decoder must survive and read to the end; a varint that was made longer may come back shorter.
            let again = (generated.again)(Bytes::from(body), version);
            assert!(matches!(again, Ok(Again { left: 0, .. })), "{at}: {again:?}");
        }
    });
    assert!(passed > 10_000 && refused > 10_000, "the mutations are worth little: {passed} passed, {refused} refused");
}

/// A body that is made of `seed`, and the same one spoilt.
pub(super) fn sampled(message: &Message, version: i16, seed: u64) -> Vec<u8> {
    sample::body(message, version, &mut Random(seed))
}

pub(super) fn spoilt(message: &Message, version: i16, seed: u64) -> Vec<u8> {
    let mut body = sampled(message, version, seed);
    sample::spoil(&mut body, &mut Random(!seed));
    body
}
