//! The rows of the table, one file per API: the message schemas of Apache Kafka 4.4.0 (`common/message` in its clients jar), cut to the versions and
//! fields that can be coded.

mod api_versions;
mod create_topics;
mod delete_topics;
mod describe_cluster;
mod describe_configs;
mod fetch;
mod find_coordinator;
mod init_producer_id;
mod list_offsets;
mod metadata;
mod produce;
mod sasl_authenticate;
mod sasl_handshake;

use super::layout::Message;

/// Each API's request and response, by ascending key.
pub(super) static MESSAGES: &[[&Message; 2]] = &[
    [&produce::REQUEST, &produce::RESPONSE],
    [&fetch::REQUEST, &fetch::RESPONSE],
    [&list_offsets::REQUEST, &list_offsets::RESPONSE],
    [&metadata::REQUEST, &metadata::RESPONSE],
    [&find_coordinator::REQUEST, &find_coordinator::RESPONSE],
    [&sasl_handshake::REQUEST, &sasl_handshake::RESPONSE],
    [&api_versions::REQUEST, &api_versions::RESPONSE],
    [&create_topics::REQUEST, &create_topics::RESPONSE],
    [&delete_topics::REQUEST, &delete_topics::RESPONSE],
    [&init_producer_id::REQUEST, &init_producer_id::RESPONSE],
    [&describe_configs::REQUEST, &describe_configs::RESPONSE],
    [&sasl_authenticate::REQUEST, &sasl_authenticate::RESPONSE],
    [&describe_cluster::REQUEST, &describe_cluster::RESPONSE],
];
