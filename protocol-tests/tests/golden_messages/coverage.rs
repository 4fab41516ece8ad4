//! What the committed file has, so that the laws are held against all that there is.

use std::collections::BTreeMap;

use ottla_wire::schema;

use crate::vectors;

/// How many vectors each message has at each version, at least.
const PER_VERSION: usize = 8;

#[test]
fn there_are_vectors_of_every_message_at_every_version_that_kafka_has() {
    let mut seen = BTreeMap::<(&str, i16), usize>::new();
    for vector in vectors::committed() {
        *seen.entry((&vector.name, vector.version)).or_default() += 1;
    }
    let mut missing = Vec::new();
    for message in schema::messages() {
        for version in message.versions.min..=message.versions.max {
            let count = seen.remove(&(message.name, version)).unwrap_or_default();
            if count < PER_VERSION {
                missing.push((message.name, version, count));
            }
        }
    }
    assert_eq!(missing, [], "fewer than {PER_VERSION}");
    assert_eq!(seen, BTreeMap::new(), "not in the table");
}
