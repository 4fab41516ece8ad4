//! Why a single request to a broker has no answer.

use std::sync::Arc;
use std::time::Duration;

use ottla_core::RequestError;
use ottla_core::cluster::MetadataError;
use ottla_wire::{ApiKey, BrokerId};

use super::connect::ConnectError;

/// Why a single request to a broker has no answer, and what is true of it now.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No connection could be opened: the request was not sent.
    #[error("the request was not sent")]
    Unreachable(#[source] Arc<ConnectError>),
    /// The connection ended, or the answer is none; the error says whether the request was sent.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The deadline passed before the answer came.
    #[error("{api} has no answer after {waited:?}{}", if *sent { ": its outcome is unknown" } else { ": it was not sent" })]
    Late {
        /// The API.
        api: ApiKey,
        /// Whether the request may have been sent; where it was, the broker may have acted on it.
        sent: bool,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The answer to Metadata cannot be believed.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The broker is not in the cluster's metadata: the request was not sent.
    #[error("the cluster's metadata has no broker {0}: the request was not sent")]
    UnknownBroker(BrokerId),
    /// The cluster has no controller at this moment: the request was not sent.
    #[error("the cluster's metadata names no controller: the request was not sent")]
    NoController,
}

impl CallError {
    /// Whether the request was certainly not sent, so that it had no effect.
    #[must_use]
    pub const fn is_not_sent(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::UnknownBroker(_) | Self::NoController => true,
            Self::Late { sent, .. } => !*sent,
            Self::Metadata(_) => false,
            Self::Request(error) => matches!(
                error,
                RequestError::NotSent { .. } | RequestError::Unsupported { .. } | RequestError::Unwritable(_)
            ),
        }
    }

    /// Whether the same request may be answered on another try, its effect put aside.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(error) => !error.is_final(),
            Self::UnknownBroker(_) | Self::NoController => true,
            Self::Late { .. } | Self::Metadata(_) => false,
            Self::Request(error) => {
                matches!(error, RequestError::NotSent { .. } | RequestError::OutcomeUnknown { .. })
            }
        }
    }
}
