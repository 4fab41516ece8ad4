//! How a connection authenticates.

use std::fmt;
use std::sync::Arc;

use crate::region::{Region, RegionSource};

/// A SASL mechanism, and what it needs of its connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sasl {
    /// `AWS_MSK_IAM`.
    MskIam(MskIam),
}

/// What `AWS_MSK_IAM` signs besides the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MskIam {
    /// The broker's host name as it was dialled, without a port and with its upper-case letters.
    pub host: Arc<str>,
    /// The region of the cluster.
    pub region: Region,
    /// Where the region comes from; told when the broker refuses.
    pub region_source: RegionSource,
    /// What the client calls itself; IAM policies can ask for it as `aws:UserAgent`.
    pub user_agent: Arc<str>,
}

impl fmt::Display for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MskIam(iam) => write!(f, "AWS_MSK_IAM in region {} ({})", iam.region, iam.region_source),
        }
    }
}
