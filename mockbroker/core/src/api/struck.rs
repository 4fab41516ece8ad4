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
use crate::fault::{Asked, FaultAction, Lull, Strike, Written};
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
    let failed = (answered.fail)(call, meant.unwrap_or_else(|| body.clone()), code);
    match (failed, rest) {
        (Err(reason), _) => Served::Refused(reason),
        (Ok(None), _) => Served::Refused(Closed::ByFault(strike.id)),
        (Ok(Some(error)), None) if (Written { api, version: call.version, frame: &error }).says(code) => {
            Served::Answered(error)
        }
        // A request that names no item may have an answer that fails by its items alone, such as Metadata of all topics: it changes nothing.
        (Ok(Some(_)), None) => {
            follow(call, Aftermath { strike, error: None });
            (answered.serve)(call, body)
        }
        (Ok(error), Some(rest)) => {
            follow(call, Aftermath { strike, error });
            match (answered.serve)(call, rest) {
                // What fails of a Fetch ends the wait of what does not.
                Served::Parked(parked) if matches!(parked.request, ParkedRequest::Fetch(_)) => {
                    Served::Parked(Parked { deadline: Some(call.now.mono), ..parked })
                }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use bytes::BytesMut;
    use ottla_wire::header::RequestHeader;
    use ottla_wire::schema::{Kind, Struct};
    use serde_json::{Map, json};

    use super::super::table;
    use super::*;
    use crate::cluster::Action;
    use crate::fault::Fault;
    use crate::tests::Bench;

    const CODE: ErrorCode = ErrorCode::KAFKA_STORAGE_ERROR;

    /// A request with one element in each array.
    fn sample(layout: &Struct, version: i16) -> Map<String, Value> {
        let fields = layout.fields.iter().filter(|field| field.versions.contains(version));
        let sampled = fields.filter_map(|field| {
            let (first, rest) = field.name.split_at(1);
            let name = first.to_ascii_lowercase() + rest;
            // With 0 no answer would be wanted.
            if name == "acks" {
                return Some((name, json!(1)));
            }
            match field.kind {
                // The kinds of ACLs are 3 all: groups, literal, to read, allowed; a kind that nobody knows has no answer.
                Kind::Int8
                    if ["ResourceType", "PatternType", "Operation", "Permission"]
                        .iter()
                        .any(|it| field.name.contains(it)) =>
                {
                    Some((name, json!(3)))
                }
                Kind::Array(Kind::Struct(element)) => Some((name, json!([sample(element, version)]))),
                Kind::Array(Kind::String) => Some((name, json!(["x"]))),
                Kind::Array(Kind::Uuid) => Some((name, json!(["AAAAAAAAAAAAAAAAAAAAAQ"]))),
                Kind::Array(_) => Some((name, json!([0]))),
                _ => None,
            }
        });
        sampled.collect()
    }

    #[test]
    fn every_api_says_an_error_at_every_version_before_and_after_it_is_applied() {
        for fault in [Fault::error(CODE), Fault::applied_then_error(CODE)] {
            for (api, answered) in table::all_answered() {
                let versions = answered.versions();
                for api_version in versions.min..=versions.max {
                    let layout = schema::layout(api, Direction::Request);
                    let body = Value::Object(sample(&layout.body, api_version));
                    let header = RequestHeader { api_key: api.key(), api_version, correlation_id: 1, client_id: None };
                    let mut frame = BytesMut::new();
                    header.encode(&mut frame).unwrap();
                    frame.extend_from_slice(&json::encode(layout, api_version, &body).unwrap());
                    let mut bench = Bench::new();
                    let conn = bench.connect(1);
                    let fault = bench.cluster.fault(bench.now, fault.clone()).unwrap();
                    bench.cluster.handle_frame(conn, bench.now, frame.freeze());
                    let told = bench.cluster.poll_output().map(|output| output.action);
                    let at = format!(
                        "{api} v{api_version}, {:?}: {}",
                        bench.cluster.faults().next(),
                        bench.cluster.journal()
                    );
                    let Some(Action::Send(answer)) = told else { panic!("{told:?} {at}") };
                    assert!((Written { api, version: api_version, frame: &answer }).says(CODE), "{at}");
                    assert_eq!(bench.cluster.fault_hits(fault), Some(1), "{at}");
                }
            }
        }
    }
}
