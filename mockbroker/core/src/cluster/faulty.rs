//! What faults do to the cluster's answers and connections.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use ottla_wire::header::RequestHeader;
use ottla_wire::{ApiKey, ErrorCode, Segments, frame};

use super::{Action, Cluster, ConnId, Output};
use crate::api;
use crate::connection::{Aftermath, Closed, Serving};
use crate::fault::{Fault, FaultAction, FaultError, FaultId, Lull, StandingFault, Strike, Written};
use crate::journal::{Body, EntryKind};
use crate::time::Now;
use crate::waiting::{Parked, ParkedRequest};

/// The connections that faults have cut off from their clients, each with what it would have been told.
pub(super) type CutOff = BTreeMap<ConnId, Severed>;

/// A connection that is cut off.
#[derive(Debug)]
pub(super) struct Severed {
    by: FaultId,
    held: Vec<Action>,
}

impl Cluster {
    /// Adds a fault, which strikes from now on.
    ///
    /// # Errors
    /// When it can never strike, or as many stand as [`crate::Bounds::faults_max`] allows.
    pub fn fault(&mut self, now: Now, fault: Fault) -> Result<FaultId, FaultError> {
        let id = self.state.faults.add(fault)?;
        let connections: Vec<ConnId> = self.connections.keys().copied().collect();
        for conn in connections {
            self.is_cut_off(conn, now);
        }
        Ok(id)
    }

    /// Removes a fault, and returns it as it was; none where it was removed before. A partition is healed: what was on its way arrives.
    pub fn remove_fault(&mut self, now: Now, id: FaultId) -> Option<StandingFault> {
        let removed = self.state.faults.remove(id)?;
        let healed = self.cut_off.iter().filter(|(_, severed)| severed.by == id).map(|(conn, _)| *conn);
        for conn in healed.collect::<Vec<_>>() {
            self.heal(conn, now);
        }
        Some(removed)
    }

    /// The faults that stand, in the order in which they were added.
    pub fn faults(&self) -> impl Iterator<Item = StandingFault> {
        self.state.faults.iter()
    }

    /// How often a fault struck; none where it was removed.
    #[must_use]
    pub fn fault_hits(&self, id: FaultId) -> Option<u64> {
        self.state.faults.hits(id)
    }
}

impl Cluster {
    /// Sends the answer to what a connection asked, as far as no fault has it otherwise.
    pub(super) fn answer(&mut self, conn: ConnId, now: Now, answer: Segments) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        let Some(serving) = &mut connection.serving else { return self.emit(conn, now, Action::Send(answer)) };
        match serving.aftermath.take() {
            Some(aftermath) => self.follow(conn, now, answer, aftermath),
            None => match self.quota_wait(conn, now, answer.len()).max(self.work_wait(conn, now)) {
                Some(wait) => self.throttle(conn, now, answer, wait),
                None => self.send(conn, now, answer),
            },
        }
    }

    /// Sends an answer that says for how long the client is throttled, and reads the connection's next request when that is over (KIP-219).
    fn throttle(&mut self, conn: ConnId, now: Now, answer: Segments, wait: Duration) {
        let throttled = self.written(conn, &answer).and_then(|written| written.throttled(wait));
        self.send(conn, now, throttled.unwrap_or(answer));
        self.rest(conn, now, Some(wait), Lull::Muted);
    }

    /// For how long a connection is to be silent by the quotas of its client, now that it is answered with so many bytes.
    fn quota_wait(&mut self, conn: ConnId, now: Now, answer_bytes: usize) -> Option<Duration> {
        let connection = self.connections.get(&conn)?;
        let Serving { api, request_bytes, mutation_wait, .. } = connection.serving.as_ref()?;
        let bytes = if *api == ApiKey::Fetch { answer_bytes } else { *request_bytes };
        let wait = self.state.quota_wait(now, connection, *api, bytes).max(*mutation_wait);
        (!wait.is_zero()).then_some(wait)
    }

    /// For how long a connection is to be silent by its client's `request_percentage`.
    fn work_wait(&mut self, conn: ConnId, now: Now) -> Option<Duration> {
        let wait = self.state.work_wait(now, self.connections.get(&conn)?);
        (!wait.is_zero()).then_some(wait)
    }

    /// Ends a request that wants no answer.
    pub(super) fn leave_unanswered(&mut self, conn: ConnId, now: Now) {
        let wait = self.quota_wait(conn, now, 0);
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        let aftermath = connection.serving.take().and_then(|serving| serving.aftermath);
        if let Some(Aftermath { strike, .. }) = aftermath
            && strike.action.closes()
        {
            return self.drop_connection(conn, now, Closed::ByFault(strike.id));
        }
        if let Some(wait) = wait {
            self.rest(conn, now, Some(wait), Lull::Muted);
        }
    }

    /// Does to an answer what a fault says.
    fn follow(&mut self, conn: ConnId, now: Now, answer: Segments, aftermath: Aftermath) {
        let Aftermath { strike, error } = aftermath;
        match strike.action {
            FaultAction::Error { code } | FaultAction::AppliedThenError { code } => {
                self.answer_with_error(conn, now, &answer, code, &strike, error);
            }
            FaultAction::LostAnswer => self.rest(conn, now, None, Lull::Silence),
            FaultAction::Delay { wait } => self.rest(conn, now, Some(wait), Lull::Delayed { answer }),
            FaultAction::Throttle { wait } => self.throttle(conn, now, answer, wait),
            FaultAction::Corrupt { corruption } => {
                let mut strike = strike;
                let written = self.written(conn, &answer);
                let corrupted = written.and_then(|written| written.corrupted(&mut strike, corruption));
                if corrupted.is_none() {
                    self.state.faults.forgive(strike.id);
                }
                self.send(conn, now, corrupted.unwrap_or(answer));
            }
            FaultAction::CloseAfterAnswer => {
                self.send(conn, now, answer);
                self.drop_connection(conn, now, Closed::ByFault(strike.id));
            }
            FaultAction::CloseWithinAnswer => self.cut(conn, now, &answer, answer.len().div_ceil(2), strike.id),
            FaultAction::Cut { bytes } => self.cut(conn, now, &answer, bytes, strike.id),
            FaultAction::Drip { bytes, every } => {
                self.note_answer(conn, now, &answer);
                match whole(&answer) {
                    Some(rest) => self.drip(conn, now, rest, bytes, every),
                    None => self.drop_connection(conn, now, Closed::ByFault(strike.id)),
                }
            }
            _ => self.drop_connection(conn, now, Closed::ByFault(strike.id)),
        }
    }

    fn answer_with_error(
        &mut self,
        conn: ConnId,
        now: Now,
        answer: &Segments,
        code: ErrorCode,
        strike: &Strike,
        error: Option<Segments>,
    ) {
        let replaced = self.written(conn, answer).and_then(|written| match error {
            Some(error) if !strike.items.are_all() => written.replaced(&strike.items, &error),
            Some(error) if (Written { frame: &error, ..written }).says(code) => Some(error),
            _ => written.failed(code),
        });
        match replaced {
            Some(error) => self.send(conn, now, error),
            None => self.drop_connection(conn, now, Closed::ByFault(strike.id)),
        }
    }

    /// An answer with what it answers.
    fn written<'a>(&self, conn: ConnId, frame: &'a Segments) -> Option<Written<'a>> {
        let Serving { api, version, .. } = self.connections.get(&conn)?.serving.as_ref()?;
        Some(Written { api: *api, version: *version, frame })
    }

    /// Sends the first bytes of an answer, and closes.
    fn cut(&mut self, conn: ConnId, now: Now, answer: &Segments, bytes: usize, by: FaultId) {
        if let Some(whole) = whole(answer) {
            self.emit(conn, now, Action::SendPart(whole.slice(..bytes.min(whole.len()))));
        }
        self.drop_connection(conn, now, Closed::ByFault(by));
    }

    fn drip(&mut self, conn: ConnId, now: Now, mut rest: Bytes, bytes: usize, every: Duration) {
        self.emit(conn, now, Action::SendPart(rest.split_to(bytes.min(rest.len()))));
        if !rest.is_empty() {
            self.rest(conn, now, Some(every), Lull::Dripping { rest, bytes, every });
        }
    }

    /// Lets nothing happen on a connection for a while, or for ever.
    fn rest(&mut self, conn: ConnId, now: Now, wait: Option<Duration>, lull: Lull) {
        let deadline = wait.map(|wait| now.mono.checked_add(wait).unwrap_or(now.mono));
        let parked = Parked { api_version: 0, correlation_id: 0, deadline, request: ParkedRequest::Lull(lull) };
        self.park(conn, now, parked);
    }

    /// Goes on where a fault had stopped.
    pub(super) fn end_lull(&mut self, conn: ConnId, now: Now, lull: Lull) {
        match lull {
            Lull::Silence => {}
            Lull::Muted => self.emit(conn, now, Action::Read),
            Lull::Delayed { answer } => self.send(conn, now, answer),
            Lull::Dripping { rest, bytes, every } => self.drip(conn, now, rest, bytes, every),
            Lull::Held { api, body } => {
                let Some(connection) = self.connections.get_mut(&conn) else { return };
                let served = api::resume(&mut self.state, connection, now, api, body);
                self.take(conn, now, served);
            }
        }
    }

    /// Sends the answer to what a connection asked, whatever faults there are.
    pub(super) fn send(&mut self, conn: ConnId, now: Now, answer: Segments) {
        self.note_answer(conn, now, &answer);
        self.emit(conn, now, Action::Send(answer));
    }

    fn note_answer(&mut self, conn: ConnId, now: Now, answer: &Segments) {
        let Some(connection) = self.connections.get_mut(&conn) else { return };
        let Some(Serving { api, version, correlation_id, .. }) = connection.serving.take() else { return };
        let mut entry = connection.entry(now, EntryKind::Response { api, version, correlation_id });
        entry.body = Some(Body::Response(answer.clone()));
        if self.state.config.counts_errors {
            self.state.tally.answer(api, entry.body().as_ref());
        }
        self.state.journal.write(entry);
    }

    /// Tells the shell what a connection is to do, or keeps it until the connection is no longer cut off.
    pub(super) fn emit(&mut self, conn: ConnId, now: Now, action: Action) {
        if let Some(severed) = self.cut_off.get_mut(&conn) {
            return severed.held.push(action);
        }
        if matches!(action, Action::Send(_) | Action::SendPart(_)) {
            self.handle_movement(conn, now);
        }
        self.output.push_back(Output { conn, action });
    }

    /// Whether a connection is cut off; if a fault cuts it off now, it is from here on.
    pub(super) fn is_cut_off(&mut self, conn: ConnId, now: Now) -> bool {
        if self.cut_off.contains_key(&conn) {
            return true;
        }
        if !self.state.faults.has_partition() {
            return false;
        }
        let Some(connection) = self.connections.get(&conn) else { return false };
        // The name that a client gives itself stands before each of its requests.
        let next = connection.front().and_then(|frame| RequestHeader::decode(&mut frame.clone()).ok());
        let client_id =
            next.and_then(|header| header.client_id).or_else(|| connection.client_id.as_deref().map(str::to_owned));
        let Some(by) = self.state.faults.cut_off(connection, client_id.as_deref()) else { return false };
        self.cut_off.insert(conn, Severed { by, held: Vec::new() });
        self.note(conn, now, EntryKind::Struck { fault: by, action: FaultAction::Partition });
        true
    }

    /// Lets through what was held, unless another fault cuts the connection off.
    fn heal(&mut self, conn: ConnId, now: Now) {
        let Some(severed) = self.cut_off.remove(&conn) else { return };
        if self.is_cut_off(conn, now) {
            if let Some(still) = self.cut_off.get_mut(&conn) {
                still.held = severed.held;
            }
            return;
        }
        self.output.extend(severed.held.into_iter().map(|action| Output { conn, action }));
        if self.connections.contains_key(&conn) {
            self.emit(conn, now, Action::Read);
            self.run(conn, now);
        }
    }
}

/// A frame with its length; none where that is more than a length can say.
fn whole(answer: &Segments) -> Option<Bytes> {
    let length = frame::length_prefix(answer.len())?;
    let mut whole = Segments::from(Bytes::copy_from_slice(&length));
    whole.append(answer.clone());
    Some(whole.to_bytes())
}
