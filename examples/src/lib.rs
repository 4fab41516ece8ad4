//! What the examples share: the cluster that the environment names, the arguments, the events and lines that they send, and captured
//! frames.

mod arguments;
mod captured;
mod cluster;
mod environment;
mod events;
mod loading;

pub use arguments::{ArgumentError, Asked, HELP, asked};
pub use captured::{AskedOfFrames, DECODE_FRAME_HELP, FrameArgumentError, asked_of_frames, captured_bytes, frames_of};
pub use cluster::{ClusterError, client_or_mock};
pub use environment::{EnvironmentError, client_of_environment};
pub use events::{Event, EventError, events};
pub use loading::{
    AskedOfLoader, LOAD_HELP, Line, LineError, LineProblem, LoadArgumentError, Loading, asked_of_loader, lines_of,
};
