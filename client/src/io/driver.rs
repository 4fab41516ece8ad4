//! The one loop that waits: it runs as one task per connection.
//!
//! A driver opens its connection when its [`Work`] wants one, asks it for requests while the connection can take them, and tells it how each ended. After
//! a failure it waits for its backoff; without work it waits to be woken.

use std::future::{Future, pending};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_core::Now;
use ottla_core::backoff::Backoff;
use ottla_core::cluster::Snapshot;
use ottla_core::connection::{Connection, Event, Provided};
use ottla_core::request::Disconnected;
use tokio::sync::watch;
use tokio::time::sleep_until;
use tracing::Instrument;

use super::link::{Bell, Link, Peer, Purpose};
use super::net::Net;
use super::open::{self, Opened};
use super::provide::provide;
use super::session::Session;
use super::work::Work;
use crate::address::{Address, Endpoint};
use crate::error::ConnectError;

/// Starts the task of a connection to `peer`.
pub(crate) fn start(
    net: &Arc<Net>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    peer: Peer,
    purpose: Purpose,
    work: Arc<dyn Work>,
) -> Link {
    let bell = Arc::new(Bell::default());
    let driver = Driver {
        net: Arc::clone(net),
        snapshots,
        peer,
        work,
        bell: Arc::clone(&bell),
        failures: 0,
        short_lived: 0,
        state: State::Idle,
    };
    let span = tracing::info_span!("connection", to = %driver.peer, purpose = purpose.name());
    net.runtime.spawn(driver.run().instrument(span));
    Link::new(bell)
}

struct Driver {
    net: Arc<Net>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    peer: Peer,
    work: Arc<dyn Work>,
    bell: Arc<Bell>,
    /// Connections in a row that answered nothing.
    failures: u32,
    /// Connections in a row that worked, and ended soon.
    short_lived: u32,
    state: State,
}

enum State {
    /// There is no connection, and none is wanted.
    Idle,
    /// The last one failed; the next is opened at `until`.
    Resting { until: Instant },
    /// The stream is being opened.
    Opening { at: Endpoint, opening: Pin<Box<dyn Future<Output = Result<Opened, ConnectError>> + Send>> },
    /// The stream is there, and the connection ready or about to be.
    Open { at: Endpoint, since: Instant, session: Box<Session>, answered: bool },
}

/// What the loop waited for.
enum Happened {
    Woken,
    TimeCame,
    Opened(Result<Opened, ConnectError>),
    Read(io::Result<usize>),
    Written(io::Result<()>),
    Provided(Provided),
}

impl Driver {
    async fn run(mut self) {
        while !self.bell.is_closed() {
            self.advance();
            let deadline = self.deadline().map(|deadline| self.net.on_tokio(deadline));
            let happened = self.wait(deadline).await;
            self.handle(happened);
        }
        self.close();
    }

    async fn wait(&mut self, deadline: Option<tokio::time::Instant>) -> Happened {
        let (opening, session) = match &mut self.state {
            State::Opening { opening, .. } => (Some(opening), None),
            State::Open { session, .. } => (None, Some(session)),
            State::Idle | State::Resting { .. } => (None, None),
        };
        let (writing, reading, providing) = match session {
            Some(session) => {
                let Session { writing, reading, providing, .. } = session.as_mut();
                (Some(writing), Some(reading), providing.as_mut())
            }
            None => (None, None, None),
        };
        tokio::select! {
            biased;
            written = or_never(writing.map(|it| it.drain())) => Happened::Written(written),
            provided = or_never(providing) => Happened::Provided(provided),
            opened = or_never(opening) => Happened::Opened(opened),
            () = self.bell.rung() => Happened::Woken,
            read = or_never(reading.map(|it| it.fill())) => Happened::Read(read),
            () = or_never(deadline.map(sleep_until)) => Happened::TimeCame,
        }
    }

    /// When to look again although nothing happened.
    fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Idle | State::Opening { .. } => None,
            State::Resting { until } => Some(*until),
            State::Open { session, .. } => session.connection.poll_timeout(),
        }
    }

    fn handle(&mut self, happened: Happened) {
        let now = self.net.now();
        match (happened, &mut self.state) {
            (Happened::Opened(opened), State::Opening { at, .. }) => {
                let at = at.clone();
                self.opened(now, at, opened);
            }
            (Happened::Read(read), State::Open { session, .. }) => session.handle_read(now, read),
            (Happened::Written(written), State::Open { session, .. }) => session.handle_written(now, written),
            (Happened::Provided(provided), State::Open { session, .. }) => {
                session.providing = None;
                session.connection.handle_provided(now, provided);
            }
            _ => {}
        }
    }

    /// Does all that can be done without waiting.
    fn advance(&mut self) {
        let now = self.net.now();
        if let State::Open { session, .. } = &mut self.state {
            if session.connection.poll_timeout().is_some_and(|at| at <= now.mono) {
                session.connection.handle_timeout(now);
            }
            self.pump(now);
        }
        if matches!(self.state, State::Resting { until } if until <= now.mono) {
            self.state = State::Idle;
        }
        if matches!(self.state, State::Idle) && self.work.wants_connection(now) {
            self.open(now);
        }
    }

    fn open(&mut self, now: Now) {
        let address = match &self.peer {
            Peer::Bootstrap(address) => Ok(address.clone()),
            Peer::Broker(broker) => {
                let snapshot = Arc::clone(&self.snapshots.borrow());
                let known = snapshot.brokers.get(broker).map(|known| Address::new(known.host.as_ref(), known.port));
                known.ok_or(ConnectError::UnknownBroker { broker: *broker })
            }
        };
        let address = match address {
            Ok(address) => address,
            Err(error) => return self.fail(now, error),
        };
        let at = self.net.endpoint(&address);
        tracing::debug!(%at, "opening");
        self.state = State::Opening { opening: Box::pin(open::open(Arc::clone(&self.net), at.clone())), at };
    }

    fn opened(&mut self, now: Now, at: Endpoint, opened: Result<Opened, ConnectError>) {
        match opened {
            Ok(Opened { stream, left }) => {
                let connection = Connection::new(now, self.net.connection(at.address.host(), left));
                let session = Box::new(Session::new(stream, connection));
                self.state = State::Open { at, since: now.mono, session, answered: false };
            }
            Err(error) => self.fail(now, error),
        }
    }

    /// Takes the connection's events and gives it requests until neither is left.
    fn pump(&mut self, now: Now) {
        while let State::Open { session, .. } = &mut self.state {
            match session.connection.poll_event() {
                Some(event) => self.handle_event(now, event),
                None if feed(self.work.as_ref(), now, session) => {}
                None => return,
            }
        }
    }

    fn handle_event(&mut self, now: Now, event: Event) {
        let State::Open { at, since, session, answered } = &mut self.state else { return };
        match event {
            Event::Wanted(want) => session.providing = provide(want, self.net.speech.login.as_ref()),
            Event::Ready => tracing::debug!(%at, "ready"),
            Event::Renewed => tracing::debug!(%at, "session renewed"),
            Event::Ended { id, result } => {
                *answered |= result.is_ok();
                session.ended(now, id, &result);
                self.work.handle_answer(now, id, result);
            }
            Event::Failed(error) => {
                let at = at.clone();
                self.fail(now, ConnectError::of_handshake(at, error));
            }
            Event::Closed(reason) => {
                tracing::debug!(%at, %reason, "closed");
                if *answered || matches!(reason, Disconnected::SessionEnds | Disconnected::NotRenewed(_)) {
                    let lived = now.mono.saturating_duration_since(*since);
                    self.worked(now, lived);
                } else {
                    self.rest(now);
                }
            }
        }
    }

    /// A connection that had worked is over. It is opened again at once, unless the one before it had ended as soon: a broker that closes after each
    /// answer must not be dialled without a pause.
    fn worked(&mut self, now: Now, lived: Duration) {
        let Backoff { max: soon, .. } = self.net.reconnect;
        self.failures = 0;
        self.short_lived = if lived < soon { self.short_lived.saturating_add(1) } else { 0 };
        let pause = self.net.reconnect.after(self.short_lived.saturating_sub(1), self.net.entropy.draw());
        self.state = State::Resting { until: now.mono + pause };
    }

    fn fail(&mut self, now: Now, error: ConnectError) {
        tracing::warn!(%error, "no connection");
        self.rest(now);
        self.work.handle_unreachable(now, &Arc::new(error));
    }

    fn rest(&mut self, now: Now) {
        self.failures = self.failures.saturating_add(1);
        let pause = self.net.reconnect.after(self.failures, self.net.entropy.draw());
        self.state = State::Resting { until: now.mono + pause };
    }

    /// The owner let go of the link: what is under way ends now.
    fn close(&mut self) {
        let now = self.net.now();
        if let State::Open { session, .. } = &mut self.state {
            session.connection.handle_closed(now, Disconnected::Closed);
            while let Some(event) = session.connection.poll_event() {
                if let Event::Ended { id, result } = event {
                    session.ended(now, id, &result);
                    self.work.handle_answer(now, id, result);
                }
            }
        }
    }
}

/// What `future` gives; where there is none, it is waited for without end.
async fn or_never<F: Future>(future: Option<F>) -> F::Output {
    match future {
        Some(future) => future.await,
        None => pending().await,
    }
}

/// Gives the connection what its work has to send; says whether anything moved.
fn feed(work: &dyn Work, now: Now, session: &mut Session) -> bool {
    let mut moved = false;
    while session.connection.can_send() {
        let request = session.connection.versions().and_then(|versions| work.poll_request(now, versions));
        let Some(request) = request else { break };
        session.send(now, request);
        moved = true;
    }
    session.collect() || moved
}
