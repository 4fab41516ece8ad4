//! The error codes that stand in responses.

use std::fmt;

/// An error code as a broker says it: Kafka 4.4's by name, and any number that a newer broker may send.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ErrorCode(pub i16);

impl ErrorCode {
    /// The name in Kafka's `Errors` enum, or `None` for a code that Kafka 4.4 does not have.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self.entry() {
            Some((name, _)) => Some(name),
            None => None,
        }
    }

    /// The code with this name in Kafka's `Errors` enum.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::KNOWN.iter().copied().find(|code| code.name() == Some(name))
    }

    /// Whether nothing went wrong.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 == Self::NONE.0
    }

    /// This code as a result.
    ///
    /// # Errors
    /// When it is any code but `NONE`.
    pub const fn ok(self) -> Result<(), Self> {
        if self.is_ok() { Ok(()) } else { Err(self) }
    }

    /// Whether the same request may succeed later, as Kafka's clients see it (`RetriableException`); never for a code without a name.
    #[must_use]
    pub const fn is_retriable(self) -> bool {
        matches!(self.entry(), Some((_, Retry::Again | Retry::AfterMetadata)))
    }

    /// Whether the sender's picture of the cluster is out of date (`InvalidMetadataException`): retriable, after new metadata.
    #[must_use]
    pub const fn refreshes_metadata(self) -> bool {
        matches!(self.entry(), Some((_, Retry::AfterMetadata)))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "code {}", self.0),
        }
    }
}

impl std::error::Error for ErrorCode {}

impl From<i16> for ErrorCode {
    fn from(code: i16) -> Self {
        Self(code)
    }
}

impl From<ErrorCode> for i16 {
    fn from(code: ErrorCode) -> Self {
        code.0
    }
}

/// What the class of Kafka's exception for a code says about another try.
#[derive(Clone, Copy)]
enum Retry {
    Never,
    Again,
    AfterMetadata,
}

/// One line per code: its number, its name, and what may follow it.
macro_rules! error_codes {
    ($($code:literal $name:ident $retry:ident,)*) => {
        impl ErrorCode {
            $(
                #[doc = concat!("`", stringify!($name), "`, code ", $code, ".")]
                pub const $name: Self = Self($code);
            )*

            /// Every code that Kafka 4.4 has, in ascending order.
            pub const KNOWN: &'static [Self] = &[$(Self::$name),*];

            const fn entry(self) -> Option<(&'static str, Retry)> {
                match self.0 {
                    $($code => Some((stringify!($name), Retry::$retry)),)*
                    _ => None,
                }
            }
        }
    };
}

error_codes! {
    -1 UNKNOWN_SERVER_ERROR Never,
    0 NONE Never,
    1 OFFSET_OUT_OF_RANGE Never,
    2 CORRUPT_MESSAGE Again,
    3 UNKNOWN_TOPIC_OR_PARTITION AfterMetadata,
    4 INVALID_FETCH_SIZE Never,
    5 LEADER_NOT_AVAILABLE AfterMetadata,
    6 NOT_LEADER_OR_FOLLOWER AfterMetadata,
    7 REQUEST_TIMED_OUT Again,
    8 BROKER_NOT_AVAILABLE Never,
    9 REPLICA_NOT_AVAILABLE AfterMetadata,
    10 MESSAGE_TOO_LARGE Never,
    11 STALE_CONTROLLER_EPOCH Never,
    12 OFFSET_METADATA_TOO_LARGE Never,
    13 NETWORK_EXCEPTION AfterMetadata,
    14 COORDINATOR_LOAD_IN_PROGRESS Again,
    15 COORDINATOR_NOT_AVAILABLE Again,
    16 NOT_COORDINATOR Again,
    17 INVALID_TOPIC_EXCEPTION Never,
    18 RECORD_LIST_TOO_LARGE Never,
    19 NOT_ENOUGH_REPLICAS Again,
    20 NOT_ENOUGH_REPLICAS_AFTER_APPEND Again,
    21 INVALID_REQUIRED_ACKS Never,
    22 ILLEGAL_GENERATION Never,
    23 INCONSISTENT_GROUP_PROTOCOL Never,
    24 INVALID_GROUP_ID Never,
    25 UNKNOWN_MEMBER_ID Never,
    26 INVALID_SESSION_TIMEOUT Never,
    27 REBALANCE_IN_PROGRESS Never,
    28 INVALID_COMMIT_OFFSET_SIZE Never,
    29 TOPIC_AUTHORIZATION_FAILED Never,
    30 GROUP_AUTHORIZATION_FAILED Never,
    31 CLUSTER_AUTHORIZATION_FAILED Never,
    32 INVALID_TIMESTAMP Never,
    33 UNSUPPORTED_SASL_MECHANISM Never,
    34 ILLEGAL_SASL_STATE Never,
    35 UNSUPPORTED_VERSION Never,
    36 TOPIC_ALREADY_EXISTS Never,
    37 INVALID_PARTITIONS Never,
    38 INVALID_REPLICATION_FACTOR Never,
    39 INVALID_REPLICA_ASSIGNMENT Never,
    40 INVALID_CONFIG Never,
    41 NOT_CONTROLLER Again,
    42 INVALID_REQUEST Never,
    43 UNSUPPORTED_FOR_MESSAGE_FORMAT Never,
    44 POLICY_VIOLATION Never,
    45 OUT_OF_ORDER_SEQUENCE_NUMBER Never,
    46 DUPLICATE_SEQUENCE_NUMBER Never,
    47 INVALID_PRODUCER_EPOCH Never,
    48 INVALID_TXN_STATE Never,
    49 INVALID_PRODUCER_ID_MAPPING Never,
    50 INVALID_TRANSACTION_TIMEOUT Never,
    51 CONCURRENT_TRANSACTIONS Again,
    52 TRANSACTION_COORDINATOR_FENCED Never,
    53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED Never,
    54 SECURITY_DISABLED Never,
    55 OPERATION_NOT_ATTEMPTED Never,
    56 KAFKA_STORAGE_ERROR AfterMetadata,
    57 LOG_DIR_NOT_FOUND Never,
    58 SASL_AUTHENTICATION_FAILED Never,
    59 UNKNOWN_PRODUCER_ID Never,
    60 REASSIGNMENT_IN_PROGRESS Never,
    61 DELEGATION_TOKEN_AUTH_DISABLED Never,
    62 DELEGATION_TOKEN_NOT_FOUND Never,
    63 DELEGATION_TOKEN_OWNER_MISMATCH Never,
    64 DELEGATION_TOKEN_REQUEST_NOT_ALLOWED Never,
    65 DELEGATION_TOKEN_AUTHORIZATION_FAILED Never,
    66 DELEGATION_TOKEN_EXPIRED Never,
    67 INVALID_PRINCIPAL_TYPE Never,
    68 NON_EMPTY_GROUP Never,
    69 GROUP_ID_NOT_FOUND Never,
    70 FETCH_SESSION_ID_NOT_FOUND Again,
    71 INVALID_FETCH_SESSION_EPOCH Again,
    72 LISTENER_NOT_FOUND AfterMetadata,
    73 TOPIC_DELETION_DISABLED Never,
    74 FENCED_LEADER_EPOCH AfterMetadata,
    75 UNKNOWN_LEADER_EPOCH Again,
    76 UNSUPPORTED_COMPRESSION_TYPE Never,
    77 STALE_BROKER_EPOCH Never,
    78 OFFSET_NOT_AVAILABLE Again,
    79 MEMBER_ID_REQUIRED Never,
    80 PREFERRED_LEADER_NOT_AVAILABLE AfterMetadata,
    81 GROUP_MAX_SIZE_REACHED Never,
    82 FENCED_INSTANCE_ID Never,
    83 ELIGIBLE_LEADERS_NOT_AVAILABLE AfterMetadata,
    84 ELECTION_NOT_NEEDED AfterMetadata,
    85 NO_REASSIGNMENT_IN_PROGRESS Never,
    86 GROUP_SUBSCRIBED_TO_TOPIC Never,
    87 INVALID_RECORD Never,
    88 UNSTABLE_OFFSET_COMMIT Again,
    89 THROTTLING_QUOTA_EXCEEDED Again,
    90 PRODUCER_FENCED Never,
    91 RESOURCE_NOT_FOUND Never,
    92 DUPLICATE_RESOURCE Never,
    93 UNACCEPTABLE_CREDENTIAL Never,
    94 INCONSISTENT_VOTER_SET Never,
    95 INVALID_UPDATE_VERSION Never,
    96 FEATURE_UPDATE_FAILED Never,
    97 PRINCIPAL_DESERIALIZATION_FAILURE Never,
    98 SNAPSHOT_NOT_FOUND Never,
    99 POSITION_OUT_OF_RANGE Never,
    100 UNKNOWN_TOPIC_ID AfterMetadata,
    101 DUPLICATE_BROKER_REGISTRATION Never,
    102 BROKER_ID_NOT_REGISTERED Never,
    103 INCONSISTENT_TOPIC_ID AfterMetadata,
    104 INCONSISTENT_CLUSTER_ID Never,
    105 TRANSACTIONAL_ID_NOT_FOUND Never,
    106 FETCH_SESSION_TOPIC_ID_ERROR Again,
    107 INELIGIBLE_REPLICA Never,
    108 NEW_LEADER_ELECTED Never,
    109 OFFSET_MOVED_TO_TIERED_STORAGE Never,
    110 FENCED_MEMBER_EPOCH Never,
    111 UNRELEASED_INSTANCE_ID Never,
    112 UNSUPPORTED_ASSIGNOR Never,
    113 STALE_MEMBER_EPOCH Never,
    114 MISMATCHED_ENDPOINT_TYPE Never,
    115 UNSUPPORTED_ENDPOINT_TYPE Never,
    116 UNKNOWN_CONTROLLER_ID Never,
    117 UNKNOWN_SUBSCRIPTION_ID Never,
    118 TELEMETRY_TOO_LARGE Never,
    119 INVALID_REGISTRATION Never,
    120 TRANSACTION_ABORTABLE Never,
    121 INVALID_RECORD_STATE Never,
    122 SHARE_SESSION_NOT_FOUND Again,
    123 INVALID_SHARE_SESSION_EPOCH Again,
    124 FENCED_STATE_EPOCH Never,
    125 INVALID_VOTER_KEY Never,
    126 DUPLICATE_VOTER Never,
    127 VOTER_NOT_FOUND Never,
    128 INVALID_REGULAR_EXPRESSION Never,
    129 REBOOTSTRAP_REQUIRED Never,
    130 STREAMS_INVALID_TOPOLOGY Never,
    131 STREAMS_INVALID_TOPOLOGY_EPOCH Never,
    132 STREAMS_TOPOLOGY_FENCED Never,
    133 SHARE_SESSION_LIMIT_REACHED Again,
    134 GROUP_DELETION_FAILED Never,
    135 STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED Never,
    136 CONTROLLER_ID_NOT_REGISTERED Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_from_minus_one_on_has_one_name_without_a_gap() {
        let codes: Vec<i16> = ErrorCode::KNOWN.iter().map(|code| code.0).collect();
        assert_eq!(codes, (-1..=136).collect::<Vec<_>>());
        for code in ErrorCode::KNOWN {
            assert_eq!(code.name().and_then(ErrorCode::from_name), Some(*code));
        }
    }

    #[test]
    fn a_code_of_a_newer_broker_keeps_its_number_and_is_never_retried() {
        let newer = ErrorCode::from(999);
        assert_eq!(i16::from(newer), 999);
        assert_eq!(newer.name(), None);
        assert_eq!(newer.to_string(), "code 999");
        assert!(!newer.is_ok() && !newer.is_retriable() && !newer.refreshes_metadata());
    }

    #[test]
    fn a_known_code_is_shown_by_name_and_number() {
        assert_eq!(ErrorCode::NOT_LEADER_OR_FOLLOWER.to_string(), "NOT_LEADER_OR_FOLLOWER (6)");
        assert_eq!(ErrorCode::UNKNOWN_SERVER_ERROR.to_string(), "UNKNOWN_SERVER_ERROR (-1)");
    }

    #[test]
    fn only_none_is_ok() {
        assert_eq!(ErrorCode::NONE.ok(), Ok(()));
        for code in ErrorCode::KNOWN.iter().copied().filter(|code| *code != ErrorCode::NONE) {
            assert_eq!(code.ok(), Err(code));
        }
    }

    #[test]
    fn whatever_asks_for_new_metadata_may_be_tried_again() {
        for code in ErrorCode::KNOWN.iter().filter(|code| code.refreshes_metadata()) {
            assert!(code.is_retriable(), "{code}");
        }
    }

    #[test]
    fn the_flags_are_those_of_the_exceptions_in_kafka_4_4() {
        let retriable: Vec<i16> =
            ErrorCode::KNOWN.iter().filter(|code| code.is_retriable()).map(|code| code.0).collect();
        assert_eq!(
            retriable,
            [
                2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88, 89, 100,
                103, 106, 122, 123, 133
            ]
        );
        let stale: Vec<i16> =
            ErrorCode::KNOWN.iter().filter(|code| code.refreshes_metadata()).map(|code| code.0).collect();
        assert_eq!(stale, [3, 5, 6, 9, 13, 56, 72, 74, 80, 83, 84, 100, 103]);
    }
}
