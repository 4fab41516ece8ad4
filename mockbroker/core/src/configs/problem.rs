//! What is wrong with configs that are to be set.

/// What is wrong with a config that something is to have: `INVALID_CONFIG`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigProblem {
    /// There is no config of this name.
    #[error("unknown config name: {0}")]
    Unknown(String),
    /// The config has no value.
    #[error("config {0} is null")]
    Null(String),
    /// The value is none of the config's type, or outside the values that it may have.
    #[error("invalid value {value} for configuration {name}: it must be {expected}")]
    Value {
        /// The config.
        name: &'static str,
        /// The value.
        value: String,
        /// Which values it may have.
        expected: String,
    },
    /// Compaction would have to wait for longer than it may.
    #[error("min.compaction.lag.ms is above max.compaction.lag.ms")]
    CompactionLags,
    /// The cluster has no tiered storage.
    #[error("{0} needs tiered storage, which this cluster does not have")]
    NoTieredStorage(&'static str),
}
