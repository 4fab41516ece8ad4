//! The walk by the schema table: it lets pass what Kafka wrote, and nothing that is shorter or longer.

use ottla_wire::codec::DecodeError;
use ottla_wire::schema;

use crate::vectors;

/// Up to this length, every prefix of a message is tried.
const ALL_PREFIXES_BYTES: usize = 4_000;

/// Of a longer one, every prefix is tried at its two ends, and one in so many between them: a prime, so that it falls on every byte of a field.
const STRIDE: usize = 101;

#[test]
fn the_walk_lets_everything_pass_that_kafka_wrote() {
    for vector in vectors::all() {
        let walked = schema::preflight_message(vector.message(), vector.version, &vector.bytes);
        assert_eq!(walked, Ok(()), "{vector}");
    }
}

#[test]
fn a_message_that_is_cut_anywhere_is_refused_as_cut() {
    for vector in vectors::all() {
        let message = vector.message();
        for length in prefixes(vector.bytes.len()) {
            let walked = schema::preflight_message(message, vector.version, &vector.bytes[..length]);
            assert_eq!(walked, Err(DecodeError::Cut), "{vector}, cut to {length} bytes");
        }
    }
}

#[test]
fn a_byte_too_many_is_told() {
    for vector in vectors::all() {
        for byte in [0, 1, u8::MAX] {
            let longer = [&vector.bytes[..], &[byte]].concat();
            let walked = schema::preflight_message(vector.message(), vector.version, &longer);
            assert_eq!(walked, Err(DecodeError::Trailing(1)), "{vector} and {byte}");
        }
    }
}

/// The lengths of the prefixes that are tried.
fn prefixes(bytes: usize) -> impl Iterator<Item = usize> {
    let ends = ALL_PREFIXES_BYTES / 2;
    (0..bytes).filter(move |length| *length < ends || bytes - length <= ends || length % STRIDE == 0)
}
