//! Every API of Kafka's broker listener: the versions that Kafka 4.4 advertises, and who answers it or why nobody does.

use bytes::Bytes;
use ottla_wire::api::codable;
use ottla_wire::{ApiKey, ErrorCode, VersionRange, message};

use super::{Call, Failure, Handle, Served, fail_request, serve_request};
use crate::release::Release;

/// One API.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) api: ApiKey,
    pub(crate) availability: Availability,
}

/// Whether an API is answered.
#[derive(Debug)]
pub(crate) enum Availability {
    Answered(Answered),
    Absent(Absence),
}

/// How an API is answered.
#[derive(Debug)]
pub(crate) struct Answered {
    /// What Kafka advertises.
    kafka: VersionRange,
    codable: fn() -> VersionRange,
    pub(super) serve: fn(&mut Call<'_>, Bytes) -> Served,
    pub(super) fail: fn(&Call<'_>, Bytes, ErrorCode) -> Failure,
}

impl Answered {
    /// The versions that are answered: those of Kafka's latest release, as far as they can be coded.
    pub(super) fn versions(&self) -> VersionRange {
        self.kafka.intersect((self.codable)())
    }

    /// The versions that ApiVersions tells. Kafka tells that Produce begins at 0, without which some clients compress nothing
    /// (KAFKA-18659), and closes the connection on those below 3.
    pub(super) fn advertised(&self, versions: VersionRange) -> VersionRange {
        VersionRange::new(self.kafka.min, versions.max)
    }
}

/// Why the mock does not answer an API that Kafka has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Absence {
    /// It belongs to consumer groups.
    #[error("consumer groups are not simulated")]
    Groups,
    /// It belongs to transactions.
    #[error("transactions are not simulated")]
    Transactions,
    /// It belongs to share groups (KIP-932).
    #[error("share groups are not simulated")]
    ShareGroups,
    /// It belongs to delegation tokens, which a broker without a secret for them refuses too.
    #[error("delegation tokens are not simulated")]
    DelegationTokens,
    /// It changes who votes in the controllers' quorum, or takes a controller out of it, where the mock has those that it began with.
    #[error("the voters of the quorum do not change")]
    Voters,
}

const fn answered<R: Handle>(api: ApiKey) -> Row {
    let (serve, fail) = (serve_request::<R>, fail_request::<R>);
    Row { api, availability: Availability::Answered(Answered { kafka: R::KAFKA, codable: codable::<R>, serve, fail }) }
}

const fn absent(api: ApiKey, reason: Absence) -> Row {
    Row { api, availability: Availability::Absent(reason) }
}

use Absence::{DelegationTokens, Groups, ShareGroups, Transactions, Voters};

/// All of them, by ascending key.
pub(super) static TABLE: &[Row] = &[
    answered::<message::ProduceRequest>(ApiKey::Produce),
    answered::<message::FetchRequest>(ApiKey::Fetch),
    answered::<message::ListOffsetsRequest>(ApiKey::ListOffsets),
    answered::<message::MetadataRequest>(ApiKey::Metadata),
    absent(ApiKey::OffsetCommit, Groups),
    absent(ApiKey::OffsetFetch, Groups),
    answered::<message::FindCoordinatorRequest>(ApiKey::FindCoordinator),
    absent(ApiKey::JoinGroup, Groups),
    absent(ApiKey::Heartbeat, Groups),
    absent(ApiKey::LeaveGroup, Groups),
    absent(ApiKey::SyncGroup, Groups),
    absent(ApiKey::DescribeGroups, Groups),
    absent(ApiKey::ListGroups, Groups),
    answered::<message::SaslHandshakeRequest>(ApiKey::SaslHandshake),
    answered::<message::ApiVersionsRequest>(ApiKey::ApiVersions),
    answered::<message::CreateTopicsRequest>(ApiKey::CreateTopics),
    answered::<message::DeleteTopicsRequest>(ApiKey::DeleteTopics),
    answered::<message::DeleteRecordsRequest>(ApiKey::DeleteRecords),
    answered::<message::InitProducerIdRequest>(ApiKey::InitProducerId),
    answered::<message::OffsetForLeaderEpochRequest>(ApiKey::OffsetForLeaderEpoch),
    absent(ApiKey::AddPartitionsToTxn, Transactions),
    absent(ApiKey::AddOffsetsToTxn, Transactions),
    absent(ApiKey::EndTxn, Transactions),
    absent(ApiKey::WriteTxnMarkers, Transactions),
    absent(ApiKey::TxnOffsetCommit, Transactions),
    answered::<message::DescribeAclsRequest>(ApiKey::DescribeAcls),
    answered::<message::CreateAclsRequest>(ApiKey::CreateAcls),
    answered::<message::DeleteAclsRequest>(ApiKey::DeleteAcls),
    answered::<message::DescribeConfigsRequest>(ApiKey::DescribeConfigs),
    answered::<message::AlterConfigsRequest>(ApiKey::AlterConfigs),
    answered::<message::AlterReplicaLogDirsRequest>(ApiKey::AlterReplicaLogDirs),
    answered::<message::DescribeLogDirsRequest>(ApiKey::DescribeLogDirs),
    answered::<message::SaslAuthenticateRequest>(ApiKey::SaslAuthenticate),
    answered::<message::CreatePartitionsRequest>(ApiKey::CreatePartitions),
    absent(ApiKey::CreateDelegationToken, DelegationTokens),
    absent(ApiKey::RenewDelegationToken, DelegationTokens),
    absent(ApiKey::ExpireDelegationToken, DelegationTokens),
    absent(ApiKey::DescribeDelegationToken, DelegationTokens),
    absent(ApiKey::DeleteGroups, Groups),
    answered::<message::ElectLeadersRequest>(ApiKey::ElectLeaders),
    answered::<message::IncrementalAlterConfigsRequest>(ApiKey::IncrementalAlterConfigs),
    answered::<message::AlterPartitionReassignmentsRequest>(ApiKey::AlterPartitionReassignments),
    answered::<message::ListPartitionReassignmentsRequest>(ApiKey::ListPartitionReassignments),
    absent(ApiKey::OffsetDelete, Groups),
    answered::<message::DescribeClientQuotasRequest>(ApiKey::DescribeClientQuotas),
    answered::<message::AlterClientQuotasRequest>(ApiKey::AlterClientQuotas),
    answered::<message::DescribeUserScramCredentialsRequest>(ApiKey::DescribeUserScramCredentials),
    answered::<message::AlterUserScramCredentialsRequest>(ApiKey::AlterUserScramCredentials),
    answered::<message::DescribeQuorumRequest>(ApiKey::DescribeQuorum),
    answered::<message::UpdateFeaturesRequest>(ApiKey::UpdateFeatures),
    answered::<message::DescribeClusterRequest>(ApiKey::DescribeCluster),
    answered::<message::DescribeProducersRequest>(ApiKey::DescribeProducers),
    answered::<message::UnregisterBrokerRequest>(ApiKey::UnregisterBroker),
    absent(ApiKey::DescribeTransactions, Transactions),
    absent(ApiKey::ListTransactions, Transactions),
    absent(ApiKey::ConsumerGroupHeartbeat, Groups),
    absent(ApiKey::ConsumerGroupDescribe, Groups),
    answered::<message::GetTelemetrySubscriptionsRequest>(ApiKey::GetTelemetrySubscriptions),
    answered::<message::PushTelemetryRequest>(ApiKey::PushTelemetry),
    answered::<message::ListConfigResourcesRequest>(ApiKey::ListConfigResources),
    answered::<message::DescribeTopicPartitionsRequest>(ApiKey::DescribeTopicPartitions),
    absent(ApiKey::ShareGroupHeartbeat, ShareGroups),
    absent(ApiKey::ShareGroupDescribe, ShareGroups),
    absent(ApiKey::ShareFetch, ShareGroups),
    absent(ApiKey::ShareAcknowledge, ShareGroups),
    absent(ApiKey::AddRaftVoter, Voters),
    absent(ApiKey::RemoveRaftVoter, Voters),
    absent(ApiKey::InitializeShareGroupState, ShareGroups),
    absent(ApiKey::ReadShareGroupState, ShareGroups),
    absent(ApiKey::WriteShareGroupState, ShareGroups),
    absent(ApiKey::DeleteShareGroupState, ShareGroups),
    absent(ApiKey::ReadShareGroupStateSummary, ShareGroups),
    absent(ApiKey::StreamsGroupHeartbeat, Groups),
    absent(ApiKey::StreamsGroupDescribe, Groups),
    absent(ApiKey::DescribeShareGroupOffsets, ShareGroups),
    absent(ApiKey::AlterShareGroupOffsets, ShareGroups),
    absent(ApiKey::DeleteShareGroupOffsets, ShareGroups),
    absent(ApiKey::StreamsGroupTopologyDescriptionUpdate, Groups),
    absent(ApiKey::UnregisterController, Voters),
];

/// The row of an API.
pub(super) fn row(api: ApiKey) -> Option<&'static Row> {
    let at = TABLE.binary_search_by_key(&api, |row| row.api).ok()?;
    TABLE.get(at)
}

/// The APIs that a cluster like this release answers, by ascending key, with the versions that are.
pub(super) fn all_of(release: &Release) -> impl Iterator<Item = (ApiKey, &'static Answered, VersionRange)> {
    let of_release = |(api, answered): (ApiKey, &'static Answered)| {
        let versions = answered.versions().intersect(release.versions(api)?);
        (!versions.is_empty()).then_some((api, answered, versions))
    };
    all_answered().filter_map(of_release)
}

/// The APIs that are answered, by ascending key.
pub(super) fn all_answered() -> impl Iterator<Item = (ApiKey, &'static Answered)> {
    TABLE.iter().filter_map(|row| match &row.availability {
        Availability::Answered(answered) => Some((row.api, answered)),
        Availability::Absent(_) => None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use ottla_wire::api::Listener;

    use super::*;

    #[test]
    fn every_api_of_the_broker_listener_is_answered_or_absent_with_its_reason() {
        let named: Vec<ApiKey> = TABLE.iter().map(|row| row.api).collect();
        let of_brokers = ApiKey::ALL.iter().copied().filter(|api| api.listeners().contains(&Listener::Broker));
        assert_eq!(named, of_brokers.collect::<Vec<_>>());
    }

    #[test]
    fn every_answered_api_is_its_own_and_has_a_version() {
        for (api, answered) in all_answered() {
            assert!(!answered.versions().is_empty(), "{api}");
            assert!(answered.versions().max <= answered.kafka.max, "{api}");
        }
    }

    #[test]
    fn the_versions_are_those_that_kafka_advertises_and_we_can_code() {
        let latest = Release::named(Release::LATEST).unwrap();
        let advertised = |api| {
            let found = all_of(latest).find(|(of, ..)| *of == api);
            found.map(|(_, answered, versions)| answered.advertised(versions))
        };
        for (api, min, max) in [
            (ApiKey::Produce, 0, 13),
            (ApiKey::Fetch, 4, 18),
            (ApiKey::ListOffsets, 1, 11),
            (ApiKey::Metadata, 0, 13),
            (ApiKey::FindCoordinator, 0, 6),
            (ApiKey::SaslHandshake, 0, 1),
            (ApiKey::ApiVersions, 0, 4),
            (ApiKey::CreateTopics, 2, 7),
            (ApiKey::DeleteTopics, 1, 6),
            (ApiKey::InitProducerId, 0, 5),
            (ApiKey::DeleteRecords, 0, 2),
            (ApiKey::OffsetForLeaderEpoch, 2, 4),
            (ApiKey::AlterReplicaLogDirs, 1, 2),
            (ApiKey::DescribeLogDirs, 1, 5),
            (ApiKey::CreatePartitions, 0, 3),
            (ApiKey::DescribeProducers, 0, 0),
            (ApiKey::ListConfigResources, 0, 1),
            (ApiKey::DescribeTopicPartitions, 0, 0),
            (ApiKey::DescribeAcls, 1, 3),
            (ApiKey::CreateAcls, 1, 3),
            (ApiKey::DeleteAcls, 1, 3),
            (ApiKey::DescribeConfigs, 1, 4),
            (ApiKey::SaslAuthenticate, 0, 2),
            (ApiKey::DescribeCluster, 0, 2),
            (ApiKey::ElectLeaders, 0, 2),
            (ApiKey::AlterPartitionReassignments, 0, 1),
            (ApiKey::ListPartitionReassignments, 0, 0),
            (ApiKey::DescribeQuorum, 0, 2),
            (ApiKey::UnregisterBroker, 0, 0),
        ] {
            assert_eq!(advertised(api), Some(VersionRange::new(min, max)), "{api}");
        }
    }

    #[test]
    fn an_older_release_answers_what_it_had() {
        let release = Release::named("3.5").unwrap();
        let versions = |api| all_of(release).find(|(of, ..)| *of == api).map(|(.., versions)| versions);
        assert_eq!(versions(ApiKey::Fetch), Some(VersionRange::new(4, 15)));
        assert_eq!(versions(ApiKey::Produce), Some(VersionRange::new(3, 9)));
        assert_eq!(versions(ApiKey::DescribeTopicPartitions), None);
        assert!(all_of(Release::named("2.8").unwrap()).count() > 15);
    }
}
