//! The releases of Kafka that a cluster may be like: which versions of which APIs their brokers have, and which features.

mod rows;

use ottla_wire::{ApiKey, VersionRange};

/// A release of Kafka.
#[derive(Debug)]
pub(crate) struct Release {
    /// Its first two numbers.
    name: &'static str,
    /// Key, least and greatest version of each API of the broker's listener, by ascending key.
    apis: &'static [(i16, i16, i16)],
    pub(crate) features: &'static [Feature],
}

/// A feature of clusters (KIP-584).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    /// The least and the greatest version that brokers support.
    pub(crate) min: i16,
    pub(crate) max: i16,
    /// The version that a new cluster has; 0 stands for none.
    pub(crate) new: i16,
}

/// No release of Kafka that the mock can be like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no release {0:?} of Kafka to be like: there are {known}", known = names())]
pub struct UnknownRelease(pub String);

impl Release {
    /// The latest one.
    pub(crate) const LATEST: &'static str = "4.4";

    /// The release of this version, of which the first two numbers count.
    pub(crate) fn named(version: &str) -> Result<&'static Self, UnknownRelease> {
        let numbers = version.split('.').collect::<Vec<_>>();
        let found = rows::RELEASES.iter().find(|release| {
            let own = release.name.split('.').collect::<Vec<_>>();
            numbers.get(..own.len()) == Some(&own) && numbers.len() <= own.len().saturating_add(1)
        });
        found.ok_or_else(|| UnknownRelease(version.to_owned()))
    }

    /// How many replicas must be in sync for the high watermark to go on, in a topic that wants so many of them to acknowledge. Before 3.7 it went
    /// on whatever the topic wants (KAFKA-15583).
    pub(crate) fn advance_min(&self, in_sync_min: usize) -> usize {
        match self.name {
            "2.8" | "3.0" | "3.1" | "3.2" | "3.3" | "3.4" | "3.5" | "3.6" => 0,
            _ => in_sync_min,
        }
    }

    /// The versions that its brokers have of an API, if any.
    pub(crate) fn versions(&self, api: ApiKey) -> Option<VersionRange> {
        let at = self.apis.binary_search_by_key(&api.key(), |(key, ..)| *key).ok()?;
        self.apis.get(at).map(|(_, min, max)| VersionRange::new(*min, *max))
    }
}

fn names() -> String {
    rows::RELEASES.iter().map(|release| release.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_release_is_found_by_its_first_two_numbers() {
        for version in ["3.5", "3.5.1", "4.4.0", Release::LATEST] {
            assert!(version.starts_with(Release::named(version).unwrap().name), "{version}");
        }
        for version in ["", "3", "3.50", "5.0", "3.5.1.1", "4"] {
            let refused = Release::named(version).unwrap_err().to_string();
            assert!(refused.contains("2.8, 3.0, ") && refused.ends_with("4.4"), "{refused}");
        }
        assert_eq!(rows::RELEASES.last().map(|release| release.name), Some(Release::LATEST));
    }

    #[test]
    fn later_releases_have_what_the_facts_say() {
        let versions = |release, api| Release::named(release).unwrap().versions(api);
        assert_eq!(versions("2.8", ApiKey::Fetch), Some(VersionRange::new(0, 12)));
        assert_eq!(versions("3.5", ApiKey::Fetch), Some(VersionRange::new(0, 15)));
        assert_eq!(versions("4.4", ApiKey::Fetch), Some(VersionRange::new(4, 18)));
        assert_eq!(versions("3.5", ApiKey::DescribeTopicPartitions), None);
        assert!(rows::RELEASES.iter().all(|release| release.apis.is_sorted()));
    }
}
