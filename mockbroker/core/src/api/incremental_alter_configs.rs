//! IncrementalAlterConfigs (44), versions 0 and 1 (KIP-339).
//!
//! Sets, deletes, adds to and takes from single configs of each resource, by the rules of AlterConfigs; what is added to or taken from must be a
//! list (`INVALID_CONFIG`). A broker's loggers have levels, which are set and deleted (KIP-412).

use ottla_wire::message::incremental_alter_configs_request::AlterConfigsResource;
use ottla_wire::message::incremental_alter_configs_response::AlterConfigsResourceResponse;
use ottla_wire::message::{IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::altering::{Asked, alter, told};
use super::{Call, Handle, Reply};
use crate::configs::{Changes, Operation, Refusal};

impl Handle for IncrementalAlterConfigsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 1);

    fn handle(self, call: &mut Call<'_>) -> Reply<IncrementalAlterConfigsResponse> {
        let asked: Vec<_> = self.resources.iter().map(asked).collect();
        let results = alter(call, &asked, self.validate_only);
        let responses = self.resources.iter().zip(results).map(|(resource, result)| response(resource, result));
        Reply::Answer(IncrementalAlterConfigsResponse::default().with_responses(responses.collect()))
    }

    fn failed(&self, code: ErrorCode) -> Option<IncrementalAlterConfigsResponse> {
        let refused = |resource| response(resource, Err(Refusal { code, reason: code.to_string() }));
        Some(IncrementalAlterConfigsResponse::default().with_responses(self.resources.iter().map(refused).collect()))
    }
}

fn asked(resource: &AlterConfigsResource) -> Asked<'_> {
    let each = resource.configs.iter().map(|config| {
        let operation = Operation::numbered(config.config_operation);
        (config.name.as_str(), operation, config.value.as_deref())
    });
    Asked { kind: resource.resource_type, name: &resource.resource_name, changes: Changes::Each(each.collect()) }
}

fn response(resource: &AlterConfigsResource, result: Result<(), Refusal>) -> AlterConfigsResourceResponse {
    let (error_code, error_message) = told(result);
    AlterConfigsResourceResponse::default()
        .with_resource_type(resource.resource_type)
        .with_resource_name(resource.resource_name.clone())
        .with_error_code(error_code)
        .with_error_message(error_message)
}
