//! What the examples share: the cluster that the environment names, and the events that they send.

mod environment;
mod events;

pub use environment::{EnvironmentError, client_of_environment};
pub use events::{Event, EventError, events};
