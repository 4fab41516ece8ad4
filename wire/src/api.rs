//! API keys, their versions, and which header goes with which version.

use std::fmt;

use crate::message::{self, Message};

/// A range of versions of one API, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionRange {
    /// The lowest version.
    pub min: i16,
    /// The highest version; below `min` where the range is empty.
    pub max: i16,
}

impl VersionRange {
    /// The versions `min` to `max`, both included.
    #[must_use]
    pub const fn new(min: i16, max: i16) -> Self {
        Self { min, max }
    }

    /// Whether no version is in the range.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.max < self.min
    }

    /// Whether `version` is in the range.
    #[must_use]
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    /// The versions that are in both ranges; empty where there are none.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self {
            min: if self.min > other.min { self.min } else { other.min },
            max: if self.max < other.max { self.max } else { other.max },
        }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.min, self.max)
    }
}

/// Where no version of an API is flexible (KIP-482).
const NEVER: i16 = i16::MAX;

macro_rules! apis {
    ($($name:ident = $key:literal, flexible from $flexible:expr;)+) => {
        /// An API of Kafka's broker listener, by its key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(i16)]
        pub enum ApiKey {
            $(#[doc = concat!("`", stringify!($name), "`, key ", $key, ".")] $name = $key,)+
        }

        impl ApiKey {
            /// All of them, by ascending key.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name that Kafka's protocol guide uses.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The first version whose messages are flexible, with compact lengths and tagged fields (KIP-482).
            const fn flexible_from(self) -> i16 {
                match self { $(Self::$name => $flexible,)+ }
            }
        }

        impl TryFrom<i16> for ApiKey {
            type Error = UnknownApi;

            fn try_from(key: i16) -> Result<Self, UnknownApi> {
                match key { $($key => Ok(Self::$name),)+ _ => Err(UnknownApi(key)) }
            }
        }
    };
}

apis! {
    Produce = 0, flexible from 9;
    Fetch = 1, flexible from 12;
    ListOffsets = 2, flexible from 6;
    Metadata = 3, flexible from 9;
    OffsetCommit = 8, flexible from 8;
    OffsetFetch = 9, flexible from 6;
    FindCoordinator = 10, flexible from 3;
    JoinGroup = 11, flexible from 6;
    Heartbeat = 12, flexible from 4;
    LeaveGroup = 13, flexible from 4;
    SyncGroup = 14, flexible from 4;
    DescribeGroups = 15, flexible from 5;
    ListGroups = 16, flexible from 3;
    SaslHandshake = 17, flexible from NEVER;
    ApiVersions = 18, flexible from 3;
    CreateTopics = 19, flexible from 5;
    DeleteTopics = 20, flexible from 4;
    DeleteRecords = 21, flexible from 2;
    InitProducerId = 22, flexible from 2;
    OffsetForLeaderEpoch = 23, flexible from 4;
    AddPartitionsToTxn = 24, flexible from 3;
    AddOffsetsToTxn = 25, flexible from 3;
    EndTxn = 26, flexible from 3;
    WriteTxnMarkers = 27, flexible from 1;
    TxnOffsetCommit = 28, flexible from 3;
    DescribeAcls = 29, flexible from 2;
    CreateAcls = 30, flexible from 2;
    DeleteAcls = 31, flexible from 2;
    DescribeConfigs = 32, flexible from 4;
    AlterConfigs = 33, flexible from 2;
    AlterReplicaLogDirs = 34, flexible from 2;
    DescribeLogDirs = 35, flexible from 2;
    SaslAuthenticate = 36, flexible from 2;
    CreatePartitions = 37, flexible from 2;
    CreateDelegationToken = 38, flexible from 2;
    RenewDelegationToken = 39, flexible from 2;
    ExpireDelegationToken = 40, flexible from 2;
    DescribeDelegationToken = 41, flexible from 2;
    DeleteGroups = 42, flexible from 2;
    ElectLeaders = 43, flexible from 2;
    IncrementalAlterConfigs = 44, flexible from 1;
    AlterPartitionReassignments = 45, flexible from 0;
    ListPartitionReassignments = 46, flexible from 0;
    OffsetDelete = 47, flexible from NEVER;
    DescribeClientQuotas = 48, flexible from 1;
    AlterClientQuotas = 49, flexible from 1;
    DescribeUserScramCredentials = 50, flexible from 0;
    AlterUserScramCredentials = 51, flexible from 0;
    DescribeQuorum = 55, flexible from 0;
    UpdateFeatures = 57, flexible from 0;
    DescribeCluster = 60, flexible from 0;
    DescribeProducers = 61, flexible from 0;
    UnregisterBroker = 64, flexible from 0;
    DescribeTransactions = 65, flexible from 0;
    ListTransactions = 66, flexible from 0;
    ConsumerGroupHeartbeat = 68, flexible from 0;
    ConsumerGroupDescribe = 69, flexible from 0;
    GetTelemetrySubscriptions = 71, flexible from 0;
    PushTelemetry = 72, flexible from 0;
    ListConfigResources = 74, flexible from 0;
    DescribeTopicPartitions = 75, flexible from 0;
    ShareGroupHeartbeat = 76, flexible from 0;
    ShareGroupDescribe = 77, flexible from 0;
    ShareFetch = 78, flexible from 0;
    ShareAcknowledge = 79, flexible from 0;
    AddRaftVoter = 80, flexible from 0;
    RemoveRaftVoter = 81, flexible from 0;
    InitializeShareGroupState = 83, flexible from 0;
    ReadShareGroupState = 84, flexible from 0;
    WriteShareGroupState = 85, flexible from 0;
    DeleteShareGroupState = 86, flexible from 0;
    ReadShareGroupStateSummary = 87, flexible from 0;
    DescribeShareGroupOffsets = 90, flexible from 0;
    AlterShareGroupOffsets = 91, flexible from 0;
    DeleteShareGroupOffsets = 92, flexible from 0;
}

/// The key of an API that Kafka's broker listener does not have, or that cannot be coded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("API key {0} is not known")]
pub struct UnknownApi(pub i16);

impl ApiKey {
    /// The number that stands in the request header.
    #[must_use]
    pub const fn key(self) -> i16 {
        self as i16
    }

    /// The version of the request header that goes before a request of this `version`.
    #[must_use]
    pub const fn request_header_version(self, version: i16) -> i16 {
        if version >= self.flexible_from() { 2 } else { 1 }
    }

    /// The version of the response header that goes before a response of this `version`.
    ///
    /// ApiVersions always has version 0, so that a client can read the answer of a broker that it knows nothing about (KIP-511).
    #[must_use]
    pub const fn response_header_version(self, version: i16) -> i16 {
        match self {
            Self::ApiVersions => 0,
            _ if version >= self.flexible_from() => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The versions that both the request `R` and its response can code.
///
/// The range of the API alone overstates three APIs, whose requests end earlier than their responses.
#[must_use]
pub fn codable<R: message::Request>() -> VersionRange {
    let [request, response] = [<R as Message>::VERSIONS, <R::Response as Message>::VERSIONS];
    VersionRange::new(request.min, request.max).intersect(VersionRange::new(response.min, response.max))
}

/// The API that the request `R` belongs to.
///
/// # Errors
/// When the request is none of the broker listener's.
pub fn key_of<R: message::Request>() -> Result<ApiKey, UnknownApi> {
    ApiKey::try_from(R::KEY)
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    #[test]
    fn header_versions_are_those_of_the_generated_messages() {
        for api in ApiKey::ALL {
            let generated = message::ApiKey::try_from(api.key()).expect("a known key");
            let versions = generated.valid_versions();
            for version in versions.min..=versions.max {
                let at = format!("{api} v{version}");
                assert_eq!(api.request_header_version(version), generated.request_header_version(version), "{at}");
                assert_eq!(api.response_header_version(version), generated.response_header_version(version), "{at}");
            }
        }
    }

    #[test]
    fn versions_end_where_the_request_ends() {
        assert_eq!(codable::<message::InitProducerIdRequest>(), VersionRange::new(0, 5));
        assert_eq!(codable::<message::ProduceRequest>(), VersionRange::new(3, 13));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert_eq!(ApiKey::try_from(4), Err(UnknownApi(4)));
        assert_eq!(ApiKey::try_from(-1), Err(UnknownApi(-1)));
    }
}
