//! DescribeCluster (60), versions 0 to 2.
//!
//! The brokers, each at the address that it has for the listener of this connection, the controller and the cluster's id (KIP-700). From
//! version 1 on a client may ask for the controllers (KIP-919), which a broker refuses with `MISMATCHED_ENDPOINT_TYPE`. Version 2 may ask
//! for brokers that are fenced too (KIP-1073).
//!
//! Needs nothing; but who may not DESCRIBE the cluster is told that it may do nothing to it (KIP-430).
//!
//! Deviation: that of Metadata about the controller.

use ottla_wire::message::describe_cluster_response::DescribeClusterBroker;
use ottla_wire::message::{DescribeClusterRequest, DescribeClusterResponse};
use ottla_wire::{ErrorCode, VersionRange};

use super::{Call, Handle, Reply, text};
use crate::broker::Endpoint;

/// From this version on, an answer says which brokers are fenced.
const FENCED_FROM: i16 = 2;

/// What asks for the brokers.
const BROKERS: i8 = 1;

/// What asks for the controllers.
const CONTROLLERS: i8 = 2;

impl Handle for DescribeClusterRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 2);

    fn handle(self, call: &mut Call<'_>) -> Reply<DescribeClusterResponse> {
        match self.endpoint_type {
            BROKERS => {}
            CONTROLLERS => return Reply::Answer(failure(ErrorCode::MISMATCHED_ENDPOINT_TYPE)),
            _ => return Reply::Answer(failure(ErrorCode::UNSUPPORTED_ENDPOINT_TYPE)),
        }
        let endpoints = call.state.brokers.endpoints(&call.connection.listener.name);
        let told = endpoints.filter(|endpoint| self.include_fenced_brokers || !endpoint.is_fenced);
        let answer = DescribeClusterResponse::default()
            .with_cluster_id(text(call.state.cluster_id.as_str()))
            .with_controller_id(call.state.controller().0.into())
            .with_brokers(told.map(|endpoint| broker(endpoint, call.version)).collect());
        Reply::Answer(match self.include_cluster_authorized_operations {
            true => answer.with_cluster_authorized_operations(call.operations_on_cluster()),
            false => answer,
        })
    }

    fn failed(&self, code: ErrorCode) -> Option<DescribeClusterResponse> {
        Some(failure(code))
    }
}

fn failure(code: ErrorCode) -> DescribeClusterResponse {
    DescribeClusterResponse::default().with_error_code(code.0).with_error_message(Some(text(code.to_string())))
}

fn broker(endpoint: Endpoint<'_>, version: i16) -> DescribeClusterBroker {
    DescribeClusterBroker::default()
        .with_is_fenced(endpoint.is_fenced && version >= FENCED_FROM)
        .with_broker_id(endpoint.id.0.into())
        .with_host(text(endpoint.address.host.as_str()))
        .with_port(endpoint.address.port.into())
        .with_rack(endpoint.rack.map(text))
}
