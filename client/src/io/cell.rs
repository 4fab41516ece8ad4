//! A value behind a lock that is held for as long as a closure runs.

use std::sync::{Mutex, PoisonError};

/// A value that several tasks change, each for a moment.
///
/// A panic while it is held does not poison it: what the closures do keeps the value whole at every step, and one broken caller must not stop
/// every other.
#[derive(Debug, Default)]
pub(crate) struct Guarded<T>(Mutex<T>);

impl<T> Guarded<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// Runs `change` on the value; it must not wait, nor take another lock that is ever held around this one.
    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
