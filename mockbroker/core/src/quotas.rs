//! The quotas of clients (KIP-13, KIP-55, KIP-124, KIP-257, KIP-546, KIP-599, KIP-612): which are set, and how far each client is above its own.

mod bucket;
mod rate;

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ottla_wire::{ApiKey, BrokerId};

use bucket::TokenBucket;
use rate::Rate;

/// Whose quota it is: each type of entity with its name, or none for the default of the type.
pub(crate) type Entity = BTreeMap<EntityType, Option<String>>;

/// By what clients are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntityType {
    ClientId,
    Ip,
    User,
}

impl EntityType {
    /// The type of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::ClientId, Self::Ip, Self::User].into_iter().find(|of| of.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ClientId => "client-id",
            Self::Ip => "ip",
            Self::User => "user",
        }
    }
}

/// What a quota bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Quota {
    ConnectionCreationRate,
    ConsumerByteRate,
    ControllerMutationRate,
    ProducerByteRate,
    RequestPercentage,
}

impl Quota {
    /// The quota of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        use Quota::*;
        let all =
            [ConnectionCreationRate, ConsumerByteRate, ControllerMutationRate, ProducerByteRate, RequestPercentage];
        all.into_iter().find(|of| of.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ConnectionCreationRate => "connection_creation_rate",
            Self::ConsumerByteRate => "consumer_byte_rate",
            Self::ControllerMutationRate => "controller_mutation_rate",
            Self::ProducerByteRate => "producer_byte_rate",
            Self::RequestPercentage => "request_percentage",
        }
    }

    /// Whether users and clients have it, rather than addresses.
    const fn is_of_clients(self) -> bool {
        !matches!(self, Self::ConnectionCreationRate)
    }

    /// The greatest value that it may have, where that must be a whole number.
    const fn whole_max(self) -> Option<f64> {
        match self {
            Self::ConsumerByteRate | Self::ProducerByteRate => Some(i64::MAX as f64),
            Self::ConnectionCreationRate => Some(i32::MAX as f64),
            Self::ControllerMutationRate | Self::RequestPercentage => None,
        }
    }
}

/// Why quotas are not altered: `INVALID_REQUEST`.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum QuotaError {
    #[error("the entity is empty")]
    Empty,
    #[error("an address is no part of an entity of a user or client")]
    MixedIp,
    #[error("{0:?} is no address")]
    Address(String),
    #[error("an entity of this kind has no quota {0:?}")]
    Key(String),
    #[error("quota {0} must be above 0")]
    NotPositive(&'static str),
    #[error("quota {0} must be a whole number of at most {1}")]
    NotWhole(&'static str, f64),
}

/// A fraction up to which a number is whole.
const WHOLE: f64 = 1e-6;

/// The values of an entity's quotas.
pub(crate) type Limits = BTreeMap<Quota, f64>;

/// Clients whose rates are remembered: of more, those are forgotten first that did nothing lately, and then those with the least names.
const RATES_MAX: usize = 10_000;

/// The quotas that are set, and what their clients do.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    set: BTreeMap<Entity, Limits>,
    count_work: bool,
    /// What each entity did at each broker lately.
    rates: BTreeMap<(BrokerId, Quota, Entity), Rate>,
    /// What each entity may still do with each controller.
    buckets: BTreeMap<(BrokerId, Entity), TokenBucket>,
}

/// A client is above its `controller_mutation_rate`, and nothing is done for it for so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MutationExceeded(pub(crate) Duration);

/// The name of the entity of all loopback addresses.
const LOCALHOST: &str = "localhost";

/// Over how long rates are measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows {
    /// `quota.window.num`.
    pub(crate) count: u32,
    /// `quota.window.size.seconds`.
    pub(crate) size: Duration,
}

impl Quotas {
    /// Whether nobody has a quota.
    pub(crate) fn are_none(&self) -> bool {
        self.set.is_empty()
    }

    /// Whether some client has a `request_percentage`.
    pub(crate) fn count_work(&self) -> bool {
        self.count_work
    }

    /// How many entities have quotas.
    pub(crate) fn entities(&self) -> usize {
        self.set.len()
    }

    /// Whether an entity has some.
    pub(crate) fn knows(&self, entity: &Entity) -> bool {
        self.set.contains_key(entity)
    }

    /// All that is set, by entity.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Entity, &Limits)> {
        self.set.iter()
    }

    /// Whether an entity may have these quotas.
    pub(crate) fn check(
        entity: &Entity,
        changes: &[(&str, Option<f64>)],
    ) -> Result<Vec<(Quota, Option<f64>)>, QuotaError> {
        let is_ip = entity.contains_key(&EntityType::Ip);
        if entity.is_empty() {
            return Err(QuotaError::Empty);
        }
        if is_ip && entity.len() > 1 {
            return Err(QuotaError::MixedIp);
        }
        if let Some(Some(address)) = entity.get(&EntityType::Ip)
            && address.parse::<IpAddr>().is_err()
            && address != LOCALHOST
        {
            return Err(QuotaError::Address(address.clone()));
        }
        let change = |(key, value): &(&str, Option<f64>)| {
            let known = Quota::named(key).filter(|quota| quota.is_of_clients() != is_ip);
            let Some(value) = *value else { return Ok(known.map(|quota| (quota, None))) };
            let quota = known.ok_or_else(|| QuotaError::Key((*key).to_owned()))?;
            // What is no number is not above 0 either.
            if value.is_nan() || value <= 0.0 {
                return Err(QuotaError::NotPositive(quota.name()));
            }
            match quota.whole_max() {
                Some(max) if value > max || (value % 1.0).abs() > WHOLE => Err(QuotaError::NotWhole(quota.name(), max)),
                _ => Ok(Some((quota, Some(value)))),
            }
        };
        changes.iter().filter_map(|of| change(of).transpose()).collect()
    }

    /// Sets an entity's quotas, or takes them away.
    pub(crate) fn alter(&mut self, entity: Entity, changes: Vec<(Quota, Option<f64>)>) {
        let limits = self.set.entry(entity.clone()).or_default();
        for (quota, value) in changes {
            match value {
                Some(value) => drop(limits.insert(quota, value)),
                None => drop(limits.remove(&quota)),
            }
        }
        if limits.is_empty() {
            self.set.remove(&entity);
        }
        self.count_work = self.set.values().any(|limits| limits.contains_key(&Quota::RequestPercentage));
        self.rates.retain(|(.., of), _| *of != entity);
    }

    /// Takes note of what a client did, and returns for how long it is to be silent.
    pub(crate) fn record(
        &mut self,
        broker: BrokerId,
        api: ApiKey,
        (user, client_id): (&str, &str),
        bytes: usize,
        now: Instant,
        windows: Windows,
    ) -> Duration {
        let quota = match api {
            ApiKey::Produce => Quota::ProducerByteRate,
            ApiKey::Fetch => Quota::ConsumerByteRate,
            _ => return Duration::ZERO,
        };
        let Some((entity, limit)) = self.limit(quota, user, client_id) else { return Duration::ZERO };
        self.make_room(now, windows);
        let rate = self.rates.entry((broker, quota, entity)).or_default();
        rate.record(bytes as f64, now, windows);
        rate.throttle(limit, now, windows)
    }

    /// Takes note of how long a broker worked for a client.
    pub(crate) fn record_work(
        &mut self,
        broker: BrokerId,
        (user, client_id): (&str, &str),
        work: Duration,
        now: Instant,
        windows: Windows,
    ) {
        let Some((entity, _)) = self.limit(Quota::RequestPercentage, user, client_id) else { return };
        self.make_room(now, windows);
        let rate = self.rates.entry((broker, Quota::RequestPercentage, entity)).or_default();
        rate.record(work.as_secs_f64() * 100.0, now, windows);
    }

    /// For how long a client is to be silent for which a broker worked too much: at most one window.
    pub(crate) fn work_throttle(
        &mut self,
        broker: BrokerId,
        (user, client_id): (&str, &str),
        now: Instant,
        windows: Windows,
    ) -> Duration {
        let Some((entity, limit)) = self.limit(Quota::RequestPercentage, user, client_id) else {
            return Duration::ZERO;
        };
        let rate = self.rates.get_mut(&(broker, Quota::RequestPercentage, entity));
        rate.map_or(Duration::ZERO, |rate| rate.throttle(limit, now, windows)).min(windows.size)
    }

    /// Takes note that an address opened a connection; where that is one too many, it is none, and is to be closed after what is returned, which is
    /// at most one window.
    pub(crate) fn record_connection(
        &mut self,
        broker: BrokerId,
        address: IpAddr,
        now: Instant,
        windows: Windows,
    ) -> Option<Duration> {
        let limit = self.connection_limit(address)?;
        let entity = Entity::from([(EntityType::Ip, Some(address.to_string()))]);
        self.make_room(now, windows);
        let rate = self.rates.entry((broker, Quota::ConnectionCreationRate, entity)).or_default();
        rate.record(1.0, now, windows);
        let wait = rate.throttle(limit, now, windows).min(windows.size);
        (!wait.is_zero()).then(|| {
            rate.record(-1.0, now, windows);
            wait
        })
    }

    /// Takes note that a client makes or removes partitions, and returns for how long it is to be silent. Who owes some already is refused, or only
    /// owes more where the quota is not strict.
    pub(crate) fn record_mutation(
        &mut self,
        controller: BrokerId,
        (user, client_id): (&str, &str),
        partitions: usize,
        is_strict: bool,
        now: Instant,
        windows: Windows,
    ) -> Result<Duration, MutationExceeded> {
        let Some((entity, limit)) = self.limit(Quota::ControllerMutationRate, user, client_id) else {
            return Ok(Duration::ZERO);
        };
        self.make_room_for_buckets(now, windows);
        let new = TokenBucket::full(limit, now, windows);
        let bucket = self.buckets.entry((controller, entity)).or_insert(new);
        bucket.hold_to(limit, now, windows);
        if let Some(debt) = bucket.debt().filter(|_| is_strict) {
            return Err(MutationExceeded(debt));
        }
        bucket.take(partitions as f64);
        Ok(bucket.debt().filter(|_| !is_strict).unwrap_or_default())
    }

    /// Forgets buckets, where there are as many as may be remembered: the full ones, and then those with the least names.
    fn make_room_for_buckets(&mut self, now: Instant, windows: Windows) {
        if self.buckets.len() >= RATES_MAX {
            self.buckets.retain(|_, bucket| !bucket.is_full(now, windows));
        }
        while self.buckets.len() >= RATES_MAX {
            self.buckets.pop_first();
        }
    }

    /// How many connections an address may open in a second: its own quota goes before that of all.
    fn connection_limit(&self, address: IpAddr) -> Option<f64> {
        let entity = |of| Entity::from([(of, None)]);
        let all = self.set.get(&entity(EntityType::Ip));
        let own = self.set.range(entity(EntityType::Ip)..entity(EntityType::User)).find(|(entity, _)| {
            let name = entity.get(&EntityType::Ip).and_then(Option::as_deref);
            name.is_some_and(|name| match name {
                LOCALHOST => address.is_loopback(),
                name => name.parse() == Ok(address),
            })
        });
        own.map(|(_, limits)| limits).or(all)?.get(&Quota::ConnectionCreationRate).copied()
    }

    /// Forgets clients, where there are as many as may be remembered.
    fn make_room(&mut self, now: Instant, windows: Windows) {
        if self.rates.len() >= RATES_MAX {
            self.rates.retain(|_, rate| !rate.is_over(now, windows));
        }
        while self.rates.len() >= RATES_MAX {
            self.rates.pop_first();
        }
    }

    /// The quota that a client is held to, and who shares it: the strongest that is set.
    fn limit(&self, quota: Quota, user: &str, client_id: &str) -> Option<(Entity, f64)> {
        let named = |name: &str| Some(Some(name.to_owned()));
        let (user, client) = (named(user), named(client_id));
        let default = || Some(None);
        // By Kafka's order: each with the names by which those who share it are told apart.
        let candidates = [
            (user.clone(), client.clone(), true, true),
            (user.clone(), default(), true, true),
            (user.clone(), None, true, false),
            (default(), client.clone(), true, true),
            (default(), default(), true, true),
            (default(), None, true, false),
            (None, client.clone(), false, true),
            (None, default(), false, true),
        ];
        let entity = |of_user: Option<Option<String>>, of_client: Option<Option<String>>| -> Entity {
            let of_user = of_user.map(|name| (EntityType::User, name));
            let of_client = of_client.map(|name| (EntityType::ClientId, name));
            of_user.into_iter().chain(of_client).collect()
        };
        candidates.into_iter().find_map(|(of_user, of_client, by_user, by_client)| {
            let limit = *self.set.get(&entity(of_user, of_client))?.get(&quota)?;
            let shared = entity(user.clone().filter(|_| by_user), client.clone().filter(|_| by_client));
            Some((shared, limit))
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const WINDOWS: Windows = Windows { count: 11, size: Duration::from_secs(1) };

    fn entity(of: &[(EntityType, Option<&str>)]) -> Entity {
        of.iter().map(|(of, name)| (*of, name.map(str::to_owned))).collect()
    }

    #[test]
    fn a_client_is_held_to_the_strongest_quota_that_is_set() {
        use EntityType::{ClientId, User};
        let mut quotas = Quotas::default();
        let limit = |quotas: &Quotas| quotas.limit(Quota::ProducerByteRate, "alice", "app").map(|(_, limit)| limit);
        assert_eq!(limit(&quotas), None);
        for (value, of) in [
            (1.0, &[(ClientId, None)][..]),
            (2.0, &[(ClientId, Some("app"))]),
            (3.0, &[(User, None)]),
            (4.0, &[(User, None), (ClientId, None)]),
            (5.0, &[(User, None), (ClientId, Some("app"))]),
            (6.0, &[(User, Some("alice"))]),
            (7.0, &[(User, Some("alice")), (ClientId, None)]),
            (8.0, &[(User, Some("alice")), (ClientId, Some("app"))]),
        ] {
            quotas.alter(entity(of), vec![(Quota::ProducerByteRate, Some(value))]);
            assert_eq!(limit(&quotas), Some(value));
        }
        assert_eq!(quotas.limit(Quota::ConsumerByteRate, "alice", "app"), None);
    }

    #[test]
    fn who_is_above_the_quota_is_silent_until_the_rate_is_below_it() {
        let mut quotas = Quotas::default();
        quotas.alter(entity(&[(EntityType::ClientId, None)]), vec![(Quota::ProducerByteRate, Some(100.0))]);
        let now = Instant::now();
        let mut record = |bytes| quotas.record(BrokerId(1), ApiKey::Produce, ("alice", "app"), bytes, now, WINDOWS);
        assert_eq!(record(1000), Duration::ZERO);
        // 1500 bytes in the 10 seconds that count at least are 150 a second, half above the quota: half of 10 seconds.
        assert_eq!(record(500), Duration::from_secs(5));
        let other = quotas.record(BrokerId(1), ApiKey::Produce, ("alice", "other"), 1000, now, WINDOWS);
        assert_eq!(other, Duration::ZERO);
        let none = quotas.record(BrokerId(1), ApiKey::Fetch, ("alice", "app"), 1_000_000, now, WINDOWS);
        assert_eq!(none, Duration::ZERO);
    }

    #[test]
    fn no_more_clients_are_remembered_than_the_bound_says() {
        let mut quotas = Quotas::default();
        quotas.alter(entity(&[(EntityType::ClientId, None)]), vec![(Quota::ProducerByteRate, Some(100.0))]);
        let now = Instant::now();
        for client in 0..=RATES_MAX {
            quotas.record(BrokerId(1), ApiKey::Produce, ("alice", &client.to_string()), 1, now, WINDOWS);
        }
        assert_eq!(quotas.rates.len(), RATES_MAX);
        quotas.record(BrokerId(1), ApiKey::Produce, ("alice", "later"), 1, now + Duration::from_secs(60), WINDOWS);
        assert_eq!(quotas.rates.len(), 1);
    }

    #[test]
    fn entities_and_values_that_may_not_be_are_refused() {
        use EntityType::{ClientId, Ip, User};
        let check = |of: &[(EntityType, Option<&str>)], key, value| Quotas::check(&entity(of), &[(key, value)]);
        assert_eq!(check(&[], "producer_byte_rate", Some(1.0)), Err(QuotaError::Empty));
        assert_eq!(check(&[(Ip, None), (User, None)], "producer_byte_rate", Some(1.0)), Err(QuotaError::MixedIp));
        assert!(matches!(check(&[(Ip, Some("x y"))], "connection_creation_rate", None), Err(QuotaError::Address(_))));
        assert!(matches!(check(&[(Ip, None)], "producer_byte_rate", Some(1.0)), Err(QuotaError::Key(_))));
        assert!(matches!(check(&[(ClientId, None)], "connection_creation_rate", Some(1.0)), Err(QuotaError::Key(_))));
        for bad in [0.0, -1.0, f64::NAN] {
            assert!(matches!(check(&[(User, None)], "request_percentage", Some(bad)), Err(QuotaError::NotPositive(_))));
        }
        for bad in [0.5, 1e300] {
            assert!(matches!(check(&[(User, None)], "producer_byte_rate", Some(bad)), Err(QuotaError::NotWhole(..))));
        }
        assert_eq!(check(&[(User, None)], "nonsense", None), Ok(vec![]));
        let good = check(&[(User, None)], "request_percentage", Some(0.5));
        assert_eq!(good, Ok(vec![(Quota::RequestPercentage, Some(0.5))]));
    }
}
