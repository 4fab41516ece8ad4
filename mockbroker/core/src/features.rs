//! The features that are in force in a cluster (KIP-584).

use std::collections::BTreeMap;

use crate::release::{Feature, Release};

/// The metadata's version, which is not lowered.
const METADATA: &str = "metadata.version";

/// The version of the controllers' quorum (KIP-853): a new cluster whose brokers' files name its controllers has none, and it is not lowered.
const KRAFT: &str = "kraft.version";

/// Whether brokers keep the replicas that may lead although they are not in sync (KIP-966).
pub(crate) const ELIGIBLE_REPLICAS: &str = "eligible.leader.replicas.version";

/// The epoch of a new cluster's features. Kafka's are offsets of the metadata's log, of which a new cluster has used some.
const FIRST_EPOCH: i64 = 1000;

/// The features that are in force.
#[derive(Clone, Debug)]
pub(crate) struct Features {
    supported: &'static [Feature],
    levels: BTreeMap<&'static str, i16>,
    /// What grows whenever they change.
    pub(crate) epoch: i64,
}

/// How a feature's version is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

/// Why a feature is not changed: `INVALID_UPDATE_VERSION`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FeatureError {
    #[error("the type of the upgrade is none")]
    Direction,
    #[error("feature {0} cannot have version {1}, which is below 0")]
    Negative(String, i16),
    #[error("feature {0} is not supported")]
    Unknown(String),
    #[error("feature {0} cannot have version {1}: {2} to {3} are supported")]
    Range(&'static str, i16, i16, i16),
    #[error("feature {0} cannot go down to version {1} by an upgrade")]
    Downgrade(&'static str, i16),
    #[error("feature {0} cannot go up to version {1} by a downgrade")]
    Upgrade(&'static str, i16),
    #[error("feature {0} cannot go down to version {1}: metadata would be lost")]
    Loses(&'static str, i16),
}

impl Features {
    /// Those of a new cluster.
    pub(crate) fn new(release: &Release) -> Self {
        let levels = release.features.iter().filter(|feature| feature.name != KRAFT && feature.new > 0);
        let levels = levels.map(|feature| (feature.name, feature.new)).collect();
        Self { supported: release.features, levels, epoch: FIRST_EPOCH }
    }

    /// Those that brokers support.
    pub(crate) fn supported(&self) -> impl Iterator<Item = &'static Feature> {
        self.supported.iter()
    }

    /// Those in force with their versions, by ascending name.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = (&'static str, i16)> {
        self.levels.iter().map(|(name, level)| (*name, *level))
    }

    /// The version of a feature that is in force; 0 where it is not.
    pub(crate) fn level(&self, name: &str) -> i16 {
        self.levels.get(name).copied().unwrap_or_default()
    }

    /// The same after these changes, all of them or none.
    pub(crate) fn changed<'a>(
        &self,
        changes: impl IntoIterator<Item = (&'a str, i16, Option<Direction>)>,
    ) -> Result<Self, FeatureError> {
        let mut after = Self { epoch: self.epoch.saturating_add(1), ..self.clone() };
        for (name, level, direction) in changes {
            let name = self.check(name, level, direction)?;
            match level {
                0 => drop(after.levels.remove(name)),
                level => drop(after.levels.insert(name, level)),
            }
        }
        Ok(after)
    }

    fn check(&self, name: &str, level: i16, direction: Option<Direction>) -> Result<&'static str, FeatureError> {
        let direction = direction.ok_or(FeatureError::Direction)?;
        if level < 0 {
            return Err(FeatureError::Negative(name.to_owned(), level));
        }
        let unknown = || FeatureError::Unknown(name.to_owned());
        let Feature { name, min, max, .. } = *self.supported().find(|of| of.name == name).ok_or_else(unknown)?;
        let before = self.level(name);
        match direction {
            _ if level != 0 && !(min..=max).contains(&level) || level == 0 && min > 0 => {
                Err(FeatureError::Range(name, level, min, max))
            }
            Direction::Up if level < before => Err(FeatureError::Downgrade(name, level)),
            Direction::Down if level > before => Err(FeatureError::Upgrade(name, level)),
            _ if level < before && matches!(name, METADATA | KRAFT) => Err(FeatureError::Loses(name, level)),
            _ => Ok(name),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn features_go_up_by_upgrades_and_down_by_downgrades_within_what_is_supported() {
        let features = Features::new(Release::named("4.4").unwrap());
        let change = |name, level, direction| features.changed([(name, level, direction)]);
        let (up, down) = (Some(Direction::Up), Some(Direction::Down));
        assert_eq!(features.level("share.version"), 2);
        let after = change("share.version", 1, down).unwrap();
        assert_eq!((after.level("share.version"), after.epoch), (1, FIRST_EPOCH + 1));
        assert_eq!(change("group.version", 0, down).unwrap().level("group.version"), 0);
        assert_eq!(change("metadata.version", 33, up).unwrap().level("metadata.version"), 33);
        for (name, level, direction) in [
            ("share.version", 1, up),
            ("share.version", 3, up),
            ("share.version", -1, down),
            ("share.version", 2, None),
            ("metadata.version", 32, down),
            ("metadata.version", 6, down),
            ("metadata.version", 0, down),
            ("nonsense", 1, up),
        ] {
            assert!(change(name, level, direction).is_err(), "{name} {level}");
        }
        assert!(after.changed([("share.version", 2, down)]).is_err());
        let raised = change("kraft.version", 1, up).unwrap();
        assert!(raised.changed([("kraft.version", 0, down)]).is_err());
    }

    #[test]
    fn a_release_before_kraft_has_no_features() {
        assert_eq!(Features::new(Release::named("2.8").unwrap()).supported().count(), 0);
    }
}
