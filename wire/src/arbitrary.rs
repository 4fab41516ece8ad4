//! Messages to fuzz with, for the crate [`arbitrary`]: of every API, in both directions, at every version that Kafka has.
//!
//! [`Message`] is valid by the table of layouts, [`Spoilt`] was valid before some of its bytes were changed, and [`seeds`] is a corpus to begin with. A
//! fuzz target for a decoder of your own:
//!
//! ```
//! # macro_rules! fuzz_target { (|$name:ident: $type:ty| $body:block) => { fn target($name: $type) $body } }
//! # fn my_decoder(_key: i16, _version: i16, _body: &[u8]) -> bool { true }
//! use ottla_wire::arbitrary::{Message, Spoilt};
//! use ottla_wire::schema;
//!
//! fuzz_target!(|spoilt: Spoilt| {
//!     let Message { api, direction, version, body } = spoilt.0;
//!     if schema::preflight(api, direction, version, &body).is_ok() {
//!         assert!(my_decoder(api.key(), version, &body), "{api} {direction:?} v{version}");
//!     }
//! });
//! # ottla_wire::arbitrary::seeds().map(Spoilt).for_each(target);
//! ```

use arbitrary::{Arbitrary, Unstructured};

use crate::api::ApiKey;
use crate::schema::sample::{self, Choices, Random};
use crate::schema::{self, Direction};

/// A request or response that is valid by the table: [`schema::preflight`] finds nothing wrong with it.
///
/// It is written as Kafka writes, with the shortest varints and no tagged field at its default, so that whoever reads it and writes it again
/// gets the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The API.
    pub api: ApiKey,
    /// Whether it is the API's request or its response.
    pub direction: Direction,
    /// The version that the body is written in.
    pub version: i16,
    /// Its bytes, without a header.
    pub body: Vec<u8>,
}

/// A message of whose body some bytes were changed, added or cut; it may be valid still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoilt(pub Message);

/// A valid message of each API, in each direction, at each version; always the same ones.
pub fn seeds() -> impl Iterator<Item = Message> {
    kinds().map(|(layout, api, direction, version)| {
        let bodies = (0..BODIES).map(|seed| sample::body(layout, version, &mut Random(seed)));
        Message { api, direction, version, body: bodies.max_by_key(Vec::len).unwrap_or_default() }
    })
}

/// Of so many bodies the longest is a seed, for arrays have elements in it, and tagged fields are there.
const BODIES: u64 = 16;

/// Each API, direction and version.
fn kinds() -> impl Iterator<Item = (&'static schema::Message, ApiKey, Direction, i16)> {
    let both = |api: &'static ApiKey| [Direction::Request, Direction::Response].map(|direction| (*api, direction));
    ApiKey::ALL.iter().flat_map(both).flat_map(|(api, direction)| {
        let layout = schema::layout(api, direction);
        (layout.versions.min..=layout.versions.max).map(move |version| (layout, api, direction, version))
    })
}

impl<'a> Arbitrary<'a> for Message {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let kinds: Vec<_> = kinds().collect();
        let (layout, api, direction, version) = *bytes.choose(&kinds)?;
        let body = sample::body(layout, version, bytes);
        Ok(Self { api, direction, version, body })
    }
}

impl<'a> Arbitrary<'a> for Spoilt {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut message = Message::arbitrary(bytes)?;
        sample::spoil(&mut message.body, bytes);
        Ok(Self(message))
    }
}

/// A fuzzer decides by its bytes; where there are no more, all is as small as it can be.
impl Choices for Unstructured<'_> {
    fn below(&mut self, end: usize) -> usize {
        self.int_in_range(0..=end.saturating_sub(1)).unwrap_or_default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_is_a_valid_seed_of_everything_and_it_is_always_the_same() {
        for Message { api, direction, version, body } in seeds() {
            assert_eq!(schema::preflight(api, direction, version, &body), Ok(()), "{api} {direction:?} v{version}");
        }
        assert!(seeds().eq(seeds()));
        assert!(seeds().count() > 100);
    }

    #[test]
    fn what_bytes_choose_is_valid_and_every_api_can_be_chosen() {
        let mut chosen = BTreeSet::new();
        for seed in 0..4_000 {
            let mut random = Random(seed);
            let bytes: Vec<u8> = (0..seed % 400).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
            let Message { api, direction, version, body } = Message::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
            assert_eq!(schema::preflight(api, direction, version, &body), Ok(()), "{api} {direction:?} v{version}");
            chosen.insert(api);
        }
        assert_eq!(chosen.len(), ApiKey::ALL.len());
    }

    #[test]
    fn what_is_spoilt_is_mostly_refused() {
        let spoilt = (0..1_000_u64).map(|seed| {
            let mut random = Random(seed);
            let bytes: Vec<u8> = (0..400).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
            Spoilt::arbitrary(&mut Unstructured::new(&bytes)).unwrap()
        });
        let refused = |Spoilt(message): &Spoilt| {
            schema::preflight(message.api, message.direction, message.version, &message.body).is_err()
        };
        let refused = spoilt.filter(refused).count();
        assert!((300..1_000).contains(&refused), "{refused} of 1000 were refused");
    }
}
