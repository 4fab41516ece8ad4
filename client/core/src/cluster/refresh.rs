//! When the next request for metadata is due.

use std::time::{Duration, Instant};

/// At most one request is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// The last answer was good, or none was asked for yet.
    Waiting {
        due: Instant,
        /// When the last request began; nothing before the first.
        asked_at: Option<Instant>,
    },
    /// The last request failed. Nothing brings the next one forward, or a cluster in trouble would be asked by everybody at once.
    Failed { retry_at: Instant },
    /// A request is under way.
    InFlight {
        asked_at: Instant,
        /// Whether it was written too early to name a topic that has become of interest.
        again: bool,
    },
}

impl Refresh {
    pub(super) fn first(now: Instant) -> Self {
        Self::Waiting { due: now, asked_at: None }
    }

    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Waiting { due, .. } | Self::Failed { retry_at: due } => Some(*due),
            Self::InFlight { .. } => None,
        }
    }

    /// The picture is wrong. An answer that is under way is waited for first.
    pub(super) fn want(&mut self, now: Instant, interval_min: Duration) {
        if let Self::Waiting { due, asked_at } = self {
            let earliest = asked_at.map_or(now, |asked_at| now.max(later(asked_at, interval_min)));
            *due = earliest.min(*due);
        }
    }

    /// A topic has become of interest.
    pub(super) fn want_new(&mut self, now: Instant) {
        match self {
            Self::Waiting { due, .. } => *due = now.min(*due),
            Self::InFlight { again, .. } => *again = true,
            Self::Failed { .. } => {}
        }
    }

    /// A request begins, if one is due.
    pub(super) fn begin(&mut self, now: Instant) -> Option<()> {
        self.due().filter(|due| *due <= now)?;
        *self = Self::InFlight { asked_at: now, again: false };
        Some(())
    }

    /// The request was answered, and the next is due after `wait`.
    pub(super) fn end(&mut self, now: Instant, wait: Duration) {
        *self = match *self {
            Self::InFlight { asked_at, again: true } => Self::Waiting { due: now, asked_at: Some(asked_at) },
            Self::InFlight { asked_at, again: false } => {
                Self::Waiting { due: later(now, wait), asked_at: Some(asked_at) }
            }
            Self::Waiting { asked_at, .. } => Self::Waiting { due: later(now, wait), asked_at },
            Self::Failed { .. } => Self::Waiting { due: later(now, wait), asked_at: None },
        };
    }

    /// The request was not answered, and may be tried again after `wait`.
    pub(super) fn fail(&mut self, now: Instant, wait: Duration) {
        *self = Self::Failed { retry_at: later(now, wait) };
    }
}

/// Further away than any client lives.
const FAR: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// `wait` after `now`; a wait that the clock cannot count to never ends.
fn later(now: Instant, wait: Duration) -> Instant {
    now + wait.min(FAR)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const WAIT: Duration = Duration::from_secs(300);
    const INTERVAL: Duration = Duration::from_millis(100);

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Input {
        Want,
        WantNew,
        Begin,
        End,
        Fail,
    }

    fn after(mut state: Refresh, now: Instant, input: Input) -> Refresh {
        match input {
            Input::Want => state.want(now, INTERVAL),
            Input::WantNew => state.want_new(now),
            Input::Begin => drop(state.begin(now)),
            Input::End => state.end(now, WAIT),
            Input::Fail => state.fail(now, INTERVAL),
        }
        state
    }

    /// Every state with every input, 10 ms after the last request began.
    #[test]
    fn the_table_of_transitions() {
        use Input::*;
        let began = Instant::now();
        let now = began + Duration::from_millis(10);
        let asked = |due| Refresh::Waiting { due, asked_at: Some(began) };
        let never_asked = |due| Refresh::Waiting { due, asked_at: None };
        let in_flight = |again| Refresh::InFlight { asked_at: began, again };
        let failed = |retry_at| Refresh::Failed { retry_at };
        let begun = Refresh::InFlight { asked_at: now, again: false };
        let [soon, late] = [began + INTERVAL, began + WAIT];
        let next = now + WAIT;
        let again = now + INTERVAL;
        let table = [
            (never_asked(began), [never_asked(began), never_asked(began), begun, never_asked(next), failed(again)]),
            (asked(late), [asked(soon), asked(now), asked(late), asked(next), failed(again)]),
            (asked(now), [asked(now), asked(now), begun, asked(next), failed(again)]),
            (failed(soon), [failed(soon), failed(soon), failed(soon), never_asked(next), failed(again)]),
            (failed(now), [failed(now), failed(now), begun, never_asked(next), failed(again)]),
            (in_flight(false), [in_flight(false), in_flight(true), in_flight(false), asked(next), failed(again)]),
            (in_flight(true), [in_flight(true), in_flight(true), in_flight(true), asked(now), failed(again)]),
        ];
        for (state, row) in table {
            let row: BTreeMap<Input, Refresh> = [Want, WantNew, Begin, End, Fail].into_iter().zip(row).collect();
            for (input, expected) in row {
                assert_eq!(after(state, now, input), expected, "{state:?} and {input:?}");
            }
        }
    }

    #[test]
    fn a_wait_without_end_is_no_panic() {
        let mut refresh = Refresh::first(Instant::now());
        refresh.end(Instant::now(), Duration::MAX);
        assert_eq!(refresh.begin(Instant::now() + WAIT), None);
    }
}
