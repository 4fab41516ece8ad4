//! What a cluster is made of, and the bounds that it keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use ottla_wire::BrokerId;
use ottla_wire::frame::FRAME_BYTES_MAX;
use ottla_wire::record::BATCH_BYTES_MAX;

use crate::authorizer::{Acl, InvalidAcl, StandardAuthorizer, UnknownAuthorizer};
use crate::configs::{self, ConfigProblem};
use crate::principal::{InvalidRule, PrincipalMapping};
use crate::release::{Release, UnknownRelease};

/// A cluster as it is at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterConfig {
    /// The brokers; by default three, with the ids 1 to 3 and no racks.
    pub brokers: Vec<BrokerConfig>,
    /// The cluster's id as Metadata says it: by default 22 characters of base64url, drawn from the seed, as Kafka's own are.
    pub cluster_id: Option<String>,
    /// The name that the cluster has in AWS.
    pub arn: ClusterArn,
    /// `num.partitions`: the partitions of a topic that is created without a number. Kafka's default is 1.
    pub num_partitions: i32,
    /// `default.replication.factor`: by default three, or the number of brokers where there are fewer.
    pub default_replication_factor: Option<i16>,
    /// `auto.create.topics.enable`: whether Metadata creates the topics that it is asked about. Off by default, as on Amazon MSK.
    pub auto_create_topics: bool,
    /// `ssl.principal.mapping.rules`: from the subject of a client's certificate to its name. The default is `DEFAULT`, the whole subject.
    pub principal_mapping_rules: String,
    /// `connections.max.reauth.ms`: the longest that a session of SASL lives before its client must authenticate again (KIP-368). None by default:
    /// a session lives as long as what its client showed.
    pub connections_max_reauth: Option<Duration>,
    /// `connections.max.idle.ms`: how long nothing may move on a connection before its broker closes it; none where that may be for ever. The
    /// default is 10 minutes. A request that waits moves nothing.
    pub connections_max_idle: Option<Duration>,
    /// `connection.failed.authentication.delay.ms`: how long a client that is not let in waits to hear so. The default is 100 ms.
    pub failed_authentication_delay: Duration,
    /// `broker.session.timeout.ms`: how long the controller takes a broker that hangs or was killed for one that is there. The default is 9 s.
    pub broker_session_timeout: Duration,
    /// `unsecuredValidatorAllowableClockSkewMs`: by how much the clock of who makes a token of `OAUTHBEARER` may differ. The default is none.
    pub oauthbearer_clock_skew: Duration,
    /// The configs that stand in the file of every broker, by Kafka's names; none by default. What is named here goes before the field of the
    /// same meaning. A name that Kafka does not know is kept, as Kafka keeps it.
    pub properties: BTreeMap<String, String>,
    /// Kafka's `StandardAuthorizer`, where there is to be one that has ACLs from the start; `authorizer.class.name`, `super.users` and
    /// `allow.everyone.if.no.acl.found` may be said by `properties` too. None by default: everybody may do everything.
    pub authorizer: Option<StandardAuthorizer>,
    /// Whether there is a receiver of the metrics that clients push, which Kafka has where one of its `metric.reporters` is a
    /// `ClientTelemetryReceiver` (KIP-714): ApiVersions tells of the APIs for it, and what is pushed is kept. Off by default, as in Kafka.
    pub telemetry_receiver: bool,
    /// Whether [`crate::Tally::errors`] are counted. Off by default, for each answer is decoded for it.
    pub counts_errors: bool,
    /// The release of Kafka that the cluster is like, 2.8 to 4.4: which versions of which APIs it has, and which features. The default is the latest.
    pub kafka_version: String,
    /// From which all that is left to chance is drawn: ids, request ids, and the brokers that partitions start on. The default is 0.
    pub seed: u64,
    /// How much a cluster takes on.
    pub bounds: Bounds,
}

impl Default for ClusterConfig {
    fn default() -> Self {
        Self {
            brokers: (1..=3).map(|id| BrokerConfig::new(BrokerId(id))).collect(),
            cluster_id: None,
            arn: ClusterArn::default(),
            num_partitions: 1,
            default_replication_factor: None,
            auto_create_topics: false,
            principal_mapping_rules: "DEFAULT".to_owned(),
            connections_max_reauth: None,
            connections_max_idle: Some(Duration::from_secs(600)),
            failed_authentication_delay: Duration::from_millis(100),
            broker_session_timeout: Duration::from_secs(9),
            oauthbearer_clock_skew: Duration::ZERO,
            properties: BTreeMap::new(),
            telemetry_receiver: false,
            counts_errors: false,
            authorizer: None,
            kafka_version: Release::LATEST.to_owned(),
            seed: 0,
            bounds: Bounds::default(),
        }
    }
}

/// The most replicas that a topic has where nothing else is said.
const REPLICATION_FACTOR_MAX: i16 = 3;

impl ClusterConfig {
    /// The replication factor of a topic that is created without one.
    #[must_use]
    pub fn replication_factor(&self) -> i16 {
        let brokers = i16::try_from(self.brokers.len()).unwrap_or(i16::MAX);
        self.default_replication_factor.unwrap_or_else(|| brokers.min(REPLICATION_FACTOR_MAX))
    }

    /// The same with what its properties say in the fields of the same meaning, if a cluster can be made of it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn settled(mut self) -> Result<Self, ConfigError> {
        for (name, value) in std::mem::take(&mut self.properties) {
            let value = configs::in_file(&name, &value)?;
            self.settle(&name, &value);
            self.properties.insert(name, value);
        }
        self.validate()?;
        Ok(self)
    }

    /// Takes on a property that is a value of its config.
    fn settle(&mut self, name: &str, value: &str) {
        let number = || value.parse::<u64>().unwrap_or_default();
        match name {
            "num.partitions" => self.num_partitions = value.parse().unwrap_or(self.num_partitions),
            "default.replication.factor" => self.default_replication_factor = value.parse().ok(),
            "auto.create.topics.enable" => self.auto_create_topics = value == "true",
            "ssl.principal.mapping.rules" => value.clone_into(&mut self.principal_mapping_rules),
            "connections.max.reauth.ms" => {
                self.connections_max_reauth = Some(Duration::from_millis(number())).filter(|max| !max.is_zero());
            }
            "connections.max.idle.ms" => self.connections_max_idle = value.parse().ok().map(Duration::from_millis),
            "connection.failed.authentication.delay.ms" => {
                self.failed_authentication_delay = Duration::from_millis(number());
            }
            "socket.request.max.bytes" => self.bounds.request_bytes_max = value.parse().unwrap_or_default(),
            "fetch.max.bytes" => self.bounds.fetch_bytes_max = value.parse().unwrap_or_default(),
            _ => {}
        }
    }

    /// Whether a cluster can be made of this.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut seen = BTreeSet::new();
        for BrokerConfig { id, .. } in &self.brokers {
            if id.0 < 0 {
                return Err(ConfigError::NegativeBrokerId(*id));
            }
            if !seen.insert(*id) {
                return Err(ConfigError::DuplicateBroker(*id));
            }
        }
        if self.brokers.is_empty() {
            return Err(ConfigError::NoBroker);
        }
        if self.num_partitions < 1 {
            return Err(ConfigError::Partitions(self.num_partitions));
        }
        let [factor, brokers] = [i64::from(self.replication_factor()), seen.len().try_into().unwrap_or(i64::MAX)];
        if factor < 1 || factor > brokers {
            return Err(ConfigError::ReplicationFactor { factor: self.replication_factor(), brokers: seen.len() });
        }
        let (delay, idle_max) = (self.failed_authentication_delay, self.connections_max_idle);
        if let Some(idle_max) = idle_max.filter(|max| delay >= *max) {
            return Err(ConfigError::FailedAuthenticationDelay { delay, idle_max });
        }
        PrincipalMapping::parse(&self.principal_mapping_rules)?;
        Release::named(&self.kafka_version)?;
        self.authorizer.iter().flat_map(|authorizer| &authorizer.acls).try_for_each(Acl::validate)?;
        Ok(())
    }
}

/// One broker of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokerConfig {
    /// `broker.id`, not negative and unique in its cluster.
    pub id: BrokerId,
    /// `broker.rack`: on Amazon MSK the id of the availability zone, such as `use1-az1`. None by default.
    pub rack: Option<String>,
}

impl BrokerConfig {
    /// A broker that is in no rack.
    #[must_use]
    pub const fn new(id: BrokerId) -> Self {
        Self { id, rack: None }
    }

    /// The same broker in `rack`.
    #[must_use]
    pub fn in_rack(mut self, rack: impl Into<String>) -> Self {
        self.rack = Some(rack.into());
        self
    }
}

/// The Amazon resource name of a cluster, in its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClusterArn {
    /// The AWS region, which a signature must name: by default `us-east-1`.
    pub region: String,
    /// The account that owns the cluster: by default the one that the identities of the mock belong to.
    pub account: String,
    /// The cluster's name: by default `ottla`.
    pub name: String,
    /// What AWS appends to tell clusters of one name apart.
    pub uuid: String,
}

impl Default for ClusterArn {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: crate::iam::ACCOUNT.to_owned(),
            name: "ottla".to_owned(),
            uuid: "00000000-0000-4000-8000-000000000000-1".to_owned(),
        }
    }
}

impl fmt::Display for ClusterArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, account, name, uuid } = self;
        write!(f, "arn:aws:kafka:{region}:{account}:cluster/{name}/{uuid}")
    }
}

/// How much a cluster takes on before it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bounds {
    /// Connections that are open at one time: by default 20,000.
    pub connections_max: usize,
    /// Requests of one connection that wait for the one before them: by default 10,000. [`crate::Cluster::accepts_frames`] says when it is
    /// reached.
    pub queued_requests_max: usize,
    /// `socket.request.max.bytes`: bytes of one request of who is authenticated. By default 100 MiB, as Kafka's.
    pub request_bytes_max: usize,
    /// Bytes of one connection's waiting requests: by default 100 MiB, Kafka's `socket.request.max.bytes`.
    pub queued_bytes_max: usize,
    /// Bytes of all record batches that the cluster keeps: by default 4 GiB. A Produce that would go above gets `KAFKA_STORAGE_ERROR`, as
    /// from a full disk.
    pub log_bytes_max: usize,
    /// Partitions of all topics, which have one at least: by default 200,000. A CreateTopics that would go above gets `POLICY_VIOLATION`.
    pub partitions_max: usize,
    /// `fetch.max.bytes`: the most that a Fetch answers with, but for a first batch that is larger. By default 55 MiB, as Kafka's.
    pub fetch_bytes_max: usize,
    /// Entries that the journal keeps before it forgets the oldest: by default 20,000. A request makes two, one for its answer.
    pub journal_entries_max: usize,
    /// Bytes of requests and answers that the journal keeps for who looks into them, before it forgets the oldest: by default 32 MiB.
    pub journal_bytes_max: usize,
    /// Faults that stand at one time: by default 1,000.
    pub faults_max: usize,
    /// The bytes that the records of one batch may have when they are decompressed: by default those of the largest frame, 100 MiB.
    pub decompressed_bytes_max: usize,
    /// ACLs of the cluster: by default 100,000. A CreateAcls that would go above gets `POLICY_VIOLATION`.
    pub acls_max: usize,
    /// Entities that have quotas: by default 10,000. What would make one more with AlterClientQuotas gets `POLICY_VIOLATION`.
    pub quota_entities_max: usize,
    /// Credentials of SCRAM: by default 10,000. What would make one more with AlterUserScramCredentials gets `POLICY_VIOLATION`.
    pub scram_credentials_max: usize,
    /// Groups that have configs, and subscriptions to the metrics of clients: by default 10,000 of each. What would make one more with
    /// AlterConfigs or IncrementalAlterConfigs gets `POLICY_VIOLATION`.
    pub config_resources_max: usize,
    /// Configs that one broker, or all of them, have set while they run, whose names may be any: by default 1,000. What would set more gets
    /// `POLICY_VIOLATION`.
    pub broker_configs_max: usize,
    /// Producers that one partition remembers the last batches of before it forgets the one that was silent longest: by default 10,000.
    pub producers_max: usize,
    /// Bytes of the metrics that clients pushed before the oldest are forgotten: by default 16 MiB.
    pub telemetry_bytes_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections_max: 20_000,
            queued_requests_max: 10_000,
            request_bytes_max: FRAME_BYTES_MAX,
            queued_bytes_max: 100 * 1024 * 1024,
            log_bytes_max: 4 * 1024 * 1024 * 1024,
            partitions_max: 200_000,
            fetch_bytes_max: 55 * 1024 * 1024,
            journal_entries_max: 20_000,
            journal_bytes_max: 32 * 1024 * 1024,
            faults_max: 1_000,
            decompressed_bytes_max: BATCH_BYTES_MAX,
            acls_max: 100_000,
            quota_entities_max: 10_000,
            scram_credentials_max: 10_000,
            config_resources_max: 10_000,
            broker_configs_max: 1_000,
            producers_max: 10_000,
            telemetry_bytes_max: 16 * 1024 * 1024,
        }
    }
}

/// The most bytes of a name that a client gives to something that lasts: as many as Kafka reads of a string.
pub(crate) const NAME_BYTES_MAX: usize = i16::MAX as usize;

/// Why no cluster can be made of a [`ClusterConfig`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no broker.
    #[error("a cluster needs a broker")]
    NoBroker,
    /// Two brokers have the same id.
    #[error("broker id {0} stands twice")]
    DuplicateBroker(BrokerId),
    /// A broker's id is below zero, which Kafka keeps for no broker.
    #[error("broker id {0} is negative")]
    NegativeBrokerId(BrokerId),
    /// The default number of partitions is below one.
    #[error("num.partitions is {0}, and must be at least 1")]
    Partitions(i32),
    /// The default replication factor is below one, or above the number of brokers.
    #[error("default.replication.factor is {factor}, and there are {brokers} brokers")]
    ReplicationFactor {
        /// The factor.
        factor: i16,
        /// How many brokers there are.
        brokers: usize,
    },
    /// A connection would be closed as idle before its client hears that it is not let in.
    #[error(
        "connection.failed.authentication.delay.ms is {}, and must be less than connections.max.idle.ms, {}",
        delay.as_millis(), idle_max.as_millis()
    )]
    FailedAuthenticationDelay {
        /// The delay.
        delay: Duration,
        /// How long a connection may be idle.
        idle_max: Duration,
    },
    /// `ssl.principal.mapping.rules` has something that is no rule.
    #[error(transparent)]
    PrincipalMappingRule(#[from] InvalidRule),
    /// There is no release of Kafka to be like.
    #[error(transparent)]
    Release(#[from] UnknownRelease),
    /// A property has a value that its config may not have.
    #[error(transparent)]
    Property(#[from] ConfigProblem),
    /// `authorizer.class.name` is none that the mock has.
    #[error(transparent)]
    Authorizer(#[from] UnknownAuthorizer),
    /// One of the ACLs that there are to be from the start is none.
    #[error(transparent)]
    Acl(#[from] InvalidAcl),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_brokers(ids: &[i32]) -> ClusterConfig {
        ClusterConfig { brokers: ids.iter().map(|id| BrokerConfig::new(BrokerId(*id))).collect(), ..Default::default() }
    }

    #[test]
    fn the_default_replication_factor_is_three_or_the_number_of_brokers() {
        assert_eq!(with_brokers(&[7]).replication_factor(), 1);
        assert_eq!(with_brokers(&[7, 153, 9, 10]).replication_factor(), 3);
    }

    #[test]
    fn what_no_cluster_can_be_made_of_is_refused() {
        assert_eq!(ClusterConfig::default().validate(), Ok(()));
        assert_eq!(with_brokers(&[]).validate(), Err(ConfigError::NoBroker));
        assert_eq!(with_brokers(&[1, 1]).validate(), Err(ConfigError::DuplicateBroker(BrokerId(1))));
        assert_eq!(with_brokers(&[-1]).validate(), Err(ConfigError::NegativeBrokerId(BrokerId(-1))));
        let partitions = ClusterConfig { num_partitions: 0, ..Default::default() };
        assert_eq!(partitions.validate(), Err(ConfigError::Partitions(0)));
        let factor = ClusterConfig { default_replication_factor: Some(4), ..Default::default() };
        assert_eq!(factor.validate(), Err(ConfigError::ReplicationFactor { factor: 4, brokers: 3 }));
    }

    #[test]
    fn an_arn_reads_as_aws_writes_it() {
        let expected = "arn:aws:kafka:us-east-1:111122223333:cluster/demo/u-1";
        let arn = ClusterArn {
            region: "us-east-1".to_owned(),
            account: "111122223333".to_owned(),
            name: "demo".to_owned(),
            uuid: "u-1".to_owned(),
        };
        assert_eq!(arn.to_string(), expected);
    }
}
