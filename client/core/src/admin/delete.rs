//! DeleteTopics, key 20: asked of the controller. Up to version 5 a list of names; from 6 on names or ids (KIP-516), of which names are used.

use std::time::Duration;

use ottla_wire::TopicId;
use ottla_wire::message::delete_topics_request::DeleteTopicState;
use ottla_wire::message::{DeleteTopicsRequest, DeleteTopicsResponse, StrBytes, TopicName};

use super::asked::{ItemError, Operation, Route, millis};

/// A topic that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletedTopic {
    /// Its name.
    pub name: String,
    /// The id that it had; zero where the broker does not tell it.
    pub id: TopicId,
}

/// The operation that deletes topics.
#[derive(Clone, Copy, Debug)]
pub struct DeleteTopics;

/// The first version with a list of names or ids.
const STATES_FROM: i16 = 6;

impl Operation for DeleteTopics {
    type Request = DeleteTopicsRequest;
    type Item = String;
    type Outcome = DeletedTopic;

    const ROUTE: Route = Route::Controller;

    fn name(item: &String) -> &str {
        item
    }

    fn request(&self, items: Vec<String>, version: i16, timeout: Duration) -> DeleteTopicsRequest {
        let names = items.into_iter().map(|name| TopicName(StrBytes::from_string(name)));
        let request = DeleteTopicsRequest::default().with_timeout_ms(millis(timeout));
        if version < STATES_FROM {
            return request.with_topic_names(names.collect());
        }
        request.with_topics(names.map(|name| DeleteTopicState::default().with_name(Some(name))).collect())
    }

    fn read(response: DeleteTopicsResponse) -> Vec<(String, Result<DeletedTopic, ItemError>)> {
        let one = |topic: ottla_wire::message::delete_topics_response::DeletableTopicResult| {
            let name = topic.name?.0.to_string();
            let deleted = ItemError::check(topic.error_code, topic.error_message)
                .map(|()| DeletedTopic { name: name.clone(), id: topic.topic_id.into() });
            Some((name, deleted))
        };
        response.responses.into_iter().filter_map(one).collect()
    }
}
