//! SASL: the mechanisms that a listener may have.

mod mechanism;

pub use mechanism::{Mechanism, UnknownMechanism};
