//! Operations on topics: what to ask, and how to read and merge the answers.
//!
//! An operation asks for several topics at once, and each has an answer of its own. [`Asked`] keeps the book: a topic that is asked for is answered exactly
//! once, whatever the broker says more or less than that.

mod asked;
mod configs;
mod create;
mod delete;
mod describe;

pub use asked::{Asked, ItemError, Operation, Route};
pub use configs::{ConfigEntry, ConfigSource, DescribeConfigs, TopicConfigs};
pub use create::{CreateTopics, CreatedTopic, NewTopic};
pub use delete::{DeleteTopics, DeletedTopic};
pub use describe::{DescribeTopics, PartitionDescription, TopicDescription, TopicListing, list_request, listings};
