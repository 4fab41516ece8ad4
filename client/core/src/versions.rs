//! What a broker offers, and the version that is chosen from it.

use std::collections::BTreeMap;

use ottla_wire::message::{ApiVersionsResponse, Request};
use ottla_wire::{ApiKey, VersionRange, api};

use crate::request::RequestError;

/// The versions of each API that one broker offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    offered: BTreeMap<ApiKey, VersionRange>,
}

impl Versions {
    /// Keeps what `response` says; APIs that are not known here are passed over.
    #[must_use]
    pub fn from_response(response: &ApiVersionsResponse) -> Self {
        let known = |api: &ottla_wire::message::api_versions_response::ApiVersion| {
            let key = ApiKey::try_from(api.api_key).ok()?;
            Some((key, VersionRange::new(api.min_version, api.max_version)))
        };
        Self { offered: response.api_keys.iter().filter_map(known).collect() }
    }

    /// The versions of `api` that the broker offers.
    #[must_use]
    pub fn offered(&self, api: ApiKey) -> Option<VersionRange> {
        self.offered.get(&api).copied()
    }

    /// The API of `R`, and the highest version of it that both sides know; both ends of both ranges count.
    ///
    /// # Errors
    /// [`RequestError::Unsupported`] where there is none.
    pub fn pick<R: Request>(&self) -> Result<(ApiKey, i16), RequestError> {
        self.pick_up_to::<R>(i16::MAX)
    }

    /// As [`Versions::pick`], with no version above `max`: for a request that needs what a later version dropped.
    ///
    /// # Errors
    /// [`RequestError::Unsupported`] where there is none.
    pub fn pick_up_to<R: Request>(&self, max: i16) -> Result<(ApiKey, i16), RequestError> {
        let ours = api::codable::<R>().intersect(VersionRange::new(0, max));
        let api = api::key_of::<R>().map_err(|unknown| ottla_wire::EncodeError::UnknownApi(unknown.0))?;
        let theirs = self.offered(api);
        let both = theirs.map(|theirs| ours.intersect(theirs)).filter(|both| !both.is_empty());
        both.map(|both| (api, both.max)).ok_or(RequestError::Unsupported { api, ours, theirs })
    }
}

impl FromIterator<(ApiKey, VersionRange)> for Versions {
    fn from_iter<T: IntoIterator<Item = (ApiKey, VersionRange)>>(offered: T) -> Self {
        Self { offered: offered.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::message::MetadataRequest;

    use super::*;

    fn broker(min: i16, max: i16) -> Versions {
        [(ApiKey::Metadata, VersionRange::new(min, max))].into_iter().collect()
    }

    #[test]
    fn the_highest_version_that_both_know_is_picked() {
        assert_eq!(broker(0, 9).pick::<MetadataRequest>(), Ok((ApiKey::Metadata, 9)));
        assert_eq!(broker(7, 99).pick::<MetadataRequest>(), Ok((ApiKey::Metadata, 13)));
        assert_eq!(broker(0, 99).pick_up_to::<MetadataRequest>(4), Ok((ApiKey::Metadata, 4)));
    }

    #[test]
    fn a_broker_that_starts_where_we_end_is_unsupported() {
        let ours = VersionRange::new(0, 13);
        let theirs = Some(VersionRange::new(14, 20));
        let api = ApiKey::Metadata;
        assert_eq!(broker(14, 20).pick::<MetadataRequest>(), Err(RequestError::Unsupported { api, ours, theirs }));
        let nothing = Versions::default().pick::<MetadataRequest>();
        assert_eq!(nothing, Err(RequestError::Unsupported { api, ours, theirs: None }));
    }
}
