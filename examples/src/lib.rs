//! What the examples share: the cluster that the environment names, the arguments, the events that they send, and captured frames.

mod arguments;
mod captured;
mod environment;
mod events;

pub use arguments::{ArgumentError, Asked, HELP, asked};
pub use captured::{AskedOfFrames, DECODE_FRAME_HELP, FrameArgumentError, asked_of_frames, captured_bytes, frames_of};
pub use environment::{EnvironmentError, client_of_environment};
pub use events::{Event, EventError, events};
