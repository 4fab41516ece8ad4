//! The errors that more than one part of the client gives.

mod call;
mod config;
mod connect;
mod topic;

pub use call::CallError;
pub use config::{ConfigError, ConfigProblem};
pub use connect::{ConnectError, Stage};
pub use topic::TopicError;
