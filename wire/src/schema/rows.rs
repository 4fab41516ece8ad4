//! The rows of the table, one file for each API.
//!
//! Generated from the message schemas of Apache Kafka 4.4.0 by `interop/schema/generate`; do not edit.

mod add_offsets_to_txn;
mod add_partitions_to_txn;
mod add_raft_voter;
mod allocate_producer_ids;
mod alter_client_quotas;
mod alter_configs;
mod alter_partition;
mod alter_partition_reassignments;
mod alter_replica_log_dirs;
mod alter_share_group_offsets;
mod alter_user_scram_credentials;
mod api_versions;
mod assign_replicas_to_dirs;
mod begin_quorum_epoch;
mod broker_heartbeat;
mod broker_registration;
mod consumer_group_describe;
mod consumer_group_heartbeat;
mod controller_registration;
mod create_acls;
mod create_delegation_token;
mod create_partitions;
mod create_topics;
mod delete_acls;
mod delete_groups;
mod delete_records;
mod delete_share_group_offsets;
mod delete_share_group_state;
mod delete_topics;
mod describe_acls;
mod describe_client_quotas;
mod describe_cluster;
mod describe_configs;
mod describe_delegation_token;
mod describe_groups;
mod describe_log_dirs;
mod describe_producers;
mod describe_quorum;
mod describe_share_group_offsets;
mod describe_topic_partitions;
mod describe_transactions;
mod describe_user_scram_credentials;
mod elect_leaders;
mod end_quorum_epoch;
mod end_txn;
mod envelope;
mod expire_delegation_token;
mod fetch;
mod fetch_snapshot;
mod find_coordinator;
mod get_telemetry_subscriptions;
pub(super) mod group_blobs;
pub(super) mod headers;
mod heartbeat;
mod incremental_alter_configs;
mod init_producer_id;
mod initialize_share_group_state;
mod join_group;
mod leave_group;
mod list_config_resources;
mod list_groups;
mod list_offsets;
mod list_partition_reassignments;
mod list_transactions;
mod metadata;
mod offset_commit;
mod offset_delete;
mod offset_fetch;
mod offset_for_leader_epoch;
pub(super) mod principal;
mod produce;
mod push_telemetry;
mod read_share_group_state;
mod read_share_group_state_summary;
pub(super) mod records;
mod remove_raft_voter;
mod renew_delegation_token;
mod sasl_authenticate;
mod sasl_handshake;
mod share_acknowledge;
mod share_fetch;
mod share_group_describe;
mod share_group_heartbeat;
mod streams_group_describe;
mod streams_group_heartbeat;
mod streams_group_topology_description_update;
mod sync_group;
mod txn_offset_commit;
mod unregister_broker;
mod unregister_controller;
mod update_features;
mod update_raft_voter;
mod vote;
mod write_share_group_state;
mod write_txn_markers;

use super::layout::{Message, by_api};

by_api! {
    Produce => produce,
    Fetch => fetch,
    ListOffsets => list_offsets,
    Metadata => metadata,
    OffsetCommit => offset_commit,
    OffsetFetch => offset_fetch,
    FindCoordinator => find_coordinator,
    JoinGroup => join_group,
    Heartbeat => heartbeat,
    LeaveGroup => leave_group,
    SyncGroup => sync_group,
    DescribeGroups => describe_groups,
    ListGroups => list_groups,
    SaslHandshake => sasl_handshake,
    ApiVersions => api_versions,
    CreateTopics => create_topics,
    DeleteTopics => delete_topics,
    DeleteRecords => delete_records,
    InitProducerId => init_producer_id,
    OffsetForLeaderEpoch => offset_for_leader_epoch,
    AddPartitionsToTxn => add_partitions_to_txn,
    AddOffsetsToTxn => add_offsets_to_txn,
    EndTxn => end_txn,
    WriteTxnMarkers => write_txn_markers,
    TxnOffsetCommit => txn_offset_commit,
    DescribeAcls => describe_acls,
    CreateAcls => create_acls,
    DeleteAcls => delete_acls,
    DescribeConfigs => describe_configs,
    AlterConfigs => alter_configs,
    AlterReplicaLogDirs => alter_replica_log_dirs,
    DescribeLogDirs => describe_log_dirs,
    SaslAuthenticate => sasl_authenticate,
    CreatePartitions => create_partitions,
    CreateDelegationToken => create_delegation_token,
    RenewDelegationToken => renew_delegation_token,
    ExpireDelegationToken => expire_delegation_token,
    DescribeDelegationToken => describe_delegation_token,
    DeleteGroups => delete_groups,
    ElectLeaders => elect_leaders,
    IncrementalAlterConfigs => incremental_alter_configs,
    AlterPartitionReassignments => alter_partition_reassignments,
    ListPartitionReassignments => list_partition_reassignments,
    OffsetDelete => offset_delete,
    DescribeClientQuotas => describe_client_quotas,
    AlterClientQuotas => alter_client_quotas,
    DescribeUserScramCredentials => describe_user_scram_credentials,
    AlterUserScramCredentials => alter_user_scram_credentials,
    Vote => vote,
    BeginQuorumEpoch => begin_quorum_epoch,
    EndQuorumEpoch => end_quorum_epoch,
    DescribeQuorum => describe_quorum,
    AlterPartition => alter_partition,
    UpdateFeatures => update_features,
    Envelope => envelope,
    FetchSnapshot => fetch_snapshot,
    DescribeCluster => describe_cluster,
    DescribeProducers => describe_producers,
    BrokerRegistration => broker_registration,
    BrokerHeartbeat => broker_heartbeat,
    UnregisterBroker => unregister_broker,
    DescribeTransactions => describe_transactions,
    ListTransactions => list_transactions,
    AllocateProducerIds => allocate_producer_ids,
    ConsumerGroupHeartbeat => consumer_group_heartbeat,
    ConsumerGroupDescribe => consumer_group_describe,
    ControllerRegistration => controller_registration,
    GetTelemetrySubscriptions => get_telemetry_subscriptions,
    PushTelemetry => push_telemetry,
    AssignReplicasToDirs => assign_replicas_to_dirs,
    ListConfigResources => list_config_resources,
    DescribeTopicPartitions => describe_topic_partitions,
    ShareGroupHeartbeat => share_group_heartbeat,
    ShareGroupDescribe => share_group_describe,
    ShareFetch => share_fetch,
    ShareAcknowledge => share_acknowledge,
    AddRaftVoter => add_raft_voter,
    RemoveRaftVoter => remove_raft_voter,
    UpdateRaftVoter => update_raft_voter,
    InitializeShareGroupState => initialize_share_group_state,
    ReadShareGroupState => read_share_group_state,
    WriteShareGroupState => write_share_group_state,
    DeleteShareGroupState => delete_share_group_state,
    ReadShareGroupStateSummary => read_share_group_state_summary,
    StreamsGroupHeartbeat => streams_group_heartbeat,
    StreamsGroupDescribe => streams_group_describe,
    DescribeShareGroupOffsets => describe_share_group_offsets,
    AlterShareGroupOffsets => alter_share_group_offsets,
    DeleteShareGroupOffsets => delete_share_group_offsets,
    StreamsGroupTopologyDescriptionUpdate => streams_group_topology_description_update,
    UnregisterController => unregister_controller,
}

/// The headers: of requests, of responses.
pub(super) static HEADERS: [&Message; 2] = [&headers::REQUEST_HEADER, &headers::RESPONSE_HEADER];

/// The messages that stand inside others, or in records.
pub(super) static BLOBS: &[&Message] = &[
    &group_blobs::CONSUMER_PROTOCOL_SUBSCRIPTION,
    &group_blobs::CONSUMER_PROTOCOL_ASSIGNMENT,
    &principal::DEFAULT_PRINCIPAL_DATA,
    &records::CONTROL_RECORD_TYPE_SCHEMA,
    &records::END_TXN_MARKER,
    &records::LEADER_CHANGE_MESSAGE,
    &records::SNAPSHOT_HEADER_RECORD,
    &records::SNAPSHOT_FOOTER_RECORD,
    &records::K_RAFT_VERSION_RECORD,
    &records::VOTERS_RECORD,
    &records::ABORTED_TXN,
];
