//! ListConfigResources (74), versions 0 and 1.
//!
//! What has configs: topics, brokers, their loggers, and the groups and subscriptions to metrics that set some. Version 0 lists the
//! subscriptions alone (KIP-714), version 1 the types that are asked for, or all (KIP-1142); a type that nobody knows fails the request with
//! `UNSUPPORTED_VERSION`.
//!
//! Needs DESCRIBE_CONFIGS on the cluster (`CLUSTER_AUTHORIZATION_FAILED`).

use ottla_wire::message::list_config_resources_response::ConfigResource;
use ottla_wire::message::{ListConfigResourcesRequest, ListConfigResourcesResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::authorizer::Operation;
use crate::configs::{Scope, resource};
use crate::state::State;

/// From this version on, a request says which types it wants.
const TYPES_FROM: i16 = 1;

/// The types, in the order of the answer.
const TYPES: [i8; 5] =
    [resource::GROUP, resource::CLIENT_METRICS, resource::BROKER_LOGGER, resource::BROKER, resource::TOPIC];

impl Handle for ListConfigResourcesRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);
    const NEEDS_ON_CLUSTER: Option<Operation> = Some(Operation::DescribeConfigs);

    fn handle(self, call: &mut Call<'_>) -> Reply<ListConfigResourcesResponse> {
        let wanted = match call.version {
            ..TYPES_FROM => &[resource::CLIENT_METRICS][..],
            _ if self.resource_types.is_empty() => &TYPES[..],
            _ => &self.resource_types,
        };
        if wanted.iter().any(|of| !TYPES.contains(of)) {
            return self.refuse(ErrorCode::UNSUPPORTED_VERSION);
        }
        let listed = TYPES.into_iter().filter(|of| wanted.contains(of));
        let listed = listed.flat_map(|of| names(call.state, of).into_iter().map(move |name| (of, name)));
        let resources = listed
            .map(|(of, name)| ConfigResource::default().with_resource_type(of).with_resource_name(text(name)))
            .collect();
        Reply::Answer(ListConfigResourcesResponse::default().with_config_resources(resources))
    }

    fn failed(&self, code: ErrorCode) -> Option<ListConfigResourcesResponse> {
        Some(ListConfigResourcesResponse::default().with_error_code(code.0))
    }
}

fn names(state: &State, of: i8) -> Vec<String> {
    let that_set = |scope| state.configs.resources(scope).into_iter().flat_map(|set| set.keys().cloned()).collect();
    match of {
        resource::TOPIC => state.topics.iter().map(|(name, _)| name.to_string()).collect(),
        resource::BROKER | resource::BROKER_LOGGER => state.brokers.iter().map(|(id, _)| id.to_string()).collect(),
        resource::GROUP => that_set(Scope::Group),
        _ => that_set(Scope::ClientMetrics),
    }
}
