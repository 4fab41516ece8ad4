//! The book of an operation: what is asked for, what is answered, and what is to be asked again.

use std::collections::BTreeMap;
use std::time::Duration;

use ottla_wire::message::{Request, StrBytes};
use ottla_wire::{ErrorCode, VersionRange, codec};

use crate::request::{Outgoing, RequestError, RequestId};
use crate::versions::Versions;

/// An operation on several named things.
pub trait Operation: Clone + Send + 'static {
    /// The request that asks for them.
    type Request: Request + Send + 'static;
    /// What is asked for of each.
    type Item: Clone + Send + 'static;
    /// What a broker says of each when it does as it is asked.
    type Outcome;

    /// Whom to ask.
    const ROUTE: Route;

    /// The name of an item, which the answer is found by.
    fn name(item: &Self::Item) -> &str;

    /// The lowest version of the request that can say what these items need.
    fn version_min(_items: &[Self::Item]) -> i16 {
        0
    }

    /// The request for `items` in `version`, which the broker may take `timeout` for.
    fn request(&self, items: Vec<Self::Item>, version: i16, timeout: Duration) -> Self::Request;

    /// What an answer says, by name. Names that were not asked for, and a second answer to one, are passed over by whoever calls this.
    fn read(response: <Self::Request as Request>::Response) -> Vec<(String, Result<Self::Outcome, ItemError>)>;
}

/// Whom an operation asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The controller, for what changes the cluster.
    Controller,
    /// Any broker, for what each of them knows.
    Any,
}

/// Why one item was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// The broker refused it.
    #[error("{code}{}", message.as_ref().map(|message| format!(": {message}")).unwrap_or_default())]
    Refused {
        /// The broker's code.
        code: ErrorCode,
        /// What the broker said.
        message: Option<String>,
    },
    /// The answer left it out.
    #[error("the broker's answer leaves it out")]
    Unanswered,
    /// It was asked for more than once in one operation: nothing was done for it.
    #[error("it is asked for more than once")]
    AskedTwice,
}

impl ItemError {
    /// `Ok` where the code is `NONE`.
    pub(super) fn check(code: i16, message: Option<StrBytes>) -> Result<(), Self> {
        let message = message.map(|message| message.to_string());
        ErrorCode(code).ok().map_err(|code| Self::Refused { code, message })
    }

    /// Whether the same may be done on another try that nobody needs to be asked about: it was not done, because another broker is the controller, or too
    /// much is being asked at once.
    fn is_worth_another_try(&self) -> bool {
        let again = [ErrorCode::NOT_CONTROLLER, ErrorCode::THROTTLING_QUOTA_EXCEEDED];
        matches!(self, Self::Refused { code, .. } if again.contains(code))
    }
}

/// The items of an operation, each waiting or answered.
#[derive(Clone, Debug)]
pub struct Asked<O: Operation> {
    operation: O,
    /// With what was last said against each.
    waiting: BTreeMap<String, (O::Item, Option<ItemError>)>,
    answered: BTreeMap<String, Result<O::Outcome, ItemError>>,
}

impl<O: Operation> Asked<O> {
    /// Every item waits; those of one name are answered already, with [`ItemError::AskedTwice`].
    #[must_use]
    pub fn new(operation: O, items: impl IntoIterator<Item = O::Item>) -> Self {
        let mut asked = Self { operation, waiting: BTreeMap::new(), answered: BTreeMap::new() };
        for item in items {
            let name = O::name(&item).to_owned();
            let twice = asked.waiting.contains_key(&name) || asked.answered.contains_key(&name);
            if twice {
                asked.waiting.remove(&name);
                asked.answered.insert(name, Err(ItemError::AskedTwice));
            } else {
                asked.waiting.insert(name, (item, None));
            }
        }
        asked
    }

    /// Whether every item is answered.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether any item has an answer.
    #[must_use]
    pub fn has_answers(&self) -> bool {
        !self.answered.is_empty()
    }

    /// What writes the request for all that waits, once the broker's versions are known.
    pub fn encoder(
        &self,
    ) -> impl FnOnce(RequestId, &Versions, Duration) -> Result<Outgoing, RequestError> + Send + 'static {
        let operation = self.operation.clone();
        let items: Vec<O::Item> = self.waiting.values().map(|(item, _)| item.clone()).collect();
        move |id, versions, timeout| {
            let min = O::version_min(&items);
            let (api, version) = versions.pick::<O::Request>()?;
            if version < min {
                let ours = VersionRange::new(min, ottla_wire::api::codable::<O::Request>().max);
                return Err(RequestError::Unsupported { api, ours, theirs: versions.offered(api) });
            }
            // The broker gives up before the client does, so that its answer is heard.
            let request = operation.request(items, version, timeout / 4 * 3);
            let body = codec::encode_request(version, &request)?.into();
            Ok(Outgoing { id, api, version, body, timeout, answered: true })
        }
    }

    /// Reads an answer. What waits afterwards is to be asked again: those that another controller or a less busy one may still do.
    pub fn handle_response(&mut self, response: <O::Request as Request>::Response) {
        let mut again = BTreeMap::new();
        for (name, answer) in O::read(response) {
            let Some((item, _)) = self.waiting.remove(&name) else { continue };
            match answer {
                Err(error) if error.is_worth_another_try() => drop(again.insert(name, (item, Some(error)))),
                answer => drop(self.answered.insert(name, answer)),
            }
        }
        for (name, _) in std::mem::replace(&mut self.waiting, again) {
            self.answered.insert(name, Err(ItemError::Unanswered));
        }
    }

    /// Every item with its answer; those that wait still with what was last said against them, or nothing where nobody answered.
    #[must_use]
    pub fn finish(self) -> BTreeMap<String, Result<O::Outcome, Option<ItemError>>> {
        let waiting = self.waiting.into_iter().map(|(name, (_, last))| (name, Err(last)));
        let answered = self.answered.into_iter().map(|(name, answer)| (name, answer.map_err(Some)));
        waiting.chain(answered).collect()
    }
}

/// Milliseconds as requests have them, at most what 32 bits can say.
pub(super) fn millis(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ottla_wire::ApiKey;
    use ottla_wire::message::delete_topics_response::DeletableTopicResult;
    use ottla_wire::message::{DeleteTopicsResponse, TopicName};
    use proptest::prelude::*;

    use super::super::{CreateTopics, DeleteTopics, NewTopic};
    use super::*;

    fn deletion(names: &[&str]) -> Asked<DeleteTopics> {
        Asked::new(DeleteTopics, names.iter().map(|name| (*name).to_owned()))
    }

    fn answer(names: &[(&str, ErrorCode)]) -> DeleteTopicsResponse {
        let one = |(name, code): &(&str, ErrorCode)| {
            let name = TopicName(StrBytes::from_string((*name).to_owned()));
            DeletableTopicResult::default().with_name(Some(name)).with_error_code(code.0)
        };
        DeleteTopicsResponse::default().with_responses(names.iter().map(one).collect())
    }

    fn refused(code: ErrorCode) -> Option<ItemError> {
        Some(ItemError::Refused { code, message: None })
    }

    #[test]
    fn what_the_answer_leaves_out_is_unanswered_and_what_was_not_asked_is_passed_over() {
        let mut asked = deletion(&["a", "b"]);
        asked.handle_response(answer(&[("a", ErrorCode::NONE), ("z", ErrorCode::NONE)]));
        assert!(asked.is_done());
        let results = asked.finish();
        assert_eq!(results.len(), 2);
        assert!(results["a"].is_ok());
        assert!(matches!(&results["b"], Err(Some(ItemError::Unanswered))));
    }

    #[test]
    fn another_controller_is_asked_for_what_the_first_one_is_not_the_controller_of() {
        let mut asked = deletion(&["a", "b"]);
        asked
            .handle_response(answer(&[("a", ErrorCode::NOT_CONTROLLER), ("b", ErrorCode::TOPIC_AUTHORIZATION_FAILED)]));
        assert!(!asked.is_done());
        asked.handle_response(answer(&[("a", ErrorCode::NONE), ("b", ErrorCode::NONE)]));
        let results = asked.finish();
        assert!(results["a"].is_ok());
        assert_eq!(results["b"].as_ref().err(), Some(&refused(ErrorCode::TOPIC_AUTHORIZATION_FAILED)));
    }

    #[test]
    fn what_is_given_up_keeps_what_was_last_said_against_it() {
        let mut asked = deletion(&["a", "b"]);
        asked.handle_response(answer(&[("a", ErrorCode::NOT_CONTROLLER), ("b", ErrorCode::NOT_CONTROLLER)]));
        assert_eq!(asked.finish()["a"].as_ref().err(), Some(&refused(ErrorCode::NOT_CONTROLLER)));
        assert_eq!(deletion(&["a"]).finish()["a"].as_ref().err(), Some(&None));
    }

    #[test]
    fn a_name_that_is_asked_for_twice_is_not_done_at_all() {
        let asked = deletion(&["a", "b", "a", "a"]);
        let results = asked.finish();
        assert_eq!(results["a"].as_ref().err(), Some(&Some(ItemError::AskedTwice)));
        assert_eq!(results["b"].as_ref().err(), Some(&None));
    }

    #[test]
    fn the_brokers_default_needs_a_version_that_has_one() {
        let old: Versions = [(ApiKey::CreateTopics, VersionRange::new(0, 3))].into_iter().collect();
        let encode = |topic: NewTopic| {
            let asked = Asked::new(CreateTopics { validate_only: false }, [topic]);
            asked.encoder()(RequestId(0), &old, Duration::from_secs(30))
        };
        let explicit = encode(NewTopic::new("a").partitions(3).replication(1));
        assert_eq!(explicit.map(|outgoing| outgoing.version), Ok(3));
        let (ours, theirs) = (VersionRange::new(4, 7), Some(VersionRange::new(0, 3)));
        let unsupported = RequestError::Unsupported { api: ApiKey::CreateTopics, ours, theirs };
        assert_eq!(encode(NewTopic::new("a").partitions(3)).err(), Some(unsupported));
    }

    proptest! {
        #[test]
        fn each_asked_item_gets_exactly_one_answer(
            names in proptest::collection::vec("[a-d]", 0..8),
            rounds in proptest::collection::vec(
                proptest::collection::vec(("[a-f]", prop_oneof![Just(0_i16), Just(41), Just(89), Just(29)]), 0..8), 0..4),
        ) {
            let mut asked = Asked::new(DeleteTopics, names.clone());
            for round in &rounds {
                let waiting = !asked.is_done();
                if waiting {
                    let round: Vec<_> = round.iter().map(|(name, code)| (name.as_str(), ErrorCode(*code))).collect();
                    asked.handle_response(answer(&round));
                }
            }
            let results = asked.finish();
            let distinct: BTreeSet<String> = names.into_iter().collect();
            prop_assert_eq!(results.into_keys().collect::<BTreeSet<_>>(), distinct);
        }
    }
}
