//! AlterConfigs (33), versions 0 to 2.
//!
//! Sets the configs of each resource to what is given, and no others. A resource is altered as a whole or fails alone: one that stands there
//! twice, a config that stands there twice or is null, a broker that is another one, or one of its configs that cannot be altered while it runs
//! (`INVALID_REQUEST`); an unknown config of a topic or group, or a value that it may not have (`INVALID_CONFIG`); a topic that is not there
//! (`UNKNOWN_TOPIC_OR_PARTITION`). Loggers are altered by IncrementalAlterConfigs alone.
//!
//! Needs ALTER_CONFIGS on each topic (`TOPIC_AUTHORIZATION_FAILED`) and group (`GROUP_AUTHORIZATION_FAILED`), and for all else on the cluster
//! (`CLUSTER_AUTHORIZATION_FAILED`).

use ottla_wire::message::alter_configs_request::AlterConfigsResource;
use ottla_wire::message::alter_configs_response::AlterConfigsResourceResponse;
use ottla_wire::message::{AlterConfigsRequest, AlterConfigsResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::altering::{Asked, alter, told};
use super::{Call, Handle, Reply};
use crate::configs::{Changes, Refusal};

impl Handle for AlterConfigsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);

    fn handle(self, call: &mut Call<'_>) -> Reply<AlterConfigsResponse> {
        let asked: Vec<_> = self.resources.iter().map(asked).collect();
        let results = alter(call, &asked, self.validate_only);
        let responses = self.resources.iter().zip(results).map(|(resource, result)| response(resource, result));
        Reply::Answer(AlterConfigsResponse::default().with_responses(responses.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<AlterConfigsResponse> {
        let refused = |resource| response(resource, Err(Refusal { code, reason: code.to_string() }));
        Some(AlterConfigsResponse::default().with_responses(self.resources.iter().map(refused).collect()))
    }
}

fn asked(resource: &AlterConfigsResource) -> Asked<'_> {
    let all = resource.configs.iter().map(|config| (config.name.as_str(), config.value.as_deref()));
    Asked { kind: resource.resource_type, name: &resource.resource_name, changes: Changes::All(all.collect()) }
}

fn response(resource: &AlterConfigsResource, result: Result<(), Refusal>) -> AlterConfigsResourceResponse {
    let (error_code, error_message) = told(result);
    AlterConfigsResourceResponse::default()
        .with_resource_type(resource.resource_type)
        .with_resource_name(resource.resource_name.clone())
        .with_error_code(error_code)
        .with_error_message(error_message)
}
