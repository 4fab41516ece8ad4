//! All that the brokers of a cluster know; what handlers read and change.

use std::collections::BTreeSet;
use std::time::Duration;

use ottla_wire::{ApiKey, TopicId};

use crate::authorizer::Authorizer;
use crate::broker::Brokers;
use crate::config::{ClusterConfig, ConfigError};
use crate::configs::Configs;
use crate::connection::Connection;
use crate::fault::Faults;
use crate::features::{ELIGIBLE_REPLICAS, Features};
use crate::fetch_session::FetchSessions;
use crate::iam::Identities;
use crate::journal::Journal;
use crate::log_dirs::LogDirs;
use crate::principal::PrincipalMapping;
use crate::quorum::Quorum;
use crate::quotas::{MutationExceeded, Quotas};
use crate::random::SplitMix64;
use crate::release::Release;
use crate::replication::Lags;
use crate::sasl::Users;
use crate::tally::Tally;
use crate::telemetry::Telemetry;
use crate::time::Now;
use crate::topic::{TopicPartition, Topics};
use crate::upkeep::Upkeep;

/// The cluster without its connections.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) config: ClusterConfig,
    pub(crate) cluster_id: String,
    pub(crate) brokers: Brokers,
    pub(crate) quorum: Quorum,
    pub(crate) topics: Topics,
    pub(crate) configs: Configs,
    pub(crate) release: &'static Release,
    pub(crate) features: Features,
    pub(crate) quotas: Quotas,
    pub(crate) fetch_sessions: FetchSessions,
    pub(crate) identities: Identities,
    pub(crate) users: Users,
    pub(crate) principal_mapping: PrincipalMapping,
    pub(crate) authorizer: Authorizer,
    pub(crate) log_dirs: LogDirs,
    pub(crate) journal: Journal,
    pub(crate) tally: Tally,
    pub(crate) telemetry: Telemetry,
    pub(crate) faults: Faults,
    pub(crate) random: SplitMix64,
    /// Bytes of all record batches, held against [`crate::Bounds::log_bytes_max`].
    pub(crate) log_bytes: usize,
    /// The partitions in which something happened that a parked request may wait for.
    pub(crate) changed: BTreeSet<TopicPartition>,
    pub(crate) upkeep: Upkeep,
    pub(crate) lags: Lags,
    /// Whether brokers that a reassignment adds are kept from fetching.
    pub(crate) holds_reassignments: bool,
    next_producer_id: i64,
}

impl State {
    pub(crate) fn new(config: ClusterConfig) -> Result<Self, ConfigError> {
        let config = config.settled()?;
        let release = Release::named(&config.kafka_version)?;
        let features = Features::new(release);
        let mut random = SplitMix64::new(config.seed);
        Ok(Self {
            cluster_id: config.cluster_id.clone().unwrap_or_else(|| TopicId(random.uuid()).to_string()),
            brokers: Brokers::new(&config.brokers),
            quorum: Quorum::new(&config.brokers),
            topics: Topics::default(),
            configs: Configs::new(&config, features.level(ELIGIBLE_REPLICAS) > 0),
            release,
            features,
            quotas: Quotas::default(),
            fetch_sessions: FetchSessions::default(),
            identities: Identities::new(config.seed),
            users: Users::new(config.seed),
            principal_mapping: PrincipalMapping::parse(&config.principal_mapping_rules)?,
            authorizer: Authorizer::new(&config)?,
            log_dirs: LogDirs::default(),
            tally: Tally::default(),
            telemetry: Telemetry::default(),
            journal: Journal::new(config.bounds.journal_entries_max, config.bounds.journal_bytes_max),
            faults: Faults::new(config.seed, config.bounds.faults_max),
            random,
            log_bytes: 0,
            changed: BTreeSet::new(),
            upkeep: Upkeep::default(),
            lags: Lags::default(),
            holds_reassignments: false,
            next_producer_id: 0,
            config,
        })
    }

    /// Takes note of what a client did, and returns for how long its quotas want it to be silent.
    pub(crate) fn quota_wait(&mut self, now: Now, connection: &Connection, api: ApiKey, bytes: usize) -> Duration {
        if self.quotas.are_none() {
            return Duration::ZERO;
        }
        let windows = self.configs.quota_windows();
        self.quotas.record(connection.broker, api, connection.client(), bytes, now.mono, windows)
    }

    /// For how long the quota of a client's `request_percentage` wants it to be silent.
    pub(crate) fn work_wait(&mut self, now: Now, connection: &Connection) -> Duration {
        if self.quotas.are_none() {
            return Duration::ZERO;
        }
        let windows = self.configs.quota_windows();
        self.quotas.work_throttle(connection.broker, connection.client(), now.mono, windows)
    }

    /// Takes note of how long a broker worked for a client.
    pub(crate) fn has_worked(&mut self, now: Now, connection: &Connection, work: Duration) {
        let windows = self.configs.quota_windows();
        self.quotas.record_work(connection.broker, connection.client(), work, now.mono, windows);
    }

    /// Takes note of a connection that is opened, and returns after how long it is to be closed, where it is one too many of its address.
    pub(crate) fn connection_wait(&mut self, now: Now, connection: &Connection) -> Option<Duration> {
        if self.quotas.are_none() {
            return None;
        }
        let windows = self.configs.quota_windows();
        self.quotas.record_connection(connection.broker, connection.host.parse().ok()?, now.mono, windows)
    }

    /// Takes note that a client makes or removes partitions, and returns for how long it is to be silent.
    pub(crate) fn mutation_wait(
        &mut self,
        now: Now,
        connection: &Connection,
        partitions: usize,
        is_strict: bool,
    ) -> Result<Duration, MutationExceeded> {
        if self.quotas.are_none() {
            return Ok(Duration::ZERO);
        }
        let (controller, windows) = (self.controller(), self.configs.controller_quota_windows());
        self.quotas.record_mutation(controller, connection.client(), partitions, is_strict, now.mono, windows)
    }

    /// A producer id that nobody had.
    pub(crate) fn new_producer_id(&mut self) -> i64 {
        let id = self.next_producer_id;
        self.next_producer_id = id.saturating_add(1);
        id
    }

    /// A random UUID as text.
    pub(crate) fn request_id(&mut self) -> String {
        let id = u128::from_be_bytes(self.random.uuid());
        let group = |shift: u32, digits: usize| {
            let mask = (1_u128 << (digits.saturating_mul(4))).wrapping_sub(1);
            format!("{:0digits$x}", (id >> shift) & mask)
        };
        [group(96, 8), group(80, 4), group(64, 4), group(48, 4), group(0, 12)].join("-")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_makes_one_cluster() {
        let make = |seed| State::new(ClusterConfig { seed, ..Default::default() }).unwrap();
        assert_eq!(make(3).cluster_id, make(3).cluster_id);
        assert_ne!(make(3).cluster_id, make(4).cluster_id);
        assert_eq!(make(3).cluster_id.len(), 22);
    }

    #[test]
    fn a_request_id_is_a_uuid_in_its_groups() {
        let id = State::new(ClusterConfig::default()).unwrap().request_id();
        let groups: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
    }
}
