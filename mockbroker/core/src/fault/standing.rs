//! The faults that a cluster has now, and which of them strikes.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_wire::schema::json::{self, View};
use ottla_wire::schema::{self, Direction};
use ottla_wire::{ApiKey, BrokerId};
use serde::Serialize;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::items::Items;
use super::{Fault, FaultAction, FaultError, FaultId, FieldSelector, parse};
use crate::connection::Connection;
use crate::listener::ListenerName;
use crate::random::SplitMix64;
use crate::topic::Topics;

/// All faults of a cluster, by the order in which they were added.
#[derive(Debug)]
pub(crate) struct Faults {
    standing: BTreeMap<FaultId, Standing>,
    last: FaultId,
    seed: u64,
    max: usize,
}

/// One of them, and how often it was met.
#[derive(Debug)]
struct Standing {
    fault: Fault,
    fields: Vec<(JsonPath, Value)>,
    passed: u64,
    hits: u64,
    random: SplitMix64,
}

/// A fault of a cluster, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StandingFault {
    /// Its number.
    pub id: FaultId,
    /// What it is.
    #[serde(flatten)]
    pub fault: Fault,
    /// How often it struck.
    pub hits: u64,
}

/// A request, as selectors look at it.
#[derive(Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) api: ApiKey,
    pub(crate) version: i16,
    pub(crate) connection: &'a Connection,
    pub(crate) topics: &'a Topics,
    pub(crate) body: &'a Bytes,
    /// Made for the first selector that looks into the body.
    pub(crate) json: OnceCell<Option<Value>>,
}

/// What strikes a request or a connection.
#[derive(Clone, Debug)]
pub(crate) struct Strike {
    pub(crate) id: FaultId,
    pub(crate) action: FaultAction,
    /// What of the request is meant.
    pub(crate) items: Items,
    /// From which an action draws what it leaves to chance.
    pub(crate) random: SplitMix64,
}

impl Asked<'_> {
    /// The request's body; none where it is malformed.
    pub(crate) fn json(&self) -> Option<&Value> {
        let decode = || {
            let layout = schema::layout(self.api, Direction::Request);
            json::decode(layout, self.version, self.body, &View::default()).ok()
        };
        self.json.get_or_init(decode).as_ref()
    }
}

impl Faults {
    pub(crate) fn new(seed: u64, max: usize) -> Self {
        Self { standing: BTreeMap::new(), last: FaultId(0), seed, max }
    }

    /// Numbers faults as if those of another cluster had been its own.
    pub(crate) fn go_on_from(&mut self, before: &Self) {
        self.last = self.last.max(before.last);
    }

    pub(crate) fn add(&mut self, fault: Fault) -> Result<FaultId, FaultError> {
        fault.validate()?;
        if self.standing.len() >= self.max {
            return Err(FaultError::TooMany { max: self.max });
        }
        let field = |FieldSelector { path, equals }: &FieldSelector| Ok((parse(path)?, equals.clone()));
        let fields = fault.selector.fields.iter().map(field).collect::<Result<_, FaultError>>()?;
        self.last = FaultId(self.last.0.saturating_add(1));
        // Each has bits of its own, so that one more fault does not change what the others do.
        let random = SplitMix64::new(SplitMix64::new(self.seed ^ self.last.0.rotate_left(32)).next_u64());
        self.standing.insert(self.last, Standing { fault, fields, passed: 0, hits: 0, random });
        Ok(self.last)
    }

    pub(crate) fn remove(&mut self, id: FaultId) -> Option<StandingFault> {
        self.standing.remove(&id).map(|standing| standing.shown(id))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = StandingFault> {
        self.standing.iter().map(|(id, standing)| standing.shown(*id))
    }

    pub(crate) fn hits(&self, id: FaultId) -> Option<u64> {
        self.standing.get(&id).map(|standing| standing.hits)
    }

    /// Takes back a strike that found nothing to do.
    pub(crate) fn forgive(&mut self, id: FaultId) {
        if let Some(standing) = self.standing.get_mut(&id) {
            standing.hits = standing.hits.saturating_sub(1);
        }
    }

    /// The fault that strikes a request, if one does.
    pub(crate) fn strike(&mut self, asked: &Asked<'_>) -> Option<Strike> {
        let mut of_requests =
            self.standing.iter_mut().filter(|(_, it)| !it.fault.action.is_of_connections() && !it.is_over());
        let (id, standing, items) = of_requests.find_map(|(id, standing)| {
            let items = standing.selects(asked)?;
            standing.strikes().then_some((id, standing, items))
        })?;
        Some(Strike {
            id: *id,
            action: standing.fault.action,
            items,
            random: SplitMix64::new(standing.random.next_u64()),
        })
    }

    /// The fault that keeps a new connection out, if one does.
    pub(crate) fn refuse(&mut self, broker: BrokerId, listener: &ListenerName) -> Option<FaultId> {
        let (id, found) = self.standing.iter_mut().find(|(_, it)| {
            let selector = &it.fault.selector;
            it.fault.action == FaultAction::RefuseConnections
                && !it.is_over()
                && selector.broker.is_none_or(|wanted| wanted == broker)
                && selector.listener.as_deref().is_none_or(|wanted| wanted == listener.as_str())
        })?;
        found.strikes().then_some(*id)
    }

    /// The fault that cuts a connection off, if one does.
    pub(crate) fn cut_off(&mut self, connection: &Connection, client_id: Option<&str>) -> Option<FaultId> {
        let mut partitions = self.standing.iter_mut().filter(|(_, it)| it.fault.action == FaultAction::Partition);
        let found =
            partitions.find(|(_, it)| !it.is_over() && it.fault.selector.selects_connection(connection, client_id))?;
        found.1.strikes().then_some(*found.0)
    }

    /// Whether any connection can be cut off.
    pub(crate) fn has_partition(&self) -> bool {
        self.standing.values().any(|standing| standing.fault.action == FaultAction::Partition)
    }
}

impl Standing {
    fn shown(&self, id: FaultId) -> StandingFault {
        StandingFault { id, fault: self.fault.clone(), hits: self.hits }
    }

    fn is_over(&self) -> bool {
        self.fault.times.is_some_and(|times| self.hits >= times)
    }

    /// What of a request is meant; none where it is not meant at all.
    fn selects(&self, asked: &Asked<'_>) -> Option<Items> {
        let selector = &self.fault.selector;
        let client_id = asked.connection.client_id.as_deref();
        let is_meant = selector.selects_version(asked.api, asked.version)
            && selector.selects_connection(asked.connection, client_id);
        if !is_meant {
            return None;
        }
        let items = Items::new(selector.topic.as_deref(), selector.partition, asked.topics);
        let has_items = items.are_all() || asked.json().is_some_and(|json| items.are_in(json));
        let mut fields = self.fields.iter();
        let has_fields = fields.all(|(path, wanted)| {
            asked.json().is_some_and(|json| path.query(json).iter().any(|found| *found == wanted))
        });
        (has_items && has_fields).then_some(items)
    }

    /// Counts one that is selected; whether it is struck.
    fn strikes(&mut self) -> bool {
        if self.passed < self.fault.after {
            self.passed = self.passed.saturating_add(1);
            return false;
        }
        let strikes = self.random.unit() < self.fault.probability;
        self.hits = self.hits.saturating_add(u64::from(strikes));
        strikes
    }
}
