//! The generated structs of kafka-protocol: they read what Kafka wrote, and write it again.

use bytes::Bytes;
use ottla_wire::schema;
use ottla_wire::schema::generated::{self, Again, Generated, NotAgain};

use crate::vectors::{self, Vector};

/// The messages whose bytes are spoiled are no longer than this.
const SPOILED_BYTES_MAX: usize = 1_000;

/// How many bytes are spoiled of each, one at a time.
const SPOILED: usize = 16;

/// The vectors that a generated struct codes, each with that struct.
fn coded() -> impl Iterator<Item = (&'static Vector, &'static Generated)> {
    vectors::all().iter().filter_map(|vector| {
        let generated = generated::ALL.iter().find(|generated| generated.message.name == vector.name)?;
        generated.versions.contains(vector.version).then_some((vector, generated))
    })
}

#[test]
fn what_kafka_wrote_is_read_and_written_again_byte_for_byte() {
    let mut held = 0;
    for (vector, generated) in coded() {
        let again = (generated.again)(vector.bytes.clone(), vector.version);
        assert_eq!(again, Ok(Again { left: 0, bytes: vector.bytes.clone() }), "{vector}");
        held += 1;
    }
    vectors::held(held, 4_000);
}

#[test]
fn what_the_walk_lets_pass_the_decoder_reads_to_the_same_end() {
    let (mut passed, mut refused) = (0, 0);
    for (vector, generated) in coded().filter(|(vector, _)| (1..=SPOILED_BYTES_MAX).contains(&vector.bytes.len())) {
        for spoiled in spoiled(&vector.bytes) {
            if schema::preflight_message(generated.message, vector.version, &spoiled).is_err() {
                refused += 1;
                continue;
            }
            passed += 1;
            match (generated.again)(spoiled.clone(), vector.version) {
                Ok(Again { left: 0, .. }) | Err(NotAgain::Encode(_)) => {}
                other => panic!("{vector}, spoiled to {spoiled:?}: {other:?}"),
            }
        }
    }
    vectors::held(passed, 10_000);
    vectors::held(refused, 10_000);
}

/// The message with one byte changed, at places all over it.
fn spoiled(whole: &Bytes) -> impl Iterator<Item = Bytes> {
    let places = whole.len().min(SPOILED);
    (0..places).map(move |place| {
        let mut bytes = whole.to_vec();
        let at = place * whole.len() / places;
        bytes[at] = bytes[at].wrapping_add([1, 2, 0x7f, 0x80, 0xff][(at + place) % 5]);
        bytes.into()
    })
}
