//! Every message that the generated structs can say, as functions over bytes: for tests and fuzz targets, in whichever crate they stand.
//!
//! LeaderChangeMessage and VotersRecord are not among them: kafka-protocol 0.18 decodes their inner structs at the version that the message's field
//! `Version` holds, whatever that is.

use bytes::{Bytes, BytesMut};

use super::{Direction, Message, layout, rows};
use crate::api::{ApiKey, VersionRange, codable};
use crate::message::{self as m, Decodable, Encodable};

/// One message that has a generated struct.
#[derive(Debug)]
pub struct Generated {
    /// Its row of the table.
    pub message: &'static Message,
    /// The versions that the generated struct codes and that Kafka has, those that have the layout of the last included.
    pub versions: VersionRange,
    /// What the struct takes in memory, in bytes.
    pub memory_bytes: usize,
    /// The bytes of the message with every default; `Err` says why it cannot be written.
    pub default: fn(i16) -> Result<Bytes, String>,
    /// Decodes and encodes again. Walk the bytes first ([`super::preflight_message`]), for the decoder believes what they claim.
    pub again: fn(Bytes, i16) -> Result<Again, NotAgain>,
}

/// What came of bytes that the generated decoder read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// How many bytes it left.
    pub left: usize,
    /// The message, encoded again.
    pub bytes: Bytes,
}

/// Why bytes did not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAgain {
    /// The decoder refused them.
    Decode(String),
    /// The encoder refused what the decoder had read.
    Encode(String),
}

impl Generated {
    const fn of<T: m::Message + Encodable + Decodable + Default>(message: &'static Message) -> Self {
        Self {
            message,
            versions: message.codable(VersionRange::new(T::VERSIONS.min, T::VERSIONS.max)),
            memory_bytes: size_of::<T>(),
            default: |version| encoded(&T::default(), version),
            again: again::<T>,
        }
    }
}

fn again<T: m::Message + Encodable + Decodable>(mut bytes: Bytes, version: i16) -> Result<Again, NotAgain> {
    let version = version.min(T::VERSIONS.max);
    let message = T::decode(&mut bytes, version).map_err(|refusal| NotAgain::Decode(refusal.to_string()))?;
    let left = bytes.len();
    Ok(Again { left, bytes: encoded(&message, version).map_err(NotAgain::Encode)? })
}

fn encoded<T: m::Message + Encodable>(message: &T, version: i16) -> Result<Bytes, String> {
    let mut out = BytesMut::new();
    message.encode(&mut out, version.min(T::VERSIONS.max)).map_err(|refusal| refusal.to_string())?;
    Ok(out.freeze())
}

macro_rules! every {
    ($($api:ident: $request:ident, $response:ident;)+ --- $($module:ident::$row:ident: $generated:ident;)+) => {
        /// All of them, in the order of [`super::messages`].
        pub static ALL: &[Generated] = &[
            $(
                Generated::of::<m::$request>(layout(ApiKey::$api, Direction::Request)),
                Generated::of::<m::$response>(layout(ApiKey::$api, Direction::Response)),
            )+
            $(Generated::of::<m::$generated>(&rows::$module::$row),)+
        ];

        /// The versions of each API at which both of its messages can be coded ([`crate::api::codable`]).
        pub static CODABLE: &[(ApiKey, fn() -> VersionRange)] = &[$((ApiKey::$api, codable::<m::$request>),)+];
    };
}

every! {
    Produce: ProduceRequest, ProduceResponse;
    Fetch: FetchRequest, FetchResponse;
    ListOffsets: ListOffsetsRequest, ListOffsetsResponse;
    Metadata: MetadataRequest, MetadataResponse;
    OffsetCommit: OffsetCommitRequest, OffsetCommitResponse;
    OffsetFetch: OffsetFetchRequest, OffsetFetchResponse;
    FindCoordinator: FindCoordinatorRequest, FindCoordinatorResponse;
    JoinGroup: JoinGroupRequest, JoinGroupResponse;
    Heartbeat: HeartbeatRequest, HeartbeatResponse;
    LeaveGroup: LeaveGroupRequest, LeaveGroupResponse;
    SyncGroup: SyncGroupRequest, SyncGroupResponse;
    DescribeGroups: DescribeGroupsRequest, DescribeGroupsResponse;
    ListGroups: ListGroupsRequest, ListGroupsResponse;
    SaslHandshake: SaslHandshakeRequest, SaslHandshakeResponse;
    ApiVersions: ApiVersionsRequest, ApiVersionsResponse;
    CreateTopics: CreateTopicsRequest, CreateTopicsResponse;
    DeleteTopics: DeleteTopicsRequest, DeleteTopicsResponse;
    DeleteRecords: DeleteRecordsRequest, DeleteRecordsResponse;
    InitProducerId: InitProducerIdRequest, InitProducerIdResponse;
    OffsetForLeaderEpoch: OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse;
    AddPartitionsToTxn: AddPartitionsToTxnRequest, AddPartitionsToTxnResponse;
    AddOffsetsToTxn: AddOffsetsToTxnRequest, AddOffsetsToTxnResponse;
    EndTxn: EndTxnRequest, EndTxnResponse;
    WriteTxnMarkers: WriteTxnMarkersRequest, WriteTxnMarkersResponse;
    TxnOffsetCommit: TxnOffsetCommitRequest, TxnOffsetCommitResponse;
    DescribeAcls: DescribeAclsRequest, DescribeAclsResponse;
    CreateAcls: CreateAclsRequest, CreateAclsResponse;
    DeleteAcls: DeleteAclsRequest, DeleteAclsResponse;
    DescribeConfigs: DescribeConfigsRequest, DescribeConfigsResponse;
    AlterConfigs: AlterConfigsRequest, AlterConfigsResponse;
    AlterReplicaLogDirs: AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse;
    DescribeLogDirs: DescribeLogDirsRequest, DescribeLogDirsResponse;
    SaslAuthenticate: SaslAuthenticateRequest, SaslAuthenticateResponse;
    CreatePartitions: CreatePartitionsRequest, CreatePartitionsResponse;
    CreateDelegationToken: CreateDelegationTokenRequest, CreateDelegationTokenResponse;
    RenewDelegationToken: RenewDelegationTokenRequest, RenewDelegationTokenResponse;
    ExpireDelegationToken: ExpireDelegationTokenRequest, ExpireDelegationTokenResponse;
    DescribeDelegationToken: DescribeDelegationTokenRequest, DescribeDelegationTokenResponse;
    DeleteGroups: DeleteGroupsRequest, DeleteGroupsResponse;
    ElectLeaders: ElectLeadersRequest, ElectLeadersResponse;
    IncrementalAlterConfigs: IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse;
    AlterPartitionReassignments: AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse;
    ListPartitionReassignments: ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse;
    OffsetDelete: OffsetDeleteRequest, OffsetDeleteResponse;
    DescribeClientQuotas: DescribeClientQuotasRequest, DescribeClientQuotasResponse;
    AlterClientQuotas: AlterClientQuotasRequest, AlterClientQuotasResponse;
    DescribeUserScramCredentials: DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse;
    AlterUserScramCredentials: AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse;
    Vote: VoteRequest, VoteResponse;
    BeginQuorumEpoch: BeginQuorumEpochRequest, BeginQuorumEpochResponse;
    EndQuorumEpoch: EndQuorumEpochRequest, EndQuorumEpochResponse;
    DescribeQuorum: DescribeQuorumRequest, DescribeQuorumResponse;
    AlterPartition: AlterPartitionRequest, AlterPartitionResponse;
    UpdateFeatures: UpdateFeaturesRequest, UpdateFeaturesResponse;
    Envelope: EnvelopeRequest, EnvelopeResponse;
    FetchSnapshot: FetchSnapshotRequest, FetchSnapshotResponse;
    DescribeCluster: DescribeClusterRequest, DescribeClusterResponse;
    DescribeProducers: DescribeProducersRequest, DescribeProducersResponse;
    BrokerRegistration: BrokerRegistrationRequest, BrokerRegistrationResponse;
    BrokerHeartbeat: BrokerHeartbeatRequest, BrokerHeartbeatResponse;
    UnregisterBroker: UnregisterBrokerRequest, UnregisterBrokerResponse;
    DescribeTransactions: DescribeTransactionsRequest, DescribeTransactionsResponse;
    ListTransactions: ListTransactionsRequest, ListTransactionsResponse;
    AllocateProducerIds: AllocateProducerIdsRequest, AllocateProducerIdsResponse;
    ConsumerGroupHeartbeat: ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse;
    ConsumerGroupDescribe: ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse;
    ControllerRegistration: ControllerRegistrationRequest, ControllerRegistrationResponse;
    GetTelemetrySubscriptions: GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse;
    PushTelemetry: PushTelemetryRequest, PushTelemetryResponse;
    AssignReplicasToDirs: AssignReplicasToDirsRequest, AssignReplicasToDirsResponse;
    ListConfigResources: ListConfigResourcesRequest, ListConfigResourcesResponse;
    DescribeTopicPartitions: DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse;
    ShareGroupHeartbeat: ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse;
    ShareGroupDescribe: ShareGroupDescribeRequest, ShareGroupDescribeResponse;
    ShareFetch: ShareFetchRequest, ShareFetchResponse;
    ShareAcknowledge: ShareAcknowledgeRequest, ShareAcknowledgeResponse;
    AddRaftVoter: AddRaftVoterRequest, AddRaftVoterResponse;
    RemoveRaftVoter: RemoveRaftVoterRequest, RemoveRaftVoterResponse;
    UpdateRaftVoter: UpdateRaftVoterRequest, UpdateRaftVoterResponse;
    InitializeShareGroupState: InitializeShareGroupStateRequest, InitializeShareGroupStateResponse;
    ReadShareGroupState: ReadShareGroupStateRequest, ReadShareGroupStateResponse;
    WriteShareGroupState: WriteShareGroupStateRequest, WriteShareGroupStateResponse;
    DeleteShareGroupState: DeleteShareGroupStateRequest, DeleteShareGroupStateResponse;
    ReadShareGroupStateSummary: ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse;
    DescribeShareGroupOffsets: DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse;
    AlterShareGroupOffsets: AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse;
    DeleteShareGroupOffsets: DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse;
    ---
    headers::REQUEST_HEADER: RequestHeader;
    headers::RESPONSE_HEADER: ResponseHeader;
    group_blobs::CONSUMER_PROTOCOL_SUBSCRIPTION: ConsumerProtocolSubscription;
    group_blobs::CONSUMER_PROTOCOL_ASSIGNMENT: ConsumerProtocolAssignment;
    principal::DEFAULT_PRINCIPAL_DATA: DefaultPrincipalData;
    records::END_TXN_MARKER: EndTxnMarker;
    records::SNAPSHOT_HEADER_RECORD: SnapshotHeaderRecord;
    records::SNAPSHOT_FOOTER_RECORD: SnapshotFooterRecord;
    records::K_RAFT_VERSION_RECORD: KRaftVersionRecord;
}
