//! Who a connection belongs to.

mod certificate;
mod mapping;

use std::fmt;
use std::sync::Arc;

pub use certificate::CertificateError;
pub(crate) use certificate::subject;
pub use mapping::{InvalidRule, PrincipalMapping};

/// Who a connection belongs to, as Kafka writes it: `IAM:arn:aws:iam::123456789012:user/app`, `User:alice`, or `User:ANONYMOUS`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal(Arc<str>);

impl Principal {
    pub(crate) fn anonymous() -> Self {
        Self("User:ANONYMOUS".into())
    }

    pub(crate) fn user(name: &str) -> Self {
        Self(format!("User:{name}").into())
    }

    pub(crate) fn iam(arn: &str) -> Self {
        Self(format!("IAM:{arn}").into())
    }

    /// What stands behind the type.
    pub(crate) fn name(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, name)| name)
    }

    /// The principal as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
