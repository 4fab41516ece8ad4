//! Waiting for something to happen in the cluster, and what happened instead.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use ottla_mockbroker_core::{Entry, EntryKind, FaultId, Snapshot};
use ottla_wire::ApiKey;
use serde_json::Value;

use crate::io::{Ended, Shared};

/// How long a [`Wait`] lasts where nothing else is said, by the cluster's clock.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How many entries of the journal a [`Seen`] has at the most.
pub const SEEN_ENTRIES_MAX: usize = 5;

/// A wait for something to happen in a cluster: `await` it, or call [`Wait::blocking`]. Nothing polls: each input to the cluster that changes
/// something wakes it.
///
/// What is waited for may have happened already. Cancelling the wait changes nothing.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<T> {
    shared: Arc<Shared>,
    within: Duration,
    /// The index of the first entry of the journal that counts.
    since: u64,
    wanted: Wanted,
    look: Look<T>,
}

/// Looks at the cluster; the number is the index of the first entry of the journal that it has not seen, which it moves.
type Look<T> = Box<dyn FnMut(&Shared, &mut u64) -> Option<T> + Send>;

/// What is waited for, as an error tells it.
#[derive(Clone, Debug)]
enum Wanted {
    Entry,
    Request(ApiKey),
    State,
    Hits(FaultId, u64),
}

/// Why a wait ended without what it waited for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// It did not happen in time.
    #[error("{wanted} did not come within {within:?}. {seen}")]
    TimedOut {
        /// What was waited for.
        wanted: String,
        /// How long, by the cluster's clock.
        within: Duration,
        /// What happened instead.
        seen: Seen,
    },
    /// The cluster was dropped.
    #[error("{wanted} can come no more, for the cluster is gone")]
    Gone {
        /// What was waited for.
        wanted: String,
    },
}

/// What the journal has in place of what was waited for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// How many requests of each API came.
    pub requests: BTreeMap<ApiKey, u64>,
    /// The last entries that are like what was waited for, oldest first: requests of the same API with their JSON, or any.
    pub last: Vec<String>,
}

impl<T> Wait<T> {
    /// How long to wait, by the cluster's clock. The default is [`WAIT_TIMEOUT`].
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Passes over what the journal had before this index; see [`crate::MockCluster::entries_written`]. The default is 0, so that all that the journal
    /// still has counts.
    pub fn since(mut self, index: u64) -> Self {
        self.since = index;
        self
    }

    /// Waits on this thread. On the runtime of an in-memory cluster that would stop the cluster too; `await` there.
    ///
    /// # Errors
    /// When it did not happen in time; the error says what happened instead.
    pub fn blocking(self) -> Result<T, WaitError> {
        let Self { shared, within, since, wanted, mut look } = self;
        let mut next = since;
        let waited = shared.wait_blocking(within, |shared| look(shared, &mut next));
        waited.map_err(|ended| wanted.missed(&shared, ended, within, since))
    }
}

impl<T: Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T, WaitError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { shared, within, since, wanted, mut look } = self;
        Box::pin(async move {
            let mut next = since;
            let waited = shared.wait(within, |shared| look(shared, &mut next)).await;
            waited.map_err(|ended| wanted.missed(&shared, ended, within, since))
        })
    }
}

impl Wait<Entry> {
    /// For an entry of the journal.
    pub(crate) fn for_entry(shared: Arc<Shared>, is_it: impl FnMut(&Entry) -> bool + Send + 'static) -> Self {
        Self::of(shared, Wanted::Entry, entries(|_| true, is_it))
    }

    /// For a request.
    pub(crate) fn for_request(
        shared: Arc<Shared>,
        api: ApiKey,
        mut is_it: impl FnMut(&Value) -> bool + Send + 'static,
    ) -> Self {
        let is_it = move |entry: &Entry| entry.body().is_some_and(|body| is_it(&body));
        Self::of(shared, Wanted::Request(api), entries(move |entry| is_request_of(api, entry), is_it))
    }
}

impl Wait<Snapshot> {
    /// For a state of the cluster.
    pub(crate) fn until(shared: Arc<Shared>, mut is_it: impl FnMut(&Snapshot) -> bool + Send + 'static) -> Self {
        let look = move |shared: &Shared, _: &mut u64| {
            let snapshot = shared.look(|core| core.snapshot());
            is_it(&snapshot).then_some(snapshot)
        };
        Self::of(shared, Wanted::State, Box::new(look))
    }
}

impl Wait<u64> {
    /// For a fault to strike so often.
    pub(crate) fn for_hits(shared: Arc<Shared>, fault: FaultId, hits: u64) -> Self {
        let look = move |shared: &Shared, _: &mut u64| {
            shared.look(|core| core.fault_hits(fault)).filter(|found| *found >= hits)
        };
        Self::of(shared, Wanted::Hits(fault, hits), Box::new(look))
    }
}

impl<T> Wait<T> {
    fn of(shared: Arc<Shared>, wanted: Wanted, look: Look<T>) -> Self {
        Self { shared, within: WAIT_TIMEOUT, since: 0, wanted, look }
    }
}

/// Looks at the entries that are new. They are copied out first, for what a test does with them must not hold up the cluster.
fn entries(
    may_be: impl Fn(&Entry) -> bool + Send + 'static,
    mut is_it: impl FnMut(&Entry) -> bool + Send + 'static,
) -> Look<Entry> {
    Box::new(move |shared, next| {
        let new: Vec<Entry> = shared.look(|core| {
            let journal = core.journal();
            let new = journal.since(*next).filter(|entry| may_be(entry)).cloned().collect();
            *next = journal.written();
            new
        });
        new.into_iter().find(|entry| is_it(entry))
    })
}

fn is_request_of(wanted: ApiKey, entry: &Entry) -> bool {
    matches!(entry.kind, EntryKind::Request { api, .. } if api == wanted)
}

impl Wanted {
    fn missed(&self, shared: &Shared, ended: Ended, within: Duration, since: u64) -> WaitError {
        let wanted = self.to_string();
        match ended {
            Ended::Shut => WaitError::Gone { wanted },
            Ended::TimedOut => WaitError::TimedOut { wanted, within, seen: self.seen(shared, since) },
        }
    }

    fn seen(&self, shared: &Shared, since: u64) -> Seen {
        let is_like = |entry: &Entry| match self {
            Self::Request(api) => is_request_of(*api, entry),
            _ => true,
        };
        let entries: Vec<Entry> = shared.look(|core| core.journal().since(since).cloned().collect());
        let mut seen = Seen::default();
        for entry in &entries {
            if let EntryKind::Request { api, .. } = entry.kind {
                *seen.requests.entry(api).or_default() += 1;
            }
        }
        let like = entries.iter().rev().filter(|entry| is_like(entry)).take(SEEN_ENTRIES_MAX);
        let told = like.map(|entry| match (self, entry.body()) {
            (Self::Request(_), Some(body)) => format!("{entry} {body}"),
            _ => entry.to_string(),
        });
        seen.last = told.collect();
        seen.last.reverse();
        seen
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry => f.write_str("the entry of the journal that was waited for"),
            Self::Request(api) => write!(f, "the {api} request that was waited for"),
            Self::State => f.write_str("the state that was waited for"),
            Self::Hits(fault, hits) => write!(f, "strike {hits} of {fault}"),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.requests.is_empty() {
            f.write_str("No request came")?;
        } else {
            let requests: Vec<String> = self.requests.iter().map(|(api, count)| format!("{count} {api}")).collect();
            write!(f, "Requests that came: {}", requests.join(", "))?;
        }
        if !self.last.is_empty() {
            write!(f, "; the last that are like it:\n  {}", self.last.join("\n  "))?;
        }
        Ok(())
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("wanted", &self.wanted).field("within", &self.within).finish_non_exhaustive()
    }
}
