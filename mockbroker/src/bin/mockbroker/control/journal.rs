//! `/journal`: what happened on the connections of the cluster.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ottla_mockbroker::{Entry, EntryKind, Principal};
use serde::Deserialize;
use serde_json::Value;

use super::Shared;
use super::problem::{Asking, Outcome, Problem};

/// How many entries are told at once, where the request does not say it: the last ones.
const ENTRIES_DEFAULT: usize = 1000;

/// Which entries are told: those that fit all that is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    api: Option<String>,
    client_id: Option<String>,
    broker: Option<i32>,
    connection: Option<u64>,
    principal: Option<String>,
    limit: Option<usize>,
    /// How long to wait for the first, where there is none.
    wait_ms: Option<u64>,
}

pub(super) async fn journal(State(controlled): Shared, Asking(filter): Asking<Filter>) -> Outcome<Json<Value>> {
    if let Some(wait_ms) = filter.wait_ms {
        let wanted = filter.clone();
        let wait = controlled.cluster.wait_for(move |entry| wanted.fits(entry)).within(Duration::from_millis(wait_ms));
        wait.await.map_err(|missed| Problem::new(StatusCode::GATEWAY_TIMEOUT, missed))?;
    }
    let entries = controlled.cluster.journal();
    let fitting: Vec<&Entry> = entries.iter().filter(|entry| filter.fits(entry)).collect();
    let before = fitting.len().saturating_sub(filter.limit.unwrap_or(ENTRIES_DEFAULT));
    Ok(Json(fitting.into_iter().skip(before).map(Entry::json).collect()))
}

impl Filter {
    fn fits(&self, entry: &Entry) -> bool {
        let (api, client_id) = match &entry.kind {
            EntryKind::Request { api, client_id, .. } => (Some(api.name()), client_id.as_deref()),
            EntryKind::Response { api, .. } => (Some(api.name()), None),
            _ => (None, None),
        };
        let principal = entry.principal.as_ref().map(Principal::to_string);
        fits(self.api.as_deref(), api)
            && fits(self.client_id.as_deref(), client_id)
            && fits(self.broker, Some(entry.broker.0))
            && fits(self.connection, Some(entry.conn.0))
            && fits(self.principal.as_deref(), principal.as_deref())
    }
}

/// Whether something is what is wanted, where anything is.
fn fits<T: PartialEq>(wanted: Option<T>, found: Option<T>) -> bool {
    wanted.is_none() || wanted == found
}
