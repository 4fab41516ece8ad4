//! The operations on topics.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_core::RequestId;
use ottla_core::admin::{
    self, Asked, CreateTopics, CreatedTopic, DeleteTopics, DeletedTopic, DescribeConfigs, DescribeTopics, ItemError,
    NewTopic, Operation, Route, TopicConfigs, TopicDescription, TopicListing,
};

use crate::error::{CallError, TopicError};
use crate::io::retry;
use crate::shared::{Shared, Target};

/// The operations on topics of a cluster.
///
/// Each takes several topics at once, asks the broker that is in charge, and asks again where that turns out to be another one. An operation may
/// take as long as [`Config::admin_timeout`](crate::Config::admin_timeout). Dropping its future takes back what is not sent; the outcome of what is sent
/// is unknown.
#[derive(Clone, Debug)]
pub struct Admin {
    shared: Arc<Shared>,
}

impl Admin {
    pub(crate) const fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Creates topics. One that was just created is not known to every broker at once.
    ///
    /// # Errors
    /// When no topic has an answer; each topic's own refusal, such as [`TopicError::Exists`], stands in the results.
    pub async fn create_topics(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> Result<TopicResults<CreatedTopic>, CallError> {
        let results = self.run(Asked::new(CreateTopics { validate_only: false }, topics)).await?;
        self.shared.refresh_metadata([]);
        Ok(results)
    }

    /// Asks whether topics could be created, and creates none.
    ///
    /// # Errors
    /// As [`Admin::create_topics`].
    pub async fn validate_topics(
        &self,
        topics: impl IntoIterator<Item = NewTopic>,
    ) -> Result<TopicResults<CreatedTopic>, CallError> {
        self.run(Asked::new(CreateTopics { validate_only: true }, topics)).await
    }

    /// Deletes topics, with all their records.
    ///
    /// # Errors
    /// When no topic has an answer; each topic's own refusal stands in the results.
    pub async fn delete_topics<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<TopicResults<DeletedTopic>, CallError> {
        let results = self.run(Asked::new(DeleteTopics, names.into_iter().map(Into::into))).await?;
        self.shared.refresh_metadata([]);
        Ok(results)
    }

    /// All topics that the client may describe, by name; those of Kafka itself included.
    ///
    /// # Errors
    /// When no broker answers.
    pub async fn list_topics(&self) -> Result<Vec<TopicListing>, CallError> {
        let deadline = self.shared.admin_deadline();
        let mut failures = 0;
        loop {
            match self.shared.call(Target::Any, admin::list_request(), deadline).await {
                Ok((response, _)) => return Ok(admin::listings(response)),
                Err(error) if !error.is_transient() => return Err(error),
                Err(error) => {
                    failures += 1;
                    if !retry::pause(&self.shared.net, failures, deadline).await {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// What topics are made of: partitions, leaders, replicas.
    ///
    /// # Errors
    /// When no broker answers; each topic's own refusal, such as [`TopicError::Unknown`], stands in the results.
    pub async fn describe_topics<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<TopicResults<TopicDescription>, CallError> {
        self.run(Asked::new(DescribeTopics, names.into_iter().map(Into::into))).await
    }

    /// The configurations of topics, those at their default included.
    ///
    /// # Errors
    /// When no broker answers; each topic's own refusal stands in the results.
    pub async fn topic_configs<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<TopicResults<TopicConfigs>, CallError> {
        self.run(Asked::new(DescribeConfigs, names.into_iter().map(Into::into))).await
    }

    /// Asks until every topic is answered, or no other try can help.
    async fn run<O: Operation>(&self, mut asked: Asked<O>) -> Result<TopicResults<O::Outcome>, CallError> {
        let deadline = self.shared.admin_deadline();
        let (target, reads) = match O::ROUTE {
            Route::Controller => (Target::Controller, false),
            Route::Any => (Target::Any, true),
        };
        let (mut failures, mut last) = (0, None);
        while !asked.is_done() {
            let encode = asked.encoder();
            let encode = Box::new(move |id: RequestId, versions: &_, timeout| encode(id, versions, timeout));
            match self.shared.call_as::<O::Request>(target, encode, deadline).await {
                Ok((response, _)) => {
                    last = None;
                    asked.handle_response(response);
                    if asked.is_done() {
                        break;
                    }
                }
                // What has an effect is sent again only when it certainly had none.
                Err(error) => {
                    let again = error.is_transient() && (reads || error.is_not_sent());
                    last = Some(error);
                    if !again {
                        break;
                    }
                }
            }
            failures += 1;
            self.shared.refresh_metadata([]);
            if !retry::pause(&self.shared.net, failures, deadline).await {
                break;
            }
        }
        match last {
            Some(error) if !asked.has_answers() => Err(error),
            last => Ok(TopicResults::new(asked, last.as_ref())),
        }
    }
}

/// What became of each topic of an operation.
#[derive(Clone, Debug)]
#[must_use = "each topic has a result of its own; `all()?` stops at the first that failed"]
pub struct TopicResults<T> {
    by_name: BTreeMap<String, Result<T, TopicError>>,
}

impl<T> TopicResults<T> {
    fn new<O: Operation<Outcome = T>>(asked: Asked<O>, last: Option<&CallError>) -> Self {
        let result = |(name, result): (String, Result<T, Option<ItemError>>)| {
            let result = result.map_err(|error| topic_error(&name, error, last));
            (name, result)
        };
        Self { by_name: asked.finish().into_iter().map(result).collect() }
    }

    /// What became of this topic; nothing where it was not asked for.
    #[must_use]
    pub fn of(&self, topic: &str) -> Option<&Result<T, TopicError>> {
        self.by_name.get(topic)
    }

    /// The topics with what became of each, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Result<T, TopicError>)> {
        self.by_name.iter().map(|(name, result)| (name.as_str(), result))
    }

    /// What was done, by name of the topic, where it was done for all.
    ///
    /// # Errors
    /// That of the first topic, by name, for which it was not done; what was done for others is done still.
    pub fn all(self) -> Result<Vec<T>, TopicError> {
        self.by_name.into_values().collect()
    }
}

impl<T> IntoIterator for TopicResults<T> {
    type Item = (String, Result<T, TopicError>);
    type IntoIter = std::collections::btree_map::IntoIter<String, Result<T, TopicError>>;

    fn into_iter(self) -> Self::IntoIter {
        self.by_name.into_iter()
    }
}

fn topic_error(topic: &str, error: Option<ItemError>, last: Option<&CallError>) -> TopicError {
    let name = topic.to_owned();
    match error {
        Some(ItemError::Refused { code, message }) => TopicError::of(topic, code, message),
        Some(ItemError::AskedTwice) => TopicError::AskedTwice { topic: name },
        None if last.is_some() => TopicError::NoAnswer { topic: name, source: last.cloned() },
        _ => TopicError::Unanswered { topic: name },
    }
}
