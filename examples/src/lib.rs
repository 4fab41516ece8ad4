//! What the examples share: the cluster that the environment names, the arguments, and the events that they send.

mod arguments;
mod environment;
mod events;

pub use arguments::{ArgumentError, Asked, HELP, asked};
pub use environment::{EnvironmentError, client_of_environment};
pub use events::{Event, EventError, events};
