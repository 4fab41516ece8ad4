//! The words of Kafka's access control, each with its name and its number on the wire.

use std::fmt;

/// Makes an enum of Kafka's whose variants have a name and a number.
macro_rules! kinds {
    ($(#[$meta:meta])* $kind:ident { $($(#[$of:meta])* $variant:ident = $code:literal $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind { $($(#[$of])* $variant = $code,)* }

        impl $kind {
            /// All of them, by ascending number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> i8 {
                self as i8
            }

            /// The one with this number on the wire.
            #[must_use]
            pub fn from_code(code: i8) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.code() == code)
            }

            /// Kafka's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

kinds! {
    /// What is done to a resource.
    Operation {
        /// In an ACL: any of them.
        All = 2 "ALL",
        /// Records are read, or a group is joined.
        Read = 3 "READ",
        /// Records are written.
        Write = 4 "WRITE",
        /// It is made.
        Create = 5 "CREATE",
        /// It, or its records, are deleted.
        Delete = 6 "DELETE",
        /// It is changed.
        Alter = 7 "ALTER",
        /// It is looked at.
        Describe = 8 "DESCRIBE",
        /// What brokers do among themselves.
        ClusterAction = 9 "CLUSTER_ACTION",
        /// Its configs are looked at.
        DescribeConfigs = 10 "DESCRIBE_CONFIGS",
        /// Its configs are changed.
        AlterConfigs = 11 "ALTER_CONFIGS",
        /// An idempotent producer gets its id.
        IdempotentWrite = 12 "IDEMPOTENT_WRITE",
        /// Delegation tokens are made for a user.
        CreateTokens = 13 "CREATE_TOKENS",
        /// Delegation tokens of a user are looked at.
        DescribeTokens = 14 "DESCRIBE_TOKENS",
        /// A transaction is committed in two phases.
        TwoPhaseCommit = 15 "TWO_PHASE_COMMIT",
    }
}

kinds! {
    /// The kind of thing that something is done to.
    ResourceType {
        /// A topic.
        Topic = 2 "TOPIC",
        /// A group.
        Group = 3 "GROUP",
        /// The cluster, whose one name is `kafka-cluster`.
        Cluster = 4 "CLUSTER",
        /// A transactional id.
        TransactionalId = 5 "TRANSACTIONAL_ID",
        /// A delegation token.
        DelegationToken = 6 "DELEGATION_TOKEN",
        /// A user.
        User = 7 "USER",
    }
}

kinds! {
    /// Which names an ACL is about.
    PatternType {
        /// The one name; `*` stands for any.
        Literal = 3 "LITERAL",
        /// All names that begin with it (KIP-290).
        Prefixed = 4 "PREFIXED",
    }
}

kinds! {
    /// What an ACL says of an operation.
    Permission {
        /// It may not be done, whatever other ACLs say.
        Deny = 2 "DENY",
        /// It may be done.
        Allow = 3 "ALLOW",
    }
}

impl Operation {
    /// Its bit among the operations that a client may do (KIP-430).
    pub(crate) const fn bit(self) -> i32 {
        1 << self.code()
    }

    /// Whether an ACL that allows this one allows `other` too.
    pub(crate) const fn implies(self, other: Self) -> bool {
        match other {
            Self::Describe => matches!(self, Self::Describe | Self::Read | Self::Write | Self::Delete | Self::Alter),
            Self::DescribeConfigs => matches!(self, Self::DescribeConfigs | Self::AlterConfigs),
            other => self.code() == other.code(),
        }
    }
}

impl ResourceType {
    /// What may be done to a resource of this type.
    pub(crate) const fn operations(self) -> &'static [Operation] {
        use Operation::{
            Alter, AlterConfigs, ClusterAction, Create, CreateTokens, Delete, Describe, DescribeConfigs,
            DescribeTokens, IdempotentWrite, Read, TwoPhaseCommit, Write,
        };
        match self {
            Self::Topic => &[Read, Write, Create, Describe, Delete, Alter, DescribeConfigs, AlterConfigs],
            Self::Group => &[Read, Describe, Delete, DescribeConfigs, AlterConfigs],
            Self::Cluster => &[Create, ClusterAction, DescribeConfigs, AlterConfigs, IdempotentWrite, Alter, Describe],
            Self::TransactionalId => &[Describe, Write, TwoPhaseCommit],
            Self::DelegationToken => &[Describe],
            Self::User => &[CreateTokens, DescribeTokens],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_that_of_one_kind_alone() {
        assert!(Operation::ALL.iter().all(|it| Operation::from_code(it.code()) == Some(*it)));
        assert!(ResourceType::ALL.iter().all(|it| ResourceType::from_code(it.code()) == Some(*it)));
        // 0 is unknown, and 1 any, which is no operation of its own.
        assert_eq!([Operation::from_code(0), Operation::from_code(1), Operation::from_code(16)], [None; 3]);
    }

    #[test]
    fn the_bits_of_a_topic_and_of_the_cluster_are_kafkas() {
        let bits = |of: ResourceType| of.operations().iter().fold(0, |bits, operation| bits | operation.bit());
        assert_eq!(bits(ResourceType::Topic), 0b1101_1111_1000);
        assert_eq!(bits(ResourceType::Cluster), 0b1_1111_1010_0000);
    }
}
