//! Which requests and connections a fault strikes.

use ottla_wire::{ApiKey, BrokerId, VersionRange};
use serde_json::Value;

use crate::cluster::ConnId;
use crate::connection::Connection;

/// Which requests and connections; what is not said holds of all.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Selector {
    /// The API.
    pub api: Option<ApiKey>,
    /// The versions of the API.
    pub versions: Option<VersionRange>,
    /// The broker that is asked.
    pub broker: Option<BrokerId>,
    /// The connection.
    pub connection: Option<ConnId>,
    /// The name that the client gives itself.
    pub client_id: Option<String>,
    /// Who the client is, such as `User:alice`.
    pub principal: Option<String>,
    /// The listener that the client came in at.
    pub listener: Option<String>,
    /// A topic that the request names.
    pub topic: Option<String>,
    /// A partition that the request names.
    pub partition: Option<i32>,
    /// Fields of the request; all of them.
    pub fields: Vec<FieldSelector>,
}

/// A field of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSelector {
    /// Where it is: a JSON path (RFC 9535), such as `$.topics[*].name`. Where it leads to several fields, one of them is enough.
    pub path: String,
    /// What it is.
    pub equals: Value,
}

impl Selector {
    /// Whether a connection may be meant. One that has not said its client's name or proved its principal is not, where that is asked for.
    pub(crate) fn selects_connection(&self, connection: &Connection, client_id: Option<&str>) -> bool {
        let is = |wanted: &Option<String>, is: Option<&str>| wanted.as_deref().is_none_or(|wanted| Some(wanted) == is);
        self.broker.is_none_or(|broker| broker == connection.broker)
            && self.connection.is_none_or(|id| id == connection.id)
            && is(&self.client_id, client_id)
            && is(&self.principal, connection.principal().map(|principal| principal.as_str()))
            && is(&self.listener, Some(connection.listener.name.as_str()))
    }

    /// Whether a request may be meant, as far as its header tells.
    pub(crate) fn selects_version(&self, api: ApiKey, version: i16) -> bool {
        self.api.is_none_or(|wanted| wanted == api) && self.versions.is_none_or(|versions| versions.contains(version))
    }

    /// The part of it that only a request has.
    pub(super) fn of_requests(&self) -> Option<&'static str> {
        let parts = [
            ("api", self.api.is_some()),
            ("versions", self.versions.is_some()),
            ("topic", self.topic.is_some()),
            ("partition", self.partition.is_some()),
            ("fields", !self.fields.is_empty()),
        ];
        parts.into_iter().find_map(|(part, is_there)| is_there.then_some(part))
    }

    /// The part of it that nobody knows when a connection comes in.
    pub(super) fn beyond_the_door(&self) -> Option<&'static str> {
        let parts = [
            ("connection", self.connection.is_some()),
            ("client_id", self.client_id.is_some()),
            ("principal", self.principal.is_some()),
        ];
        self.of_requests().or_else(|| parts.into_iter().find_map(|(part, is_there)| is_there.then_some(part)))
    }
}
