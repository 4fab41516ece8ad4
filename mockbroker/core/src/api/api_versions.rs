//! ApiVersions (18), versions 0 to 4.
//!
//! Says which APIs there are, and which features (KIP-584). A request of a version that is not answered gets the answer of version 0, with
//! `UNSUPPORTED_VERSION` and the range of this API alone (KIP-511). From version 3 on the client must name its software, in the characters
//! that Kafka allows. Before version 4 a feature whose range begins at 0 is left out, which older clients cannot read (KAFKA-17492).
//!
//! Both are those of the release that the cluster is like.
//!
//! Deviation: version 5 (KIP-1242) is treated as unsupported, for no struct has a place for what its requests are about: the cluster and the broker that
//! the client takes this one for.

use bytes::BytesMut;
use ottla_wire::codec;
use ottla_wire::header::encode_response_header;
use ottla_wire::message::api_versions_response::{ApiVersion, FinalizedFeatureKey, SupportedFeatureKey};
use ottla_wire::message::{ApiVersionsRequest, ApiVersionsResponse};
use ottla_wire::{ApiKey, ErrorCode, Segments, VersionRange};

use super::table::{self, Answered};
use super::{Call, Handle, Reply, text};
use crate::connection::{Closed, Session};
use crate::release::Feature;
use crate::state::State;

/// From this version on, the client names its software.
const SOFTWARE_FROM: i16 = 3;

/// From this version on, a feature's range may begin at 0.
const FEATURE_MIN_0_FROM: i16 = 4;

impl Handle for ApiVersionsRequest {
    const KAFKA: VersionRange = VersionRange::new(0, 5);

    fn handle(self, call: &mut Call<'_>) -> Reply<ApiVersionsResponse> {
        if call.version >= SOFTWARE_FROM
            && !(is_software_name(&self.client_software_name) && is_software_name(&self.client_software_version))
        {
            return Reply::Answer(failure(ErrorCode::INVALID_REQUEST));
        }
        if call.version >= SOFTWARE_FROM {
            call.connection.is_software([&self.client_software_name, &self.client_software_version]);
        }
        if matches!(call.connection.session, Session::Fresh) {
            call.connection.session = Session::VersionsKnown;
        }
        Reply::Answer(everything(call.version, call.state))
    }

    fn failed(&self, code: ErrorCode) -> Option<ApiVersionsResponse> {
        Some(failure(code))
    }
}

/// The answer to a version that is not answered, in the one that every client can read. Where it is the version that is wrong, it tells the range.
pub(super) fn failed_at_0(call: &Call<'_>, code: ErrorCode) -> Result<Segments, Closed> {
    let mut own = table::all_of(call.state.release)
        .filter(|(api, ..)| *api == ApiKey::ApiVersions && code == ErrorCode::UNSUPPORTED_VERSION);
    let answer = failure(code).with_api_keys(own.next().map(api_version).into_iter().collect());
    let body = codec::encode_response::<ApiVersionsRequest>(0, &answer)?;
    let mut header = BytesMut::new();
    encode_response_header(ApiKey::ApiVersions, 0, call.correlation_id, &mut header);
    let mut frame = Segments::from(header.freeze());
    frame.push(body);
    Ok(frame)
}

fn failure(code: ErrorCode) -> ApiVersionsResponse {
    ApiVersionsResponse::default().with_error_code(code.0)
}

fn everything(version: i16, state: &State) -> ApiVersionsResponse {
    let told = |feature: &&Feature| version >= FEATURE_MIN_0_FROM || feature.min > 0;
    let supported = |feature: &Feature| {
        SupportedFeatureKey::default()
            .with_name(text(feature.name))
            .with_min_version(feature.min)
            .with_max_version(feature.max)
    };
    let finalized = |(name, level)| {
        let key = FinalizedFeatureKey::default().with_name(text(name));
        key.with_min_version_level(level).with_max_version_level(level)
    };
    let has_receiver = state.config.telemetry_receiver;
    let is_told = |api| has_receiver || !matches!(api, ApiKey::GetTelemetrySubscriptions | ApiKey::PushTelemetry);
    let apis = table::all_of(state.release).filter(|(api, ..)| is_told(*api)).map(api_version);
    let answer = ApiVersionsResponse::default().with_api_keys(apis.collect());
    if version < SOFTWARE_FROM || state.features.supported().next().is_none() {
        return answer;
    }
    answer
        .with_supported_features(state.features.supported().filter(told).map(supported).collect())
        .with_finalized_features(state.features.in_force().map(finalized).collect())
        .with_finalized_features_epoch(state.features.epoch)
}

fn api_version((api, answered, versions): (ApiKey, &Answered, VersionRange)) -> ApiVersion {
    let VersionRange { min, max } = answered.advertised(versions);
    ApiVersion::default().with_api_key(api.key()).with_min_version(min).with_max_version(max)
}

/// Whether text may name software or its version: letters, digits, dots and dashes, beginning and ending with a letter or digit.
fn is_software_name(name: &str) -> bool {
    let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    is_end(name.bytes().next())
        && is_end(name.bytes().next_back())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}
