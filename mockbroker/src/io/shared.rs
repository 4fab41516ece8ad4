//! The core behind its lock, and for each connection what the core wants sent on it.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use ottla_mockbroker_core::{Action, BrokerStatus, Cluster, ConnId, Now, OpenError, Output};
use ottla_wire::{BrokerId, Segments, frame};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::clock::Clock;
use super::door::Door;
use super::waits::Waits;

/// What all connections, the timer and the test's handle share.
///
/// Nothing is awaited under the lock, and every input to the core goes through [`Shared::drive`], which hands out what the core answers; so an
/// answer that one connection's request makes ready for another's wakes the other.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// The core asks for an earlier time than the timer waits for.
    pub(super) rearmed: Notify,
    /// A connection ended, and a file descriptor is free.
    pub(super) freed: Notify,
    /// The core was told something, while somebody waited for that.
    pub(super) changed: Notify,
    pub(super) changed_for_threads: Condvar,
    clock: Clock,
}

#[derive(Debug)]
pub(super) struct State {
    core: Cluster,
    lines: HashMap<ConnId, Line>,
    /// What the clock said last; the core's time never goes back, even where the system's wall clock does.
    last: Option<Now>,
    /// How often the core was told something.
    pub(super) inputs: u64,
    pub(super) waits: Waits,
    /// What the timer waits for.
    armed: Option<Instant>,
    pub(super) is_shut: bool,
}

/// One connection, as the core's answers find it.
#[derive(Debug)]
struct Line {
    outgoing: Segments,
    is_closing: bool,
    ready: Arc<Notify>,
    task: Option<AbortHandle>,
}

/// A connection that the core knows.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) id: ConnId,
    /// There is something to send, the connection is to be closed, or its next frame may come.
    pub(super) ready: Arc<Notify>,
}

/// What the core wants of a connection.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) outgoing: Segments,
    pub(super) is_closing: bool,
    pub(super) accepts_frames: bool,
    pub(super) frame_bytes_max: usize,
}

impl Shared {
    pub(crate) fn new(core: Cluster, clock: Clock) -> Arc<Self> {
        let state = State {
            core,
            lines: HashMap::new(),
            last: None,
            inputs: 0,
            waits: Waits::default(),
            armed: None,
            is_shut: false,
        };
        Arc::new(Self {
            state: Mutex::new(state),
            rearmed: Notify::new(),
            freed: Notify::new(),
            changed: Notify::new(),
            changed_for_threads: Condvar::new(),
            clock,
        })
    }

    pub(crate) fn clock(&self) -> Clock {
        self.clock.clone()
    }

    /// Looks at the core without telling it anything.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&Cluster) -> R) -> R {
        look(&self.lock().core)
    }

    /// Tells the core something, and hands out all that it answers.
    pub(crate) fn drive<R>(&self, input: impl FnOnce(&mut Cluster, Now) -> R) -> R {
        let mut state = self.lock();
        let now = state.now(&self.clock);
        let result = input(&mut state.core, now);
        if state.hand_out() {
            self.freed.notify_one();
        }
        state.inputs = state.inputs.wrapping_add(1);
        state.waits.expire(now.mono);
        self.arm(&mut state);
        if state.waits.any() {
            self.changed.notify_waiters();
            self.changed_for_threads.notify_all();
        }
        result
    }

    /// Sets what the timer waits for, and tells it where that is earlier.
    fn arm(&self, state: &mut State) {
        if state.is_earlier_than_armed() {
            self.rearmed.notify_one();
        }
        state.armed = state.deadline();
    }

    /// Moves a manual clock, and stops on the way at each time that somebody wants to hear of.
    pub(crate) fn advance(&self, by: Duration) {
        let target = self.clock.now().mono + by;
        let mut last = None;
        while let Some(next) = self.deadline().filter(|next| *next <= target && last != Some(*next)) {
            self.clock.advance(next.saturating_duration_since(self.clock.now().mono));
            self.drive(|core, now| core.handle_timeout(now));
            last = Some(next);
        }
        self.clock.advance(target.saturating_duration_since(self.clock.now().mono));
        self.drive(|core, now| core.handle_timeout(now));
    }

    /// Opens a connection; `None` after [`Shared::shut`].
    pub(super) fn open(&self, door: &Door, peer: String) -> Option<Result<Opened, OpenError>> {
        let mut state = self.lock();
        if state.is_shut {
            return None;
        }
        let now = state.now(&self.clock);
        let opened = state.core.open(now, door.broker, door.listener.clone(), peer);
        self.arm(&mut state);
        Some(opened.map(|id| {
            let ready = Arc::new(Notify::new());
            let line = Line { outgoing: Segments::new(), is_closing: false, ready: Arc::clone(&ready), task: None };
            state.lines.insert(id, line);
            Opened { id, ready }
        }))
    }

    /// Names the task that serves a connection, which [`Shared::shut`] and [`Action::Abort`] end.
    pub(super) fn served_by(&self, conn: ConnId, task: AbortHandle) {
        match self.lock().lines.get_mut(&conn) {
            Some(line) => line.task = Some(task),
            None => task.abort(),
        }
    }

    /// Whether nobody can connect to a broker.
    pub(super) fn is_down(&self, broker: BrokerId) -> bool {
        self.look(|core| core.broker_status(broker) == Ok(BrokerStatus::Down))
    }

    /// Takes what the core wants of a connection. One that the core does not know is to be closed.
    pub(super) fn wanted(&self, conn: ConnId) -> Wanted {
        let mut state = self.lock();
        let (accepts_frames, frame_bytes_max) = (state.core.accepts_frames(conn), state.core.frame_bytes_max(conn));
        match state.lines.get_mut(&conn) {
            Some(line) => {
                let outgoing = std::mem::take(&mut line.outgoing);
                Wanted { outgoing, is_closing: line.is_closing, accepts_frames, frame_bytes_max }
            }
            None => Wanted { outgoing: Segments::new(), is_closing: true, accepts_frames, frame_bytes_max },
        }
    }

    /// Tells the core of a frame, and, where somebody has a quota of it, how long that took by the cluster's clock.
    pub(super) fn handle_frame(&self, conn: ConnId, frame: Bytes) {
        self.drive(|core, now| {
            core.handle_frame(conn, now, frame);
            if core.counts_work() {
                let work = self.clock.now().mono.saturating_duration_since(now.mono);
                core.handle_work(conn, now, work);
            }
        });
    }

    /// Tells the core that a part of a frame or an answer moved on a connection. Nobody hears of that, and nothing is answered.
    pub(super) fn moves(&self, conn: ConnId) {
        let mut state = self.lock();
        let now = state.now(&self.clock);
        state.core.handle_movement(conn, now);
    }

    /// Whether the core has closed a connection.
    fn is_closing(&self, conn: ConnId) -> bool {
        self.lock().lines.get(&conn).is_none_or(|line| line.is_closing)
    }

    /// Waits until something of a connection may be read: a broker that hangs reads nothing, nor does one that its client connects to too often.
    pub(super) async fn reading(&self, opened: &Opened) {
        while !self.is_closing(opened.id) && !self.look(|core| core.accepts_frames(opened.id)) {
            opened.ready.notified().await;
        }
    }

    /// Waits until the core has closed a connection on which nothing is served yet.
    pub(super) async fn closing(&self, opened: &Opened) {
        while !self.is_closing(opened.id) {
            opened.ready.notified().await;
        }
    }

    /// Forgets a connection whose stream is gone.
    pub(super) fn close(&self, conn: ConnId) {
        self.drive(|core, now| core.close(conn, now));
        self.lock().lines.remove(&conn);
        self.freed.notify_one();
    }

    /// What the timer waits for.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.lock().armed
    }

    /// Whether no connection is opened any more.
    pub(super) fn is_shut(&self) -> bool {
        self.lock().is_shut
    }

    /// Ends all connections, and opens no more.
    pub(crate) fn shut(&self) {
        let mut state = self.lock();
        state.is_shut = true;
        let lines = std::mem::take(&mut state.lines);
        drop(state);
        self.changed.notify_waiters();
        self.changed_for_threads.notify_all();
        lines.into_values().filter_map(|line| line.task).for_each(|task| task.abort());
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock is a panic of the core or of a test's closure; the other connections go on with what there is.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&mut self, clock: &Clock) -> Now {
        let read = clock.now();
        let now = match self.last {
            Some(last) => Now { mono: read.mono.max(last.mono), wall: read.wall.max(last.wall) },
            None => read,
        };
        self.last = Some(now);
        now
    }

    /// Hands out what the core answers; whether a connection ended at once.
    fn hand_out(&mut self) -> bool {
        let mut is_any_gone = false;
        while let Some(Output { conn, action }) = self.core.poll_output() {
            let Some(line) = self.lines.get_mut(&conn) else { continue };
            match action {
                Action::Send(answer) => match frame::length_prefix(answer.len()) {
                    Some(length) => {
                        line.outgoing.push(Bytes::copy_from_slice(&length));
                        line.outgoing.append(answer);
                    }
                    // Kafka's brokers too can only close where an answer is longer than a frame can say.
                    None => line.is_closing = true,
                },
                Action::SendPart(bytes) => line.outgoing.push(bytes),
                Action::Read => {}
                Action::Close => line.is_closing = true,
                Action::Abort => {
                    line.task.take().inspect(AbortHandle::abort);
                    self.lines.remove(&conn);
                    is_any_gone = true;
                    continue;
                }
            }
            line.ready.notify_one();
        }
        is_any_gone
    }

    /// When the core, or somebody who waits, wants to hear of the time.
    fn deadline(&self) -> Option<Instant> {
        self.core.poll_timeout().into_iter().chain(self.waits.next_deadline()).min()
    }

    fn is_earlier_than_armed(&self) -> bool {
        match (self.deadline(), self.armed) {
            (Some(wanted), Some(armed)) => wanted < armed,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }
}
