//! Single calls: requests that are sent over a broker's connection for everything but produce and fetch, each awaited by its caller.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ottla_core::request::Disconnected;
use ottla_core::{Answer, Now, Outgoing, RequestError, RequestId, Versions};
use ottla_wire::ApiKey;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout_at;

use super::cell::Guarded;
use super::net::Net;
use super::work::Work;
use crate::error::{CallError, ConnectError};

/// The most calls of one connection that are waiting or in flight; further callers wait for room.
const CALLS_MAX: usize = 256;

/// Writes a request, once the versions of the broker are known.
pub(crate) type Encode = Box<dyn FnOnce(RequestId, &Versions, Duration) -> Result<Outgoing, RequestError> + Send>;

/// The single calls to one broker.
pub(crate) struct Calls {
    net: Arc<Net>,
    room: Semaphore,
    state: Guarded<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    queued: VecDeque<Queued>,
    sent: BTreeMap<RequestId, Answering>,
}

type Answering = oneshot::Sender<Result<Answer, CallError>>;

struct Queued {
    id: RequestId,
    api: ApiKey,
    encode: Encode,
    answering: Answering,
}

impl Calls {
    pub(crate) fn new(net: Arc<Net>) -> Self {
        Self { net, room: Semaphore::new(CALLS_MAX), state: Guarded::default() }
    }

    /// Sends what `encode` writes and waits for its answer until `deadline`. Dropping the future takes the call back when it is not sent yet; when it is, its
    /// outcome is unknown.
    pub(crate) async fn call(
        &self,
        api: ApiKey,
        encode: Encode,
        deadline: Instant,
        wake: impl FnOnce(),
    ) -> Result<Answer, CallError> {
        let started = self.net.now().mono;
        let late = |sent| {
            let waited = self.net.now().mono.saturating_duration_since(started);
            CallError::Late { api, sent, waited }
        };
        let until = self.net.on_tokio(deadline);
        let Ok(room) = timeout_at(until, self.room.acquire()).await else { return Err(late(false)) };
        let (answering, answer) = oneshot::channel();
        let id = self.state.with(|state| state.push(api, encode, answering));
        wake();
        let result = match timeout_at(until, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(CallError::Request(RequestError::OutcomeUnknown { api, reason: Disconnected::Closed })),
            Err(_) => Err(late(!self.state.with(|state| state.withdraw(id)))),
        };
        drop(room);
        result
    }

    /// Ends every call that is not sent, each with the error for its API.
    pub(crate) fn refuse(&self, error: impl Fn(ApiKey) -> CallError) {
        let queued = self.state.with(|state| std::mem::take(&mut state.queued));
        for call in queued {
            // A caller that is gone has no use for the error.
            let _ = call.answering.send(Err(error(call.api)));
        }
    }
}

impl State {
    fn push(&mut self, api: ApiKey, encode: Encode, answering: Answering) -> RequestId {
        self.queued.retain(|call| !call.answering.is_closed());
        let id = RequestId(self.next);
        self.next += 1;
        self.queued.push_back(Queued { id, api, encode, answering });
        id
    }

    /// Whether the call was not sent, and will not be.
    fn withdraw(&mut self, id: RequestId) -> bool {
        let before = self.queued.len();
        self.queued.retain(|call| call.id != id);
        self.queued.len() < before
    }

    fn pop(&mut self) -> Option<Queued> {
        while let Some(call) = self.queued.pop_front() {
            if !call.answering.is_closed() {
                return Some(call);
            }
        }
        None
    }
}

impl Work for Calls {
    fn wants_connection(&self, _now: Now) -> bool {
        self.state.with(|state| state.queued.iter().any(|call| !call.answering.is_closed()))
    }

    fn poll_request(&self, _now: Now, versions: &Versions) -> Option<Outgoing> {
        loop {
            let Queued { id, encode, answering, .. } = self.state.with(State::pop)?;
            match encode(id, versions, self.net.request_timeout) {
                Ok(request) => {
                    self.state.with(|state| state.sent.insert(id, answering));
                    return Some(request);
                }
                Err(error) => {
                    let _ = answering.send(Err(error.into()));
                }
            }
        }
    }

    fn handle_answer(&self, _now: Now, id: RequestId, result: Result<Answer, RequestError>) {
        if let Some(answering) = self.state.with(|state| state.sent.remove(&id)) {
            let _ = answering.send(result.map_err(CallError::from));
        }
    }

    fn handle_unreachable(&self, _now: Now, error: &Arc<ConnectError>) {
        self.refuse(|_| CallError::Unreachable(Arc::clone(error)));
    }
}
