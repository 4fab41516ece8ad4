//! API keys, their versions, and which header goes with which version.

use std::fmt;

use crate::codec;
use crate::message::{self, Message};
use crate::schema::{self, Direction};

/// A range of versions of one API, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionRange {
    /// The lowest version.
    pub min: i16,
    /// The highest version; below `min` where the range is empty.
    pub max: i16,
}

impl VersionRange {
    /// The versions `min` to `max`, both included.
    #[must_use]
    pub const fn new(min: i16, max: i16) -> Self {
        Self { min, max }
    }

    /// Whether no version is in the range.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.max < self.min
    }

    /// Whether `version` is in the range.
    #[must_use]
    pub const fn contains(self, version: i16) -> bool {
        self.min <= version && version <= self.max
    }

    /// The versions that are in both ranges; empty where there are none.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self {
            min: if self.min > other.min { self.min } else { other.min },
            max: if self.max < other.max { self.max } else { other.max },
        }
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.min, self.max)
    }
}

/// A listener of a Kafka node; each has the APIs of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listener {
    /// What clients and other brokers talk to.
    Broker,
    /// What brokers, and the other controllers, ask the quorum of controllers through (KIP-595).
    Controller,
}

macro_rules! apis {
    ($($name:ident = $key:literal on $($listener:ident),+;)+) => {
        use super::{Listener, UnknownApi};

        /// An API of Kafka, by its key.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        #[repr(i16)]
        pub enum ApiKey {
            $(#[doc = concat!("`", stringify!($name), "`, key ", $key, ".")] $name = $key,)+
        }

        impl ApiKey {
            /// All of them, by ascending key.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The name that Kafka's protocol guide uses.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)+ }
            }

            /// The listeners that have it.
            #[must_use]
            pub const fn listeners(self) -> &'static [Listener] {
                match self { $(Self::$name => &[$(Listener::$listener),+],)+ }
            }
        }

        impl TryFrom<i16> for ApiKey {
            type Error = UnknownApi;

            fn try_from(key: i16) -> Result<Self, UnknownApi> {
                match key { $($key => Ok(Self::$name),)+ _ => Err(UnknownApi(key)) }
            }
        }
    };
}

mod keys;

pub use keys::ApiKey;

/// The key of an API that Kafka does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("API key {0} is not known")]
pub struct UnknownApi(pub i16);

impl ApiKey {
    /// The number that stands in the request header.
    #[must_use]
    pub const fn key(self) -> i16 {
        self as i16
    }

    /// The version of the request header that goes before a request of this `version`.
    #[must_use]
    pub const fn request_header_version(self, version: i16) -> i16 {
        if schema::layout(self, Direction::Request).flexible.contains(version) { 2 } else { 1 }
    }

    /// The version of the response header that goes before a response of this `version`.
    ///
    /// ApiVersions always has version 0, so that a client can read the answer of a broker that it knows nothing about (KIP-511).
    #[must_use]
    pub const fn response_header_version(self, version: i16) -> i16 {
        match self {
            Self::ApiVersions => 0,
            _ if schema::layout(self, Direction::Response).flexible.contains(version) => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The versions at which both the request `R` and its response can be coded.
///
/// The range of the API alone overstates three APIs, whose requests end earlier than their responses.
#[must_use]
pub fn codable<R: message::Request>() -> VersionRange {
    let [request, response] = [<R as Message>::VERSIONS, <R::Response as Message>::VERSIONS];
    let [request, response] = [request, response].map(|versions| VersionRange::new(versions.min, versions.max));
    let Ok(api) = key_of::<R>() else { return request.intersect(response) };
    codec::codable(api, Direction::Request, request).intersect(codec::codable(api, Direction::Response, response))
}

/// The API that the request `R` belongs to.
///
/// # Errors
/// When Kafka has no such API.
pub fn key_of<R: message::Request>() -> Result<ApiKey, UnknownApi> {
    ApiKey::try_from(R::KEY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_versions_are_those_of_the_generated_messages() {
        for api in ApiKey::ALL {
            let Ok(generated) = message::ApiKey::try_from(api.key()) else { continue };
            let versions = generated.valid_versions();
            for version in versions.min..=versions.max {
                let at = format!("{api} v{version}");
                assert_eq!(api.request_header_version(version), generated.request_header_version(version), "{at}");
                assert_eq!(api.response_header_version(version), generated.response_header_version(version), "{at}");
            }
        }
    }

    #[test]
    fn versions_end_where_the_request_ends() {
        assert_eq!(codable::<message::InitProducerIdRequest>(), VersionRange::new(0, 5));
        assert_eq!(codable::<message::ProduceRequest>(), VersionRange::new(3, 13));
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert_eq!(ApiKey::try_from(4), Err(UnknownApi(4)));
        assert_eq!(ApiKey::try_from(-1), Err(UnknownApi(-1)));
    }
}
