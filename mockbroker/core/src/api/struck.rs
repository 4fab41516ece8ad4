//! A request on its way to its handler, where faults may keep it back, fail it, or mark its answer.

use std::cell::OnceCell;
use std::time::Duration;

use bytes::Bytes;
use ottla_wire::schema::{self, Direction, json};
use ottla_wire::{ApiKey, ErrorCode};
use serde_json::Value;

use super::table::Answered;
use super::{Call, Served};
use crate::connection::{Aftermath, Closed};
use crate::fault::{Asked, FaultAction, Lull, Strike};
use crate::journal::EntryKind;
use crate::state::State;
use crate::waiting::{Parked, ParkedRequest};

/// Serves a request that is let in, unless a fault has it otherwise.
pub(super) fn serve(call: &mut Call<'_>, api: ApiKey, answered: &Answered, body: Bytes) -> Served {
    let State { faults, topics, .. } = &mut *call.state;
    let connection = &*call.connection;
    let asked = Asked { api, version: call.version, connection, topics, body: &body, json: OnceCell::new() };
    let Some(strike) = faults.strike(&asked) else { return (answered.serve)(call, body) };
    let json = asked.json.into_inner().flatten();
    call.note(EntryKind::Struck { fault: strike.id, action: strike.action });
    match strike.action {
        FaultAction::Error { code } => fail(call, api, answered, body, json.as_ref(), code, strike),
        FaultAction::AppliedThenError { code } => {
            let meant = json.as_ref().and_then(|json| encode(api, call.version, &strike.items.only(json)));
            match (answered.fail)(call, meant.unwrap_or_else(|| body.clone()), code) {
                Ok(error) => follow(call, Aftermath { strike, error }),
                Err(reason) => return Served::Refused(reason),
            }
            (answered.serve)(call, body)
        }
        FaultAction::Silence => lull(call, None, Lull::Silence),
        FaultAction::Hold { wait } => lull(call, Some(wait), Lull::Held { api, body }),
        FaultAction::CloseBefore => Served::Refused(Closed::ByFault(strike.id)),
        _ => {
            follow(call, Aftermath { strike, error: None });
            (answered.serve)(call, body)
        }
    }
}

/// Fails what the fault means of a request, and serves the rest.
fn fail(
    call: &mut Call<'_>,
    api: ApiKey,
    answered: &Answered,
    body: Bytes,
    json: Option<&Value>,
    code: ErrorCode,
    strike: Strike,
) -> Served {
    let items = json.filter(|_| !strike.items.are_all());
    let meant = items.and_then(|json| encode(api, call.version, &strike.items.only(json)));
    let rest = items.and_then(|json| encode(api, call.version, &strike.items.without(json)?));
    match ((answered.fail)(call, meant.unwrap_or(body), code), rest) {
        (Err(reason), _) => Served::Refused(reason),
        (Ok(None), _) => Served::Refused(Closed::ByFault(strike.id)),
        (Ok(Some(error)), None) => Served::Answered(error),
        (Ok(error), Some(rest)) => {
            follow(call, Aftermath { strike, error });
            match (answered.serve)(call, rest) {
                // What fails ends the wait of what does not.
                Served::Parked(parked) => Served::Parked(Parked { deadline: Some(call.now.mono), ..parked }),
                served => served,
            }
        }
    }
}

fn follow(call: &mut Call<'_>, aftermath: Aftermath) {
    if let Some(serving) = &mut call.connection.serving {
        serving.aftermath = Some(aftermath);
    }
}

fn lull(call: &Call<'_>, wait: Option<Duration>, lull: Lull) -> Served {
    Served::Parked(Parked {
        api_version: call.version,
        correlation_id: call.correlation_id,
        deadline: wait.and_then(|wait| call.now.mono.checked_add(wait)),
        request: ParkedRequest::Lull(lull),
    })
}

fn encode(api: ApiKey, version: i16, request: &Value) -> Option<Bytes> {
    json::encode(schema::layout(api, Direction::Request), version, request).ok()
}
